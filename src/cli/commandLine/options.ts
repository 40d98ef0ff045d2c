/** The options and arguments of a command, as tables that say how they are read. */
import { suggest } from '../../../options/internal.ts';

/** What was wrong with one text; the message ends the line that names option and text. */
export class InvalidValueError extends Error {
  override readonly name: string = 'InvalidValueError';
  /** What was meant, when there is a guess. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Reads one text. @throws InvalidValueError for a bad one. */
export type Parse<T> = (text: string) => T;

/** An option. Its name is the key that it has in the table, in kebab-case. */
export interface OptionDefinition<out T> {
  /** For people. */
  readonly help: string;
  /** What stands for its value in the help, with `<>` or, when it can be left out, `[]`; `undefined` for a flag. */
  readonly placeholder?: string;
  /** The only texts that it takes. */
  readonly choices?: readonly string[];
  /** What the help names as the default. */
  readonly shownDefault?: string | number;
  /** The key of an option that excludes this one. */
  readonly conflicts?: string;
  /** From what was given, in order, to the value. `undefined` in the list: given without a value. */
  readonly read: (given: readonly (string | undefined)[]) => T;
}

/** What an option with a value can be told. */
export interface ValueSpec {
  /** What stands for the value: `<N>`, or `[N]` when it can be left out. */
  readonly placeholder: string;
  /** For people. */
  readonly help: string;
  /** The key of an option that excludes this one. */
  readonly conflicts?: string;
}

/** An argument by its place. */
export interface ArgumentDefinition<out T> {
  /** `<NAME>`, or `[NAME]` when it can be left out. */
  readonly placeholder: string;
  /** For people. */
  readonly help: string;
  /** The only texts that it takes. */
  readonly choices?: readonly string[];
  /** Reads it; not asked when it was left out. */
  readonly parse: Parse<T>;
}

/** An argument that has to be there. */
export function argument<T>(name: string, help: string, parse: Parse<T>): ArgumentDefinition<T> {
  return { placeholder: `<${name}>`, help, parse };
}

/** An argument that can be left out, `undefined` then. */
export function optionalArgument<T>(
  name: string,
  help: string,
  parse: Parse<T>,
): ArgumentDefinition<T | undefined> {
  return { placeholder: `[${name}]`, help, parse };
}

/** An argument that is one of a few texts. */
export function choiceArgument<const T extends string>(
  name: string,
  help: string,
  choices: readonly T[],
): ArgumentDefinition<T> {
  return { ...argument(name, help, oneOf(choices)), choices };
}

/** An option without a value. */
export function flag(help: string): OptionDefinition<boolean> {
  return { help, read: (given) => given.length > 0 };
}

/** An option with a value, `undefined` when not given. Given twice, the last one counts. */
export function value<T>(spec: ValueSpec, parse: Parse<T>): OptionDefinition<T | undefined> {
  return { ...spec, read: (given) => texts(given).map(parse).at(-1) };
}

/** An option with a value that has a default. */
export function valueOr<T extends string | number>(
  spec: ValueSpec,
  otherwise: T,
  parse: Parse<T>,
): OptionDefinition<T> {
  return { ...spec, shownDefault: otherwise, read: (given) => texts(given).map(parse).at(-1) ?? otherwise };
}

/** An option that may be repeated. */
export function values<T>(spec: ValueSpec, parse: Parse<T>): OptionDefinition<readonly T[] | undefined> {
  return { ...spec, read: (given) => (given.length === 0 ? undefined : texts(given).map(parse)) };
}

/** An option that takes one of a few texts. */
export function choice<const T extends string>(
  spec: ValueSpec,
  choices: readonly T[],
): OptionDefinition<T | undefined> {
  return { ...value(spec, oneOf(choices)), choices };
}

/** An option that takes one of a few texts and has a default. */
export function choiceOr<const T extends string>(
  spec: ValueSpec,
  choices: readonly T[],
  otherwise: T,
): OptionDefinition<T> {
  return { ...valueOr(spec, otherwise, oneOf(choices)), choices };
}

/** An option whose value can be left out, which then means `bare`. */
export function optionalChoice<const T extends string>(
  spec: ValueSpec,
  choices: readonly T[],
  bare: T,
): OptionDefinition<T | undefined> {
  const parse = oneOf(choices);
  return {
    ...spec,
    choices,
    read: (given) => given.map((text) => (text === undefined ? bare : parse(text))).at(-1),
  };
}

/** A text as it is. */
export const asText: Parse<string> = (text) => text;

function oneOf<T extends string>(choices: readonly T[]): Parse<T> {
  return (text) => {
    const found = choices.find((candidate) => candidate === text);
    if (found === undefined)
      throw new InvalidValueError(`Allowed choices are ${choices.join(', ')}.`, suggest(text, choices));
    return found;
  };
}

/** The reader sees to it that an option which needs a value has one. */
function texts(given: readonly (string | undefined)[]): string[] {
  return given.map((text) => text ?? '');
}
