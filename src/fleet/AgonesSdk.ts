/** Agones for Node: its sidecar over REST. */
import {
  checkInteger,
  checkOptions,
  describe,
  type OptionNames,
  withDefaults,
} from '../../options/internal.ts';
import type { Timer } from '../runtime/index.ts';
import { AgonesError, AgonesErrorCode, isNotYet } from './AgonesError.ts';
import { backoffMs, clockOf, type FleetClock } from './clock.ts';
import {
  type AgonesCounter,
  type AgonesCounterChange,
  type AgonesGameServer,
  type AgonesList,
  type AgonesListChange,
  readCounter,
  readGameServer,
  readList,
} from './gameServer.ts';
import { Sidecar, type SidecarRequest } from './sidecar.ts';

/** What an {@link AgonesSdk} can be told at creation. */
export interface AgonesSdkOptions {
  /** Where the sidecar listens. Default `http://127.0.0.1:PORT` with PORT from AGONES_SDK_HTTP_PORT, or 9358. */
  readonly url?: string | undefined;
  /** How long one request may take, in ms, 1..600000. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How long a call goes on trying while nobody listens there, or the sidecar says that it is not ready, in ms, 0..3600000: it may start
   * after the game server. Default 30,000.
   */
  readonly waitMs?: number | undefined;
  /** Time for all of that. Default: Node's. */
  readonly clock?: FleetClock | undefined;
}

/** The defaults of {@link AgonesSdkOptions}. */
export const AGONES_SDK_DEFAULTS = {
  /** How long one request may take. */
  timeoutMs: 5000,
  /** How long calls wait for a sidecar that is not there yet. */
  waitMs: 30_000,
} as const;

/**
 * The sidecar that Agones puts beside each game server. What changes the state takes effect a little later, and not at all when the
 * game server is being deleted: {@link AgonesSdk.watch} tells.
 *
 * All methods reject with an {@link AgonesError}; arguments that are none throw TypeError or RangeError at once.
 *
 * ```ts
 * const agones = new AgonesSdk();
 * await agones.ready();
 * ```
 */
export class AgonesSdk {
  /** Where the sidecar listens, without a slash at the end. */
  readonly url: string;
  readonly #sidecar: Sidecar;
  readonly #waitMs: number;
  readonly #clock: FleetClock;
  /** Called off with {@link AgonesSdk.close}. */
  readonly #waits = new Map<Timer, () => void>();
  readonly #watches = new Set<AbortController>();
  #isClosed = false;

  /** @throws TypeError or RangeError naming the option. */
  constructor(options: AgonesSdkOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    const { timeoutMs, waitMs } = withDefaults<{ timeoutMs: number; waitMs: number }>(
      AGONES_SDK_DEFAULTS,
      options,
    );
    this.url = readUrl(options.url);
    this.#waitMs = checkInteger('waitMs', waitMs, 0, 3_600_000);
    this.#clock = clockOf(options.clock);
    this.#sidecar = new Sidecar(this.url, checkInteger('timeoutMs', timeoutMs, 1, 600_000), this.#clock);
  }

  // --- State --------------------------------------------------------------------------------------------------

  /** The game server takes players: it may be allocated, and deleted when the fleet shrinks. Also brings it back from other states. */
  async ready(): Promise<void> {
    await this.#ask({ method: 'POST', path: '/ready', body: {} });
  }

  /** One sign of life. It is tried once: the next one comes soon. */
  async health(): Promise<void> {
    await this.#sidecar.ask({ method: 'POST', path: '/health', body: {} });
  }

  /** Nobody allocates the game server and nobody deletes it, for so many seconds; then it is ready again. 0 means for ever. */
  async reserve(seconds: number): Promise<void> {
    checkInteger('seconds', seconds, 0, MOST_SECONDS);
    await this.#ask({ method: 'POST', path: '/reserve', body: { seconds: String(seconds) } });
  }

  /** There are players: the fleet must not delete the game server when it shrinks or is updated. */
  async allocate(): Promise<void> {
    await this.#ask({ method: 'POST', path: '/allocate', body: {} });
  }

  /** The game server has done its work: Agones ends its pod, which gets SIGTERM. */
  async shutdown(): Promise<void> {
    await this.#ask({ method: 'POST', path: '/shutdown', body: {} });
  }

  // --- What Agones knows --------------------------------------------------------------------------------------

