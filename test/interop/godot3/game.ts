/** Our side of the live tests: a peer that is polled as it is woken, with a path cache, and notes of what happened. */

import {
  Godot3Command,
  Godot3PathCache,
  type VariantInput,
  type VariantValue,
} from '../../../codec/index.ts';
import {
  type CompressionMode,
  type ENetMultiplayerPeerOptions,
  GodotThreeMultiplayerPeer,
  TransferMode,
} from '../../../src/godot.ts';
import { freePort } from '../../support/freePort.ts';
import { Engine } from './engine.ts';

/** A remote call that arrived. */
export interface ReceivedCall {
  readonly from: number;
  readonly path: string | undefined;
  /** Whether the node was named by its number. */
  readonly isById: boolean;
  readonly method: string;
  readonly args: readonly VariantValue[];
}

/** A packet of raw bytes that arrived. */
export interface ReceivedRaw {
  readonly from: number;
  readonly mode: number;
  readonly channel: number;
  readonly bytes: Uint8Array;
}

/** Our peer, server or client. */
export class Game {
  readonly peer: GodotThreeMultiplayerPeer;
  readonly cache = new Godot3PathCache();
  /** Signals, as `name id`. */
  readonly events: string[] = [];
  readonly calls: ReceivedCall[] = [];
  readonly sets: { readonly property: string; readonly value: VariantValue }[] = [];
  readonly raws: ReceivedRaw[] = [];
  readonly lines: string[] = [];
  /** Takes raw packets instead of `raws`. */
  onRaw: ((raw: ReceivedRaw) => void) | undefined;
  readonly #waiting = new Set<() => void>();
  #isScheduled = false;

  constructor(compressionMode: CompressionMode = 0, options: ENetMultiplayerPeerOptions = {}) {
    this.peer = new GodotThreeMultiplayerPeer({
      ...options,
      onTrace: (line) => this.lines.push(line),
      onWake: () => this.#schedule(),
    });
    this.peer.compressionMode = compressionMode;
    const { peer } = this;
    peer.on('peerConnected', (id) => this.events.push(`peerConnected ${id}`));
    peer.on('peerDisconnected', (id) => {
      this.events.push(`peerDisconnected ${id}`);
      this.cache.forget(id);
    });
    peer.on('connectionSucceeded', () => this.events.push('connectionSucceeded'));
    peer.on('connectionFailed', () => this.events.push('connectionFailed'));
    peer.on('serverDisconnected', () => this.events.push('serverDisconnected'));
  }

  /** The port of our host. */
  get port(): number {
    return this.peer.host?.getLocalPort() ?? 0;
  }

  /** Calls a method of the node `/root/Main` of a peer, reliably. */
  call(to: number, method: string, ...args: VariantInput[]): void {
    const { announcement, payload } = this.cache.call(to, 'Main', method, args);
    if (announcement) this.put(to, announcement);
    this.put(to, payload);
  }

  /** Puts a payload. */
  put(to: number, payload: Uint8Array, mode: TransferMode = TransferMode.TRANSFER_MODE_RELIABLE): void {
    this.peer.setTargetPeer(to);
    this.peer.transferMode = mode;
    const error = this.peer.putPacket(payload);
    if (error !== 0) throw new Error(`putPacket: ${error}\n${this.lines.slice(-3).join('\n')}`);
  }

  /** Waits until something holds. */
  async until(what: string, isTrue: () => boolean, timeoutMs = 20_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!isTrue()) {
      const left = deadline - performance.now();
      if (left <= 0) {
        throw new Error(
          `not within ${timeoutMs} ms: ${what}\n${this.events.join('\n')}\n${this.lines.join('\n')}`,
        );
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
  }

  /** Waits for a signal. */
  event(text: string, timeoutMs?: number): Promise<void> {
    return this.until(text, () => this.events.includes(text), timeoutMs);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.peer.poll();
      while (this.peer.getAvailablePacketCount() > 0) this.#take();
      for (const wake of this.#waiting) wake();
    });
  }

