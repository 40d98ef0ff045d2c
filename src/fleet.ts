/**
 * `godot-enet/fleet`: servers that others start, watch and stop. Agones, and plain HTTP for those who have none.
 *
 * @module fleet
 */
export * from './fleet/index.ts';
