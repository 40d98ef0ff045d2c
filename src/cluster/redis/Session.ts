/**
 * Two connections to the server, from when both are ready until one of them fails: one for calls, and one for what is published, so that
 * much of that does not hold up a renewal. Either failing ends both; `Connection` makes the next session.
 */
import { isIP } from 'node:net';
import { BusError } from '../busErrors.ts';
import type { ClusterRuntime } from '../clock.ts';
import type { RedisSettings } from './options.ts';
import type { RedisModule } from './redisModule.ts';
import { JOIN, SCRIPTS, type Script } from './scripts.ts';

/** What a command takes. */
export type Argument = string | Buffer;

/** A channel and who listens to it. */
export interface Subscription {
  readonly channel: string;
  readonly listener: (bytes: Buffer) => void;
}

/** What is used of a client of the package. */
interface Client {
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: 'error' | 'connect', listener: (error: unknown) => void): unknown;
  sendCommand(args: Argument[], options?: { typeMapping: { [type: number]: unknown } }): Promise<unknown>;
  sSubscribe(channel: string, listener: (bytes: Buffer) => void, asBytes: true): Promise<void>;
  sUnsubscribe(channel: string, listener: (bytes: Buffer) => void, asBytes: true): Promise<void>;
}

export class Session {
  readonly #redis: RedisModule;
  readonly #runtime: ClusterRuntime;
  readonly #timeoutMs: number;
  readonly #calls: Client;
  readonly #topics: Client;
  readonly #onEnd: (cause: unknown) => void;
  #isOver = false;
  #waitingCalls = 0;
  #waitingBytes = 0;

  private constructor(redis: RedisModule, settings: RedisSettings, onEnd: (cause: unknown) => void) {
    this.#redis = redis;
    this.#runtime = settings.runtime;
    this.#timeoutMs = settings.commandTimeoutMs;
    this.#onEnd = onEnd;
    this.#calls = this.#client(settings);
    this.#topics = this.#client(settings);
  }

