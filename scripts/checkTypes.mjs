// Compiles small programs against the packed package as its users do, with `skipLibCheck: false`: under each kind of module
// resolution, from ES modules and CommonJS, and without the types of Node for what needs no Node.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const all = Object.keys(exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.replace('.', 'godot-enet'));
const anywhere = ['godot-enet/codec', 'godot-enet/schema', 'godot-enet/enet'];

const statics = (entries) =>
  entries.map((entry, i) => `import * as entry${i} from '${entry}';\nvoid entry${i};`).join('\n');
const dynamics = (entries) =>
  `${entries.map((entry, i) => `import type * as entry${i} from '${entry}' with { 'resolution-mode': 'import' };`).join('\n')}
export async function load(): Promise<void> {
${entries.map((entry, i) => `  const module${i}: typeof entry${i} = await import('${entry}');\n  void module${i};`).join('\n')}
}`;

const WAYS = [
  ['nodenext', 'main.mts', { module: 'nodenext' }, statics],
  ['bundler', 'main.ts', { module: 'esnext', moduleResolution: 'bundler' }, statics],
  ['nodenext, CommonJS', 'main.cts', { module: 'nodenext' }, statics],
  ['node16, CommonJS', 'main.cts', { module: 'node16' }, dynamics],
];

function run(command, args, cwd) {
  const shell = process.platform === 'win32';
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', shell });
  return { ok: status === 0, text: `${stdout ?? ''}${stderr ?? ''}${error ?? ''}` };
}

const work = realpathSync(mkdtempSync(join(tmpdir(), 'godot-enet-types-')));
let failures = 0;
try {
  const packed = run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', work], root);
  if (!packed.ok) throw new Error(packed.text);
  run('tar', ['-xzf', packed.text.trim()], work);
  mkdirSync(join(work, 'node_modules'));
  renameSync(join(work, 'package'), join(work, 'node_modules/godot-enet'));
  for (const [needs, entries, types] of [
    ['without the types of Node', anywhere, []],
    ['with them', all, ['node']],
  ]) {
    for (const [title, file, options, program] of WAYS) {
      const folder = mkdtempSync(join(work, 'way-'));
      writeFileSync(join(folder, file), `${program(entries)}\n`);
      const compilerOptions = {
        target: 'es2023',
        lib: ['es2023'],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        types,
        typeRoots: [join(root, 'node_modules/@types')],
        ...options,
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
      const { ok, text } = run(
        process.execPath,
        [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
        root,
      );
      console.log(`types, ${title}, ${needs}: ${ok ? 'ok' : 'FAILED'}`);
      if (ok) continue;
      failures++;
      console.error(text.split('\n').slice(0, 12).join('\n'));
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failures > 0) process.exit(1);
