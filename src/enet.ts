/**
 * `godot-enet/enet`: the ENet 1.3 protocol without I/O.
 *
 * @module enet
 */

export * from './doctor/index.ts';
export * from './enet/index.ts';
export * from './runtime/index.ts';
