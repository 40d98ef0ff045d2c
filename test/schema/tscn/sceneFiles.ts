/** The text scenes beside this file: written by hand, each with the document that is expected of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { SceneDocumentOptions } from '../../../schema/tscn/index.ts';

const FOLDER = new URL('./scenes/', import.meta.url);

/** The names of all scenes, e.g. `minimal.tscn`. */
export const SCENE_FILES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.tscn'))
  .sort();

/** The text of a scene. */
export function sceneFile(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** What is expected of a scene: the root of its document, and the issues as `file:line:column: message`. */
export function expectedScene(name: string): { readonly root: unknown; readonly issues: readonly string[] } {
  const { root, issues } = JSON.parse(readFileSync(new URL(name.replace('.tscn', '.json'), FOLDER), 'utf8'));
  return { root, issues };
}

/** Options under which `res://` is this folder. */
export function sceneOptions(name: string, issues: string[] = []): SceneDocumentOptions {
  return {
    file: `res://${name}`,
    resolve: (path) => {
      const url = new URL(path.replace('res://', ''), FOLDER);
      return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
    },
    onIssue: ({ file, line, column, message }) => issues.push(`${file}:${line}:${column}: ${message}`),
  };
}
