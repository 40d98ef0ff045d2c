/**
 * Replication of a scene: 1,000 moving nodes, 100 peers, 20 ticks a second on the virtual network, in one process.
 *
 *   npx tsx bench/replication.ts [--nodes=1000] [--peers=100] [--ticks=40] [--rate=20] [--json]
 *
 * "tick" is the CPU of the server's tick: looking for changes, encoding, choosing, queueing. "network" is the CPU of all that
 * follows: the server's ENet host making datagrams, the virtual network, and the ENet hosts of all clients, which take
 * packets and do not decode them. Bytes are UDP payload from the server, acknowledgements and resends included.
 */
import { parseArgs } from 'node:util';
import { varToBytes } from '../codec/index.ts';
import { Vector2 } from '../codec/values/vector.ts';
import {
  encodeNode,
  type MirrorNode,
  NodeSyncFlags,
  nodeDictionary,
  type ReplicationOptions,
  SceneMirror,
} from '../schema/index.ts';
import { ConnectionEventType } from '../src/godot/constants.ts';
import { ENetConnection } from '../src/godot/ENetConnection.ts';
import { ENetServer } from '../src/server/ENetServer.ts';
import type { ENetServerPeer } from '../src/server/ENetServerPeer.ts';
import { SimNetwork } from '../src/testing/SimNetwork.ts';
import { describeMachine, median } from './servers.ts';

interface Row {
  readonly kind: string;
  /** Milliseconds of CPU per tick, medians. */
  readonly tickMs: number;
  readonly networkMs: number;
  /** Microseconds of the tick for each packet that it queued. */
  readonly tickUsPerPacket: number;
  /** Bytes and packets of one peer in one tick. */
  readonly bytesPerPeer: number;
  readonly packetsPerPeer: number;
  /** Of all nodes, the share whose place each peer gets per tick. */
  readonly freshShare: number;
  readonly encodedPerTick: number;
}

/** What a tick costs for each node of which something changed. */
interface ChangeRow {
  readonly kind: string;
  readonly tickUs: number;
}

interface EncodeRow {
  readonly form: string;
  readonly nodeUs: number;
  /** The codec alone, given the same Dictionary ready made. */
  readonly codecUs: number;
  readonly ratio: number;
  readonly bytes: number;
}

/** Results go here, so that nothing is optimised away. */
export let sink: unknown;

const WORLD = 4000;
const ENCODE_ROUNDS = 30;
const SERVER_IP = '10.0.0.1';
/** Until newcomers have everything, at most. */
const MAX_JOIN_TICKS = 2000;
const WARM_UP_TICKS = 10;
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '1000' },
    peers: { type: 'string', default: '100' },
    ticks: { type: 'string', default: '40' },
    rate: { type: 'string', default: '20' },
  },
});
const nodeCount = Number(values.nodes);
const peerCount = Number(values.peers);
const ticks = Number(values.ticks);
const intervalMs = 1000 / Number(values.rate);

const rows = [
  measure('all nodes, no limit', { bytesPerTick: Number.POSITIVE_INFINITY }),
  measure('all nodes, 16 KiB per tick', {}),
  measure('radius that holds about 5%', {
    interest: { radius: WORLD * Math.sqrt(0.05 / Math.PI), around: (peer) => placeOf(peer.peerId) },
  }),
];
const encodeRows = measureEncoding();
const changeRows = measureChanges();
if (values.json) {
  const machine = describeMachine();
  console.log(
    JSON.stringify(
      {
        bench: 'replication',
        machine,
        nodes: nodeCount,
        peers: peerCount,
        ticks,
        intervalMs,
        rows,
        encode: encodeRows,
        change: changeRows,
      },
      undefined,
      2,
    ),
  );
} else print();

