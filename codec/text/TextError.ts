/** The error of the text parser (docs/protocol/variant-codec 9.4). Codes are listed in docs/errors.md. */

/**
 * What is wrong with a text:
 *
 * - `ERR_TEXT_SYNTAX`: it is no value as Godot's parser reads it.
 * - `ERR_TEXT_TOO_DEEP`: containers are nested deeper than the limit.
 * - `ERR_TEXT_TOO_LARGE`: the text is longer, or has more elements, than the limit.
 * - `ERR_TEXT_KEY_FLOOD`: number keys of a dictionary were chosen to collide.
 */
export type TextErrorCode =
  | 'ERR_TEXT_SYNTAX'
  | 'ERR_TEXT_TOO_DEEP'
  | 'ERR_TEXT_TOO_LARGE'
  | 'ERR_TEXT_KEY_FLOOD';

/** A place in a text. */
export interface TextPlace {
  /** Index of the UTF-16 unit; the length of the text for its end. */
  readonly offset: number;
  /** Line, from 1. Lines end with `\n`. */
  readonly line: number;
  /** Column in UTF-16 units, from 1. */
  readonly column: number;
}

/** Something that the parser did not take as written without refusing the text; the engine logs an error there. */
export interface TextIssue extends TextPlace {
  /** What was wrong and what was taken instead, for people. */
  readonly message: string;
}

/** Thrown by `strToVar` for a text that Godot's parser refuses, or that is beyond a limit. */
export class TextError extends Error {
  /** Stable code; the message is not stable. */
  readonly code: TextErrorCode;
  /** Godot's Error number: `ERR_PARSE_ERROR` 43, or `ERR_OUT_OF_MEMORY` 6 for a text beyond a limit. */
  readonly godotError: 43 | 6;
  /** What is wrong, without the place. Not stable. */
  readonly reason: string;
  /** Index of the offending UTF-16 unit; the length of the text when it ended too early. */
  readonly offset: number;
  /** Line of the offending character, from 1. Lines end with `\n`. */
  readonly line: number;
  /** Column of the offending character in UTF-16 units, from 1. */
  readonly column: number;

  /**
   * @param code - What is wrong.
   * @param reason - Words for people.
   * @param place - Where.
   */
  constructor(code: TextErrorCode, reason: string, place: TextPlace) {
    super(`${reason} at line ${place.line}, column ${place.column}`);
    this.name = 'TextError';
    this.code = code;
    this.godotError = code === 'ERR_TEXT_SYNTAX' ? 43 : 6;
    this.reason = reason;
    this.offset = place.offset;
    this.line = place.line;
    this.column = place.column;
  }
}

/** Finds lines and columns in one text. Going forward costs no more than one pass over the text altogether. */
export class TextLines {
  readonly #source: string;
  #line = 1;
  #lineStart = 0;
  #lineEnd: number;

  /** @param source - The text. */
  constructor(source: string) {
    this.#source = source;
    this.#lineEnd = source.indexOf('\n');
  }

  /** The place of an offset, 0 to the length of the text. */
  place(offset: number): TextPlace {
    if (offset < this.#lineStart) {
      this.#line = 1;
      this.#lineStart = 0;
      this.#lineEnd = this.#source.indexOf('\n');
    }
    while (this.#lineEnd >= 0 && this.#lineEnd < offset) {
      this.#line++;
      this.#lineStart = this.#lineEnd + 1;
      this.#lineEnd = this.#source.indexOf('\n', this.#lineStart);
    }
    return { offset, line: this.#line, column: offset - this.#lineStart + 1 };
  }
}
