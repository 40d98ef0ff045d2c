/** Scripts in binary form, as the editor exports them for Godot 4.5 and later; `interop/godot4/stubs` has the engine load them. */
import { Float, NodePath, StringName, type VariantValue, varToBytes } from '../../codec/index.ts';
import { createCompressor } from '../../src/io/internal.ts';
import { TOKEN_TYPES } from '../../src/project/gdscript/binaryTokens.ts';
import { type Token, tokenize } from '../../src/project/gdscript/tokens.ts';

/** A `.gdc` of a script. @param zstd - Compresses it. */
export function binaryScript(
  source: string,
  zstd?: (bytes: Uint8Array) => Uint8Array,
  format: number = 101,
): Uint8Array {
  const names: string[] = [];
  const constants: VariantValue[] = [];
  const tokens = tokenize(source).tokens.slice(0, -1).flatMap(asEngine);
  const written = tokens.map((token) => {
    const [type, index] = typeOf(token, names, constants);
    return joined([u32((type | 0x80 | (index << 8)) >>> 0), u32(token.line)]);
  });
  const starts = tokens.flatMap(({ indent, line }, i) =>
    indent >= 0 && i > 0 ? [[i, line, indent + 1]] : [],
  );
  const content = joined([
    ...[names.length, constants.length, starts.length, tokens.length].map(u32),
    ...names.map(nameOf),
    ...constants.map((value) => varToBytes(value)),
    ...starts.map(([i = 0, line = 0]) => joined([u32(i), u32(line)])),
    ...starts.map(([i = 0, , column = 0]) => joined([u32(i), u32(column)])),
    ...written,
  ]);
  const head = [new TextEncoder().encode('GDSC'), u32(format)];
  return joined(
    zstd === undefined ? [...head, u32(0), content] : [...head, u32(content.length), zstd(content)],
  );
}

/** Compresses bytes, after `prepareZstd()`. */
export function zstd(bytes: Uint8Array): Uint8Array {
  const output = new Uint8Array(bytes.length + 1024);
  const size = createCompressor(4)?.compress(bytes, 0, bytes.length, output, 0, output.length);
  return output.slice(0, size);
}

/** `:=` is two tokens there. */
function asEngine(token: Token): Token[] {
  if (token.kind !== 'symbol' || token.text !== ':=') return [token];
  return [
    { ...token, text: ':' },
    { ...token, text: '=', indent: -1 },
  ];
}

function typeOf({ kind, text, number }: Token, names: string[], constants: VariantValue[]): [number, number] {
  const constant = (value: VariantValue): [number, number] => [3, constants.push(value) - 1];
  if (kind === 'annotation') return [1, names.push(`@${text}`) - 1];
  if (kind === 'int') return constant(typeof number === 'bigint' ? number : BigInt(number));
  if (kind === 'float') return constant(new Float(Number(number)));
  if (kind === 'string') return constant(text);
  if (kind === 'stringName') return constant(new StringName(text));
  if (kind === 'nodePath') return constant(new NodePath(text));
  if (text === 'true' || text === 'false') return constant(text === 'true');
  if (text === 'null') return constant(null);
  const type = TOKEN_TYPES.indexOf(text);
  if (type >= 0) return [type, 0];
  if (kind !== 'name') throw new Error(`no type for ${kind} ${text}`);
  return [2, names.push(text) - 1];
}

function nameOf(name: string): Uint8Array {
  const codes = [...name].map((c) => c.codePointAt(0) ?? 0);
  return joined([u32(codes.length), ...codes.map((code) => u32((code ^ 0xb6b6b6b6) >>> 0))]);
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
