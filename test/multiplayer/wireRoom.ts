/** One SceneMultiplayer over a transport that writes down what it is given, with a clock that the test sets. */
import { SceneMirror } from '../../schema/index.ts';
import type { SceneMultiplayerOptions } from '../../src/multiplayer/options.ts';
import { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { GoldenPeer } from './golden/transport.ts';

/** The multiplayer and what a test does to it. */
export class WireRoom {
  readonly mirror = new SceneMirror();
  readonly multiplayer: SceneMultiplayer;
  readonly peer: GoldenPeer;
  readonly lines: string[] = [];
  /** Whom the transport was told to disconnect. */
  readonly disconnected: number[] = [];
  nowMs = 1000;
  #sent: [target: number, hex: string, mode: number][] = [];

  constructor(options: Partial<SceneMultiplayerOptions> = {}, id = 1) {
    this.peer = new GoldenPeer(id, 2, (event) => {
      if ('put' in event) this.#sent.push([event.put[0], event.put[3], event.put[1]]);
      else if (event.transport[0] === 'disconnect_peer') this.disconnected.push(Number(event.transport[1]));
    });
    this.multiplayer = new SceneMultiplayer({
      mirror: this.mirror,
      runtime: { now: () => this.nowMs, startTimer: () => ({ cancel: () => undefined }) },
      onTrace: (line) => this.lines.push(line),
      onError: (error) => {
        throw error;
      },
      serverRelay: false,
      ...options,
    });
    this.multiplayer.multiplayerPeer = this.peer;
  }

  /** A packet arrives and is handled. */
  receive(from: number, hex: string): void {
    this.peer.inject(from, 2, 0, hex);
    this.multiplayer.poll();
  }

  /** Time goes by, in ticks of 100 ms. */
  wait(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += 100;
      this.multiplayer.poll();
    }
  }

  /** What was sent since the last time. */
  sent(): [target: number, hex: string][] {
    return this.sentModes().map(([target, hex]) => [target, hex]);
  }

  /** As {@link WireRoom.sent}, with the transfer mode of each packet. */
  sentModes(): [target: number, hex: string, mode: number][] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}

/** The number in a SIMPLIFY_PATH. */
export function idOf(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE(34);
}

/** CONFIRM_PATH with a number, as 4.3 and later write it. */
export function confirmId(id: number): string {
  const bytes = Buffer.from('020100000000', 'hex');
  bytes.writeUInt32LE(id, 2);
  return bytes.toString('hex');
}

/** CONFIRM_PATH with a path, as 4.0 to 4.2 write it. */
export function confirmPath(path: string): string {
  return `0201${Buffer.from(path).toString('hex')}00`;
}

/** SIMPLIFY_PATH of a node without RPCs. */
export function simplify(id: number, path: string, checksum = NOTHING): string {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(id);
  return `01${Buffer.from(checksum).toString('hex')}00${number.toString('hex')}${Buffer.from(path).toString('hex')}00`;
}

const NOTHING = 'd41d8cd98f00b204e9800998ecf8427e';
