/**
 * Starts the network thread: a worker of node:worker_threads. docs/decisions/0004-network-thread.md.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { moduleUrl } from '../io/internal.ts';
import type { AttachError, RemoteHost, RemoteHostListener, RemoteHostOptions } from '../runtime/index.ts';
import { checkThreadLimits } from '../runtime/internal.ts';
import {
  bulkOf,
  type CredentialsMessage,
  RingHost,
  shareMemory,
  type ThreadData,
  type ThreadMessage,
  ThreadState,
  Word,
} from '../thread/internal.ts';

/** What a thread needs to know of the runtime that starts it. */
export interface ThreadStart {
  /** The settings of the runtime in the thread. */
  readonly runtime: ThreadData['runtime'];
  /** The program of the thread. Default: `worker.js` beside this module. */
  readonly script?: URL | undefined;
}

/**
 * Starts a thread and waits until its socket is bound, at most {@link START_TIMEOUT_MS}.
 *
 * @returns the running host, or why it could not be had.
 * @throws RangeError for a limit out of range.
 */
export function startNetworkThread(
  start: ThreadStart,
  options: RemoteHostOptions,
  listener: RemoteHostListener,
): RemoteHost | AttachError {
  const limits = checkThreadLimits(options);
  const script = start.script ?? DEFAULT_SCRIPT;
  if (script.protocol === 'file:' && !existsSync(fileURLToPath(script))) {
    const hint = 'bundle "godot-enet/worker" beside, or give its place: createNodeRuntime({ threadScript })';
    return {
      code: 'ENOENT',
      message: `the program of the network thread is missing: ${script.href} (${hint})`,
    };
  }
  const channel = new MessageChannel();
  const data: ThreadData = {
    ...shareMemory(options, limits.ringBytes),
    bulk: channel.port2,
    options: { ...options, ...limits },
    runtime: start.runtime,
  };
  const worker = new Worker(script, {
    workerData: data,
    transferList: [channel.port2],
    execArgv: [],
    name: 'godot-enet network',
    ...(options.maxHeapMib === undefined
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMib } }),
  });
  return awaitStart(worker, data, channel.port1, listener);
}

/** Waits for the thread to say how its start went. */
function awaitStart(
  worker: Worker,
  data: ThreadData,
  bulk: MessagePort,
  listener: RemoteHostListener,
): RemoteHost | AttachError {
  const control = new Int32Array(data.control);
  const wait = (state: number, timeoutMs: number): void => {
    Atomics.wait(control, Word.STATE, state, timeoutMs);
  };
  wait(ThreadState.STARTING, START_TIMEOUT_MS);
  if (Atomics.load(control, Word.STATE) !== ThreadState.RUNNING) {
    const reason: unknown = receiveMessageOnPort(bulk)?.message;
    // Its end is expected now, and nobody listens any more.
    worker.on('error', () => undefined);
    void worker.terminate();
    bulk.close();
    return isAttachError(reason)
      ? reason
      : { code: 'ETIMEDOUT', message: `the network thread did not start within ${START_TIMEOUT_MS} ms` };
  }
  const host = new RingHost(data, bulkOf(bulk), listener, {
    ping: () => worker.postMessage(0),
    setCredentials: (key, certificate) => {
      const message: CredentialsMessage = { key, certificate };
      worker.postMessage(message);
    },
    afterCall: queueMicrotask,
    nextTurn: (callback) => {
      setImmediate(callback);
    },
    wait,
    end: () => {
      bulk.close();
      void worker.terminate();
    },
  });
  bulk.unref();
  stopAtExit(host);
  let death: Error | undefined;
  worker.on('message', (message: unknown) => {
    if (!isMessage(message)) host.wake();
    else if ('diagnosis' in message) host.diagnose(message.diagnosis);
    else if ('secure' in message) host.tellSecure(message.secure);
    else host.complain(message.message);
  });
  worker.on('error', (error: Error) => {
    death = error;
  });
  // Only now the thread has really gone, and its socket with it.
  worker.on('exit', (code) => {
    forget(host);
    host.fail(death ?? new Error(`the network thread ended with code ${code}`));
  });
  return host;
}

/**
 * Stops the thread in order when the process (or the worker that started it) exits, also after an uncaught exception: one
 * that Node stops while datagrams arrive can bring the process down with SIGABRT. Every peer is told, too.
 */
function stopAtExit(host: RingHost): void {
  if (running.size === 0) process.on('exit', stopAll);
  running.add(host);
}

function forget(host: RingHost): void {
  running.delete(host);
  if (running.size === 0) process.off('exit', stopAll);
}

function stopAll(): void {
  for (const host of running) host.close();
}

const running = new Set<RingHost>();

function isAttachError(value: unknown): value is AttachError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

/** Everything but a wake is an object; only our own program sends them. */
function isMessage(value: unknown): value is ThreadMessage {
  return typeof value === 'object' && value !== null;
}

const START_TIMEOUT_MS = 10_000;
/** A run from the sources uses the built program: Node 20 cannot run TypeScript in a worker. */
const HERE = moduleUrl(import.meta.url);
const DEFAULT_SCRIPT = new URL(HERE.endsWith('.ts') ? '../../dist/src/node/worker.js' : './worker.js', HERE);
