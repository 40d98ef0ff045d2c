/** Connects to an ENet server, looks at what it grants and does, and leaves with a DISCONNECT. */

import { COMPRESSION_MODES, CompressionGuesser, type CompressionModeName } from '../../doctor/internal.ts';
import {
  type Address,
  type Checksum,
  type Compressor,
  EventType,
  Host,
  parseDatagram,
} from '../../enet/index.ts';
import { HEADER_COMPRESSED, HEADER_SENT_TIME } from '../../enet/internal.ts';
import type { HostPort, Runtime, SecureClientOptions } from '../../runtime/index.ts';

/** What a server that answered is like. */
export interface EnetAnswer {
  /** Time from the first CONNECT to the completed handshake, in milliseconds; with repeats when datagrams got lost. */
  readonly connectMs: number;
  /** Channels granted to a client that asks for 255. */
  readonly channels: number;
  /** The agreed largest datagram in bytes. */
  readonly mtuBytes: number;
  /** What the server takes, in bytes per second; 0 = unlimited. */
  readonly incomingBandwidth: number;
  /** What the server sends at most, in bytes per second; 0 = unlimited. */
  readonly outgoingBandwidth: number;
  /** It went on answering a client that sent 0 as connect data. */
  readonly stays: boolean;
  /** It ended the connection by itself; the data of its DISCONNECT. */
  readonly disconnectData: number | undefined;
  /** Packets that came without being asked for. */
  readonly packets: number;
}

/** What came of a probe. */
export interface EnetFinding {
  /** How the server's datagrams are compressed; `none` also when none of them became shorter that way. */
  readonly compression: CompressionModeName;
  /** `undefined` when no handshake came about. */
  readonly answer: EnetAnswer | undefined;
  /** The first datagram that came, whatever it was; owned by the caller. */
  readonly first: Uint8Array | undefined;
}

/** How to ask. */
export interface EnetQuestion {
  readonly runtime: Runtime;
  readonly address: Address;
  /** How long to wait for the handshake. */
  readonly timeoutMs: number;
  /** How long to watch a server after the handshake, in milliseconds. */
  readonly watchMs: number;
  /** The compressor of a `COMPRESS_*` number; `undefined` when this process does not have it. */
  readonly createCompressor: (mode: number) => Compressor | undefined;
  readonly checksum?: Checksum | undefined;
  /** DTLS below it. */
  readonly secure?: SecureClientOptions;
}

/** How long the DISCONNECT may take to be acknowledged. */
const LEAVE_MS = 500;

/** Asks once, for at most `timeoutMs + watchMs` and half a second. */
export async function probeEnet(question: EnetQuestion): Promise<EnetFinding> {
  const probe = new EnetProbe(question);
  try {
    const answer = await probe.run();
    return { compression: probe.compression, answer, first: probe.first };
  } finally {
    probe.close();
  }
}

class EnetProbe {
  readonly #question: EnetQuestion;
  readonly #host: Host;
  readonly #port: HostPort;
  readonly #guesser = new CompressionGuesser();
  compression: CompressionModeName = 'none';
  first: Uint8Array | undefined;
  #hasAnswered = false;
  #isConnected = false;
  #packets = 0;
  #disconnectData: number | undefined;
  #changed: () => void = () => undefined;

