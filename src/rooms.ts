/**
 * Public entry `godot-enet/rooms`: matchmaking.
 *
 * @module rooms
 */
export * from './matchmaking/index.ts';
