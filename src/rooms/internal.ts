/** The internal door of src/rooms, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export type { PlayerConnection } from './connection.ts';
export { EventConnection } from './eventDoor.ts';
export type { TicketReader } from './front.ts';
export type { Kept } from './kept.ts';
export { checkFilter, fits } from './listing.ts';
export type { Departure, Expected, Players } from './players.ts';
export { type RoomServerAccess, roomServerAccess } from './RoomServer.ts';
export type { RoomServerParts } from './roomAccess.ts';
export type { RoomCore } from './roomCore.ts';
export type { RoomsContext } from './roomsContext.ts';
export type { RoomRestoring } from './roomTable.ts';
export type { KeptSeats } from './seats.ts';
