/**
 * The application's side of a host in a thread of its own: a {@link RemoteHost} over rings in shared memory. How the
 * thread is run and woken is told to it. docs/decisions/0004-network-thread.md.
 */

import type { Diagnosis } from '../doctor/index.ts';
import { findCredentialsProblem } from '../dtls/internal.ts';
import type { Address, DisconnectCause } from '../enet/index.ts';
import { packetCharge } from '../enet/internal.ts';
import {
  type AttachError,
  type RemoteEvent,
  RemoteEventType,
  type RemoteHost,
  type RemoteHostListener,
  type RemoteHostOptions,
  type RemoteNumbers,
  type SecureCounters,
  type ThreadCounters,
  type WaitingBytes,
} from '../runtime/index.ts';
import { CommandSender } from './commandSender.ts';
import {
  type BulkPort,
  CONTROL_WORDS,
  CommandType,
  DISCONNECT_CAUSES,
  EVENT_HEADER_WORDS,
  type HostData,
  RECEIVE_BULK,
  type SharedMemory,
  STATISTICS_WORDS,
  ThreadState,
  WAITING_BYTES,
  Word,
} from './layout.ts';
import { readNumbers } from './numbers.ts';
import { RingReader } from './ring.ts';
import { readOutgoing, readStatistic } from './statistics.ts';
import { TRACE_BYTES, TraceReader } from './traceRing.ts';

/** How a {@link RingHost} deals with its thread. */
export interface ThreadHandle {
  /** Wakes the thread. */
  ping(): void;
  /** Gives it another key and certificate for DTLS. */
  setCredentials(key: string, certificate: string): void;
  /** Calls back when the call that runs now is over. */
  afterCall(callback: () => void): void;
  /** Calls back after the other callbacks of this turn. */
  nextTurn(callback: () => void): void;
  /** Blocks while `Word.STATE` has this value, at most so long. */
  wait(state: number, timeoutMs: number): void;
  /** Ends the thread, if it has not ended by itself. */
  end(): void;
}

/** The memory that both sides share. */
export function shareMemory(options: RemoteHostOptions, ringBytes: number): SharedMemory {
  return {
    control: new SharedArrayBuffer(CONTROL_WORDS * 4),
    events: new SharedArrayBuffer(ringBytes),
    commands: new SharedArrayBuffer(ringBytes),
    statistics: new SharedArrayBuffer(options.host.peerCount * STATISTICS_WORDS * 4),
    traces: new SharedArrayBuffer(options.traces === undefined ? 0 : TRACE_BYTES),
  };
}

/** See the head of this file. */
export class RingHost implements RemoteHost {
  readonly localPort: number;
  readonly #handle: ThreadHandle;
  readonly #listener: RemoteHostListener;
  readonly #bulk: BulkPort;
  readonly #control: Int32Array;
  readonly #statistics: Uint32Array<SharedArrayBuffer>;
  readonly #events: RingReader;
  readonly #commands: CommandSender;
  readonly #traces: TraceReader | undefined;
  readonly #maxOutgoingBytes: number;
  /** What was sent to the peer of each slot since it connected: charges, modulo 2^32. */
  readonly #sent: Uint32Array;
  /** {@link RemoteEvent.fragmentBytes} of the peer of each slot. */
  readonly #fragmentBytes: Uint32Array;
  #isClosed = false;
  #secureCounters: SecureCounters | undefined;
  #refusedSends = 0;
  #pings = 0;

