/** SPAWN and DESPAWN as bytes. docs/protocol/scene-multiplayer 7.3, 7.4, 11.1 (5) and 11.2 (37, 38). */
import { Command } from './protocol.ts';
import { type BadText, readCString } from './systemPackets.ts';

const encoder = new TextEncoder();

/** What a SPAWN says. */
export interface SpawnPacket {
  /** The place in the spawner's list of scenes; {@link CUSTOM_SCENE} for `spawn(data)`. */
  readonly scene: number;
  /** The sender's number of the spawner. */
  readonly spawnerId: number;
  /** The sender's number of the new node. */
  readonly netId: number;
  /** Numbers of the synchronizers inside, in the order in which they start at the receiver. */
  readonly syncIds: readonly number[];
  /** The name of the node. */
  readonly name: string;
  /** The data of `spawn(data)` as a compressed Variant; `undefined` for a scene of the list. */
  readonly data: Uint8Array | undefined;
  /** The values that the synchronizers start with, one synchronizer after the other. */
  readonly state: Uint8Array;
}

/** A SPAWN. */
export function spawnPacket(spawn: SpawnPacket): Uint8Array {
  const { syncIds, data, state } = spawn;
  const name = encoder.encode(spawn.name);
  const dataSize = data === undefined ? 0 : SIZE_BYTES + data.length;
  const nameStart = HEAD_BYTES + syncIds.length * SIZE_BYTES;
  const bytes = new Uint8Array(nameStart + name.length + 1 + dataSize + state.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = Command.SPAWN;
  bytes[1] = spawn.scene;
  view.setUint32(SPAWNER_OFFSET, spawn.spawnerId, true);
  view.setUint32(6, spawn.netId, true);
  view.setUint32(10, syncIds.length, true);
  view.setUint32(14, name.length + 1, true);
  for (const [i, id] of syncIds.entries()) view.setUint32(HEAD_BYTES + i * SIZE_BYTES, id, true);
  bytes.set(name, nameStart);
  let at = nameStart + name.length + 1;
  if (data !== undefined) {
    view.setUint32(at, data.length, true);
    bytes.set(data, at + SIZE_BYTES);
    at += dataSize;
  }
  bytes.set(state, at);
  return bytes;
}

/** Takes a SPAWN apart; a text says why it cannot be. What it returns points into `bytes`. `bad`: see `readCString`. */
export function readSpawn(bytes: Uint8Array, bad?: BadText): SpawnPacket | string {
  if (bytes.length < HEAD_BYTES) return `${bytes.length} bytes are too few for a SPAWN`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const scene = bytes[1] ?? 0;
  const count = view.getUint32(10, true);
  const nameBytes = view.getUint32(14, true);
  // Without overflow: both come from a stranger.
  const nameStart = HEAD_BYTES + count * SIZE_BYTES;
  const nameEnd = nameStart + nameBytes;
  if (nameBytes < 1 || nameEnd > bytes.length)
    return `${count} synchronizers and a name of ${nameBytes} bytes do not fit into ${bytes.length}`;
  const syncIds: number[] = [];
  for (let i = 0; i < count; i++) syncIds.push(view.getUint32(HEAD_BYTES + i * SIZE_BYTES, true));
  const head = {
    scene,
    spawnerId: view.getUint32(SPAWNER_OFFSET, true),
    netId: view.getUint32(6, true),
    syncIds,
    name: readCString(bytes, nameStart, nameEnd, bad),
  };
  if (scene !== CUSTOM_SCENE) return { ...head, data: undefined, state: bytes.subarray(nameEnd) };
  const dataStart = nameEnd + SIZE_BYTES;
  const size = dataStart > bytes.length ? 0 : view.getUint32(nameEnd, true);
  if (dataStart + size > bytes.length) return 'the data of the spawn are not all there';
  const end = dataStart + size;
  return { ...head, data: bytes.subarray(dataStart, end), state: bytes.subarray(end) };
}

/** A DESPAWN. */
export function despawnPacket(netId: number): Uint8Array {
  const bytes = new Uint8Array(DESPAWN_BYTES);
  bytes[0] = Command.DESPAWN;
  new DataView(bytes.buffer).setUint32(1, netId, true);
  return bytes;
}

/** The number in a DESPAWN; `undefined` when it is too short. */
export function readDespawn(bytes: Uint8Array): number | undefined {
  if (bytes.length < DESPAWN_BYTES) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(1, true);
}

/** Where the number of the spawner is in a SPAWN. */
export const SPAWNER_OFFSET = 2;
/** The scene number of what `spawn(data)` made. */
export const CUSTOM_SCENE = 255;
const HEAD_BYTES = 18;
const SIZE_BYTES = 4;
const DESPAWN_BYTES = 5;
