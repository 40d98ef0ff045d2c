/** The connection of a bus: made again for ever, and known to answer or not. */
import { BusError } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import type { NatsData } from './data.ts';
import { firstToAnswer } from './firstToAnswer.ts';
import type { NatsConnection, NatsModule } from './natsModule.ts';
import type { CheckedOptions } from './options.ts';
import { Way, type WayWatch } from './Way.ts';

/** A connection that answers, and the data that the server has. */
export interface Up {
  readonly connection: NatsConnection;
  readonly data: NatsData;
}

/** What is done with a connection. */
export interface LinkWork {
  /** Looks for the data, before anything else is asked. Done again when an answer was missing. @throws (as rejection) RangeError for options that do not suit. */
  prepare(way: Way): Promise<NatsData>;
  /** It answers from now on. */
  up(up: Up): void;
  /** It does not any more. */
  down(): void;
}

export class Link implements WayWatch {
  /** How often it stopped answering. */
  outages = 0;
  /** Milliseconds that the last answer took. */
  roundTripMs = 0;
  readonly #nats: NatsModule;
  readonly #options: CheckedOptions;
  readonly #clock: Clock;
  readonly #work: LinkWork;
  #up: Up | undefined;
  #connection: NatsConnection | undefined;
  #isClosed = false;
  /** Why there is no connection. */
  #problem: unknown;
  /** Ends what waits: for another attempt, or for the end of a connection. */
  readonly #wakes = new Set<() => void>();

  constructor(nats: NatsModule, options: CheckedOptions, clock: Clock, work: LinkWork) {
    this.#nats = nats;
    this.#options = options;
    this.#clock = clock;
    this.#work = work;
  }

  /** The connection, while it answers. */
  get up(): Up | undefined {
    return this.#up;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Connects, and from then on again whenever that is over.
   *
   * @throws (as rejection) BusError DOWN when it is not answered at first; RangeError as {@link LinkWork.prepare}.
   */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const first = (): void => {
        this.#wakes.delete(first);
        if (this.#up !== undefined) resolve();
        else {
          const problem = this.#problem;
          reject(problem instanceof RangeError ? problem : this.failure('there is no connection', problem));
          void this.close();
        }
      };
      this.#wakes.add(first);
      void this.#run();
    });
  }

  /** The beginning of a call. @throws BusError DOWN, CLOSED. */
  begin(): Up & { readonly way: Way } {
    const up = this.#up;
    if (up === undefined) throw this.failure('there is no connection', this.#problem);
    return { ...up, way: this.#way(up.connection) };
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#setDown();
    this.#wakeAll();
    await this.#connection?.close();
  }

  answered(roundTripMs: number): void {
    this.roundTripMs = roundTripMs;
  }

  doubt(connection: NatsConnection): void {
    if (this.#up?.connection !== connection) return;
    this.#setDown();
    this.#wakeAll();
  }

  failure(what: string, cause?: unknown): BusError {
    if (this.#isClosed) return new BusError('CLOSED', 'the bus was closed');
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    return new BusError('DOWN', `NATS does not answer (${what}${why})`, { cause });
  }

  #way(connection: NatsConnection): Way {
    const endMs = this.#clock.now() + this.#options.commandTimeoutMs;
    return new Way(this.#nats, connection, this.#clock, endMs, this);
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; !this.#isClosed; waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
      try {
        const connection = await this.#connect();
        waitMs = FIRST_WAIT_MS;
        await this.#serve(connection);
      } catch (error) {
        this.#problem = error;
        this.#wakeAll();
      }
      await this.#pause(waitMs);
    }
  }

  async #connect(): Promise<NatsConnection> {
    const { username, password, token, tls, commandTimeoutMs } = this.#options;
    const servers = await firstToAnswer(this.#options.servers, commandTimeoutMs, this.#clock.runtime);
    const { ca, cert, key, serverName } = tls ?? {};
    return await this.#nats.connect({
      ...{ servers, timeout: commandTimeoutMs, name: 'godot-enet', noAsyncTraces: true },
      // A connection that is lost is over: what was not sent must not be sent later.
      reconnect: false,
      ...{ pingInterval: PING_MS, maxPingOut: 2 },
      ...(username !== undefined && { user: username }),
      ...(password !== undefined && { pass: password }),
      ...(token !== undefined && { token }),
      ...(tls !== undefined && {
        tls: {
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
          ...(serverName !== undefined && { servername: serverName }),
        },
      }),
    });
  }

  async #serve(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    const closed = connection.closed().then((error) => {
      if (error instanceof Error) this.#problem = error;
      this.doubt(connection);
    });
    try {
      while (!this.#isClosed && !connection.isClosed()) {
        try {
          const data = await this.#work.prepare(this.#way(connection));
          if (this.#isClosed || connection.isClosed()) break;
          this.#setUp({ connection, data });
          while (this.#up !== undefined) await this.#pause(LAST_WAIT_MS);
        } catch (error) {
          this.#problem = error;
          this.#wakeAll();
        }
        if (!connection.isClosed()) await Promise.race([closed, this.#pause(FIRST_WAIT_MS)]);
      }
    } finally {
      this.#setDown();
      await connection.close();
    }
  }

  #setUp(up: Up): void {
    this.#up = up;
    this.#problem = undefined;
    this.#work.up(up);
    this.#wakeAll();
  }

  #setDown(): void {
    if (this.#up === undefined) return;
    this.#up = undefined;
    if (this.#isClosed) return;
    this.outages++;
    this.#work.down();
  }

  /** Until it is woken, or a time is over. */
  #pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#wakes.delete(end);
        resolve();
      };
      const timer = this.#clock.runtime.startTimer(ms, end);
      this.#wakes.add(end);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#wakes]) wake();
  }
}

/** How long it waits after an attempt, in milliseconds: the first time, and at most. */
const FIRST_WAIT_MS = 50;
const LAST_WAIT_MS = 500;
/** How often the client asks whether the connection is alive; two that are not answered end it. */
const PING_MS = 2000;
