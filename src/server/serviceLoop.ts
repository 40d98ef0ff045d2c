/**
 * Runs a network: every event is taken as soon as there is one, and what handlers send leaves with the same
 * pass. enet-server-module section 1, and section 8 rows 1, 2 and 22.
 */

import { ConnectionEventType } from '../godot/index.ts';
import type { Runtime, Timer } from '../runtime/index.ts';
import type { LinkEvent, PeerLink } from './link/link.ts';

/** Where a {@link ServiceLoop} takes events of `Peer`s. It need not wake twice for what came at once. */
export interface EventSource<Peer> {
  /** Takes one event. */
  service(): LinkEvent<Peer>;
}

/** What a {@link ServiceLoop} works for. None of its functions may throw. */
export interface LoopHandler<Peer> {
  /** A pass begins: emit what was put off until now. */
  onPass(): void;
  /** In how many ms a pass is due although nothing happens; `undefined`: in none. Missing: never. */
  nextPassMs?(now: number): number | undefined;
  /** One event of the connection. Calling {@link ServiceLoop.stop} from here ends the pass. */
  onEvent(type: ConnectionEventType, peer: Peer, data: number, channel: number): void;
  /** The connection cannot go on, e.g. because its DTLS handshake failed. Missing: nothing is done about it. */
  onError?(): void;
}

/** Drives one connection until it is stopped. Give {@link ServiceLoop.onWake} to the connection. */
export class ServiceLoop<Peer = PeerLink> {
  readonly #runtime: Runtime;
  readonly #handler: LoopHandler<Peer>;
  #connection: EventSource<Peer> | undefined;
  #pollRateMs: number;
  #timer: Timer | undefined;
  /** What a full pass left waits for the next one. */
  #rest: Timer | undefined;

  constructor(runtime: Runtime, handler: LoopHandler<Peer>, pollRateMs: number) {
    this.#runtime = runtime;
    this.#handler = handler;
    this.#pollRateMs = pollRateMs;
  }

  /** For the connection's option of the same name: something arrived, is due or was queued. */
  readonly onWake = (): void => this.#pass();

  /** Begins to take events. */
  start(connection: EventSource<Peer>): void {
    this.#connection = connection;
    this.#armTimer();
  }

  /** Sets how often, in ms, {@link LoopHandler.nextPassMs} may ask for a pass at most. */
  setPollRate(pollRateMs: number): void {
    this.#pollRateMs = pollRateMs;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armTimer();
  }

  /** Ends the loop; no further event is handed out. The connection stays open. */
  stop(): void {
    this.#connection = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dropRest();
  }

  #pass(): void {
    if (this.#connection === undefined) return;
    // A connection that wakes again by itself was first: one pass is enough.
    this.#dropRest();
    this.#handler.onPass();
    if (this.#takeEvents()) this.#rest ??= this.#runtime.startTimer(0, this.onWake);
    this.#armTimer();
  }

  #dropRest(): void {
    this.#rest?.cancel();
    this.#rest = undefined;
  }

  /** @returns whether there may be more: the pass was full. */
  #takeEvents(): boolean {
    for (let count = 0; count < MAX_EVENTS_PER_PASS && this.#connection !== undefined; count++) {
      const event = this.#connection.service();
      const peer = event[1];
      if (peer === null) {
        if (event[0] === ConnectionEventType.EVENT_ERROR) this.#handler.onError?.();
        return false;
      }
      this.#handler.onEvent(event[0], peer, event[2], event[3]);
    }
    return this.#connection !== undefined;
  }

  /** One timer at a time; it looks anew when it fires. The connection itself wakes for all that is due in the host. */
  #armTimer(): void {
    if (this.#connection === undefined || this.#timer !== undefined) return;
    const delayMs = this.#handler.nextPassMs?.(this.#runtime.now());
    if (delayMs === undefined) return;
    this.#timer = this.#runtime.startTimer(Math.max(this.#pollRateMs, delayMs), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    const delayMs = this.#handler.nextPassMs?.(this.#runtime.now());
    if (delayMs !== undefined && delayMs <= 0) this.#pass();
    else this.#armTimer();
  }
}

/** A flood of packets may not keep timers and other sockets waiting for ever. */
const MAX_EVENTS_PER_PASS = 4096;
