/**
 * What is read of the projects of others: `npx tsx bench/readProjects.ts FOLDER... [--issues] [--json]`.
 *
 * Each FOLDER is a repository, or anything else with projects in it (one for each `project.godot`; without any it is one itself).
 * Besides what the scripts declare, annotations are counted by a search for `@rpc` and `[Rpc`: the two counts should be the same
 * but for scripts that the engine refuses. `--issues` prints what is wrong or unread. The table in docs/differential.md is made of it.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readFromFolder } from '../src/multiplayer.ts';
import { issueText, type Project, type ProjectScript, readProject } from '../src/project.ts';

interface Row {
  readonly folder: string;
  readonly commit: string;
  readonly projects: number;
  readonly gdscript: number;
  readonly csharp: number;
  readonly rpcs: number;
  readonly annotations: number;
  readonly refused: number;
  readonly unread: number;
  readonly resources: number;
  readonly refusedResources: number;
  readonly ms: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, issues: { type: 'boolean', default: false } },
});
if (positionals.length === 0)
  throw new Error('usage: npx tsx bench/readProjects.ts FOLDER... [--issues] [--json]');
const rows = positionals.map(rowOf);
const total: Row = { ...sumOf(rows), folder: 'all', commit: '' };
if (values.json) console.log(JSON.stringify([...rows, total], null, 1));
else
  console.table(
    [...rows, total].map((row) => ({ ...row, commit: row.commit.slice(0, 12), ms: Math.round(row.ms) })),
  );

function rowOf(folder: string): Row {
  const root = resolve(folder);
  const found = [...projectsIn(root)];
  const parts = (found.length === 0 ? [root] : found).map((path) => partOf(path));
  return { ...sumOf(parts), folder: basename(root), commit: commitOf(root) };
}

function partOf(folder: string): Row {
  const start = performance.now();
  const project = readProject(readFromFolder(folder));
  const ms = performance.now() - start;
  const scripts = [...project.scripts.values()];
  if (values.issues) for (const issue of project.issues) console.log(issue.kind, folder, issueText(issue));
  return {
    folder,
    commit: '',
    projects: 1,
    gdscript: scripts.filter(({ language }) => language === 'GDScript').length,
    csharp: scripts.filter(({ language }) => language === 'C#').length,
    rpcs: rpcsOf(scripts),
    annotations: annotationsIn(project),
    refused: scripts.filter(({ isValid }) => !isValid).length,
    unread: project.issues.filter(({ kind }) => kind === 'unread').length,
    resources: project.resources.size,
    refusedResources: project.issues.filter(({ kind, file }) => kind === 'error' && file.endsWith('.tres'))
      .length,
    ms,
  };
}

/** RPCs whose annotation stands in a file, those of inner classes included; inherited ones count where they are declared. */
function rpcsOf(scripts: readonly ProjectScript[]): number {
  const classes = scripts.flatMap((script) => [script, ...script.classes.values()]);
  const rpcs = classes.flatMap((each) => [...each.rpcs.values()]);
  return new Set(rpcs.map(({ declaredIn, name }) => `${declaredIn} ${name}`)).size;
}

/** Annotations outside of comments and strings, as far as a search can tell. */
function annotationsIn({ files }: Project): number {
  let count = 0;
  for (const path of files.list?.() ?? []) {
    const pattern = path.endsWith('.gd')
      ? /^[^#"'\n]*@rpc\b/gm
      : path.endsWith('.cs')
        ? /^\s*\[[^"\n]*\bRpc\b/gm
        : undefined;
    if (pattern !== undefined) count += [...(files(path) ?? '').matchAll(pattern)].length;
  }
  return count;
}

function* projectsIn(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'project.godot')) yield folder;
  for (const entry of entries)
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* projectsIn(join(folder, entry.name));
}

/** The commit of a repository. */
function commitOf(folder: string): string {
  const { stdout } = spawnSync('git', ['-C', folder, 'rev-parse', '--show-toplevel', 'HEAD'], {
    encoding: 'utf8',
  });
  const [top, commit = ''] = stdout.split('\n');
  return top === folder ? commit : '';
}

function sumOf(parts: readonly Row[]): Row {
  const sum = (of: (row: Row) => number): number => parts.reduce((all, row) => all + of(row), 0);
  return {
    folder: '',
    commit: '',
    projects: sum((row) => row.projects),
    gdscript: sum((row) => row.gdscript),
    csharp: sum((row) => row.csharp),
    rpcs: sum((row) => row.rpcs),
    annotations: sum((row) => row.annotations),
    refused: sum((row) => row.refused),
    unread: sum((row) => row.unread),
    resources: sum((row) => row.resources),
    refusedResources: sum((row) => row.refusedResources),
    ms: sum((row) => row.ms),
  };
}
