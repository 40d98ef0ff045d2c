/** A command as data: what it takes, what it does, what it says of itself. */
import type { ArgumentDefinition, OptionDefinition } from './options.ts';

/** The options of a command by their keys. */
export type OptionTable = { readonly [key: string]: OptionDefinition<unknown> };

/** The arguments of a command in their order. */
export type ArgumentTable = readonly ArgumentDefinition<unknown>[];

/** What the action of a command gets of its options. */
export type OptionValues<O extends OptionTable> = {
  readonly [K in keyof O]: O[K] extends OptionDefinition<infer T> ? T : never;
};

/** What the action of a command gets of its arguments; `undefined` for one that was left out. */
export type ArgumentValues<A extends ArgumentTable> = {
  readonly [I in keyof A]: A[I] extends ArgumentDefinition<infer T> ? T : never;
};

/** What {@link command} is told. */
export interface CommandSpec<O extends OptionTable, A extends ArgumentTable> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does. */
  readonly description: string;
  readonly options: O;
  readonly arguments: A;
  /** What stands below its help. */
  readonly notes: string;
  /** Commands below it, which come before its arguments. */
  readonly commands?: readonly Command[];
  /** @throws UsageError for what the tables cannot tell. */
  readonly run: (args: ArgumentValues<A>, options: OptionValues<O>) => Promise<void>;
}

/** A command, its tables no longer in its type. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly options: OptionTable;
  readonly arguments: ArgumentTable;
  readonly notes: string;
  readonly commands: readonly Command[];
  /** Gets what the reader made of the tables. */
  readonly run: (args: readonly unknown[], options: { readonly [key: string]: unknown }) => Promise<void>;
}

/** The program: commands and no action of its own. */
export interface Program {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly commands: readonly Command[];
}

/** Wrong usage; the program prints the message and ends with exit code 1. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  /** What was meant, when there is a guess. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Makes a command. */
export function command<const O extends OptionTable, const A extends ArgumentTable>(
  spec: CommandSpec<O, A>,
): Command {
  const { run } = spec;
  return {
    ...spec,
    commands: spec.commands ?? [],
    // The reader built both from the tables that give them their types.
    run: (args, options) => run(args as ArgumentValues<A>, options as OptionValues<O>),
  };
}

/** `keepInstances` is `--keep-instances`. */
export function optionName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** How the help and errors name an option: `--port <N>`. */
export function optionTerm(key: string, { placeholder }: OptionDefinition<unknown>): string {
  return `--${optionName(key)}${placeholder === undefined ? '' : ` ${placeholder}`}`;
}

/** Whether something may be left out: `[FILE]` and not `<FILE>`. */
export function isOptional(placeholder: string): boolean {
  return placeholder.startsWith('[');
}

/** What stands between the brackets. */
export function bareName(placeholder: string): string {
  return placeholder.slice(1, -1);
}
