/**
 * One life of a WebSocketMultiplayerPeer, from its creation to close(): the open WebSockets, what they have received and
 * nobody has polled for, and who has been silent for too long.
 */
import type { Duplex } from 'node:stream';
import { DisconnectCause } from '../enet/index.ts';
import { Fifo, PACKET_HELD_BYTES } from '../enet/internal.ts';
import { GodotError, MultiplayerConnectionStatus } from '../godot/index.ts';
import type { TransportCounters } from '../godot/internal.ts';
import type { Timer } from '../runtime/index.ts';
import { Link, STOCK_BUFFER_BYTES } from './link.ts';
import type { Listener } from './listener.ts';
import type { WebSocketSettings } from './options.ts';
import { WebSocketRefusal, type WebSocketRefusals } from './refusals.ts';
import { quoted } from './remoteText.ts';
import { OPEN, type WsSocket } from './wsModule.ts';

/** What has happened to a connection, in order. */
export type Arrival =
  | { readonly kind: 'open' | 'end'; readonly link: Link }
  | { readonly kind: 'packet'; readonly link: Link; readonly bytes: Uint8Array };

/** What a session is made of. */
export interface SessionParts {
  readonly settings: WebSocketSettings;
  readonly refusals: WebSocketRefusals;
  readonly counters: TransportCounters;
  /** Messages of one sender that may wait for poll(). */
  readonly maxPackets: number;
  /** How long a client waits for its id, in ms. */
  readonly handshakeMs: number;
  /** Something arrived. */
  readonly wake: () => void;
  /** A connection has ended: before anybody hears of it. */
  readonly gone: (link: Link) => void;
  readonly trace: (line: string) => void;
}

/** The connections of a server, or the one of a client. */
export class Session {
  readonly isServer: boolean;
  /** The own id; a client has none before it is told. */
  id: number;
  status: MultiplayerConnectionStatus;
  /** Server: where clients come in. */
  listener: Listener | undefined;
  /** Why it cannot go on. */
  failure: Error | undefined;
  /** Those that `peerConnected` told of, by id. */
  readonly peers: Map<number, Link> = new Map();
  readonly #parts: SessionParts;
  /** Every WebSocket that is not closed. */
  readonly #links = new Set<Link>();
  readonly #arrivals = new Fifo<Arrival>();
  /** What the packets among them hold. */
  #waitingBytes = 0;
  readonly #startedAt: number;
  readonly #sweepMs: number;
  #sweptAt: number;
  #timer: Timer | undefined;

  constructor(parts: SessionParts, isServer: boolean) {
    const { CONNECTION_CONNECTED, CONNECTION_CONNECTING } = MultiplayerConnectionStatus;
    this.#parts = parts;
    this.isServer = isServer;
    this.id = isServer ? SERVER : 0;
    this.status = isServer ? CONNECTION_CONNECTED : CONNECTION_CONNECTING;
    const { pingIntervalMs, timeoutMs, runtime } = parts.settings;
    const times = [parts.handshakeMs, pingIntervalMs, timeoutMs].filter((ms) => ms > 0);
    this.#sweepMs = Math.min(MAX_SWEEP_MS, Math.max(MIN_SWEEP_MS, Math.min(...times) / 4));
    this.#startedAt = runtime.now();
    this.#sweptAt = this.#startedAt;
    this.#schedule();
  }

  /** All open connections, also those that nobody was told of. */
  get links(): ReadonlySet<Link> {
    return this.#links;
  }

