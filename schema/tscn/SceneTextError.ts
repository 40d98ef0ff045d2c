/** The error of text scenes (docs/protocol/variant-codec 9.5). Codes are listed in docs/errors.md. */
import type { TextErrorCode, TextPlace } from '../../codec/index.ts';

/**
 * What is wrong with a text scene, besides the codes of `TextError` for its values:
 *
 * - `ERR_TSCN_FORMAT`: it is no text scene, or of a newer format.
 * - `ERR_TSCN_HEADING`: a heading that is unknown, or not allowed at its place.
 * - `ERR_TSCN_FIELD`: a field of a heading is missing or has a value of another type.
 * - `ERR_TSCN_RESOURCE`: a reference to a resource that the file does not have.
 * - `ERR_TSCN_PARENT`: a root with a parent, or a second node without one.
 * - `ERR_TSCN_INSTANCE`: scenes that contain each other, or are nested too deep.
 * - `ERR_TSCN_MISSING`: a scene, or a file that it needs, is not among the project's files.
 * - `ERR_TSCN_TOO_LARGE`: more nodes, or deeper ones, than the limits.
 */
export type SceneTextErrorCode =
  | TextErrorCode
  | 'ERR_TSCN_FORMAT'
  | 'ERR_TSCN_HEADING'
  | 'ERR_TSCN_FIELD'
  | 'ERR_TSCN_RESOURCE'
  | 'ERR_TSCN_PARENT'
  | 'ERR_TSCN_INSTANCE'
  | 'ERR_TSCN_MISSING'
  | 'ERR_TSCN_TOO_LARGE';

/** A place in one of the files that a scene is made of. */
export interface ScenePlace extends TextPlace {
  /** The `res://` path, or whatever name the file was read under; `''` when it has none. */
  readonly file: string;
}

/** Something that was not taken as written without refusing the scene. */
export interface SceneTextIssue extends ScenePlace {
  /** What was wrong and what was done instead, for people. */
  readonly message: string;
}

/** A text scene that is refused. */
export class SceneTextError extends Error {
  /** Stable code; the message is not stable. */
  readonly code: SceneTextErrorCode;
  /** What is wrong, without the place. Not stable. */
  readonly reason: string;
  /** The file, `''` when it has no name. */
  readonly file: string;
  /** Index of the offending UTF-16 unit. */
  readonly offset: number;
  /** Line, from 1. Lines end with `\n`. */
  readonly line: number;
  /** Column in UTF-16 units, from 1. */
  readonly column: number;

  /**
   * @param code - What is wrong.
   * @param reason - Words for people.
   * @param place - Where.
   */
  constructor(code: SceneTextErrorCode, reason: string, place: ScenePlace) {
    super(`${place.file === '' ? '' : `${place.file}:`}${place.line}:${place.column}: ${reason}`);
    this.name = 'SceneTextError';
    this.code = code;
    this.reason = reason;
    this.file = place.file;
    this.offset = place.offset;
    this.line = place.line;
    this.column = place.column;
  }
}
