/** The server of a live game, and players of ours. */
import type { VariantValue } from '../../../codec/index.ts';
import { type MirrorNode, SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../../src/godot.ts';
import { SceneMultiplayer, type SceneMultiplayerOptions } from '../../../src/multiplayer.ts';
import { WebSocketMultiplayerPeer } from '../../../src/websocket.ts';
import { hex } from '../../support/hex.ts';
import { GAME_PATH, scriptOf } from './gameScript.ts';
import { md5, Player } from './player.ts';

/** The server, or a player of ours. */
export class OwnPlayer extends Player {
  readonly mirror = new SceneMirror();
  readonly multiplayer: SceneMultiplayer;
  /** Trace lines. */
  readonly traces: string[] = [];

  constructor(name: string, options: Partial<SceneMultiplayerOptions> = {}) {
    super(name);
    this.mirror.registerScript(scriptOf(this));
    this.grow('.', 'Game');
    this.grow('.', 'Mark');
    this.multiplayer = new SceneMultiplayer({
      mirror: this.mirror,
      exact: true,
      onTrace: (line) => this.traces.push(line),
      ...options,
    });
    const { multiplayer, log } = this;
    multiplayer.on('connectedToServer', () => log.push(`connected ${multiplayer.getUniqueId()}`));
    multiplayer.on('connectionFailed', () => log.push('failed'));
    multiplayer.on('serverDisconnected', () => log.push('lost'));
    multiplayer.on('peerConnected', (id) => log.push(`+${id}`));
    multiplayer.on('peerDisconnected', (id) => log.push(`-${id}`));
    multiplayer.on('peerAuthenticating', (id) => log.push(`?${id}`));
    multiplayer.on('peerAuthenticationFailed', (id) => log.push(`!${id}`));
    multiplayer.on('peerPacket', (id, data) => log.push(`bytes ${id} ${data.length} ${md5(data)}`));
    multiplayer.start({ tickHz: 200 });
  }

  override get id(): number {
    return this.multiplayer.getUniqueId();
  }

  /** A node by its path below the root. */
  at(path: string): MirrorNode {
    const node = this.mirror.root.getNode(path);
    if (node === undefined) throw new Error(`${this.name} has no node ${path}`);
    return node;
  }

  grow(parent: string, name: string): Promise<void> {
    this.at(parent).addChild({ name, class: 'Node', script: GAME_PATH });
    return Promise.resolve();
  }

  rpc(path: string, target: number, method: string, ...args: readonly VariantValue[]): Promise<number> {
    return Promise.resolve(this.at(path).rpcId(target, method, ...args));
  }

  node(path: string, method: string, ...args: readonly VariantValue[]): Promise<VariantValue> {
    return called(this.at(path), method, args);
  }

  api(method: string, ...args: readonly VariantValue[]): Promise<VariantValue> {
    return called(this.multiplayer, method, args);
  }

  join(url: string): Promise<number> {
    const peer = new WebSocketMultiplayerPeer();
    const error = peer.createClient(url);
    this.multiplayer.multiplayerPeer = peer;
    return Promise.resolve(error);
  }

  /** Connects over ENet. */
  joinNatively(port: number): void {
    const peer = new ENetMultiplayerPeer();
    peer.createClient('127.0.0.1', port);
    this.multiplayer.multiplayerPeer = peer;
  }

  leave(): Promise<void> {
    this.multiplayer.multiplayerPeer?.close();
    return Promise.resolve();
  }

  ask(asks: boolean, seconds: number): Promise<void> {
    const { multiplayer, log } = this;
    multiplayer.authCallback = asks ? (id, data) => log.push(`auth ${id} ${hex(data)}`) : null;
    multiplayer.authTimeout = seconds;
    return Promise.resolve();
  }

  forget(): Promise<void> {
    const peer = this.multiplayer.multiplayerPeer;
    this.multiplayer.multiplayerPeer = null;
    peer?.close();
    return Promise.resolve();
  }

  close(): void {
    this.multiplayer.close();
  }
}

/** Calls a method by the engine's name. What it returns is given if the engine's may be compared with it. */
function called(target: object, name: string, args: readonly VariantValue[]): Promise<VariantValue> {
  const method: unknown = Reflect.get(
    target,
    name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
  if (typeof method !== 'function') throw new Error(`there is no ${name}`);
  const result: unknown = Reflect.apply(method, target, args);
  return Promise.resolve(typeof result === 'number' || typeof result === 'boolean' ? result : null);
}
