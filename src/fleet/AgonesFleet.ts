/** A server as one of a fleet of Agones: what it does is told to the sidecar. */
import {
  checkBooleans,
  checkFunctions,
  checkInteger,
  checkOptions,
  describe,
  type OptionNames,
} from '../../options/internal.ts';
import { type DrainOptions, type DrainResult, drain, drainOnSignals } from '../ops/internal.ts';
import type { Timer } from '../runtime/index.ts';
import { AgonesSdk } from './AgonesSdk.ts';
import {
  CAPACITY_NAMES,
  FleetReport,
  type FleetReportOptions,
  type FleetUse,
  hasRooms,
  useOf,
} from './fleetReport.ts';
import type { FleetServer } from './fleetServer.ts';
import type { AgonesGameServer } from './gameServer.ts';
import { TroubleTeller } from './troubleTeller.ts';

/** When a server is in use: from its first player to its last, or from its first room to its last. */
export type AgonesBusy = 'players' | 'rooms';

/** What an {@link AgonesFleet} can be told at creation. */
export interface AgonesFleetOptions extends FleetReportOptions {
  /** The sidecar. Default: one of its own, which it closes. */
  readonly sdk?: AgonesSdk | undefined;
  /** What makes the server busy. Default `'players'`. */
  readonly busy?: AgonesBusy | undefined;
  /**
   * Whether the server is marked as Allocated when it becomes busy, so that nobody deletes it. Default true; false for fleets in which
   * somebody else allocates every server before players come.
   */
  readonly allocates?: boolean | undefined;
  /**
   * When the server is not busy any more: `'stay'` Allocated, be `'ready'` for others, or `'shutdown'`, after which Agones starts a new
   * one. Default `'ready'`.
   */
  readonly whenIdle?: 'stay' | 'ready' | 'shutdown' | undefined;
  /** How often numbers that have changed are told, in ms, 100..60000. Default 1,000, at which Agones writes them. */
  readonly reportMs?: number | undefined;
  /** How often a sign of life is given, in ms, 100..3600000. Default: twice in each period that the game server's specification has. */
  readonly healthMs?: number | undefined;
  /** How players are sent away at the end, as {@link drain} takes it. */
  readonly drain?: DrainOptions | undefined;
  /** Hears of every change of the game server, e.g. labels and annotations of an allocation. */
  readonly onChange?: ((gameServer: AgonesGameServer) => void) | undefined;
  /** Called when the server has stopped and Agones knows: close what else holds the process. */
  readonly onStopped?: ((result: DrainResult) => void) | undefined;
  /** Takes what goes wrong, once until it goes well again, and where. Default: it is printed to the console. */
  readonly onError?: ((error: unknown, where: string) => void) | undefined;
}

/**
 * Ties a server to Agones: Ready when it listens, signs of life while the event loop lives, Allocated while it is busy, numbers of players
 * and rooms as counters and lists, and the end of the pod when it has been drained.
 *
 * ```ts
 * const fleet = new AgonesFleet(rooms, { playersCounter: 'players', roomsCounter: 'rooms' });
 * fleet.shutdownOnSignals();
 * await fleet.start();
 * ```
 */
export class AgonesFleet {
  /** The sidecar, for what this class does not do: labels, annotations, counters of the game's own. */
  readonly sdk: AgonesSdk;
  readonly #server: FleetServer;
  readonly #options: AgonesFleetOptions;
  readonly #isOwnSdk: boolean;
  readonly #report: FleetReport;
  readonly #trouble: TroubleTeller;
  readonly #timers = new Map<string, Timer>();
  readonly #enders: (() => void)[] = [];
  #gameServer: AgonesGameServer | undefined;
  #starting: Promise<boolean> | undefined;
  #draining: Promise<DrainResult> | undefined;
  #hasListened = false;
  #isTicking = false;
  /** Whether it is being drained, by whomever. */
  #isEnding = false;
  #isClosed = false;
  #wasBusy = false;
  /** When Allocated was asked for last, as long as Agones has not said so. */
  #askedAt: number | undefined;

