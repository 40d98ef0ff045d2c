/** One WebSocket of a WebSocketMultiplayerPeer, and what it has received. */
import type { Duplex } from 'node:stream';
import type { DisconnectCause } from '../enet/index.ts';
import { type PeerMeter, peerMeter } from '../godot/internal.ts';
import type { WebSocketLimits } from './limits.ts';
import { OPEN, type WsSocket } from './wsModule.ts';

/** One connection. */
export class Link {
  /** The id of the remote: 1 is the server. */
  readonly id: number;
  /** The address of the remote, canonical; empty on a client. */
  readonly ip: string;
  /** Its TCP port; 0 on a client. */
  readonly port: number;
  readonly socket: WsSocket;
  /** What it writes to; a client has it when the handshake is done. */
  stream: Duplex | undefined;
  /** Whether `peerConnected` was emitted; `peerDisconnected` is owed then. */
  isAnnounced = false;
  /** Whether this side has decided to end it: what still comes is not looked at. */
  isClosing = false;
  /** Why it ends, from the moment on when that is known. */
  cause: DisconnectCause | undefined;
  /** When something was last heard. */
  heardAt: number;
  /** When a sign of life was last asked for. */
  pingedAt: number;
  readonly #limits: WebSocketLimits;
  readonly #meter: PeerMeter;
  #waitingBytes = 0;
  #waitingPackets = 0;
  #isPaused = false;
  #isCorked = false;
  #tickBytes = 0;

  constructor(socket: WsSocket, id: number, ip: string, port: number, limits: WebSocketLimits, now: number) {
    this.socket = socket;
    this.id = id;
    this.ip = ip;
    this.port = port;
    this.heardAt = now;
    this.pingedAt = now;
    this.#limits = limits;
    this.#meter = peerMeter(limits, now);
  }

  /** Whether nothing is read from it at the moment. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether something can be sent. */
  get isOpen(): boolean {
    return !this.isClosing && this.socket.readyState === OPEN;
  }

  /** Whether so much more may be sent now. */
  hasRoomFor(bytes: number): boolean {
    if (this.#fits(bytes)) return true;
    // What waits only to leave together is no backlog.
    this.flush();
    return this.#fits(bytes);
  }

  /**
   * So much was sent. @returns whether it is, for the first time since {@link Link.newTick}, more than a stock client holds between
   * two of its frames: it drops the rest.
   */
  sent(bytes: number): boolean {
    const before = this.#tickBytes;
    this.#tickBytes += bytes;
    return before <= STOCK_BUFFER_BYTES && this.#tickBytes > STOCK_BUFFER_BYTES;
  }

  /** A new tick of the application. */
  newTick(): void {
    this.#tickBytes = 0;
  }

  /** What is sent from now on leaves together, at {@link Link.flush}. */
  gather(): void {
    if (this.#isCorked || this.stream === undefined) return;
    this.#isCorked = true;
    this.stream.cork();
  }

  /** Lets leave what was gathered. */
  flush(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.stream?.uncork();
  }

  #fits(bytes: number): boolean {
    return this.socket.bufferedAmount + bytes <= this.#limits.maxBacklogBytes;
  }

  /** Whether the rates allow one more message of so many bytes. */
  mayReceive(now: number, bytes: number): boolean {
    return this.#meter.take(now, bytes);
  }

  /** A packet waits for poll(). @param maxPackets how many may wait. */
  hold(bytes: number, maxPackets: number): void {
    this.#waitingBytes += bytes;
    this.#waitingPackets++;
    if (this.#waitingBytes < this.#limits.maxWaitingBytes && this.#waitingPackets < maxPackets) return;
    this.pause();
  }

  /** Nothing more is read from it, until {@link Link.resume}. */
  pause(): void {
    if (this.#isPaused || this.isClosing) return;
    this.#isPaused = true;
    this.socket.pause();
  }

  /** One that waited was taken. */
  release(bytes: number): void {
    this.#waitingBytes -= bytes;
    this.#waitingPackets--;
  }

  /** Reads on when half of what may wait is free again. While it was not read nothing could be heard. */
  resume(now: number, maxPackets: number): void {
    if (!this.#isPaused) return;
    if (this.#waitingBytes * 2 > this.#limits.maxWaitingBytes || this.#waitingPackets * 2 > maxPackets)
      return;
    this.#goOn();
    this.heardAt = now;
    this.pingedAt = now;
  }

  /** Begins to end it: politely, with a code. */
  close(code: number, cause: DisconnectCause): void {
    if (!this.#decide(cause)) return;
    this.socket.close(code);
  }

  /** Ends it at once: the other side does not read anyway. */
  terminate(cause: DisconnectCause): void {
    this.#decide(cause);
    this.socket.terminate();
  }

  #decide(cause: DisconnectCause): boolean {
    this.cause ??= cause;
    if (this.isClosing) return false;
    this.isClosing = true;
    this.flush();
    // Its answer to the goodbye has to be read.
    this.#goOn();
    return true;
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.socket.resume();
  }
}

/** `inbound_buffer_size` of a client, 65,535, as the engine rounds it up. */
export const STOCK_BUFFER_BYTES = 65_536;
