/** Questions about values that `answers.gd` puts to the engine, and its answers. */
import { readFileSync } from 'node:fs';
import { bytes, hex } from '../../support/hex.ts';
import type { Godot4 } from './engine.ts';

/** What the engine says about an encoded value. */
export interface About {
  /** Bytes taken. */
  readonly size: number;
  /** `var_to_bytes` of what it understood. */
  readonly again: Uint8Array;
  readonly varToStr: string;
  readonly str: string;
  /** `from_native`, stringified with full precision in the engine's order. */
  readonly native: string;
  /** `stringify` of the value with other arguments each time. */
  readonly json: string;
  readonly jsonFull: string;
  readonly jsonIndented: string;
  readonly jsonIndentedFull: string;
}

/** Asks about encoded values: `undefined` for one that the engine does not decode. */
export async function askValues(
  godot: Godot4,
  encodings: readonly Uint8Array[],
): Promise<(About | undefined)[]> {
  const lines = await ask(
    godot,
    encodings.map((data) => `v ${hex(data)}`),
  );
  return lines.map((line) => {
    if (line === '-') return undefined;
    const [size, again, ...texts] = line.split(' ');
    const [varToStr = '', str = '', native = '', json = '', jsonFull = '', jsonIndented = '', last = ''] =
      texts.map((text) => UTF8.decode(bytes(text.slice(1))));
    return {
      size: Number(size),
      again: bytes((again ?? '').slice(1)),
      ...{ varToStr, str, native, json, jsonFull, jsonIndented, jsonIndentedFull: last },
    };
  });
}

/** How a text is read: `str_to_var`, `JSON.parse`, `JSON.parse` and then `to_native`. */
export type TextKind = 'variant' | 'json' | 'native';

/** Has the engine read texts: `var_to_bytes` of each, `undefined` for one that it does not parse. */
export async function askTexts(
  godot: Godot4,
  kind: TextKind,
  texts: readonly string[],
): Promise<(Uint8Array | undefined)[]> {
  const lines = await ask(
    godot,
    texts.map((text) => `${LETTERS[kind]} ${hex(UTF8_OUT.encode(text))}`),
  );
  return lines.map((line) => (line === '-' ? undefined : bytes(line.slice(1))));
}

async function ask(godot: Godot4, questions: readonly string[]): Promise<string[]> {
  const { reports, output, exitCode } = await godot.run({
    files: { 'main.gd': SCRIPT, 'questions.txt': `${questions.join('\n')}\n` },
    timeoutMs: 120_000,
  });
  const lines = reports.flatMap((report) => report.split('\n'));
  if (exitCode !== 0 || lines.length !== questions.length) {
    throw new Error(
      `${questions.length} questions, ${lines.length} answers, exit ${exitCode}:\n${output.slice(-20).join('\n')}`,
    );
  }
  return lines;
}

const SCRIPT = readFileSync(new URL('./answers.gd', import.meta.url), 'utf8');
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const UTF8_OUT = new TextEncoder();
const LETTERS: Readonly<Record<TextKind, string>> = { variant: 't', json: 'j', native: 'n' };
