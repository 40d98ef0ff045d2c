import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GodotError } from '../../codec/index.ts';

const root = new URL('../../', import.meta.url).pathname;
const documented = readFileSync(join(root, 'docs/errors.md'), 'utf8');

const codes = new Set<string>();
for (const file of readdirSync(join(root, 'codec'), { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue;
  const source = readFileSync(join(root, 'codec', file), 'utf8');
  for (const [, code] of source.matchAll(/'(ERR_[A-Z0-9_]+)'/g)) if (code !== undefined) codes.add(code);
}

describe('docs/errors.md', () => {
  test('there are codes to look for', () => {
    expect(codes.size).toBeGreaterThan(20);
  });

  test.each([...codes].sort())('lists %s in a table row', (code) => {
    expect(documented).toContain(`\n| \`${code}\` |`);
  });

  test('lists no code that the sources do not know', () => {
    const listed = [...documented.matchAll(/^\| `(ERR_(?:VARIANT|ENCODE)_[A-Z0-9_]+)` \|/gm)].map(
      (match) => match[1],
    );
    for (const code of listed) expect(codes).toContain(code);
  });

  test('Godot numbers are those of section 0', () => {
    expect(GodotError).toMatchObject({
      ERR_UNAUTHORIZED: 4,
      ERR_OUT_OF_MEMORY: 6,
      ERR_FILE_EOF: 18,
      ERR_INVALID_DATA: 30,
    });
  });
});
