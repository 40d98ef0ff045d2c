/**
 * Echo of small reliable packets: clients of libenet against our server, and the same clients against a server of
 * libenet, in the same run. Needs libenet and a C compiler (see test/support/peers.ts).
 *
 *   npx tsx bench/echo.ts [--repeats=5] [--ms=2000] [--size=32] [--node=PATH] [--json] [--only=PART]
 *
 * Each repeat measures all servers in turn (ours once per transport that this machine has); the figures are medians over the repeats. "cpu" is what the server
 * process used (user and system, all its threads) per echoed packet. The clients keep a fixed number of packets under
 * way, so packets per second are limited by whichever side is slower; or they send at a fixed rate, as games do. Then half of the
 * round trips ("p50") and 99 of 100 ("p99") are rows, too. `node` is another Node for our servers.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { NodeTransport } from '../src/node/nodeRuntime.ts';
import { CPeer } from '../test/interop/libenet/cPeer.ts';
import { peer } from '../test/support/peers.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
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
  readonly packetsPerSecond: number;
  readonly cpuUsPerPacket: number;
  /** Of the round trips, in ms, from the client's call to its event. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    repeats: { type: 'string', default: '5' },
    ms: { type: 'string', default: '2000' },
    size: { type: 'string', default: '32' },
    node: { type: 'string', default: process.execPath },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);
const size = Number(values.size);

interface Setting {
  readonly peers: number;
  /** Packets that each peer keeps under way (one: a datagram each; several share datagrams), or sends in a second. */
  readonly pace: { readonly inflight: number } | { readonly rate: number };
}

const SETTINGS: readonly Setting[] = [
  { peers: 1, pace: { inflight: 1 } },
  { peers: 1, pace: { inflight: 16 } },
  { peers: 64, pace: { inflight: 1 } },
  { peers: 64, pace: { inflight: 4 } },
  { peers: 64, pace: { rate: 30 } },
];

/** A quarter of a frame of a game. */
const GATHER_MS = 4;

/** Long enough for the compiler of Node to have seen everything. */
const WARM_UP_MS = 4_000;

const { isMissing, note } = peer('libenet');
if (isMissing) {
  console.error(`bench/echo${note}`);
  process.exitCode = 1;
} else {
  await main();
}

async function main(): Promise<void> {
  buildServer();
  const { cpu, load } = describeMachine();
  const { stdout } = spawnSync(values.node, ['--version'], { encoding: 'utf8' });
  if (typeof stdout !== 'string') throw new Error(`${values.node} does not run`);
  say(
    `echo of ${size}-byte reliable packets, ${repeats} x ${ms} ms each; ${cpu}, Node ${stdout.trim()}, load ${load.toFixed(0)}`,
  );
  for (const setting of SETTINGS) {
    const wanted = oursFor(setting).filter(({ name }) =>
      ['', ', p50', ', p99'].some((part) => isWanted(`${rowName(setting, name)}${part}`)),
    );
    if (wanted.length > 0) await measureSetting(setting, wanted);
  }
}

/** One of our servers. */
interface Ours {
  readonly name: string;
  readonly transport: NodeTransport;
  readonly gatherMs: number;
}

/** Our servers that are measured with a load. At a fixed rate also one that lets datagrams wait for others. */
function oursFor({ pace }: Setting): readonly Ours[] {
  return TRANSPORTS.flatMap((transport) =>
    'rate' in pace
      ? [
          { name: transport, transport, gatherMs: 0 },
          { name: `${transport}, gatherMs ${GATHER_MS}`, transport, gatherMs: GATHER_MS },
        ]
      : [{ name: transport, transport, gatherMs: 0 }],
  );
}

/** Libenet's server and these of ours with one load, in turns. */
async function measureSetting(setting: Setting, ours: readonly Ours[]): Promise<void> {
  const { peers, pace } = setting;
  const theirs = { name: 'libenet', server: await startTheirs(peers), samples: [] as Sample[] };
  const contestants = [theirs];
  for (const { name, transport, gatherMs } of ours) {
    const server = await startOurs(peers, transport, { node: values.node, gatherMs });
    contestants.push({ name, server, samples: [] });
  }
  try {
    // One round of warming up, then the measured ones, each with fresh clients.
    for (let round = 0; round <= repeats; round++) {
      for (const { server, samples } of contestants) {
        const isWarmUp = round === 0;
        const sample = await measure(
          server,
          peers,
          isWarmUp ? { inflight: 4 } : pace,
          isWarmUp ? WARM_UP_MS : ms,
        );
        if (round > 0) samples.push(sample);
      }
    }
  } finally {
    await Promise.all(contestants.map(({ server }) => server.close()));
  }
  const rows: readonly (readonly [part: string, key: keyof Sample, unit: string])[] = [
    ['', 'cpuUsPerPacket', 'us/packet'],
    ...('rate' in pace
      ? ([
          [', p50', 'p50Ms', 'ms'],
          [', p99', 'p99Ms', 'ms'],
        ] as const)
      : []),
  ];
  for (const { name, samples } of contestants) {
    const perSecond = Math.round(median(samples.map((sample) => sample.packetsPerSecond)));
    const spread = samples.map((sample) => sample.cpuUsPerPacket.toFixed(1)).join(' ');
    say(`${rowName(setting, name)}: ${perSecond.toLocaleString('en')} packets/s (${spread} us)`);
    if (name === theirs.name) continue;
    for (const [part, key, unit] of rows) {
      const middle = (of: readonly Sample[]): number => median(of.map((sample) => sample[key]));
      printRow({
        name: `${rowName(setting, name)}${part}`,
        figure: middle(samples),
        unit,
        peer: theirs.name,
        peerFigure: middle(theirs.samples),
        repeats,
      });
    }
  }
}

async function measure(
  server: Server,
  peers: number,
  pace: Setting['pace'],
  durationMs: number,
): Promise<Sample> {
  const client = await CPeer.start('clients', 60);
  try {
    await client.run('host', { count: peers });
    await client.run('connect', { port: server.port, count: peers });
    for (let i = 0; i < peers; i++) await client.inbox.wait('connect', { host: i });
    const before = await server.usage();
    await client.run('load', { ms: durationMs, size, ...pace });
    const { roundTrips, us, p50Us, p99Us } = await client.inbox.wait('load', {}, durationMs + 10_000);
    const used = (await server.usage()).cpuUs - before.cpuUs;
    for (let i = 0; i < peers; i++) await client.run('disconnect', { host: i });
    for (let i = 0; i < peers; i++) await client.inbox.wait('disconnect', { host: i });
    return {
      packetsPerSecond: (roundTrips * 1e6) / us,
      cpuUsPerPacket: used / roundTrips,
      p50Ms: p50Us / 1000,
      p99Ms: p99Us / 1000,
    };
  } finally {
    await client.close();
  }
}

function rowName({ peers, pace }: Setting, server: string): string {
  const load = 'rate' in pace ? `${pace.rate} each/s` : `${pace.inflight} under way`;
  return `echo, ${peers} peer${peers === 1 ? '' : 's'}, ${load}, ${server}`;
}
