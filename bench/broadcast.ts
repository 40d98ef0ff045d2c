/**
 * One server sends a small packet to all of its peers at a steady pace, as games do: clients of libenet connected to
 * our server, and the same clients connected to a server of libenet, in the same run. Needs libenet and a C compiler.
 *
 *   npx tsx bench/broadcast.ts [--repeats=3] [--ms=2000] [--rate=20] [--size=32] [--peers=500,4000] [--json]
 *                              [--only=libenet,mmsg,dgram] [--profile=DIR]
 *
 * "cpu" is what the server process used (user and system, all its threads) for each packet that the applications of
 * the clients got, with everything that belongs to it: acknowledgements that came back, resends, pings, and the ticks
 * in between. Per datagram it is the same CPU over what the server sent and received: the fairer ratio when a busy
 * machine loses datagrams of one server and not of the other. `rate` is in broadcasts per second; 4,000 peers get a quarter of it.
 */
import { parseArgs } from 'node:util';
import type { NodeTransport } from '../src/node/nodeRuntime.ts';
import { CPeer } from '../test/interop/libenet/cPeer.ts';
import { numberOf } from '../test/interop/libenet/numberOf.ts';
import { peer } from '../test/support/peers.ts';
import {
  buildServer,
  describeMachine,
  median,
  type Server,
  startOurs,
  startTheirs,
  TRANSPORTS,
} from './servers.ts';

interface Sample {
  /** Microseconds of the server's CPU for each packet that was delivered. */
  readonly cpuUs: number;
  /** Share of the packets that reached the application of a client. */
  readonly delivered: number;
  /** Microseconds of the server's CPU for each datagram that it sent or received. */
  readonly cpuUsPerDatagram: number;
  /** Datagrams sent and received by the server for each packet. */
  readonly sent: number;
  readonly received: number;
}

interface Row {
  readonly server: string;
  readonly peers: number;
  readonly kind: string;
  readonly cpuUs: number;
  readonly cpuUsPerDatagram: number;
  /** These two of this row to those of libenet. */
  readonly ratio: number;
  readonly ratioPerDatagram: number;
  readonly samples: readonly Sample[];
}

/** Clients that share a socket: as many as its receive buffer holds datagrams for. */
const PEERS_PER_SOCKET = 250;
/** Connections that are opened at a time. */
const CONNECT_AT_ONCE = 50;
/** What is under way arrives in this time. */
const REST_MS = 300;
/** The compiler of Node takes its time: few peers are warmed up at a higher pace than the measured one. */
const WARM_UP_MS = 4_000;
const WARM_UP_SPEED = 3;
const NO_FIGURES = { cpuUs: Number.NaN, cpuUsPerDatagram: Number.NaN };
const KINDS = [
  { kind: 'unsequenced', flags: 2 },
  { kind: 'reliable', flags: 1 },
] as const;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '3' },
    ms: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '20' },
    size: { type: 'string', default: '32' },
    peers: { type: 'string', default: '500,4000' },
    only: { type: 'string', default: ['libenet', ...TRANSPORTS].join() },
    profile: { type: 'string' },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);
const size = Number(values.size);
const only = values.only.split(',');

const { isMissing, note } = peer('libenet');
if (isMissing) {
  console.error(`bench/broadcast${note}`);
  process.exitCode = 1;
} else {
  buildServer();
  const rows: Row[] = [];
  for (const peers of values.peers.split(',').map(Number)) rows.push(...(await measureAll(peers)));
  report(rows);
}

/** All servers with one number of peers: the clients stay connected, the servers take turns. */
async function measureAll(peers: number): Promise<Row[]> {
  const rate = peers >= 4000 ? Number(values.rate) / 4 : Number(values.rate);
  // Many peers warm up fast enough, and a faster pace would leave resends for the measured rounds.
  const warmUpRate = peers >= 4000 ? rate : rate * WARM_UP_SPEED;
  const contestants: Contestant[] = [];
  try {
    if (only.includes('libenet')) contestants.push(await enter('libenet', await startTheirs(peers), peers));
    for (const name of TRANSPORTS) {
      if (only.includes(name)) contestants.push(await enter(name, await startProfiled(peers, name), peers));
    }
    for (const contestant of contestants) {
      for (const { flags } of KINDS) await measure(contestant, flags, warmUpRate, WARM_UP_MS);
    }
    const rows: Row[] = [];
    for (const { kind, flags } of KINDS) {
      const samples = contestants.map((): Sample[] => []);
      for (let round = 0; round < repeats; round++) {
        for (const [i, contestant] of contestants.entries()) {
          samples[i]?.push(await measure(contestant, flags, rate, ms));
        }
      }
      const figures = samples.map((ofOne) => ({
        cpuUs: median(ofOne.map((sample) => sample.cpuUs)),
        cpuUsPerDatagram: median(ofOne.map((sample) => sample.cpuUsPerDatagram)),
      }));
      const base = contestants[0]?.name === 'libenet' ? figures[0] : undefined;
      for (const [i, { name }] of contestants.entries()) {
        const { cpuUs, cpuUsPerDatagram } = figures[i] ?? NO_FIGURES;
        rows.push({
          server: name,
          peers,
          kind,
          cpuUs,
          cpuUsPerDatagram,
          ratio: cpuUs / (base ?? NO_FIGURES).cpuUs,
          ratioPerDatagram: cpuUsPerDatagram / (base ?? NO_FIGURES).cpuUsPerDatagram,
          samples: samples[i] ?? [],
        });
      }
    }
    return rows;
  } finally {
    // The clients end first, silently: nobody waits for 4,000 goodbyes.
    await Promise.all(contestants.map(({ clients }) => clients.close()));
    await Promise.all(contestants.map(({ server }) => server.close()));
  }
}

