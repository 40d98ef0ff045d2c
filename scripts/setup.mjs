// Makes a checkout ready to run: installs the dependencies and builds, each only when something changed since.
// Runs before `npm start` and `npm test`, so it may import nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const modifiedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

function newestMs(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestMs(path) : modifiedMs(path));
  }
  return newest;
}

function run(title, command, args) {
  console.log(`setup: ${title}`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error(`setup: "${command} ${args.join(' ')}" failed`);
    process.exit(result.status ?? 1);
  }
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(`godot-enet needs Node 20 or later; this is Node ${process.versions.node}.`);
  process.exit(1);
}

const installed = modifiedMs(at('node_modules', '.package-lock.json'));
if (installed === 0 || installed < modifiedMs(at('package-lock.json'))) {
  // Exactly what the lock file says, and no program of a package runs: none of them needs its install script.
  run('installing dependencies (npm ci)', 'npm', [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
}

const built = modifiedMs(at('dist', 'src', 'index.js'));
const sources = Math.max(
  ...['codec', 'schema', 'src', 'examples'].map((folder) => newestMs(at(folder))),
  modifiedMs(at('tsconfig.build.json')),
);
if (built === 0 || built < sources) run('building (tsc)', 'npm', ['run', '--silent', 'build']);
