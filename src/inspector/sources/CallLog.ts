/** The calls of SceneMultiplayers, each with a number that stays: kept only while somebody looks at them. */
import type { MultiplayerOps, ObservedCall } from '../../multiplayer/index.ts';
import { describeArgument } from '../../ops/internal.ts';
import type { CallRow, CallsMessage, CallsView } from '../protocol.ts';
import { oneLine } from './texts.ts';

/** Whose calls are kept. */
export interface CalledTree {
  readonly id: string | undefined;
  readonly ops: MultiplayerOps;
  keyOf(peerId: number): string | undefined;
}

/** See the head of this file. */
export class CallLog {
  readonly #trees: () => readonly CalledTree[];
  readonly #watched = new Map<MultiplayerOps, () => void>();
  /** A ring of {@link MAX_CALLS}. */
  readonly #rows: CallRow[] = [];
  /** What viewers who follow look for, the latest last: each call is looked at once for all of them. */
  readonly #searches = new Map<string, Search>();
  #end = 0;
  #isWatched = false;

  /** @param trees those of now. */
  constructor(trees: () => readonly CalledTree[]) {
    this.#trees = trees;
  }

  /** Whether calls are kept. What was kept is forgotten when they are not. */
  set isWatched(isWatched: boolean) {
    this.#isWatched = isWatched;
    this.refresh();
    if (isWatched) return;
    this.#rows.length = 0;
    this.#searches.clear();
  }

  /** Rooms come and go: to be called about once per second. */
  refresh(): void {
    const trees = this.#isWatched ? this.#trees() : [];
    const wanted = new Set(trees.map(({ ops }) => ops));
    for (const [ops, end] of this.#watched) {
      if (wanted.has(ops)) continue;
      end();
      this.#watched.delete(ops);
    }
    for (const tree of trees)
      if (!this.#watched.has(tree.ops))
        this.#watched.set(
          tree.ops,
          tree.ops.watchCalls((call) => this.#keep(tree, call)),
        );
  }

  /** What a viewer sees. @param isAgain whether it has the rows of an unchanged part already. */
  take(view: CallsView, isAgain: boolean): Omit<CallsMessage, 'type' | 'server' | 'methods'> {
    const words = (view.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const limit = view.limit ?? 50;
    const first = this.#end - this.#rows.length;
    const isFollowing = (view.position ?? 'end') === 'end';
    const rows: CallRow[] = isFollowing ? this.#latest(view.room, words, limit) : [];
    if (!isFollowing && !isAgain)
      for (
        let index = Math.max(first, Number(view.position));
        index < this.#end && rows.length < limit;
        index++
      )
        this.#take(index, view.room, words, rows);
    return { first, end: this.#end, isFollowing, ...((isFollowing || !isAgain) && { rows }) };
  }

  #latest(room: string | undefined, words: readonly string[], limit: number): CallRow[] {
    if (words.length === 0 && room === undefined) return this.#rows.slice(-limit);
    const name = JSON.stringify([room, ...words]);
    const first = this.#end - this.#rows.length;
    const search = this.#searches.get(name) ?? { next: 0, rows: [] };
    this.#searches.delete(name);
    this.#searches.set(name, search);
    for (const oldest of this.#searches.keys()) {
      if (this.#searches.size <= MAX_SEARCHES) break;
      this.#searches.delete(oldest);
    }
    for (let index = Math.max(first, search.next); index < this.#end; index++)
      this.#take(index, room, words, search.rows);
    search.next = this.#end;
    search.rows = search.rows.slice(-MAX_LIMIT).filter(({ index }) => index >= first);
    return search.rows.slice(-limit);
  }

  #take(index: number, room: string | undefined, words: readonly string[], rows: CallRow[]): void {
    const row = this.#rows[index - (this.#end - this.#rows.length)];
    if (row === undefined || (room !== undefined && row.room !== room)) return;
    if (words.length > 0) {
      const text =
        `${row.direction} ${row.peer} ${row.peerId} ${row.node}.${row.method}(${row.args})`.toLowerCase();
      if (!words.every((word) => text.includes(word))) return;
    }
    rows.push(row);
  }

  #keep({ id, keyOf }: CalledTree, { direction, peer, node, method, args }: ObservedCall): void {
    const shown = args.slice(0, MAX_ARGUMENTS).map(describeArgument).join(', ');
    this.#rows.push({
      index: this.#end++,
      timeMs: performance.timeOrigin + performance.now(),
      direction,
      peer: keyOf(peer) ?? String(peer),
      peerId: peer,
      ...(id !== undefined && { room: id }),
      node: node.getPath().toString() || node.name,
      method,
      args: oneLine(args.length > MAX_ARGUMENTS ? `${shown}, …` : shown),
    });
    if (this.#rows.length >= MAX_CALLS * 2) this.#rows.splice(0, MAX_CALLS);
  }
}

/** The latest calls that were found. */
interface Search {
  /** Index of the first call that was not looked at. */
  next: number;
  rows: CallRow[];
}

/** As many as there are viewers. */
const MAX_SEARCHES = 16;
/** Rows that a viewer may want. */
const MAX_LIMIT = 200;
/** Between this and twice as many are kept. */
const MAX_CALLS = 10_000;
const MAX_ARGUMENTS = 8;
