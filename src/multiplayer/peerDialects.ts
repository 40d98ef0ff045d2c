/**
 * Which Godot each peer is. docs/protocol/scene-multiplayer 12: a peer is asked by SIMPLIFY_PATH of the root, and the form of
 * its answer tells the versions up to 4.2 from the later ones; the transport may know more.
 */
import type { Dialect } from '../../codec/index.ts';
import type { ErrorReporter, VersionRange } from '../godot/index.ts';
import { callGuarded, describe } from '../godot/internal.ts';
import { readConfirmId, readConfirmPath } from './wire/systemPackets.ts';

/** What the application says about versions: one for all, or a question per peer. */
export type DialectOption = Dialect | ((peer: number) => Dialect | undefined);

/** What was learned of a peer's version. */
export interface PeerDialect {
  dialect: Dialect | undefined;
  /** The application said so: nothing is asked and nothing corrected. */
  readonly isGiven: boolean;
  /** Its packets have told which of the first versions it is. */
  isSettled?: true;
  /** What the transport takes the peer for. */
  readonly hint: VersionRange | undefined;
  /** The number in the question; 0 when nothing was asked or the answer is here. */
  probeId: number;
  readonly since: number;
}

/** The versions of the peers, as far as they are known. */
export class PeerDialects {
  readonly #option: DialectOption | undefined;
  readonly #report: ErrorReporter;
  readonly #peers = new Map<number, PeerDialect>();
  #asked = 0;

  /**
   * @param option what the application says.
   * @param report takes what its function throws; the version is not known then.
   */
  constructor(option: DialectOption | undefined, report: ErrorReporter) {
    this.#option = option;
    this.#report = report;
  }

