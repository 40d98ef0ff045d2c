/**
 * The errors of the codec. Every `code` is listed in docs/errors.md and is API; messages are not.
 * Godot's own error numbers (variant-codec.md section 0) travel along as `godotError`.
 */

/** Godot's Error numbers, as far as the codec meets them (`@GlobalScope.Error`). */
export const GodotError = {
  /** No error. */
  OK: 0,
  /** A script or resource without a usable path. */
  ERR_UNAVAILABLE: 2,
  /** A full object arrived and objects are not allowed. */
  ERR_UNAUTHORIZED: 4,
  /** Too deep or too large. */
  ERR_OUT_OF_MEMORY: 6,
  /** A damaged file. */
  ERR_FILE_CORRUPT: 16,
  /** A string runs past the end of the data. */
  ERR_FILE_EOF: 18,
  /** Malformed bytes. */
  ERR_INVALID_DATA: 30,
  /** A value that cannot be written. */
  ERR_INVALID_PARAMETER: 31,
  /** Text that does not parse. */
  ERR_PARSE_ERROR: 43,
  /** Something that cannot happen. */
  ERR_BUG: 47,
} as const;

/** What a {@link DecodeError} is made of besides its code. */
export interface DecodeErrorDetails {
  /** Byte (or character) position at which decoding stopped. */
  readonly offset: number;
  /** Godot's error number for the same input. Default ERR_INVALID_DATA (30). */
  readonly godotError?: number;
  /** Godot's name of the type being read, e.g. `VECTOR3`. Default `NIL`. */
  readonly type?: string;
  /** How many bytes were needed, where that is known. */
  readonly need?: number;
  /** How many bytes were left, where that is known. */
  readonly have?: number;
  /** Words for people, put behind the code. */
  readonly message?: string;
}

/** Bytes or text that the codec refuses. The only error that decoding throws because of its input. */
export class DecodeError extends Error {
  /** Stable code, listed in docs/errors.md. */
  readonly code: string;
  /** Byte (or character) position at which decoding stopped. */
  readonly offset: number;
  /** Godot's error number for the same input. */
  readonly godotError: number;
  /** Godot's name of the type being read. */
  readonly type: string;
  /** Bytes needed, if known. */
  readonly need: number | undefined;
  /** Bytes left, if known. */
  readonly have: number | undefined;

  /** Makes the error; the message is built from the details. */
  constructor(code: string, details: DecodeErrorDetails) {
    const type = details.type ?? 'NIL';
    let text = `${code}: ${type} at offset ${details.offset}`;
    if (details.message !== undefined) text += `: ${details.message}`;
    if (details.need !== undefined) text += ` (needed ${details.need} bytes, ${details.have ?? 0} left)`;
    super(text);
    this.name = 'DecodeError';
    this.code = code;
    this.offset = details.offset;
    this.godotError = details.godotError ?? GodotError.ERR_INVALID_DATA;
    this.type = type;
    this.need = details.need;
    this.have = details.have;
  }
}

/** What an {@link EncodeError} is made of besides its code. */
export interface EncodeErrorDetails {
  /** Where the value sits, e.g. `$.items[3]`; `$` is the value given. */
  readonly path: string;
  /** Godot's error number. Default ERR_INVALID_PARAMETER (31). */
  readonly godotError?: number;
  /** Words for people, put behind the code. */
  readonly message: string;
  /** The error that lies behind this one, if any. */
  readonly cause?: unknown;
}

/** A JavaScript value that has no Variant form, or none under the options given. */
export class EncodeError extends Error {
  /** Stable code, listed in docs/errors.md. */
  readonly code: string;
  /** Where the value sits, e.g. `$.items[3]`; `$` is the value given. */
  readonly path: string;
  /** Godot's error number. */
  readonly godotError: number;

  /** Makes the error; the message is built from the details. */
  constructor(code: string, details: EncodeErrorDetails) {
    super(
      `${code}: ${details.path}: ${details.message}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = 'EncodeError';
    this.code = code;
    this.path = details.path;
    this.godotError = details.godotError ?? GodotError.ERR_INVALID_PARAMETER;
  }
}

/**
 * Whether an error is the engine's complaint that the call stack is full. Values nest up to 1024 deep, which a caller
 * that is far down its own stack may have no room for; that must come out as an error of the codec.
 */
export function isStackOverflow(error: unknown): boolean {
  // V8 and JavaScriptCore throw a RangeError, SpiderMonkey an InternalError; only the message tells. (A regular expression
  // would need stack itself.)
  return (
    error instanceof Error &&
    (error.name === 'RangeError' || error.name === 'InternalError') &&
    (error.message.includes('call stack') || error.message.includes('recursion'))
  );
}

/** Runs something that walks a value; a full call stack comes out as an EncodeError. */
export function withStackErrors<T>(walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (isStackOverflow(error)) throw stackError(error);
    throw error;
  }
}

/** The EncodeError of a full call stack. */
export function stackError(cause: unknown): EncodeError {
  return new EncodeError('ERR_ENCODE_DEPTH', {
    path: '$',
    godotError: GodotError.ERR_OUT_OF_MEMORY,
    message: STACK_MESSAGE,
    cause,
  });
}

/** What depth errors say when it is the stack that ends, not the limit. */
export const STACK_MESSAGE = 'nested deeper than the call stack has room for here';
