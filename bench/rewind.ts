/**
 * What recording the world and looking back costs: 64 players and as many targets, by rate and kind of node.
 *
 *   npx tsx bench/rewind.ts [--players=64] [--ticks=600] [--json]
 *
 * "record" is the CPU of the history in one tick, "hit test" that of one `rewind` with the place of every target, and "whole
 * transforms" of one with their transforms, all at a fraction between two ticks; medians, and what 99 of 100 hit tests stay below. The peers are those of a transport without a network.
 */
import { parseArgs } from 'node:util';
import { Vector2, Vector3 } from '../codec/index.ts';
import { type MirrorNode, SceneMirror } from '../schema/index.ts';
import { OfflineMultiplayerPeer } from '../src/godot.ts';
import { NetworkTime, SceneMultiplayer, WorldHistory } from '../src/multiplayer.ts';
import { describeMachine, median } from './servers.ts';

/** A server whose peers are there by word alone. */
class ManyPeers extends OfflineMultiplayerPeer {
  /** They come. */
  come(count: number): void {
    for (let id = 2; id < count + 2; id++) this.emitSignal('peerConnected', id);
  }
}

interface Row {
  readonly kind: string;
  readonly tickHz: number;
  readonly recordUs: number;
  readonly hitTestUs: number;
  readonly slowHitTestUs: number;
  readonly transformsUs: number;
}

/** Results go here, so that nothing is optimised away. */
export let sink: unknown;

const { values } = parseArgs({
  options: { players: { type: 'string' }, ticks: { type: 'string' }, json: { type: 'boolean' } },
});
const players = Number(values.players ?? 64);
const ticks = Number(values.ticks ?? 600);

function measure(
  kind: string,
  tickHz: number,
  is3D: boolean,
  seen: 'by all' | 'by synchronizer' | 'by filter',
): Row {
  const mirror = new SceneMirror();
  const multiplayer = new SceneMultiplayer({ mirror, dialect: '4.6' });
  const transport = new ManyPeers();
  multiplayer.multiplayerPeer = transport;
  const time = new NetworkTime(multiplayer, { tickHz });
  const nodes: MirrorNode[] = [];
  for (let i = 0; i < players; i++) {
    const node = mirror.root.addChild({
      name: `P${i}`,
      class: is3D ? 'Node3D' : 'Node2D',
      groups: ['targets'],
      children: seen !== 'by all' ? [{ name: 'Sync', class: 'MultiplayerSynchronizer' }] : [],
    });
    nodes.push(node);
    if (seen === 'by all') continue;
    const synchronizer = multiplayer.synchronizer(`/root/P${i}/Sync`);
    if (seen === 'by filter') synchronizer.addVisibilityFilter((peer) => (peer + i) % 3 > 0);
    else synchronizer.setVisibilityFor(2 + i, false);
  }
  // The history's own part: the ticks before and behind it are listeners, too.
  let began = 0;
  const records: number[] = [];
  time.on('tick', () => {
    began = performance.now();
  });
  const world = new WorldHistory(multiplayer, time, { nodes: 'targets' });
  time.on('tick', () => records.push(performance.now() - began));
  transport.come(players);
  const hits: number[] = [];
  const wholes: number[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    for (const [i, node] of nodes.entries())
      node.set('position', is3D ? new Vector3(tick, i, 0) : new Vector2(tick, i));
    mirror.process(1 / tickHz);
    const peer = 2 + (tick % players);
    const at = world.newestTick - (tick % 15) - 0.5;
    const start = performance.now();
    const then = world.rewind(peer, at);
    for (const node of then.nodes()) sink = then.positionOf(node);
    const middle = performance.now();
    const again = world.rewind(peer, at);
    for (const node of again.nodes()) sink = again.transformOf(node);
    hits.push(middle - start);
    wholes.push(performance.now() - middle);
  }
  multiplayer.close();
  const settled = (all: readonly number[]): number[] => all.slice(all.length >> 1).map((ms) => ms * 1000);
  return {
    kind,
    tickHz,
    recordUs: median(settled(records)),
    hitTestUs: median(settled(hits)),
    slowHitTestUs:
      settled(hits).toSorted((a, b) => a - b)[Math.floor(0.99 * (hits.length >> 1))] ?? Number.NaN,
    transformsUs: median(settled(wholes)),
  };
}

/** CPU of the server for one packet with four inputs, one of them new, in microseconds. */
function measureInputs(): number {
  const multiplayer = new SceneMultiplayer({ mirror: new SceneMirror(), dialect: '4.6' });
  const time = new NetworkTime(multiplayer, { tickHz: 60, maxInputPacketsPerSec: 100_000 });
  time.on('input', (input) => {
    sink = input;
  });
  multiplayer.mirror.process(1 / 60);
  const [take] = time.node.rpcHandlers('take_inputs');
  const handler = take as unknown as (
    peer: number,
    newest: number,
    ticks: Float64Array,
    inputs: unknown[],
  ) => void;
  const rounds: number[] = [];
  for (let round = 0; round < 40; round++) {
    const start = performance.now();
    for (let i = 0; i < 1000; i++) {
      const newest = 4 + round * 1000 + i;
      handler(
        2,
        newest,
        new Float64Array(4),
        [1, 2, 3, 4].map((n) => new Vector2(n, newest)),
      );
    }
    rounds.push(performance.now() - start);
  }
  if (time.recentInputs(2).at(-1)?.sequence !== 40_003) throw new Error('the inputs were refused');
  multiplayer.close();
  return median(rounds.slice(20));
}

const rows = [20, 60].flatMap((tickHz) => [
  measure('Node2D', tickHz, false, 'by all'),
  measure('Node3D', tickHz, true, 'by all'),
  measure('Node2D, synchronizers', tickHz, false, 'by synchronizer'),
  measure('Node2D, filters', tickHz, false, 'by filter'),
]);
const inputsUs = measureInputs();
if (values.json === true) process.stdout.write(`${JSON.stringify({ players, ticks, rows, inputsUs })}\n`);
else {
  const row = (...cells: readonly (string | number)[]): string =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(16))).join('');
  const machine = describeMachine();
  const us = (value: number): string => `${value.toFixed(1)} us`;
  process.stdout.write(
    `${[
      `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, load ${machine.load.toFixed(1)}; ${players} players and targets, ${ticks} ticks`,
      row('', 'ticks a second', 'record', 'hit test', '99 of 100', 'transforms'),
      ...rows.map((one) =>
        row(
          one.kind,
          one.tickHz,
          us(one.recordUs),
          us(one.hitTestUs),
          us(one.slowHitTestUs),
          us(one.transformsUs),
        ),
      ),
      `a packet with four inputs, one of them new: ${us(inputsUs)}`,
    ].join('\n')}\n`,
  );
}
