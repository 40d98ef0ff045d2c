/** The programs of docs/guide/enet-connection.md: they compile, run, and print what the page says. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.build', `guide-enet-connection-${process.pid}`);
const page = readFileSync(join(root, 'docs/guide/enet-connection.md'), 'utf8');

interface Program {
  readonly title: string;
  readonly file: string;
  readonly source: string;
  readonly output: string;
}

const programs: Program[] = [];
for (const section of page.split(/^## /m).slice(1)) {
  const title = section.slice(0, section.indexOf('\n'));
  for (const [, source = '', output = ''] of section.matchAll(/```ts\n(.*?)```(?:\s*```text\n(.*?)```)?/gs)) {
    programs.push({ title, source, output, file: join(folder, `program${programs.length}.ts`) });
  }
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { file, source } of programs) writeFileSync(file, source);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the page has programs', () => {
  expect(programs.length).toBeGreaterThanOrEqual(6);
});

test('they compile', () => {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, root);
  const program = ts.createProgram(
    programs.map(({ file }) => file),
    {
      ...options,
      noEmit: true,
      paths: {
        'godot-enet/codec': [join(root, 'codec/index.ts')],
        'godot-enet/*': [join(root, 'src/*.ts')],
      },
    },
  );
  const problems = programs.flatMap(({ file }) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
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
