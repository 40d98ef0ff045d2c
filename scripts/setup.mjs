// Makes a checkout ready to run: installs the dependencies and builds, each only when something changed since, and tells how it goes on.
// Runs before `npm start` and `npm test`, so nothing here may import more than Node itself.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWithProgress } from './progress.mjs';
import { whyStale } from './sourceStamp.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const modifiedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

async function run(title, command, args, how) {
  const options = { cwd: root, shell: process.platform === 'win32' };
  const status = await runWithProgress(`setup: ${title}`, command, args, options, how);
  if (status === 0) return;
  console.error(`setup: "${command} ${args.join(' ')}" failed`);
  process.exit(status);
}

/** How many packages are there, of those that the lock file wants on this machine. */
function packagesThere(wanted) {
  const folder = at('node_modules');
  if (!existsSync(folder)) return '';
  const paths = readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(at('node_modules', name)).map((one) => join(name, one)) : name,
  );
  // npm makes all folders first, and fills them then.
  const count = paths.filter((path) => existsSync(join(folder, path, 'package.json'))).length;
  return count === 0 ? '' : `${Math.min(count, wanted)} of ${wanted} packages`;
}

/** Those at the top; a package of another machine is not installed. */
function countWanted() {
  const { packages } = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'));
  const fits = (list, own) => list === undefined || list.includes(own);
  const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  return Object.entries(packages).filter(
    ([path, { os, cpu, libc, peer, link }]) =>
      /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) &&
      fits(os, process.platform) &&
      fits(cpu, process.arch) &&
      fits(libc, isGlibc ? 'glibc' : 'musl') &&
      link !== true &&
      peer !== true,
  ).length;
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
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const wanted = countWanted();
  await run('installing dependencies (npm ci)', 'npm', args, () => packagesThere(wanted));
}

const stale = whyStale(root);
if (stale !== undefined) {
  const title = existsSync(at('dist')) ? `building: ${stale}` : 'building for the first time';
  await run(title, 'npm', ['run', '--silent', 'build']);
}