  constructor(question: EnetQuestion) {
    this.#question = question;
    const { runtime, checksum } = question;
    this.#host = new Host({
      peerCount: 1,
      random32: () => runtime.random32(),
      checksum,
      trace: { received: (_now, bytes) => this.#look(bytes) },
    });
    const port = runtime.attach(this.#host, { port: 0 });
    if ('code' in port) throw new Error(`no socket: ${port.message}`);
    this.#port = port;
    const problem = question.secure === undefined ? undefined : port.secure?.(question.secure, 1);
    if (problem !== undefined) throw new Error(`no DTLS: ${problem.message}`);
    port.setWakeListener(() => this.#drain());
  }

  async run(): Promise<EnetAnswer | undefined> {
    const { runtime, address, timeoutMs, watchMs } = this.#question;
    const startedAt = this.#port.now();
    // No data: a high-level multiplayer server takes that for no id, and so tells nobody of a new player.
    const peer = this.#host.connect(address, 255, 0);
    if (peer === undefined) throw new Error('the host has no free slot');
    this.#port.drain();
    await this.#wait(runtime, timeoutMs, () => this.#isConnected || this.#disconnectData !== undefined);
    if (!this.#isConnected) return undefined;
    const answer = {
      connectMs: (this.#port.now() - startedAt) >>> 0,
      channels: peer.channelCount,
      mtuBytes: peer.mtuBytes,
      incomingBandwidth: peer.remoteIncomingBandwidth,
      outgoingBandwidth: peer.remoteOutgoingBandwidth,
    };
    this.#hasAnswered = false;
    peer.ping();
    this.#port.flush();
    await this.#wait(runtime, watchMs, () => this.#disconnectData !== undefined);
    const disconnectData = this.#disconnectData;
    if (disconnectData === undefined) {
      peer.disconnect(0, this.#port.now());
      this.#port.flush();
      await this.#wait(runtime, LEAVE_MS, () => this.#disconnectData !== undefined);
    }
    return {
      ...answer,
      stays: this.#hasAnswered && disconnectData === undefined,
      disconnectData,
      packets: this.#packets,
    };
  }

  close(): void {
    this.#port.setWakeListener(undefined);
    this.#port.close();
  }

  /** A server that has dropped us repeats its VERIFY_CONNECT at most; one that keeps us acknowledges. */
  #look(received: Uint8Array): void {
    this.first ??= new Uint8Array(received);
    const word = ((received[0] ?? 0) << 8) | (received[1] ?? 0);
    const headerLength = (word & HEADER_SENT_TIME) === 0 ? 2 : 4;
    const hasChecksum = this.#question.checksum !== undefined;
    const bytes = hasChecksum ? withoutChecksum(received, headerLength) : received;
    if ((word & HEADER_COMPRESSED) !== 0 && this.compression === 'none') {
      const mode = this.#guesser.guess(bytes.subarray(headerLength));
      if (mode !== undefined) this.#decompress(mode);
    }
    const { compressor } = this.#host;
    const parsed = parseDatagram(bytes, {
      decompress: (packed) => compressor && this.#guesser.unpack(compressor, packed)?.subarray(2),
    });
    if (parsed?.commands.some(({ name }) => name !== 'VERIFY_CONNECT')) this.#hasAnswered = true;
  }

  /** Reads what the server compresses, and goes on sending plainly, which every host accepts (5.1). */
  #decompress(mode: CompressionModeName): void {
    this.compression = mode;
    const compressor = this.#question.createCompressor(COMPRESSION_MODES.indexOf(mode));
    if (compressor === undefined) return;
    this.#host.setCompressor({
      name: compressor.name,
      compress: () => 0,
      decompress: (...args) => compressor.decompress(...args),
    });
  }

  #drain(): void {
    for (let event = this.#port.service(); event !== undefined; event = this.#port.service()) {
      if (event.type === EventType.CONNECT) this.#isConnected = true;
      else if (event.type === EventType.DISCONNECT) this.#disconnectData = event.data;
      else this.#packets++;
    }
    this.#changed();
  }

  #wait(runtime: Runtime, timeoutMs: number, isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        timer.cancel();
        this.#changed = () => undefined;
        resolve();
      };
      const timer = runtime.startTimer(timeoutMs, finish);
      this.#changed = () => {
        if (isDone()) finish();
      };
      this.#changed();
    });
  }
}

/** The checksum stands between the header and the commands. */
function withoutChecksum(bytes: Uint8Array, headerLength: number): Uint8Array {
  const shorter = new Uint8Array(Math.max(headerLength, bytes.length - CHECKSUM_SIZE));
  shorter.set(bytes.subarray(0, headerLength));
  shorter.set(bytes.subarray(headerLength + CHECKSUM_SIZE), headerLength);
  return shorter;
}

const CHECKSUM_SIZE = 4;
