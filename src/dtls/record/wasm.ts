/** Just enough of an assembler for a WebAssembly module of integer arithmetic. WebAssembly Core 2.0, chapter 5. */

/** Instructions, encoded; nested as they are put together. An expression leaves one value, a statement none. */
export type Code = readonly (number | Code)[];

/** An i64 constant, signed or unsigned. */
export function i64(value: bigint): Code {
  return [0x42, signed(BigInt.asIntN(64, value))];
}

/** An i32 constant. */
export function i32(value: number): Code {
  return [0x41, signed(BigInt(value))];
}

/** The value of a local variable. */
export function get(local: number): Code {
  return [0x20, unsigned(local)];
}

/** Gives a local variable a value. */
export function set(local: number, value: Code): Code {
  return [value, 0x21, unsigned(local)];
}

/** Applies a binary instruction from the left: `(a op b) op c`. */
export function chain(op: number, first: Code, ...others: readonly Code[]): Code {
  return [first, others.map((value) => [value, op])];
}

/** Whether an i64 is zero, as an i32. */
export function isZero(value: Code): Code {
  return [value, 0x50];
}

/** An i32 as an i64, unsigned. */
export function extend(value: Code): Code {
  return [value, 0xad];
}

/** Reads 64 bits, little-endian, at an address of any alignment. */
export function load64(address: Code, offset = 0): Code {
  return [address, 0x29, 0, unsigned(offset)];
}

/** Writes 64 bits, little-endian, at an address of any alignment. */
export function store64(address: Code, value: Code, offset = 0): Code {
  return [address, value, 0x37, 0, unsigned(offset)];
}

/** Runs the body, and again as long as the condition, an i32, is not zero after it. */
export function repeatWhile(body: Code, condition: Code): Code {
  return [0x03, NO_RESULT, body, condition, 0x0d, 0, END];
}

/** Runs the body if the condition, an i32, is not zero. */
export function when(condition: Code, body: Code): Code {
  return [condition, 0x04, NO_RESULT, body, END];
}

/** Calls a function of the module. */
export function call(index: number, args: readonly Code[]): Code {
  return [args, 0x10, unsigned(index)];
}

/** Binary instructions. */
export const Op = {
  I32_LT_U: 0x49,
  I32_ADD: 0x6a,
  I32_AND: 0x71,
  I64_MUL: 0x7e,
  I64_AND: 0x83,
  I64_OR: 0x84,
  I64_XOR: 0x85,
  I64_SHL: 0x86,
  I64_SHR_U: 0x88,
  I64_ROTL: 0x89,
} as const;

/** The types of numbers. */
export const Type = { I32: 0x7f, I64: 0x7e } as const;

/** A function of a module. */
export interface WasmFunction {
  /** Under which name it is exported; missing: it is not. */
  readonly name?: string;
  /** The types of its parameters, which are its first local variables. */
  readonly parameters: readonly number[];
  /** The types of its results. */
  readonly results: readonly number[];
  /** How many variables of the type i64 follow the parameters. */
  readonly locals: number;
  /** What it does. */
  readonly body: Code;
}

/** The bytes of a module with one page (64 KiB) of memory, which cannot grow and is exported as `memory`. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const exported = functions.flatMap(({ name }, index) =>
    name === undefined ? [] : [[text(name), 0, unsigned(index)]],
  );
  const types = functions.map(({ parameters, results }) => [0x60, list([...parameters]), list([...results])]);
  const bodies = functions.map(({ locals, body }) =>
    sized([list([[unsigned(locals), Type.I64]]), body, END]),
  );
  return Uint8Array.from(
    flat([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, types),
      section(
        3,
        functions.map((_, index) => unsigned(index)),
      ),
      section(5, [[1, 1, 1]]),
      section(7, [[text('memory'), 2, 0], ...exported]),
      section(10, bodies),
    ]),
  );
}

function section(id: number, entries: Code): Code {
  return [id, sized(list(entries))];
}

function list(entries: Code): Code {
  return [unsigned(entries.length), entries];
}

function text(name: string): Code {
  return list([...Buffer.from(name)]);
}

/** Code behind its length. */
function sized(code: Code): Code {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
}

function flat(code: Code, out: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === 'number') out.push(part);
    else flat(part, out);
  }
  return out;
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, unsigned(value >>> 7)];
}

/** LEB128 with a sign. */
function signed(value: bigint): Code {
  const low = Number(value & 0x7fn);
  const rest = value >> 7n;
  const isLast = rest === ((low & 0x40) === 0 ? 0n : -1n);
  return isLast ? [low] : [low | 0x80, signed(rest)];
}

/** The type of a block that leaves no value. */
const NO_RESULT = 0x40;
const END = 0x0b;
