/**
 * Ends a process whose bot script blocks it: an endless loop lets no timer run, so a thread looks. What a script only waits for
 * blocks nothing, and is none of its business.
 */
import { Worker } from 'node:worker_threads';

/** A watchdog that can be sent home. */
export interface Watchdog {
  /** The run is over. */
  close(): Promise<void>;
}

/** Watches this thread: when none of its timers has run for so long, in ms, the process says so and ends with SIGKILL. */
export function watchThread(limitMs: number): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(PROGRAM, { eval: true, workerData: { beats, limitMs, pid: process.pid } });
  worker.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), Math.min(1000, limitMs / 4));
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await worker.terminate();
    },
  };
}

/** In plain JavaScript, of either kind of module: it must not need the files of this package in a bundle. */
const PROGRAM = `
Promise.all([import('node:worker_threads'), import('node:fs')]).then(([{ workerData }, { writeSync }]) => {
  const { beats, limitMs, pid } = workerData;
  let last = -1;
  let since = performance.now();
  setInterval(() => {
    const now = Atomics.load(beats, 0);
    if (now !== last) {
      last = now;
      since = performance.now();
    } else if (performance.now() - since > limitMs) {
      writeSync(2, 'godot-enet: the bot script, or too many players, blocked this process for ' + limitMs / 1000 + ' s: it ends here, without a report\\n');
      process.kill(pid, 'SIGKILL');
    }
  }, limitMs / 8);
});
`;
