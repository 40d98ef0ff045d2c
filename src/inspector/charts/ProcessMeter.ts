/** CPU, event-loop delay and memory of this process, by the second. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessInfo } from '../protocol.ts';

/** See the head of this file. */
export class ProcessMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #ms = performance.now();
  #info: ProcessInfo;

  constructor() {
    this.#delay.enable();
    this.#info = this.#read(0, 0);
  }

  /** As of the last {@link ProcessMeter.measure}. */
  get info(): ProcessInfo {
    return this.#info;
  }

  /** A second is over. */
  measure(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const spanMs = now - this.#ms;
    this.#cpu = process.cpuUsage();
    this.#ms = now;
    // What it measures is the time between two of its timers.
    const delayMs = this.#delay.count === 0 ? 0 : this.#delay.percentile(99) / 1e6 - RESOLUTION_MS;
    this.#delay.reset();
    this.#info = this.#read(spanMs <= 0 ? 0 : (user + system) / 10 / spanMs, Math.max(0, delayMs));
  }

  /** Measures nothing more. */
  close(): void {
    this.#delay.disable();
  }

  #read(cpuPercent: number, loopDelayMs: number): ProcessInfo {
    return {
      pid: process.pid,
      uptimeSeconds: process.uptime(),
      cpuPercent,
      loopDelayMs,
      memoryBytes: process.memoryUsage.rss(),
      node: process.version,
    };
  }
}

const RESOLUTION_MS = 20;
