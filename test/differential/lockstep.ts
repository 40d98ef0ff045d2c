/**
 * Hosts that are told when to look at their clock and what they find on their socket: libenet through `lockstep.c`,
 * and our core. Given the same, both must do the same, byte for byte.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import { Host } from '../../src/enet/host.ts';
import { Packet } from '../../src/enet/packet.ts';
import { EventType } from '../../src/enet/state/hostEvent.ts';
import { compileC } from '../support/cc.ts';

/** Settings of a {@link LockstepHost}. */
export interface LockstepOptions {
  /** The connectID of the first connection that the host opens, u32. */
  readonly connectId: number;
  readonly hasRangeCoder: boolean;
  /** In bytes per second, 0 = unlimited. */
  readonly incomingBandwidth: number;
  /** In bytes per second, 0 = unlimited. */
  readonly outgoingBandwidth: number;
}

/** One host with one slot. */
export interface LockstepHost {
  /** Opens the connection. */
  connect(channels: number, data: number): void;
  /** Lets the next {@link LockstepHost.service} find a datagram. */
  receive(bytes: Uint8Array): void;
  /** Queues a packet. Refused ones vanish, as they do for an application that does not look. */
  send(channel: number, bytes: Uint8Array, flags: number): void;
  /** Asks for the end of the connection after everything queued. */
  disconnect(data: number): void;
  /**
   * Serves the host at a time until there is no event left.
   *
   * @returns what happened, one line each: `out HEX`, `connect DATA`, `disconnect DATA`,
   * `receive CHANNEL FLAGS HEX`, and last `done` with the state of the peer.
   */
  service(nowMs: number): Promise<readonly string[]>;
  /** Ends it. */
  close(): Promise<void>;
}

/** libenet in a process of its own. */
export class LockstepC implements LockstepHost {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<void>;
  #lines: string[] = [];
  #pending: { resolve: (lines: readonly string[]) => void; reject: (error: Error) => void } | undefined;
  #input = '';
  #end: Error | undefined;

  constructor({ connectId, hasRangeCoder, incomingBandwidth, outgoingBandwidth }: LockstepOptions) {
    this.#child = spawn(compileC(SOURCE, ['enet']), { stdio: 'pipe' });
    this.#exit = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.once('error', (error) => this.#fail(error));
    this.#child.once('close', (code, signal) => this.#fail(new Error(`libenet ended: ${signal ?? code}`)));
    this.#child.stderr.on('data', (text: Buffer) => this.#fail(new Error(text.toString().trim())));
    // A write to a process that has just ended; its end is what gets reported.
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#onLine(line));
    // libenet 1.3.17 counts up before it uses the number.
    const seed = (connectId - 1) >>> 0;
    this.#tell(`host ${MTU} ${seed} ${Number(hasRangeCoder)} ${incomingBandwidth} ${outgoingBandwidth}`);
  }

  connect(channels: number, data: number): void {
    this.#tell(`connect ${channels} ${data}`);
  }

  receive(bytes: Uint8Array): void {
    this.#tell(`in ${toHex(bytes)}`);
  }

  send(channel: number, bytes: Uint8Array, flags: number): void {
    this.#tell(`send ${channel} ${flags} ${toHex(bytes)}`);
  }

  disconnect(data: number): void {
    this.#tell(`disconnect ${data}`);
  }

  service(nowMs: number): Promise<readonly string[]> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#child.stdin.write(`${this.#input}service ${nowMs >>> 0}\n`);
      this.#input = '';
    });
  }

  async close(): Promise<void> {
    // The program ends with its input.
    this.#child.stdin.end();
    await this.#exit;
  }

  #tell(line: string): void {
    this.#input += `${line}\n`;
  }

  #onLine(line: string): void {
    this.#lines.push(line);
    if (!line.startsWith('done')) return;
    this.#pending?.resolve(this.#lines);
    this.#lines = [];
  }

  #fail(error: Error): void {
    this.#end ??= error;
    this.#pending?.reject(this.#end);
  }
}

/** Our core. */
export class LockstepOurs implements LockstepHost {
  readonly #host: Host;

  constructor({ connectId, hasRangeCoder, incomingBandwidth, outgoingBandwidth }: LockstepOptions) {
    this.#host = new Host({
      peerCount: 1,
      mtuBytes: MTU,
      incomingBandwidth,
      outgoingBandwidth,
      // libenet keeps the number in the byte order of the machine.
      random32: () => swapped(connectId),
      // libenet sends its clock.
      verifyTime: (now) => now,
      compressor: hasRangeCoder ? createRangeCoder() : undefined,
    });
  }

  connect(channels: number, data: number): void {
    this.#host.connect(REMOTE, channels, data);
  }

  receive(bytes: Uint8Array): void {
    this.#host.receive(bytes, REMOTE);
  }

  send(channel: number, bytes: Uint8Array, flags: number): void {
    this.#host.peer(0)?.send(channel, new Packet(bytes, flags));
  }

  disconnect(data: number): void {
    this.#host.peer(0)?.disconnectLater(data, this.#nowMs);
  }

  async service(nowMs: number): Promise<readonly string[]> {
    this.#nowMs = nowMs >>> 0;
    const lines: string[] = [];
    for (;;) {
      const event = this.#host.service(this.#nowMs);
      for (const { bytes } of this.#host.drainOutbox()) lines.push(`out ${toHex(bytes)}`);
      if (event === undefined) break;
      if (event.type === EventType.RECEIVE) {
        lines.push(`receive ${event.channel} ${event.flags} ${toHex(event.bytes)}`);
      } else {
        lines.push(`${event.type === EventType.CONNECT ? 'connect' : 'disconnect'} ${event.data}`);
      }
    }
    const peer = this.#host.peer(0);
    // A slot that was never used looks like one after a reset.
    const { state = 0, rttMs = 500, rttVarianceMs = 0, throttle = 32, packetLoss = 0 } = peer ?? {};
    const window = peer?.windowSizeBytes ?? 65_536;
    lines.push(
      `done state=${state} rtt=${rttMs} variance=${rttVarianceMs} throttle=${throttle} loss=${packetLoss} window=${window}`,
    );
    return lines;
  }

  async close(): Promise<void> {
    // Nothing outside the process's memory.
  }

  #nowMs = 0;
}

/** Hex of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function swapped(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

const REMOTE = { ip: '10.0.0.1', port: 7 };
const MTU = 1392;
const SOURCE = fileURLToPath(new URL('lockstep.c', import.meta.url));
