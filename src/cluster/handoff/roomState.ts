/** A room as an image, and an image as a room. */
import {
  Dictionary,
  decodeVariant,
  TypedArray,
  type VariantInput,
  type VariantValue,
  varToBytes,
} from '../../../codec/index.ts';
import type { MirrorNode, SceneNode } from '../../../schema/index.ts';
import { sceneMultiplayerAccess } from '../../multiplayer/internal.ts';
import type { Player } from '../../rooms/index.ts';
import type { Kept, RoomCore, RoomServerParts } from '../../rooms/internal.ts';
import { pack } from './carried.ts';
import type { ClientDoor } from './clientDoor.ts';
import { HandoffError } from './handoffErrors.ts';
import { isTellableId, type KeptImage, type PlayerImage, type RoomImage } from './image.ts';
import { MarkedCalls } from './markedCalls.ts';

/** What a room is now, without those whom no other node can be told of. It stands still. @throws what `onSnapshot` throws. */
export function imageOfRoom(parts: RoomServerParts, door: ClientDoor, core: RoomCore): RoomImage {
  const { room, multiplayer, metadata, isLocked } = core;
  const { mirror } = multiplayer;
  mirror.flushDeletions();
  const nodes = [...mirror.root.walk()].filter((node) => node !== mirror.root);
  const spawned = nodes.flatMap((node) => {
    const spawner = sceneMultiplayerAccess.spawnerOf(multiplayer, node);
    const info = spawner?.infoOf(node);
    if (spawner === undefined || info === undefined || info.scene !== CUSTOM_SCENE) return [];
    return [[pathOf(node), pathOf(spawner.node), bytesOf(info.data)] as const];
  });
  const document = mirror.toJSON();
  const root = withoutNodesOf(document.root, mirror.root, (node) =>
    sceneMultiplayerAccess.isOfPeer(multiplayer, node),
  );
  return {
    tree: JSON.stringify({ ...document, root }),
    owners: nodes
      .filter((node) => node.getMultiplayerAuthority() !== 1)
      .map((node) => [pathOf(node), node.getMultiplayerAuthority()] as const),
    spawned,
    players: [...core.players.values()]
      .filter(({ id }) => isTellableId(id))
      .map((player) => imageOfPlayer(parts, door, core, player)),
    reservations: core.seats
      .reservations(parts.context.now())
      .map((kept) => ({ ...kept, players: kept.players?.filter(isTellableId) })),
    isLocked,
    isPrivate: room.isPrivate,
    maxPlayers: room.maxPlayers,
    maxSpectators: room.maxSpectators,
    metadata,
    state: room.onSnapshot(),
  };
}

/** What a player takes along. What of it cannot be told is traced, and left. */
export function imageOfPlayer(
  parts: RoomServerParts,
  door: ClientDoor,
  core: RoomCore,
  player: Player,
): PlayerImage {
  const departure = parts.players.departureOf(player);
  const carried = (value: unknown, where: string): unknown => {
    try {
      varToBytes(pack(value, where));
      return value;
    } catch (error) {
      parts.context.trace(`handoff: ${where} of ${player.id} stays here: ${String(error)}`);
      return undefined;
    }
  };
  const data = [...player.data]
    .filter(([key, value]) => carried([key, value], `data ${key}`) !== undefined)
    .filter(([, value]) => value !== undefined);
  return {
    id: player.id,
    user: carried(player.user, 'user'),
    session: departure?.session,
    peerId: player.peerId,
    protocol: player.protocol,
    isSpectator: core.seats.kindOf(player.seat) === 'spectator',
    graceMs: Math.max(0, Math.ceil(departure?.leftMs ?? departure?.graceMs ?? 0)),
    data: new Map(data),
    kept: (departure?.calls ?? []).map(([kept, bytes]) => imageOfKept(kept, bytes)),
    marked: door.markedOf(player).image(),
  };
}

/**
 * Makes a room that was just created what it was elsewhere, with its players on their way.
 *
 * @param leastGraceMs for how long seats are kept at least.
 * @returns the players that it could not take.
 */
