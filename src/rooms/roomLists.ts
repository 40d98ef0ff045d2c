/** Who watches lists of rooms, and what they are told. */
import { callGuarded, describe } from '../godot/internal.ts';
import {
  checkFilter,
  fits,
  ListWatch,
  type RoomFilter,
  type RoomListChanges,
  type RoomListing,
} from './listing.ts';
import type { RoomsContext } from './roomsContext.ts';

/** What lists ask of a room. */
export interface ListedRoom {
  readonly id: string;
  /** What they say of it; `undefined` for one that is in none. */
  listing(): RoomListing | undefined;
}

/** The lists of a RoomServer. */
export class RoomLists {
  readonly #rooms: ReadonlyMap<string, ListedRoom>;
  readonly #context: RoomsContext;
  readonly #watches = new Set<ListWatch>();
  /** Rooms that are listed otherwise than before. */
  readonly #changed = new Set<string>();

  /** @param rooms those there are, by id. */
  constructor(rooms: ReadonlyMap<string, ListedRoom>, context: RoomsContext) {
    this.#rooms = rooms;
    this.#context = context;
  }

  /** The rooms that a filter means. @throws TypeError or RangeError for what is no filter. */
  list(filter: RoomFilter): RoomListing[] {
    checkFilter(filter);
    return [...this.#rooms.values()]
      .map((room) => room.listing())
      .filter((listing) => listing !== undefined)
      .filter((listing) => fits(filter, listing));
  }

  /** Tells what there is, and what changes. @returns what ends it. @throws TypeError or RangeError for bad arguments. */
  watch(filter: RoomFilter, listener: (changes: RoomListChanges) => void): () => void {
    checkFilter(filter);
    if (typeof listener !== 'function')
      throw new TypeError(`"listener" expected a function, got ${describe(listener)}`);
    const watch = new ListWatch(filter, (changes) => {
      if (this.#watches.has(watch)) callGuarded(listener, [changes], this.#context.report, 'watchList');
    });
    this.#watches.add(watch);
    this.#tell(
      watch,
      [...this.#rooms].map(([id, room]) => [id, room.listing()]),
    );
    return () => this.#watches.delete(watch);
  }

  /** A room is listed otherwise than before, or is in no list any more. */
  changed(id: string): void {
    this.#changed.add(id);
  }

  /** Whether there are such rooms. */
  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** The rooms that are listed otherwise than when they were taken last. */
  takeChanged(): string[] {
    const ids = [...this.#changed];
    this.#changed.clear();
    return ids;
  }

  /** Tells what is listed of rooms now. */
  tell(ids: readonly string[]): void {
    const rooms = ids.map((id) => [id, this.#rooms.get(id)?.listing()] as const);
    for (const watch of [...this.#watches]) this.#tell(watch, rooms);
  }

  /** Filters and listeners of the application may throw. */
  #tell(watch: ListWatch, rooms: Parameters<ListWatch['update']>[0]): void {
    callGuarded(() => watch.update(rooms), [], this.#context.report, 'watchList');
  }
}
