/**
 * Every block of code in README, the guides and the start pages is run by a test, or is a fragment with a reason (`support/fragments.ts`).
 * That the commands are run, `test/cli/guide.test.ts` looks itself; GDScript is compiled by the engine, all of it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FRAGMENTS } from '../support/fragments.ts';
import { pageOf, programsOf } from '../support/guide.ts';
import { type Block, blocksOf, PAGES } from '../support/pages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Tests that take blocks out of pages in a way of their own, and run them: all blocks of a language on the pages that they name. */
const OTHERS: readonly {
  readonly language: string;
  readonly test: string;
  readonly pages: readonly string[];
}[] = [
  { language: 'gdscript', test: 'test/interop/godot4/guideScripts.test.ts', pages: PAGES },
  { language: 'sh', test: 'test/cli/guide.test.ts', pages: PAGES },
  { language: 'js', test: 'test/cli/loadGuide.test.ts', pages: ['docs/guide/load.md'] },
  { language: 'ts', test: 'test/interop/godot4/stockGame.test.ts', pages: ['docs/guide/stock-game.md'] },
  {
    language: 'ts',
    test: 'test/interop/godot4/tenMinutes.test.ts',
    pages: ['docs/guide/ten-minutes-enet-server.md'],
  },
  { language: 'ts', test: 'test/project/headlessGuide.test.ts', pages: ['docs/guide/from-headless.md'] },
  {
    language: 'ts',
    test: 'test/examples/webAndNative.guide.test.ts',
    pages: ['docs/guide/web-and-native.md'],
  },
];

/** The sources of the programs that `testGuide` runs, by page. */
const RUN = new Map<string, Set<string>>();
for (const name of readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })) {
  if (!/uides?\.test\.ts$/.test(name)) continue;
  for (const [, guide = ''] of readFileSync(join(ROOT, 'test', name), 'utf8').matchAll(
    /^testGuide\('([\w-]+)'/gm,
  )) {
    const page = pageOf(guide);
    RUN.set(page, new Set(programsOf(page, '').map(({ source }) => source)));
  }
}

const BLOCKS = PAGES.flatMap((page) => blocksOf(page)).filter(({ language }) =>
  ['ts', 'js', 'sh', 'gdscript'].includes(language),
);

/** What runs a block; undefined: nothing. */
function runnerOf(block: Block): string | undefined {
  const { page, language, source, file } = block;
  const other = OTHERS.find((one) => one.language === language && one.pages.includes(page));
  if (other !== undefined) return other.test;
  if (RUN.get(page)?.has(source)) return 'testGuide';
  // A file that lies beside the programs of its page, and that one of them imports.
  const imports = (text: string): boolean =>
    file !== undefined && text.includes(`'./${file.replace(/^.*\//, '')}'`);
  return [...(RUN.get(page) ?? [])].some(imports) ? 'testGuide' : undefined;
}

/** What a block is called in the list of fragments. */
const keyOf = ({ heading, file, mark }: Block): string =>
  file ?? `${heading}${mark === '' ? '' : ` (${mark})`}`;
const isFragment = (block: Block): boolean => FRAGMENTS[block.page]?.[keyOf(block)] !== undefined;

describe('every block of code', () => {
  test('blocks and the tests that run them were found', () => {
    expect(BLOCKS.length).toBeGreaterThan(150);
    expect(RUN.size).toBeGreaterThan(20);
    for (const { test: file, pages } of OTHERS) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const own = pages === PAGES ? 'PAGES' : (pages[0]?.replace(/^.*\/|\.md$/g, '') ?? '');
      expect(text, file).toMatch(new RegExp(`${own}|StockGame`));
    }
  });

  test('is run, or is a fragment with a reason', () => {
    const left = BLOCKS.filter((block) => runnerOf(block) === undefined && !isFragment(block));
    expect(
      left.map((block) => `${block.name} (${keyOf(block)}): no test runs it, and it is no fragment`),
    ).toEqual([]);
  });

  test('no fragment is run, and every reason has its block', () => {
    for (const [page, fragments] of Object.entries(FRAGMENTS)) {
      const blocks = BLOCKS.filter((block) => block.page === page && block.language === 'ts');
      for (const [heading, reason] of Object.entries(fragments)) {
        const own = blocks.filter((block) => keyOf(block) === heading);
        expect(own.length, `${page}: ${heading}`).toBeGreaterThan(0);
        expect(own.filter((block) => runnerOf(block) !== undefined).map(({ name }) => name)).toEqual([]);
        expect(reason.length, `${page}: ${heading}`).toBeGreaterThan(10);
      }
    }
  });
});