function measure(kind: string, options: ReplicationOptions<ENetServerPeer>): Row {
  const net = new SimNetwork({ latencyMs: 5, seed: 7 });
  const server = new ENetServer({ runtime: net.createRuntime(SERVER_IP) });
  server.createServer(7777, peerCount, 2);
  const clients = Array.from({ length: peerCount }, (_, i) => connect(net, i));
  net.runUntil(() => server.getPeerCount() === peerCount, 10_000, 'all connections');
  net.advance(1000);
  const mirror = new SceneMirror();
  const nodes = Array.from({ length: nodeCount }, (_, i) =>
    mirror.root.addChild({ name: `Node${i}`, class: 'Node2D', properties: { position: placeOf(i) } }),
  );
  const replication = mirror.replicate(server, { rate: 0, ...options });
  let bytes = 0;
  net.onDatagram(({ fate, from, bytes: { length } }) => {
    if (fate === 'sent' && from.ip === SERVER_IP) bytes += length;
  });
  // Newcomers get everything first; then the compiler warms up with movement.
  for (let i = 0; i < MAX_JOIN_TICKS && (i === 0 || !replication.isSettled); i++) {
    replication.tick();
    net.advance(intervalMs);
  }
  for (let i = 0; i < WARM_UP_TICKS; i++) run(nodes, i, replication, net);
  const before = replication.getCounters();
  bytes = 0;
  const samples = Array.from({ length: ticks }, (_, i) => run(nodes, WARM_UP_TICKS + i, replication, net));
  const after = replication.getCounters();
  const packets = after.packets - before.packets;
  replication.stop();
  server.stopServer();
  for (const client of clients) client.destroy();
  const tickMs = median(samples.map((sample) => sample.tickMs));
  const packetsPerPeer = packets / ticks / peerCount;
  return {
    kind,
    tickMs,
    networkMs: median(samples.map((sample) => sample.networkMs)),
    tickUsPerPacket: (tickMs * 1000) / (packets / ticks),
    bytesPerPeer: bytes / ticks / peerCount,
    packetsPerPeer,
    freshShare: packetsPerPeer / nodeCount,
    encodedPerTick: (after.encoded - before.encoded) / ticks,
  };
}

/** A client that takes packets and looks at none. */
function connect(net: SimNetwork, index: number): ENetConnection {
  const runtime = net.createRuntime(`10.0.${1 + (index >> 7)}.${1 + (index & 127)}`);
  const client: ENetConnection = new ENetConnection({
    runtime,
    onWake: () => {
      for (;;) {
        const [type, peer] = client.service();
        if (type === ConnectionEventType.EVENT_NONE || peer === null) return;
        if (type === ConnectionEventType.EVENT_RECEIVE) sink = peer.getPacket();
      }
    },
  });
  client.createHost(1, 2);
  client.connectToHost(SERVER_IP, 7777, 2);
  return client;
}

function run(
  nodes: readonly MirrorNode[],
  step: number,
  replication: { tick(): void },
  net: SimNetwork,
): { tickMs: number; networkMs: number } {
  for (const [i, node] of nodes.entries()) {
    const { x, y } = placeOf(i);
    node.set('position', new Vector2(x + Math.sin(step / 10 + i) * 20, y + Math.cos(step / 10 + i) * 20));
  }
  const start = cpuMs();
  replication.tick();
  const middle = cpuMs();
  net.advance(intervalMs);
  return { tickMs: middle - start, networkMs: cpuMs() - middle };
}

