/** Runs the programs of a page of docs/guide: they compile, run, and print what the page says. The files that it shows lie beside them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { filesOf } from './pages.ts';

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
 * @param name the page's name without `.md`.
 * @param atLeast how many programs it must have, so that a change of its form cannot hide them.
 * @param isMeant whether those below a heading are meant; default all.
 */
export function testGuide(
  name: string,
  atLeast: number,
  isMeant: (title: string) => boolean = () => true,
): void {
  const folder = join(ROOT, '.build', `guide-${name}-${process.pid}`);
  const page = readFileSync(join(ROOT, `docs/guide/${name}.md`), 'utf8');
  const programs = programsOf(page, folder).filter(({ title }) => isMeant(title));

  beforeAll(() => {
    for (const [path, text] of filesOf(`docs/guide/${name}.md`)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    mkdirSync(folder, { recursive: true });
    for (const { file, source } of programs) writeFileSync(file, source);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('the programs compile', () => {
    expect(programs.length).toBeGreaterThanOrEqual(atLeast);
    expect(compileErrors(programs.map(({ file }) => file))).toEqual([]);
  }, 60_000);

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

/** The blocks of TypeScript that are programs of their own, each with the block of text behind it, by the heading above. */
function programsOf(page: string, folder: string): Program[] {
  const programs: Program[] = [];
  for (const section of page.split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf('\n'));
    for (const { 1: source = '', 2: output = '', index } of section.matchAll(BLOCKS)) {
      // A file of something larger, which another test runs.
      if (/\n\*\*`[\w./]+`\*\*[^\n]*\n\n$/.test(section.slice(0, index))) continue;
      programs.push({ title, source, output, file: join(folder, `program${programs.length}.ts`) });
    }
  }
  return programs;
}

function compileErrors(files: readonly string[]): string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, ROOT);
  const paths = {
    'godot-enet/codec': [join(ROOT, 'codec/index.ts')],
    'godot-enet/schema': [join(ROOT, 'schema/index.ts')],
    'godot-enet/*': [join(ROOT, 'src/*.ts')],
  };
  const program = ts.createProgram(files, { ...options, noEmit: true, paths });
  const problems = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BLOCKS = /```ts\n(.*?)```(?:\s*```text\n(.*?)```)?/gs;
