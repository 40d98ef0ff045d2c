/** The {@link Runtime} of Node: real sockets, the monotonic clock, timers, node:crypto and the system's resolver. */
import { randomFillSync } from 'node:crypto';
import { lookup } from 'node:dns';
import { isMainThread } from 'node:worker_threads';
import { checkInteger, checkOptions, given, type OptionNames } from '../../options/internal.ts';
import { canonicalIp } from '../enet/internal.ts';
import {
  AttachedHost,
  type HostLike,
  mmsgProblem,
  openDgramSocket,
  openMmsgSocket,
  resolveNow,
} from '../io/internal.ts';
import type {
  AttachError,
  BindOptions,
  RemoteHost,
  RemoteHostListener,
  RemoteHostOptions,
  Runtime,
  Timer,
} from '../runtime/index.ts';
import type { Scheduler } from '../runtime/internal.ts';
import { startNetworkThread } from './networkThread.ts';

/** Settings of {@link createNodeRuntime}. */
export interface NodeRuntimeOptions {
  /**
   * Receive buffer to ask the system for, in bytes per socket; 0 leaves the system's default. Default 4 MiB. When
   * the system grants less, it is used as it is (on Linux raise `net.core.rmem_max` to allow more).
   */
  readonly receiveBufferBytes?: number;
  /** What the clock shows when the runtime is made, u32 of at least 1000. Default 1000. */
  readonly clockStartMs?: number;
  /**
   * How datagrams are moved: `"dgram"` (node:dgram, everywhere), `"mmsg"` (recvmmsg and sendmmsg: Linux on x64 or
   * arm64 with the optional package `koffi`; faster), or `"auto"`: mmsg where it can be had, else dgram; in a worker of
   * the application always dgram, since Node aborts when a worker with koffi is terminated. Default: what the environment
   * variable `GODOT_ENET_TRANSPORT` names, else `"auto"`.
   */
  readonly transport?: NodeTransport;
  /**
   * How long datagrams may wait for others, in ms, 0..50: one wake then serves all that came in that time, which costs a server with
   * many slow peers somewhat less, and adds as much to their round trips. The first after a pause is served at once. What the application
   * sends, and deadlines, do not wait. Default 0: datagrams are served as they come.
   */
  readonly gatherMs?: number;
  /**
   * The program of network threads. Default: `worker.js` beside the module that starts it. For bundlers, which do not
   * see that it is needed: bundle `godot-enet/worker` as an entry of its own and give its place here.
   */
  readonly threadScript?: URL;
}

/** See {@link NodeRuntimeOptions.transport}. */
export type NodeTransport = 'auto' | 'dgram' | 'mmsg';

/** The defaults of {@link NodeRuntimeOptions}. */
export const NODE_RUNTIME_DEFAULTS: {
  readonly receiveBufferBytes: number;
  readonly clockStartMs: number;
  readonly gatherMs: number;
} = {
  receiveBufferBytes: 4 * 1024 * 1024,
  clockStartMs: 1000,
  gatherMs: 0,
};

/**
 * Makes a runtime over the sockets, clock and timers of this process.
 *
 * @throws RangeError for an option out of range.
 */
export function createNodeRuntime(options: NodeRuntimeOptions = {}): NodeRuntime {
  checkOptions(options, OPTION_NAMES);
  return new SystemRuntime({ ...NODE_RUNTIME_DEFAULTS, ...given(options) });
}

/** A {@link Runtime} of this process. */
export interface NodeRuntime extends Runtime {
  /** As {@link Runtime.attachRemote}: a worker of node:worker_threads. */
  attachRemote(options: RemoteHostOptions, listener: RemoteHostListener): RemoteHost | AttachError;
  /** As {@link Runtime.attach}, for anything that works like a host. */
  attach(host: HostLike, bind: BindOptions): AttachedHost | AttachError;
}

class SystemRuntime implements NodeRuntime {
  readonly #receiveBufferBytes: number;
  readonly #gatherMs: number;
  readonly #transport: NodeTransport | undefined;
  readonly #scheduler: NodeScheduler;
  readonly #random = new RandomPool();
  readonly #threadScript: URL | undefined;

  constructor(options: NodeRuntimeOptions & typeof NODE_RUNTIME_DEFAULTS) {
    const { receiveBufferBytes, clockStartMs, gatherMs, transport } = options;
    checkInteger('receiveBufferBytes', receiveBufferBytes, 0, 0x7fff_ffff);
    checkInteger('clockStartMs', clockStartMs, 1000, 0xffff_ffff);
    checkInteger('gatherMs', gatherMs, 0, 50);
    if (transport !== undefined && !isTransport(transport)) {
      throw new RangeError(
        `"transport" expected "auto", "dgram" or "mmsg", got ${JSON.stringify(transport)}`,
      );
    }
    this.#receiveBufferBytes = receiveBufferBytes;
    this.#gatherMs = gatherMs;
    this.#transport = transport;
    this.#scheduler = new NodeScheduler(clockStartMs);
    this.#threadScript = options.threadScript;
  }

