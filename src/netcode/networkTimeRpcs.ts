/** What the two sides of the clock say to each other: the RPCs of `examples/netcode/godot/network_time.gd`, by name and type. */
import type { RpcDeclarations } from '../../schema/index.ts';
import { rpc } from '../multiplayer/index.ts';

/**
 * The RPCs of the client's helper. For a client in TypeScript, a bot say: the `rpcs` of its script at the node of the clock.
 *
 * - `ask_time(client_msec, server_msec, held_msec)`: the client's clock, the newest time of the server that it knows (-1 for none) and
 *   for how long it has known it.
 * - `tell_time(client_msec, server_msec, tick, tick_hz)`: the answer: the client's own time back, the server's, and its tick then.
 * - `tell_tick(tick, acknowledged)`: the server's state of this tick has left; the newest input that has arrived, 0 for none.
 * - `take_inputs(newest, ticks, inputs)`: the last inputs in order, the last one is number `newest`; for each the newest tick that
 *   the client had applied, -1 for none.
 */
export const NETWORK_TIME_RPCS: RpcDeclarations = {
  ask_time: rpc('any_peer', 'unreliable').args('int', 'int', 'int'),
  tell_time: rpc('authority', 'unreliable').args('int', 'int', 'float', 'float'),
  tell_tick: rpc('authority', 'unreliable').args('int', 'int'),
  take_inputs: rpc('any_peer', 'unreliable').args('int', 'PackedFloat64Array', 'Array'),
};
