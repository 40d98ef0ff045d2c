/** Takes packets of SceneMultiplayer apart, all eight commands, for tools. docs/protocol/scene-multiplayer 1 to 8. */
import { DecodeError, type VariantValue } from '../../../codec/index.ts';
import { readCompressed } from './compressedVariant.ts';
import { COMMAND_MASK, Command, PATH_BIT, SYS_BYTES, SysCommand } from './protocol.ts';
import { readArguments, readCall } from './remoteCall.ts';
import { peerOf, readCString, readSimplifyPath } from './systemPackets.ts';

/** The state of one synchronizer in a SYNC or DELTA. */
export interface DissectedState {
  /** The net id, or the number of the synchronizer's node. */
  readonly id: number;
  /** Whether `id` is the number of a node. */
  readonly isPath: boolean;
  /** Bit n: the n-th watched property is there. DELTA only. */
  readonly mask?: bigint;
  /** The values as bytes. */
  readonly bytes: Uint8Array;
  /** The values; `undefined` when the bytes are none. */
  readonly values: readonly VariantValue[] | undefined;
}

/** What is in a packet, by its command. */
export interface MultiplayerPackets {
  /** A call. */
  readonly REMOTE_CALL: {
    /** The number of the node; `undefined` when it is named by path. */
    readonly node: number | undefined;
    /** Its path; `undefined` when it is named by number. */
    readonly path: string | undefined;
    /** The number of the method. */
    readonly method: number;
    /** INT as bigint, FLOAT as `Float`. */
    readonly args: readonly VariantValue[];
  };
  /** "From now on this number is that node." */
  readonly SIMPLIFY_PATH: {
    /** The number. */
    readonly id: number;
    /** The path, relative to the root. */
    readonly path: string;
    /** The MD5 of the names of its RPCs. */
    readonly checksum: string;
  };
  /** The answer. */
  readonly CONFIRM_PATH: {
    /** Whether the method lists agree. */
    readonly isRight: boolean;
    /** As 4.3 and later write it. */
    readonly id: number | undefined;
    /** As 4.0 to 4.2 write it. Both are there when it cannot be told. */
    readonly path: string | undefined;
  };
  /** Raw bytes. */
  readonly RAW: {
    /** The bytes. */
    readonly bytes: Uint8Array;
  };
  /** A node appears. */
  readonly SPAWN: {
    /** The place of the scene in the spawner's list; 255: made by its function. */
    readonly scene: number;
    /** The number of the spawner's node. */
    readonly spawner: number;
    /** The number of the new node, among those that were spawned. */
    readonly netId: number;
    /** Those of its synchronizers. */
    readonly synchronizers: readonly number[];
    /** The name of the new node. */
    readonly name: string;
    /** What the spawner's function was given. */
    readonly data?: VariantValue;
    /** The properties as bytes. */
    readonly state: Uint8Array;
    /** Their values; `undefined` when the bytes are none. */
    readonly values: readonly VariantValue[] | undefined;
  };
  /** A spawned node goes. */
  readonly DESPAWN: {
    /** Its number. */
    readonly netId: number;
  };
  /** Whole states. */
  readonly SYNC: {
    /** The sender's counter. */
    readonly time: number;
    /** One for each synchronizer. */
    readonly states: readonly DissectedState[];
  };
  /** Changes. */
  readonly DELTA: {
    /** One for each synchronizer. */
    readonly states: readonly DissectedState[];
  };
  /** Authentication. */
  readonly AUTH: {
    /** The data; none: "I am done". */
    readonly bytes: Uint8Array;
  };
  /** A client has come. */
  readonly ADD_PEER: {
    /** Its id. */
    readonly peer: number;
  };
  /** A client has gone. */
  readonly DEL_PEER: {
    /** Its id. */
    readonly peer: number;
  };
  /** A packet from one client to others. */
  readonly RELAY: {
    /** To a server the target, from a server the source. */
    readonly peer: number;
    /** The packet. */
    readonly inner: DissectedMultiplayerPacket;
  };
}

