/**
 * enet-server-module section 8: each of its 39 rows and six guarantees has a test that carries its number. The table in
 * docs/protocol/enet-server-rows.md says where; both are checked against the titles of the tests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'rowIndex.test.ts');

/** `row 7` -> the files with a test of that number. Titles start with the number, also in `test.each`. */
function titles(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of files) {
    const source = readFileSync(`${folder}${file}`, 'utf8');
    for (const [, kind, first, last] of source.matchAll(
      /['"`](row|guarantee)s? (\d+)(?: to (\d+))?[:,]? /g,
    )) {
      for (let number = Number(first); number <= Number(last ?? first); number++) {
        const key = `${kind} ${number}`;
        const places = found.get(key) ?? [];
        if (!places.includes(file)) found.set(key, [...places, file]);
      }
    }
  }
  return found;
}

const expected = [
  ...Array.from({ length: 39 }, (_, index) => `row ${index + 1}`),
  ...Array.from({ length: 6 }, (_, index) => `guarantee ${index + 1}`),
];

test.each(expected)('%s has a test', (key) => {
  expect(titles().get(key) ?? []).not.toEqual([]);
});

test('the specification has these rows and no other', () => {
  const page = readFileSync(new URL('../../docs/protocol/enet-server-module.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('## 8.'), page.indexOf('### Compatibility notes'));
  const rows = Array.from(section.matchAll(/^\| (\d+) \|/gm), ([, number]) => `row ${number}`);
  const guarantees = Array.from(section.matchAll(/^(\d)\. /gm), ([, number]) => `guarantee ${number}`);
  expect([...rows, ...guarantees]).toEqual(expected);
});

test('the table names the files', () => {
  const page = readFileSync(new URL('../../docs/protocol/enet-server-rows.md', import.meta.url), 'utf8');
  const table = Array.from(
    page.matchAll(/^\| ((?:row|guarantee) \d+) \| [^|]+ \| ([^|]+) \|$/gm),
    ([, key = '', places = '']) =>
      [key, places.split(', ').map((place) => place.replaceAll('`', ''))] as const,
  );
  const found = titles();
  expect(table.map(([key]) => key)).toEqual(expected);
  for (const [key, places] of table) {
    for (const place of places) expect(found.get(key) ?? [], key).toContain(place);
  }
});
