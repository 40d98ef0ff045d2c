/** What waits for a room that does not look: who has sent most of it ends, and nobody else. */
import { expect, test } from 'vitest';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { RoomLane } from '../../src/rooms/RoomLane.ts';
import { Switchboard } from '../../src/rooms/Switchboard.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';

const RELIABLE = 2;
const UNRELIABLE = 0;
const MIB = 1024 * 1024;

/** A room with three members, over a transport into which packets are put by hand. */
function stuckRoom(): {
  readonly room: RoomLane;
  readonly ended: number[];
  send(from: number, bytes: number, mode?: 0 | 2): void;
} {
  const runtime = new SimNetwork({ seed: 1 }).createRuntime('10.0.0.1');
  const nobody = new ENetMultiplayerPeer({ runtime, createCompressor });
  nobody.createServer(7777);
  const transport = new RoomLane({ transport: nobody, disconnect: () => undefined }, undefined);
  const ended: number[] = [];
  const switchboard: Switchboard = new Switchboard(transport, {
    came: (id) => switchboard.place(id, room),
    left: () => undefined,
    flooded: (id) => {
      ended.push(id);
      switchboard.disconnect(id, false);
    },
    ended: () => undefined,
  });
  const room = new RoomLane(switchboard, undefined);
  for (const id of [2, 3, 4]) {
    transport.add(id);
    transport.announce(id);
  }
  return {
    room,
    ended,
    send: (from, bytes, mode = RELIABLE) => {
      transport.push({ from, bytes: new Uint8Array(bytes), channel: 0, mode });
      switchboard.poll();
    },
  };
}

test('an innocent member speaks in a room that another one has filled: the other one ends', () => {
  const { room, ended, send } = stuckRoom();
  send(4, 100);
  for (let i = 0; i < 16; i++) send(3, MIB);
  expect(ended).toEqual([]);
  // What is not reliable is dropped, and no reason to end anybody.
  send(2, 100, UNRELIABLE);
  expect([ended, room.getAvailablePacketCount()]).toEqual([[], 17]);
  send(2, 100);
  expect(ended).toEqual([3]);
  expect([...room.members]).toEqual([2, 4]);
  const senders: number[] = [];
  while (room.getAvailablePacketCount() > 0) {
    senders.push(room.getPacketPeer());
    room.getPacket();
  }
  expect(senders).toEqual([4, 2]);
});

test('who has filled it itself ends, and what was looked at does not count', () => {
  const { room, ended, send } = stuckRoom();
  for (let i = 0; i < 10; i++) send(2, MIB);
  for (let i = 0; i < 10; i++) room.getPacket();
  for (let i = 0; i < 9; i++) send(2, MIB);
  for (let i = 0; i < 7; i++) send(3, MIB);
  send(2, MIB);
  expect(ended).toEqual([2]);
  // All is free again but for what the third has sent.
  for (let i = 0; i < 9; i++) send(4, MIB);
  send(3, MIB);
  expect(ended).toEqual([2, 4]);
});
