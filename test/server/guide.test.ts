/** The programs of docs/guide/enet-server.md: they compile, run, and print what the page says. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.build', `guide-enet-server-${process.pid}`);
const page = readFileSync(join(root, 'docs/guide/enet-server.md'), 'utf8');
const programs = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) =>
    Array.from(
      section.matchAll(/```ts\n(.*?)```(?:\s*```text\n(.*?)```)?/gs),
      ([, source = '', output = '']) => ({
        title: section.slice(0, section.indexOf('\n')),
        source,
        output,
      }),
    ),
  )
  .map((program, index) => ({ ...program, file: join(folder, `program${index}.ts`) }));

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { file, source } of programs) writeFileSync(file, source);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the programs compile', () => {
  expect(programs.length).toBeGreaterThanOrEqual(4);
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, root);
  const program = ts.createProgram(
    programs.map(({ file }) => file),
    { ...options, noEmit: true },
  );
  const problems = programs.flatMap(({ file }) =>
    program.getSemanticDiagnostics(program.getSourceFile(file)),
  );
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
