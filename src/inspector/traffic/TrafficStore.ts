/** The recorded traffic as viewers see it: the list of all datagrams, and up to eight filtered ones, which all viewers share. */
import type { DatagramRow, TrafficMessage, TrafficView } from '../protocol.ts';
import type { DatagramReader } from './DatagramReader.ts';
import type { DatagramRecord, DatagramRing } from './DatagramRing.ts';
import { FilterRun } from './FilterRun.ts';
import { readFilter } from './filter.ts';
import type { TrafficRecorder } from './TrafficRecorder.ts';

/** What a filter keeps at most. */
export const FILTER_BYTES = 16_777_216;
/** How many filters there are at most. */
export const MAX_FILTERS = 8;

/** See the head of this file. */
export class TrafficStore {
  readonly recorder: TrafficRecorder;
  readonly reader: DatagramReader;
  /** By their texts. */
  readonly #filters = new Map<string, FilterRun>();
  readonly #now: () => number;
  #lastId = 0;

  /** @param now the wall clock, ms with fractions. */
  constructor(recorder: TrafficRecorder, reader: DatagramReader, now: () => number) {
    this.recorder = recorder;
    this.reader = reader;
    this.#now = now;
  }

  /**
   * Records, or does not. What was recorded stays until it is too old, so that who opens the page again has it; the memory goes with it.
   */
  set isRecording(isRecording: boolean) {
    const { recorder } = this;
    if (isRecording) recorder.recordingSinceMs ??= this.#now();
    else recorder.recordingSinceMs = undefined;
  }

  /** To be called a few times per second: what is too old goes, filters look at what is new. */
  advance(): void {
    const { ring } = this.recorder;
    const now = this.#now();
    ring.expire(now);
    if (ring.first === ring.end) ring.clear();
    const share = FILTER_WORK_MS / Math.max(1, this.#filters.size);
    for (const run of this.#filters.values()) {
      if (now - run.usedMs > FILTER_IDLE_MS) this.#filters.delete(run.text);
      else run.advance(ring, this.reader, this.#now, this.#now() + share);
    }
  }

  /**
   * What a viewer sees.
   *
   * @param isAgain whether it has the rows of an unchanged part already.
   * @param missed datagrams of which nobody told, since a network thread had no room for them.
   */
  take(view: TrafficView, isAgain: boolean, missed = 0): TrafficMessage {
    const { ring, recordingSinceMs } = this.recorder;
    const text = (view.filter ?? '').trim();
    let run: FilterRun | undefined;
    let filterProblem: string | undefined;
    try {
      run = text === '' ? undefined : this.#runOf(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      filterProblem = error.message;
    }
    const list = run?.pinned ?? ring;
    const isFollowing = (view.position ?? 'end') === 'end';
    const limit = view.limit ?? DEFAULT_LIMIT;
    const from = isFollowing ? list.end - limit : Math.max(list.first, Number(view.position));
    const oldest = list.at(list.first);
    return {
      type: 'traffic',
      ...(run && {
        filter: { id: run.id, text, behind: run.behind(ring), pinnedBytes: run.pinned.bytes },
      }),
      ...(filterProblem !== undefined && { filterProblem }),
      first: list.first,
      end: filterProblem === undefined ? list.end : list.first,
      ...(oldest && { firstMs: oldest.timeMs }),
      isFollowing,
      ...(filterProblem !== undefined
        ? { rows: [] }
        : !isAgain && { rows: this.#rows(list, from, Math.min(list.end, from + limit)) }),
      ringBytes: ring.bytes,
      recordingSinceMs: recordingSinceMs ?? this.#now(),
      missed,
    };
  }

  /** A datagram by its number, in the ring or in what a filter keeps, and where it is. */
  find(number: number): { readonly ring: DatagramRing; readonly index: number } | undefined {
    for (const ring of [this.recorder.ring, ...[...this.#filters.values()].map(({ pinned }) => pinned)]) {
      const index = ring.indexOf(number);
      if (index !== undefined) return { ring, index };
    }
    return undefined;
  }

  /** The matches of a filter by its number; all datagrams without one; `undefined` when there is no such filter. */
  listOf(filterId: number | undefined): DatagramRing | undefined {
    if (filterId === undefined) return this.recorder.ring;
    return [...this.#filters.values()].find(({ id }) => id === filterId)?.pinned;
  }

  #rows(list: DatagramRing, from: number, to: number): DatagramRow[] {
    const rows: DatagramRow[] = [];
    for (let index = Math.max(from, list.first); index < to; index++) {
      const record: DatagramRecord | undefined = list.at(index);
      if (record !== undefined) rows.push({ ...this.reader.row(record), index });
    }
    return rows;
  }

  /** @throws RangeError for what is no filter. */
  #runOf(text: string): FilterRun {
    const known = this.#filters.get(text);
    const now = this.#now();
    if (known !== undefined) {
      known.usedMs = now;
      return known;
    }
    const { ring } = this.recorder;
    const run = new FilterRun(++this.#lastId, text, readFilter(text), FILTER_BYTES, ring.first);
    run.usedMs = now;
    if (this.#filters.size >= MAX_FILTERS) {
      const [oldest] = [...this.#filters.values()].sort((a, b) => a.usedMs - b.usedMs);
      if (oldest !== undefined) this.#filters.delete(oldest.text);
    }
    this.#filters.set(text, run);
    run.advance(ring, this.reader, this.#now, now + FIRST_WORK_MS);
    return run;
  }
}

const DEFAULT_LIMIT = 50;
/** What all filters together may take each time, so that they never hold up the game: those that cannot keep up lag behind, and say so. */
const FILTER_WORK_MS = 8;
const FIRST_WORK_MS = 12;
/** A filter at which nobody looks goes after the time that the ring keeps. */
const FILTER_IDLE_MS = 600_000;
