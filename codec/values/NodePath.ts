/** NodePath of Godot 4 (variant-codec.md section 2.4). */

/** Godot's `NodePath`: names, subnames and whether it starts at the root. Immutable. */
export class NodePath {
  /** The node names in order. */
  readonly names: readonly string[];
  /** The subnames (resources and properties) in order. */
  readonly subnames: readonly string[];
  /** Whether the path starts with `/`. */
  readonly absolute: boolean;

  /**
   * Makes a path from its text as Godot's `NodePath(String)` does, or from its parts.
   * A text that Godot refuses (an empty subname) gives the empty path.
   * @throws TypeError for anything but a string or an array.
   */
  constructor(path?: string);
  constructor(names: readonly string[], subnames?: readonly string[], absolute?: boolean);
  constructor(
    pathOrNames: string | readonly string[] = '',
    subnames: readonly string[] = [],
    absolute = false,
  ) {
    if (typeof pathOrNames === 'string') {
      const parts = parse(pathOrNames);
      this.names = parts.names;
      this.subnames = parts.subnames;
      this.absolute = parts.absolute;
    } else if (!Array.isArray(pathOrNames)) {
      throw new TypeError(`"path" expected a string or an array of strings, got ${typeof pathOrNames}`);
    } else {
      this.names = pathOrNames;
      this.subnames = subnames;
      this.absolute = absolute;
    }
  }

  /** Whether names, subnames and the absolute flag are the same. */
  equals(other: NodePath): boolean {
    return (
      this.absolute === other.absolute &&
      sameTexts(this.names, other.names) &&
      sameTexts(this.subnames, other.subnames)
    );
  }

  /** Godot's `is_empty`: no names and not absolute, nor any subname. */
  isEmpty(): boolean {
    return this.names.length === 0 && this.subnames.length === 0 && !this.absolute;
  }

  /** The path as text, e.g. `/root/Main:position:x`. */
  toString(): string {
    const head = (this.absolute ? '/' : '') + this.names.join('/');
    const tail = this.subnames.join(':');
    // One empty subname leaves no trace in the engine's text.
    return tail === '' ? head : `${head}:${tail}`;
  }

  /** The path as text, for `JSON.stringify`. */
  toJSON(): string {
    return this.toString();
  }
}

interface Parts {
  readonly names: readonly string[];
  readonly subnames: readonly string[];
  readonly absolute: boolean;
}

const EMPTY: Parts = { names: [], subnames: [], absolute: false };

function parse(path: string): Parts {
  if (path === '') return EMPTY;
  const colon = path.indexOf(':');
  let subnames: string[] = [];
  if (colon >= 0) {
    subnames = path.slice(colon + 1).split(':');
    if (subnames[subnames.length - 1] === '') subnames.pop();
    if (subnames.includes('')) return EMPTY;
  }
  const head = colon >= 0 ? path.slice(0, colon) : path;
  const names = head.split('/').filter((name) => name !== '');
  return { names, subnames, absolute: path.startsWith('/') };
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