  /** The game server as Agones sees it. */
  async gameServer(): Promise<AgonesGameServer> {
    return readGameServer(await this.#ask({ method: 'GET', path: '/gameserver' }));
  }

  /**
   * Tells how the game server is now, and whenever it changes. When the stream ends it is opened again, after 100 ms to 5 s.
   *
   * @param listener what it throws goes to `onError`.
   * @param onError hears why a stream has ended. Default: nobody does.
   * @returns a function that ends it.
   */
  watch(
    listener: (gameServer: AgonesGameServer) => void,
    onError: (error: unknown) => void = () => undefined,
  ): () => void {
    for (const [name, value] of Object.entries({ listener, onError }))
      if (typeof value !== 'function')
        throw new TypeError(`"${name}" expected a function, got ${describe(value)}`);
    const ending = new AbortController();
    if (this.#isClosed) ending.abort();
    this.#watches.add(ending);
    void this.#follow(ending.signal, listener, onError).finally(() => this.#watches.delete(ending));
    return () => ending.abort();
  }

  /** Sets a label of the game server; its name is `agones.dev/sdk-` and the key. */
  async setLabel(key: string, value: string): Promise<void> {
    await this.#ask({ method: 'PUT', path: '/metadata/label', body: pair(key, value) });
  }

  /** Sets an annotation of the game server; its name is `agones.dev/sdk-` and the key. */
  async setAnnotation(key: string, value: string): Promise<void> {
    await this.#ask({ method: 'PUT', path: '/metadata/annotation', body: pair(key, value) });
  }

  // --- Counters and lists -------------------------------------------------------------------------------------

  /** A counter that the game server's specification declares; REFUSED for another. */
  async counter(name: string): Promise<AgonesCounter> {
    return readCounter(await this.#ask({ method: 'GET', path: counterPath(name) }));
  }

  /** Changes a counter. REFUSED for one that is not declared, and for counts below 0 or above the capacity. @returns the counter as it will be. */
  async updateCounter(name: string, change: AgonesCounterChange): Promise<AgonesCounter> {
    checkOptions(change, COUNTER_NAMES, 'change', 'change of a counter');
    const { count, by, capacity } = change;
    if (count !== undefined) checkInteger('change.count', count, 0, Number.MAX_SAFE_INTEGER);
    if (capacity !== undefined) checkInteger('change.capacity', capacity, 0, Number.MAX_SAFE_INTEGER);
    if (by !== undefined) checkInteger('change.by', by, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if ((count === undefined) === (by === undefined) && (count !== undefined || capacity === undefined))
      throw new RangeError('"change" expected count or by, or a capacity');
    const body = { count: int64(count), countDiff: int64(by), capacity: int64(capacity) };
    const isOnce = by !== undefined;
    return readCounter(await this.#ask({ method: 'PATCH', path: counterPath(name), body, isOnce }));
  }

  /** A list that the game server's specification declares; REFUSED for another. */
  async list(name: string): Promise<AgonesList> {
    return readList(await this.#ask({ method: 'GET', path: listPath(name) }));
  }

  /** Replaces the values of a list, its capacity, or both. REFUSED for one that is not declared. */
  async updateList(name: string, change: AgonesListChange): Promise<void> {
    checkOptions(change, LIST_NAMES, 'change', 'change of a list');
    const { values, capacity } = change;
    if (
      values !== undefined &&
      !(Array.isArray(values) && values.every((value) => typeof value === 'string'))
    )
      throw new TypeError(`"change.values" expected an array of strings, got ${describe(values)}`);
    if (capacity !== undefined) checkInteger('change.capacity', capacity, 0, MOST_LISTED);
    if (values === undefined && capacity === undefined)
      throw new RangeError('"change" expected values or a capacity');
    await this.#ask({ method: 'PATCH', path: listPath(name), body: { values, capacity: int64(capacity) } });
  }

  /** Adds a value to a list. REFUSED when it is in it, or the list is full. */
  async addListValue(name: string, value: string): Promise<void> {
    await this.#changeList(name, 'addValue', value);
  }

  /** Takes a value out of a list. REFUSED when it is not in it. */
  async removeListValue(name: string, value: string): Promise<void> {
    await this.#changeList(name, 'removeValue', value);
  }

  // --- For operators ------------------------------------------------------------------------------------------

  /** One sentence about the sidecar, for whoever runs the server: what it says, or why it says nothing and what to do. It asks once. */
  async diagnose(): Promise<string> {
    try {
      const { name, namespace, state, health } = readGameServer(
        await this.#sidecar.ask({ method: 'GET', path: '/gameserver' }),
      );
      const pings = health.isDisabled
        ? 'it looks for no signs of life'
        : `it wants a sign of life every ${health.periodSeconds} s, and gives up after ${health.failureThreshold} without`;
      return `Agones' sidecar at ${this.url}: game server ${namespace}/${name} is ${state}; ${pings}.`;
    } catch (error) {
      if (!(error instanceof AgonesError)) throw error;
      return `Agones' sidecar at ${this.url}: ${error.message}. ${REMEDY[error.code]}`;
    }
  }

  /** Ends everything that is under way, with CLOSED, and every {@link AgonesSdk.watch}. Leaves no timer. Calling it twice is fine. */
  close(): void {
    this.#isClosed = true;
    for (const ending of this.#watches) ending.abort();
    this.#sidecar.close();
    for (const [timer, done] of this.#waits) {
      timer.cancel();
      done();
    }
    this.#waits.clear();
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  async #changeList(name: string, action: string, value: string): Promise<void> {
    const body = { value: textOf('value', value) };
    await this.#ask({ method: 'POST', path: `${listPath(name)}:${action}`, body, isOnce: true });
  }

  /** Asks until the sidecar is there, for as long as that may take. */
  async #ask(request: SidecarRequest): Promise<unknown> {
    const startedAt = this.#clock.now();
    for (let failures = 0; ; failures++) {
      try {
        return await this.#sidecar.ask(request);
      } catch (error) {
        const delayMs = backoffMs(failures, MOST_DELAY_MS);
        const passedMs = (this.#clock.now() - startedAt) >>> 0;
        if (!isNotYet(error) || passedMs + delayMs > this.#waitMs || this.#isClosed) throw error;
        await this.#wait(delayMs);
      }
    }
  }

  async #follow(
    signal: AbortSignal,
    listener: (gameServer: AgonesGameServer) => void,
    onError: (error: unknown) => void,
  ): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#sidecar.follow('/watch/gameserver', signal, (line) => {
          failures = 0;
          try {
            listener(readGameServer(newsOf(line)));
          } catch (error) {
            onError(error);
          }
        });
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
      }
      await this.#wait(backoffMs(failures, MOST_DELAY_MS), signal);
    }
  }

  #wait(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#waits.delete(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.#clock.startTimer(delayMs, done);
      this.#waits.set(timer, done);
      signal?.addEventListener('abort', done);
    });
  }
}