  /** The version of a peer; `undefined` until it is known. */
  of(peer: number): Dialect | undefined {
    const { dialect } = this.#peers.get(peer) ?? {};
    return dialect ?? (typeof this.#option === 'string' ? this.#option : undefined);
  }

  /** Whether a peer has CONFIRM_PATH with the path in it: up to 4.2. */
  confirmsByPath(peer: number): boolean {
    const dialect = this.of(peer);
    return dialect !== undefined && dialect < '4.3';
  }

  /** Whether the numbers of a peer may stand for paths: 4.0 and 4.1, and what cannot be told from them. */
  mayNumberPaths(peer: number): boolean {
    const dialect = this.of(peer);
    return dialect !== undefined && dialect < '4.2';
  }

  /** Whether a peer that is taken for 4.0 may as well be 4.1 (or, where the transport knows nothing, 4.2). */
  mayBeNewer(peer: number): boolean {
    const known = this.#peers.get(peer);
    return known?.dialect === '4.0' && !known.isGiven && known.isSettled !== true;
  }

  /** The packets of a peer that may be several of the first versions have told which one it is. */
  settle(peer: number, dialect: Dialect): void {
    const known = this.#peers.get(peer);
    if (known === undefined || !this.mayBeNewer(peer)) return;
    known.dialect = dialect;
    known.isSettled = true;
  }

  /** Whether the version of a peer was asked for and is not known yet. */
  isAsked(peer: number): boolean {
    const known = this.#peers.get(peer);
    return known !== undefined && known.dialect === undefined;
  }

  /**
   * A peer was admitted.
   *
   * @param isAsking - Whether to ask it, unless the application knows.
   * @param hint what the transport takes it for; it counts as far as the answer does not contradict it.
   * @returns the number to ask with; 0 to ask nothing.
   */
  came(peer: number, isAsking: boolean, hint: VersionRange | undefined, now: number): number {
    const given = this.#given(peer);
    const isGiven = given !== undefined;
    if (!isGiven && !isAsking) {
      this.#peers.delete(peer);
      return 0;
    }
    const probeId = isGiven ? 0 : PROBE_FIRST + (this.#asked++ % PROBE_COUNT);
    this.#peers.set(peer, { dialect: given, isGiven, hint, probeId, since: now });
    return probeId;
  }

  /**
   * Looks whether a CONFIRM_PATH answers the question.
   *
   * @returns `undefined` when it is about something else; otherwise whether the version is news.
   */
  answered(peer: number, bytes: Uint8Array): 'new' | 'corrected' | 'known' | undefined {
    const known = this.#peers.get(peer);
    if (known === undefined || known.probeId === 0) return undefined;
    // 12: the length does not tell. No path of three characters has a last byte as the numbers of questions have it.
    const isById = readConfirmId(bytes) === known.probeId;
    if (!isById && readConfirmPath(bytes) !== ROOT) return undefined;
    const before = known.dialect;
    known.probeId = 0;
    const isKept = isById && before !== undefined && before >= BY_NUMBER.oldest;
    known.dialect = isKept ? before : oldestOf(isById ? BY_NUMBER : BY_PATH, known.hint);
    return before === undefined ? 'new' : known.dialect === before ? 'known' : 'corrected';
  }

  /**
   * Those who were asked so long ago that no answer is to be expected. From now on they are taken for 4.4 and later, unless the
   * transport knows them for older ones.
   */
  expire(now: number): number[] {
    const late: number[] = [];
    for (const [peer, known] of this.#peers) {
      if (known.dialect !== undefined || ((now - known.since) | 0) < ANSWER_MS) continue;
      const { hint } = known;
      known.dialect = hint !== undefined && hint.newest < '4.4' ? hint.oldest : '4.4';
      late.push(peer);
    }
    return late;
  }

  #given(peer: number): Dialect | undefined {
    const option = this.#option;
    if (typeof option !== 'function') return option;
    let given: Dialect | undefined;
    const ask = (): void => {
      const said = option(peer);
      if (said !== undefined) checkDialect(said);
      given = said;
    };
    callGuarded(ask, [], this.#report, 'dialect');
    return given;
  }

  /** A peer goes elsewhere, with what is known of its version. */
  release(peer: number): PeerDialect | undefined {
    const known = this.#peers.get(peer);
    this.#peers.delete(peer);
    return known;
  }

  /** A peer comes with what was learned of its version elsewhere. */
  arrive(peer: number, known: PeerDialect): void {
    this.#peers.set(peer, known);
  }

  /** A peer is gone. */
  forget(peer: number): void {
    this.#peers.delete(peer);
  }

  /** Everybody is gone. */
  clear(): void {
    this.#peers.clear();
  }
}

/** The oldest version that an answer stands for, and the transport as well, unless they contradict each other. */
function oldestOf(answer: VersionRange, hint: VersionRange | undefined): Dialect {
  // Names of versions sort as they came.
  const isWithin = hint !== undefined && hint.oldest > answer.oldest && hint.oldest <= answer.newest;
  return isWithin ? hint.oldest : answer.oldest;
}

/** Whether a SIMPLIFY_PATH asks for the version: nothing else has such numbers. */
export function isProbe(id: number, path: string): boolean {
  return path === ROOT && id >= PROBE_FIRST && id < PROBE_FIRST + PROBE_COUNT;
}

/** @throws RangeError for what is no version of Godot 4. */
export function checkDialect(dialect: unknown): void {
  if (typeof dialect !== 'string' || !/^4\.[0-7]$/.test(dialect))
    throw new RangeError(`"dialect" expected a version from '4.0' to '4.7', got ${describe(dialect)}`);
}

/** Who answers with the path. */
const BY_PATH: VersionRange = { oldest: '4.0', newest: '4.2' };
/** Who answers with the number. */
const BY_NUMBER: VersionRange = { oldest: '4.3', newest: '4.7' };
/** The path of the root. */
export const ROOT = '.';
/** How long an answer is waited for. */
const ANSWER_MS = 2000;
/** Numbers of questions: below bit 31, and far above those that nodes get. */
const PROBE_FIRST = 0x7000_0000;
const PROBE_COUNT = 0x0fff_ffff;
/** The last of them. */
export const TOP_QUESTION: number = PROBE_FIRST + PROBE_COUNT - 1;
