/** The commands `types` and `gdscript`: a Godot project as types in TypeScript, and RPCs in TypeScript as scripts. */

import { PackError } from '../project/internal.ts';
import { argument, asText, type Command, command, flag, UsageError, value } from './commandLine/index.ts';
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
  },
  notes: TYPES_NOTES,
  run: ([project], { out, check }) =>
    run(async () => {
      if (out === undefined) throw new UsageError('types: --out <DIR> is missing.');
      const result = check ? await checkTypes(project, out, warn) : await makeTypes(project, out, warn);
      await writeOut(`${printable(result.text)}\n`);
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
  },
  notes: GDSCRIPT_NOTES,
  run: ([file], { out, force }) =>
    run(async () => {
      // Scripts are printed as they are, to be a file.
      await writeOut(await writeStubs(file, out, force));
    }),
});

function warn(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

async function run(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isExpected(error)) throw error;
    process.stderr.write(`${printable(`godot-enet: ${error.message}`)}\n`);
    process.exitCode = 2;
  }
}

/** What is wrong with files, and not with this program. */
function isExpected(error: unknown): error is Error {
  if (error instanceof SceneFileError || error instanceof PackError || error instanceof RangeError)
    return true;
  return error instanceof Error && 'syscall' in error;
}
