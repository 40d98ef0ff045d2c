/**
 * One server sends a small packet to all of its peers at a steady pace, as games do: clients of libenet connected to
 * our server, and the same clients connected to a server of libenet, in the same run, taking turns. Needs libenet and a C compiler.
 *
 *   npx tsx bench/broadcast.ts [--repeats=3] [--ms=2000] [--rate=20] [--size=32] [--peers=500,4000] [--json] [--only=PART]
 *                              [--profile=DIR]
 *
 * The figures are what the server process used (user and system, all its threads) for each packet that the applications of
 * the clients got, with everything that belongs to it: acknowledgements that came back, resends, pings, and the ticks
 * in between. Beside a row stands in microseconds per datagram what the server sent and received: fairer when a busy
 * machine loses datagrams of one server and not of the other. `rate` is in broadcasts per second; 4,000 peers get a quarter of it.
 *
 * "bare" is what the system alone takes for as many datagrams (`bareSend.c`): `sendmmsg` beside `sendmsg`, each with
 * the share of answers that mmsg or libenet had in the same round. "own part" is what is left of both: ours without `sendmmsg`,
 * libenet's without `sendmsg`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { NodeTransport } from '../src/node/nodeRuntime.ts';
import { compileC } from '../test/support/cc.ts';
import { peer } from '../test/support/peers.ts';
import { type Contestant, enter, type Load, leave, measureLoad, type Sample } from './broadcastLoad.ts';
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

/** Clients that share a socket: as many as its receive buffer holds datagrams for. */
const PEERS_PER_SOCKET = 250;
/** The compiler of Node takes its time: few peers are warmed up at a higher pace than the measured one. */
const WARM_UP_MS = 6_000;
const WARM_UP_SPEED = 2;
/** `datagramBytes` is what a datagram has beside the packet: its header, and that of the command. */
const KINDS = [
  { kind: 'unsequenced', flags: 2, datagramBytes: 2 + 8 },
  { kind: 'reliable', flags: 1, datagramBytes: 4 + 6 },
] as const;
/** Measured for `mmsg` only. */
const PARTS = ['', ', bare', ', own part'] as const;

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    repeats: { type: 'string', default: '3' },
    ms: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '20' },
    size: { type: 'string', default: '32' },
    peers: { type: 'string', default: '500,4000' },
    profile: { type: 'string' },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);
const size = Number(values.size);

const { isMissing, note } = peer('libenet');
if (isMissing) {
  console.error(`bench/broadcast${note}`);
  process.exitCode = 1;
} else {
  buildServer();
  const { cpu, node, load } = describeMachine();
  say(
    `broadcast of ${size}-byte packets, ${repeats} x ${ms} ms each; ${cpu}, ${node}, load ${load.toFixed(0)}`,
  );
  for (const peers of values.peers.split(',').map(Number)) await measureAll(peers);
}

/** All servers with one number of peers: the clients stay connected, the servers take turns. */
async function measureAll(peers: number): Promise<void> {
  const transports = TRANSPORTS.filter((name) => KINDS.some(({ kind }) => isAnyWanted(peers, kind, name)));
  if (transports.length === 0) return;
  const rate = peers >= 4000 ? Number(values.rate) / 4 : Number(values.rate);
  // Many peers warm up fast enough, and a faster pace would leave resends for the measured rounds.
  const warmUpRate = peers >= 4000 ? rate : rate * WARM_UP_SPEED;
  const sockets = Math.ceil(peers / PEERS_PER_SOCKET);
  const contestants: Contestant[] = [];
  try {
    contestants.push(await enter('libenet', await startTheirs(peers), peers, sockets));
    for (const name of transports)
      contestants.push(await enter(name, await startProfiled(peers, name), peers, sockets));
    for (const contestant of contestants) {
      for (const { flags } of KINDS)
        await measureLoad(contestant, { size, flags, rate: warmUpRate, ms: WARM_UP_MS });
    }
    for (const kind of KINDS) {
      if (transports.some((name) => isAnyWanted(peers, kind.kind, name)))
        await measureKind(contestants, kind, rate);
    }
  } finally {
    await leave(contestants);
  }
}