/** Where node i stands, evenly over the world. */
function placeOf(i: number): Vector2 {
  const golden = 0.618_033_988_75;
  return new Vector2(((i * golden) % 1) * WORLD, ((i * golden * golden * 7.31) % 1) * WORLD);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Nodes with 40 variables and one peer that takes everything; rounds are interleaved. */
function measureChanges(): ChangeRow[] {
  const mirror = new SceneMirror();
  const nodes = Array.from({ length: 500 }, (_, i) =>
    mirror.root.addChild({
      name: `Node${i}`,
      class: 'Node2D',
      scriptVariables: Array.from({ length: 40 }, (_item, n) => ({ name: `v${n}`, type: 'int', value: n })),
    }),
  );
  const peer = { peerId: 2 };
  const replication = mirror.replicate(
    {
      replicationLink: () => ({
        encode: undefined,
        peers: () => [peer],
        createPacket: (bytes: Uint8Array) => ({ bytes }),
        send: (_peer: unknown, packet: unknown) => {
          sink = packet;
          return true;
        },
        queuedBytes: () => 0,
        now: () => 0,
        startTimer: () => ({ cancel: () => {} }),
        report: (error: unknown) => {
          throw error;
        },
      }),
    },
    { rate: 0, bytesPerTick: Number.POSITIVE_INFINITY },
  );
  const kinds: readonly (readonly [string, (node: MirrorNode, step: number) => void])[] = [
    ['moved', (node, step) => node.set('position', new Vector2(step + 1, 0))],
    ['one variable of 40', (node, step) => node.set('v20', step + 100)],
    ['one metadata entry', (node, step) => node.setMeta('score', step)],
  ];
  for (let i = 0; i < WARM_UP_TICKS; i++) replication.tick();
  const samples = kinds.map((): number[] => []);
  for (let step = 0; step < ticks * 2; step++) {
    for (const [k, [, change]] of kinds.entries()) {
      for (const node of nodes) change(node, step);
      const start = performance.now();
      replication.tick();
      samples[k]?.push(((performance.now() - start) * 1000) / nodes.length);
      // What has come to rest is sent once more, by itself.
      for (let i = 0; i < 5; i++) replication.tick();
    }
  }
  replication.stop();
  return kinds.map(([kind], k) => ({ kind, tickUs: median(samples[k] ?? []) }));
}

/** Interleaved rounds, so that a busy machine hurts both alike. */
function measureEncoding(): EncodeRow[] {
  const mirror = new SceneMirror();
  const nodes = Array.from({ length: 200 }, (_, i) =>
    mirror.root.addChild({ name: `Node${i}`, class: 'Node2D', properties: { position: placeOf(i) } }),
  );
  return [
    { form: 'transform', flags: NodeSyncFlags.SYNC_TRANSFORM_ONLY },
    { form: 'properties', flags: NodeSyncFlags.SYNC_PROPERTIES },
  ].map(({ form, flags }) => {
    const dictionaries = nodes.map((node) => nodeDictionary(node, flags));
    const nodeUs: number[] = [];
    const codecUs: number[] = [];
    for (let round = 0; round < ENCODE_ROUNDS; round++) {
      const ofNodes = timeUs(() => {
        for (const node of nodes) sink = encodeNode(node, flags);
      });
      const ofCodec = timeUs(() => {
        for (const state of dictionaries) sink = varToBytes(state);
      });
      nodeUs.push(ofNodes / nodes.length);
      codecUs.push(ofCodec / nodes.length);
    }
    const ours = median(nodeUs);
    const plain = median(codecUs);
    const bytes = nodes[0] === undefined ? 0 : encodeNode(nodes[0], flags).length;
    return { form, nodeUs: ours, codecUs: plain, ratio: ours / plain, bytes };
  });
}

function timeUs(work: () => void): number {
  const start = performance.now();
  for (let i = 0; i < 5; i++) work();
  return ((performance.now() - start) * 1000) / 5;
}

function print(): void {
  const { cpu, node } = describeMachine();
  console.log(
    `${nodeCount} moving nodes, ${peerCount} peers, a tick every ${intervalMs} ms; ${cpu}, ${node}`,
  );
  for (const row of rows) {
    console.log(
      `${row.kind.padEnd(28)} ${row.tickMs.toFixed(1).padStart(7)} ms/tick ` +
        `(${row.tickUsPerPacket.toFixed(2)} us/packet), network ${row.networkMs.toFixed(1)} ms, ` +
        `${Math.round(row.bytesPerPeer)} bytes and ${row.packetsPerPeer.toFixed(1)} packets per peer and tick ` +
        `(${(row.freshShare * 100).toFixed(1)}% of the nodes), ${row.encodedPerTick.toFixed(0)} encoded`,
    );
  }
  for (const row of encodeRows) {
    console.log(
      `encode one node, ${row.form.padEnd(10)} ${row.nodeUs.toFixed(2)} us, the codec alone ${row.codecUs.toFixed(2)} us: ` +
        `${row.ratio.toFixed(2)} x, ${row.bytes} bytes`,
    );
  }
  for (const { kind, tickUs } of changeRows) {
    console.log(`a node of which changed: ${kind.padEnd(20)} ${tickUs.toFixed(2)} us of the tick`);
  }
}
