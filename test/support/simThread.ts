/**
 * The network thread under virtual time: the real code of both sides, its rings and its queues, run by turns in this
 * thread. What a worker gets as messages comes as callbacks of the virtual clock; everything that crosses is cloned.
 */

import type { AttachError, Runtime } from '../../src/runtime/index.ts';
import type { RemoteHost, RemoteHostListener, RemoteHostOptions } from '../../src/runtime/remoteHost.ts';
import { checkThreadLimits } from '../../src/runtime/threadLimits.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';
import { HostThread } from '../../src/thread/hostThread.ts';
import { type BulkPort, type HostData, ThreadState, Word } from '../../src/thread/layout.ts';
import { RingHost, shareMemory } from '../../src/thread/ringHost.ts';

/** A runtime that has threads. */
export interface ThreadedRuntime extends Runtime {
  /** Stops the application's side, as a handler that computes: nothing calls back there. The thread goes on. */
  block(): void;
  /** Lets it go on with what has piled up. */
  unblock(): void;
  /** Kills the running thread, as an uncaught exception would. */
  kill(error: Error): void;
}

/** The same world, with threads. */
export function withThreads(runtime: SimRuntime): ThreadedRuntime {
  let kill: ((error: Error) => void) | undefined;
  let isBlocked = false;
  let held: (() => void)[] = [];
  const whenFree = (callback: () => void): void => {
    if (isBlocked) held.push(callback);
    else callback();
  };
  return {
    now: () => runtime.now(),
    random32: () => runtime.random32(),
    afterCall: (callback) => runtime.defer(() => whenFree(callback)),
    startTimer: (delayMs, callback) => {
      let isCancelled = false;
      const timer = runtime.startTimer(delayMs, () => {
        whenFree(() => {
          if (!isCancelled) callback();
        });
      });
      return {
        cancel: () => {
          isCancelled = true;
          timer.cancel();
        },
      };
    },
    block: () => {
      isBlocked = true;
    },
    unblock: () => {
      isBlocked = false;
      for (const callback of held) runtime.defer(callback);
      held = [];
    },
    attach: (host, bind) => runtime.attach(host, bind),
    resolve: (name, done) => runtime.resolve(name, done),
    resolveNow: (name) => runtime.resolveNow(name),
    attachRemote: (options, listener) => {
      const started = start(runtime, options, listener, whenFree);
      if ('code' in started) return started;
      kill = started.kill;
      return started.host;
    },
    kill: (error) => kill?.(error),
  };
}

interface Started {
  readonly host: RemoteHost;
  readonly kill: (error: Error) => void;
}

function start(
  runtime: SimRuntime,
  given: RemoteHostOptions,
  listener: RemoteHostListener,
  whenFree: (callback: () => void) => void,
): Started | AttachError {
  // A function among the options would throw here, as it would with a worker.
  const options = structuredClone(given);
  const limits = checkThreadLimits(options);
  const data: HostData = { ...shareMemory(options, limits.ringBytes), options: { ...options, ...limits } };
  const [mainEnd, threadEnd] = bulkChannel();
  let host: RingHost | undefined;
  let isRunning = true;
  const thread = HostThread.start(data, runtime, threadEnd, {
    ping: () => {
      runtime.defer(() => whenFree(() => host?.wake()));
    },
    complain: (message) => {
      runtime.defer(() => whenFree(() => host?.complain(message)));
    },
    diagnose: (diagnosis) => {
      runtime.defer(() => whenFree(() => host?.diagnose(diagnosis)));
    },
    tellSecure: (counters) => {
      const copy = structuredClone(counters);
      runtime.defer(() => whenFree(() => host?.tellSecure(copy)));
    },
  });
  if ('code' in thread) return thread;
  // What the worker's program does.
  const control = new Int32Array(data.control);
  control[Word.PORT] = thread.localPort;
  control[Word.STATE] = ThreadState.RUNNING;
  host = new RingHost(data, mainEnd, listener, {
    ping: () => {
      runtime.defer(() => {
        if (isRunning) thread.onPing();
      });
    },
    setCredentials: (key, certificate) => {
      runtime.defer(() => thread.setCredentials(key, certificate));
    },
    afterCall: (callback) => {
      runtime.defer(callback);
    },
    nextTurn: (callback) => {
      runtime.defer(() => whenFree(callback));
    },
    wait: () => {
      if (isRunning) thread.onPing();
    },
    end: () => {
      isRunning = false;
      thread.release();
    },
  });
  const running = host;
  return {
    host,
    kill: (error) => {
      isRunning = false;
      thread.release();
      running.fail(error);
    },
  };
}

function bulkChannel(): [BulkPort, BulkPort] {
  const queues: Uint8Array[][] = [[], []];
  const end = (from: number, to: number): BulkPort => ({
    post: (bytes) => queues[to]?.push(new Uint8Array(bytes)),
    take: () => queues[from]?.shift(),
  });
  return [end(0, 1), end(1, 0)];
}
