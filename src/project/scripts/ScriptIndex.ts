/** The scripts of a project: each is read once, when it is first needed. */
import type { ProjectFiles } from '../../../schema/index.ts';
import { ResourceReference } from '../../../schema/index.ts';
import { BinaryScriptError, readBinaryTokens, type Unzstd } from '../gdscript/binaryTokens.ts';
import { ClassValue, type Constant } from '../gdscript/constant.ts';
import type { ScriptDraft } from '../gdscript/draft.ts';
import { readScript, readTokens } from '../gdscript/readScript.ts';
import { type ProjectIssue, type ProjectIssueKind, type SourcePlace, unread } from '../issue.ts';
import { classesOf, describeClass, type OwnMembers, ownMembers } from './describeClass.ts';
import { type Budget, LinkedClass } from './LinkedClass.ts';
import type { ProjectClass, ProjectScript } from './projectScript.ts';

/** What an index is made of. */
export interface IndexDetails {
  /** The files. */
  readonly files: ProjectFiles;
  /** The `res://` paths of all scripts in GDScript. */
  readonly paths: readonly string[];
  /** A path for a `uid://` text; `''` for an unknown one. */
  readonly ensurePath: (pathOrUid: string) => string;
  /** Whether the engine has a class of this name, as far as is known. */
  readonly isNative: (name: string) => boolean;
  /** Undoes zstd, where this process can. */
  readonly unzstd: Unzstd | undefined;
  /** Takes what is wrong with files that are no scripts then. */
  readonly issue: (issue: ProjectIssue) => void;
}

/** One script. */
interface IndexedScript {
  readonly path: string;
  readonly draft: ScriptDraft;
  readonly root: LinkedClass;
  readonly issues: ProjectIssue[];
}

/** The scripts in GDScript of a project. */
export class ScriptIndex {
  readonly #details: IndexDetails;
  readonly #scripts = new Map<string, IndexedScript | undefined>();
  readonly #globals = new Map<string, IndexedScript>();
  readonly #members = new Map<LinkedClass, OwnMembers>();

  constructor(details: IndexDetails) {
    this.#details = details;
    for (const path of details.paths) {
      const script = this.#script(path);
      const name = script?.draft.className ?? '';
      if (script === undefined || name === '') continue;
      const other = this.#globals.get(name);
      if (other === undefined) this.#globals.set(name, script);
      else take(script, 'error', script.root.draft, `The class ${name} is in ${other.path}, too`);
    }
  }