  /** @throws TypeError or RangeError naming the option. */
  constructor(server: FleetServer, options: AgonesFleetOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    checkFunctions(options, ['onChange', 'onStopped', 'onError']);
    checkBooleans(options, ['allocates']);
    const { sdk, busy = 'players', whenIdle = 'ready', reportMs, healthMs } = options;
    if (typeof server?.ops?.metrics !== 'function')
      throw new TypeError(`"server" expected one with ops, got ${describe(server)}`);
    if (sdk !== undefined && !(sdk instanceof AgonesSdk))
      throw new TypeError(`"sdk" expected an AgonesSdk, got ${describe(sdk)}`);
    if (!['players', 'rooms'].includes(busy))
      throw new RangeError(`"busy" expected players or rooms, got ${describe(busy)}`);
    if (busy === 'rooms' && !hasRooms(server.ops))
      throw new RangeError('"busy" expected players: only a RoomServer or ClusterNode has rooms');
    if (!['stay', 'ready', 'shutdown'].includes(whenIdle))
      throw new RangeError(`"whenIdle" expected stay, ready or shutdown, got ${describe(whenIdle)}`);
    if (reportMs !== undefined) checkInteger('reportMs', reportMs, 100, 60_000);
    if (healthMs !== undefined) checkInteger('healthMs', healthMs, 100, 3_600_000);
    this.#server = server;
    this.#options = options;
    this.#isOwnSdk = sdk === undefined;
    this.sdk = sdk ?? new AgonesSdk();
    this.#trouble = new TroubleTeller(options.onError ?? tell);
    this.#report = new FleetReport(this.sdk, server, options);
  }

  /** The game server as Agones saw it last; `undefined` before the first answer. */
  get gameServer(): AgonesGameServer | undefined {
    return this.#gameServer;
  }