/** A packet: its command, and what {@link MultiplayerPackets} says of that. */
export type MultiplayerPacket = {
  [Name in keyof MultiplayerPackets]: {
    /** Which command it is. */
    readonly command: Name;
  } & MultiplayerPackets[Name];
}[keyof MultiplayerPackets];

/** A packet taken apart. */
export interface DissectedMultiplayerPacket {
  /** What is in it; `undefined` when it cannot be read. */
  readonly packet: MultiplayerPacket | undefined;
  /** What is wrong with it; `undefined` when nothing is. */
  readonly problem: string | undefined;
}

/** Takes a packet apart. Never throws because of its bytes; the result holds views into them. */
export function dissectMultiplayerPacket(bytes: Uint8Array): DissectedMultiplayerPacket {
  return dissect(bytes, false);
}

function dissect(bytes: Uint8Array, isRelayed: boolean): DissectedMultiplayerPacket {
  const [head] = bytes;
  if (head === undefined) return wrong('an empty packet');
  switch (head & COMMAND_MASK) {
    case Command.REMOTE_CALL:
      return remoteCall(bytes);
    case Command.SIMPLIFY_PATH: {
      const said = readSimplifyPath(bytes);
      return said ? right({ command: 'SIMPLIFY_PATH', ...said }) : tooShort(bytes, 38);
    }
    case Command.CONFIRM_PATH:
      return confirmPath(bytes);
    case Command.RAW:
      return bytes.length < 2 ? tooShort(bytes, 2) : right({ command: 'RAW', bytes: bytes.subarray(1) });
    case Command.SPAWN:
      return spawn(bytes);
    case Command.DESPAWN:
      return bytes.length < 5 ? tooShort(bytes, 5) : right({ command: 'DESPAWN', netId: u32(bytes, 1) });
    case Command.SYNC:
      return (head & DELTA_FLAG) === 0 ? sync(bytes) : delta(bytes);
    default:
      return isRelayed ? wrong('a SYS packet inside a RELAY') : system(bytes);
  }
}

function remoteCall(bytes: Uint8Array): DissectedMultiplayerPacket {
  const call = readCall(bytes);
  if (typeof call === 'string') return wrong(call);
  const args = readArguments(bytes, call, { exact: true, allowObjects: true });
  if (typeof args === 'string') return wrong(args);
  const { path, methodId } = call;
  const node = path === undefined ? call.nodeId : undefined;
  return {
    packet: { command: 'REMOTE_CALL', node, path, method: methodId, args: args.values },
    problem: args.damage,
  };
}

function confirmPath(bytes: Uint8Array): DissectedMultiplayerPacket {
  if (bytes.length < 3) return tooShort(bytes, 3);
  const isRight = bytes[1] !== 0;
  const id = bytes.length === CONFIRM_BYTES ? u32(bytes, 2) : undefined;
  // 12: a path of three characters is as long as a number.
  const isText = id === undefined || (bytes[5] === 0 && bytes.subarray(2, 5).every((byte) => byte > 0x20));
  const path = isText ? readCString(bytes, 2, bytes.length) : undefined;
  return right({ command: 'CONFIRM_PATH', isRight, id, path });
}

function spawn(bytes: Uint8Array): DissectedMultiplayerPacket {
  if (bytes.length < SPAWN_BYTES) return tooShort(bytes, SPAWN_BYTES);
  const scene = bytes[1] ?? 0;
  const count = u32(bytes, 10);
  const nameBytes = u32(bytes, 14);
  const nameAt = SPAWN_BYTES + 4 * count;
  let stateAt = nameAt + nameBytes;
  if (stateAt > bytes.length)
    return wrong(`${count} synchronizers and a name of ${nameBytes} bytes are more than there is`);
  const synchronizers = Array.from({ length: count }, (_, i) => u32(bytes, SPAWN_BYTES + 4 * i));
  const name = readCString(bytes, nameAt, stateAt);
  let data: VariantValue | undefined;
  if (scene === CUSTOM_SCENE) {
    if (stateAt + 4 > bytes.length) return wrong('the size of its data is missing');
    const size = u32(bytes, stateAt);
    const end = stateAt + 4 + size;
    if (end > bytes.length) return wrong(`${size} bytes of data are more than there is`);
    data = valuesOf(bytes.subarray(stateAt + 4, end))?.[0];
    if (data === undefined) return wrong('its data is no Variant');
    stateAt = end;
  }
  const state = bytes.subarray(stateAt);
  return right({
    command: 'SPAWN',
    scene,
    spawner: u32(bytes, 2),
    netId: u32(bytes, 6),
    synchronizers,
    name,
    ...(data === undefined ? {} : { data }),
    state,
    values: valuesOf(state),
  });
}

