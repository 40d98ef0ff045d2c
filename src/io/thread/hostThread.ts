/**
 * The host in the network thread: it turns commands into calls of the host and events into records, and keeps the
 * protocol going while nobody takes them. docs/decisions/0004-network-thread.md.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import { DropReason } from '../../enet/dropReason.ts';
import { Host } from '../../enet/host.ts';
import { EventType, type HostEvent } from '../../enet/hostEvent.ts';
import { Packet } from '../../enet/packet.ts';
import type { Peer } from '../../enet/peer.ts';
import { PacketFlag, PeerState } from '../../enet/protocol.ts';
import { RemoteEventType } from '../../enet/remoteHost.ts';
import type { SecureCounters } from '../../enet/secureTransport.ts';
import type { Address, AttachError } from '../../enet/transport.ts';
import type { AttachedHost } from '../attachedHost.ts';
import { createCompressor, prepareZstd } from '../compression.ts';
import { createNodeRuntime } from '../nodeRuntime.ts';
import { EventSender } from './eventSender.ts';
import { HoldableHost } from './holdableHost.ts';
import {
  CommandType,
  type CredentialsMessage,
  SEND_HEADER_WORDS,
  type ThreadData,
  ThreadState,
  Word,
} from './layout.ts';
import { LoginWatch } from './loginWatch.ts';
import { RingReader } from './ring.ts';
import { StatisticsWriter } from './statistics.ts';

/** How the network thread speaks to the other one. */
export interface ThreadVoice {
  /** Wakes the application's thread. */
  ping(): void;
  /** Tells it of an error. */
  complain(message: string): void;
  /** Tells it the numbers of DTLS. */
  tellSecure(counters: SecureCounters): void;
}

