/** How large the import circles are, imports of types counted: files of a circle can only be understood together. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

interface CirclesScript {
  importsOf(folders: readonly string[], base?: string): Map<string, string[]>;
  circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][];
}

const { importsOf, circlesIn } = (await import('../../scripts/circles.mjs' as string)) as CirclesScript;
const root = fileURLToPath(new URL('../../', import.meta.url));

/** The most files that a circle of a room may have; 1 for rooms that are not named: no circle at all. */
const LARGEST: Readonly<Record<string, number>> = {
  // The mirror node with its rules.
  schema: 7,
  // The peer, its record and its events.
  'src/enet': 3,
  // A room, its players and what runs it.
  'src/rooms': 3,
};

const roomOf = (file: string): string => /^(?:codec|schema|src\/[^/]+)/.exec(file)?.[0] ?? file;

describe('the import circles', () => {
  const files = importsOf(['options', 'codec', 'schema', 'src'], root);
  const circles = circlesIn(files);

  test('the files are there', () => {
    expect(files.size).toBeGreaterThan(300);
    expect(files.get('schema/index.ts')).toContain('schema/classes/classTable.ts');
  });

  test('no circle goes through two rooms', () => {
    expect(circles.filter((circle) => new Set(circle.map(roomOf)).size > 1)).toEqual([]);
  });

  test.each([...new Set([...files.keys()].map(roomOf))])(
    '%s has none that is larger than it must be',
    (room) => {
      const largest = LARGEST[room] ?? 1;
      expect(circles.filter((circle) => roomOf(circle[0] ?? '') === room && circle.length > largest)).toEqual(
        [],
      );
    },
  );
});

test('imports of types, exports and types by name close a circle; comments, texts and packages do not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'godot-enet-circles-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'src/deep'), { recursive: true });
  const write = (file: string, text: string): void => writeFileSync(join(folder, 'src', file), `${text}\n`);
  write('a.ts', "import type { B } from './deep/b.ts';\nimport 'typescript';\nexport type A = B;");
  write('deep/b.ts', "export type { C as B } from '../c.ts';");
  write('c.ts', "export type C = import('./a.ts').A;");
  write('d.ts', "// import './e.ts';\nexport const d = \"import './e.ts'\";");
  write('e.ts', "import { d } from './d.ts';\nexport { d };");
  expect(circlesIn(importsOf(['src'], folder))).toEqual([['src/a.ts', 'src/c.ts', 'src/deep/b.ts']]);
});