function sync(bytes: Uint8Array): DissectedMultiplayerPacket {
  if (bytes.length < 3) return tooShort(bytes, 3);
  const { states, problem } = statesOf(bytes, 3, false);
  const time = (bytes[1] ?? 0) | ((bytes[2] ?? 0) << 8);
  return { packet: { command: 'SYNC', time, states }, problem };
}

function delta(bytes: Uint8Array): DissectedMultiplayerPacket {
  const { states, problem } = statesOf(bytes, 1, true);
  return { packet: { command: 'DELTA', states }, problem };
}

function statesOf(
  bytes: Uint8Array,
  start: number,
  hasMask: boolean,
): { states: DissectedState[]; problem: string | undefined } {
  const states: DissectedState[] = [];
  const head = hasMask ? 16 : 8;
  let at = start;
  while (at < bytes.length) {
    if (at + head > bytes.length) return { states, problem: `${bytes.length - at} bytes are left over` };
    const id = u32(bytes, at);
    const size = u32(bytes, at + head - 4);
    const end = at + head + size;
    if (end > bytes.length)
      return { states, problem: `${size} bytes of state at ${at} are more than there is` };
    const state = bytes.subarray(at + head, end);
    const mask = hasMask ? { mask: viewOf(bytes).getBigUint64(at + 4, true) } : {};
    const isPath = id >= PATH_BIT;
    states.push({ id: isPath ? id - PATH_BIT : id, isPath, ...mask, bytes: state, values: valuesOf(state) });
    at = end;
  }
  return { states, problem: undefined };
}

function system(bytes: Uint8Array): DissectedMultiplayerPacket {
  const sub = bytes[1];
  if (sub === SysCommand.AUTH) return right({ command: 'AUTH', bytes: bytes.subarray(2) });
  if (bytes.length < SYS_BYTES) return tooShort(bytes, SYS_BYTES);
  const peer = peerOf(bytes);
  if (sub === SysCommand.ADD_PEER) return right({ command: 'ADD_PEER', peer });
  if (sub === SysCommand.DEL_PEER) return right({ command: 'DEL_PEER', peer });
  if (sub !== SysCommand.RELAY) return wrong(`the SYS command ${sub} does not exist`);
  const inner = dissect(bytes.subarray(SYS_BYTES), true);
  return { packet: { command: 'RELAY', peer, inner }, problem: inner.problem };
}

/** The values that bytes consist of; `undefined` when they do not. */
function valuesOf(bytes: Uint8Array): VariantValue[] | undefined {
  const values: VariantValue[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      const read = readCompressed(bytes, at, bytes.length, { exact: true, allowObjects: true });
      values.push(read.value);
      at = read.end;
    }
    return values;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function right(packet: MultiplayerPacket): DissectedMultiplayerPacket {
  return { packet, problem: undefined };
}

function wrong(problem: string): DissectedMultiplayerPacket {
  return { packet: undefined, problem };
}

function tooShort(bytes: Uint8Array, need: number): DissectedMultiplayerPacket {
  return wrong(`${bytes.length} bytes, at least ${need} expected`);
}

function u32(bytes: Uint8Array, at: number): number {
  return viewOf(bytes).getUint32(at, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const DELTA_FLAG = 0x10;
const CONFIRM_BYTES = 6;
const SPAWN_BYTES = 18;
const CUSTOM_SCENE = 255;
