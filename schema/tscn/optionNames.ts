/**
 * What the functions for text scenes can be told, all of them: each reads what is meant for it, and those that make documents
 * hand their options on to those that read.
 */
export const SCENE_OPTION_NAMES = {
  file: true,
  maxLength: true,
  maxElements: true,
  onIssue: true,
  resolve: true,
  maxNodes: true,
  maxInstances: true,
  maxTreeDepth: true,
  classes: true,
  keepInstances: true,
} as const;
