import { expect, test } from 'vitest';
import {
  areFlagsAllowed,
  CompressionMode,
  ConnectionEventType,
  HostStatistic,
  PACKET_LOSS_SCALE,
  PACKET_THROTTLE_SCALE,
  PacketFlag,
  PeerState,
  PeerStatistic,
} from '../../src/godot/constants.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';

test.each([
  ['CompressionMode', ENetConnection, CompressionMode, 5],
  ['EventType', ENetConnection, ConnectionEventType, 5],
  ['HostStatistic', ENetConnection, HostStatistic, 4],
  ['PeerState', ENetPacketPeer, PeerState, 10],
  ['PeerStatistic', ENetPacketPeer, PeerStatistic, 14],
  ['flags', ENetPacketPeer, PacketFlag, 3],
  ['scales', ENetPacketPeer, { PACKET_LOSS_SCALE, PACKET_THROTTLE_SCALE }, 2],
])('%s: every constant is a static member too', (_name, owner, constants, count) => {
  expect(Object.keys(constants)).toHaveLength(count);
  expect({ ...owner }).toMatchObject(constants);
});

test('2.1, 3.1, 3.3 the numbers of the class pages', () => {
  expect(Object.values(CompressionMode)).toEqual([0, 1, 2, 3, 4]);
  expect(Object.values(ConnectionEventType)).toEqual([-1, 0, 1, 2, 3]);
  expect(Object.values(HostStatistic)).toEqual([0, 1, 2, 3]);
  expect(Object.values(PeerState)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(Object.values(PeerStatistic)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  expect(Object.values(PacketFlag)).toEqual([1, 2, 8]);
  expect([PACKET_LOSS_SCALE, PACKET_THROTTLE_SCALE]).toEqual([65536, 32]);
});

test('2.4 exactly the combinations of 1, 2 and 8 are allowed', () => {
  const allowed = Array.from({ length: 64 }, (_, flags) => flags).filter(areFlagsAllowed);
  expect(allowed).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
  expect([-1, 0.5, Number.NaN, 2 ** 32, 2 ** 32 + 1, -(2 ** 32)].some(areFlagsAllowed)).toBe(false);
});
