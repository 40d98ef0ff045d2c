/**
 * An ENetServer that echoes small reliable packets, with its host in the application's thread and in one of its own, for
 * clients of libenet. Linux only; needs libenet and a C compiler (see test/support/peers.ts).
 *
 *   npx tsx bench/thread.ts [--repeats=3] [--ms=2000] [--size=32] [--json] [--only=PART]
 *
 * "main thread" is the CPU time of the application's thread per echoed packet: decoding, signals and sending, and inline the
 * protocol, too. "whole process" is that of all threads. Both beside the same server inline, in turns.
 */
import { parseArgs } from 'node:util';
import { CPeer } from '../test/interop/libenet/cPeer.ts';
import { peer } from '../test/support/peers.ts';
import { buildServers, startServer } from './childServer.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine, median } from './servers.ts';

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
    ...ROW_FLAGS,
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
const ROWS = [
  ['main thread', 'mainUs'],
  ['whole process', 'cpuUs'],
] as const;
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
  say(JSON.stringify(describeMachine()));
  for (const setting of SETTINGS) {
    if (ROWS.some(([part]) => isWanted(rowName(setting, part)))) await measureSetting(setting);
  }
}

/** Both modes with one load, in turns. */
async function measureSetting(setting: Setting): Promise<void> {
  const { peers, pace } = setting;
  const samples = { inline: [] as Sample[], thread: [] as Sample[] };
  for (let round = 0; round <= repeats; round++) {
    for (const mode of MODES) {
      const sample = await measure(mode, peers, round === 0 ? { inflight: 4 } : pace);
      if (round > 0) samples[mode].push(sample);
    }
  }
  const pick = (mode: keyof typeof samples, key: keyof Sample): number =>
    median(samples[mode].map((sample) => sample[key]));
  for (const mode of MODES) {
    const perSecond = Math.round(pick(mode, 'packetsPerSecond')).toLocaleString('en');
    const messages = (pick(mode, 'messages') * 1000).toFixed(0);
    say(`${rowName(setting, mode)}: ${perSecond} packets/s, ${messages} messages between threads per 1,000`);
  }
  for (const [part, key] of ROWS) {
    printRow({
      name: rowName(setting, part),
      figure: pick('thread', key),
      unit: 'us/packet',
      peer: 'inline',
      peerFigure: pick('inline', key),
      repeats,
    });
  }
}

function rowName({ peers, pace }: Setting, part: string): string {
  const load = 'rate' in pace ? `${pace.rate} each/s` : `${pace.inflight} under way`;
  return `thread, ${peers} peers, ${load}, ${part}`;
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
