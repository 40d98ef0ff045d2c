/**
 * `godot-enet/enet`: the ENet 1.3 protocol without I/O.
 *
 * @module enet
 */
export * from './enet/index.ts';
