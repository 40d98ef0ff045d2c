/** The errors of scenes as JSON. Every `code` is listed in docs/errors.md and is API; messages are not. */

/** Why a scene document was refused. */
export type SceneErrorCode = 'ERR_SCENE_SCHEMA' | 'ERR_SCENE_VALUE' | 'ERR_SCENE_NODE' | 'ERR_SCENE_DEPTH';

/** One thing that is wrong with a document. */
export interface SceneIssue {
  /** Where: `$` is the document, `$.root.children[2].name` a name in it. */
  readonly path: string;
  /** What was expected there, and what came. */
  readonly message: string;
}

/** A scene document that is refused. Nothing was made of it. */
export class SceneError extends Error {
  /** Stable code, listed in docs/errors.md. */
  readonly code: SceneErrorCode;
  /** Where the first thing is wrong, e.g. `$.root.children[2].name`. */
  readonly path: string;
  /** Everything that was found; at least one. */
  readonly issues: readonly SceneIssue[];

  /** Makes the error; the message is built from the first issue. */
  constructor(code: SceneErrorCode, issues: readonly [SceneIssue, ...SceneIssue[]]) {
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
    super(`${code}: ${issues[0].path}: ${issues[0].message}${more}`);
    this.name = 'SceneError';
    this.code = code;
    this.path = issues[0].path;
    this.issues = issues;
  }
}
