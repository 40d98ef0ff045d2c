/**
 * Echo of small reliable packets: clients of libenet against our server, and the same clients against a server of
 * libenet, in the same run. Needs libenet and a C compiler (see test/support/peers.ts).
 *
 *   npx tsx bench/echo.ts [--json] [--repeats=5] [--ms=2000] [--size=32]
 *
 * Each repeat measures both servers in turn; the figures are medians over the repeats. "cpu" is what the server
 * process used (user and system, all its threads) per echoed packet. The clients keep a fixed number of packets under
 * way, so packets per second are limited by whichever side is slower.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CPeer } from '../test/interop/libenet/cPeer.ts';
import { numberOf } from '../test/interop/libenet/numberOf.ts';
import { peer } from '../test/support/peers.ts';

interface Server {
  readonly port: number;
  /** CPU time of the process so far, in microseconds. */
  cpuUs(): Promise<number>;
  close(): Promise<void>;
}

interface Sample {
  readonly packetsPerSecond: number;
  readonly cpuUsPerPacket: number;
}

interface Row extends Sample {
  readonly server: 'libenet' | 'godot-enet';
  readonly peers: number;
  readonly inFlightPerPeer: number;
  readonly samples: readonly Sample[];
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '5' },
    ms: { type: 'string', default: '2000' },
    size: { type: 'string', default: '32' },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);
const size = Number(values.size);

/** Peers, and packets that each keeps under way: one is a datagram for each packet, several share datagrams. */
const SETTINGS = [
  { peers: 1, inFlightPerPeer: 1 },
  { peers: 1, inFlightPerPeer: 16 },
  { peers: 64, inFlightPerPeer: 1 },
  { peers: 64, inFlightPerPeer: 4 },
] as const;

const OUR_SERVER = fileURLToPath(new URL('../.build/bench/bench/echoServer.js', import.meta.url));

const { isMissing, note } = peer('libenet');
if (isMissing) {
  console.error(`bench/echo${note}`);
  process.exitCode = 1;
} else {
  await main();
}

async function main(): Promise<void> {
  buildServer();
  const rows: Row[] = [];
  for (const { peers, inFlightPerPeer } of SETTINGS) {
    const servers = { libenet: await startTheirs(peers), 'godot-enet': await startOurs(peers) };
    const samples: Record<keyof typeof servers, Sample[]> = { libenet: [], 'godot-enet': [] };
    try {
      // One round of warming up, then the measured ones, each with fresh clients.
      for (let round = 0; round <= repeats; round++) {
        for (const name of ['libenet', 'godot-enet'] as const) {
          const sample = await measure(servers[name], peers, inFlightPerPeer);
          if (round > 0) samples[name].push(sample);
        }
      }
    } finally {
      await Promise.all([servers.libenet.close(), servers['godot-enet'].close()]);
    }
    for (const server of ['libenet', 'godot-enet'] as const) {
      const list = samples[server];
      rows.push({
        server,
        peers,
        inFlightPerPeer,
        packetsPerSecond: median(list.map((sample) => sample.packetsPerSecond)),
        cpuUsPerPacket: median(list.map((sample) => sample.cpuUsPerPacket)),
        samples: list,
      });
    }
  }
  report(rows);
}

async function measure(server: Server, peers: number, inFlightPerPeer: number): Promise<Sample> {
  const client = await CPeer.start('clients', 60);
  try {
    await client.run('host', { count: peers });
    await client.run('connect', { port: server.port, count: peers });
    for (let i = 0; i < peers; i++) await client.inbox.wait('connect', { host: i });
    const before = await server.cpuUs();
    await client.run('load', { ms, size, inflight: inFlightPerPeer });
    const { roundTrips, us } = await client.inbox.wait('load', {}, ms + 10_000);
    const used = (await server.cpuUs()) - before;
    for (let i = 0; i < peers; i++) await client.run('disconnect', { host: i });
    for (let i = 0; i < peers; i++) await client.inbox.wait('disconnect', { host: i });
    return { packetsPerSecond: (roundTrips * 1e6) / us, cpuUsPerPacket: used / roundTrips };
  } finally {
    await client.close();
  }
}

async function startTheirs(peers: number): Promise<Server> {
  const process = await CPeer.start('libenet server', 600);
  const port = numberOf(await process.run('host', { bind: 1, peers }), 'port');
  await process.run('echo', { on: 1 });
  // The connections are not looked at here.
  return {
    port,
    cpuUs: async () => numberOf(await process.run('cpu'), 'cpuUs'),
    close: () => process.close(),
  };
}

async function startOurs(peers: number): Promise<Server> {
  const child = spawn(process.execPath, [OUR_SERVER, String(peers)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (key: 'port' | 'cpuUs'): Promise<number> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('our server ended early');
    const answer: Record<string, number> = JSON.parse(value);
    return numberOf(answer, key);
  };
  const port = await next('port');
  return {
    port,
    cpuUs: () => {
      child.stdin.write('cpu\n');
      return next('cpuUs');
    },
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** Our server is measured as it ships: compiled by tsc. */
function buildServer(): void {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  const config = fileURLToPath(new URL('tsconfig.json', import.meta.url));
  const result = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`tsc failed:\n${result.stdout}`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function report(rows: readonly Row[]): void {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
  if (values.json) {
    console.log(JSON.stringify({ bench: 'echo', machine, repeats, ms, size, rows }, undefined, 2));
    return;
  }
  console.log(
    `echo of ${size}-byte reliable packets, ${repeats} x ${ms} ms each; ${machine.cpu}, ${machine.node}`,
  );
  for (const row of rows) {
    const spread = row.samples.map((sample) => sample.cpuUsPerPacket.toFixed(1)).join(' ');
    console.log(
      `${String(row.peers).padStart(3)} peers x ${String(row.inFlightPerPeer).padStart(2)}  ${row.server.padEnd(10)}  ` +
        `${Math.round(row.packetsPerSecond).toLocaleString('en').padStart(8)} packets/s  ` +
        `${row.cpuUsPerPacket.toFixed(2).padStart(6)} us cpu/packet  (${spread})`,
    );
  }
}
