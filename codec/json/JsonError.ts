/** The error of the JSON parser (docs/protocol/variant-codec 8.1). Codes are listed in docs/errors.md. */

/**
 * What is wrong with a JSON text:
 *
 * - `ERR_JSON_SYNTAX`: the text is not JSON as Godot reads it.
 * - `ERR_JSON_TOO_DEEP`: a value lies deeper than the limit.
 * - `ERR_JSON_TOO_LARGE`: there are more elements than the limit.
 */
export type JsonErrorCode = 'ERR_JSON_SYNTAX' | 'ERR_JSON_TOO_DEEP' | 'ERR_JSON_TOO_LARGE';

/** Where and why a JSON text was refused. */
export interface JsonErrorDetails {
  /** Godot's words for it, such as `Expected ','`. Not stable. */
  readonly reason: string;
  /** Index of the offending UTF-16 unit; the length of the text when it ended too early. */
  readonly offset: number;
  /** Line of the offending character, from 1. Lines end with `\n`. */
  readonly line: number;
  /** Column of the offending character in UTF-16 units, from 1. */
  readonly column: number;
}

/** Thrown by `parseJson` for a text that Godot's JSON parser refuses. */
export class JsonError extends Error {
  /** Stable code; the message is not stable. */
  readonly code: JsonErrorCode;
  /** Godot's Error number: `ERR_PARSE_ERROR` 43, or `ERR_OUT_OF_MEMORY` 6 for a text beyond a limit. */
  readonly godotError: 43 | 6;
  /** Index of the offending UTF-16 unit. */
  readonly offset: number;
  /** Line of the offending character, from 1. */
  readonly line: number;
  /** Column of the offending character in UTF-16 units, from 1. */
  readonly column: number;

  /**
   * @param code - What is wrong.
   * @param details - Where, and the parser's words.
   */
  constructor(code: JsonErrorCode, details: JsonErrorDetails) {
    super(`${details.reason} at line ${details.line}, column ${details.column}`);
    this.name = 'JsonError';
    this.code = code;
    this.godotError = code === 'ERR_JSON_SYNTAX' ? 43 : 6;
    this.offset = details.offset;
    this.line = details.line;
    this.column = details.column;
  }
}
