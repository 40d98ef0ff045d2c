/** What the parts of a RoomServer have of the world: a clock that does not wrap, secrets, and where lines and errors go. */
import type { ErrorReporter } from '../godot/index.ts';
import { callGuarded } from '../godot/internal.ts';
import type { Runtime } from '../runtime/index.ts';
import { Elapsed } from '../runtime/internal.ts';
import { TickMoments } from './roomLoop.ts';
import type { RoomRefusal } from './roomRefusals.ts';

/** The part of a runtime that rooms use. */
export type RoomsRuntime = Pick<Runtime, 'now' | 'random32' | 'startTimer'>;

/** The world of one RoomServer. */
export class RoomsContext {
  readonly runtime: RoomsRuntime;
  /** When rooms tick. */
  readonly tickMoments: TickMoments = new TickMoments();
  /** Takes what functions of the application throw. */
  readonly report: ErrorReporter;
  readonly #onTrace: ((line: string) => void) | undefined;
  readonly #refusals = new Map<RoomRefusal, number>();
  readonly #elapsed: Elapsed;

  constructor(runtime: RoomsRuntime, report: ErrorReporter, onTrace: ((line: string) => void) | undefined) {
    this.runtime = runtime;
    this.report = report;
    this.#onTrace = onTrace;
    this.#elapsed = new Elapsed(() => runtime.now());
  }

  /** Milliseconds since it was made. */
  now(): number {
    return this.#elapsed.now();
  }

  /** A text that nobody can guess. */
  newSecret(): string {
    return Array.from({ length: 4 }, () => this.runtime.random32().toString(16).padStart(8, '0')).join('');
  }

  /** An id for a player who did not say who it is. */
  newGuest(): string {
    return `guest-${this.newSecret().slice(0, 16)}`;
  }

  /** Six letters and digits, none of which looks like another. */
  newCode(): string {
    return Array.from({ length: CODE_LENGTH }, () => CODE_LETTERS[this.#below(CODE_LETTERS.length)]).join('');
  }

  /** Counts what is turned away, and tells it. */
  refuse(reason: RoomRefusal, line: string): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
    this.trace(line);
  }

  /** How often a reason came up. */
  refused(reason: RoomRefusal): number {
    return this.#refusals.get(reason) ?? 0;
  }

  /** A line for a human. */
  trace(line: string): void {
    if (this.#onTrace !== undefined) callGuarded(this.#onTrace, [line], this.report, 'onTrace');
  }

  /** An integer below a number, each as likely as the others. */
  #below(limit: number): number {
    const most = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const random = this.runtime.random32();
      if (random < most) return random % limit;
    }
  }
}

const CODE_LENGTH = 6;
const CODE_LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
