/** The commands `types` and `gdscript`: a Godot project as types in TypeScript, and RPCs in TypeScript as scripts. */

import { PackError } from '../project/internal.ts';
import { argument, asText, type Command, command, flag, UsageError, value } from './commandLine/index.ts';
import { fail, jsonLine, out as output, type Rule, warn } from './look/index.ts';
import { printable } from './printable.ts';
import { writeStubs } from './runGdscript.ts';
import { checkTypes, makeTypes } from './runTypes.ts';
import { SceneFileError } from './sceneFiles.ts';
import { writeOut } from './standardOutput.ts';

const TYPES_NOTES = `
Writes DIR/godot.ts: for each script of nodes the types of its RPCs and variables, and a base class for a script in
TypeScript; for each scene its nodes by their paths. What is wrong with scripts and scenes is told on the standard error.
With --check nothing is written.
Exit codes: 0 done, 1 wrong usage, 2 the project cannot be read or the file not written, 4 with --check: the file is not
that of the project.`;

const GDSCRIPT_NOTES = `
FILE exports classes with a static path, and rpcs (NodeScript). It is run: Node reads TypeScript from 22.18 and 23.6 on; older
ones, and enums, need a loader (NODE_OPTIONS="--import tsx"). Without --out the scripts are printed.
Exit codes: 0 done, 1 wrong usage, 2 FILE cannot be read, has no such class, or a script exists already.`;

/** The command `types PROJECT --out DIR`. */
export const typesCommand: Command = command({
  name: 'types',
  summary: 'write the scripts and scenes of a Godot project as TypeScript',
  description: 'Writes what the scripts and scenes of a Godot project declare as types in TypeScript.',
  arguments: [argument('PROJECT', 'the folder of project.godot, or a pack file (.pck)', asText)],
  options: {
    out: value({ placeholder: '<DIR>', help: 'the folder of godot.ts' }, asText),
    check: flag('fail when godot.ts is not what would be written'),
    json: flag('one JSON object: file, isFresh, isWritten, changed, problems'),
  },
  notes: TYPES_NOTES,
  run: ([project], { out, check, json }) =>
    run(async () => {
      if (out === undefined) throw new UsageError('types: --out <DIR> is missing.');
      const problems: string[] = [];
      const tell = json ? (problem: string): unknown => problems.push(problem) : warn;
      const make = check ? checkTypes : makeTypes;
      const { text, ...result } = await make(project, out, tell);
      await writeOut(
        json
          ? jsonLine({ ...result, problems })
          : `${output.highlight(printable(text), result.isFresh ? FRESH : STALE)}\n`,
      );
      if (!result.isFresh) process.exitCode = 4;
    }),
});

/** The command `gdscript FILE`. */
export const gdscriptCommand: Command = command({
  name: 'gdscript',
  summary: 'write scripts in GDScript with the RPCs of classes in TypeScript',
  description:
    'Writes scripts (.gd) that have the RPCs of the classes of a module: the same numbers and checksum.',
  arguments: [argument('FILE', 'a module in TypeScript or JavaScript', asText)],
  options: {
    out: value({ placeholder: '<DIR>', help: 'the folder that res:// stands for' }, asText),
    force: flag('replaces files that exist'),
    json: flag('one JSON object: scripts, each with path, target and text'),
  },
  notes: GDSCRIPT_NOTES,
  run: ([file], { out, force, json }) =>
    run(async () => {
      const scripts = await writeStubs(file, out, force);
      if (json) return writeOut(jsonLine({ scripts }));
      // Scripts are printed as they are, to be a file.
      if (out === undefined) return writeOut(scripts.map(({ text }) => text).join('\n'));
      const lines = scripts.map(({ target }) => printable(`wrote ${target}`));
      await writeOut(`${output.highlight(lines.join('\n'), FRESH)}\n`);
    }),
});

const FRESH: readonly Rule[] = [[/^wrote(?= )|(?<= )is (?:as it was|that of the project)$/, 'good']];
const STALE: readonly Rule[] = [[/(?<= )is not (?:there|that of the project)/, 'bad']];

async function run(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isExpected(error)) throw error;
    fail(error.message);
  }
}

/** What is wrong with files, and not with this program. */
function isExpected(error: unknown): error is Error {
  if (error instanceof SceneFileError || error instanceof PackError || error instanceof RangeError)
    return true;
  return error instanceof Error && 'syscall' in error;
}
