/** From the words of a command line to a command with its values. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { suggest } from '../../../options/internal.ts';
import {
  bareName,
  type Command,
  isOptional,
  type OptionTable,
  optionName,
  optionTerm,
  type Program,
  UsageError,
} from './command.ts';
import { InvalidValueError } from './options.ts';

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'version' }
  /** `command` is absent for the program itself. */
  | { readonly kind: 'help'; readonly path: string; readonly command: Command | undefined }
  | { readonly kind: 'run'; readonly run: () => Promise<void> };

type Token = Extract<ReturnType<typeof tokenise>[number], { readonly index: number }>;

/** Finds out what is asked. @throws UsageError for words that make no sense. */
export function readCommandLine(program: Program, args: readonly string[]): Request {
  const tokens = tokenise(args, {}, true);
  const first = tokens.find((token) => token.kind === 'positional');
  const before = tokens.filter(
    (token) => token.kind === 'option' && token.index < (first?.index ?? args.length),
  );
  for (const token of before) {
    if (token.kind !== 'option') continue;
    if (token.name === 'version') return { kind: 'version' };
    if (token.name === 'help') return { kind: 'help', path: program.name, command: undefined };
    throw unknownOption(token.rawName, ['version', 'help']);
  }
  if (first?.kind !== 'positional') throw new UsageError('expected a command');
  const rest = args.toSpliced(first.index, 1);
  if (first.value === 'help') return readHelp(program, rest);
  const command = find(program.commands, first.value);
  return readCommand(`${program.name} ${command.name}`, command, rest);
}

function readHelp(program: Program, names: readonly string[]): Request {
  let path = program.name;
  let command: Command | undefined;
  for (const name of names) {
    command = find(command?.commands ?? program.commands, name);
    path += ` ${name}`;
  }
  return { kind: 'help', path, command };
}

function readCommand(path: string, command: Command, args: readonly string[]): Request {
  const tokens = tokenise(args, command.options, false);
  const positionals = tokens.filter((token) => token.kind === 'positional');
  const [first] = positionals;
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? args.length;
  const below = command.commands.find(
    ({ name }) => first !== undefined && first.index < end && name === first.value,
  );
  // What stands before the name of a command below is read by that command.
  if (below !== undefined && first !== undefined) {
    return readCommand(`${path} ${below.name}`, below, args.toSpliced(first.index, 1));
  }
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) {
    return { kind: 'help', path, command };
  }
  const { options, taken } = readOptions(command, tokens);
  const values = readArguments(
    command,
    positionals.filter((token) => !taken.has(token.index)).map((token) => token.value),
  );
  return { kind: 'run', run: () => command.run(values, options) };
}

function readOptions(
  command: Command,
  tokens: readonly Token[],
): { readonly options: { readonly [key: string]: unknown }; readonly taken: ReadonlySet<number> } {
  const keys = new Map(Object.keys(command.options).map((key) => [optionName(key), key]));
  const given = new Map<string, (string | undefined)[]>();
  const taken = new Set<number>();
  for (const [place, token] of tokens.entries()) {
    if (token.kind !== 'option') continue;
    const key = keys.get(token.name);
    const option = command.options[key ?? ''];
    if (key === undefined || option === undefined)
      throw unknownOption(token.rawName, [...keys.keys(), 'help']);
    let { value } = token;
    const { placeholder } = option;
    const next = tokens[place + 1];
    if (placeholder === undefined) {
      if (value !== undefined) throw new UsageError(`option '${optionTerm(key, option)}' takes no value`);
    } else if (isOptional(placeholder)) {
      if (value === undefined && next?.kind === 'positional' && next.index === token.index + 1) {
        value = next.value;
        taken.add(next.index);
      }
    } else if (value === undefined) {
      throw new UsageError(`option '${optionTerm(key, option)}' argument missing`);
    }
    given.set(key, [...(given.get(key) ?? []), value]);
  }
  checkConflicts(command.options, given);
  const options = Object.entries(command.options).map(([key, option]) => {
    const all = given.get(key) ?? [];
    // Each alone first, so that an error names the text it is about.
    for (const one of all)
      named(`option '${optionTerm(key, option)}' argument '${one}' is invalid.`, () => option.read([one]));
    return [key, option.read(all)] as const;
  });
  return { options: Object.fromEntries(options), taken };
}

function checkConflicts(options: OptionTable, given: ReadonlyMap<string, unknown>): void {
  for (const [key, option] of Object.entries(options)) {
    const other = option.conflicts;
    const excluded = options[other ?? ''];
    if (other === undefined || excluded === undefined || !given.has(key) || !given.has(other)) continue;
    throw new UsageError(
      `option '${optionTerm(key, option)}' cannot be used with option '${optionTerm(other, excluded)}'`,
    );
  }
}

function readArguments(command: Command, texts: readonly string[]): unknown[] {
  const { length } = command.arguments;
  if (texts.length > length) {
    const expected = `Expected ${length} argument${length === 1 ? '' : 's'} but got ${texts.length}.`;
    throw new UsageError(`too many arguments for '${command.name}'. ${expected}`);
  }
  return command.arguments.map(({ placeholder, parse }, index) => {
    const text = texts[index];
    const name = bareName(placeholder);
    if (text !== undefined) {
      return named(`command-argument value '${text}' is invalid for argument '${name}'.`, () => parse(text));
    }
    if (isOptional(placeholder)) return undefined;
    throw new UsageError(`missing required argument '${name}'`);
  });
}

function named<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidValueError) throw new UsageError(`${what} ${error.message}`, error.hint);
    throw error;
  }
}

function find(commands: readonly Command[], name: string): Command {
  const found = commands.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const meant = suggest(name, [...commands.map((candidate) => candidate.name), 'help']);
  throw new UsageError(`unknown command '${name}'`, meant);
}

function unknownOption(rawName: string, names: readonly string[]): UsageError {
  const meant = suggest(rawName, names);
  return new UsageError(`unknown option '${rawName}'`, meant === undefined ? undefined : `--${meant}`);
}

/** What the words are. Nothing is checked: the errors of Node do not know our commands. */
function tokenise(args: readonly string[], table: OptionTable, hasVersion: boolean) {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  if (hasVersion) options['version'] = { type: 'boolean', short: 'V' };
  for (const [key, { placeholder }] of Object.entries(table)) {
    // A value that can be left out is looked for afterwards.
    const hasValue = placeholder !== undefined && !isOptional(placeholder);
    options[optionName(key)] = { type: hasValue ? 'string' : 'boolean' };
  }
  return parseArgs({ args: [...args], options, strict: false, tokens: true }).tokens;
}
