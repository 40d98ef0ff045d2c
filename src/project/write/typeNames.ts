/** Names of types in TypeScript for the scripts and scenes of a project. */

/** Names, each given once: `Player` for `res://player.gd`, `UnitsPlayer` for `res://units/player.gd` when Player is taken. */
export class TypeNames {
  /** `TypedScript` is what others extend. */
  readonly #taken = new Set(['Typed']);

  /**
   * A name for a file.
   *
   * @param path - Its `res://` path.
   * @param wanted - What it calls itself; `''` for nothing.
   */
  take(path: string, wanted: string): string {
    const parts = path
      .slice('res://'.length)
      .replace(/\.[^./]*$/, '')
      .split('/')
      .map(pascalCase);
    const own = wanted === '' ? (parts.at(-1) ?? '') : pascalCase(wanted);
    const candidates = [
      own,
      ...parts.slice(0, -1).map(
        (_, i) =>
          parts
            .slice(0, -1)
            .slice(-1 - i)
            .join('') + own,
      ),
    ];
    let name = candidates.find((candidate) => !this.#taken.has(candidate));
    for (let i = 2; name === undefined; i++) if (!this.#taken.has(`${own}${i}`)) name = `${own}${i}`;
    this.#taken.add(name);
    return name;
  }
}

/** `my_player-2` is `MyPlayer2`. */
function pascalCase(text: string): string {
  const name = text
    .split(/[^\p{L}\p{Nd}]+/u)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
  return /^\p{L}/u.test(name) ? name : `Type${name}`;
}

/** A name of a member: as it is, or between quotes. */
export function memberName(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

/** A text between single quotes. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
