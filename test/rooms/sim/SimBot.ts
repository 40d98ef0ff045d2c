/** A client of the simulation: it says where it believes to be, and notices what it is told of elsewhere. */
import { Vector2 } from '../../../codec/index.ts';
import type { SceneMultiplayerOptions } from '../../../src/multiplayer/index.ts';
import type { SimNetwork } from '../../../src/testing/SimNetwork.ts';
import { RoomClient } from '../roomGame.ts';

/** What a client has called since it was told of a room. */
export interface Stay {
  readonly tag: number;
  readonly calls: number[];
}

/** One connection of one player. */
export class SimBot extends RoomClient {
  readonly name: string;
  readonly stays: Stay[] = [];
  /** The numbers of kept calls, in the order of their arrival. */
  readonly kept: number[] = [];
  /** Those that were kept while it was away, and have to come first; `undefined`: none has to come. */
  keptBefore: { readonly tag: number; readonly numbers: readonly number[] } | undefined;
  /** What was wrong. */
  readonly faults: string[] = [];
  /** It counts no more: its process has ended, or the server has ended it. */
  isOver = false;
  /**
   * It has been asked whether it is in its new room, and not been told which one that is: a game that speaks now does not know where. Others ask
   * it too, so that rooms tell everybody again once a second.
   */
  isUnsure = false;
  /** It does not even answer. */
  isSilent = false;

  constructor(network: SimNetwork, ip: string, options: Partial<SceneMultiplayerOptions>, name: string) {
    super(network, ip, options, name);
    this.name = name;
    const main = this.mirror.getNode('/root/Main');
    // In addition to what every client does.
    main?.onRpc('told', (_sender, tag: number) => {
      // It may have been elsewhere in between, in a room that told it nothing, or have left this one and come again.
      if (this.isUnsure || this.tag !== tag) this.stays.push({ tag, calls: [] });
      this.isUnsure = false;
    });
    // What it hears passes here first.
    const { peer } = this;
    const getPacket = peer.getPacket.bind(peer);
    peer.getPacket = () => {
      const bytes = getPacket();
      if (isQuestion(bytes)) this.isUnsure = true;
      return bytes;
    };
    main?.onRpc('news', (_sender, tag: number) => this.#mustBeHere('news', tag));
    main?.onRpc('kept', (_sender, tag: number, number: number) => {
      if (this.stays.length > 0) this.#mustBeHere('kept', tag);
      this.kept.push(number);
    });
    main?.onRpc('say', (_sender, tag: number) => this.#mustBeHere('say', tag));
    this.multiplayer.on('peerPacket', (_sender, bytes) => this.#mustBeHere('bytes', tagOfBytes(bytes)));
    this.multiplayer.on('serverDisconnected', () => {
      this.isOver = true;
    });
    // It took too long, on a bad network.
    this.multiplayer.on('peerAuthenticationFailed', () => {
      this.isOver = true;
    });
    this.multiplayer.on('connectionFailed', () => {
      this.isOver = true;
    });
  }

  get id(): number {
    return this.multiplayer.getUniqueId();
  }

  /** Where it believes to be; 0 for nowhere. */
  get tag(): number {
    return this.stays.at(-1)?.tag ?? 0;
  }

  /** Its node, if it has one. */
  turn(eighths: number): void {
    this.mirror.getNode(`/root/Main/Players/${this.id}`)?.set('rotation', this.tag + eighths / 8);
  }

  /** Nodes with their values. */
  get values(): string[] {
    const players = this.mirror.getNode('/root/Main/Players')?.getChildren() ?? [];
    return players.map((node) => valuesOf(node)).sort();
  }

  #mustBeHere(what: string, tag: number): void {
    if (tag !== this.tag) this.faults.push(`${this.name}: ${what} of ${tag} in ${this.tag}`);
  }
}

/** What is compared of a node. */
export function valuesOf(node: { readonly name: string; get(property: string): unknown }): string {
  const position = node.get('position');
  const at = position instanceof Vector2 ? `${position.x},${position.y}` : 'nowhere';
  return `${node.name}@${at}`;
}

/** SIMPLIFY_PATH of the root. */
function isQuestion(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 1 &&
    bytes.at(-1) === 0 &&
    bytes.at(-2) === 0x2e &&
    bytes.at(-3) !== 0x2e &&
    bytes.length < 45
  );
}

/** Raw bytes with a tag, and back. */
export function bytesOfTag(tag: number): Uint8Array {
  return Uint8Array.of(tag & 255, tag >> 8);
}

export function tagOfBytes(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) + 256 * (bytes[1] ?? 0);
}
