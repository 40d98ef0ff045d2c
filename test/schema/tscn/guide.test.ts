/** The programs and commands of docs/guide/scene-files.md print what the page says. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { built } from '../../support/built.ts';
import { testGuide } from '../../support/guide.ts';

testGuide('scene-files', 4);

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(join(root, 'docs/guide/scene-files.md'), 'utf8');
const program = `"${process.execPath}" "${built('src/cli/main.js')}"`;
const files = [...page.matchAll(/as `(\S+)`:\n\n```ini\n(.*?)```/gs)];
const commands = [...page.matchAll(/```sh\n([^\n]*)\n```\n\n```text\n(.*?)```/gs)].map(
  ([, command = '', output = '']) => [command, output] as const,
);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-guide-'));
  for (const [, name = '', content = ''] of files) writeFileSync(join(folder, name), content);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the page has files and commands', () => {
  expect([files.length, commands.length]).toEqual([2, 3]);
});

test.each(commands)('%s', (command, output) => {
  const line = command.replaceAll('npx godot-enet', program);
  const result = spawnSync('sh', ['-c', `{ ${line}; } 2>&1`], { cwd: folder, encoding: 'utf8' });
  expect(result.stdout).toBe(output);
});