interface Contestant {
  readonly name: string;
  readonly server: Server;
  readonly clients: CPeer;
  readonly peers: number;
  readonly sockets: number;
}

function startProfiled(peers: number, name: NodeTransport): Promise<Server> {
  const { profile } = values;
  return startOurs(peers, name, profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]);
}

/** Connects all clients of one server. */
async function enter(name: string, server: Server, peers: number): Promise<Contestant> {
  const clients = await CPeer.start(`clients of ${name}`, 900);
  const sockets = Math.ceil(peers / PEERS_PER_SOCKET);
  for (let host = 0; host < sockets; host++) {
    const count = Math.min(PEERS_PER_SOCKET, peers - host * PEERS_PER_SOCKET);
    await clients.run('host', { peers: count });
    for (let done = 0; done < count; done += CONNECT_AT_ONCE) {
      const batch = Math.min(CONNECT_AT_ONCE, count - done);
      const slots: number[] = [];
      for (let i = 0; i < batch; i++) {
        slots.push(numberOf(await clients.run('connect', { host, port: server.port, channels: 1 }), 'peer'));
      }
      for (const slot of slots) await clients.inbox.wait('connect', { host, peer: slot });
    }
  }
  return { name, server, clients, peers, sockets };
}

async function measure(
  { server, clients, peers, sockets }: Contestant,
  flags: number,
  rate: number,
  durationMs: number,
): Promise<Sample> {
  for (let host = 0; host < sockets; host++) await clients.run('collect', { host });
  const count = Math.round((durationMs * rate) / 1000);
  const before = await server.usage();
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    await sleepUntil(start + (i * 1000) / rate);
    await server.broadcast(size, flags);
  }
  await sleepUntil(start + durationMs + REST_MS);
  const after = await server.usage();
  let got = 0;
  for (let host = 0; host < sockets; host++) {
    got += numberOf(await clients.run('collected', { host }), 'count');
  }
  const packets = count * peers;
  const cpuUs = after.cpuUs - before.cpuUs;
  const datagrams = after.sentPackets - before.sentPackets + after.receivedPackets - before.receivedPackets;
  return {
    cpuUs: cpuUs / got,
    cpuUsPerDatagram: cpuUs / datagrams,
    delivered: got / packets,
    sent: (after.sentPackets - before.sentPackets) / packets,
    received: (after.receivedPackets - before.receivedPackets) / packets,
  };
}

function sleepUntil(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

function report(rows: readonly Row[]): void {
  const machine = describeMachine();
  if (values.json) {
    console.log(JSON.stringify({ bench: 'broadcast', machine, repeats, ms, size, rows }, undefined, 2));
    return;
  }
  console.log(
    `broadcast of ${size}-byte packets, ${repeats} x ${ms} ms each; ${machine.cpu}, ${machine.node}`,
  );
  for (const { server, peers, kind, cpuUs, cpuUsPerDatagram, ratio, ratioPerDatagram, samples } of rows) {
    const spread = samples.map((sample) => sample.cpuUs.toFixed(2)).join(' ');
    const middle = (key: keyof Sample): number => median(samples.map((sample) => sample[key]));
    console.log(
      `${String(peers).padStart(4)} peers, ${kind.padEnd(11)}  ${server.padEnd(8)} ` +
        `${cpuUs.toFixed(2).padStart(6)} us cpu/packet  ${ratio.toFixed(2).padStart(5)} x libenet  ` +
        `${cpuUsPerDatagram.toFixed(2)} us/datagram ${ratioPerDatagram.toFixed(2)} x  ` +
        `${(middle('delivered') * 100).toFixed(2)}% delivered, datagrams per packet: ` +
        `${middle('sent').toFixed(2)} out, ${middle('received').toFixed(2)} in  (${spread})`,
    );
  }
}
