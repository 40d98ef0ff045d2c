/** `npm run test:quick` has tests of every folder but those that need live peers or much time, and names no file that is not there. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { QUICK } from '../../vitest.config.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What only a whole run proves. */
const SLOW_FOLDERS = ['differential', 'interop', 'package', 'sim'];

const files = readdirSync(`${ROOT}test`, { recursive: true, encoding: 'utf8' })
  .map((file) => `test/${file.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.types.test.ts'));
const patterns = QUICK.flatMap((glob) => {
  const [, before = '', choices, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(glob) ?? [];
  return choices === undefined ? [glob] : choices.split(',').map((choice) => before + choice + after);
});
const matches = (pattern: string, file: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(file);

test('what it names is there', () => {
  expect(patterns.filter((pattern) => !files.some((file) => matches(pattern, file)))).toEqual([]);
});

test('every folder has a part in it', () => {
  const folderOf = (file: string): string => file.split('/')[1] ?? '';
  const quick = files.filter((file) => patterns.some((pattern) => matches(pattern, file)));
  const left = new Set(files.map(folderOf));
  for (const file of quick) left.delete(folderOf(file));
  expect([...left].sort()).toEqual(SLOW_FOLDERS);
});
