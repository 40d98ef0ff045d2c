/**
 * The application's side of the network thread: a {@link RemoteHost} over a worker and two rings in shared memory.
 * docs/decisions/0004-network-thread.md.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import {
  DEFAULT_THREAD_LIMITS,
  type RemoteEvent,
  RemoteEventType,
  type RemoteHost,
  type RemoteHostListener,
  type RemoteHostOptions,
  type ThreadCounters,
  type WaitingBytes,
} from '../../enet/remoteHost.ts';
import type { SecureCounters } from '../../enet/secureTransport.ts';
import type { Address, AttachError } from '../../enet/transport.ts';
import { CommandSender } from './commandSender.ts';
import {
  CommandType,
  type CredentialsMessage,
  EVENT_HEADER_WORDS,
  OUTGOING_BYTES,
  RECEIVE_BULK,
  type SecureReport,
  STATISTICS_WORDS,
  type ThreadData,
  ThreadState,
  WAITING_BYTES,
  Word,
} from './layout.ts';
import { RingReader } from './ring.ts';
import { readStatistic } from './statistics.ts';

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
  const ringBytes = options.ringBytes ?? DEFAULT_THREAD_LIMITS.ringBytes;
  const maxQueuedBytes = options.maxQueuedBytes ?? DEFAULT_THREAD_LIMITS.maxQueuedBytes;
  if (!(ringBytes >= MIN_RING && ringBytes <= MAX_RING && Number.isInteger(Math.log2(ringBytes)))) {
    throw new RangeError(`"ringBytes" expected a power of two ${MIN_RING}..${MAX_RING}, got ${ringBytes}`);
  }
  if (!(Number.isInteger(maxQueuedBytes) && maxQueuedBytes >= MIN_RING && maxQueuedBytes <= MAX_RING)) {
    throw new RangeError(`"maxQueuedBytes" expected integer ${MIN_RING}..${MAX_RING}, got ${maxQueuedBytes}`);
  }
  const script = start.script ?? DEFAULT_SCRIPT;
  if (script.protocol === 'file:' && !existsSync(fileURLToPath(script))) {
    return { code: 'ENOENT', message: `the program of the network thread is missing: ${script.href}` };
  }
  const channel = new MessageChannel();
  const data: ThreadData = {
    control: new SharedArrayBuffer(Word.COUNT * 4),
    events: new SharedArrayBuffer(ringBytes),
    commands: new SharedArrayBuffer(ringBytes),
    statistics: new SharedArrayBuffer(options.host.peerCount * STATISTICS_WORDS * 4),
    bulk: channel.port2,
    options: { ...options, maxQueuedBytes },
    runtime: start.runtime,
  };
  const worker = new Worker(script, {
    workerData: data,
    transferList: [channel.port2],
    execArgv: [],
    name: 'godot-enet network',
  });
  return NetworkThread.await(worker, data, channel.port1, listener);
}

class NetworkThread implements RemoteHost {
  readonly localPort: number;
  readonly #worker: Worker;
  readonly #listener: RemoteHostListener;
  readonly #bulk: MessagePort;
  readonly #control: Int32Array;
  readonly #statistics: Uint32Array<SharedArrayBuffer>;
  readonly #events: RingReader;
  readonly #commands: CommandSender;
  readonly #maxOutgoingBytes: number;
  #isClosed = false;
  #secureCounters: SecureCounters | undefined;
  #refusedSends = 0;
  #pings = 0;

  /** Waits for the thread to say how its start went. */
  static await(
    worker: Worker,
    data: ThreadData,
    bulk: MessagePort,
    listener: RemoteHostListener,
  ): NetworkThread | AttachError {
    const control = new Int32Array(data.control);
    Atomics.wait(control, Word.STATE, ThreadState.STARTING, START_TIMEOUT_MS);
    const state = Atomics.load(control, Word.STATE);
    if (state === ThreadState.RUNNING) return new NetworkThread(worker, data, bulk, listener);
    const reason: unknown = receiveMessageOnPort(bulk)?.message;
    // Its end is expected now, and nobody listens any more.
    worker.on('error', () => undefined);
    void worker.terminate();
    bulk.close();
    return isAttachError(reason)
      ? reason
      : { code: 'ETIMEDOUT', message: `the network thread did not start within ${START_TIMEOUT_MS} ms` };
  }

  private constructor(worker: Worker, data: ThreadData, bulk: MessagePort, listener: RemoteHostListener) {
    this.#worker = worker;
    this.#listener = listener;
    this.#bulk = bulk;
    this.#control = new Int32Array(data.control);
    this.#statistics = new Uint32Array(data.statistics);
    this.#events = new RingReader(data.events, this.#control, Word.EVENT_HEAD, Word.EVENT_TAIL);
    this.#commands = new CommandSender(data, bulk, () => this.#ping());
    this.#maxOutgoingBytes = data.options.host.maxOutgoingBytes ?? Number.POSITIVE_INFINITY;
    this.localPort = Atomics.load(this.#control, Word.PORT);
    bulk.unref();
    worker.on('message', (message: unknown) => this.#onMessage(message));
    worker.on('error', (error: Error) => this.#fail(error));
    worker.on('exit', (code) => this.#fail(new Error(`the network thread ended with code ${code}`)));
    Atomics.store(this.#control, Word.MAIN_SLEEPS, 1);
    if (this.#events.hasMore) setImmediate(() => this.#wake());
  }

  next(): RemoteEvent | undefined {
    if (this.#isClosed) return undefined;
    if (this.#events.unreleased >= RELEASE_BYTES) this.#release();
    const at = this.#events.next();
    if (at >= 0) return this.#read(at);
    this.#release();
    // From here on the thread sends a message; look again for what it wrote just before.
    Atomics.store(this.#control, Word.MAIN_SLEEPS, 1);
    if (!this.#events.hasMore) return undefined;
    Atomics.store(this.#control, Word.MAIN_SLEEPS, 0);
    return this.#read(this.#events.next());
  }

  send(slot: number, generation: number, channel: number, bytes: Uint8Array, flags: number): boolean {
    if (this.#isClosed || this.#isFull(slot, generation)) {
      this.#refusedSends++;
      return false;
    }
    this.#commands.send(slot, generation, channel, bytes, flags);
    return true;
  }

  disconnectLater(slot: number, generation: number, data: number): void {
    this.#commands.command([CommandType.DISCONNECT_LATER, slot, generation, data]);
  }

  disconnectNow(slot: number, generation: number, data: number): void {
    this.#commands.command([CommandType.DISCONNECT_NOW, slot, generation, data]);
  }

  setLoginTimeout(timeoutMs: number): void {
    this.#commands.command([CommandType.LOGIN_TIMEOUT, timeoutMs]);
  }

  expectLogin(slot: number, generation: number, timeoutMs: number): void {
    this.#commands.command([CommandType.EXPECT_LOGIN, slot, generation, timeoutMs]);
  }

  loginDone(slot: number, generation: number): void {
    this.#commands.command([CommandType.LOGIN_DONE, slot, generation]);
  }

  compress(mode: number): void {
    this.#commands.command([CommandType.COMPRESS, mode]);
  }

  statistic(slot: number, generation: number, statistic: number): number | undefined {
    return readStatistic(this.#statistics, slot, generation, statistic);
  }

  waiting(slot: number, generation: number): WaitingBytes {
    const at = slot * STATISTICS_WORDS;
    const isCurrent = Atomics.load(this.#statistics, at) === generation;
    return {
      outgoingBytes: isCurrent ? (this.#statistics[at + OUTGOING_BYTES] ?? 0) : 0,
      waitingBytes: isCurrent ? (this.#statistics[at + WAITING_BYTES] ?? 0) : 0,
    };
  }

  counters(): ThreadCounters {
    const read = (index: number): number => Atomics.load(this.#control, index) >>> 0;
    return {
      holds: read(Word.HOLDS),
      isHolding: read(Word.IS_HOLDING) === 1,
      droppedWaiting: read(Word.DROPPED_WAITING),
      refusedConnects: read(Word.REFUSED_CONNECTS),
      refusedSends: this.#refusedSends,
      failedPackets: read(Word.FAILED_PACKETS),
      failedSends: read(Word.FAILED_SENDS),
      wakes: read(Word.WAKES),
      pings: this.#pings,
    };
  }

  get secureCounters(): SecureCounters | undefined {
    return this.#secureCounters;
  }

  setCredentials(key: string, certificate: string): void {
    const message: CredentialsMessage = { key, certificate };
    if (!this.#isClosed) this.#worker.postMessage(message);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#commands.flush();
    this.#isClosed = true;
    Atomics.store(this.#control, Word.STOP, 1);
    this.#worker.postMessage(0);
    Atomics.wait(this.#control, Word.STATE, ThreadState.RUNNING, STOP_TIMEOUT_MS);
    if (Atomics.load(this.#control, Word.STATE) !== ThreadState.CLOSED) {
      this.#listener.onError(new Error(`the network thread did not stop within ${STOP_TIMEOUT_MS} ms`));
    }
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#commands.close();
    this.#bulk.close();
    void this.#worker.terminate();
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.#end();
    this.#listener.onFailure(error);
  }

  #onMessage(message: unknown): void {
    if (this.#isClosed) return;
    if (isComplaint(message)) {
      this.#listener.onError(new Error(message.message));
      return;
    }
    if (isSecureReport(message)) {
      this.#secureCounters = message.secure;
      return;
    }
    this.#commands.flush();
    this.#wake();
  }

  #wake(): void {
    if (this.#isClosed) return;
    this.#listener.onWake();
    // Whoever did not take everything is asked again after the other callbacks of this turn.
    if (!this.#isClosed && this.#events.hasMore) setImmediate(() => this.#wake());
  }

  // --- Events -------------------------------------------------------------------------------------------------

  #read(at: number): RemoteEvent {
    const { words, bytes } = this.#events;
    const word = at >> 2;
    const type = words[word] ?? 0;
    const length = words[word + 5] ?? 0;
    const start = at + EVENT_HEADER_WORDS * 4;
    const event = {
      type: (type === RECEIVE_BULK ? RemoteEventType.RECEIVE : type) as RemoteEventType,
      slot: words[word + 1] ?? 0,
      generation: words[word + 2] ?? 0,
      data: words[word + 3] ?? 0,
      channel: (words[word + 4] ?? 0) & 0xff,
      flags: (words[word + 4] ?? 0) >>> 8,
      bytes: NO_BYTES as Uint8Array,
      address: undefined as Address | undefined,
    };
    if (type === RECEIVE_BULK) event.bytes = this.#takeBulk(length);
    else if (type === RemoteEventType.RECEIVE)
      event.bytes = new Uint8Array(bytes.subarray(start, start + length));
    else if (type === RemoteEventType.CONNECT)
      event.address = readAddress(bytes.slice(start, start + length));
    return event;
  }

  #takeBulk(length: number): Uint8Array {
    Atomics.sub(this.#control, Word.EVENT_BULK, length);
    const message: unknown = receiveMessageOnPort(this.#bulk)?.message;
    if (message instanceof Uint8Array) return message;
    throw new Error('a large packet is missing beside the ring');
  }

  /** What the events so far have led to goes first: the thread then knows which of them were answered. */
  #release(): void {
    this.#commands.flush();
    this.#events.release();
    if (Atomics.exchange(this.#control, Word.EVENT_ROOM_WANTED, 0) === 1) this.#ping();
  }

  // --- Commands -----------------------------------------------------------------------------------------------

  #isFull(slot: number, generation: number): boolean {
    if (this.#commands.isFull) return true;
    const at = slot * STATISTICS_WORDS;
    return (
      Atomics.load(this.#statistics, at) === generation &&
      (this.#statistics[at + OUTGOING_BYTES] ?? 0) >= this.#maxOutgoingBytes
    );
  }

  #ping(): void {
    this.#pings++;
    this.#worker.postMessage(0);
  }
}

function readAddress(bytes: Uint8Array): Address {
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf(' ');
  return { port: Number(text.slice(0, end)), ip: text.slice(end + 1) };
}

function isAttachError(value: unknown): value is AttachError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

function isComplaint(value: unknown): value is { readonly message: string } {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}

function isSecureReport(value: unknown): value is SecureReport {
  return typeof value === 'object' && value !== null && 'secure' in value;
}

const NO_BYTES = new Uint8Array(0);
/** Room is given back in steps of this size at least. */
const RELEASE_BYTES = 16 * 1024;
const MIN_RING = 65_536;
const MAX_RING = 2 ** 30;
const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2_000;
/** A run from the sources uses the built program: Node 20 cannot run TypeScript in a worker. */
const DEFAULT_SCRIPT = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/src/io/thread/worker.js' : './worker.js',
  import.meta.url,
);