  #take(): void {
    const { peer } = this;
    const note = { from: peer.getPacketPeer(), mode: peer.getPacketMode(), channel: peer.getPacketChannel() };
    const { payload, path, reply } = this.cache.receive(note.from, peer.getPacket());
    if (reply) this.put(note.from, reply);
    if (payload.command === Godot3Command.REMOTE_CALL) {
      const { method, args } = payload;
      this.calls.push({ from: note.from, path, isById: 'id' in payload.node, method, args });
      if (method === 'echo') this.call(note.from, 'echoed', args[0] as VariantInput);
    } else if (payload.command === Godot3Command.REMOTE_SET) {
      this.sets.push({ property: payload.property, value: payload.value });
    } else if (payload.command === Godot3Command.RAW) {
      const raw = { ...note, bytes: payload.bytes };
      if (this.onRaw) this.onRaw(raw);
      else this.raws.push(raw);
    }
  }
}

/** What a test started; ended by {@link Stage.clear}. */
export class Stage {
  readonly #engines: Engine[] = [];
  readonly #games: Game[] = [];

  /** Our server on a free port. */
  server(
    compressionMode: CompressionMode = 0,
    channelCount = 3,
    options: ENetMultiplayerPeerOptions = {},
  ): Game {
    const game = this.#game(compressionMode, channelCount, options);
    if (game.peer.createServer(0) !== 0) throw new Error(game.lines.join('\n'));
    return game;
  }

  /** Our client of a server on this machine. */
  client(port: number, compressionMode: CompressionMode = 0, channelCount = 3): Game {
    const game = this.#game(compressionMode, channelCount);
    if (game.peer.createClient('127.0.0.1', port) !== 0) throw new Error(game.lines.join('\n'));
    return game;
  }

  /** A real client, which may never be connected. */
  startClient(port: number, environment: Readonly<Record<string, string>> = {}): Engine {
    return this.#start({ ROLE: 'client', PORT: String(port), ...environment });
  }

  /** A real client. @returns it and its unique id, once it is connected. */
  async realClient(
    port: number,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ engine: Engine; id: number }> {
    const engine = this.startClient(port, environment);
    return { engine, id: Number(await engine.line('connected ')) };
  }

  /** A real server. @returns it and its port. */
  async realServer(
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ engine: Engine; port: number }> {
    for (let attempt = 0; ; attempt++) {
      const port = await freePort();
      const engine = this.#start({ ROLE: 'server', PORT: String(port), ...environment });
      try {
        await engine.line('ready ');
        return { engine, port };
      } catch (error) {
        // Somebody else took the port in between.
        if (attempt === 3 || engine.all('error ').length === 0) throw error;
      }
    }
  }

  /** Ends everything. */
  async clear(): Promise<void> {
    for (const { peer } of this.#games) peer.close();
    await Promise.all(this.#engines.map((engine) => engine.stop()));
    this.#games.length = 0;
    this.#engines.length = 0;
  }

  #game(
    compressionMode: CompressionMode,
    channelCount: number,
    options: ENetMultiplayerPeerOptions = {},
  ): Game {
    const game = new Game(compressionMode, options);
    game.peer.channelCount = channelCount;
    this.#games.push(game);
    return game;
  }

  #start(environment: Readonly<Record<string, string>>): Engine {
    const engine = new Engine('peer.gd', {
      COMPRESSION: '0',
      CHANNELS: '',
      TRANSFER_CHANNEL: '',
      ...environment,
    });
    this.#engines.push(engine);
    return engine;
  }
}

/**
 * Sends something unreliable until it has arrived: ENet drops such packets on purpose where it sees delay, as on a busy
 * machine.
 */
export async function insist(send: () => void, hasArrived: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !hasArrived(); turn++) {
    if (turn % 4 === 0) send();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!hasArrived()) throw new Error('sent 50 times, and never arrived');
}

/** The raw packets as `[from, first byte, mode, channel]`, each one once, in the order of their first bytes. */
export function summaryOf(raws: readonly ReceivedRaw[]): number[][] {
  const rows = raws.map(({ from, bytes, mode, channel }) => [from, bytes[0] ?? -1, mode, channel]);
  const once = new Map(rows.map((row) => [row.join(), row]));
  return [...once.values()].sort((a, b) => (a[1] ?? 0) - (b[1] ?? 0));
}

/** The bytes of a traffic packet; see traffic.gd. */
export function trafficBytes(seed: number, mode: number, number: number, first: number): Uint8Array {
  const size = number % 50 === 49 ? 4000 : 1 + (number % 97);
  const bytes = new Uint8Array(5 + size);
  bytes[0] = first;
  new DataView(bytes.buffer).setUint32(1, number, true);
  const value = seed + mode * 17 + number * 7;
  for (let index = 0; index < size; index++) bytes[5 + index] = (value + index * 13) & 255;
  return bytes;
}