  now(): number {
    return this.#scheduler.now();
  }

  random32(): number {
    return this.#random.next();
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#scheduler.startTimer(delayMs, callback);
  }

  attach(host: HostLike, bind: BindOptions): AttachedHost | AttachError {
    const transport = this.#chooseTransport();
    if (typeof transport !== 'string') {
      return transport;
    }
    const openSocket = transport === 'mmsg' ? openMmsgSocket : openDgramSocket;
    const options = { receiveBufferBytes: this.#receiveBufferBytes };
    return AttachedHost.open(
      host,
      this.#scheduler,
      (onReadable) => openSocket(bind, options, onReadable),
      this.#gatherMs,
    );
  }

  attachRemote(options: RemoteHostOptions, listener: RemoteHostListener): RemoteHost | AttachError {
    // Chosen here: the thread is a worker, too, but one that is stopped in order.
    const transport = this.#chooseTransport();
    if (typeof transport !== 'string') {
      return transport;
    }
    const runtime = {
      transport,
      receiveBufferBytes: this.#receiveBufferBytes,
      gatherMs: this.#gatherMs,
      // The clock there goes on from here, less what the start takes.
      clockStartMs: Math.max(1000, this.now()),
    };
    return startNetworkThread({ runtime, script: this.#threadScript }, options, listener);
  }

  #chooseTransport(): 'dgram' | 'mmsg' | AttachError {
    // An empty variable counts as unset, as shells make it easy to set one.
    const transport = this.#transport ?? (process.env['GODOT_ENET_TRANSPORT'] || 'auto');
    if (!isTransport(transport)) {
      return {
        code: 'EINVAL',
        message: `GODOT_ENET_TRANSPORT expected auto, dgram or mmsg, got ${transport}`,
      };
    }
    if (transport !== 'auto') {
      return transport;
    }
    // A worker of the application can be terminated at any time: with koffi in it Node aborts the process then. Deno and Bun
    // have node:dgram, but not what wakes a socket of koffi.
    return isNode && isMainThread && mmsgProblem() === undefined ? 'mmsg' : 'dgram';
  }

  resolve(name: string, done: (ip: string | undefined) => void): void {
    const literal = canonicalIp(name);
    if (literal !== undefined) {
      done(literal);
      return;
    }
    if (!HOST_NAME.test(name)) {
      setImmediate(done, undefined);
      return;
    }
    lookup(name, (error, address) => {
      done(error === null ? canonicalIp(address) : undefined);
    });
  }

  resolveNow(name: string): string | undefined {
    return canonicalIp(name) ?? (HOST_NAME.test(name) ? resolveNow(name) : undefined);
  }

  warn(code: string, message: string): void {
    if (warned.has(code)) return;
    warned.add(code);
    process.emitWarning(message, { type: 'GodotEnetWarning', code });
  }
}

const isNode = !('deno' in process.versions) && !('bun' in process.versions);
/** What was told already, in this process. */
const warned = new Set<string>();

class NodeScheduler implements Scheduler {
  /** Less than a frame of a game, in which the engine looks at its own host. */
  readonly slackMs = 10;
  readonly #origin: number;

  constructor(startMs: number) {
    this.#origin = performance.now() - startMs;
  }

  now(): number {
    return (performance.now() - this.#origin) >>> 0;
  }

  time(): number {
    return performance.now() - this.#origin;
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    // Rounded up: a timer that fires early finds that nothing is due yet.
    const handle = setTimeout(callback, Math.ceil(delayMs));
    return { cancel: () => clearTimeout(handle) };
  }

  defer(callback: () => void): Timer {
    const handle = setImmediate(callback);
    return { cancel: () => clearImmediate(handle) };
  }
}

/** Strong random numbers, fetched in blocks because one call of the generator costs more than the numbers. */
class RandomPool {
  readonly #block = new Uint32Array(256);
  #next = 256;

  next(): number {
    if (this.#next >= this.#block.length) {
      randomFillSync(this.#block);
      this.#next = 0;
    }
    const value = this.#block[this.#next] ?? 0;
    // A number that was handed out is not kept.
    this.#block[this.#next] = 0;
    this.#next += 1;
    return value;
  }
}

function isTransport(name: string): name is NodeTransport {
  return name === 'auto' || name === 'dgram' || name === 'mmsg';
}

/** What can be a host name: no white space, no controls, at most 253 characters. */
const HOST_NAME = /^[^\s\p{Cc}]{1,253}$/u;

const OPTION_NAMES: OptionNames<NodeRuntimeOptions> = {
  receiveBufferBytes: true,
  clockStartMs: true,
  gatherMs: true,
  transport: true,
  threadScript: true,
};

/** The runtime that the Node entry points use unless told otherwise. */
export const nodeRuntime: NodeRuntime = /* @__PURE__ */ createNodeRuntime();
