/**
 * The game of `rooms.ts`: in each room players with a node each, whose `position` the server moves and sends in each tick (mode always),
 * and an input of 20 Hz that belongs to the client; a call from each player and one to all of the room every second.
 *
 * Clients are real ones until they have said everything once. Then they repeat their packets, so that they cost little.
 */
import { Vector2 } from '../codec/index.ts';
import { type MirrorNode, RpcMode, SceneMirror } from '../schema/index.ts';
import { GodotError, MultiplayerConnectionStatus, MultiplayerPeer, type TransferMode } from '../src/godot.ts';
import { SceneMultiplayer, type SceneMultiplayerOptions } from '../src/multiplayer.ts';
import { playerScenes } from '../test/support/playerScenes.ts';

const FILES = playerScenes({ mode: 1, hasInput: true });

/** Ticks per second of rooms and of players. */
export const TICK_HZ = 20;
/** Milliseconds between two. */
export const TICK_MS = 1000 / TICK_HZ;

/** The tree of a room, and that of a player. */
export function newMirror(): SceneMirror {
  const mirror = new SceneMirror({ resources: (path) => FILES[path] });
  const main = mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  main.rpcConfig('say', { rpcMode: RpcMode.RPC_MODE_ANY_PEER, transferMode: 2 });
  main.rpcConfig('told', { rpcMode: RpcMode.RPC_MODE_AUTHORITY, transferMode: 2 });
  return mirror;
}

/** What the server does in one game, with rooms and without. */
export class Arena {
  /** Whether anything moves. */
  isPlaying = false;
  /** Calls of players that came. */
  calls = 0;
  readonly #mirror: SceneMirror;
  readonly #main: MirrorNode;
  readonly #nodes = new Map<number, MirrorNode>();
  #ticks: number;

