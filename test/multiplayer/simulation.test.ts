/**
 * Games with 20 % loss on the virtual network: clients of every version come, call and go at random. Every reliable call arrives
 * once, in order, at whom it was meant for. SIM_GAMES says how many seeds are played (`npm run test:long`: 1,000).
 */
import { expect, test } from 'vitest';
import { type Dialect, TypedArray, VariantType } from '../../codec/index.ts';
import type { SceneMirror } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { Prng } from '../../src/testing/prng.ts';
import { Game, type Side } from './game.ts';

const GAMES = Number(process.env['SIM_GAMES'] ?? 3);
const FIRST_SEED = Number(process.env['FC_SEED'] ?? 1);

/** What arrived, by receiver: sender and number. */
let got = new Map<number, [sender: number, number: number][]>();

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = { note: rpc('any_peer') };

  note(number: number): void {
    const { multiplayer } = this;
    const list = got.get(multiplayer.getUniqueId()) ?? [];
    list.push([multiplayer.getRemoteSenderId(), number]);
    got.set(multiplayer.getUniqueId(), list);
  }
}

const grow = (mirror: SceneMirror): void => {
  for (const name of ['A', 'B', 'C']) mirror.root.addChild({ name, class: 'Node', script: 'res://unit.gd' });
};

const VERSIONS: readonly Dialect[] = ['4.0', '4.1', '4.2', '4.3', '4.4', '4.6'];

/** One game. @returns how many calls were checked, and how many of them had to arrive. */
function play(seed: number): { calls: number; due: number } {
  got = new Map();
  const random = Prng.labelled(seed, 'game');
  const roll = (count: number): number => Math.floor(random.unit() * count);
  const game = new Game([Unit], grow, {}, { seed, loss: 0.2, latencyMs: 25, jitterMs: 10 });
  const most = 3 + roll(seed % 10 === 0 ? 48 : 10);
  const gone = new Set<Side>();
  /** Numbers of calls by sender and receiver, in order. */
  const sent = new Map<string, number[]>();
  let calls = 0;

  const join = (): void => {
    const isOurs = roll(4) === 0;
    game.join(isOurs ? {} : { compatibility: 'engine', dialect: VERSIONS[roll(VERSIONS.length)] });
  };
  const call = (side: Side): void => {
    const { multiplayer, mirror } = side;
    const own = multiplayer.getUniqueId();
    const peers = multiplayer.getPeers();
    if (peers.length === 0) return;
    const one = peers[roll(peers.length)] ?? 0;
    const target = [0, one, one, -one][roll(4)] ?? 0;
    const receivers = target > 0 ? [target] : peers.filter((peer) => peer !== -target);
    const number = ++calls;
    // Sometimes with an argument whose bytes depend on the version, which makes calls wait for it.
    const extra = roll(3) === 0 ? [new TypedArray(VariantType.INT, [number])] : [];
    const error = mirror.getNode(`/root/${'ABC'[roll(3)]}`)?.rpcId(target, 'note', number, ...extra);
    expect(error).toBe(0);
    for (const receiver of receivers) {
      const key = `${own} ${receiver}`;
      const list = sent.get(key);
      if (list !== undefined) list.push(number);
      else sent.set(key, [number]);
    }
  };
  const here = (): Side[] => game.clients.filter((side) => !gone.has(side));
  const tick = (ms: number): void => {
    game.network.advance(ms);
    for (const side of [game.server, ...here()]) side.multiplayer.poll();
  };
  for (let i = 0; i < 200; i++) {
    if (game.clients.length < most && roll(5) === 0) join();
    const clients = here();
    if (clients.length > 2 && roll(60) === 0) {
      const leaver = clients[roll(clients.length)];
      leaver?.multiplayer.close();
      if (leaver !== undefined) gone.add(leaver);
    }
    for (let c = roll(4); c > 0; c--) {
      const side = [game.server, ...here()][roll(here().length + 1)];
      if (side !== undefined && !gone.has(side)) call(side);
    }
    tick(50);
  }
  const stayed = (): Set<number> => {
    const ids = new Set(here().map((side) => side.multiplayer.getUniqueId()));
    return new Set([1, ...game.server.multiplayer.getPeers().filter((id) => ids.has(id))]);
  };
  const arrivedAt = (sender: number, receiver: number): number[] =>
    (got.get(receiver) ?? []).filter(([from]) => from === sender).map(([, number]) => number);
  const isAllThere = (): boolean => {
    const ids = stayed();
    return [...sent].every(([key, numbers]) => {
      const [sender = 0, receiver = 0] = key.split(' ').map(Number);
      return !ids.has(sender) || !ids.has(receiver) || arrivedAt(sender, receiver).length >= numbers.length;
    });
  };
  // Pauses before ENet sends again double; whatever takes longer than half a minute ends the connection.
  for (let i = 0; i < 450 && !(i % 20 === 0 && isAllThere()); i++) tick(100);
  // Nothing comes twice.
  for (let i = 0; i < 30; i++) tick(100);

  const there = stayed();
  let due = 0;
  for (const [key, numbers] of sent) {
    const [sender = 0, receiver = 0] = key.split(' ').map(Number);
    const arrived = arrivedAt(sender, receiver);
    // Who left may have missed the last ones, never one in between.
    const wanted = there.has(sender) && there.has(receiver) ? numbers : numbers.slice(0, arrived.length);
    expect({ seed, sender, receiver, arrived }).toEqual({ seed, sender, receiver, arrived: wanted });
    if (wanted === numbers) due += numbers.length;
  }
  for (const [receiver, list] of got)
    for (const [sender, number] of list)
      expect(sent.get(`${sender} ${receiver}`), `seed ${seed}: nobody meant ${receiver}`).toContain(number);
  for (const side of [game.server, ...game.clients]) expect(side.errors).toEqual([]);
  for (const side of here()) side.multiplayer.close();
  game.server.multiplayer.close();
  return { calls, due };
}

test(
  'every reliable call arrives once, in order, at whom it was meant for',
  () => {
    let allDue = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + GAMES; seed++) {
      const { calls, due } = play(seed);
      expect(calls, `seed ${seed}`).toBeGreaterThan(50);
      allDue += due;
    }
    // Of all games: with so much loss ENet gives up a connection now and then, and in a small game that may be the last.
    expect(allDue).toBeGreaterThan(200 * GAMES);
  },
  60_000 * GAMES,
);
