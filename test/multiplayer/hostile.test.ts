/**
 * Hostile packets: those of a real engine, mutated, and random ones, of all eight commands, at a server and at a client. FUZZ_PACKETS
 * and FC_SEED say how many and which (`npm run test:long`: 5,000,000).
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { Prng } from '../../src/testing/prng.ts';
import { readCases } from './golden/cases.ts';
import { simplify, WireRoom } from './wireRoom.ts';

const PACKETS = Number(process.env['FUZZ_PACKETS'] ?? 30_000);
const SEED = Number(process.env['FC_SEED'] ?? 2026);
const golden = fileURLToPath(new URL('../../golden/multiplayer', import.meta.url));

/** Calls that reached a handler without the right to. */
let wrong: string[] = [];
let calls = 0;

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = {
    alpha: rpc('any_peer').args('int', 'String'),
    beta: rpc('authority'),
    gamma: rpc('any_peer', 'call_local', 'unreliable', 2),
  };

  alpha(...args: unknown[]): void {
    this.#check('alpha', typeof args[0] !== 'string' && typeof args[1] === 'string' && args.length === 2);
  }
  beta(): void {
    this.#check('beta', this.multiplayer.getRemoteSenderId() === this.node.getMultiplayerAuthority());
  }
  gamma(): void {
    this.#check('gamma', true);
  }
  #check(method: string, isRight: boolean): void {
    calls++;
    if (!isRight) wrong.push(`${method} by ${this.multiplayer.getRemoteSenderId()}`);
  }
}

/** Packets that a real engine sent or took, of every kind. */
function corpus(): Uint8Array[] {
  const found = new Set<string>();
  for (const kind of ['rpc', 'paths', 'system', 'spawn', 'sync']) {
    for (const { steps } of readCases(join(golden, `${kind}.json`))) {
      for (const step of steps) {
        if (typeof step['hex'] === 'string' && step.do === 'receive') found.add(step['hex']);
        for (const event of step.then ?? []) {
          const hex = (event['put'] as readonly unknown[] | undefined)?.[3];
          if (typeof hex === 'string') found.add(hex);
        }
      }
    }
  }
  return [...found].filter((hex) => hex.length < 4000).map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
}

/** Makes packets that are nearly right. */
class Mutator {
  readonly #corpus: readonly Uint8Array[];
  readonly #random: Prng;

  constructor(seed: number) {
    this.#corpus = corpus();
    this.#random = Prng.labelled(seed, 'mutator');
  }

  roll(count: number): number {
    return this.#random.next32() % count;
  }

  next(): Uint8Array {
    if (this.roll(20) === 0) return this.#noise(this.roll(80));
    let packet: Uint8Array = Uint8Array.from(this.#one());
    for (let times = this.roll(4); times > 0; times--) packet = this.#mutate(packet);
    return packet;
  }

  #one(): Uint8Array {
    return this.#corpus[this.roll(this.#corpus.length)] ?? new Uint8Array(0);
  }

  #noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.roll(256));
  }

  #mutate(packet: Uint8Array): Uint8Array {
    const at = this.roll(packet.length + 1);
    switch (this.roll(7)) {
      case 0:
        return packet.slice(0, at);
      case 1:
        return Uint8Array.of(...packet, ...this.#noise(this.roll(9)));
      case 2: {
        const other = this.#one();
        return Uint8Array.of(...packet.subarray(0, at), ...other.subarray(this.roll(other.length + 1)));
      }
      case 3: {
        // Another command, with flags.
        if (packet.length > 0) packet[0] = this.roll(256);
        return packet;
      }
      case 4: {
        // A length or an id of 32 bits.
        if (at + 4 <= packet.length)
          new DataView(packet.buffer).setUint32(
            at,
            [0, 1, 2, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff][this.roll(7)] ?? 0,
            true,
          );
        return packet;
      }
      case 5:
        return Uint8Array.of(7, 3, ...this.#noise(4), ...packet);
      default: {
        if (at < packet.length) packet[at] = (packet[at] ?? 0) ^ (1 << this.roll(8));
        return packet;
      }
    }
  }
}

function roomOf(id: number): WireRoom {
  const room = new WireRoom({ dialect: '4.6', maxPathsPerPeer: 200, serverRelay: true }, id);
  room.mirror.registerScript(Unit);
  // Names as the cases have them.
  const main = room.mirror.root.addChild({ name: 'Main', class: 'Node' });
  for (const name of ['N', 'Mine', 'Side']) main.addChild({ name, class: 'Node', script: 'res://unit.gd' });
  room.mirror.getNode('/root/Main/Mine')?.setMultiplayerAuthority(3);
  return room;
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe.each([
  ['a server', 1],
  ['a client', 77],
])('%s', (_, id) => {
  test(
    'takes mutated packets of all commands: nothing throws, nobody calls without the right, memory is bounded',
    () => {
      [wrong, calls] = [[], 0];
      const room = roomOf(id);
      const senders = id === 1 ? [2, 3, 4, 5] : [1];
      for (const sender of senders) room.peer.join(sender);
      for (const sender of senders) room.receive(sender, simplify(1, 'Main/N'));
      room.sent();
      const mutator = new Mutator(SEED + id);
      /** Bytes that came from a sender, and went to it. */
      const balance = new Map(senders.map((sender) => [sender, { in: 1000, out: 0 }]));
      let before = 0;
      for (let i = 0; i < PACKETS / 2; i++) {
        if (i === 1000) before = heapBytes();
        const sender = senders[mutator.roll(senders.length)] ?? 0;
        const from = mutator.roll(50) === 0 ? mutator.roll(200) : sender;
        const packet = mutator.next();
        // DEL_PEER of the server is allowed; without it there would be nobody to be attacked by.
        if (!room.multiplayer.getPeers().includes(sender)) room.peer.join(sender);
        room.peer.inject(from, mutator.roll(3), mutator.roll(4), Buffer.from(packet).toString('hex'));
        room.nowMs += 1;
        room.multiplayer.poll();
        const entry = balance.get(from);
        if (entry !== undefined) entry.in += packet.length;
        for (const [to, hex] of room.sent()) {
          const back = balance.get(to);
          // What goes to others is relayed; a client has one server, which all of it goes to.
          if (id === 1 && to === from && back !== undefined) back.out += hex.length / 2;
        }
        room.lines.length = 0;
        if (wrong.length > 0) throw new Error(`packet ${i} of seed ${SEED}: ${wrong.join()}`);
        if (i % 5000 === 0) {
          for (const [peer, { in: got, out }] of balance)
            if (out > 3 * got) throw new Error(`${peer} sent ${got} bytes and got ${out} (seed ${SEED})`);
        }
      }
      expect(calls).toBeGreaterThan(100);
      // It got as far as every check.
      const reasons = Object.keys(room.multiplayer.refusals());
      for (const reason of [
        'malformed',
        'unknown-node',
        'unknown-method',
        'damaged-arguments',
        'unknown-peer',
        'relay-refused',
      ])
        expect(reasons).toContain(reason);
      expect(heapBytes() - before).toBeLessThan(16_000_000);
    },
    120_000 + PACKETS,
  );
});

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
