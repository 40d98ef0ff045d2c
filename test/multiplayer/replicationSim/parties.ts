/** Who takes part in the simulation of replication, and the small things that every part of it needs. */
import fc from 'fast-check';
import {
  EncodeError,
  VariantType,
  type VariantValue,
  Vector2,
  variantTypeOf,
  varToBytes,
} from '../../../codec/index.ts';
import { type MirrorNode, SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { createCompressor } from '../../../src/io/compression.ts';
import type { SceneMultiplayerOptions } from '../../../src/multiplayer/options.ts';
import { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';
import { Prng } from '../../../src/testing/prng.ts';
import type { SimNetwork } from '../../../src/testing/SimNetwork.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';
import { makeScene } from './scenes.ts';

/** One side of the game. */
export interface Party {
  readonly mirror: SceneMirror;
  readonly multiplayer: SceneMultiplayer;
  readonly errors: unknown[];
}

/** A client. */
export interface Client extends Party {
  readonly ip: string;
  readonly port: number;
  peer: ENetMultiplayerPeer;
  /** The tick at which it has loaded the level; `undefined`: it has. */
  loadsAt: number | undefined;
  /** How often it has loaded the level anew. */
  reloads: number;
}

/** Makes a side of the game, without a transport. */
export function makeParty(network: SimNetwork, ip: string, options: Partial<SceneMultiplayerOptions>): Party {
  const mirror = new SceneMirror();
  const errors: unknown[] = [];
  const multiplayer: SceneMultiplayer = new SceneMultiplayer({
    mirror,
    runtime: network.createRuntime(ip),
    instantiate: (path) => makeScene(multiplayer, path),
    onError: (error) => errors.push(error),
    ...options,
  });
  return { mirror, multiplayer, errors };
}

/** A transport at an address. */
export function makePeer(network: SimNetwork, ip: string): ENetMultiplayerPeer {
  const runtime = network.createRuntime(ip);
  // As 4.2 and later have it.
  return new ENetMultiplayerPeer({ runtime, createCompressor, host: { mtuBytes: 1392 } });
}

/** What happens at random, and how often what has happened. */
export class Dice {
  /** How often what was done. */
  readonly counts = new Map<string, number>();
  /** Values of every type that travels. */
  readonly values: readonly VariantValue[];
  readonly #random: Prng;

  constructor(seed: number) {
    this.#random = Prng.labelled(seed, 'replication');
    this.values = fc.sample(exactVariant, { seed, numRuns: 60 }).filter(isSendable);
  }

  /** An integer from 0 to below `count`. */
  roll(count: number): number {
    return Math.floor(this.#random.unit() * count);
  }

  /** One of several. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.roll(items.length)];
    if (item === undefined) throw new Error('there is nothing to choose from');
    return item;
  }

  /** Something was done. */
  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

/** Whether a value is the same at another process of any version from 4.3 on, and short enough to be sent with others. */
function isSendable(value: VariantValue): boolean {
  if (NOT_SENT.has(variantTypeOf(value) ?? VariantType.NIL)) return false;
  try {
    const bytes = Buffer.from(varToBytes(value));
    // Types of dictionaries are younger than what ours are taken for.
    return bytes.length < 200 && bytes.equals(varToBytes(value, { dialect: '4.3' }));
  } catch (error) {
    if (error instanceof EncodeError) return false;
    throw error;
  }
}

/** Types whose values are none of a property, or have a meaning in one process alone. */
const NOT_SENT: ReadonlySet<number> = new Set([
  VariantType.NIL,
  VariantType.OBJECT,
  VariantType.RID,
  VariantType.CALLABLE,
  VariantType.SIGNAL,
]);

/** The node at a path. @throws Error when there is none. */
export function nodeAt({ mirror }: Pick<Party, 'mirror'>, path: string): MirrorNode {
  const node = mirror.getNode(path);
  if (node === undefined) throw new Error(`there is no ${path}`);
  return node;
}

/** A value of a node with its exact type, as text. */
export function textOf(node: MirrorNode, name: string): string {
  if (name === 'position') return String(node.get('position'));
  const value = node.metadata.get(name);
  return value === undefined ? 'none' : Buffer.from(varToBytes(value as VariantValue)).toString('hex');
}

/** The number that a node has on all sides. */
export function uidOf(node: MirrorNode): bigint {
  const uid = node.metadata.get('uid');
  return typeof uid === 'bigint' || typeof uid === 'number' ? BigInt(uid) : 0n;
}

/** A place near all peers with an even id (0), or an odd one (1000). */
export function place(side: number): Vector2 {
  return new Vector2(side * 1000, 0);
}
