/**
 * RPCs of a SceneMultiplayer without a network: calls out (encoded and given to a transport that drops them) and in (read, checked, and run
 * by a script), per second and in CPU per call, one process.
 *
 *   npx tsx bench/rpc.ts [--rounds=5] [--ms=400] [--json]
 */
import { parseArgs } from 'node:util';
import { Vector3 } from '../codec/index.ts';
import { type MirrorNode, SceneMirror } from '../schema/index.ts';
import { MultiplayerPeer } from '../src/godot/multiplayer/MultiplayerPeer.ts';
import { NodeScript, rpc } from '../src/multiplayer/NodeScript.ts';
import { checksumOf } from '../src/multiplayer/rpcTable.ts';
import { SceneMultiplayer } from '../src/multiplayer/SceneMultiplayer.ts';
import { confirmIdPacket, simplifyPathPacket } from '../src/multiplayer/wire/systemPackets.ts';
import { describeMachine, median } from './servers.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, ms: { type: 'string' }, json: { type: 'boolean' } },
});
const rounds = Number(values.rounds ?? 5);
const roundMs = Number(values.ms ?? 400);

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = {
    plain: rpc('any_peer'),
    moved: rpc('any_peer').args('int', 'int'),
    shot: rpc('any_peer', 'unreliable').args('Vector3', 'String'),
    state: rpc('any_peer').args('Dictionary'),
  };
  count = 0;
  plain(): void {
    this.count++;
  }
  moved(): void {
    this.count++;
  }
  shot(): void {
    this.count++;
  }
  state(): void {
    this.count++;
  }
}

const ARGUMENTS: Readonly<Record<keyof typeof Unit.rpcs, readonly unknown[]>> = {
  plain: [],
  moved: [7, 70_000],
  shot: [new Vector3(1, 2.5, -3), 'plasma'],
  state: [{ hp: 90, name: 'somebody', at: new Vector3(1, 2, 3), alive: true }],
};

/** A transport that keeps the last packet, and hands out what it is told to. */
class MemoryPeer extends MultiplayerPeer {
  last: Uint8Array = new Uint8Array(0);
  protected override readonly className = 'MemoryPeer';
  readonly #id: number;

  constructor(id: number) {
    super({ random32: () => 7 });
    this.#id = id;
  }
  join(peer: number): void {
    this.emitSignal('peerConnected', peer);
  }
  arrive(from: number, bytes: Uint8Array): void {
    this.queuePacket({ bytes, from, mode: 2, channel: 0 });
  }
  poll(): void {}
  close(): void {}
  disconnectPeer(): void {}
  getConnectionStatus(): 2 {
    return 2;
  }
  getUniqueId(): number {
    return this.#id;
  }
  isServer(): boolean {
    return this.#id === 1;
  }
  isServerRelaySupported(): boolean {
    return true;
  }
  protected override sendPacket(bytes: Uint8Array): 0 {
    this.last = bytes;
    return 0;
  }
}

interface Side {
  readonly peer: MemoryPeer;
  readonly multiplayer: SceneMultiplayer;
  readonly node: MirrorNode;
  readonly script: Unit;
}

/** A side with one node, whose number everybody has confirmed. */
function makeSide(id: number, peers: number): Side {
  const mirror = new SceneMirror();
  mirror.registerScript(Unit);
  const node = mirror.root.addChild({ name: 'Unit', class: 'Node', script: 'res://unit.gd' });
  const peer = new MemoryPeer(id);
  const multiplayer = new SceneMultiplayer({
    mirror,
    dialect: '4.6',
    serverRelay: false,
    maxCallsPerSec: Number.POSITIVE_INFINITY,
    runtime: { now: () => 1000, startTimer: () => ({ cancel: () => undefined }) },
  });
  multiplayer.multiplayerPeer = peer;
  for (let i = 0; i < peers; i++) peer.join(id === 1 ? i + 2 : 1);
  node.rpc('plain');
  for (const other of multiplayer.getPeers()) peer.arrive(other, confirmIdPacket(true, 1));
  multiplayer.poll();
  return { peer, multiplayer, node, script: mirror.scriptOf(node) as Unit };
}

interface Row {
  readonly what: string;
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly bytes: number;
}

/** Runs something that does `calls` calls at a time, for a while, in rounds. */
function measure(what: string, calls: number, bytes: number, run: () => void): Row {
  const until = (end: number): number => {
    let count = 0;
    for (; performance.now() < end; count += calls) run();
    return count;
  };
  until(performance.now() + roundMs);
  const samples = Array.from({ length: rounds }, () => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const count = until(start + roundMs);
    const { user, system } = process.cpuUsage(cpu);
    return {
      perSecond: (count / (performance.now() - start)) * 1000,
      cpuUs: (user + system) / count,
    };
  });
  return {
    what,
    perSecond: median(samples.map((sample) => sample.perSecond)),
    cpuUs: median(samples.map((sample) => sample.cpuUs)),
    bytes,
  };
}

const BATCH = 200;
const rows: Row[] = [];
for (const method of Object.keys(ARGUMENTS) as (keyof typeof ARGUMENTS)[]) {
  const args = ARGUMENTS[method];
  const one = makeSide(1, 1);
  one.node.rpc(method, ...args);
  const packet = one.peer.last;
  rows.push(
    measure(`out, ${method}, to one peer`, BATCH, packet.length, () => {
      for (let i = 0; i < BATCH; i++) one.node.rpcId(2, method, ...args);
    }),
  );
  const many = makeSide(1, 100);
  rows.push(
    measure(
      `out, ${method}, to 100 peers, each`,
      100,
      packet.length,
      () => void many.node.rpc(method, ...args),
    ),
  );
  const server = makeSide(1, 1);
  server.peer.arrive(2, simplifyPathPacket(checksumOf(Object.keys(Unit.rpcs).sort()), 1, 'Unit'));
  server.multiplayer.poll();
  const before = server.script.count;
  let arrived = 0;
  rows.push(
    measure(`in, ${method}, by number`, BATCH, packet.length, () => {
      for (let i = 0; i < BATCH; i++) server.peer.arrive(2, packet);
      server.multiplayer.poll();
      arrived += BATCH;
    }),
  );
  if (server.script.count - before !== arrived)
    throw new Error(`${server.script.count - before} of ${arrived} calls of ${method} were handled`);
}
if (values.json === true) console.log(JSON.stringify({ bench: 'rpc', machine: describeMachine(), rows }));
else {
  console.log(
    `${''.padEnd(34)} ${'calls/s'.padStart(11)} ${'us of CPU'.padStart(10)} ${'bytes'.padStart(6)}`,
  );
  for (const { what, perSecond, cpuUs, bytes } of rows)
    console.log(
      `${what.padEnd(34)} ${Math.round(perSecond).toLocaleString('en').padStart(11)} ${cpuUs.toFixed(3).padStart(10)} ${String(bytes).padStart(6)}`,
    );
  console.log(describeMachine());
}
