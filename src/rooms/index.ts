/** Rooms: part of what `godot-enet/rooms` exports. Re-exports only. */

export type { TickDurations } from '../runtime/internal.ts';
export type { PlayerProtocol } from './connection.ts';
export { type EventPlayersOptions, ROOM_JOINED, ROOM_READY } from './eventDoor.ts';
export type { Authenticate, AuthRequest } from './front.ts';
export type { GatedRooms, RoomFacts, RoomGate } from './gate.ts';
export type { RoomFilter, RoomListChanges, RoomListing, RoomMetadata } from './listing.ts';
export { type EnterOptions, Player } from './Player.ts';
export type { Login } from './players.ts';
export {
  type CreateSettings,
  type LeaveReason,
  type ReserveOptions,
  type ReturnInfo,
  Room,
  type RoomClass,
  type RoomMultiplayerOptions,
  type RoomOptionsOf,
  type Rooms,
} from './Room.ts';
export {
  type RoomOrder,
  RoomServer,
  type RoomServerOptions,
  type RoomServerSignals,
} from './RoomServer.ts';
export { RoomError, RoomErrorCode } from './roomErrors.ts';
export type { EventOptions } from './roomEvents.ts';
export type { Lateness } from './roomLoop.ts';
export { type RoomMetrics, RoomOps } from './roomOps.ts';
export { RoomRefusal } from './roomRefusals.ts';
export type { RoomsRuntime } from './roomsContext.ts';
export type { SeatKind } from './seats.ts';
