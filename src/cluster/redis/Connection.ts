/** Keeps a session with the server: makes the next one when it ends, for ever, and tells when there is none. */

import type { Timer } from '../../runtime/index.ts';
import { BusError } from '../busErrors.ts';
import type { RedisSettings } from './options.ts';
import { loadRedis, type RedisModule } from './redisModule.ts';
import { Session, type Subscription } from './Session.ts';

export class Connection {
  readonly #redis: RedisModule;
  readonly #settings: RedisSettings;
  readonly #subscriptions = new Set<Subscription>();
  readonly #onState: (isUp: boolean) => void;
  /** What was reported of this outage. */
  readonly #reported = new Set<string>();
  #session: Session | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  #attempts = 0;

  private constructor(redis: RedisModule, settings: RedisSettings, onState: (isUp: boolean) => void) {
    this.#redis = redis;
    this.#settings = settings;
    this.#onState = onState;
  }

  /**
   * @param onState called when the server stops answering, and when it answers again.
   * @throws (rejects with) PackageUnavailableError, RangeError for a server that does not suit, BusError DOWN.
   */
  static async open(settings: RedisSettings, onState: (isUp: boolean) => void): Promise<Connection> {
    const connection = new Connection(await loadRedis(), settings, onState);
    try {
      await connection.#connect();
    } catch (cause) {
      throw cause instanceof RangeError || cause instanceof BusError ? cause : down(cause);
    }
    return connection;
  }

  /** Whether the server answers. */
  get isUp(): boolean {
    return this.#session !== undefined;
  }

  /** What calls go through. @throws BusError CLOSED, DOWN. */
  get session(): Session {
    if (this.#isClosed) throw new BusError('CLOSED', 'the bus was closed');
    if (this.#session === undefined) throw new BusError('DOWN', 'Redis does not answer');
    return this.#session;
  }

  /** Listens to a channel from now on, in later sessions as well. @throws (rejects with) BusError DOWN: it does not, then. */
  async subscribe(channel: string, listener: (bytes: Buffer) => void): Promise<() => void> {
    let isOver = false;
    const subscription = {
      channel,
      // The server may not have heard of the end, and a session that is being made may not, either.
      listener: (bytes: Buffer): void => {
        if (!isOver) listener(bytes);
      },
    };
    await this.session.subscribe(subscription);
    if (this.#isClosed) throw new BusError('CLOSED', 'the bus was closed');
    this.#subscriptions.add(subscription);
    return () => {
      isOver = true;
      if (!this.#subscriptions.delete(subscription) || this.#isClosed) return;
      // Without an answer the session ends, and the next one does not have it.
      this.#session?.unsubscribe(subscription).catch(() => undefined);
    };
  }

  /** Ends it. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#session?.end();
    this.#session = undefined;
    this.#subscriptions.clear();
  }

  async #connect(): Promise<void> {
    const session = await Session.open(this.#redis, this.#settings, this.#subscriptions, this.#lost);
    if (this.#isClosed) {
      session.end();
      return;
    }
    this.#session = session;
    this.#attempts = 0;
    this.#reported.clear();
  }

  readonly #lost = (cause: unknown): void => {
    if (this.#isClosed) return;
    this.#session = undefined;
    this.#report(cause);
    this.#onState(false);
    this.#retry();
  };

  #retry(): void {
    const { runtime } = this.#settings;
    const most = Math.min(MAX_DELAY_MS, 20 * 2 ** Math.min(this.#attempts++, 10));
    // Not all nodes at the same moment.
    const delayMs = most / 2 + (most / 2) * (runtime.random32() / 0x1_0000_0000);
    this.#timer = runtime.startTimer(delayMs, () => {
      this.#connect().then(
        () => {
          if (!this.#isClosed) this.#onState(true);
        },
        (cause: unknown) => {
          if (this.#isClosed) return;
          this.#report(cause);
          this.#retry();
        },
      );
    });
  }

  /** Each reason once in an outage. */
  #report(cause: unknown): void {
    const error = cause instanceof RangeError ? cause : down(cause);
    if (this.#reported.has(error.message) || this.#reported.size >= MAX_REPORTS) return;
    this.#reported.add(error.message);
    this.#settings.onError(error, 'connection to Redis');
  }
}

function down(cause: unknown): BusError {
  if (cause instanceof BusError) return cause;
  return new BusError('DOWN', `Redis: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

const MAX_DELAY_MS = 500;
const MAX_REPORTS = 8;
