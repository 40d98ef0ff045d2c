/** One call's way to the server. */
import { BusError } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import type { NatsConnection, NatsMessage, NatsModule } from './natsModule.ts';

/** What a way tells the link that it belongs to. */
export interface WayWatch {
  /** How long an answer took. */
  answered(roundTripMs: number): void;
  /** There was none, and it is unknown whether there will be another one. */
  doubt(connection: NatsConnection): void;
  /** The error for a call that is not answered. */
  failure(what: string, cause?: unknown): BusError;
}

/** Asks over one connection, until the time of its call is over. */
export class Way {
  readonly nats: NatsModule;
  readonly connection: NatsConnection;
  readonly #clock: Clock;
  readonly #endMs: number;
  readonly #watch: WayWatch;

  constructor(nats: NatsModule, connection: NatsConnection, clock: Clock, endMs: number, watch: WayWatch) {
    this.nats = nats;
    this.connection = connection;
    this.#clock = clock;
    this.#endMs = endMs;
    this.#watch = watch;
  }

  /**
   * Asks and waits for the answer.
   *
   * @throws (as rejection) BusError DOWN without one, TOO_LARGE for what the server does not take, CLOSED.
   */
  async ask(
    subject: string,
    payload: Uint8Array | string = '',
    head?: Readonly<Record<string, string>>,
  ): Promise<NatsMessage> {
    const { nats, connection } = this;
    const sentMs = this.#clock.now();
    const timeout = this.#endMs - sentMs;
    if (timeout < 1) throw this.#watch.failure('the time of the call is over');
    const bytes = this.#fitting(payload);
    try {
      const headers = head === undefined ? undefined : nats.headers();
      for (const [name, value] of Object.entries(head ?? {})) headers?.set(name, value);
      const answer = await connection.request(subject, bytes, { timeout, ...(headers && { headers }) });
      this.#watch.answered(this.#clock.now() - sentMs);
      return answer;
    } catch (cause) {
      this.#watch.doubt(connection);
      throw this.#watch.failure(`no answer to ${subject}`, cause);
    }
  }

  /** Sends something that nobody answers, and waits until the server has it. @throws (as rejection) as {@link Way.ask}. */
  async tell(subject: string, bytes: Uint8Array): Promise<void> {
    this.#fitting(bytes);
    try {
      this.connection.publish(subject, bytes);
    } catch (cause) {
      throw this.#watch.failure('the connection was lost', cause);
    }
    await this.reach();
  }

  /** Waits until the server has all that was sent. @throws (as rejection) BusError DOWN. */
  reach(): Promise<void> {
    return this.within('an answer', this.connection.flush());
  }

  /** The error for a stream that is gone; it is looked for anew. */
  missing(stream: string, cause?: unknown): BusError {
    this.#watch.doubt(this.connection);
    return this.#watch.failure(`the stream ${stream} is gone`, cause);
  }

  /** Waits for something else that comes over the connection. @throws (as rejection) BusError DOWN when the time of the call is over. */
  async within<T>(what: string, done: Promise<T>): Promise<T> {
    let timer: { cancel(): void } | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = this.#clock.runtime.startTimer(Math.max(1, this.#endMs - this.#clock.now()), () => {
        this.#watch.doubt(this.connection);
        reject(this.#watch.failure(`${what} did not come in time`));
      });
    });
    try {
      return await Promise.race([done, late]);
    } finally {
      timer?.cancel();
    }
  }

  /** A payload as bytes. @throws BusError TOO_LARGE. */
  #fitting(payload: Uint8Array | string): Uint8Array {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    const most = (this.connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEAD_BYTES;
    if (bytes.length <= most) return bytes;
    throw new BusError(
      'TOO_LARGE',
      `${bytes.length} bytes are more than the server takes: its max_payload allows ${most}`,
    );
  }
}

/** What headers of ours take at most. */
const HEAD_BYTES = 256;
