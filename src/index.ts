/**
 * Public entry `godot-enet`: everything. Where the ENet core and Godot's classes have a name in common, the plain
 * name is Godot's and the core's starts with `ENet`.
 */
export * from '../codec/index.ts';
export * from '../schema/index.ts';
export * from './enet.ts';
export { PacketFlag as ENetPacketFlag, PeerState as ENetPeerState } from './enet.ts';
export * from './godot.ts';
export { GodotError, PacketFlag, PeerState } from './godot.ts';
export * from './server.ts';
