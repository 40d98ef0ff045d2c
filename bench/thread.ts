/**
 * An ENetServer that echoes small reliable packets, with its host in the application's thread and in one of its own, for
 * clients of libenet. Linux only; needs libenet and a C compiler (see test/support/peers.ts).
 *
 *   npx tsx bench/thread.ts [--repeats=3] [--ms=2000] [--size=32] [--json]
 *
 * "main" is the CPU time of the application's thread per echoed packet: decoding, signals and sending, and inline the
 * protocol, too. "process" is that of all threads. "messages" are those between the threads per 1000 packets.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { CPeer } from '../test/interop/libenet/cPeer.ts';
import { peer } from '../test/support/peers.ts';
import { buildServers, median, startServer } from './childServer.ts';

interface Sample {
  readonly cpuUs: number;
  readonly mainUs: number;
  readonly messages: number;
  readonly packetsPerSecond: number;
}

interface Setting {
  readonly peers: number;
  readonly pace: { readonly inflight: number } | { readonly rate: number };
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '3' },
    ms: { type: 'string', default: '2000' },
    size: { type: 'string', default: '32' },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);
const size = Number(values.size);

const MODES = ['inline', 'thread'] as const;
const SETTINGS: readonly Setting[] = [
  { peers: 64, pace: { inflight: 4 } },
  { peers: 64, pace: { rate: 30 } },
  { peers: 64, pace: { rate: 120 } },
];
const WARM_UP_MS = 2_000;

const { isMissing, note } = peer('libenet');
if (isMissing) {
  console.error(`bench/thread${note}`);
  process.exitCode = 1;
} else {
  await main();
}

async function main(): Promise<void> {
  buildServers();
  const rows = [];
  for (const { peers, pace } of SETTINGS) {
    const samples = { inline: [] as Sample[], thread: [] as Sample[] };
    for (let round = 0; round <= repeats; round++) {
      for (const mode of MODES) {
        const sample = await measure(mode, peers, round === 0 ? { inflight: 4 } : pace);
        if (round > 0) samples[mode].push(sample);
      }
    }
    for (const mode of MODES) {
      const pick = (key: keyof Sample): number => median(samples[mode].map((sample) => sample[key]));
      const row = {
        mode,
        peers,
        pace: 'rate' in pace ? `${pace.rate} each/s` : `${pace.inflight} under way`,
        packetsPerSecond: pick('packetsPerSecond'),
        mainUs: pick('mainUs'),
        cpuUs: pick('cpuUs'),
        messages: pick('messages'),
      };
      rows.push(row);
      if (!values.json) {
        console.log(
          `${peers} peers, ${row.pace.padEnd(12)} ${mode.padEnd(6)} ` +
            `${Math.round(row.packetsPerSecond).toLocaleString('en').padStart(7)} packets/s  ` +
            `main ${row.mainUs.toFixed(2).padStart(6)} us/packet  process ${row.cpuUs.toFixed(2).padStart(6)} us/packet  ` +
            `messages ${(row.messages * 1000).toFixed(0).padStart(4)}/1000`,
        );
      }
    }
  }
  const [load = 0] = loadavg();
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, load };
  console.log(values.json ? JSON.stringify({ bench: 'thread', machine, repeats, ms, size, rows }) : machine);
}

/** Echoes for `ms` after a warm-up, with a server and clients of its own. */
async function measure(mode: string, peers: number, pace: Setting['pace']): Promise<Sample> {
  const server = await startServer('threadServer', [String(peers), mode]);
  const clients = await CPeer.start('clients', 60);
  try {
    await clients.run('host', { count: peers, channels: 2 });
    await clients.run('connect', { host: 0, count: peers, port: server.port });
    for (let i = 0; i < peers; i++) await clients.inbox.wait('connect');
    await clients.run('load', { inflight: 4, ms: WARM_UP_MS, size });
    await clients.inbox.wait('load', {}, WARM_UP_MS + 5_000);
    const before = await server.usage();
    await clients.run('load', { ...pace, ms, size });
    const { roundTrips, us } = await clients.inbox.wait('load', {}, ms + 5_000);
    const after = await server.usage();
    return {
      packetsPerSecond: (roundTrips / us) * 1e6,
      mainUs: (after.mainUs - before.mainUs) / roundTrips,
      cpuUs: (after.cpuUs - before.cpuUs) / roundTrips,
      messages: (after.messages - before.messages) / roundTrips,
    };
  } finally {
    await clients.close();
    await server.close();
  }
}
