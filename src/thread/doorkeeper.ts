/**
 * Who may connect to the host of a thread: the rules first, then the question to the application, whose answer comes
 * later. docs/decisions/0004-network-thread.md.
 */

import { given } from '../../options/internal.ts';
import { type Address, type ConnectAttempt, ConnectGate, DEFAULT_HOST_OPTIONS } from '../enet/index.ts';
import type { RemoteHostOptions } from '../runtime/index.ts';
import { Admissions, type Question } from './admissions.ts';

/** What a {@link Doorkeeper} asks of its thread. */
export interface DoorkeeperOwner {
  /** Host time in ms. */
  now(): number;
  /** Whether nothing more can be asked now. */
  isFull(): boolean;
  /** Asks the application. */
  ask(question: Question, connectData: number): void;
  /** Somebody had to be turned away, because too many questions wait. */
  refused(): void;
}

/** Decides for `HostOptions.admit`. */
export class Doorkeeper {
  /** The rules; `undefined`: everybody may connect. */
  readonly gate: ConnectGate | undefined;
  readonly #asks: boolean;
  readonly #owner: DoorkeeperOwner;
  readonly #admissions: Admissions;

  /** @throws RangeError for a prefix that is none. */
  constructor(options: RemoteHostOptions, owner: DoorkeeperOwner) {
    const limits = { ...DEFAULT_HOST_OPTIONS, ...given(options.host) };
    this.gate = options.rules === undefined ? undefined : new ConnectGate(options.rules);
    this.setOpen(options.isOpen ?? true);
    this.#asks = options.asksAdmission ?? false;
    this.#owner = owner;
    this.#admissions = new Admissions(
      limits.maxHalfOpen,
      limits.maxHalfOpenPerAddress,
      limits.halfOpenGraceMs,
    );
  }

  /** Opens or closes the door. */
  setOpen(isOpen: boolean): void {
    if (this.gate !== undefined) this.gate.isOpen = isOpen;
  }

  /** @returns the decision; `undefined` when the application was asked. */
  admit(from: Address, connectData: number, attempt: ConnectAttempt): boolean | undefined {
    const now = this.#owner.now();
    // A repetition of an attempt that waits for its answer is not a new one.
    if (this.#asks && this.#admissions.repeats(from, attempt, now)) return undefined;
    if (this.gate?.admits(from, now) === false) return false;
    if (!this.#asks) return true;
    const question = this.#owner.isFull() ? undefined : this.#admissions.ask(from, attempt, now);
    if (question === undefined) {
      this.#owner.refused();
      return false;
    }
    this.#owner.ask(question, connectData);
    return undefined;
  }

  /** Takes the question that was answered; `undefined` when it was forgotten. */
  take(question: number): Question | undefined {
    return this.#admissions.take(question);
  }
}
