// Makes a checkout ready to run: installs the dependencies and builds, each only when something changed since.
// Runs before `npm start` and `npm test`, so nothing here may import more than Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyStale } from './sourceStamp.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const modifiedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

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

// What rolldown and vitest need; the built package runs with any Node 20.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12)) {
  console.error(
    `To build godot-enet takes Node 20.19, 22.12 or later; this is Node ${process.versions.node}. What is built runs with 20.0.`,
  );
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

const stale = whyStale(root);
if (stale !== undefined) run(`building: ${stale}`, 'npm', ['run', '--silent', 'build']);
