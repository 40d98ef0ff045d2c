/**
 * A room as bytes: what it takes to go on with it at another node. One Variant with a version in front; what is read is checked whole before
 * anything is made of it.
 */
import { DecodeError, decodeVariant, varToBytes } from '../../../codec/index.ts';
import { describe, isIntegerIn } from '../../../options/internal.ts';
import { pack, unpack } from './carried.ts';
import { HandoffError } from './handoffErrors.ts';

/** A player of a room, or one who goes alone. */
export interface PlayerImage {
  /** `Player.id`. */
  readonly id: string;
  /** `Player.user`. */
  readonly user: unknown;
  /** The session of its login. */
  readonly session: string | undefined;
  /** The id of its connection: its nodes have it as owner and name until it comes. */
  readonly peerId: number;
  readonly protocol: 'scene' | 'events';
  readonly isSpectator: boolean;
  /** For how long its seat is kept, in ms. */
  readonly graceMs: number;
  /** `Player.data`. */
  readonly data: ReadonlyMap<string, unknown>;
  /** What waits for it. */
  readonly kept: readonly KeptImage[];
  /** Which run of its client has had how many calls done. */
  readonly marked: MarkedImage | undefined;
}

/** A call or an event that waits. */
export interface KeptImage {
  readonly protocol: 'scene' | 'events';
  /** The path of the node, or the name of the event. */
  readonly name: string;
  /** Of the call. */
  readonly method: string;
  /** The arguments as an Array, or the payload: a Variant. */
  readonly value: Uint8Array;
  /** Of the event. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What it takes of the limits. */
  readonly bytes: number;
}

/** Up to which number the marked calls of a client are done. */
export interface MarkedImage {
  readonly run: string;
  readonly last: number;
}

/** Seats that are kept. */
export interface ReservationImage {
  readonly name: string;
  readonly kind: 'player' | 'spectator';
  readonly players: readonly string[] | undefined;
  readonly left: number;
  readonly forMs: number;
}

/** A room. */
export interface RoomImage {
  /** The JSON text of its tree. */
  readonly tree: string;
  /** Who decides about nodes that are not the server's: path and peer id. */
  readonly owners: readonly (readonly [path: string, peerId: number])[];
  /** Nodes of `spawn(data)`: path, path of the spawner, data as bytes. */
  readonly spawned: readonly (readonly [path: string, spawner: string, data: Uint8Array])[];
  readonly players: readonly PlayerImage[];
  readonly reservations: readonly ReservationImage[];
  readonly isLocked: boolean;
  readonly isPrivate: boolean;
  readonly maxPlayers: number;
  readonly maxSpectators: number;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  /** Of `Room.onSnapshot`. */
  readonly state: unknown;
}

/** @throws HandoffError TOO_LARGE; TypeError naming what of the room no other node can be told. */
export function encodeRoom(image: RoomImage, maxBytes: number): Uint8Array {
  return encode({ ...image, format: ROOM }, maxBytes);
}

/** @throws HandoffError MALFORMED */
export function decodeRoom(bytes: Uint8Array): RoomImage {
  const image = decode(bytes, ROOM);
  const isRoom =
    typeof image['tree'] === 'string' &&
    isList(image['owners'], (one) => isTuple(one, ['string', 'number']) && isInt32(one[1])) &&
    isList(image['spawned'], (one) => isTuple(one, ['string', 'string', 'bytes'])) &&
    isList(image['players'], isPlayer) &&
    isList(image['reservations'], isReservation) &&
    ['isLocked', 'isPrivate'].every((name) => typeof image[name] === 'boolean') &&
    ['maxPlayers', 'maxSpectators'].every((name) => isIntegerIn(image[name], 0, 4095)) &&
    isTable(image['metadata']);
  if (!isRoom) throw new HandoffError('MALFORMED', 'what came is no room');
  return image as unknown as RoomImage;
}

/** @throws HandoffError TOO_LARGE; TypeError naming what no other node can be told. */
export function encodePlayer(image: PlayerImage, maxBytes: number): Uint8Array {
  return encode({ ...image, format: PLAYER }, maxBytes);
}

