/** What this process uses, and how late its timers are. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GeneratorProbe } from '../run/probes.ts';

/** Begins to measure. */
export function probeGenerator(): GeneratorProbe {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return {
    read: () => {
      const { user, system } = process.cpuUsage();
      return { cpuMs: (user + system) / 1000, memoryBytes: process.memoryUsage.rss() };
    },
    // It measures from one timer to the next, and they are so far apart when none is late.
    lagP99Ms: () => Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
    close: () => {
      delay.disable();
    },
  };
}

const RESOLUTION_MS = 5;