/** Runs one host. Made by the worker. */
export class HostThread {
  readonly #data: ThreadData;
  readonly #voice: ThreadVoice;
  readonly #control: Int32Array;
  readonly #events: EventSender;
  readonly #commands: RingReader;
  readonly #host: Host;
  readonly #port: AttachedHost;
  readonly #statistics: StatisticsWriter;
  readonly #logins: LoginWatch;
  readonly #connected = new Map<number, Peer>();
  #compression = 0;
  readonly #isSecured: boolean;
  /** When the numbers of DTLS are told next. */
  #secureReport: ReturnType<typeof setTimeout> | undefined;
  readonly #onSecureReport = (): void => {
    this.#secureReport = undefined;
    this.#tellSecure();
  };
  #isClosed = false;

  /**
   * Makes the host and binds its socket.
   *
   * @returns the running thread, or why there is no socket.
   */
  static start(data: ThreadData, voice: ThreadVoice): HostThread | AttachError {
    const runtime = createNodeRuntime(data.runtime);
    const host = new Host({ ...data.options.host, random32: () => runtime.random32() });
    const view = new HoldableHost(host);
    const port = runtime.attach(view, data.options.bind);
    if ('code' in port) return port;
    const { secure } = data.options;
    const problem = secure === undefined ? undefined : port.secure(secure, host.peerCount);
    if (problem === undefined) return new HostThread(data, voice, host, view, port);
    port.close();
    return problem;
  }

  private constructor(
    data: ThreadData,
    voice: ThreadVoice,
    host: Host,
    view: HoldableHost,
    port: AttachedHost,
  ) {
    this.#data = data;
    this.#voice = voice;
    this.#control = new Int32Array(data.control);
    this.#events = new EventSender(data, (isHolding) => {
      view.isHolding = isHolding;
    });
    this.#commands = new RingReader(data.commands, this.#control, Word.COMMAND_HEAD, Word.COMMAND_TAIL);
    this.#host = host;
    this.#port = port;
    this.#statistics = new StatisticsWriter(data.statistics, this.#connected);
    this.#logins = new LoginWatch({
      now: () => port.now(),
      look: () => this.#lookAtReader(),
      expire: (slot, generation) => this.#expireLogin(slot, generation),
      hasUnread: (slot) =>
        this.#events.isHolding &&
        ((host.peer(slot)?.waitingBytes ?? 0) > 0 || this.#events.firstWaitingSlot === slot),
    });
    this.#logins.timeoutMs = data.options.loginTimeoutMs;
    this.#isSecured = data.options.secure !== undefined;
    this.compress(data.options.compression);
    this.#tellSecure();
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

  /** A wake, or a new key and certificate. */
  onMessage(message: unknown): void {
    if (isCredentials(message)) {
      const problem = this.#port.setCredentials(message.key, message.certificate);
      if (problem !== undefined) this.#voice.complain(`${problem.code} ${problem.message}`);
      this.#tellSecure();
    } else this.onPing();
  }

  /** Selects the compression; what cannot be had is told to the application and leaves the host as it was. */
  compress(mode: number): void {
    this.#compression = mode;
    try {
      this.#host.setCompressor(createCompressor(mode));
    } catch (error) {
      if (mode !== ZSTD) this.#voice.complain(messageOf(error));
      else this.#prepareZstd();
    }
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
    this.#isClosed = true;
    clearTimeout(this.#secureReport);
    this.#logins.stop();
    this.#statistics.stop();
    this.#port.close();
  }

  #prepareZstd(): void {
    prepareZstd().then(
      () => {
        if (this.#compression === ZSTD && !this.#isClosed) this.#host.setCompressor(createCompressor(ZSTD));
      },
      (error: unknown) => this.#voice.complain(messageOf(error)),
    );
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
    this.#publish();
    this.#statistics.refresh(this.#port.now());
    this.#count();
    if (this.#isSecured) this.#secureReport ??= setTimeout(this.#onSecureReport, SECURE_REPORT_MS);
    this.#sleep();
  }

  /** The numbers of DTLS, to be read over there without asking. */
  #tellSecure(): void {
    const counters = this.#port.secureCounters;
    if (counters !== undefined && !this.#isClosed) this.#voice.tellSecure(counters);
  }

  #publish(): void {
    if (!this.#events.publish()) return;
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
    const dropped = this.#host.dropCount(DropReason.WAITING_DATA_FULL);
    Atomics.store(this.#control, Word.DROPPED_WAITING, dropped | 0);
    Atomics.store(this.#control, Word.FAILED_SENDS, this.#port.failedSends | 0);
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
      this.#statistics.write(peer);
      if (this.#logins.timeoutMs === 0) peer.liftReceiveLimits();
      this.#logins.connected(slot, generation);
      this.#events.put({
        type: event.type,
        slot,
        generation,
        data: event.data,
        channel: peer.channelCount,
        bytes: encodeAddress(peer.address),
      });
    } else if (event.type === EventType.DISCONNECT) {
      // A refused connection was never reported, so its end is not either.
      if (!this.#connected.delete(slot)) return;
      this.#logins.done(slot);
      this.#events.put({ type: event.type, slot, generation, data: event.data, channel: 0, bytes: NO_BYTES });
    } else {
      const channel = event.channel | (event.flags << 8);
      this.#events.put({ type: event.type, slot, generation, data: 0, channel, bytes: event.bytes });
      this.#logins.received(slot, this.#events.position);
    }
  }

  #expireLogin(slot: number, generation: number): void {
    const peer = this.#find(slot, generation);
    if (peer === undefined) return;
    const type = RemoteEventType.LOGIN_TIMEOUT;
    this.#events.put({ type, slot, generation, data: 0, channel: 0, bytes: NO_BYTES });
    this.#port.requestWake();
    // The server says why and disconnects; when it is busy, this does.
    setTimeout(() => {
      if (this.#isClosed || this.#find(slot, generation)?.state !== PeerState.CONNECTED) return;
      peer.disconnectLater(0, this.#port.now());
      this.#port.drain();
      this.#port.requestWake();
    }, ANSWER_MS);
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
        this.compress(first);
        break;
      default:
    }
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
    const message = receiveMessageOnPort(this.#data.bulk);
    if (message?.message instanceof Uint8Array) return message.message;
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

function encodeAddress(address: Address): Uint8Array {
  return new TextEncoder().encode(`${address.port} ${address.ip}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isCredentials(message: unknown): message is CredentialsMessage {
  return typeof message === 'object' && message !== null && 'certificate' in message;
}

const NO_BYTES = new Uint8Array(0);
const ZSTD = 4;
/** The numbers of DTLS are told so long after something has happened. */
const SECURE_REPORT_MS = 250;
/** How long the server may take to disconnect a peer that has not logged in. */
const ANSWER_MS = 250;
/** A flood may not keep commands waiting. */
const MAX_EVENTS_PER_PASS = 4096;
