/**
 * One replication step of a SceneMultiplayer without network: spawned nodes with one Vector2 each (mode always), a transport that
 * counts. The same as the engine's own step is measured by: 1,000 nodes, 100 peers.
 *
 *   npx tsx bench/syncStep.ts [--nodes=1000] [--peers=100] [--moving=1] [--near=50] [--steps=40]
 *
 * `--moving`: the share of the nodes that moves in each step. `--near`: a radius of interest that holds so many nodes, on average.
 */
import { parseArgs } from 'node:util';
import { Vector2 } from '../codec/index.ts';
import { SceneMirror, SceneReplicationConfig } from '../schema/index.ts';
import { GodotError } from '../src/godot/errors.ts';
import { MultiplayerPeer } from '../src/godot/multiplayer/MultiplayerPeer.ts';
import type { MultiplayerConnectionStatus } from '../src/godot/multiplayer/multiplayerConstants.ts';
import { SceneMultiplayer } from '../src/multiplayer/SceneMultiplayer.ts';

/** A server that takes every packet and counts it. */
class Sink extends MultiplayerPeer {
  packets = 0;
  bytes = 0;

  constructor() {
    super({ random32: () => 7 });
  }

  join(peer: number): void {
    this.emitSignal('peerConnected', peer);
  }

  poll(): void {
    // Nothing ever arrives.
  }

  close(): void {
    // Nothing is open.
  }

  disconnectPeer(): void {
    // Nobody is thrown out.
  }

  getConnectionStatus(): MultiplayerConnectionStatus {
    return 2;
  }

  getUniqueId(): number {
    return 1;
  }

  isServer(): boolean {
    return true;
  }

  isServerRelaySupported(): boolean {
    return false;
  }

  protected override sendPacket(bytes: Uint8Array): GodotError {
    this.packets++;
    this.bytes += bytes.length;
    return GodotError.OK;
  }

  protected override get className(): string {
    return 'Sink';
  }
}

/** What a step took. */
export interface StepFigures {
  readonly medianMs: number;
  readonly leastMs: number;
  readonly bytesPerPeer: number;
  readonly packetsPerPeer: number;
}

/** Runs steps; `moving`: the share of the nodes that moves in each. */
export function measureSteps({
  nodes = 1000,
  peers = 100,
  moving = 1,
  near,
  steps = 40,
}: StepOptions = {}): StepFigures {
  const mirror = new SceneMirror();
  const config = new SceneReplicationConfig();
  config.addProperty('.:position');
  let nowMs = 0;
  const multiplayer = new SceneMultiplayer({
    mirror,
    serverRelay: false,
    dialect: '4.6',
    replication:
      near === undefined
        ? undefined
        : { interest: { radius: Math.sqrt((near * SIDE * SIDE) / (Math.PI * nodes)), around: placeOf } },
    runtime: { now: () => nowMs, startTimer: () => ({ cancel: () => undefined }) },
  });
  const sink = new Sink();
  multiplayer.multiplayerPeer = sink;
  const world = mirror.root.addChild({ name: 'World', class: 'Node' });
  const spawner = multiplayer.spawner(mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' }));
  spawner.addSpawnableScene('res://mover.tscn');
  spawner.spawnPath = '../World';
  const all = Array.from({ length: nodes }, (_, i) => {
    const node = mirror.createNode({
      name: `n${i}`,
      class: 'Node2D',
      properties: { position: placeOf(i) },
      instance: 'res://mover.tscn',
      children: [{ name: 'S', class: 'MultiplayerSynchronizer', properties: { replication_config: config } }],
    });
    return world.addChild(node);
  });
  for (let i = 0; i < peers; i++) sink.join(i + 2);
  // Two seconds later everything that rests has arrived.
  for (let i = 0; i < 50; i++) {
    nowMs += 50;
    multiplayer.poll();
  }
  const times: number[] = [];
  const count = Math.round(nodes * moving);
  sink.packets = 0;
  sink.bytes = 0;
  for (let step = 0; step < steps; step++) {
    all.forEach((node, i) => {
      if (i >= count) return;
      const { x, y } = placeOf(i);
      node.set('position', new Vector2(x + step * 1.25, y - step * 0.5));
    });
    nowMs += 50;
    const start = performance.now();
    multiplayer.poll();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return {
    medianMs: times[times.length >> 1] ?? 0,
    leastMs: times[0] ?? 0,
    bytesPerPeer: sink.bytes / peers / steps,
    packetsPerPeer: sink.packets / peers / steps,
  };
}

/** Somewhere in a square, the same for the same number. */
function placeOf(number: number): Vector2 {
  const hash = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  return new Vector2(((hash & 0xffff) / 0xffff) * SIDE, ((hash >>> 16) / 0xffff) * SIDE);
}

/** The side of the square. */
const SIDE = 10_000;

/** How many of what. */
interface StepOptions {
  readonly near?: number | undefined;
  readonly nodes?: number | undefined;
  readonly peers?: number | undefined;
  readonly moving?: number | undefined;
  readonly steps?: number | undefined;
}

const { values } = parseArgs({
  options: {
    nodes: { type: 'string' },
    peers: { type: 'string' },
    moving: { type: 'string' },
    near: { type: 'string' },
    steps: { type: 'string' },
  },
});
const number = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);
const figures = measureSteps({
  nodes: number(values.nodes),
  peers: number(values.peers),
  moving: number(values.moving),
  near: number(values.near),
  steps: number(values.steps),
});
process.stdout.write(`${JSON.stringify(figures)}\n`);