/** All servers with one kind of packets. */
async function measureKind(
  contestants: readonly Contestant[],
  { kind, flags, datagramBytes }: (typeof KINDS)[number],
  rate: number,
): Promise<void> {
  const load = { size, flags, rate, ms };
  const rounds = contestants.map((): Sample[] => []);
  const bareRounds = contestants.map((): number[] => []);
  const [{ peers } = { peers: 0 }] = contestants;
  const bareServers = new Set(isBareWanted(peers, kind) ? ['libenet', 'mmsg'] : []);
  for (let round = 0; round < repeats; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const sample = await measureLoad(contestant, load);
      rounds[i]?.push(sample);
      if (bareServers.has(contestant.name))
        bareRounds[i]?.push(measureBare(contestant, load, size + datagramBytes, sample));
    }
  }
  const [theirs = []] = rounds;
  const [theirBare = []] = bareRounds;
  for (const [i, { name }] of contestants.entries()) {
    const ours = rounds[i] ?? [];
    describe(rowName(peers, kind, name), ours);
    if (i === 0) continue;
    const row = { unit: 'us/packet', repeats };
    printRow({
      ...row,
      name: rowName(peers, kind, name),
      figure: median(ours.map(({ cpuUs }) => cpuUs)),
      peer: 'libenet',
      peerFigure: median(theirs.map(({ cpuUs }) => cpuUs)),
    });
    const bare = bareRounds[i] ?? [];
    if (bare.length === 0) continue;
    const own = (of: readonly Sample[], bareOf: readonly number[]): number =>
      median(of.map(({ cpuUs }, round) => cpuUs - (bareOf[round] ?? Number.NaN)));
    printRow({
      ...row,
      name: rowName(peers, kind, name, ', bare'),
      figure: median(bare),
      peer: 'sendmsg',
      peerFigure: median(theirBare),
    });
    printRow({
      ...row,
      name: rowName(peers, kind, name, ', own part'),
      figure: own(ours, bare),
      peer: 'libenet',
      peerFigure: own(theirs, theirBare),
    });
  }
}

/** Microseconds of CPU for each packet of a round, if there were nothing but its datagrams. */
function measureBare(
  { name, peers, sockets }: Contestant,
  load: Load,
  bytes: number,
  sample: Sample,
): number {
  const call = name === 'libenet' ? 'msg' : 'mmsg';
  const answers = sample.received / sample.sent;
  const args = [call, peers, sockets, bytes, load.rate, load.ms, answers];
  const program = compileC(fileURLToPath(new URL('bareSend.c', import.meta.url)), []);
  const { stdout, stderr, status } = spawnSync(program, args.map(String), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bareSend ${args.join(' ')}: ${stderr}`);
  const { us }: { readonly us: number } = JSON.parse(stdout);
  return (us * sample.sent) / sample.delivered;
}

function startProfiled(peers: number, name: NodeTransport): Promise<Server> {
  const { profile } = values;
  return startOurs(peers, name, {
    nodeOptions: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  });
}

function rowName(peers: number, kind: string, server: string, part: (typeof PARTS)[number] = ''): string {
  return `broadcast, ${peers} peers, ${kind}, ${server}${part}`;
}

function isAnyWanted(peers: number, kind: string, server: string): boolean {
  return isWanted(rowName(peers, kind, server)) || (server === 'mmsg' && isBareWanted(peers, kind));
}

function isBareWanted(peers: number, kind: string): boolean {
  return PARTS.slice(1).some((part) => isWanted(rowName(peers, kind, 'mmsg', part)));
}

/** What a row does not say. */
function describe(name: string, samples: readonly Sample[]): void {
  const spread = samples.map(({ cpuUs }) => cpuUs.toFixed(2)).join(' ');
  const middle = (key: keyof Sample): string => median(samples.map((sample) => sample[key])).toFixed(2);
  say(
    `${name}: ${spread} us; ${middle('cpuUsPerDatagram')} us/datagram, delivered ${middle('delivered')}, ` +
      `datagrams per packet: ${middle('sent')} out, ${middle('received')} in`,
  );
}
