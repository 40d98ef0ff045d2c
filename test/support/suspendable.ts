/**
 * A runtime of the virtual network whose process can be stopped, as by SIGSTOP or by a handler that computes. Where it goes
 * on, the event loop has its order: first the timers that are overdue, then what arrived, then what was put off.
 */
import type { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';

/** A runtime, and how to stop it. */
export interface Suspendable {
  readonly runtime: SimRuntime;
  /** Stops the process for so long; the rest of the network goes on. */
  suspend(ms: number): void;
}

/** Makes one at an address, in a network whose paths have the latency `latencyMs`. */
export function createSuspendable(network: SimNetwork, ip: string, latencyMs = 0): Suspendable {
  const runtime = network.createRuntime(ip);
  let isStopped = false;
  const timers: (() => void)[] = [];
  const turns: (() => void)[] = [];
  const start = runtime.startTimer.bind(runtime);
  const defer = runtime.defer.bind(runtime);
  const whenRunning = (queue: (() => void)[], callback: () => void) => (): void => {
    if (isStopped) queue.push(callback);
    else callback();
  };
  runtime.startTimer = (delayMs, callback) =>
    cancellable(callback, (own) => start(delayMs, whenRunning(timers, own)));
  runtime.defer = (callback) => cancellable(callback, (own) => defer(whenRunning(turns, own)));
  return {
    runtime,
    suspend: (ms) => {
      isStopped = true;
      const end = network.time + ms;
      // What is sent to it meanwhile is read in the first poll phase after its end: behind the timers, before the turns.
      while (network.time < end) {
        network.setLink('*', ip, { latencyMs: end - network.time + ARRIVAL_MS });
        network.advance(Math.min(STEP_MS, end - network.time));
      }
      network.setLink('*', ip, { latencyMs });
      isStopped = false;
      for (const callback of timers.splice(0)) callback();
      network.advance(2 * ARRIVAL_MS);
      for (const callback of turns.splice(0)) callback();
    },
  };
}

function cancellable<Handle extends { cancel(): void }>(
  callback: () => void,
  begin: (own: () => void) => Handle,
): { cancel(): void } {
  let isCancelled = false;
  const handle = begin(() => {
    if (!isCancelled) callback();
  });
  return {
    cancel: () => {
      isCancelled = true;
      handle.cancel();
    },
  };
}

/** How fine-grained the arrivals are. */
const STEP_MS = 5;
const ARRIVAL_MS = 0.01;