  /**
   * @param onEnd called once, when it has failed after it was opened.
   * @throws (rejects with) RangeError for a server or a cluster that does not suit; BusError DOWN.
   */
  static async open(
    redis: RedisModule,
    settings: RedisSettings,
    subscriptions: Iterable<Subscription>,
    onEnd: (cause: unknown) => void,
  ): Promise<Session> {
    let isOpen = false;
    let fail: (cause: unknown) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const session = new Session(redis, settings, (cause) => (isOpen ? onEnd(cause) : fail(cause)));
    const { runtime, commandTimeoutMs } = settings;
    const timer = runtime.startTimer(commandTimeoutMs, () =>
      fail(new BusError('DOWN', `Redis was not ready within ${commandTimeoutMs} ms`)),
    );
    try {
      await Promise.race([session.#begin(settings, subscriptions), failed]);
      isOpen = true;
      return session;
    } catch (error) {
      session.end();
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** Runs a script. @throws (rejects with) BusError DOWN. */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.call(['EVALSHA', script.sha, String(keys.length), ...keys, ...args]);
  }

  /** @param asBytes texts of the answer are bytes. @throws (rejects with) BusError DOWN. */
  async call(args: readonly Argument[], asBytes = false): Promise<unknown> {
    const bytes = args.reduce((sum, argument) => sum + argument.length, 0);
    if (this.#waitingCalls >= MAX_WAITING_CALLS || this.#waitingBytes + bytes > MAX_WAITING_BYTES)
      throw new BusError('DOWN', 'too many calls wait for an answer of Redis');
    this.#waitingCalls++;
    this.#waitingBytes += bytes;
    const { RESP_TYPES } = this.#redis;
    const options = asBytes ? { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } : undefined;
    try {
      return await this.#inTime(this.#calls.sendCommand([...args], options));
    } finally {
      this.#waitingCalls--;
      this.#waitingBytes -= bytes;
    }
  }

  /** @throws (rejects with) BusError DOWN. */
  async subscribe({ channel, listener }: Subscription): Promise<void> {
    await this.#inTime(this.#topics.sSubscribe(channel, listener, true));
  }

  /** @throws (rejects with) BusError DOWN. */
  async unsubscribe({ channel, listener }: Subscription): Promise<void> {
    await this.#inTime(this.#topics.sUnsubscribe(channel, listener, true));
  }

  /** Closes both connections at once. What waits for an answer fails. */
  end(): void {
    this.#isOver = true;
    this.#calls.destroy();
    this.#topics.destroy();
  }

  #client({ url, username, password, tls, commandTimeoutMs }: RedisSettings): Client {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? 6379 : Number(url.port);
    const { ca, cert, key, serverName } = tls;
    const servername = serverName ?? (isIP(host) === 0 ? host : undefined);
    const common = { host, port, connectTimeout: commandTimeoutMs, reconnectStrategy: false } as const;
    const client = this.#redis.createClient({
      socket:
        url.protocol === 'rediss:'
          ? { ...common, tls: true, ca, cert, key, ...(servername === undefined ? {} : { servername }) }
          : common,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      database: Number(url.pathname.slice(1)),
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      // What is in the package covers only what was not written yet.
      commandOptions: { timeout: 0 },
    });
    client.on('error', (error: unknown) => this.#fail(error));
    // One that was ended while it connected would stay.
    client.on('connect', () => {
      if (this.#isOver) client.destroy();
    });
    return client;
  }

  async #begin(settings: RedisSettings, subscriptions: Iterable<Subscription>): Promise<void> {
    await Promise.all([this.#calls.connect(), this.#topics.connect()]);
    const { prefix, leaseMs } = settings;
    const keys = [`{${prefix}}:meta`, `{${prefix}}:roots`];
    checkServer(String(await this.#calls.sendCommand(['INFO'])));
    const [joined] = await Promise.all([
      Promise.all(SCRIPTS.map(({ text }) => this.#calls.sendCommand(['SCRIPT', 'LOAD', text]))).then(() =>
        this.#calls.sendCommand(['EVALSHA', JOIN.sha, '2', ...keys, String(leaseMs)]),
      ),
      ...[...subscriptions].map(({ channel, listener }) => this.#topics.sSubscribe(channel, listener, true)),
    ]);
    if (Array.isArray(joined) && joined[0] === 'LEASE')
      throw new RangeError(
        `"leaseMs" expected ${joined[1]} as other nodes of the cluster have, got ${leaseMs}`,
      );
  }

  /** An answer, or why there is none. */
  async #inTime<T>(answer: Promise<T>): Promise<T> {
    let refuse: (error: BusError) => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      refuse = reject;
    });
    const timer = this.#runtime.startTimer(this.#timeoutMs, () => {
      const error = new BusError('DOWN', `Redis did not answer within ${this.#timeoutMs} ms`);
      refuse(error);
      this.#fail(error);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (cause) {
      if (cause instanceof BusError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      // It is not the server that it was: another one may be.
      if (/^(NOSCRIPT|READONLY|LOADING|MASTERDOWN|NOAUTH|NOPERM)\b/.test(reason)) this.#fail(cause);
      throw new BusError('DOWN', `Redis: ${reason}`, { cause });
    } finally {
      timer.cancel();
    }
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return;
    this.end();
    this.#onEnd(cause);
  }
}

/** @throws RangeError for a server on which leases are not safe. */
function checkServer(info: string): void {
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  if (Number.parseInt(field('redis_version'), 10) < 7)
    throw new RangeError(`RedisBus needs Redis 7 or later, got ${field('redis_version')}`);
  const policy = field('maxmemory_policy');
  if (policy.startsWith('allkeys') && field('maxmemory') !== '0')
    throw new RangeError(
      `RedisBus needs a server that forgets nothing: "maxmemory-policy" expected noeviction or volatile-*, got ${policy}`,
    );
}

/** The most calls, and bytes of them, that wait for an answer. */
const MAX_WAITING_CALLS = 10_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