  /** @param phase games whose numbers differ call in different ticks. */
  constructor(mirror: SceneMirror, phase: number) {
    this.#mirror = mirror;
    this.#main = nodeAt(mirror, '/root/Main');
    this.#ticks = phase % TICK_HZ;
    this.#main.onRpc('say', () => {
      this.calls++;
    });
  }

  /** A player comes. */
  add(peerId: number): void {
    const node = this.#mirror.instantiate('res://player.tscn', { name: String(peerId) });
    nodeAt(this.#mirror, '/root/Main/Players').addChild(node);
    node.getNode('Input')?.setMultiplayerAuthority(peerId);
    this.#nodes.set(peerId, node);
    // The path is known to the client from now on.
    this.#main.rpcId(peerId, 'told', 0);
  }

  /** A player goes. */
  remove(peerId: number): void {
    this.#nodes.get(peerId)?.free();
    this.#nodes.delete(peerId);
  }

  /** A step: everybody moves where its input says. */
  step(delta: number): void {
    if (!this.isPlaying) return;
    for (const node of this.#nodes.values()) {
      const angle = Number(node.get('rotation'));
      const { x, y } = node.get('position') as Vector2;
      const far = 100 * delta;
      node.set('position', new Vector2(x + far * Math.cos(angle), y + far * Math.sin(angle)));
    }
    if (++this.#ticks % TICK_HZ === 0) this.#main.rpc('told', this.#ticks);
  }
}

/** The connection of a player: packets go out by a function, and come in by a method. */
class Wire extends MultiplayerPeer {
  /** The last state of its input that it has sent, and the last call. */
  sync: Uint8Array | undefined;
  call: Uint8Array | undefined;
  readonly #id: number;
  readonly #send: SendPacket;

  constructor(id: number, send: SendPacket) {
    super({ random32: () => id });
    this.#id = id;
    this.#send = send;
  }

  connected(): void {
    this.emitSignal('peerConnected', 1);
  }

  take(bytes: Uint8Array, mode: TransferMode): void {
    this.queuePacket({ bytes, from: 1, channel: 0, mode });
  }

  poll(): void {
    // Packets come by themselves.
  }

  close(): void {
    // Nothing is open.
  }

  disconnectPeer(): void {
    // Nobody is thrown out.
  }

  getConnectionStatus(): MultiplayerConnectionStatus {
    return MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  }

  getUniqueId(): number {
    return this.#id;
  }

  isServer(): boolean {
    return false;
  }

  isServerRelaySupported(): boolean {
    return true;
  }

  protected override sendPacket(bytes: Uint8Array): GodotError {
    const copy = new Uint8Array(bytes);
    const command = (copy[0] ?? 0) & 7;
    if (command === SYNC) this.sync = copy;
    if (command === REMOTE_CALL) this.call = copy;
    this.#send(copy, this.transferMode);
    return GodotError.OK;
  }

  protected override get className(): string {
    return 'Wire';
  }
}

/** Sends a packet of a player. */
export type SendPacket = (bytes: Uint8Array, mode: TransferMode) => void;

/** A player: a real client at first, then one that repeats its packets. */
export class ArenaPlayer {
  /** Whether it sends in each tick, once it repeats. */
  isPlaying = false;
  readonly #wire: Wire;
  readonly #send: SendPacket;
  readonly #isLive: boolean;
  readonly #mirror: SceneMirror;
  #multiplayer: SceneMultiplayer | undefined;
  #input: MirrorNode | undefined;
  #ticks: number;
  #ticksWithAll = 0;
  #time = 0;

  /** @param isLive whether it stays a real client. */
  constructor(id: number, send: SendPacket, isLive: boolean, runtime?: SceneMultiplayerOptions['runtime']) {
    this.#send = send;
    this.#isLive = isLive;
    this.#ticks = id % TICK_HZ;
    this.#wire = new Wire(id, send);
    this.#mirror = newMirror();
    this.#multiplayer = new SceneMultiplayer({
      mirror: this.#mirror,
      compatibility: 'engine',
      dialect: '4.6',
      runtime,
    });
    nodeAt(this.#mirror, '/root/Main').onRpc('told', () => undefined);
    this.#mirror.watchTree({
      entered: (node) => {
        if (node.getParent()?.name !== 'Players') return;
        // What its script does in _enter_tree.
        node.getNode('Input')?.setMultiplayerAuthority(Number(node.name));
        if (node.name === String(id)) this.#input = node;
      },
    });
    this.#multiplayer.multiplayerPeer = this.#wire;
  }

  /** Its connection is made. */
  connected(): void {
    this.#wire.connected();
  }

  /** A packet has come. */
  take(bytes: Uint8Array, mode: TransferMode): void {
    if (this.#multiplayer !== undefined) this.#wire.take(bytes, mode);
  }

  /** Whether it is in, and repeats its packets from now on; one that stays real: whether it is in. */
  get isIn(): boolean {
    return this.#ticksWithAll >= SETTLED_TICKS;
  }

  /** Once per tick. */
  tick(): void {
    this.#ticks++;
    if (this.#multiplayer === undefined) this.#repeat();
    else this.#live(this.#multiplayer);
  }

  #live(multiplayer: SceneMultiplayer): void {
    if (this.#input?.isInsideTree() === true) this.#input.set('rotation', (this.#ticks % 64) / 16);
    if (this.#input !== undefined && this.#ticks % 4 === 0)
      nodeAt(this.#mirror, '/root/Main').rpcId(1, 'say', 7);
    multiplayer.poll();
    if (this.#wire.sync !== undefined && this.#wire.call !== undefined) this.#ticksWithAll++;
    if (this.isIn && !this.#isLive) this.#multiplayer = undefined;
  }

  #repeat(): void {
    const { sync, call } = this.#wire;
    if (!this.isPlaying || sync === undefined || call === undefined) return;
    const bytes = new Uint8Array(sync);
    this.#time ||= (bytes[1] ?? 0) | ((bytes[2] ?? 0) << 8);
    this.#time = (this.#time + 1) & 0xffff;
    bytes[1] = this.#time & 0xff;
    bytes[2] = this.#time >> 8;
    // Another fraction of the number.
    bytes[bytes.length - 3] = this.#ticks & 0xff;
    this.#send(bytes, 0);
    if (this.#ticks % TICK_HZ === 0) this.#send(call, 2);
  }
}

function nodeAt(mirror: SceneMirror, path: string): MirrorNode {
  const node = mirror.getNode(path);
  if (node === undefined || node === null) throw new Error(`there is no ${path}`);
  return node;
}

/** What it announces is confirmed by then. */
const SETTLED_TICKS = 12;
const REMOTE_CALL = 0;
const SYNC = 6;