/** @throws HandoffError MALFORMED */
export function decodePlayer(bytes: Uint8Array): PlayerImage {
  const image = decode(bytes, PLAYER);
  if (!isPlayer(image)) throw new HandoffError('MALFORMED', 'what came is no player');
  return image as unknown as PlayerImage;
}

/** A message of plain values. @throws TypeError naming what cannot be told. */
export function encodeMessage(message: Readonly<Record<string, unknown>>): Uint8Array {
  return varToBytes(pack(message, 'message'));
}

/** @throws HandoffError MALFORMED */
export function decodeMessage(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value = unpack(decodeVariant(bytes, { maxDepth: 200, maxBytes: MOST_BYTES }).value);
    if (isTable(value)) return value;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof TypeError || error instanceof RangeError))
      throw error;
    throw new HandoffError('MALFORMED', `what came cannot be read: ${error.message}`, { cause: error });
  }
  throw new HandoffError('MALFORMED', 'what came is no message');
}

function encode(image: Readonly<Record<string, unknown>>, maxBytes: number): Uint8Array {
  const bytes = varToBytes(pack(image, 'room'));
  if (bytes.length > maxBytes)
    throw new HandoffError('TOO_LARGE', `it takes ${bytes.length} bytes, at most ${maxBytes} are allowed`);
  return bytes;
}

function decode(bytes: Uint8Array, format: string): Readonly<Record<string, unknown>> {
  const message = decodeMessage(bytes);
  if (message['format'] !== format)
    throw new HandoffError('MALFORMED', `expected ${format}, got ${describe(message['format'])}`);
  return message;
}

function isPlayer(value: unknown): boolean {
  if (!isTable(value)) return false;
  const { id, session, peerId, protocol, isSpectator, graceMs, data, kept, marked } = value;
  return (
    isText(id, MOST_ID) &&
    id !== '' &&
    (session === undefined || isText(session, 1024)) &&
    isInt32(peerId) &&
    (protocol === 'scene' || protocol === 'events') &&
    typeof isSpectator === 'boolean' &&
    isIntegerIn(graceMs, 0, Number.MAX_SAFE_INTEGER) &&
    data instanceof Map &&
    [...data.keys()].every((key) => typeof key === 'string') &&
    isList(kept, isKept) &&
    (marked === undefined ||
      (isTable(marked) &&
        isText(marked['run'], 64) &&
        isIntegerIn(marked['last'], 0, Number.MAX_SAFE_INTEGER)))
  );
}

function isKept(value: unknown): boolean {
  if (!isTable(value)) return false;
  const { protocol, name, method, value: bytesOfValue, options, bytes } = value;
  return (
    (protocol === 'scene' || protocol === 'events') &&
    isText(name, 4096) &&
    isText(method, 4096) &&
    bytesOfValue instanceof Uint8Array &&
    isTable(options) &&
    isIntegerIn(bytes, 0, Number.MAX_SAFE_INTEGER)
  );
}

function isReservation(value: unknown): boolean {
  if (!isTable(value)) return false;
  const { name, kind, players, left, forMs } = value;
  return (
    typeof name === 'string' &&
    (kind === 'player' || kind === 'spectator') &&
    (players === undefined || isList(players, (id) => typeof id === 'string')) &&
    isIntegerIn(left, 0, 4095) &&
    typeof forMs === 'number' &&
    forMs >= 0
  );
}

function isTuple(value: unknown, types: readonly string[]): value is unknown[] {
  return (
    Array.isArray(value) &&
    value.length === types.length &&
    types.every((type, i) => (type === 'bytes' ? value[i] instanceof Uint8Array : typeof value[i] === type))
  );
}

function isList(value: unknown, isGood: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isGood);
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}

function isInt32(value: unknown): boolean {
  return isIntegerIn(value, 0, 2 ** 31 - 1);
}

/** Whether another node can be told of somebody with this id: clients may choose theirs. */
export function isTellableId(id: string): boolean {
  return id.length <= MOST_ID && !id.includes('\0') && !/\p{Surrogate}/u.test(id);
}

/** Whether it is a plain object, as {@link unpack} makes them. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

const MOST_ID = 1024;
const ROOM = 'room 1';
const PLAYER = 'player 1';
const MOST_BYTES = 67_108_864;
