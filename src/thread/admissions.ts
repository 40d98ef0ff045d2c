/**
 * Strangers that wait until the application has decided about them, in bounded memory.
 * docs/decisions/0004-network-thread.md.
 */

import type { Address, ConnectAttempt } from '../enet/index.ts';

/** A question to the application. */
export interface Question {
  /** By which its answer names it, a u32. */
  readonly number: number;
  readonly from: Address;
  /** The last datagram of the attempt: an answer to an old one would spoil the remote's round-trip time. */
  datagram: Uint8Array;
}

/** The questions that have no answer yet. */
export class Admissions {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #graceMs: number;
  readonly #byNumber = new Map<number, Entry>();
  readonly #byAttempt = new Map<string, Entry>();
  readonly #perIp = new Map<string, number>();
  #last = 0;

  /**
   * @param max how many may wait at once.
   * @param maxPerAddress how many of one IP address.
   * @param graceMs when there is no room, who has not repeated its attempt for so long gives way.
   */
  constructor(max: number, maxPerAddress: number, graceMs: number) {
    this.#graceMs = graceMs;
    this.#max = max;
    this.#maxPerAddress = maxPerAddress;
  }

  /** How many wait. */
  get size(): number {
    return this.#byNumber.size;
  }

  /**
   * Whether an attempt waits for its answer already. Then this repetition of it is remembered in place of the last.
   *
   * @param now host time in ms.
   */
  repeats(from: Address, attempt: ConnectAttempt, now: number): boolean {
    const known = this.#byAttempt.get(keyOf(from, attempt));
    if (known === undefined) return false;
    known.question.datagram = new Uint8Array(attempt.datagram);
    known.seen = now;
    // Last seen, last in the order of the map.
    this.#byNumber.delete(known.question.number);
    this.#byNumber.set(known.question.number, known);
    return true;
  }

  /**
   * Remembers a new attempt, whose datagram is copied.
   *
   * @returns the question to ask; `undefined` when too many wait.
   */
  ask(from: Address, attempt: ConnectAttempt, now: number): Question | undefined {
    this.#forget(now, PATIENCE_MS, this.#byNumber.size);
    const sameIp = this.#perIp.get(from.ip) ?? 0;
    if (sameIp >= this.#maxPerAddress) return undefined;
    // As unfinished handshakes do: a flood of forged addresses may not keep everybody else out.
    if (this.#byNumber.size >= this.#max) this.#forget(now, this.#graceMs, 1);
    if (this.#byNumber.size >= this.#max) return undefined;
    this.#last = (this.#last + 1) >>> 0;
    const question = { number: this.#last, from, datagram: new Uint8Array(attempt.datagram) };
    const entry = { key: keyOf(from, attempt), question, seen: now };
    this.#byNumber.set(question.number, entry);
    this.#byAttempt.set(entry.key, entry);
    this.#perIp.set(from.ip, sameIp + 1);
    return question;
  }

  /** Takes the question that was answered; `undefined` when it was forgotten. */
  take(number: number): Question | undefined {
    const entry = this.#byNumber.get(number);
    if (entry !== undefined) this.#delete(entry);
    return entry?.question;
  }

  /** Forgets those who were not seen for so long, at most so many. */
  #forget(now: number, ageMs: number, count: number): void {
    let left = count;
    for (const entry of this.#byNumber.values()) {
      if (left-- <= 0 || (now - entry.seen) >>> 0 < ageMs) return;
      this.#delete(entry);
    }
  }

  #delete(entry: Entry): void {
    const { ip } = entry.question.from;
    this.#byNumber.delete(entry.question.number);
    this.#byAttempt.delete(entry.key);
    const left = (this.#perIp.get(ip) ?? 1) - 1;
    if (left > 0) this.#perIp.set(ip, left);
    else this.#perIp.delete(ip);
  }
}

function keyOf(from: Address, { connectId }: ConnectAttempt): string {
  return `${connectId} ${from.session} ${from.port} ${from.ip}`;
}

interface Entry {
  readonly key: string;
  readonly question: Question;
  seen: number;
}

/** The longest pause between two repetitions of a CONNECT is 16 s (enet-protocol 5.9): who is silent for longer is gone. */
const PATIENCE_MS = 32_000;
