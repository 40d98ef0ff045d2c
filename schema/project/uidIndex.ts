/** Which files the `uid://` texts of a project mean. */
import type { ProjectFiles } from './projectFiles.ts';
import { readUidCache, UID_CACHE } from './uidCache.ts';

/** The uids of a project, as far as its files tell them. */
export class UidIndex {
  readonly #files: ProjectFiles;
  readonly #onProblem: (path: string, problem: string) => void;
  /** What an export says; the engine asks nothing else then. */
  #exported: ReadonlyMap<string, string> | undefined;
  /** What files say of themselves. */
  readonly #paths = new Map<string, string>();
  /** What others say of them; they may have moved since. */
  readonly #hints = new Map<string, string>();
  #isWhole = false;

  /** @param onProblem - Hears of files that should say a uid and do not, once they are read. */
  constructor(files: ProjectFiles, onProblem: (path: string, problem: string) => void = () => undefined) {
    this.#files = files;
    this.#onProblem = onProblem;
  }

  /** The `res://` path of a `uid://` text; `undefined` for an unknown one. */
  find(uid: string): string | undefined {
    this.#exported ??= this.#readCache();
    const exported = this.#exported.get(uid);
    if (exported !== undefined) return exported;
    if (!this.#paths.has(uid) && !this.#isWhole) this.#readAll();
    return this.#paths.get(uid) ?? this.#hints.get(uid);
  }

  /** Notes what a file says of itself. */
  note(uid: string, path: string): void {
    if (uid !== '') this.#paths.set(uid, path);
  }

  /** Notes under which path another file knows a resource. */
  hint(uid: string, path: string): void {
    if (uid !== '') this.#hints.set(uid, path);
  }

  #readCache(): ReadonlyMap<string, string> {
    const bytes = this.#files.bytes?.(UID_CACHE);
    if (bytes === undefined) return new Map();
    const { paths, problem } = readUidCache(bytes);
    if (problem !== '') this.#onProblem(UID_CACHE, problem);
    return paths;
  }

  #readAll(): void {
    this.#isWhole = true;
    for (const path of this.#files.list?.() ?? []) {
      const rule = RULES.find(([end]) => path.endsWith(end));
      const text = rule === undefined ? undefined : this.#files(path);
      if (rule === undefined || text === undefined) continue;
      const [end, pattern, isBeside] = rule;
      const uid = pattern.exec(text.slice(0, HEADING))?.[1];
      if (uid !== undefined) this.note(uid, isBeside ? path.slice(0, -end.length) : path);
      else if (end === UID_FILE) this.#onProblem(path, 'Expected a text that begins with uid://');
    }
  }
}

/** The uid that the heading of a text scene or resource says, `''` for none. */
export function uidOf(text: string): string {
  return IN_HEADING.exec(text.slice(0, HEADING))?.[1] ?? '';
}

/** As much of a file as is looked at: headings are short. */
const HEADING = 4096;
const IN_HEADING = /^\ufeff?(?:\s|;[^\n]*\n)*\[gd_(?:scene|resource)\s[^\]]*?\buid\s*=\s*"(uid:\/\/[^"]*)"/;

const UID_FILE = '.uid';
/** How a name ends; where the uid is; whether it is that of the file beside, whose name has no such end. */
const RULES: readonly (readonly [end: string, pattern: RegExp, isBeside: boolean])[] = [
  ['.tscn', IN_HEADING, false],
  ['.tres', IN_HEADING, false],
  [UID_FILE, /^\s*(uid:\/\/\S+)/, true],
  ['.import', /^uid\s*=\s*"(uid:\/\/[^"]*)"/m, true],
];
