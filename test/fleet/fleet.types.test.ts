/** Which servers can be one of a fleet, and what may be left out: judged by the compiler. */
import { expectTypeOf, test } from 'vitest';
import type { Runtime } from '../../src/enet.ts';
import {
  type AgonesError,
  AgonesFleet,
  AgonesSdk,
  type FleetClock,
  type FleetServer,
} from '../../src/fleet.ts';
import type { ENetMultiplayerPeer } from '../../src/godot.ts';
import type { SceneMultiplayer } from '../../src/multiplayer.ts';
import type { DrainResult } from '../../src/ops.ts';
import type { RoomServer } from '../../src/rooms.ts';
import type { ENetServer } from '../../src/server.ts';
import type { WebSocketMultiplayerPeer } from '../../src/websocket.ts';

declare const rooms: RoomServer;

test('every kind of server is one', () => {
  expectTypeOf<RoomServer>().toExtend<FleetServer>();
  expectTypeOf<ENetServer>().toExtend<FleetServer>();
  expectTypeOf<SceneMultiplayer>().toExtend<FleetServer>();
  expectTypeOf<ENetMultiplayerPeer>().toExtend<FleetServer>();
  expectTypeOf<WebSocketMultiplayerPeer>().toExtend<FleetServer>();
});

test('a runtime is a clock; options may be undefined, and are what they are called', () => {
  expectTypeOf<Runtime>().toExtend<FleetClock>();
  expectTypeOf(new AgonesSdk({ url: undefined, clock: undefined })).toEqualTypeOf<AgonesSdk>();
  const fleet = new AgonesFleet(rooms, { capacity: { players: undefined }, drain: undefined });
  expectTypeOf(fleet.drain()).resolves.toEqualTypeOf<DrainResult>();
  // @ts-expect-error there is no such thing to be busy with
  new AgonesFleet(rooms, { busy: 'bots' });
  // @ts-expect-error a count is a number
  void fleet.sdk.updateCounter('rooms', { count: '1' });
});

test('errors have stable codes', () => {
  expectTypeOf<AgonesError['code']>().toEqualTypeOf<
    'UNREACHABLE' | 'TIMEOUT' | 'LOST' | 'REFUSED' | 'BAD_ANSWER' | 'CLOSED'
  >();
});
