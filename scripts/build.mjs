// Builds dist/ anew, so that a renamed source leaves nothing behind, and notes of which sources it is.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { hashSources, writeStamp } from './sourceStamp.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// Before: what is edited during the build makes it stale.
const hashes = hashSources(root);
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await import('./bundle.mjs');
await import('./buildPage.mjs');
writeStamp(root, hashes);
