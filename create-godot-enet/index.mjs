#!/usr/bin/env node
/** `npm create godot-enet DIR`: what `npx godot-enet init DIR` does. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const manifest = require.resolve('godot-enet/package.json');
const program = join(dirname(manifest), require(manifest).bin['godot-enet']);
const { status } = spawnSync(process.execPath, [program, 'init', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
