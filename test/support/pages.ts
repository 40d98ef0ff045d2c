/** README.md and the guides, and the blocks of code in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** README.md, every guide and the start pages of the site, as paths from the root. */
export const PAGES: readonly string[] = [
  'README.md',
  ...['docs/guide', 'docs/start'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

/** A block of code. */
export interface Block {
  /** Page and line of its first line of code. */
  readonly name: string;
  readonly page: string;
  /** The word behind the fence, e.g. `gdscript`. */
  readonly language: string;
  /** What follows that word. */
  readonly mark: string;
  readonly source: string;
  /** The block of text right behind it; undefined without one. */
  readonly output: string | undefined;
  /** What the block is the whole of: the path that the paragraph above begins with, in bold, or ends with ("as `level.tscn`:"). */
  readonly file: string | undefined;
  /** The heading of its section (`## `); empty before the first. */
  readonly heading: string;
}

/** The text of a page, by its path from the root. */
export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The blocks of a page that name a language, in their order. */
export function blocksOf(page: string, text: string = textOf(page)): Block[] {
  return [...text.matchAll(BLOCK)].map((match) => {
    const [, language = '', mark = '', source = '', output] = match;
    const before = text.slice(0, match.index);
    return {
      name: `${page}:${before.split('\n').length + 1}`,
      page,
      language,
      mark: mark.trim(),
      source,
      output,
      file: FILE.exec(before)
        ?.slice(1)
        .find((path) => path !== undefined),
      // Comments of GDScript look the same.
      heading: [...before.replace(/^```.*?^```$/gms, '').matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? '',
    };
  });
}

/** The files that a page shows whole, by their paths. */
export function filesOf(page: string): Map<string, string> {
  return new Map(
    blocksOf(page).flatMap(({ file, source }) => (file === undefined ? [] : [[file, source] as const])),
  );
}

const BLOCK = /^```(\w+)([^\n]*)\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?/gms;
const FILE = /(?:^|\n)(?:\*\*`([\w./]+)`\*\*(?:[^\n]|\n(?!\n))*|[^\n]* as `([\w./]+)`:)\n\n$/;
