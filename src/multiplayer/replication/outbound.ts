/** What a synchronizer of ours has to send, worked out once for all peers. docs/protocol/scene-multiplayer 8.4. */
import type { Dialect } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import { sameBytes } from '../sameBytes.ts';
import { concat } from '../wire/compressedVariant.ts';
import { deltaEntry, syncEntry } from '../wire/statePacket.ts';
import { Resend } from './resend.ts';
import { encodeState, encodeStateValue } from './stateCodec.ts';
import type { StateProperty } from './stateProperty.ts';
import { WatchList } from './watchList.ts';

/** The whole state for one version, and entries of SYNC packets with it. */
interface Encoded {
  /** What was encoded: another list is another state, also of the same nodes. */
  properties: readonly StateProperty[];
  /** The revisions of the nodes that it was read from. */
  readonly revisions: number[];
  /** The bytes; a text says why there are none. */
  state: Uint8Array | string;
  /** By the number that a peer knows the synchronizer by. */
  readonly entries: Map<number, Uint8Array>;
}

/** The outgoing side of one synchronizer. It begins anew with its synchronizer. */
export class Outbound {
  /** Its watched properties. */
  readonly watch: WatchList;
  /** When its whole state is sent again to everybody. */
  readonly resend: Resend = new Resend();
  /** Whether its whole state is sent to everybody in this step. */
  isSending = false;
  /** Whether it was sent reliably the last time. */
  isFirm = false;
  /** The step in which it was last sent to everybody. */
  sentStep = 0;
  readonly #encoded = new Map<Dialect, Encoded>();
  /** Entries of changes of one step. */
  readonly #changes = new Map<string, Uint8Array | string | undefined>();
  #changesStep = 0;
  #dueStep = 0;
  #dueMs = 0;

  /** @param isStrict see `sameState`. */
  constructor(isStrict: boolean) {
    this.watch = new WatchList(isStrict);
  }

  /** Whether whole states are due in a step; `now` may wrap at 2^32, and be weeks later. The first question of a step decides. */
  isDue(step: number, now: number, intervalMs: number): boolean {
    if (this.#dueStep === step) return true;
    if (this.#dueStep !== 0 && (now - this.#dueMs) >>> 0 < intervalMs) return false;
    this.#dueStep = step;
    this.#dueMs = now;
    return true;
  }

  /**
   * Encodes the whole state for a version, unless no node of it has changed.
   *
   * @returns whether it is another one than before; the first one is none.
   */
  encode(root: MirrorNode, properties: readonly StateProperty[], dialect: Dialect): boolean {
    const known = this.#encoded.get(dialect);
    const revisions = known?.revisions ?? [];
    let isSettled = known?.properties === properties;
    for (const [i, property] of properties.entries()) {
      const revision = property.isGlobal ? ANY : (property.nodeIn(root)?.revision ?? NONE);
      if (revision !== revisions[i] || revision === ANY) isSettled = false;
      revisions[i] = revision;
    }
    if (isSettled) return false;
    revisions.length = properties.length;
    const state = encodeState(root, properties, dialect);
    if (known === undefined) {
      this.#encoded.set(dialect, { properties, revisions, state, entries: new Map() });
      // Who sees it has just begun to, and is sent it because of that.
      return false;
    }
    known.properties = properties;
    if (isSame(known.state, state)) return false;
    known.state = state;
    known.entries.clear();
    return true;
  }

  /** The bytes of the state that was encoded last for a version; a text says why there are none. */
  state(dialect: Dialect): Uint8Array | string {
    return this.#encoded.get(dialect)?.state ?? '';
  }

  /** An entry of a SYNC with this state: the same object for the same number, as long as the state is the same. */
  entry(netId: number, dialect: Dialect): Uint8Array | undefined {
    const encoded = this.#encoded.get(dialect);
    if (encoded === undefined || typeof encoded.state === 'string') return undefined;
    let entry = encoded.entries.get(netId);
    if (entry === undefined) {
      // Who is slow to load is told fresh numbers: over the months there are many.
      if (encoded.entries.size >= MOST_ENTRIES) encoded.entries.clear();
      entry = syncEntry(netId, encoded.state);
      encoded.entries.set(netId, entry);
    }
    return entry;
  }

  /** An entry of a DELTA with what has changed after a step; `undefined` for nothing, a text says why it cannot be sent. */
  changes(netId: number, since: number, step: number, dialect: Dialect): Uint8Array | string | undefined {
    if (this.#changesStep !== step) {
      this.#changesStep = step;
      this.#changes.clear();
    }
    const key = `${netId} ${since} ${dialect}`;
    if (this.#changes.has(key)) return this.#changes.get(key);
    const made = this.#makeChanges(netId, since, dialect);
    this.#changes.set(key, made);
    return made;
  }

  #makeChanges(netId: number, since: number, dialect: Dialect): Uint8Array | string | undefined {
    const changes = this.watch.changesSince(since);
    if (changes === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for (const value of changes.values) {
      const part = encodeStateValue(value, dialect);
      if (typeof part === 'string') return part;
      parts.push(part);
    }
    return deltaEntry(netId, changes.mask, concat(parts));
  }
}

function isSame(a: Uint8Array | string, b: Uint8Array | string): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : sameBytes(a, b);
}

/** Entries of one state that are kept: most peers know a synchronizer by the same number. */
const MOST_ENTRIES = 256;
/** In place of a revision: what may change without one, and no node. */
const ANY = -1;
const NONE = -2;
