/**
 * Hostile packets: those of a real engine, mutated, and random ones, of all eight commands, at a server and at a client. FUZZ_PACKETS
 * and FC_SEED say how many and which (`npm run test:long`: 5,000,000). Nothing throws, no handler is called, no node spawned and no
 * state applied without the right, memory and spawned nodes are bounded, what goes back to a sender is at most three times its packet, what goes to others stays within its budget, and an honest peer
 * plays on.
 */
import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../codec/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { heapBytes } from '../support/heap.ts';
import { startReport } from '../support/longRun.ts';
import { AttackedTree, replicationPackets } from './attackedTree.ts';
import { corpus, Mutator } from './mutator.ts';
import { confirmId, idOf, simplify, WireRoom } from './wireRoom.ts';

const PACKETS = Number(process.env['FUZZ_PACKETS'] ?? 30_000);
const SEED = Number(process.env['FC_SEED'] ?? 2026);
const RELAYED_PER_SEC = 20_000;
const CALLS_PER_SEC = 10;
const MOST_SPAWNS = 50;
const VERSIONS: readonly Dialect[] = ['4.0', '4.6', '4.2', '4.3'];
const ATTACKERS = [2, 3, 4, 5];
const HONEST = 7;
/** `gamma` of Main/N, by path. */
const GAMMA = 'a006000080024d61696e2f4e00';

/** Calls that reached a handler without the right to. */
let wrong: string[] = [];
/** Calls that reached a handler, by sender. */
let calls = new Map<number, number>();

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
    const sender = this.multiplayer.getRemoteSenderId();
    calls.set(sender, (calls.get(sender) ?? 0) + 1);
    if (!isRight) wrong.push(`${method} by ${sender}`);
  }
}

function roomOf(id: number): { room: WireRoom; tree: AttackedTree } {
  const room: WireRoom = new WireRoom(
    {
      dialect: (peer) => VERSIONS[peer % VERSIONS.length],
      maxPathsPerPeer: 200,
      serverRelay: true,
      maxRelayedBytesPerSec: RELAYED_PER_SEC,
      maxCallsPerSec: id === 1 ? CALLS_PER_SEC : undefined,
      maxSpawnsPerPeer: MOST_SPAWNS,
      instantiate: (path) => tree.instantiate(path),
    },
    id,
  );
  room.mirror.registerScript(Unit);
  const owners = id === 1 ? { mine: 3, spawner: 4, sync: 5 } : { mine: 1, spawner: 1, sync: 1 };
  const tree: AttackedTree = new AttackedTree(room.multiplayer, owners);
  return { room, tree };
}

/** What one attack came to. */
class Attack {
  readonly room: WireRoom;
  readonly tree: AttackedTree;
  readonly #mutator: Mutator;
  readonly #isServer: boolean;
  readonly #senders: readonly number[];
  /** Bytes that went to others because of a sender. */
  readonly relayed = new Map<number, number>();

