/** What can be completed, as plain data. */
import { type Command, optionName, type Program } from '../commandLine/index.ts';

/** An option. */
export interface OptionWords {
  /** With its dashes. */
  readonly name: string;
  readonly help: string;
  /** Whether it takes a value; the values, when there are only a few. */
  readonly value: readonly string[] | undefined;
}

/** A command. */
export interface CommandWords {
  /** As it is typed behind the program: `scene validate`. */
  readonly path: string;
  readonly help: string;
  readonly options: readonly OptionWords[];
  /** The commands below it, by their names, and the choices of its arguments. */
  readonly below: readonly string[];
}

/** All commands of a program, those below others behind them. */
export function wordsOf(program: Program): readonly CommandWords[] {
  return program.commands.flatMap((command) => commandWords('', command));
}

function commandWords(before: string, command: Command): CommandWords[] {
  const path = before === '' ? command.name : `${before} ${command.name}`;
  const options = Object.entries(command.options).map(
    ([key, { help, choices, placeholder }]): OptionWords => ({
      name: `--${optionName(key)}`,
      help,
      value: placeholder === undefined ? undefined : (choices ?? []),
    }),
  );
  const own: CommandWords = {
    path,
    help: command.summary,
    options: [...options, { name: '--help', help: 'display help for command', value: undefined }],
    below: [
      ...command.commands.map(({ name }) => name),
      ...command.arguments.flatMap(({ choices }) => choices ?? []),
    ],
  };
  return [own, ...command.commands.flatMap((below) => commandWords(path, below))];
}
