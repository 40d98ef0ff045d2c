/** The command `init`: a Godot 4 project and its server, to begin with. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argument, asText, type Command, command, flag, UsageError, valueOr } from './commandLine/index.ts';
import { fail, jsonLine, out, type Rule } from './look/index.ts';
import { printable } from './printable.ts';
import { writeOut } from './standardOutput.ts';

const NOTES = `
DIR is made if it is not there. The project builds and passes its tests with "npm install" and "npm test".
Exit codes: 0 done, 1 wrong usage, 2 DIR has files already, or cannot be written.`;

/** The command; `version`: of this package, which the new project asks for. */
export function initCommand(version: string): Command {
  return command({
    name: 'init',
    summary: 'make a Godot 4 game with a server in Node',
    description: 'Makes a small project of both sides: a stock Godot 4 game, and its server with a test.',
    arguments: [argument('DIR', 'the folder of the new project', asText)],
    options: {
      package: valueOr(
        { placeholder: '<SPEC>', help: 'where the project gets godot-enet from: a version, a path, a URL' },
        `^${version}`,
        asText,
      ),
      force: flag('writes into a folder that has files, and replaces those of the same names'),
      json: flag('one JSON object: directory, name, files, next'),
    },
    notes: NOTES,
    run: ([directory], flags) => makeProject(directory, flags),
  });
}

async function makeProject(
  directory: string,
  flags: { readonly package: string; readonly force: boolean; readonly json: boolean },
): Promise<void> {
  const folder = resolve(directory);
  const name = nameOf(folder);
  const values = new Map([
    ['name', name],
    ['package', specOf(flags.package, folder)],
  ]);
  const files: string[] = [];
  try {
    if (!flags.force && hasFiles(folder))
      throw new FolderError(`${directory} has files already (--force writes into it)`);
    for (const file of filesBelow(TEMPLATE)) {
      const path = relative(TEMPLATE, file).replace(HIDDEN, '$1.');
      const to = join(folder, path);
      const text = readFileSync(file, 'utf8').replace(
        PLACE,
        (whole, key: string) => jsonText(values.get(key)) ?? whole,
      );
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, text);
      files.push(path.replaceAll('\\', '/'));
    }
  } catch (error) {
    if (!(error instanceof Error) || !(error instanceof FolderError || 'syscall' in error)) throw error;
    fail(error.message);
    return;
  }
  // A name with spaces in quotes, which every shell takes.
  const target = /^[\w./\\:-]+$/.test(directory) ? directory : `"${directory}"`;
  const next = [`cd ${target}`, 'npm install', 'npm test', 'npm start'];
  if (flags.json) {
    await writeOut(jsonLine({ directory, name, files: files.sort(), next }));
    return;
  }
  const lines = [`Made ${directory}. Next:`, '', ...next.map((line) => `  ${line}`)];
  await writeOut(`${out.highlight(lines.map(printable).join('\n'), MADE)}\n`);
}

/** A name that a package may have. @throws UsageError when nothing of the folder's name is left. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, MOST_NAME);
  if (name === '') throw new UsageError('DIR expected a folder whose name has letters or digits');
  return name;
}

/**
 * What npm takes in a folder for what stands on the command line: a path there counts from here.
 *
 * @throws UsageError for a path where there is nothing.
 */
function specOf(spec: string, folder: string): string {
  if (!PATH_SPEC.test(spec)) return spec;
  const path = spec.replace(/^file:/, '');
  if (!existsSync(path))
    throw new UsageError(`--package expected a file or folder that is there, got ${JSON.stringify(spec)}`);
  const target = isAbsolute(path) ? path : relative(folder, resolve(path));
  return `file:${target.replaceAll('\\', '/')}`;
}

function hasFiles(folder: string): boolean {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (!found.isDirectory()) throw new FolderError(`${folder} is no folder`);
  return readdirSync(folder).length > 0;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** As it stands between the quotes of JSON; names and specs have nothing else in Markdown. */
function jsonText(value: string | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value).slice(1, -1);
}

class FolderError extends Error {}

const MADE: readonly Rule[] = [
  [/^Made(?= )/, 'good'],
  [/^ {2}.*$/, 'name'],
];

/** Beside `dist`, where the program runs. */
const TEMPLATE = fileURLToPath(new URL('../../../templates/project', import.meta.url));
/** Names that begin with a dot do not survive packing: `_gitignore` stands for `.gitignore`. */
const HIDDEN = /(^|[\\/])_/g;
const PLACE = /\{\{(\w+)\}\}/g;
const MOST_NAME = 100;
/** `file:x`, `./x`, `/x`, `C:\x`, and archives that are no URL. */
const PATH_SPEC = /^(?:file:|\.{0,2}[\\/]|[A-Za-z]:[\\/]|[^:]*\.tgz$)/;
