/** The properties that Godot's WebSocketMultiplayerPeer has for the handshake and its buffers. */
import { isIntegerIn } from '../../options/internal.ts';
import { MultiplayerPeer } from '../godot/index.ts';
import { describe, INT32_MAX, isInRange } from '../godot/internal.ts';
import { areProtocols, headersOf } from './clientOptions.ts';

/** What a {@link WebSocketMultiplayerPeer} is set to. */
export abstract class WebSocketSettingsPeer extends MultiplayerPeer {
  #supportedProtocols: readonly string[] = [];
  #handshakeHeaders: readonly string[] = [];
  #inboundBufferSize = DEFAULT_BUFFER_BYTES;
  #outboundBufferSize = DEFAULT_BUFFER_BYTES;
  #maxQueuedPackets = 4096;
  #handshakeTimeout = 3;

  /** Sub-protocols: those that a server speaks, those that a client asks for. Default none. */
  get supportedProtocols(): readonly string[] {
    return this.#supportedProtocols;
  }

  /** Takes effect with the next server or client. Refuses what are no distinct tokens, with a trace line. */
  set supportedProtocols(names: readonly string[]) {
    if (areProtocols(names)) this.#supportedProtocols = [...names];
    else this.trace('supportedProtocols: expected distinct names such as "game-1"');
  }

  /** More header lines for the handshake, `"Name: value"`; a web export cannot send any. Default none. */
  get handshakeHeaders(): readonly string[] {
    return this.#handshakeHeaders;
  }

  /** Takes effect with the next server or client. Refuses what are no header lines, with a trace line. */
  set handshakeHeaders(lines: readonly string[]) {
    if (Array.isArray(lines) && headersOf(lines) !== undefined) this.#handshakeHeaders = [...lines];
    else this.trace('handshakeHeaders: expected lines such as "Name: value"');
  }

  /**
   * The largest message that is taken, in bytes; a larger one ends the connection with 1009. Default 65535, as in Godot, where what
   * waits counts as well. Takes effect with the next server or client.
   */
  get inboundBufferSize(): number {
    return this.#inboundBufferSize;
  }

  /** Refuses what is no integer from 1 on, with a trace line. */
  set inboundBufferSize(bytes: number) {
    if (this.#isCount('inboundBufferSize', bytes)) this.#inboundBufferSize = bytes;
  }

  /**
   * The largest packet that is sent, in bytes: a larger one is refused with ERR_OUT_OF_MEMORY. Default 65535, since a stock client
   * takes no more. What may wait for one receiver says `limits.maxBacklogBytes`.
   */
  get outboundBufferSize(): number {
    return this.#outboundBufferSize;
  }

  /** Refuses what is no integer from 1 on, with a trace line. */
  set outboundBufferSize(bytes: number) {
    if (this.#isCount('outboundBufferSize', bytes)) this.#outboundBufferSize = bytes;
  }

  /**
   * How many messages of one sender may wait for `poll()`; then nothing is read from it until half of them are taken. What has been read
   * by then, up to 64 KiB, comes on top. Default 4096. Takes effect with the next server or client.
   */
  get maxQueuedPackets(): number {
    return this.#maxQueuedPackets;
  }

  /** Refuses what is no integer from 1 on, with a trace line. */
  set maxQueuedPackets(count: number) {
    if (this.#isCount('maxQueuedPackets', count)) this.#maxQueuedPackets = count;
  }

  /**
   * Seconds that TCP, TLS and HTTP may take, and on a client the wait for the id (which Godot waits for without an end). Default 3.
   * Takes effect with the next server or client.
   */
  get handshakeTimeout(): number {
    return this.#handshakeTimeout;
  }

  /** Refuses what is not above 0, with a trace line. */
  set handshakeTimeout(seconds: number) {
    if (typeof seconds === 'number' && isInRange(seconds, 0.001, INT32_MAX / 1000))
      this.#handshakeTimeout = seconds;
    else this.trace(`handshakeTimeout: expected seconds above 0, got ${describe(seconds)}`);
  }

  #isCount(what: string, value: number): boolean {
    if (isIntegerIn(value, 1, INT32_MAX)) return true;
    this.trace(`${what}: expected an integer from 1 on, got ${describe(value)}`);
    return false;
  }
}

const DEFAULT_BUFFER_BYTES = 65_535;
