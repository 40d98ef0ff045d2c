/** Floods of packets that are right: of node numbers, of what is relayed, of calls. Each sender has its own bound. */
import { describe, expect, test } from 'vitest';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { simplify, WireRoom } from './wireRoom.ts';

let calls = 0;

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = {
    alpha: rpc('any_peer').args('int', 'String'),
    beta: rpc('authority'),
    gamma: rpc('any_peer', 'call_local', 'unreliable', 2),
  };

  alpha(): void {}
  beta(): void {}
  gamma(): void {
    calls++;
  }
}

function roomOf(id: number): WireRoom {
  const room = new WireRoom({ dialect: '4.6', maxPathsPerPeer: 200, serverRelay: true }, id);
  room.mirror.registerScript(Unit);
  const main = room.mirror.root.addChild({ name: 'Main', class: 'Node' });
  main.addChild({ name: 'N', class: 'Node', script: 'res://unit.gd' });
  return room;
}

test('a peer that announces without end fills its own table only, with short paths only', () => {
  const room = roomOf(1);
  room.peer.join(2);
  room.peer.join(3);
  for (let id = 1; id <= 1000; id++) room.receive(2, simplify(id, 'Main/N'));
  expect(room.multiplayer.refusals()['too-many-paths']).toBe(800);
  room.sent();
  room.receive(3, simplify(1, 'Main/N'));
  expect(room.sent()).toHaveLength(1);
  // The same node under a name of a megabyte.
  room.receive(3, simplify(2, `${'Main/../'.repeat(125_000)}Main/N`));
  expect(room.sent()).toEqual([]);
  expect(room.multiplayer.refusals()['outside-root']).toBeUndefined();
  expect(room.lines.at(-1)).toContain('a path of 1000006 characters');
});

describe('a relay', () => {
  const broadcast = `070300000000 03${'ab'.repeat(93)}`.replace(' ', '');

  test('is bounded per sender, after fan-out, and others are not concerned', () => {
    const room = new WireRoom({ dialect: '4.6', serverRelay: true, maxRelayedBytesPerSec: 4840 });
    for (let peer = 2; peer <= 12; peer++) room.peer.join(peer);
    room.sent();
    const relayed = (from: number): number => {
      room.receive(from, broadcast);
      return room.sent().reduce((sum, [, hex]) => sum + hex.length / 2, 0);
    };
    // 100 bytes, and 384 that each holds while it waits, to 10 peers: two at once, then one a second.
    expect([relayed(2), relayed(2), relayed(2)]).toEqual([1000, 1000, 0]);
    expect(relayed(3)).toBe(1000);
    room.nowMs += 999;
    expect(relayed(2)).toBe(0);
    room.nowMs += 1;
    expect(relayed(2)).toBe(1000);
    expect(room.multiplayer.refusals()).toEqual({ 'relay-budget': 2 });
    room.peer.leave(2);
    room.peer.join(2);
    room.sent();
    expect(relayed(2)).toBe(1000);
  });

  test('is bounded in packets, too: each costs memory, however small it is', () => {
    const room = new WireRoom({ dialect: '4.6', serverRelay: true, maxRelayedBytesPerSec: 10_000 });
    for (let peer = 2; peer <= 12; peer++) room.peer.join(peer);
    room.sent();
    for (let i = 0; i < 200; i++) room.receive(2, '07030000000003');
    // 7 bytes and 384: of 20,000 bytes, 5 to each of 10 peers.
    expect(room.sent()).toHaveLength(50);
    expect(room.multiplayer.refusals()['relay-budget']).toBe(195);
  });

  test('is not bounded in an engine', () => {
    const room = new WireRoom({ compatibility: 'engine', serverRelay: true, maxRelayedBytesPerSec: 10 });
    room.peer.join(2);
    room.peer.join(3);
    room.sent();
    room.receive(2, broadcast);
    expect(room.sent()).toHaveLength(1);
    expect(() => new WireRoom({ maxRelayedBytesPerSec: 0 })).toThrow('"maxRelayedBytesPerSec" expected');
  });
});

describe('calls', () => {
  function callRoom(options: ConstructorParameters<typeof WireRoom>[0], id = 1) {
    const room = new WireRoom({ dialect: '4.6', ...options }, id);
    room.mirror.registerScript(Unit);
    room.mirror.root.addChild({ name: 'N', class: 'Node', script: 'res://unit.gd' });
    return room;
  }
  /** gamma of /root/N, by path. */
  const call = 'a006000080024e00';

  test('are bounded per peer, and others are not concerned; a peer that comes again begins anew', () => {
    calls = 0;
    const room = callRoom({ maxCallsPerSec: 10 });
    room.peer.join(2);
    room.peer.join(3);
    const made = (from: number, count: number): number => {
      const before = calls;
      for (let i = 0; i < count; i++) room.receive(from, call);
      return calls - before;
    };
    expect([made(2, 50), made(3, 5)]).toEqual([20, 5]);
    room.nowMs += 99;
    expect(made(2, 1)).toBe(0);
    room.nowMs += 1;
    expect(made(2, 2)).toBe(1);
    expect(room.multiplayer.refusals()).toEqual({ 'call-budget': 32 });
    expect(room.multiplayer.metrics()).toMatchObject({ callsReceived: 58, callsRefused: 32 });
    room.peer.leave(2);
    room.peer.join(2);
    expect(made(2, 30)).toBe(20);
  });

  test('through the relay count for whom they come from; of made up peers for the server', () => {
    const server = callRoom({ maxCallsPerSec: 10, serverRelay: true });
    server.peer.join(2);
    server.peer.join(3);
    for (let i = 0; i < 30; i++) server.receive(2, `070300000000${call}`);
    server.receive(3, call);
    expect(server.multiplayer.metrics()).toMatchObject({ callsReceived: 31, callsRefused: 10 });
    const client = callRoom({ maxCallsPerSec: 10, serverRelay: true }, 77);
    client.peer.join(1);
    for (let i = 0; i < 30; i++) client.receive(1, `0703${(i + 16).toString(16)}000000${call}`);
    expect(client.multiplayer.refusals()).toEqual({ 'call-budget': 10 });
  });

  test('are not bounded in an engine; the option is checked', () => {
    const room = callRoom({ maxCallsPerSec: 1, compatibility: 'engine' });
    room.peer.join(2);
    for (let i = 0; i < 30; i++) room.receive(2, call);
    expect(room.multiplayer.refusals()).toEqual({});
    for (const value of [0, -1, Number.NaN, '5'])
      expect(() => new WireRoom({ maxCallsPerSec: value as number })).toThrow('"maxCallsPerSec" expected');
  });
});
