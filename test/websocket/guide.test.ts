/** The programs of docs/guide/websocket.md, and its tables. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WEBSOCKET_LIMIT_DEFAULTS } from '../../src/websocket/limits.ts';
import { WebSocketRefusal } from '../../src/websocket/refusals.ts';
import { testGuide } from '../support/guide.ts';

testGuide('websocket', 2);

const page = readFileSync(new URL('../../docs/guide/websocket.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, name = '', cell = '']) => [
  name,
  cell,
]);

test('every limit is there with its default', () => {
  for (const [name, value] of Object.entries(WEBSOCKET_LIMIT_DEFAULTS)) {
    expect(rows.filter(([row]) => row === name)).toEqual([[name, String(value)]]);
  }
});

test('every refusal is explained', () => {
  const explained = rows.map(([name]) => name).filter((name) => /^[A-Z_]+$/.test(name ?? ''));
  expect(explained).toEqual(Object.values(WebSocketRefusal));
});
