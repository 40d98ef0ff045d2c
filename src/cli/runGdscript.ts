/** What the command `gdscript` does, without the program around it. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SceneMirror, type ScriptClass } from '../../schema/index.ts';
import { type StubSource, writeGdscript } from '../project/internal.ts';
import { SceneFileError } from './sceneFiles.ts';

/** One script. */
export interface WrittenStub {
  /** Its `res://` path. */
  readonly path: string;
  /** GDScript. */
  readonly text: string;
  /** The file; `undefined`: nothing was written. */
  readonly target: string | undefined;
}

/**
 * Writes a script for each class of a module that stands for one. Nothing is written when one of them cannot be.
 *
 * @param file - The module, which is run.
 * @param out - What `res://` stands for; `undefined`: nothing is written.
 * @param replaces - Whether files that are there are replaced.
 * @returns The scripts, and where they were written.
 * @throws SceneFileError for a module that cannot be used, and for a file that is there; RangeError for what GDScript cannot say.
 */
export async function writeStubs(
  file: string,
  out: string | undefined,
  replaces: boolean,
): Promise<readonly WrittenStub[]> {
  const stubs = classesOf(await load(file)).map((script) => ({
    path: script.path,
    text: writeGdscript(sourceOf(script)),
  }));
  if (stubs.length === 0)
    throw new SceneFileError(`${file}: no class with a static path that begins with res:// is exported`);
  if (out === undefined) return stubs.map((stub) => ({ ...stub, target: undefined }));
  const targets = stubs.map((stub) => ({ ...stub, target: targetOf(out, stub.path) }));
  for (const { target } of targets)
    if (!replaces && existsSync(target))
      throw new SceneFileError(`${target}: it exists; --force replaces it`);
  for (const { target, text } of targets) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return targets;
}

async function load(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as object;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SceneFileError(`${file}: ${why}${hintFor(error, file)}`);
  }
}

/** What to do about a module in TypeScript that this Node does not read. */
function hintFor(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const loader = 'NODE_OPTIONS="--import tsx" reads it';
  // Node strips types, and nothing else.
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return `: ${loader}`;
  if (code !== 'ERR_UNKNOWN_FILE_EXTENSION' || !/\.[mc]?tsx?$/.test(file)) return '';
  return file.endsWith('x')
    ? `: ${loader}`
    : `: this is Node ${process.version}, and those from 22.18 and 23.6 on read TypeScript; with this one ${loader}`;
}

/** The exported classes with a path; those of a default export, too. */
function classesOf(module: object): ScriptClass[] {
  const found = new Set<ScriptClass>();
  for (const value of Object.values(module)) if (isScriptClass(value)) found.add(value);
  return [...found];
}

function isScriptClass(value: unknown): value is ScriptClass {
  return (
    typeof value === 'function' &&
    'path' in value &&
    typeof value.path === 'string' &&
    value.path.startsWith('res://')
  );
}

function sourceOf(script: ScriptClass): StubSource {
  const mirror = new SceneMirror().registerScript(script);
  const node = mirror.createNode({ name: 'Stub', class: 'Node', script: script.path });
  return {
    path: script.path,
    rpcs: mirror.scriptRpcsOf(node),
    argumentNames: (method) => namesOf(script.prototype, method),
  };
}

/** The names of a method's arguments, as its source has them. */
function namesOf(prototype: object, method: string): string[] {
  const found: unknown = Reflect.get(prototype, method);
  if (typeof found !== 'function') return [];
  const list = /^[^(]*\(([^)]*)\)/.exec(Function.prototype.toString.call(found))?.[1] ?? '';
  return list.split(',').map((part) => part.trim().replace(/[\s=:].*$/s, ''));
}

/** @throws SceneFileError for a path that leads out of the folder. */
function targetOf(out: string, path: string): string {
  const folder = resolve(out);
  const target = resolve(folder, path.slice('res://'.length));
  if (!target.startsWith(folder + sep)) throw new SceneFileError(`${path}: it lies outside of ${out}`);
  return target;
}