  constructor(id: number) {
    ({ room: this.room, tree: this.tree } = roomOf(id));
    this.#isServer = id === 1;
    this.#senders = this.#isServer ? ATTACKERS : [1];
    this.#mutator = new Mutator(SEED + id, replicationPackets(Unit));
    if (this.#isServer) this.room.peer.join(HONEST);
    for (const sender of this.#senders) this.#welcome(sender);
  }

  /** One packet, and what came of it. */
  step(): void {
    const { room, tree } = this;
    const mutator = this.#mutator;
    const sender = this.#senders[mutator.roll(this.#senders.length)] ?? 0;
    // DEL_PEER of the server is allowed; without it there would be nobody to be attacked by.
    if (!room.multiplayer.getPeers().includes(sender)) this.#welcome(sender);
    else if (mutator.roll(100) === 0) {
      room.peer.leave(sender);
      // A client that has lost its server forgets everything.
      if (!this.#isServer) room.multiplayer.clear();
      this.#welcome(sender);
    }
    if (mutator.roll(50) === 0) this.#callOut();
    const from = mutator.roll(50) === 0 ? mutator.roll(200) + 9 : sender;
    const packet = mutator.next();
    room.nowMs += 1;
    room.multiplayer.poll();
    // The end of a frame: nodes of who left are freed.
    room.mirror.process(0.001);
    room.sent();
    room.peer.inject(from, mutator.roll(3), mutator.roll(4), Buffer.from(packet).toString('hex'));
    room.multiplayer.poll();
    let back = 0;
    for (const [to, hex] of room.sent()) {
      if (to === from) back += hex.length / 2;
      else this.relayed.set(from, (this.relayed.get(from) ?? 0) + hex.length / 2);
    }
    if (back > 3 * packet.length) throw new Error(`it sent ${packet.length} bytes and got ${back}`);
    if (wrong.length + tree.happened.wrong.length > 0)
      throw new Error([...wrong, ...tree.happened.wrong].join());
    const spawned = tree.level.getChildCount();
    if (spawned > MOST_SPAWNS) throw new Error(`there are ${spawned} spawned nodes`);
    room.lines.length = 0;
  }

  /** Somebody who does nothing wrong calls and is called. */
  checkHonest(): void {
    const { room } = this;
    const before = calls.get(HONEST) ?? 0;
    room.receive(HONEST, GAMMA);
    expect(calls.get(HONEST)).toBe(before + 1);
    room.sent();
    const node = room.mirror.getNode('/root/Main/N');
    node?.rpcId(HONEST, 'gamma');
    for (const [, hex] of room.sent()) if (hex.startsWith('01')) room.receive(HONEST, confirmId(idOf(hex)));
    node?.rpcId(HONEST, 'gamma');
    expect(room.sent()).toEqual([[HONEST, expect.stringMatching(/^80..02$/)]]);
  }

  #welcome(sender: number): void {
    this.room.peer.join(sender);
    const others: [string, ...string[]] = ['Main/N', 'Main/Mine', 'Level', 'Body/Sync', 'Spawner'];
    const [first, second] = this.#mutator.pick([['Main/N', 'Main/Mine'], ['Spawner', 'Body/Sync'], [], []]);
    this.room.receive(sender, simplify(1, first ?? this.#mutator.pick(others)));
    this.room.receive(sender, simplify(2, second ?? this.#mutator.pick(others)));
    this.room.sent();
  }

  /** Numbers of ours that can be confirmed, and calls that wait. */
  #callOut(): void {
    const name = this.#mutator.pick(['N', 'Mine', 'Side']);
    // A client may have been told of 4,000 others.
    this.room.mirror.getNode(`/root/Main/${name}`)?.rpcId(this.#isServer ? 0 : 1, 'gamma');
  }
}

test('there are packets of all eight commands to begin with', () => {
  for (const packets of corpus()) expect(packets.length).toBeGreaterThan(20);
});

describe.each([
  ['a server', 1],
  ['a client', 77],
])('%s', (name, id) => {
  test(
    'takes mutated packets of all commands',
    () => {
      [wrong, calls] = [[], new Map()];
      const report = startReport(`hostile packets at ${name}`, SEED);
      const attack = new Attack(id);
      const { room, relayed, tree } = attack;
      const { happened } = tree;
      const startMs = room.nowMs;
      let before = 0;
      for (let i = 0; i < PACKETS / 2; i++) {
        if (i === 1000) before = heapBytes();
        try {
          attack.step();
          if (id === 1 && i % 1000 === 0) attack.checkHonest();
        } catch (error) {
          throw new Error(`packet ${i} of seed ${SEED}`, { cause: error });
        }
      }
      expect(heapBytes() - before).toBeLessThan(16_000_000);
      const sum = [...calls.values()].reduce((all, one) => all + one, 0);
      expect(sum).toBeGreaterThan(PACKETS / 1000);
      expect(happened.spawned).toBeGreaterThan(PACKETS / 10_000);
      expect(happened.synchronized).toBeGreaterThan(PACKETS / 10_000);
      const refusals = room.multiplayer.refusals();
      // It got as far as every check.
      const reasons = [
        'malformed',
        'unknown-node',
        'unknown-method',
        'damaged-arguments',
        'unknown-peer',
        'spawn-refused',
        'damaged-state',
      ];
      expect(Object.keys(refusals)).toEqual(expect.arrayContaining([...reasons, 'relay-refused']));
      if (id === 1) {
        expect(Object.keys(refusals)).toEqual(
          expect.arrayContaining(['relay-budget', 'call-budget', 'not-allowed']),
        );
        // A leaver begins anew: two seconds' worth more for each time.
        const seconds = (room.nowMs - startMs) / 1000;
        const joins = 1 + PACKETS / 2 / ATTACKERS.length / 100;
        for (const sender of ATTACKERS) {
          expect(relayed.get(sender)).toBeLessThan(RELAYED_PER_SEC * (seconds + 2 * 2 * joins));
          expect(calls.get(sender)).toBeLessThan(CALLS_PER_SEC * (seconds + 2 * 2 * joins));
        }
      }
      report(PACKETS / 2);
    },
    120_000 + PACKETS,
  );
});
