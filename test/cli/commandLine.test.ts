/** The reader of the command line: every shape of words, and what it says of wrong ones. */
import { describe, expect, test } from 'vitest';
import { suggest } from '../../options/suggest.ts';
import {
  argument,
  asText,
  type Command,
  choice,
  command,
  flag,
  InvalidValueError,
  optionalArgument,
  optionalChoice,
  type Program,
  UsageError,
  value,
  valueOr,
  values,
} from '../../src/cli/commandLine/index.ts';
import { readCommandLine } from '../../src/cli/commandLine/read.ts';

const calls: unknown[] = [];

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidValueError('expected a number.');
  return Number(text);
}

function make(name: string, commands: readonly Command[] = []): Command {
  return command({
    name,
    summary: '',
    description: '',
    notes: '',
    commands,
    arguments: [argument('FROM', '', asText), optionalArgument('TO', '', count)],
    options: {
      isLoud: flag(''),
      port: value({ placeholder: '<N>', help: '' }, count),
      size: valueOr({ placeholder: '<N>', help: '' }, 7, count),
      tag: values({ placeholder: '<TAG>', help: '' }, asText),
      key: optionalChoice({ placeholder: '[BITS]', help: '', conflicts: 'curve' }, ['1', '2'], '1'),
      curve: choice({ placeholder: '<CURVE>', help: '' }, ['a', 'b']),
    },
    run: async (args, options) => {
      calls.push([name, args, options]);
    },
  });
}

const program: Program = {
  name: 'tool',
  description: '',
  version: '1',
  commands: [make('copy', [make('check')]), make('move')],
};
const DEFAULTS = {
  isLoud: false,
  port: undefined,
  size: 7,
  tag: undefined,
  key: undefined,
  curve: undefined,
};

async function run(...args: string[]): Promise<unknown> {
  const request = readCommandLine(program, args);
  if (request.kind !== 'run') return request;
  await request.run();
  return calls.pop();
}

describe('what is read', () => {
  test.each<[string[], unknown[]]>([
    [
      ['copy', 'a'],
      ['copy', ['a', undefined], {}],
    ],
    [
      ['copy', 'a', '5'],
      ['copy', ['a', 5], {}],
    ],
    [
      ['copy', '--port', '80', 'a'],
      ['copy', ['a', undefined], { port: 80 }],
    ],
    [
      ['copy', 'a', '--port=80', '--port=81'],
      ['copy', ['a', undefined], { port: 81 }],
    ],
    [
      ['copy', '--is-loud', 'a', '--size', '1'],
      ['copy', ['a', undefined], { isLoud: true, size: 1 }],
    ],
    [
      ['copy', 'a', '--tag', '--is-loud', '--tag=y'],
      ['copy', ['a', undefined], { tag: ['--is-loud', 'y'] }],
    ],
    [
      ['copy', 'a', '--key'],
      ['copy', ['a', undefined], { key: '1' }],
    ],
    [
      ['copy', 'a', '--key', '2'],
      ['copy', ['a', undefined], { key: '2' }],
    ],
    [
      ['copy', 'a', '--key=2', '3'],
      ['copy', ['a', 3], { key: '2' }],
    ],
    [
      ['copy', '--key', '--is-loud', 'a'],
      ['copy', ['a', undefined], { key: '1', isLoud: true }],
    ],
    [
      ['copy', '-', '--', '7'],
      ['copy', ['-', 7], {}],
    ],
    [
      ['copy', '--', '--is-loud'],
      ['copy', ['--is-loud', undefined], {}],
    ],
    [
      ['copy', '--', 'check'],
      ['copy', ['check', undefined], {}],
    ],
    [
      ['copy', 'check', 'a'],
      ['check', ['a', undefined], {}],
    ],
    [
      ['copy', '--port', '1', 'check', 'a'],
      ['check', ['a', undefined], { port: 1 }],
    ],
    [
      ['copy', 'a', '9'],
      ['copy', ['a', 9], {}],
    ],
  ])('%j', async (args, [name, values, options]) => {
    expect(await run(...args)).toEqual([name, values, { ...DEFAULTS, ...(options as object) }]);
  });

  test.each([
    [['--version'], { kind: 'version' }],
    [['-V'], { kind: 'version' }],
    [['-h'], { kind: 'help', path: 'tool' }],
    [['help'], { kind: 'help', path: 'tool' }],
    [['help', 'copy', 'check'], { kind: 'help', path: 'tool copy check' }],
    [['copy', '--help'], { kind: 'help', path: 'tool copy' }],
    [['copy', '--nonsense', 'check', '-h'], { kind: 'help', path: 'tool copy check' }],
  ])('%j', async (args, request) => {
    expect(await run(...args)).toMatchObject(request);
  });
});

describe('what is wrong', () => {
  test.each([
    [['copi'], "unknown command 'copi'", 'copy'],
    [['help', 'mov'], "unknown command 'mov'", 'move'],
    [['teleport'], "unknown command 'teleport'", undefined],
    [['--is-loud', 'copy'], "unknown option '--is-loud'", undefined],
    [['--versoin'], "unknown option '--versoin'", '--version'],
    [['copy', 'a', '--is-luod'], "unknown option '--is-luod'", '--is-loud'],
    [['copy', 'a', '--constructor'], "unknown option '--constructor'", undefined],
    [['copy', 'a', '-p'], "unknown option '-p'", undefined],
    [['copy', 'a', '-V'], "unknown option '-V'", undefined],
    [['copy', 'a', '--no-is-loud'], "unknown option '--no-is-loud'", '--is-loud'],
    [['copy', 'a', '--is-loud=yes'], "option '--is-loud' takes no value", undefined],
    [['copy', 'a', '--port'], "option '--port <N>' argument missing", undefined],
    [['copy', 'a', '--port='], "option '--port <N>' argument '' is invalid. expected a number.", undefined],
    [
      ['copy', 'a', '--port', 'x', '--port', '1'],
      "option '--port <N>' argument 'x' is invalid. expected a number.",
      undefined,
    ],
    [
      ['copy', 'a', '--key', '3'],
      "option '--key [BITS]' argument '3' is invalid. Allowed choices are 1, 2.",
      undefined,
    ],
    [
      ['copy', 'a', '--key', '--curve', 'a'],
      "option '--key [BITS]' cannot be used with option '--curve <CURVE>'",
      undefined,
    ],
    [['copy'], "missing required argument 'FROM'", undefined],
    [
      ['copy', 'a', 'b'],
      "command-argument value 'b' is invalid for argument 'TO'. expected a number.",
      undefined,
    ],
    [['copy', 'a', '1', '2'], "too many arguments for 'copy'. Expected 2 arguments but got 3.", undefined],
  ])('%j', async (args, message, hint) => {
    const error: unknown = await run(...args).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message, hint });
  });

  test.each([
    ['--checksom', ['checksum', 'compression'], 'checksum'],
    ['disect', ['doctor', 'dissect'], 'dissect'],
    ['snece', ['scene'], 'scene'],
    ['xy', ['ab'], undefined],
    ['x'.repeat(100_000), ['checksum'], undefined],
  ])('a guess for %j', (word, candidates, guess) => {
    expect(suggest(word, candidates)).toBe(guess);
  });
});
