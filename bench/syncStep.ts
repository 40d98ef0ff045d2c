/**
 * One replication step of a SceneMultiplayer without network: spawned nodes with one Vector2 each (mode always), a transport that
 * counts. The same as the engine's own step is measured by: 1,000 nodes, 100 peers.
 *
 *   npx tsx bench/syncStep.ts [--nodes=1000] [--peers=100] [--moving=1] [--near=50] [--steps=40] [--enet=dgram] [--engine]
 *                             [--json] [--only=PART]
 *
 * A row is CPU of the whole process for a step, the median. Without `--moving`, `--near` and `--enet` there are three: all nodes move; a fifth of
 * them; and all, where peers see 50 nodes each.
 * `--moving`: the share of the nodes that moves in each step. `--near`: a radius of interest that holds so many nodes, on average.
 * `--engine`: the official Godot 4.6 (web build) first, in the same run, by the clock on the wall; it is the peer where all move.
 * `--enet`: over ENet on 127.0.0.1, by this way of sending (dgram or mmsg), to clients in another process; bytes are not counted.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Vector2 } from '../codec/index.ts';
import { SceneMirror, SceneReplicationConfig } from '../schema/index.ts';
import { GodotError } from '../src/godot/errors.ts';
import { MultiplayerPeer } from '../src/godot/multiplayer/MultiplayerPeer.ts';
import type { MultiplayerConnectionStatus } from '../src/godot/multiplayer/multiplayerConstants.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { SceneMultiplayer } from '../src/multiplayer/SceneMultiplayer.ts';
import { createNodeRuntime, type NodeTransport } from '../src/node/nodeRuntime.ts';
import { measureEngine } from './engineStep.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine, median } from './servers.ts';

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
  /** CPU of the whole process: what other work on the machine does not make longer. */
  readonly medianCpuMs: number;
  readonly leastMs: number;
  readonly bytesPerPeer: number;
  readonly packetsPerPeer: number;
}

/** Runs steps; `moving`: the share of the nodes that moves in each. */
export async function measureSteps({
  nodes = 1000,
  peers = 100,
  moving = 1,
  near,
  steps = 40,
  enet,
}: StepOptions = {}): Promise<StepFigures> {
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
  const players = enet === undefined ? undefined : await startPlayers(enet, peers);
  multiplayer.multiplayerPeer = players?.peer ?? sink;
  for (const end = Date.now() + 30_000; players !== undefined && multiplayer.getPeers().length < peers; ) {
    multiplayer.poll();
    await sleep(10);
    if (Date.now() > end) throw new Error(`only ${multiplayer.getPeers().length} clients came`);
  }
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
  if (players === undefined) for (let i = 0; i < peers; i++) sink.join(i + 2);
  // Two seconds later everything that rests has arrived.
  for (let i = 0; i < 50; i++) {
    nowMs += 50;
    multiplayer.poll();
    if (players !== undefined) await sleep(50);
  }
  const times: number[] = [];
  const cpuTimes: number[] = [];
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
    const cpu = process.cpuUsage();
    multiplayer.poll();
    const { user, system } = process.cpuUsage(cpu);
    times.push(performance.now() - start);
    cpuTimes.push((user + system) / 1000);
    if (players !== undefined) await sleep(50);
  }
  await players?.end();
  multiplayer.close();
  return {
    medianMs: median(times),
    medianCpuMs: median(cpuTimes),
    leastMs: Math.min(...times),
    bytesPerPeer: sink.bytes / peers / steps,
    packetsPerPeer: sink.packets / peers / steps,
  };
}

/** A server over ENet, and its clients in a process of their own. */
async function startPlayers(
  transport: string,
  count: number,
): Promise<{ peer: ENetMultiplayerPeer; end(): Promise<unknown> }> {
  const peer = new ENetMultiplayerPeer({
    runtime: createNodeRuntime({ transport: transport as NodeTransport }),
  });
  peer.setBindIp('127.0.0.1');
  const error = peer.createServer(0, count);
  if (error !== GodotError.OK) throw new Error(`createServer gave ${error}`);
  const script = fileURLToPath(new URL('syncSink.ts', import.meta.url));
  const args = ['--import', 'tsx', script, String(peer.getLocalPort()), String(count)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = once(child, 'close');
  return {
    peer,
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** Somewhere in a square, the same for the same number. */
function placeOf(number: number): Vector2 {
  const hash = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  return new Vector2(((hash & 0xffff) / 0xffff) * SIDE, ((hash >>> 16) / 0xffff) * SIDE);
}

/** What is measured of the engine as well. */
const ALL_MOVE = 'sync step, all move';
/** The side of the square. */
const SIDE = 10_000;

/** How many of what. */
interface StepOptions {
  readonly near?: number | undefined;
  readonly nodes?: number | undefined;
  readonly peers?: number | undefined;
  readonly moving?: number | undefined;
  readonly steps?: number | undefined;
  readonly enet?: string | undefined;
}

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    nodes: { type: 'string', default: '1000' },
    peers: { type: 'string', default: '100' },
    moving: { type: 'string' },
    near: { type: 'string' },
    steps: { type: 'string', default: '40' },
    enet: { type: 'string' },
    engine: { type: 'boolean', default: false },
  },
});
const [nodes, peers, steps] = [Number(values.nodes), Number(values.peers), Number(values.steps)];
const { moving, near, enet } = values;
const isChosen = moving !== undefined || near !== undefined || enet !== undefined;
const chosen: StepOptions = {
  moving: Number(moving ?? 1),
  near: near === undefined ? undefined : Number(near),
  enet,
};
const cases: readonly StepOptions[] = isChosen ? [chosen] : [{ moving: 1 }, { moving: 0.2 }, { near: 50 }];

say(JSON.stringify(describeMachine()));
for (const options of cases) {
  const name = nameOf(options);
  if (!isWanted(name)) continue;
  const isComparable = name === ALL_MOVE;
  const engine = values.engine && isComparable ? await measureEngine(nodes, peers) : undefined;
  if (engine !== undefined) say(`engine ${JSON.stringify(engine)}`);
  const figures = await measureSteps({ ...options, nodes, peers, steps });
  say(`${name}: ${JSON.stringify(figures)}`);
  printRow({
    name,
    figure: figures.medianCpuMs,
    unit: 'ms',
    peer: isComparable ? 'Godot 4.6 (web)' : undefined,
    peerFigure: engine?.medianMs,
    repeats: steps,
  });
}

/** The numbers of nodes and peers are only named when they are not the usual ones. */
function nameOf({ moving = 1, near, enet }: StepOptions): string {
  const share = moving === 1 ? 'all move' : `${moving * 100} % move`;
  const sizes = nodes === 1000 && peers === 100 ? undefined : `${nodes} nodes, ${peers} peers`;
  return ['sync step', share, near && `near ${near}`, enet, sizes].filter(Boolean).join(', ');
}
