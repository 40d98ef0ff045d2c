/** All paths of a virtual network: the rules that were set, and one {@link Link} per direction that was used. */
import { given } from '../../options/internal.ts';
import { Link, type LinkConditions } from './conditions.ts';

/** The table. Addresses are canonical texts or `"*"` for any. */
export class LinkTable {
  readonly #base: LinkConditions;
  readonly #overrides = new Map<string, Partial<LinkConditions>>();
  readonly #blocks = new Set<string>();
  readonly #links = new Map<string, { readonly from: string; readonly to: string; readonly link: Link }>();

  /** @param base the conditions of a path that has none of its own. */
  constructor(base: LinkConditions) {
    this.#base = base;
  }

  /** The path from one address to another. */
  get(from: string, to: string): Link {
    const key = keyOf(from, to);
    let entry = this.#links.get(key);
    if (entry === undefined) {
      entry = { from, to, link: new Link(this.#base) };
      this.#links.set(key, entry);
      this.#refresh(entry.link, from, to);
    }
    return entry.link;
  }

  /** Sets conditions; what is not named stays. */
  setConditions(from: string, to: string, conditions: Partial<LinkConditions>): void {
    const key = keyOf(from, to);
    this.#overrides.set(key, { ...this.#overrides.get(key), ...given(conditions) });
    this.#refreshAll();
  }

  /** Cuts a path. */
  block(from: string, to: string): void {
    this.#blocks.add(keyOf(from, to));
    this.#refreshAll();
  }

  /** Undoes every {@link LinkTable.block}. */
  heal(): void {
    this.#blocks.clear();
    this.#refreshAll();
  }

  #refreshAll(): void {
    for (const { from, to, link } of this.#links.values()) {
      this.#refresh(link, from, to);
    }
  }

  /** The most specific rule counts: both ends, then the sender, then the receiver, then any. */
  #refresh(link: Link, from: string, to: string): void {
    const keys = [keyOf('*', '*'), keyOf('*', to), keyOf(from, '*'), keyOf(from, to)];
    link.conditions = Object.assign({}, this.#base, ...keys.map((key) => this.#overrides.get(key)));
    link.isBlocked = keys.some((key) => this.#blocks.has(key));
  }
}

function keyOf(from: string, to: string): string {
  return `${from} > ${to}`;
}