  /** Everything that is known of all scripts, by path. */
  describe(): Map<string, ProjectScript> {
    const scripts = this.#details.paths.flatMap((path) => this.#script(path) ?? []);
    // First everything is looked up, then it is known which scripts the engine refuses.
    for (const script of scripts) for (const each of classesOf(script.root)) this.#membersOf(each, script);
    return new Map(scripts.map((script) => [script.path, this.#describe(script)]));
  }

  #describe(script: IndexedScript): ProjectScript {
    const isValid = this.#isValid(script);
    const members = (of: LinkedClass): OwnMembers => this.#members.get(of) ?? NO_MEMBERS;
    const all = [...classesOf(script.root)].map((each) => describeClass(each, members, isValid));
    const [root, ...inner] = all as [ProjectClass, ...ProjectClass[]];
    return {
      ...root,
      path: script.path,
      language: 'GDScript',
      className: script.draft.className,
      isTool: script.draft.root.isTool,
      isValid,
      classes: new Map(inner.map((each) => [each.name, each])),
      issues: script.issues.sort((a, b) => a.line - b.line || a.column - b.column),
    };
  }

  /** The engine refuses a script for its errors, and for those of what it extends. */
  #isValid(script: IndexedScript): boolean {
    const chain = new Set<IndexedScript>([script]);
    for (const each of classesOf(script.root))
      for (const at of each.line()) {
        const other = this.#scripts.get(at.path);
        if (other !== undefined) chain.add(other);
      }
    let isValid = !hasErrors(script);
    for (const other of chain) {
      if (other === script || !hasErrors(other)) continue;
      if (isValid)
        take(script, 'error', script.root.draft.extends ?? script.root.draft, `${other.path} has errors`);
      isValid = false;
    }
    return isValid;
  }

  #membersOf(owner: LinkedClass, script: IndexedScript): void {
    this.#members.set(
      owner,
      ownMembers(owner, (kind, place, message) => take(script, kind, place, message)),
    );
    // Says what is wrong with it.
    void owner.base;
  }

  #script(path: string): IndexedScript | undefined {
    const known = this.#scripts.get(path);
    if (known !== undefined || this.#scripts.has(path)) return known;
    const { files } = this.#details;
    const text = path.endsWith('.gd') ? files(path) : undefined;
    let script: IndexedScript | undefined;
    if (text !== undefined) {
      const isTooLong = text.length > LONGEST;
      script = this.#link(path, readScript(isTooLong ? '' : text));
      if (isTooLong)
        take(script, 'unread', { line: 1, column: 1 }, `It has more than ${LONGEST} characters: not read`);
    } else if (path.endsWith('.gd')) {
      const draft = this.#binary(path, files.bytes?.(path));
      script = draft === undefined ? undefined : this.#link(path, draft);
    }
    this.#scripts.set(path, script);
    return script;
  }

  /** A script that the export has made binary. */
  #binary(path: string, bytes: Uint8Array | undefined): ScriptDraft | undefined {
    if (bytes === undefined) return undefined;
    try {
      return readTokens(readBinaryTokens(bytes, this.#details.unzstd));
    } catch (error) {
      if (!(error instanceof BinaryScriptError)) throw error;
      this.#details.issue(unread(path, error.message));
      return undefined;
    }
  }

  #link(path: string, draft: ScriptDraft): IndexedScript {
    const issues: ProjectIssue[] = [];
    const budget: Budget = { left: BUDGET, depth: 0 };
    const root = new LinkedClass(draft.root, {
      path,
      budget,
      global: (name) => this.#globals.get(name)?.root,
      load: (wanted) => this.#load(path, wanted),
      isNative: this.#details.isNative,
      issue: (kind, place, message) => take(script, kind, place, message),
    });
    const script: IndexedScript = { path, draft, root, issues };
    for (const error of draft.errors) take(script, 'error', error, error.message);
    return script;
  }

  /** What `preload` of a path gives: a class for a script, else a resource; nothing for what is not there. */
  #load(from: string, wanted: string): Constant | undefined {
    const named = wanted.startsWith('uid://') ? this.#details.ensurePath(wanted) : wanted;
    if (named === '') return undefined;
    const path = named.includes('://') ? named : join(from.slice(0, from.lastIndexOf('/') + 1), named);
    if (path.endsWith('.gd')) {
      const script = this.#script(path);
      return script === undefined ? undefined : new ClassValue(script.root);
    }
    const className = /\.t?scn$/.test(path) ? 'PackedScene' : 'Resource';
    return new ResourceReference('ExtResource', '', { path, className });
  }
}

function take(script: IndexedScript, kind: ProjectIssueKind, place: SourcePlace, message: string): void {
  // The first error decides, however much could not be read.
  if (script.issues.length >= MOST_ISSUES && (kind === 'unread' || hasErrors(script))) return;
  const { line, column } = place;
  script.issues.push({ kind, file: script.path, line, column, message });
}

function hasErrors({ issues }: IndexedScript): boolean {
  return issues.some(({ kind }) => kind === 'error');
}

/** `res://a/` and `../b.gd` are `res://b.gd`. */
function join(folder: string, path: string): string {
  const parts = folder.slice('res://'.length).split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `res://${parts.join('/')}`;
}

const NO_MEMBERS: OwnMembers = { rpcs: new Map(), variables: [], signals: [], functions: new Map() };
/** Characters of a script; longer ones are data. */
const LONGEST = 4_194_304;
/** Steps that the constants of one script may take. */
const BUDGET = 1_000_000;
const MOST_ISSUES = 100;
