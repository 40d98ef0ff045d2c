/**
 * Runs an ENetConnection: every event is taken as soon as there is one, and what handlers send leaves with the same
 * pass. enet-server-module section 1, and section 8 rows 1, 2 and 22.
 */
import type { Runtime, Timer } from '../enet/transport.ts';
import { ConnectionEventType } from '../godot/constants.ts';
import type { PeerLink, ServerLink } from './link.ts';

/** What a {@link ServiceLoop} works for. None of its functions may throw. */
export interface LoopHandler {
  /** A pass begins: emit what was put off until now. */
  onPass(): void;
  /** One event of the connection. Calling {@link ServiceLoop.stop} from here ends the pass. */
  onEvent(type: ConnectionEventType, peer: PeerLink, data: number, channel: number): void;
  /** The connection cannot go on, e.g. because its DTLS handshake failed. Missing: nothing is done about it. */
  onFailure?(): void;
}

/** Drives one connection until it is stopped. Give {@link ServiceLoop.onWake} to the connection. */
export class ServiceLoop {
  readonly #runtime: Runtime;
  readonly #handler: LoopHandler;
  #connection: ServerLink | undefined;
  #pollRateMs: number;
  #lastPass: number;
  #timer: Timer | undefined;

  constructor(runtime: Runtime, handler: LoopHandler, pollRateMs: number) {
    this.#runtime = runtime;
    this.#handler = handler;
    this.#pollRateMs = pollRateMs;
    this.#lastPass = runtime.now();
  }

  /** For the connection's option of the same name: something arrived, is due or was queued. */
  readonly onWake = (): void => this.#pass();

  /** Begins to take events. */
  start(connection: ServerLink): void {
    this.#connection = connection;
    this.#startTimer(this.#pollRateMs);
  }

  /** Sets the longest time between two passes, in ms. */
  setPollRate(pollRateMs: number): void {
    this.#pollRateMs = pollRateMs;
    if (this.#connection !== undefined) this.#startTimer(pollRateMs);
  }

  /** Ends the loop; no further event is handed out. The connection stays open. */
  stop(): void {
    this.#connection = undefined;
    this.#timer?.cancel();
  }

  #pass(): void {
    if (this.#connection === undefined) return;
    this.#lastPass = this.#runtime.now();
    this.#handler.onPass();
    // After a full pass the port wakes again by itself, because its last answer was an event.
    for (let count = 0; count < MAX_EVENTS_PER_PASS && this.#connection !== undefined; count++) {
      const event = this.#connection.service();
      const peer = event[1];
      if (peer === null) {
        if (event[0] === ConnectionEventType.EVENT_ERROR) this.#handler.onFailure?.();
        return;
      }
      this.#handler.onEvent(event[0], peer, event[2], event[3]);
    }
  }

  #startTimer(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#runtime.startTimer(delayMs, () => this.#onTimer());
  }

  #onTimer(): void {
    const idleMs = (this.#runtime.now() - this.#lastPass) >>> 0;
    if (idleMs >= this.#pollRateMs) this.#pass();
    if (this.#connection === undefined) return;
    const restMs = this.#pollRateMs - ((this.#runtime.now() - this.#lastPass) >>> 0);
    this.#startTimer(Math.max(1, restMs));
  }
}

/** A flood of packets may not keep timers and other sockets waiting for ever. */
const MAX_EVENTS_PER_PASS = 4096;
