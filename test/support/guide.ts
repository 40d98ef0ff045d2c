/**
 * Runs the programs of a page of docs/guide: they print what the page says. The files that it shows lie beside them. That they compile,
 * `docs/snippets.test.ts` looks for all pages at once.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fragmentsOf } from './fragments.ts';
import { filesOf, textOf } from './pages.ts';

interface Program {
  readonly title: string;
  readonly source: string;
  /** What the page says that it prints. */
  readonly output: string;
  readonly file: string;
}

/**
 * Declares the tests of one page.
 *
 * @param name the page's name without `.md`; its fragments (`fragments.ts`) are left out.
 * @param atLeast how many programs it must have, so that a change of its form cannot hide them.
 */
export function testGuide(name: string, atLeast: number): void {
  const folder = join(ROOT, '.build', `guide-${name}-${process.pid}`);
  const page = pageOf(name);
  const programs = programsOf(page, folder);

  beforeAll(() => {
    for (const [path, text] of filesOf(page)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    mkdirSync(folder, { recursive: true });
    for (const { file, source } of programs) writeFileSync(file, source);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('the page has its programs', () => {
    expect(programs.length).toBeGreaterThanOrEqual(atLeast);
  });

  test.each(programs)('$title: it prints what the page says', async ({ file, output }) => {
    const lines: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
      lines.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '));
    });
    try {
      await import(file);
    } finally {
      log.mockRestore();
    }
    expect(lines.map((line) => `${line}\n`).join('')).toBe(output);
  });
}

/** The path from the root of the page that `testGuide` calls `name`. */
export const pageOf = (name: string): string => (name === 'README' ? 'README.md' : `docs/guide/${name}.md`);

/** The blocks of TypeScript that are programs of their own, each with the block of text behind it, by the heading above. */
export function programsOf(page: string, folder: string): Program[] {
  const programs: Program[] = [];
  const fragments = fragmentsOf(page);
  for (const section of textOf(page).split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf('\n'));
    if (title in fragments) continue;
    for (const { 1: source = '', 2: output = '', index } of section.matchAll(BLOCKS)) {
      // A file of something larger, which another test runs.
      if (/\n\*\*`[\w./]+`\*\*[^\n]*\n\n$/.test(section.slice(0, index))) continue;
      programs.push({ title, source, output, file: join(folder, `program${programs.length}.ts`) });
    }
  }
  return programs;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BLOCKS = /```ts\n(.*?)```(?:\s*```text\n(.*?)```)?/gs;
