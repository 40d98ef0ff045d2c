/**
 * The host in the network thread: it turns commands into calls of the host and events into records, and keeps the
 * protocol going while nobody takes them. docs/decisions/0004-network-thread.md. Longer than other files because every
 * command and every event of the thread has its short method here, around one host.
 */

import { connectionDoctor } from '../doctor/index.ts';
import {
  type Address,
  crc32,
  DisconnectCause,
  EventType,
  Host,
  type HostEvent,
  Packet,
  PacketFlag,
  type Peer,
  PeerState,
} from '../enet/index.ts';
import { packetCharge } from '../enet/internal.ts';
import type { AttachedHost } from '../io/internal.ts';
import { type AttachError, RemoteEventType } from '../runtime/index.ts';
import type { Question } from './admissions.ts';
import { CompressionSetting } from './compressionSetting.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { EventSender } from './eventSender.ts';
import {
  type BulkPort,
  CommandType,
  DISCONNECT_CAUSES,
  type HostData,
  SEND_HEADER_WORDS,
  ThreadState,
  Word,
} from './layout.ts';
import { LoginWatch } from './loginWatch.ts';
import { NumbersWriter } from './numbers.ts';
import { RingReader } from './ring.ts';
import { SecureReporter } from './secureReporter.ts';
import { StatisticsWriter } from './statistics.ts';
import type { ThreadParts, ThreadRuntime, ThreadVoice } from './threadRuntime.ts';
import { TraceWriter } from './traceRing.ts';

/** Runs one host. Made by the worker. */
export class HostThread {
  readonly #data: HostData;
  readonly #bulk: BulkPort;
  readonly #voice: ThreadVoice;
  readonly #control: Int32Array;
  readonly #events: EventSender;
  readonly #commands: RingReader;
  readonly #host: Host;
  readonly #port: AttachedHost;
  readonly #statistics: StatisticsWriter;
  readonly #logins: LoginWatch;
  readonly #doorkeeper: Doorkeeper;
  readonly #numbers: NumbersWriter;
  readonly #compression: CompressionSetting;
  readonly #traces: TraceWriter | undefined;
  readonly #secure: SecureReporter;
  readonly #connected = new Map<number, Peer>();
  #isClosed = false;

  /**
   * Makes the host and binds its socket.
   *
   * @returns the running thread, or why there is no socket.
   */
  static start(
    data: HostData,
    runtime: ThreadRuntime,
    bulk: BulkPort,
    voice: ThreadVoice,
  ): HostThread | AttachError {
    const { options } = data;
    const { traces } = options;
    const control = new Int32Array(data.control);
    const writer = traces === undefined ? undefined : new TraceWriter(data.traces, control, traces);
    let doorkeeper: Doorkeeper | undefined;
    const host = new Host({
      ...options.host,
      random32: () => runtime.random32(),
      // Nothing arrives before the thread is made.
      admit: (from, connectData, attempt) => doorkeeper?.admit(from, connectData, attempt),
      mayBegin: (from) => doorkeeper?.gate?.mayBegin(from) !== false,
      checksum: options.checksum === undefined ? undefined : crc32,
      trace: writer?.trace,
      doctor:
        options.doctor &&
        connectionDoctor({ ...options.doctor, onDiagnosis: (diagnosis) => voice.diagnose(diagnosis) }),
    });
    const port = runtime.attach(host, options.bind);
    if ('code' in port) return port;
    const { secure } = options;
    const problem = secure === undefined ? undefined : port.secure(secure, host.peerCount);
    if (problem !== undefined) {
      port.close();
      return problem;
    }
    const thread = new HostThread({ data, runtime, bulk, voice, host, port, traces: writer });
    doorkeeper = thread.#doorkeeper;
    return thread;
  }