/** A line of the stream has the news in `result`, or an error. */
function newsOf(line: string): unknown {
  let parsed: { result?: unknown; error?: unknown };
  try {
    parsed = Object(JSON.parse(line));
  } catch (cause) {
    throw new AgonesError(AgonesErrorCode.BAD_ANSWER, 'the sidecar streams a line that is no JSON', 0, {
      cause,
    });
  }
  if (parsed.error === undefined) return parsed.result;
  throw new AgonesError(AgonesErrorCode.REFUSED, `the stream has an error: ${JSON.stringify(parsed.error)}`);
}

/** @throws TypeError or RangeError for what is no URL of HTTP. */
function readUrl(given: string | undefined): string {
  const url = given ?? `http://127.0.0.1:${process.env['AGONES_SDK_HTTP_PORT'] || DEFAULT_PORT}`;
  if (typeof url !== 'string') throw new TypeError(`"url" expected a string, got ${describe(url)}`);
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, '');
  const name = given === undefined ? 'AGONES_SDK_HTTP_PORT' : 'url';
  throw new RangeError(`"${name}" expected http://HOST:PORT, got ${describe(url)}`);
}

function counterPath(name: string): string {
  return `/v1beta1/counters/${encodeURIComponent(textOf('name', name))}`;
}

function listPath(name: string): string {
  return `/v1beta1/lists/${encodeURIComponent(textOf('name', name))}`;
}

function pair(key: string, value: string): { readonly key: string; readonly value: string } {
  if (typeof value !== 'string') throw new TypeError(`"value" expected a string, got ${describe(value)}`);
  return { key: textOf('key', key), value };
}

/** @throws TypeError for what is no text. */
function textOf(name: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`"${name}" expected a string that is not empty, got ${describe(value)}`);
}

/** Integers of 64 bits are text in the JSON of proto3. */
function int64(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

const DEFAULT_PORT = 9358;
const MOST_DELAY_MS = 5000;
/** A hundred years. */
const MOST_SECONDS = 3_153_600_000;
/** What Agones allows. */
const MOST_LISTED = 1000;
const REMEDY: Readonly<Record<AgonesErrorCode, string>> = {
  UNREACHABLE:
    'In a cluster each pod of a GameServer or Fleet has it: look at `kubectl describe gameserver`, and that AGONES_SDK_HTTP_PORT is not ' +
    "overwritten. On a machine of yours start Agones' `sdk-server --local`, or run without Agones.",
  LOST: 'The sidecar may have ended: look at `kubectl describe pod`.',
  TIMEOUT: 'It may wait for the API of the cluster: look at `kubectl logs POD -c agones-gameserver-sidecar`.',
  REFUSED: 'Look at `kubectl logs POD -c agones-gameserver-sidecar`.',
  BAD_ANSWER: 'Somebody else listens on that port: AGONES_SDK_HTTP_PORT has to be the one of the sidecar.',
  CLOSED: 'The server has closed it.',
};
const OPTION_NAMES: OptionNames<AgonesSdkOptions> = { url: true, timeoutMs: true, waitMs: true, clock: true };
const COUNTER_NAMES: OptionNames<AgonesCounterChange> = { count: true, by: true, capacity: true };
const LIST_NAMES: OptionNames<AgonesListChange> = { values: true, capacity: true };