  /**
   * Waits for the sidecar, then until the server listens, and says that it is ready. A repeated call gives the same promise.
   *
   * @returns whether it is ready: false when it was drained or closed meanwhile.
   * @throws AgonesError (as rejection) when the sidecar does not come, or a counter or list is not declared; this object is closed then.
   */
  start(): Promise<boolean> {
    this.#starting ??= this.#start().catch((error) => {
      if (this.#isClosed) return false;
      this.close();
      throw error;
    });
    return this.#starting;
  }

  /**
   * Takes no new players, waits until the present ones have left as {@link drain} does, stops the server, tells Agones to end the pod, and
   * closes this object. A repeated call gives the same promise. Never rejects: `onError` hears of a sidecar that does not answer.
   */
  drain(options: DrainOptions | undefined = this.#options.drain): Promise<DrainResult> {
    if (this.#draining === undefined) {
      const drained = drain(this.#server, options);
      this.#holdBack();
      this.#draining = drained.then((result) => this.#end(result));
    }
    return this.#draining;
  }

  /**
   * Drains at SIGTERM, as Kubernetes sends it, and SIGINT. A second signal ends the process at once.
   *
   * @param signals others than these.
   * @returns a function that takes the listeners back.
   */
  shutdownOnSignals(signals?: readonly NodeJS.Signals[]): () => void {
    const remove = drainOnSignals(this.#server, {
      ...this.#options.drain,
      ...(signals === undefined ? {} : { signals }),
      onSignal: () => this.#holdBack(),
      onDrained: (result) => {
        this.#draining ??= this.#end(result);
      },
    });
    this.#enders.push(remove);
    return remove;
  }

  /** Stops telling. Leaves no timer and no listener; the server goes on. Calling it twice is fine. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    for (const end of this.#enders.splice(0)) end();
    if (this.#isOwnSdk) this.sdk.close();
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  async #start(): Promise<boolean> {
    this.#gameServer = await this.sdk.gameServer();
    const { isDisabled, periodSeconds } = this.#gameServer.health;
    const healthMs = this.#options.healthMs ?? Math.max(100, 500 * (periodSeconds || DEFAULT_PERIOD_S));
    if (!isDisabled) this.#each('health', healthMs, () => this.#ping());
    await this.#report.begin();
    await this.#listening();
    this.#hasListened = true;
    if (this.#isEnding || this.#isClosed) return false;
    await this.sdk.ready();
    if (this.#isClosed) return false;
    this.#enders.push(
      this.sdk.watch(
        (changed) => this.#changed(changed),
        (error) => this.#trouble.tell(error, 'watch'),
      ),
      // The first player shall not wait for the next report.
      this.#server.ops.observe({ authenticated: () => void (this.#wasBusy || this.#tick()) }),
    );
    this.#each('report', this.#options.reportMs ?? 1000, () => this.#tick());
    return true;
  }

  #changed(gameServer: AgonesGameServer): void {
    this.#trouble.good('watch');
    this.#gameServer = gameServer;
    this.#report.compare(gameServer);
    if (gameServer.state === 'Allocated') this.#askedAt = undefined;
    this.#options.onChange?.(gameServer);
  }

  async #ping(): Promise<void> {
    // What has stopped shall not seem alive.
    if (this.#server.ops.metrics().isActive || !this.#hasListened) await this.sdk.health();
  }

  async #tick(): Promise<void> {
    if (this.#isTicking || this.#isClosed) return;
    this.#isTicking = true;
    try {
      const use = useOf(this.#server);
      await this.#guard('allocate', () => this.#mark(use));
      await this.#guard('report', () => this.#report.tell(use));
    } finally {
      this.#isTicking = false;
    }
  }

  /** Says whether the server is busy, when that has changed. */
  async #mark(use: FleetUse): Promise<void> {
    const { busy = 'players', allocates = true, whenIdle = 'ready' } = this.#options;
    const isBusy = use[busy] > 0;
    const state = this.#gameServer?.state;
    if (this.#isEnding) return;
    if (isBusy && allocates && !SETTLED.has(state) && this.#mayAsk()) {
      this.#askedAt = this.#server.ops.now();
      await this.sdk.allocate().catch((error) => {
        this.#askedAt = undefined;
        throw error;
      });
    }
    const wasBusy = this.#wasBusy;
    this.#wasBusy = isBusy;
    if (isBusy || !wasBusy) return;
    this.#askedAt = undefined;
    if (whenIdle === 'shutdown') void this.drain();
    else if (whenIdle === 'ready') {
      // Until it is told, it has not become idle.
      this.#wasBusy = true;
      await this.sdk.ready();
      this.#wasBusy = false;
    }
  }

  /** A state that Agones has not taken is asked for again, but not all the time. */
  #mayAsk(): boolean {
    return this.#askedAt === undefined || (this.#server.ops.now() - this.#askedAt) >>> 0 >= ASK_AGAIN_MS;
  }

  async #end(result: DrainResult): Promise<DrainResult> {
    await this.#guard('shutdown', () => this.sdk.shutdown());
    this.close();
    try {
      this.#options.onStopped?.(result);
    } catch (error) {
      this.#trouble.tell(error, 'onStopped');
    }
    return result;
  }

  /** Nobody shall allocate what is about to end. */
  #holdBack(): void {
    this.#isEnding = true;
    const isFree = this.#gameServer?.state === 'Ready' && this.#askedAt === undefined;
    if (isFree) void this.#guard('reserve', () => this.sdk.reserve(0));
  }

  /** Until the server listens, or nobody waits any more. */
  #listening(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#server.ops.metrics().isActive || this.#isClosed) resolve();
        else this.#timers.set('listening', this.#server.ops.startTimer(LOOK_EACH_MS, look));
      };
      this.#enders.push(resolve);
      look();
    });
  }

  /** Does something again and again: the next time is counted from its end. */
  #each(where: string, periodMs: number, act: () => Promise<void>): void {
    const next = (): void => {
      if (!this.#isClosed)
        this.#timers.set(
          where,
          this.#server.ops.startTimer(periodMs, () => void run()),
        );
    };
    const run = async (): Promise<void> => {
      await this.#guard(where, act);
      next();
    };
    void run();
  }

  async #guard(where: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#trouble.good(where);
    } catch (error) {
      if (!this.#isClosed) this.#trouble.tell(error, where);
    }
  }
}

/** What fails here must not end the server. */
function tell(error: unknown, where: string): void {
  console.error(`godot-enet: AgonesFleet, ${where}:`, error);
}

/** What Agones takes when the specification says nothing. */
const DEFAULT_PERIOD_S = 5;
/** States in which Allocated is not asked for: it is so, or cannot be any more. */
const SETTLED: ReadonlySet<string | undefined> = new Set(['Allocated', 'Shutdown', 'Unhealthy', 'Error']);
const LOOK_EACH_MS = 50;
const ASK_AGAIN_MS = 10_000;
const OPTION_NAMES: OptionNames<AgonesFleetOptions> = {
  sdk: true,
  playersCounter: true,
  roomsCounter: true,
  playersList: true,
  capacity: CAPACITY_NAMES,
  busy: true,
  allocates: true,
  whenIdle: true,
  reportMs: true,
  healthMs: true,
  drain: true,
  onChange: true,
  onStopped: true,
  onError: true,
};
