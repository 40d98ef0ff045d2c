/** The codec as one file in a browser: its size, and every value that an engine wrote, there and back. */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type * as Codec from '../../codec/index.ts';
import { peer } from '../support/peers.ts';

interface Size {
  readonly min: number;
  readonly gzip: number;
}
interface SizeScript {
  bundle(name: string, format?: string): Promise<string>;
  sizeOf(text: string): Size;
}

/** What a game's page may be asked to load. When the codec grows on purpose, these do. */
const MAX_BYTES: Size = { min: 140_000, gzip: 45_000 };
const FILES = ['values', 'random'];

const browser = peer('chromium');
const hexes: readonly string[] = FILES.flatMap((name) => {
  const file = new URL(`../../golden/variant/${name}.json`, import.meta.url);
  const { cases }: { cases: readonly { readonly hex: string }[] } = JSON.parse(readFileSync(file, 'utf8'));
  return cases.map(({ hex }) => hex);
});
let script: SizeScript;
beforeAll(async () => {
  script = (await import('../../scripts/size.mjs' as string)) as SizeScript;
});

test('it is no larger than it has to be, and needs nothing of Node', async () => {
  const text = await script.bundle('codec');
  const { min, gzip } = script.sizeOf(text);
  expect(min).toBeLessThan(MAX_BYTES.min);
  expect(gzip).toBeLessThan(MAX_BYTES.gzip);
  expect(text).not.toMatch(/["']node:|\brequire\(|\bprocess\.[a-z]|\bBuffer\./);
});

test.skipIf(browser.isMissing)(
  `every value of an engine comes back byte for byte in Chromium${browser.note}`,
  { timeout: 120_000 },
  async () => {
    const chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    try {
      const page = await chrome.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.addScriptTag({ content: await script.bundle('codec', 'iife') });
      const answers = await page.evaluate((texts: readonly string[]) => {
        const codec = (globalThis as unknown as { godotEnet: typeof Codec }).godotEnet;
        const hex = (bytes: Uint8Array): string =>
          Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
        return texts.map((text) => {
          const bytes = Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
          return hex(codec.varToBytes(codec.bytesToVar(bytes, { exact: true })));
        });
      }, hexes);
      expect(hexes).toHaveLength(700);
      expect(answers).toEqual(hexes);
      const texts = await page.evaluate(() => {
        const codec = (globalThis as unknown as { godotEnet: typeof Codec }).godotEnet;
        const { Dictionary, varToStr, Vector2 } = codec;
        return varToStr(new Dictionary([['at', new Vector2(1, 2)]]));
      });
      expect(texts).toBe('{\n"at": Vector2(1, 2)\n}');
      expect(asked).toEqual([]);
    } finally {
      await chrome.close();
    }
  },
);
