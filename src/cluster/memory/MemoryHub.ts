/** A bus in the memory of one process: for tests, and for several nodes in one program. The reference for the other engines. */
import { checkFunctions, checkInteger, checkOptions, type OptionNames } from '../../../options/internal.ts';
import { printError, requireRuntime } from '../../runtime/internal.ts';
import type { BusRecord, ClusterBus } from '../bus.ts';
import { Clock, type ClusterRuntime } from '../clock.ts';
import { checkLeaseMs, LEASE_MS } from '../engineOptions.ts';
import { MemoryBus } from './MemoryBus.ts';
import { MemoryStore } from './store.ts';

/** What a {@link MemoryHub} can be told at creation. */
export interface MemoryHubOptions {
  /** How long a root holds after each renewal, in milliseconds, 100..600,000. Default 4,000. */
  readonly leaseMs?: number | undefined;
  /** How long a call and a message take, in milliseconds, 0..10,000. Default 0: calls are answered at once, messages by a timer. */
  readonly delayMs?: number | undefined;
  /** Takes what listeners throw. Default: it is printed to the console. */
  readonly onError?: ((error: unknown, where: string) => void) | undefined;
  /** The clock. The Node entry brings one. */
  readonly runtime?: ClusterRuntime | undefined;
}

/** Records of a {@link MemoryHub}, as they were. */
export interface MemorySnapshot {
  /** By key. */
  readonly records: ReadonlyMap<string, BusRecord>;
}

/** What all buses of one process share, and what goes wrong with it on purpose: {@link MemoryHub.pause}, {@link MemoryHub.restart}. */
export class MemoryHub {
  /** How long a root holds, in milliseconds. */
  readonly leaseMs: number;
  readonly #store: MemoryStore;

  /** @throws TypeError or RangeError naming the option. */
  constructor(options: MemoryHubOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    const { leaseMs = LEASE_MS, delayMs = 0, onError = printError } = options;
    checkLeaseMs(leaseMs);
    checkInteger('delayMs', delayMs, 0, 10_000);
    checkFunctions(options, ['onError']);
    this.leaseMs = leaseMs;
    const clock = new Clock(requireRuntime<ClusterRuntime>(options.runtime, 'MemoryHub', 'cluster'));
    this.#store = new MemoryStore(clock, leaseMs, delayMs, onError);
  }

  /** A connection for one node. */
  connect(): ClusterBus {
    return new MemoryBus(this.#store);
  }

  /** Nobody is answered any more, until {@link MemoryHub.resume}. */
  pause(): void {
    this.#store.isUp = false;
  }

  /** Answers again. */
  resume(): void {
    this.#store.isUp = true;
  }

  /** What the hub has now, for {@link MemoryHub.restart}. */
  save(): MemorySnapshot {
    return { records: new Map(this.#store.records) };
  }

  /** As if the engine was started anew. @param saved the data that it has then; messages are lost. Default: none. */
  restart(saved?: MemorySnapshot): void {
    this.#store.restart(saved?.records);
  }
}

const OPTION_NAMES: OptionNames<MemoryHubOptions> = {
  leaseMs: true,
  delayMs: true,
  onError: true,
  runtime: true,
};
