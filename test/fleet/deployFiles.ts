/** The files of examples/deploy: read, and judged by the types that they have. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const require = createRequire(import.meta.url);
const toml: { parse(text: string): Record<string, unknown> } = require('smol-toml');

/** Where they are. */
export const FOLDER: string = fileURLToPath(new URL('../../examples/deploy/', import.meta.url));

/** The text of a file. */
export function textOf(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** The documents of a file in YAML. @throws Error for what is no YAML, or has a key twice. */
export function yamlOf(text: string): Record<string, unknown>[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    const [error] = [...document.errors, ...document.warnings];
    if (error !== undefined) throw error;
    return document.toJS();
  });
}

/** @throws Error for what is no TOML. */
export function tomlOf(text: string): Record<string, unknown> {
  return toml.parse(text);
}

/**
 * What is wrong with a value that is of a type: the compiler finds names that there are not, values of another kind, and what is missing.
 *
 * @param type an expression; it may name what `deployTypes.ts` exports, and `core` and `rbac` of kubernetes-types.
 */
export function problemsOf(type: string, value: unknown): string[] {
  const file = join(HERE, 'judged.ts');
  const source = `import type * as core from 'kubernetes-types/core/v1';
import type * as rbac from 'kubernetes-types/rbac/v1';
import type { Fleet, FleetAutoscaler, FlyConfig, GameServerAllocation } from './deployTypes.ts';
export const value: ${type} = ${JSON.stringify(value, undefined, 1)};
export type Used = [core.Pod, rbac.Role, Fleet<1>, FleetAutoscaler, FlyConfig, GameServerAllocation];
`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  host.readFile = (name) => (name === file ? source : readFile.call(host, name));
  host.getSourceFile = (name, version, ...rest) =>
    name === file
      ? ts.createSourceFile(name, source, version)
      : getSourceFile.call(host, name, version, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const HERE = dirname(fileURLToPath(import.meta.url));
