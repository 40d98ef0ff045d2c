/** What was found in the files of a project that is not as it should be, or that this reader cannot read. */
import type { SceneTextError } from '../../schema/index.ts';

/** A place in a text. */
export interface SourcePlace {
  /** Line, from 1. */
  readonly line: number;
  /** Column in UTF-16 units, from 1. */
  readonly column: number;
}

/**
 * How bad an issue is: `'error'`: the engine refuses the file, or what a script inherits from; such a script has no RPCs.
 * `'unread'`: the engine may know what stands there, this reader does not.
 */
export type ProjectIssueKind = 'error' | 'unread';

/** One issue. */
export interface ProjectIssue extends SourcePlace {
  /** How bad it is. */
  readonly kind: ProjectIssueKind;
  /** The `res://` path of the file. */
  readonly file: string;
  /** What it is, for people. Not stable. */
  readonly message: string;
}

/** An issue as one line: `res://player.gd:3:1: what`. */
export function issueText({ file, line, column, message }: ProjectIssue): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** An issue of a whole file that cannot be read. */
export function unread(file: string, message: string): ProjectIssue {
  return { kind: 'unread', file, line: 1, column: 1, message };
}

/** An issue of a text that the engine refuses. */
export function refused({ file, line, column, reason }: SceneTextError): ProjectIssue {
  return { kind: 'error', file, line, column, message: reason };
}