  private constructor(parts: ThreadParts) {
    const { data, runtime, host, port } = parts;
    this.#data = data;
    this.#bulk = parts.bulk;
    this.#voice = parts.voice;
    this.#traces = parts.traces;
    this.#control = new Int32Array(data.control);
    this.#events = new EventSender(data, parts.bulk, (isHolding) => {
      host.isHolding = isHolding;
    });
    this.#commands = new RingReader(data.commands, this.#control, Word.COMMAND_HEAD, Word.COMMAND_TAIL);
    this.#host = host;
    this.#port = port;
    this.#statistics = new StatisticsWriter(data.statistics, this.#connected, (delayMs, callback) =>
      runtime.startTimer(delayMs, callback),
    );
    this.#doorkeeper = new Doorkeeper(data.options, {
      now: () => port.now(),
      isFull: () => this.#events.isFull,
      ask: (question, connectData) => this.#ask(question, connectData),
      refused: () => Atomics.add(this.#control, Word.REFUSED_CONNECTS, 1),
    });
    this.#numbers = new NumbersWriter(this.#control, host, this.#doorkeeper.gate);
    this.#logins = new LoginWatch({
      now: () => port.now(),
      startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
      look: () => this.#lookAtReader(),
      expire: (slot, generation) => this.#expireLogin(slot, generation),
      cutOff: (slot, generation) => this.#cutOff(slot, generation),
      hasUnread: (slot) =>
        this.#events.isHolding &&
        ((host.peer(slot)?.waitingBytes ?? 0) > 0 || this.#events.firstWaitingSlot === slot),
    });
    this.#logins.timeoutMs = data.options.loginTimeoutMs;
    this.#compression = new CompressionSetting(host, (message) => parts.voice.complain(message));
    this.#compression.select(data.options.compression);
    this.#secure = new SecureReporter(port, runtime, parts.voice);
    this.#sleep();
    port.setWakeListener(() => this.#pass());
  }

  /** The bound port. */
  get localPort(): number {
    return this.#port.localPort;
  }

  /** The other thread has written commands, released events or asked for the end. */
  readonly onPing = (): void => {
    if (this.#isClosed) return;
    this.#runCommands();
    if (Atomics.load(this.#control, Word.STOP) === 1) {
      this.close();
      return;
    }
    this.#port.drain();
    this.#port.requestWake();
  };

  /** DTLS: another key and certificate. */
  setCredentials(key: string, certificate: string): void {
    if (!this.#isClosed) this.#secure.setCredentials(key, certificate);
  }

  /** Tells every peer, closes the socket and says so. */
  close(): void {
    if (this.#isClosed) return;
    const now = this.#port.now();
    for (const peer of this.#host.peers()) {
      peer.disconnectNow(0, now);
    }
    this.#port.drain();
    this.release();
    Atomics.store(this.#control, Word.STATE, ThreadState.CLOSED);
    Atomics.notify(this.#control, Word.STATE);
  }

  /** Closes the socket without a word, as when the thread dies. */
  release(): void {
    if (this.#isClosed) return;
    this.#count();
    this.#isClosed = true;
    this.#logins.stop();
    this.#compression.stop();
    this.#secure.stop();
    this.#statistics.stop();
    this.#port.close();
  }

  /** One wake of the host. */
  #pass(): void {
    this.#runCommands();
    this.#events.flush();
    for (let count = 0; count < MAX_EVENTS_PER_PASS; count++) {
      const event = this.#port.service();
      if (event === undefined) break;
      this.#report(event);
    }
    this.#count();
    this.#publish();
    this.#statistics.refresh(this.#port.now());
    this.#secure.passed();
    this.#sleep();
  }

  #publish(): void {
    const hasEvents = this.#events.publish();
    const hasTraces = this.#traces?.publish() === true;
    if (!hasEvents && !hasTraces) return;
    if (Atomics.exchange(this.#control, Word.MAIN_SLEEPS, 0) === 1) {
      Atomics.add(this.#control, Word.WAKES, 1);
      this.#voice.ping();
    }
  }

  /** From here on the other thread sends a message when it has something new. */
  #sleep(): void {
    Atomics.store(this.#control, Word.WORKER_SLEEPS, 1);
    const isMissed = this.#commands.hasMore && Atomics.exchange(this.#control, Word.WORKER_SLEEPS, 0) === 1;
    if (isMissed) this.#port.requestWake();
  }

  #count(): void {
    this.#numbers.write();
    this.#control[Word.FAILED_SENDS] = this.#port.failedSends;
  }

  // --- Events -------------------------------------------------------------------------------------------------

  #report(event: HostEvent): void {
    const { peer } = event;
    const { slot, generation } = peer;
    if (event.type === EventType.CONNECT) {
      if (this.#events.isFull) {
        // Nobody takes events: better refuse than remember without end.
        Atomics.add(this.#control, Word.REFUSED_CONNECTS, 1);
        peer.disconnectNow(0, this.#port.now());
        this.#port.drain();
        return;
      }
      this.#connected.set(slot, peer);
      this.#statistics.begin(peer);
      if (this.#logins.timeoutMs === 0) peer.liftReceiveLimits();
      this.#logins.connected(slot, generation);
      this.#events.put({
        type: event.type,
        slot,
        generation,
        data: event.data,
        channel: peer.channelCount,
        bytes: encodeAddress(peer.address, peer.fragmentBytes),
      });
    } else if (event.type === EventType.DISCONNECT) {
      // A refused connection was never reported, so its end is not either.
      if (!this.#connected.delete(slot)) return;
      this.#logins.done(slot);
      const channel = DISCONNECT_CAUSES.indexOf(event.cause ?? DisconnectCause.FAILURE);
      this.#events.put({ type: event.type, slot, generation, data: event.data, channel, bytes: NO_BYTES });
    } else {
      const channel = event.channel | (event.flags << 8);
      this.#events.put({ type: event.type, slot, generation, data: 0, channel, bytes: event.bytes });
      this.#logins.received(slot, this.#events.position);
    }
  }

  #ask({ number, from }: Question, connectData: number): void {
    const bytes = encodeAddress(from, 0);
    const type = RemoteEventType.ADMISSION;
    this.#events.put({ type, slot: number, generation: 0, data: connectData, channel: 0, bytes });
  }

  #expireLogin(slot: number, generation: number): void {
    const type = RemoteEventType.LOGIN_TIMEOUT;
    this.#events.put({ type, slot, generation, data: 0, channel: 0, bytes: NO_BYTES });
    this.#port.requestWake();
  }

  /** The server says why and disconnects; it was busy, so this does. */
  #cutOff(slot: number, generation: number): void {
    const peer = this.#find(slot, generation);
    if (peer?.state !== PeerState.CONNECTED) return;
    const { loginTimeoutPacket } = this.#data.options;
    if (loginTimeoutPacket !== undefined) peer.send(0, new Packet(loginTimeoutPacket, PacketFlag.RELIABLE));
    peer.disconnectLater(0, this.#port.now());
    this.#port.drain();
    this.#port.requestWake();
  }

  // --- Commands -----------------------------------------------------------------------------------------------

  /** Where the reader of the events stands; all its commands up to there are done. */
  #lookAtReader(): number {
    const head = Atomics.load(this.#control, Word.EVENT_HEAD);
    this.#runCommands();
    return head;
  }

  #runCommands(): void {
    if (this.#isClosed) return;
    for (let at = this.#commands.next(); at >= 0; at = this.#commands.next()) this.#run(at >> 2);
    this.#commands.release();
    if (Atomics.exchange(this.#control, Word.COMMAND_ROOM_WANTED, 0) === 1) this.#voice.ping();
  }

  #run(word: number): void {
    const { words } = this.#commands;
    const type = words[word];
    const first = words[word + 1] ?? 0;
    const second = words[word + 2] ?? 0;
    const value = words[word + 3] ?? 0;
    switch (type) {
      case CommandType.SEND:
      case CommandType.SEND_BULK:
        this.#send(word, type === CommandType.SEND_BULK);
        break;
      case CommandType.DISCONNECT_LATER:
        if (this.#find(first, second) === undefined) break;
        this.#logins.done(first);
        this.#find(first, second)?.disconnectLater(value, this.#port.now());
        this.#port.drain();
        break;
      case CommandType.DISCONNECT_NOW:
        this.#disconnectNow(first, second, value);
        break;
      case CommandType.LOGIN_TIMEOUT:
        this.#logins.timeoutMs = first;
        break;
      case CommandType.EXPECT_LOGIN:
        if (this.#find(first, second) !== undefined) this.#logins.expect(first, second, value);
        break;
      case CommandType.LOGIN_DONE:
        this.#loginDone(first, second);
        break;
      case CommandType.COMPRESS:
        this.#compression.select(first);
        break;
      case CommandType.ADMISSION:
        this.#decide(first, second === 1);
        break;
      case CommandType.OPEN:
        this.#doorkeeper.setOpen(first === 1);
        break;
      default:
    }
  }

  #decide(question: number, isAdmitted: boolean): void {
    const asked = this.#doorkeeper.take(question);
    // The session from which it came may have ended meanwhile, and its end is reported only once.
    if (asked === undefined || !this.#port.hasSession(asked.from)) return;
    this.#host.decideConnect(asked.datagram, asked.from, isAdmitted);
    this.#port.requestWake();
  }

  #loginDone(slot: number, generation: number): void {
    const peer = this.#find(slot, generation);
    if (peer === undefined) return;
    this.#logins.done(slot);
    peer.liftReceiveLimits();
  }

  #send(word: number, isBulk: boolean): void {
    const { words, bytes } = this.#commands;
    const channel = words[word + 1] ?? 0;
    const flags = words[word + 2] ?? 0;
    const count = words[word + 3] ?? 0;
    const length = words[word + 4] ?? 0;
    const targets = word + SEND_HEADER_WORDS;
    const start = (targets + 2 * count) * 4;
    const packet = new Packet(isBulk ? this.#takeBulk(length) : bytes.slice(start, start + length), flags);
    for (let i = 0; i < count; i++) {
      const peer = this.#find(words[targets + 2 * i] ?? 0, words[targets + 2 * i + 1] ?? 0);
      if (peer !== undefined) this.#statistics.taken(peer, packetCharge(length, peer.fragmentBytes));
      if (peer?.send(channel, packet) === true) continue;
      Atomics.add(this.#control, Word.FAILED_PACKETS, 1);
      if (peer?.state === PeerState.CONNECTED && (flags & PacketFlag.RELIABLE) !== 0) this.#overflow(peer);
    }
  }

  /** What is reliable may not be missing in between: the connection ends, as the server would end it. */
  #overflow(peer: Peer): void {
    const { slot, generation } = peer;
    this.#disconnectNow(slot, generation, 0);
    const type = RemoteEventType.SEND_OVERFLOW;
    this.#events.put({ type, slot, generation, data: 0, channel: 0, bytes: NO_BYTES });
  }

  #takeBulk(length: number): Uint8Array {
    Atomics.sub(this.#control, Word.COMMAND_BULK, length);
    const bytes = this.#bulk.take();
    if (bytes instanceof Uint8Array) return bytes;
    throw new Error('a large packet is missing beside the ring');
  }

  #disconnectNow(slot: number, generation: number, data: number): void {
    const peer = this.#find(slot, generation);
    if (peer === undefined) return;
    peer.disconnectNow(data, this.#port.now());
    this.#port.drain();
    this.#connected.delete(slot);
    this.#logins.done(slot);
  }

  #find(slot: number, generation: number): Peer | undefined {
    const peer = this.#connected.get(slot);
    return peer?.generation === generation ? peer : undefined;
  }
}

function encodeAddress(address: Address, fragmentBytes: number): Uint8Array {
  return new TextEncoder().encode(`${address.port} ${fragmentBytes} ${address.ip}`);
}

const NO_BYTES = new Uint8Array(0);
/** A flood may not keep commands waiting. */
const MAX_EVENTS_PER_PASS = 4096;
