/**
 * Public entry `godot-enet/rooms`: rooms, players who come back, and matchmaking.
 *
 * @module rooms
 */
export * from './identity/index.ts';
export * from './matchmaking/index.ts';
export * from './rooms/index.ts';
