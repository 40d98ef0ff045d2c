/** Projects of files in memory. */
import { type Project, readProject } from '../../src/project.ts';

/** A project of these files, by their paths without `res://`. */
export function projectOf(files: Readonly<Record<string, string>>): Project {
  const read = (path: string): string | undefined =>
    path.startsWith('res://') ? files[path.slice('res://'.length)] : undefined;
  const list = (): string[] => Object.keys(files).map((path) => `res://${path}`);
  return readProject(Object.assign(read, { list }));
}

/** What is wrong with a project, each in one line without the path. */
export function issuesOf(project: Project, kind?: 'error' | 'unread'): string[] {
  return project.issues
    .filter((issue) => issue.file !== 'res://project.godot' && (kind === undefined || issue.kind === kind))
    .map(({ line, message }) => `${line}: ${message}`);
}
