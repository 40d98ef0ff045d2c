/** docs/errors.md lists every code of the schema. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ApplyRefusal } from '../../schema/index.ts';

const root = new URL('../../', import.meta.url);
const documented = readFileSync(new URL('docs/errors.md', root), 'utf8');
const source = readFileSync(new URL('schema/values/SceneError.ts', root), 'utf8');
const codes = [...source.matchAll(/'(ERR_[A-Z_]+)'/g)].map(([, code]) => code ?? '');

test.each([...new Set(codes)])('%s', (code) => {
  expect(documented).toContain(`\n| \`${code}\` |`);
});

test.each(Object.values(ApplyRefusal))('reason %s', (reason) => {
  expect(documented).toContain(`\n| \`${reason}\` |`);
});

test('there are codes to look for', () => {
  expect(codes.length).toBeGreaterThanOrEqual(4);
});
