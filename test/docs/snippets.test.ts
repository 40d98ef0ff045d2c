/**
 * Every TypeScript block of README.md and of the guides compiles against the sources. Blocks stand alone, but for the files of their page that
 * they import.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, PAGES, textOf } from '../support/pages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Snippet {
  /** Page and line of the first line of code. */
  readonly name: string;
  /** A file that does not exist: the compiler is given the text instead. */
  readonly file: string;
  readonly source: string;
}

/** The blocks of TypeScript; those marked `no-check` are left out. */
function snippetsOf(page: string, text?: string): Snippet[] {
  return blocksOf(page, text).flatMap(({ name, language, mark, source, file: path }) => {
    if (language !== 'ts' || mark === 'no-check') return [];
    if (mark !== '') throw new Error(`${name}: unknown mark ${mark}`);
    // A module of its own, so that blocks of one page do not see each other and may await at the top.
    const file = join(root, page.replace(/\W/g, '-'), path ?? `${name.replace(/\W/g, '-')}.ts`);
    return [{ name, file, source: `${source}\nexport {};\n` }];
  });
}

/** Type-checks all snippets in one program, each as if it stood in the root folder. */
function problemsOf(snippets: readonly Snippet[]): Map<string, string[]> {
  const sources = new Map(snippets.map(({ file, source }) => [file, source]));
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(
    { ...config.config, include: [], files: [] },
    ts.sys,
    root,
  );
  const compilerOptions: ts.CompilerOptions = {
    ...options,
    noEmit: true,
    isolatedDeclarations: false,
    declaration: false,
  };
  const host = ts.createCompilerHost(compilerOptions);
  const { readFile, fileExists, directoryExists, getSourceFile } = host;
  const folders = new Set(snippets.map(({ file }) => dirname(file)));
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.directoryExists = (path) => folders.has(path) || directoryExists?.(path) === true;
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const source = sources.get(path);
    return source === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, source, languageVersion, true);
  };
  const program = ts.createProgram([...sources.keys()], compilerOptions, host);
  return new Map(
    snippets.map(({ name, file }) => {
      const sourceFile = program.getSourceFile(file);
      const diagnostics = [
        ...program.getSyntacticDiagnostics(sourceFile),
        ...program.getSemanticDiagnostics(sourceFile),
      ];
      return [
        name,
        diagnostics.map(({ messageText, start }) => {
          const line = sourceFile?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
          return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
        }),
      ];
    }),
  );
}

const snippets = PAGES.flatMap((page) => snippetsOf(page));

/** Pages with JavaScript, which their own test runs. */
const RUNS_JAVASCRIPT = new Set(['docs/guide/load.md']);

/** What shows that the check would find something. */
const BROKEN = [
  "import { Vector2 } from 'godot-enet/codec';\nconst wrong: string = new Vector2(1, 2);\nawait wrong;",
  "import { nothing } from 'godot-enet/server';\nnothing();",
  'const missing = ;',
  'undeclared();',
].flatMap((source, index) => snippetsOf(`broken${index}`, `\`\`\`ts\n${source}\n\`\`\`\n`));

describe('snippets', () => {
  let problems = new Map<string, string[]>();
  beforeAll(() => {
    problems = problemsOf([...snippets, ...BROKEN]);
  }, 60_000);

  test('no block escapes the check by another name', () => {
    for (const page of PAGES) {
      const others = RUNS_JAVASCRIPT.has(page)
        ? /^```(typescript|tsx|javascript)\b/m
        : /^```(typescript|tsx|js|javascript)\b/m;
      expect(textOf(page), page).not.toMatch(others);
    }
  });

  test('pages with code were found', () => {
    expect(PAGES.length).toBeGreaterThan(3);
    expect(snippets.length).toBeGreaterThan(8);
  });

  test.each(snippets.map(({ name }) => name))('%s compiles', (name) => {
    expect(problems.get(name)).toEqual([]);
  });

  test.each(BROKEN.map(({ name }) => name))('%s is found', (name) => {
    expect(problems.get(name)?.length).toBeGreaterThan(0);
  });
});

test('blocks marked no-check are left out, and other marks are refused', () => {
  expect(snippetsOf('page', '```ts no-check\nlet x\n```\n')).toEqual([]);
  expect(snippetsOf('page', 'text\n\n```ts\nlet x\n```\n').map(({ name }) => name)).toEqual(['page:4']);
  expect(() => snippetsOf('page', '```ts nocheck\nlet x\n```\n')).toThrow('unknown mark');
});