export async function restoreRoom(
  parts: RoomServerParts,
  door: ClientDoor,
  core: RoomCore,
  image: RoomImage,
  leastGraceMs: number,
): Promise<string[]> {
  const { room, multiplayer } = core;
  door.install(core);
  restoreTree(core, image);
  room.maxPlayers = Math.max(1, image.maxPlayers);
  room.maxSpectators = image.maxSpectators;
  room.isPrivate = image.isPrivate;
  core.isLocked = image.isLocked;
  core.setMetadata(image.metadata);
  const now = parts.context.now();
  for (const kept of image.reservations) core.seats.putReservation(kept, now);
  const refused: string[] = [];
  for (const one of image.players) {
    const peerId = parts.isPeerIdTaken(one.peerId) ? parts.newPeerId() : one.peerId;
    const player = parts.players.expect(core, {
      player: one.id,
      user: one.user,
      session: one.session,
      peerId,
      protocol: one.protocol,
      as: one.isSpectator ? 'spectator' : 'player',
      data: one.data,
      graceMs: Math.max(one.graceMs, leastGraceMs),
      calls: one.kept.map(keptOf),
    });
    if (typeof player === 'string') {
      parts.context.trace(`handoff: ${one.id} cannot come: ${player}`);
      refused.push(one.id);
      continue;
    }
    if (one.marked !== undefined) door.setMarked(player, new MarkedCalls(one.marked));
    if (peerId !== one.peerId) core.own(one.peerId, peerId);
  }
  // Who is not taken has nothing here.
  const known = new Set([...core.players.values()].map(({ peerId }) => peerId));
  for (const node of multiplayer.mirror.root.walk())
    if (node.getMultiplayerAuthority() !== 1 && !known.has(node.getMultiplayerAuthority()))
      node.setMultiplayerAuthority(1, false);
  await room.onRestore(image.state);
  return refused;
}

function restoreTree({ multiplayer }: RoomCore, { tree, owners, spawned }: RoomImage): void {
  const { mirror } = multiplayer;
  const custom = new Map(spawned.map(([path, spawner, data]) => [path, [spawner, data] as const]));
  const add = (parent: MirrorNode, node: SceneNode): MirrorNode | undefined => {
    const path = `${pathOf(parent)}/${node.name}`;
    const [spawner, data] = custom.get(path) ?? [];
    if (spawner !== undefined && data !== undefined) {
      const made = multiplayer.spawner(spawner).spawn(valueIn(data));
      if (made !== null) return made;
      throw new HandoffError('FAILED', `the spawner ${spawner} does not make ${path}`);
    }
    if (node.instance === undefined) return undefined;
    return parent.addChild(mirror.instantiate(node.instance, { name: node.name }));
  };
  mirror.restore(JSON.parse(tree), { add });
  const ownerOf = new Map(owners);
  for (const node of [...mirror.root.walk()])
    node.setMultiplayerAuthority(ownerOf.get(pathOf(node)) ?? 1, false);
}

function withoutNodesOf(
  json: SceneNode,
  node: MirrorNode,
  isOfPeer: (node: MirrorNode) => boolean,
): SceneNode {
  const { children } = json;
  if (children === undefined) return json;
  const kept = node.getChildren().flatMap((child, i) => {
    const own = children[i];
    return own === undefined || isOfPeer(child) ? [] : [withoutNodesOf(own, child, isOfPeer)];
  });
  return { ...json, children: kept };
}

function imageOfKept(kept: Kept, bytes: number): KeptImage {
  const { protocol } = kept;
  if (protocol === 'events')
    return {
      protocol,
      name: kept.name,
      method: '',
      value: bytesOf(kept.payload as VariantInput), // a copy of Variants
      options: { ...kept.options },
      bytes,
    };
  const value = bytesOf([...kept.args] as VariantInput[]); // copies of Variants
  return { protocol, name: kept.path, method: kept.method, value, options: {}, bytes };
}

function keptOf({ protocol, name, method, value, options, bytes }: KeptImage): readonly [Kept, number] {
  const own = valueIn(value);
  if (protocol === 'scene')
    return [{ protocol, path: name, method, args: Array.isArray(own) ? own : [] }, bytes];
  const { channel, reliable } = options;
  const how = {
    channel: typeof channel === 'number' ? channel : undefined,
    reliable: typeof reliable === 'boolean' ? reliable : undefined,
  };
  return [{ protocol, name, payload: own instanceof Dictionary ? own : {}, options: how }, bytes];
}

function pathOf(node: MirrorNode): string {
  return node.getPath().toString();
}

function bytesOf(value: VariantInput): Uint8Array {
  return varToBytes(value, { strictTypedContainers: false });
}

/** To the last bit, and as games give them: integers as numbers. @throws DecodeError */
function valueIn(bytes: Uint8Array): VariantValue {
  return natural(decodeVariant(bytes, { exact: true, strictTypedContainers: false }).value);
}

function natural(value: VariantValue): VariantValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value instanceof TypedArray) return value;
  if (Array.isArray(value)) return value.map(natural);
  if (value instanceof Dictionary && value.keyType === undefined && value.valueType === undefined)
    return new Dictionary([...value].map(([key, item]) => [natural(key), natural(item)]));
  return value;
}

/** The place in the list of scenes of what `spawn(data)` makes. */
const CUSTOM_SCENE = 255;
