/**
 * Public entry `godot-enet/rooms`: matchmaking, and players who come back.
 *
 * @module rooms
 */
export * from './identity/index.ts';
export * from './matchmaking/index.ts';
