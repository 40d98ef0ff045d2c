/** The commands `scene` and `validate` of the program: text scenes as JSON, and checks of such JSON. */
import { readFile, stat } from 'node:fs/promises';
import { SceneError, SceneTextError } from '../../schema/index.ts';
import { argument, asText, type Command, command, flag, value, values } from './commandLine/index.ts';
import { fail, jsonLine, out, type Rule, warn } from './look/index.ts';
import { printable } from './printable.ts';
import { checkSceneJson, checkText, isGodotText, sceneChunks } from './runScene.ts';
import { SceneFileError } from './sceneFiles.ts';
import { writeOut } from './standardOutput.ts';

const SCENE_HELP = `
Examples:
  godot-enet scene level.tscn > level.json
  godot-enet scene level.tscn --project ../game --classes scripts.json
  godot-enet scene validate level.json

Other scenes are looked up below the project folder: the nearest one upward with a project.godot, else the folder of FILE.
What a scene has and its JSON has not is told on the standard error, as file:line:column: what.
Exit codes: 0 done, 1 wrong usage, 2 the file is malformed or cannot be read.`;

const VALIDATE_HELP = `
Checks the form (scene.schema.json), and that nodes, classes and values fit a mirror.
Exit codes: 0 valid, 1 wrong usage, 2 the file is not valid or cannot be read.`;

const PROJECT_OPTIONS = {
  project: value({ placeholder: '<FOLDER>', help: 'what res:// stands for' }, asText),
  classes: values(
    { placeholder: '<FILE>', help: 'a table of own classes and scripts in JSON; may be repeated' },
    asText,
  ),
};

/** The command `validate FILE`, which is `scene validate FILE` as well. */
export const validateCommand: Command = command({
  name: 'validate',
  summary: 'check a scene in JSON, or a text file of Godot',
  description:
    'Checks a scene in JSON, as the command scene and SceneMirror.toJSON write it, or a text scene, text resource or project.godot.',
  arguments: [argument('FILE', 'the file; "-" is the standard input', asText)],
  options: { ...PROJECT_OPTIONS, json: flag('one JSON object: file, isValid, content, problems, issues') },
  notes: VALIDATE_HELP,
  async run([file], { json, ...flags }) {
    const issues: string[] = [];
    const tell = json ? (issue: string): unknown => issues.push(issue) : warn;
    let content: string | null = null;
    const problems = await attempt(file, async () => {
      const text = await read(file);
      content = isGodotText(text)
        ? checkText({ file, text, ...flags, warn: tell })
        : checkSceneJson(text, flags.classes ?? [], nameOf(file));
    });
    if (json) {
      const isValid = problems.length === 0;
      await writeOut(jsonLine({ file: nameOf(file), isValid, content, problems, issues }));
      if (!isValid) process.exitCode = 2;
    } else if (problems.length > 0) {
      for (const problem of problems) fail(problem);
    } else {
      await writeOut(`${out.highlight(printable(`${nameOf(file)}: valid, ${content}`), VALID)}\n`);
    }
  },
});

/** The command `scene FILE`. */
export const sceneCommand: Command = command({
  name: 'scene',
  summary: 'print a text scene (.tscn), resource or project as JSON',
  description:
    'Prints a text scene (.tscn) as the JSON that a SceneMirror loads, instanced scenes included; a text resource (.tres) or project.godot as JSON with values of the same form.',
  arguments: [argument('FILE', 'the scene; "-" is the standard input', asText)],
  options: {
    ...PROJECT_OPTIONS,
    compact: flag('one line without spaces'),
    keepInstances: flag('instances as references, with what the scene changes of them'),
  },
  notes: SCENE_HELP,
  commands: [validateCommand],
  async run([file], flags) {
    const problems = await attempt(file, async () => {
      for (const piece of sceneChunks({ file, text: await read(file), ...flags, warn }))
        await writeOut(piece);
      await writeOut('\n');
    });
    for (const problem of problems) fail(problem);
  },
});

/** Does something with a file. @returns what is wrong with it, one line each. */
async function attempt(file: string, action: () => Promise<void>): Promise<string[]> {
  try {
    await action();
    return [];
  } catch (error) {
    const lines = problems(error, nameOf(file));
    if (lines === undefined) throw error;
    return lines;
  }
}

function problems(error: unknown, name: string): string[] | undefined {
  if (error instanceof SceneTextError) return [error.message];
  if (error instanceof SceneError)
    return error.issues.map(({ path, message }) => `${name}: ${path}: ${message}`);
  if (error instanceof SceneFileError) return [error.message];
  if (error instanceof Error && 'syscall' in error) return [`${name}: ${error.message}`];
  return undefined;
}

async function read(file: string): Promise<string> {
  if (file !== '-' && (await stat(file)).size > MAX_BYTES) throw tooLarge(file);
  if (file !== '-') return readFile(file, 'utf8');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) throw tooLarge(file);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(file: string): SceneFileError {
  return new SceneFileError(
    `${nameOf(file)}: more than ${MAX_BYTES} bytes, which is the most that can be read`,
  );
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

const VALID: readonly Rule[] = [[/(?<=: )valid(?=, )/, 'good']];
const MAX_BYTES = 134_217_728;
