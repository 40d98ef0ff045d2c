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

function measure(kind: string, tickHz: number, is3D: boolean, isHidden: boolean): Row {
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
      children: isHidden ? [{ name: 'Sync', class: 'MultiplayerSynchronizer' }] : [],
    });
    nodes.push(node);
    if (isHidden)
      multiplayer.synchronizer(`/root/P${i}/Sync`).addVisibilityFilter((peer) => (peer + i) % 3 > 0);
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

const rows = [20, 60].flatMap((tickHz) => [
  measure('Node2D', tickHz, false, false),
  measure('Node3D', tickHz, true, false),
  measure('Node2D, a filter each', tickHz, false, true),
]);
if (values.json === true) process.stdout.write(`${JSON.stringify({ players, ticks, rows })}\n`);
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
    ].join('\n')}\n`,
  );
}
