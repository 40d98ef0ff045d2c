/**
 * Clients of every version join with 20 % loss and load their level for 0 to 30 seconds, with a gate and without one. In the end every
 * node is known to them by its number; no reliable call is lost that was accepted for a gate, or made after the client said that it has
 * loaded; all arrive once and in order. JOINS says how many (`npm run test:long`: 10,000).
 */
import { expect, test } from 'vitest';
import { type Dialect, TypedArray, VariantType } from '../../codec/index.ts';
import type { SceneMirror } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { Prng } from '../../src/testing/prng.ts';
import { startReport } from '../support/longRun.ts';
import { Game, type Side } from './game.ts';

const JOINS = Number(process.env['JOINS'] ?? 120);
const SEED = Number(process.env['FC_SEED'] ?? 1);
const TICK_MS = 50;
const MOST_LOADING_MS = 30_000;
/** Pauses before a node is announced again double: 1, 3, 7, 15, 31 seconds after the first time. */
const LAST_ANNOUNCEMENT_MS = 31_000;
const AT_ONCE = 24;
const PER_GAME = 120;
const MAX_HELD_CALLS = 40;
const ERR_OUT_OF_MEMORY = 6;
const LEVEL = ['A', 'B', 'C'] as const;
const VERSIONS: readonly Dialect[] = ['4.0', '4.1', '4.2', '4.3', '4.4', '4.6'];

/** What the scripts of a client got, by its id: numbers of calls of the lobby, and of the level. */
let arrived = new Map<number, { lobby: number[]; level: number[] }>();
/** Whom the server has heard to be done with loading. */
let loaded: number[] = [];

class Lobby extends NodeScript {
  static override readonly path: string = 'res://lobby.gd';
  static override readonly rpcs = { loaded: rpc('any_peer'), note: rpc('authority') };
  loaded(): void {
    loaded.push(this.multiplayer.getRemoteSenderId());
  }
  note(number: number): void {
    arrived.get(this.multiplayer.getUniqueId())?.lobby.push(number);
  }
}

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = { note: rpc('authority'), other: rpc('any_peer') };
  note(number: number): void {
    arrived.get(this.multiplayer.getUniqueId())?.level.push(number);
  }
  other(): void {}
}

const growLobby = (mirror: SceneMirror): void => {
  mirror.root.addChild({ name: 'Lobby', class: 'Node', script: 'res://lobby.gd' });
};
const growLevel = (mirror: SceneMirror): void => {
  const level = mirror.root.addChild({ name: 'Level', class: 'Node' });
  for (const name of LEVEL) level.addChild({ name, class: 'Node', script: 'res://unit.gd' });
};

/** One client from its first datagram to its last. */
interface Visit {
  readonly side: Side;
  readonly id: number;
  readonly isGated: boolean;
  readonly loadingMs: number;
  /** When the client was connected; negative before. */
  connectedMs: number;
  /** When the server admitted it; negative before. */
  admittedMs: number;
  /** When the server heard that it has loaded; negative before. */
  loadedMs: number;
  hasLevel: boolean;
  /** Calls that wait for the gate. */
  waiting: number;
  /** Calls that were accepted, and how many of them were before the server heard that it has loaded. */
  readonly lobby: number[];
  readonly level: number[];
  early: number;
  /** Nodes that the server calls by number. */
  readonly byNumber: Set<string>;
}

interface Joins {
  done: number;
  cutOff: number;
  opened: number;
  rejected: number;
  refused: number;
}

