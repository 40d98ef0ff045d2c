/**
 * `godot-enet/load`: the types of what `npx godot-enet load` gives to bot scripts and writes as reports. Nothing of it is there when a
 * program runs.
 *
 * @module load
 */
export type * from './load/index.ts';
