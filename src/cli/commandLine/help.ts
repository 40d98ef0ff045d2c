/** The help of the program and of its commands. */
import { bareName, type Command, optionTerm, type Program } from './command.ts';
import type { OptionDefinition } from './options.ts';

/** What the program itself can do, and how it is written. */
const HELP_OPTION = ['-h, --help', 'display help for command'] as const;
const WIDTH = 80;
const INDENT = 2;
const GAP = 2;
/** Below this a column of help is hard to read. */
const MIN_COLUMN = 24;

type Row = readonly [term: string, text: string];

/** The help of the program. */
export function programHelp({ name, description, commands }: Program): string {
  const options: Row[] = [['-V, --version', 'print the version'], HELP_OPTION];
  const rows: Row[] = [...commands.map(commandRow), ['help [command]', 'display help for command']];
  const notes = `\n${name} COMMAND --help tells more of one. Commands that report something take --json.`;
  return page(`${name} [options] [command]`, description, { Commands: rows, Options: options }, notes);
}

/** The help of a command; `path` is how it is called: `godot-enet scene validate`. */
export function commandHelp(path: string, command: Command): string {
  const sections = {
    Arguments: command.arguments.map(({ placeholder, help }): Row => [bareName(placeholder), help]),
    Options: [
      ...Object.entries(command.options).map(
        ([key, option]): Row => [optionTerm(key, option), optionText(option)],
      ),
      HELP_OPTION,
    ],
    Commands: command.commands.map(commandRow),
  };
  const parts = [
    path,
    '[options]',
    ...(command.commands.length > 0 ? ['[command]'] : []),
    ...placeholders(command),
  ];
  return page(parts.join(' '), command.description, sections, command.notes);
}

function page(
  usage: string,
  description: string,
  sections: { readonly [title: string]: readonly Row[] },
  notes: string,
): string {
  const used = Object.entries(sections).filter(([, rows]) => rows.length > 0);
  const width = Math.max(...used.flatMap(([, rows]) => rows.map(([term]) => term.length)));
  const blocks = [`Usage: ${usage}`, wrap(description, WIDTH).join('\n')];
  for (const [title, rows] of used) {
    blocks.push([`${title}:`, ...rows.flatMap((row) => rowLines(row, width))].join('\n'));
  }
  return `${blocks.join('\n\n')}\n${notes === '' ? '' : `${notes}\n`}`;
}

function rowLines([term, text]: Row, width: number): string[] {
  const margin = ' '.repeat(INDENT + width + GAP);
  const lines = wrap(text, Math.max(MIN_COLUMN, WIDTH - margin.length));
  return lines.map(
    (line, index) => (index === 0 ? ' '.repeat(INDENT) + term.padEnd(width + GAP) : margin) + line,
  );
}

function commandRow(command: Command): Row {
  return [[command.name, ...placeholders(command)].join(' '), command.summary];
}

function placeholders(command: Command): string[] {
  return command.arguments.map(({ placeholder }) => placeholder);
}

function optionText({ help, choices, shownDefault }: OptionDefinition<unknown>): string {
  const extra: string[] = [];
  if (choices !== undefined) extra.push(`choices: ${choices.map((text) => JSON.stringify(text)).join(', ')}`);
  if (shownDefault !== undefined) extra.push(`default: ${JSON.stringify(shownDefault)}`);
  return extra.length === 0 ? help : `${help} (${extra.join(', ')})`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