/** A server, and clients that come until so many were there to the end. */
async function play(seed: number, count: number, total: Joins): Promise<void> {
  [arrived, loaded] = [new Map(), []];
  const random = Prng.labelled(seed, 'joins');
  const roll = (most: number): number => Math.floor(random.unit() * most);
  const options = { maxHeldCalls: MAX_HELD_CALLS, serverRelay: seed % 2 === 0 };
  const game = new Game([Lobby, Unit], growLobby, options, { seed, loss: 0.2, latencyMs: 25, jitterMs: 10 });
  const { server } = game;
  growLevel(server.mirror);
  const visits = new Map<number, Visit>();
  let [nowMs, numbers, done] = [0, 0, 0];
  let asked = 0;
  let settled = 0;

  // What goes to the transport tells whether a node is called by number.
  let isByNumber = false;
  const put = server.peer.putPacket.bind(server.peer);
  server.peer.putPacket = (bytes) => {
    const [head = 0] = bytes;
    if ((head & 7) === 0) isByNumber = (head & 0x30) !== 0x20 || ((bytes[4] ?? 0) & 0x80) === 0;
    return put(bytes);
  };

  server.multiplayer.on('peerConnected', (id) => {
    const visit = visits.get(id);
    if (visit === undefined) return;
    visit.admittedMs = nowMs;
    if (visit.isGated) {
      expect(server.multiplayer.gate(id, '/root/Level')).toBe(0);
      asked++;
      server.multiplayer.whenOpen(id, '/root/Level/A').then(
        () => {
          settled++;
          total.opened++;
        },
        () => {
          settled++;
          total.rejected++;
        },
      );
    }
    for (const name of LEVEL) callLevel(visit, name);
  });

  const start = (): void => {
    const isOurs = roll(4) === 0;
    const side = game.join(
      isOurs ? {} : { compatibility: 'engine', dialect: VERSIONS[roll(VERSIONS.length)] },
    );
    const id = side.multiplayer.getUniqueId();
    arrived.set(id, { lobby: [], level: [] });
    visits.set(id, {
      side,
      id,
      isGated: roll(2) === 0,
      loadingMs: [0, MOST_LOADING_MS][roll(10)] ?? roll(MOST_LOADING_MS),
      connectedMs: -1,
      admittedMs: -1,
      loadedMs: -1,
      hasLevel: false,
      waiting: 0,
      lobby: [],
      level: [],
      early: 0,
      byNumber: new Set(),
    });
  };

  /** The end of a visit; `isCut`: ENet gave the connection up, or never got it. */
  const end = (visit: Visit, isCut: boolean): void => {
    const { side, id, isGated, early, lobby, level } = visit;
    const got = arrived.get(id) ?? { lobby: [], level: [] };
    const about = { seed, id, isGated, loadingMs: visit.loadingMs, isCut };
    // Without a gate, what comes before the client has loaded is lost, as in Godot.
    const mayMiss = isGated ? 0 : early;
    const lost = level.slice(0, mayMiss).filter((number) => !got.level.includes(number));
    const expected = level.filter((number) => !lost.includes(number));
    const until = (all: number[], part: number[]): number[] => (isCut ? all.slice(0, part.length) : all);
    expect({ about, ...got }).toEqual({
      about,
      lobby: until(lobby, got.lobby),
      level: until(expected, got.level),
    });
    expect(side.errors).toEqual([]);
    visits.delete(id);
    arrived.delete(id);
    game.clients.splice(game.clients.indexOf(side), 1);
    side.multiplayer.close();
    if (isCut) total.cutOff++;
    else done++;
  };

  const callLevel = (visit: Visit, name: string): void => {
    const { id, isGated, byNumber } = visit;
    const isClosed = isGated && visit.loadedMs < 0;
    const number = ++numbers;
    // Sometimes with an argument whose bytes depend on the version, which makes calls wait for it.
    const extra = roll(4) === 0 ? [new TypedArray(VariantType.INT, [number])] : [];
    isByNumber = false;
    const error = server.mirror.getNode(`/root/Level/${name}`)?.rpcId(id, 'note', number, ...extra);
    if (isByNumber) byNumber.add(name);
    const hasRoom = !isClosed || visit.waiting < MAX_HELD_CALLS;
    expect(error).toBe(hasRoom ? 0 : ERR_OUT_OF_MEMORY);
    if (!hasRoom) {
      total.refused++;
      return;
    }
    if (isClosed) visit.waiting++;
    if (visit.loadedMs < 0) visit.early++;
    visit.level.push(number);
  };
  const callLobby = ({ id, lobby }: Visit): void => {
    lobby.push(++numbers);
    expect(server.mirror.getNode('/root/Lobby')?.rpcId(id, 'note', numbers)).toBe(0);
  };

  const stepClient = (visit: Visit): void => {
    const { multiplayer, mirror, signals } = visit.side;
    const isConnected = multiplayer.getPeers().includes(1);
    if (visit.connectedMs < 0 && isConnected) visit.connectedMs = nowMs;
    if (visit.hasLevel || !isConnected || nowMs - visit.connectedMs < visit.loadingMs) return;
    visit.hasLevel = true;
    growLevel(mirror);
    expect(mirror.getNode('/root/Lobby')?.rpcId(1, 'loaded')).toBe(0);
    expect(signals).not.toContain('serverDisconnected');
  };

  const stepServer = (visit: Visit): void => {
    if (visit.admittedMs < 0) return;
    const { isGated, admittedMs, loadedMs, byNumber, lobby, level } = visit;
    // Without a gate, the node may have to wait for its next announcement.
    const readyMs = isGated ? loadedMs : Math.max(loadedMs, admittedMs + LAST_ANNOUNCEMENT_MS);
    const isReady = loadedMs >= 0 && nowMs > readyMs + 1000;
    if (!isReady) {
      if (roll(6) === 0) callLevel(visit, LEVEL[roll(LEVEL.length)] ?? 'A');
      if (roll(12) === 0) callLobby(visit);
      return;
    }
    // Longer than ENet tries.
    if (nowMs > readyMs + 90_000) throw new Error(`seed ${seed}: ${visit.id} did not get everything`);
    if (byNumber.size < LEVEL.length) {
      if (roll(6) === 0) for (const name of LEVEL) if (!byNumber.has(name)) callLevel(visit, name);
      return;
    }
    const got = arrived.get(visit.id);
    if (got?.lobby.at(-1) === lobby.at(-1) && got?.level.at(-1) === level.at(-1)) end(visit, false);
  };

  while (done < count) {
    while (visits.size < Math.min(AT_ONCE, count - done)) start();
    nowMs += TICK_MS;
    game.network.advance(TICK_MS);
    for (const { side } of visits.values()) side.multiplayer.poll();
    server.multiplayer.poll();
    for (const id of loaded.splice(0)) {
      const visit = visits.get(id);
      if (visit === undefined) continue;
      visit.loadedMs = nowMs;
      if (visit.isGated) expect(server.multiplayer.open(id, '/root/Level')).toBe(0);
    }
    const admitted = new Set(server.multiplayer.getPeers());
    for (const visit of [...visits.values()]) {
      const { signals } = visit.side;
      const isLost = signals.includes('serverDisconnected') || signals.includes('connectionFailed');
      if (isLost || (visit.admittedMs >= 0 && !admitted.has(visit.id))) end(visit, true);
      else {
        stepClient(visit);
        stepServer(visit);
      }
    }
    if (asked > settled) await Promise.resolve();
  }
  total.done += done;
  for (const visit of [...visits.values()]) end(visit, true);
  server.multiplayer.close();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(settled).toBe(asked);
  expect(server.errors).toEqual([]);
}

test(
  'clients that load for 0 to 30 seconds get every call that is due, and know every node in the end',
  async () => {
    const report = startReport('joins of clients that load', SEED);
    const total: Joins = { done: 0, cutOff: 0, opened: 0, rejected: 0, refused: 0 };
    for (let seed = SEED; total.done < JOINS; seed++)
      await play(seed, Math.min(PER_GAME, JOINS - total.done), total);
    // With so much loss ENet gives up a connection now and then.
    expect(total.cutOff).toBeLessThan(total.done);
    expect(total.opened).toBeGreaterThan(total.done / 4);
    expect(total.refused).toBeGreaterThan(total.done / 4);
    report(total.done);
  },
  60_000 + 1000 * JOINS,
);