  /** Whether somebody has this id, told of or not. */
  hasId(id: number): boolean {
    for (const link of this.#links) if (link.id === id) return true;
    return this.peers.has(id);
  }

  /** Takes a WebSocket. One that is not open yet may still fail. */
  attach(socket: WsSocket, id: number, ip: string, port: number): Link {
    const { limits, runtime } = this.#parts.settings;
    const link = new Link(socket, id, ip, port, limits, runtime.now());
    this.#links.add(link);
    let problem: Error | undefined;
    socket.on('message', (data, isBinary) => this.#message(link, data, isBinary));
    socket.on('upgrade', (response) => {
      link.stream = response.socket;
    });
    socket.on('ping', () => this.#control(link));
    socket.on('pong', () => this.#control(link));
    socket.on('error', (error) => {
      problem = error;
    });
    socket.on('close', (code, reason) => {
      this.#links.delete(link);
      this.#parts.gone(link);
      link.cause ??= this.#causeOf(link, code, problem);
      link.isClosing = true;
      const words = problem === undefined ? new TextDecoder().decode(reason) : problem.message;
      this.#parts.trace(`poll: peer ${link.id} ${ip} closed with ${code} ${quoted(words)} (${link.cause})`);
      this.#arrive({ kind: 'end', link });
    });
    return link;
  }

  /** Server: takes a client, and tells it at once which id it has. */
  accept(socket: WsSocket, stream: Duplex, ip: string, port: number, id: number): void {
    const link = this.attach(socket, id, ip, port);
    link.stream = stream;
    const hello = new Uint8Array(ID_BYTES);
    new DataView(hello.buffer).setInt32(0, id, true);
    socket.send(hello);
    this.#arrive({ kind: 'open', link });
  }

  /** Whether something has happened that nobody has polled for. */
  get hasArrivals(): boolean {
    return this.#arrivals.length > 0;
  }

  /** The next thing that has happened. */
  next(): Arrival | undefined {
    const arrival = this.#arrivals.shift();
    if (arrival?.kind === 'packet') {
      const held = arrival.bytes.length + PACKET_HELD_BYTES;
      this.#waitingBytes -= held;
      arrival.link.release(held);
    }
    return arrival;
  }

  /**
   * Sends, unless the receiver takes too little.
   *
   * @param isAtOnce whether it leaves now, or at {@link Session.flush} with others.
   */
  send(link: Link, packet: Uint8Array, isReliable: boolean, isAtOnce: boolean): GodotError {
    // It ends, which the next poll() tells. Godot says OK as well.
    if (!link.isOpen) return GodotError.OK;
    const { counters, refusals, settings } = this.#parts;
    if (link.hasRoomFor(packet.length)) {
      if (!isAtOnce) link.gather();
      link.socket.send(packet);
      counters.sent(packet.length);
      if (link.sent(packet.length) && this.isServer)
        this.#parts.trace(
          `putPacket: peer ${link.id} was given more than ${STOCK_BUFFER_BYTES} bytes since the last poll(): a client drops what does not fit its inbound_buffer_size between two of its frames`,
        );
      return GodotError.OK;
    }
    const detail = `peer ${link.id} takes too little, ${link.socket.bufferedAmount} bytes wait`;
    if (!this.isServer || settings.refusesWhenBacklogged || !isReliable) {
      refusals.add(WebSocketRefusal.QUEUE_DROPPED, detail, 'putPacket');
    } else {
      refusals.add(WebSocketRefusal.QUEUE_OVERFLOW, detail, 'putPacket');
      link.terminate(DisconnectCause.LIMIT);
    }
    return GodotError.ERR_OUT_OF_MEMORY;
  }

  /** Lets leave what was gathered. */
  flush(): void {
    for (const link of this.#links) link.flush();
  }

  /** Lets leave what was gathered: a new tick of the application begins. */
  newTick(): void {
    for (const link of this.#links) {
      link.flush();
      link.newTick();
    }
  }

  /** Reads on from those whose packets were taken. */
  resume(): void {
    const { limits, runtime } = this.#parts.settings;
    if (this.#waitingBytes * 2 > limits.maxWaitingBytesInAll) return;
    const now = runtime.now();
    for (const link of this.#links) link.resume(now, this.#parts.maxPackets);
  }

  /** Ends everything. Nothing of it is heard of any more. */
  close(): void {
    this.#timer?.cancel();
    this.listener?.close();
    this.#arrivals.clear();
    this.#waitingBytes = 0;
    const { lingerMs, runtime } = this.#parts.settings;
    const leaving = [...this.#links];
    this.#links.clear();
    this.peers.clear();
    for (const link of leaving) {
      this.#parts.gone(link);
      link.socket.removeAllListeners();
      // What a broken connection says is of no interest any more, but must be heard.
      link.socket.on('error', () => undefined);
      link.close(this.isServer ? GOING_AWAY : NORMAL, DisconnectCause.LOCAL);
    }
    const end = (): void => {
      for (const link of leaving) link.socket.terminate();
    };
    if (lingerMs === 0 || leaving.length === 0) {
      end();
      return;
    }
    const timer = runtime.startTimer(lingerMs, end);
    let left = leaving.length;
    for (const link of leaving) {
      link.socket.on('close', () => {
        left--;
        if (left === 0) timer.cancel();
      });
    }
  }

  #arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#parts.wake();
  }

  #control(link: Link): void {
    const now = this.#parts.settings.runtime.now();
    link.heardAt = now;
    if (!link.isClosing && !link.mayReceive(now, 0)) this.#exceeds(link);
  }

  #message(link: Link, data: Uint8Array, isBinary: boolean): void {
    if (link.isClosing) return;
    const now = this.#parts.settings.runtime.now();
    link.heardAt = now;
    if (!link.mayReceive(now, data.length)) {
      this.#exceeds(link);
    } else if (this.isServer && !isBinary) {
      this.#parts.refusals.add(WebSocketRefusal.TEXT_MESSAGE, `peer ${link.id} sent text`);
      link.close(UNSUPPORTED_DATA, DisconnectCause.PROTOCOL);
    } else if (this.id === 0) {
      this.#takeId(link, data);
    } else if (data.length === 0) {
      this.#parts.refusals.add(WebSocketRefusal.EMPTY_MESSAGE, `peer ${link.id} sent an empty message`);
    } else {
      // A copy: what `ws` hands out shares memory with other messages.
      const bytes = new Uint8Array(data);
      this.#parts.counters.received(bytes.length);
      this.#hold(link, bytes.length + PACKET_HELD_BYTES);
      this.#arrive({ kind: 'packet', link, bytes });
    }
  }

  /** A packet waits for poll(). When too much waits in all, nobody is read from: else each could add what one reading brings. */
  #hold(link: Link, bytes: number): void {
    const max = this.#parts.settings.limits.maxWaitingBytesInAll;
    const wasFull = this.#waitingBytes >= max;
    this.#waitingBytes += bytes;
    link.hold(bytes, this.#parts.maxPackets);
    if (this.#waitingBytes < max) return;
    // The others were stopped when it became full.
    if (wasFull) link.pause();
    else for (const one of this.#links) one.pause();
  }

  /** The first message to a client: its id. */
  #takeId(link: Link, data: Uint8Array): void {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const id = data.length === ID_BYTES ? view.getInt32(0, true) : 0;
    if (id > SERVER) {
      this.id = id;
      this.#arrive({ kind: 'open', link });
      return;
    }
    this.#parts.refusals.add(WebSocketRefusal.PROTOCOL_ERROR, 'the first message of the server is no id');
    link.close(NORMAL, DisconnectCause.PROTOCOL);
  }

  #exceeds(link: Link): void {
    this.#parts.refusals.add(WebSocketRefusal.RATE_EXCEEDED, `peer ${link.id} sends too much`);
    link.close(POLICY_VIOLATION, DisconnectCause.LIMIT);
  }

  #causeOf(link: Link, code: number, problem: (Error & { code?: unknown }) | undefined): DisconnectCause {
    const name = String(problem?.code ?? '');
    if (name === TOO_LONG) {
      this.#parts.refusals.add(
        WebSocketRefusal.TOO_LARGE,
        `peer ${link.id} sent a message that is too large`,
      );
      return DisconnectCause.LIMIT;
    }
    if (name.startsWith('WS_ERR_')) {
      this.#parts.refusals.add(
        WebSocketRefusal.PROTOCOL_ERROR,
        `peer ${link.id}: ${quoted(problem?.message)}`,
      );
      return DisconnectCause.PROTOCOL;
    }
    const isAttempt = !this.isServer && this.id === 0;
    // A connection that is dropped without a word: so does Godot's close().
    if (!isAttempt || problem === undefined) return DisconnectCause.GOODBYE;
    if (name === 'ECONNREFUSED') return DisconnectCause.REFUSED;
    if (name === 'ENOTFOUND' || name === 'EAI_AGAIN') return DisconnectCause.UNRESOLVED;
    return code === NO_CLOSE && CONNECTION_ERRORS.has(name)
      ? DisconnectCause.NO_ANSWER
      : DisconnectCause.PROTOCOL;
  }

  #schedule(): void {
    this.#timer = this.#parts.settings.runtime.startTimer(this.#sweepMs, () => {
      this.#schedule();
      this.#sweep();
    });
  }

  #sweep(): void {
    const { settings, handshakeMs, refusals } = this.#parts;
    const now = settings.runtime.now();
    const sinceLast = (now - this.#sweptAt) | 0;
    this.#sweptAt = now;
    // This process stood still: nobody could be heard, so nobody was silent.
    const isFair = sinceLast >= 0 && sinceLast < this.#sweepMs * 2 + STALL_MS;
    if (isFair) this.listener?.sweep(now);
    const isLate = this.id === 0 && ((now - this.#startedAt) | 0) >= handshakeMs;
    for (const link of this.#links) {
      if (!isFair) {
        link.heardAt = now;
        link.pingedAt = now;
      } else if (isLate && !link.isClosing) {
        refusals.add(WebSocketRefusal.HANDSHAKE_TIMEOUT, 'the server did not answer in time');
        link.terminate(DisconnectCause.NO_ANSWER);
      } else if (!link.isPaused && link.socket.readyState === OPEN) {
        this.#check(link, now);
      }
    }
  }

  #check(link: Link, now: number): void {
    const { pingIntervalMs, timeoutMs } = this.#parts.settings;
    const silentMs = (now - link.heardAt) | 0;
    if (timeoutMs > 0 && silentMs >= timeoutMs) {
      this.#parts.refusals.add(WebSocketRefusal.SILENT, `peer ${link.id} was silent for ${silentMs} ms`);
      link.terminate(DisconnectCause.TIMEOUT);
    } else if (pingIntervalMs > 0 && Math.min(silentMs, (now - link.pingedAt) | 0) >= pingIntervalMs) {
      link.pingedAt = now;
      link.socket.ping();
    }
  }
}

const SERVER = 1;
const ID_BYTES = 4;
/** Close codes of RFC 6455. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const NO_CLOSE = 1006;
const POLICY_VIOLATION = 1008;
/** How `ws` calls a message above `maxPayload`. */
const TOO_LONG = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);
const MIN_SWEEP_MS = 10;
const MAX_SWEEP_MS = 1000;
/** A sweep that comes later than this is no sign of silence. */
const STALL_MS = 1000;
