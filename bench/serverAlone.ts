/**
 * What the core of a server costs by itself, beside libenet's: no sockets, no clients, a clock of its own. Datagrams of the
 * clients are made by hand, and only the calls into the server are measured. `serverAlone.c` does the same with the C
 * library, whose sockets it replaces. Needs libenet and a C compiler for that.
 *
 *   npx tsx bench/serverAlone.ts [--seconds=1] [--repeats=3] [--peers=500,4000] [--json] [--only=PART]
 *
 * Microseconds of CPU of the process, all threads, per packet with its acknowledgement; `idle`: per call of `service` while
 * nothing is due. Medians of the repeats, which take turns. And the bytes of garbage that ours makes for a packet, which do not
 * depend on what else the machine does.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileC } from '../test/support/cc.ts';
import { peer } from '../test/support/peers.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { buildServer, describeMachine, median } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    seconds: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '3' },
    peers: { type: 'string', default: '500,4000' },
  },
});

const ECHO_PEERS = '64';
const OUR_PROGRAM = fileURLToPath(new URL('../.build/bench/bench/serverAloneRun.js', import.meta.url));
const THEIR_SOURCE = fileURLToPath(new URL('serverAlone.c', import.meta.url));

const { isMissing, note } = peer('libenet');
if (isMissing) console.error(`bench/serverAlone${note}`);
const theirProgram = isMissing ? undefined : compileC(THEIR_SOURCE, ['enet']);
buildServer();
say(JSON.stringify(describeMachine()));
const repeats = Number(values.repeats);
for (const kind of ['unsequenced', 'reliable', 'echo', 'idle']) {
  for (const peers of kind === 'echo' ? [ECHO_PEERS] : values.peers.split(',')) measure(kind, peers);
}

function measure(kind: string, peers: string): void {
  const name = `server alone, ${kind}, ${peers} peers`;
  const garbageName = `${name}, garbage`;
  if (!isWanted(name) && !isWanted(garbageName)) return;
  const ours: Result[] = [];
  const theirs: Result[] = [];
  for (let round = 0; round < repeats; round++) {
    const args = [kind, peers, values.seconds];
    ours.push(run(process.execPath, [OUR_PROGRAM, ...args]));
    if (theirProgram !== undefined) theirs.push(run(theirProgram, args));
  }
  printRow({
    name,
    figure: median(ours.map(({ us }) => us)),
    unit: kind === 'idle' ? 'us/service' : 'us/packet',
    peer: 'libenet',
    peerFigure: theirs.length === 0 ? undefined : median(theirs.map(({ us }) => us)),
    repeats,
  });
  if (kind === 'idle') return;
  const figure = median(ours.map(({ garbageBytes }) => garbageBytes ?? Number.NaN));
  printRow({ name: garbageName, figure, unit: 'bytes/packet', repeats });
}

interface Result {
  readonly us: number;
  readonly garbageBytes?: number;
}

function run(program: string, args: readonly string[]): Result {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  const result: Result = JSON.parse(stdout);
  return result;
}
