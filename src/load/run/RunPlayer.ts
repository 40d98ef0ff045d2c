/** One player of a run: from its first attempt to its end. */
import type { Timer } from '../../runtime/index.ts';
import { PlayerGoneError } from '../players/LoadPlayer.ts';
import type { LinkEvents, PlayerLink } from '../players/link.ts';
import type { TransportMeter } from '../players/meter.ts';
import { messageOf } from '../statistics/problems.ts';
import type { BotDriver } from './BotDriver.ts';
import type { Recorder } from './Recorder.ts';

/** How far a player is. */
export type PlayerState = 'joining' | 'playing' | 'failed' | 'lost' | 'left';

/** What a player needs of the run. */
export interface RunPlayerParts {
  readonly recorder: Recorder;
  readonly bot: BotDriver;
  readonly nowMs: () => number;
  readonly startTimer: (delayMs: number, callback: () => void) => Timer;
  /** How long it may take to join. */
  readonly joinTimeoutMs: number;
  /** Makes its connection. */
  readonly createLink: (player: RunPlayer, bot: BotDriver, events: LinkEvents) => PlayerLink;
}

/** One player. */
export class RunPlayer {
  /** 1 for the first. */
  readonly id: number;
  readonly #parts: RunPlayerParts;
  readonly #gone = new AbortController();
  #state: PlayerState = 'joining';
  #link: PlayerLink | undefined;
  #timer: Timer | undefined;

  constructor(id: number, parts: RunPlayerParts) {
    this.id = id;
    this.#parts = parts;
  }

  /** How far it is. */
  get state(): PlayerState {
    return this.#state;
  }

  /** Is aborted when it has left, or was lost. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** What is measured of its connection; `undefined` when there never was one. */
  get meter(): TransportMeter | undefined {
    return this.#link?.meter;
  }

  /** What of its bot is not done yet. */
  get pending(): ReadonlySet<Promise<void>> {
    return this.#parts.bot.pending;
  }

  /** Begins to join. */
  begin(): void {
    const { recorder, bot, nowMs, startTimer, joinTimeoutMs, createLink } = this.#parts;
    const beganAt = nowMs();
    try {
      this.#link = createLink(this, bot, {
        joined: () => {
          if (this.#state !== 'joining') return;
          this.#timer?.cancel();
          this.#state = 'playing';
          recorder.joined(nowMs() - beganAt);
          this.#play();
        },
        failed: (reason) => this.#fail(reason),
        lost: (reason) => this.#lose(reason),
        threw: (where, error) => recorder.threw(where, error),
      });
      if (bot.hasTicks) this.#link.eachTick((deltaSec) => this.#tick(deltaSec));
    } catch (error) {
      this.#fail(`it could not be made: ${messageOf(error)}`);
      return;
    }
    this.#timer = startTimer(joinTimeoutMs, () => {
      this.#fail(`not admitted in ${joinTimeoutMs} ms: ${this.#link?.progress() ?? ''}`);
    });
    this.#link.connect();
  }

  /** Leaves before the run ends, as the script wants it. The connection ends when its hooks are done, or have had their time. */
  leaveEarly(): void {
    this.leave();
    const timer = this.#parts.startTimer(LEAVE_MS, () => this.close());
    void Promise.all(this.pending).then(() => {
      timer.cancel();
      this.close();
    });
  }

  /** Leaves. {@link RunPlayer.close} ends the connection. */
  leave(): void {
    if (this.#state === 'joining') {
      this.#state = 'left';
      this.#timer?.cancel();
    } else if (this.#state === 'playing') {
      this.#state = 'left';
      this.#sayGoodbye();
    }
  }

  /** Ends its connection. */
  close(): void {
    this.#gone.abort(new PlayerGoneError('the player is gone'));
    this.#link?.close();
  }

  #play(): void {
    if (this.#link !== undefined) this.#parts.bot.joined(this.#link.player);
  }

  #tick(deltaSec: number): void {
    if (this.#state === 'playing' && this.#link !== undefined) {
      this.#parts.bot.tick(this.#link.player, deltaSec);
    }
  }

  #fail(reason: string): void {
    if (this.#state !== 'joining') return;
    this.#state = 'failed';
    this.#timer?.cancel();
    this.#parts.recorder.failed(reason);
    this.#closeLater();
  }

  #lose(reason: string): void {
    if (this.#state !== 'playing') return;
    this.#state = 'lost';
    this.#parts.recorder.lost(reason);
    this.#sayGoodbye();
    this.#closeLater();
  }

  #sayGoodbye(): void {
    this.#gone.abort(new PlayerGoneError('the player is gone'));
    if (this.#link !== undefined) this.#parts.bot.left(this.#link.player);
  }

  /** Not from inside of a signal of what is closed. */
  #closeLater(): void {
    this.#parts.startTimer(0, () => this.close());
  }
}

/** How long the hooks of players that leave may take, in ms. */
export const LEAVE_MS = 2000;