  /** @param data a thread that runs with it. */
  constructor(data: HostData, bulk: BulkPort, listener: RemoteHostListener, handle: ThreadHandle) {
    const { peerCount, maxOutgoingBytes } = data.options.host;
    this.#handle = handle;
    this.#listener = listener;
    this.#bulk = bulk;
    this.#control = new Int32Array(data.control);
    this.#statistics = new Uint32Array(data.statistics);
    this.#events = new RingReader(data.events, this.#control, Word.EVENT_HEAD, Word.EVENT_TAIL);
    this.#commands = new CommandSender(data, bulk, {
      ping: () => this.#ping(),
      afterCall: handle.afterCall,
    });
    const { trace } = listener;
    this.#traces =
      trace === undefined || data.options.traces === undefined
        ? undefined
        : new TraceReader(data.traces, this.#control, trace);
    this.#maxOutgoingBytes = maxOutgoingBytes ?? Number.POSITIVE_INFINITY;
    this.#sent = new Uint32Array(peerCount);
    this.#fragmentBytes = new Uint32Array(peerCount);
    this.localPort = Atomics.load(this.#control, Word.PORT);
    Atomics.store(this.#control, Word.MAIN_SLEEPS, 1);
    // As every host does: the first pass comes at once.
    handle.nextTurn(() => this.wake());
  }

  next(): RemoteEvent | undefined {
    if (this.#isClosed) return undefined;
    if (this.#events.unreleased >= RELEASE_BYTES) this.#release();
    const at = this.#events.next();
    if (at >= 0) return this.#read(at);
    this.#release();
    // From here on the thread sends a message; look again for what it wrote just before.
    Atomics.store(this.#control, Word.MAIN_SLEEPS, 1);
    this.#traces?.drain();
    if (!this.#events.hasMore) return undefined;
    Atomics.store(this.#control, Word.MAIN_SLEEPS, 0);
    return this.#read(this.#events.next());
  }

  send(slot: number, generation: number, channel: number, bytes: Uint8Array, flags: number): boolean {
    const { length } = bytes;
    const waiting = this.#outgoing(slot, generation);
    if (this.#isClosed || this.#commands.isFull || waiting + length > this.#maxOutgoingBytes) {
      this.#refusedSends++;
      return false;
    }
    const charge = packetCharge(length, this.#fragmentBytes[slot] || MIN_FRAGMENT);
    this.#sent[slot] = (this.#sent[slot] ?? 0) + charge;
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
      outgoingBytes: this.#outgoing(slot, generation),
      waitingBytes: isCurrent ? (this.#statistics[at + WAITING_BYTES] ?? 0) : 0,
    };
  }

  answerAdmission(question: number, isAdmitted: boolean): void {
    this.#commands.command([CommandType.ADMISSION, question, isAdmitted ? 1 : 0]);
  }

  setOpen(isOpen: boolean): void {
    this.#commands.command([CommandType.OPEN, isOpen ? 1 : 0]);
  }

  setCredentials(key: string, certificate: string): AttachError | undefined {
    // Looked at here, so that the caller hears of it at once; the thread does it again.
    const problem = findCredentialsProblem(key, certificate);
    if (problem === undefined && !this.#isClosed) this.#handle.setCredentials(key, certificate);
    return problem;
  }

  get secureCounters(): SecureCounters | undefined {
    return this.#secureCounters;
  }

  numbers(): RemoteNumbers {
    return readNumbers(this.#control);
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
      droppedTraces: read(Word.DROPPED_TRACES),
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#commands.flush();
    this.#isClosed = true;
    Atomics.store(this.#control, Word.STOP, 1);
    this.#handle.ping();
    this.#handle.wait(ThreadState.RUNNING, STOP_TIMEOUT_MS);
    this.#traces?.drain();
    if (Atomics.load(this.#control, Word.STATE) !== ThreadState.CLOSED) {
      this.#listener.onError(new Error(`the network thread did not stop within ${STOP_TIMEOUT_MS} ms`));
    }
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#commands.close();
    this.#handle.end();
  }

  /** The thread has died. */
  fail(error: Error): void {
    if (this.#isClosed) return;
    this.#end();
    this.#listener.onFailure(error);
  }

  /** The thread tells of an error that has no other place. */
  complain(message: string): void {
    if (!this.#isClosed) this.#listener.onError(new Error(message));
  }

  /** The thread tells what its connection doctor found. */
  diagnose(diagnosis: Diagnosis): void {
    if (!this.#isClosed) this.#listener.onDiagnosis?.(diagnosis);
  }

  /** The thread tells the numbers of DTLS. */
  tellSecure(counters: SecureCounters): void {
    this.#secureCounters = counters;
  }

  /** The thread has written events, observations or made room. */
  wake(): void {
    if (this.#isClosed) return;
    this.#commands.flush();
    this.#traces?.drain();
    this.#listener.onWake();
    // Whoever did not take everything is asked again after the other callbacks of this turn.
    if (!this.#isClosed && this.#hasNews) this.#handle.nextTurn(() => this.wake());
  }

  get #hasNews(): boolean {
    if (this.#events.hasMore || this.#traces?.hasMore === true) return true;
    // Whoever stopped just at the end did not see it, as `next` does: what comes now has to wake it.
    this.#release();
    Atomics.store(this.#control, Word.MAIN_SLEEPS, 1);
    return this.#events.hasMore;
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
      fragmentBytes: 0,
      cause: undefined as DisconnectCause | undefined,
    };
    if (type === RECEIVE_BULK) event.bytes = this.#takeBulk(length);
    else if (type === RemoteEventType.DISCONNECT) {
      event.cause = DISCONNECT_CAUSES[event.channel];
      event.channel = 0;
    } else if (type === RemoteEventType.RECEIVE)
      event.bytes = new Uint8Array(bytes.subarray(start, start + length));
    else if (type === RemoteEventType.CONNECT || type === RemoteEventType.ADMISSION)
      this.#readOrigin(event, bytes.slice(start, start + length));
    return event;
  }

  #readOrigin(event: { -readonly [Name in keyof RemoteEvent]: RemoteEvent[Name] }, bytes: Uint8Array): void {
    const [port = '', fragmentBytes = '', ip = ''] = new TextDecoder().decode(bytes).split(' ');
    event.address = { port: Number(port), ip };
    if (event.type !== RemoteEventType.CONNECT) return;
    event.fragmentBytes = Number(fragmentBytes);
    this.#fragmentBytes[event.slot] = event.fragmentBytes;
    this.#sent[event.slot] = 0;
  }

  #takeBulk(length: number): Uint8Array {
    Atomics.sub(this.#control, Word.EVENT_BULK, length);
    const message = this.#bulk.take();
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

  #outgoing(slot: number, generation: number): number {
    return readOutgoing(this.#statistics, slot, generation, this.#sent[slot] ?? 0);
  }

  #ping(): void {
    this.#pings++;
    this.#handle.ping();
  }
}

const NO_BYTES = new Uint8Array(0);
/** Room is given back in steps of this size at least. */
const RELEASE_BYTES = 16 * 1024;
const STOP_TIMEOUT_MS = 2_000;
/** The payload of the smallest datagram (enet-protocol 5.1), for a peer that has gone. */
const MIN_FRAGMENT = 548;
