/** How late the event loop is: measured only while somebody asks. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { QUANTILES, type QuantileNumber } from './quantiles.ts';

/** What measures: of `node:perf_hooks`. */
type Monitor = Pick<
  ReturnType<typeof monitorEventLoopDelay>,
  'enable' | 'disable' | 'reset' | 'percentile' | 'count'
>;

/**
 * The lateness of the event loop of this thread, in seconds, by quantiles of what there was since the last question. It is measured from the
 * first question on, until nobody has asked for {@link IDLE_MS}: a process that is not watched pays nothing.
 */
export class EventLoopDelay implements QuantileNumber {
  readonly name = 'event_loop_delay_seconds';
  readonly help = 'How late the event loop was since the last question, by quantiles';
  readonly #monitor: Monitor;
  #idle: NodeJS.Timeout | undefined;

  /** @param monitor what measures; tests bring another one. */
  constructor(monitor: Monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS })) {
    this.#monitor = monitor;
  }

  /** Each quantile with its value; nothing before there is any. */
  read(): [quantile: string, seconds: number][] {
    const monitor = this.#monitor;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#stop(), IDLE_MS).unref();
    monitor.enable();
    if (monitor.count === 0) return [];
    // What it measures is the time between two of its timers.
    const values = QUANTILES.map((quantile): [string, number] => [
      quantile,
      Math.max(0, monitor.percentile(Number(quantile) * 100) / 1e9 - RESOLUTION_MS / 1000),
    ]);
    monitor.reset();
    return values;
  }

  #stop(): void {
    this.#monitor.disable();
    this.#monitor.reset();
  }
}

const RESOLUTION_MS = 10;
/** Longer than any usual time between two scrapes. */
export const IDLE_MS = 150_000;
