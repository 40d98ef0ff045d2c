/**
 * One server sends packets of 64 KiB to a few peers, in fragments: clients of libenet connected to our server, and the same
 * clients connected to a server of libenet, in the same run, taking turns. Each peer has an address of its own, so what leaves for it
 * at once goes to one address: `mmsg` hands that to the system as one message (UDP_SEGMENT). Needs libenet and a C compiler.
 *
 *   npx tsx bench/fragments.ts [--repeats=3] [--ms=2000] [--rate=20] [--size=65536] [--peers=4] [--json] [--only=PART]
 *
 * The figures are what the server process used (user and system, all its threads) for each packet that an application got, with
 * acknowledgements and resends. `fragments to one address, mmsg` is of both kinds together, unreliable and reliable ones.
 */
import { parseArgs } from 'node:util';
import { peer } from '../test/support/peers.ts';
import { type Contestant, enter, leave, measureLoad, type Sample } from './broadcastLoad.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { buildServer, describeMachine, median, startOurs, startTheirs, TRANSPORTS } from './servers.ts';

const KINDS = [
  { kind: 'unreliable', flags: 8 },
  { kind: 'reliable', flags: 1 },
] as const;
/** The compiler of Node comes first. */
const WARM_UP_MS = 3_000;

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    repeats: { type: 'string', default: '3' },
    ms: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '20' },
    size: { type: 'string', default: '65536' },
    peers: { type: 'string', default: '4' },
  },
});
const repeats = Number(values.repeats);
const peers = Number(values.peers);
const load = { size: Number(values.size), rate: Number(values.rate), ms: Number(values.ms) };

const { isMissing, note } = peer('libenet');
if (isMissing) {
  console.error(`bench/fragments${note}`);
  process.exitCode = 1;
} else {
  await main();
}

async function main(): Promise<void> {
  const transports = TRANSPORTS.filter((server) =>
    ['', ...KINDS.map(({ kind }) => kind)].some((kind) => isWanted(rowName(kind, server))),
  );
  if (transports.length === 0) return;
  buildServer();
  const { cpu, node, load: machineLoad } = describeMachine();
  say(`${peers} peers, ${repeats} x ${load.ms} ms; ${cpu}, ${node}, load ${machineLoad.toFixed(0)}`);
  const contestants: Contestant[] = [];
  try {
    contestants.push(await enter('libenet', await startTheirs(peers), peers, peers));
    for (const name of transports)
      contestants.push(await enter(name, await startOurs(peers, name), peers, peers));
    await measureAll(contestants);
  } finally {
    await leave(contestants);
  }
}

async function measureAll(contestants: readonly Contestant[]): Promise<void> {
  const rounds = contestants.map(() => new Map<string, Sample[]>(KINDS.map(({ kind }) => [kind, []])));
  // The first round warms up.
  for (let round = 0; round <= repeats; round++) {
    for (const { kind, flags } of KINDS) {
      for (const [i, contestant] of contestants.entries()) {
        const sample = await measureLoad(contestant, {
          ...load,
          flags,
          ms: round === 0 ? WARM_UP_MS : load.ms,
        });
        if (round > 0) rounds[i]?.get(kind)?.push(sample);
      }
    }
  }
  const [theirs = new Map<string, Sample[]>()] = rounds;
  for (const [i, { name }] of contestants.entries()) {
    const ours = rounds[i] ?? theirs;
    for (const [kind, samples] of ours) {
      const spread = samples.map(({ cpuUs }) => cpuUs.toFixed(0)).join(' ');
      const delivered = samples.map((sample) => sample.delivered.toFixed(2)).join(' ');
      say(`${rowName(kind, name)}: ${spread} us, delivered ${delivered}`);
    }
    if (i === 0) continue;
    for (const kind of ['', ...ours.keys()]) {
      printRow({
        name: rowName(kind, name),
        figure: median(cpuOf(ours, kind)),
        unit: 'us/packet',
        peer: 'libenet',
        peerFigure: median(cpuOf(theirs, kind)),
        repeats,
      });
    }
  }
}

/** Microseconds per packet of each round: of one kind, or of all that were delivered. */
function cpuOf(samples: ReadonlyMap<string, readonly Sample[]>, kind: string): number[] {
  return Array.from({ length: repeats }, (_, round) => {
    let cpuUs = 0;
    let packets = 0;
    for (const [each, ofKind] of samples) {
      const sample = ofKind[round];
      if (sample === undefined || (kind !== '' && kind !== each)) continue;
      cpuUs += sample.cpuUs * sample.packets;
      packets += sample.packets;
    }
    return cpuUs / packets;
  });
}

function rowName(kind: string, server: string): string {
  return ['fragments to one address', kind, server].filter((part) => part !== '').join(', ');
}
