/** Which files the `uid://` texts of a project mean. */
import type { ProjectFiles } from './projectFiles.ts';

/** The uids of a project, as far as its files tell them. */
export class UidIndex {
  readonly #files: ProjectFiles;
  /** What files say of themselves. */
  readonly #paths = new Map<string, string>();
  /** What others say of them; they may have moved since. */
  readonly #hints = new Map<string, string>();
  #isWhole = false;

  constructor(files: ProjectFiles) {
    this.#files = files;
  }

  /** The `res://` path of a `uid://` text; `undefined` for an unknown one. */
  find(uid: string): string | undefined {
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

  #readAll(): void {
    this.#isWhole = true;
    for (const path of this.#files.list?.() ?? []) {
      const rule = RULES.find(([end]) => path.endsWith(end));
      const text = rule === undefined ? undefined : this.#files(path);
      if (rule === undefined || text === undefined) continue;
      const [end, pattern, isBeside] = rule;
      const uid = pattern.exec(text.slice(0, HEADING))?.[1];
      if (uid !== undefined) this.note(uid, isBeside ? path.slice(0, -end.length) : path);
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

/** How a name ends; where the uid is; whether it is that of the file beside, whose name has no such end. */
const RULES: readonly (readonly [end: string, pattern: RegExp, isBeside: boolean])[] = [
  ['.tscn', IN_HEADING, false],
  ['.tres', IN_HEADING, false],
  ['.uid', /^\s*(uid:\/\/\S+)/, true],
  ['.import', /^uid\s*=\s*"(uid:\/\/[^"]*)"/m, true],
];
