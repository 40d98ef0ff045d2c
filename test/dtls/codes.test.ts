/** docs/errors.md explains every code and every drop reason of DTLS, and no others. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DTLS_DROP_REASONS } from '../../src/dtls/endpoint.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const section =
  read('docs/errors.md')
    .split(/^## /m)
    .find((part) => part.startsWith('DTLS\n')) ?? '';
const explained = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name ?? '');

test('codes', () => {
  const sources = ['endpoint', 'identity/identityError', 'dtlsSocket'].map((file) =>
    read(`src/dtls/${file}.ts`),
  );
  const codes = new Set(sources.join('\n').match(/ERR_DTLS_[A-Z_]+/g));
  expect(codes.size).toBeGreaterThan(20);
  expect(explained.filter((name) => name.startsWith('ERR_')).sort()).toEqual([...codes].sort());
});

test('drop reasons', () => {
  expect(explained.filter((name) => !name.startsWith('ERR_'))).toEqual([...DTLS_DROP_REASONS]);
});
