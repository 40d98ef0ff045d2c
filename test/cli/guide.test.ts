/** The commands of docs/guide/dissect.md print what the page says. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { built } from '../support/built.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/guide/dissect.md'), 'utf8');
const program = `"${process.execPath}" "${built('src/cli/main.js')}"`;

const commands = [...page.matchAll(/```sh\n([^\n]*)\n```\n\n```text\n(.*?)```/gs)].map(
  ([, command = '', output = '']) => [command, output] as const,
);

test('the page has commands', () => {
  expect(commands.length).toBeGreaterThanOrEqual(6);
});

test.each(commands)('%s', (command, output) => {
  const result = spawnSync('sh', ['-c', command.replace('npx godot-enet', program)], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(result.stderr).toBe('');
  expect(result.stdout).toBe(output);
});
