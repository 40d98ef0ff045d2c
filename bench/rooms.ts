/**
 * What rooms cost: empty ones, ones in which nobody moves, and busy ones over ENet on 127.0.0.1; joins, moves between rooms; what rooms cost
 * above the bare SceneMultiplayer. Linux only. How to read it: docs/benchmarks.md, "Rooms".
 *
 *   npx tsx bench/rooms.ts [--rooms=200] [--players=8] [--ms=60000] [--idle=1000] [--only=TEXT] [--json] [--profile=FOLDER]
 *
 * Parts, for `--only`: `empty`, `moves`, `busy`, `echo`, `bare`. The server process alone is measured; players are in one of their own, and
 * repeat what real clients have said once. A tick is that of one room. `--profile` lets the server write a `.cpuprofile`.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { numberOf } from '../test/interop/libenet/numberOf.ts';
import { peer } from '../test/support/peers.ts';
import { buildServers, median } from './childServer.ts';
import { describeMachine, startOurs, startTheirs, TRANSPORTS } from './servers.ts';

const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: '200' },
    players: { type: 'string', default: '8' },
    ms: { type: 'string', default: '60000' },
    idle: { type: 'string', default: '1000' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const [rooms = 0, perRoom = 0, ms = 0, idle = 0] = [values.rooms, values.players, values.ms, values.idle].map(
  Number,
);
const TICK_HZ = 20;
const SETTLE_MS = 2000;
/** Rooms of the part with moves, whose clients are real. */
const MOVING_ROOMS = 25;
const MOVES = 2000;

/** One line of the table. */
interface Row {
  readonly what: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** A program that answers each line with one. */
class Program {
  /** Its first line. */
  readonly first: Promise<Record<string, number>>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;

  constructor(name: string, args: readonly (string | number)[], nodeOptions: readonly string[] = []) {
    const script = fileURLToPath(new URL(`../.build/bench/bench/${name}.js`, import.meta.url));
    this.#child = spawn(process.execPath, [...nodeOptions, script, ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.first = this.#next(name);
  }

  ask(line: string): Promise<Record<string, number>> {
    this.#child.stdin.write(`${line}\n`);
    return this.#next(line);
  }

  close(): Promise<void> {
    this.#child.stdin.end();
    return this.#ended;
  }

  async #next(what: string): Promise<Record<string, number>> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`it ended early: ${what}`);
    return JSON.parse(value);
  }
}

function startServer(transport: string, players = perRoom): Program {
  const profile = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  return new Program('roomsServer', [transport, players], ['--expose-gc', ...profile]);
}

/** What a server does in a while: the differences of its counters, and seconds. */
async function during(
  server: { ask(line: string): Promise<Record<string, number>> },
  forMs: number,
): Promise<{ readonly after: Record<string, number>; per(name: string): number }> {
  const before = await server.ask('usage');
  await sleep(forMs);
  const after = await server.ask('usage');
  const of = (name: string): number => numberOf(after, name) - numberOf(before, name);
  const seconds = of('ms') / 1000;
  return { after, per: (name) => of(name) / seconds };
}

/** Empty rooms: what each takes above a server without rooms. */
async function empty(transport: string): Promise<Row> {
  const server = startServer(transport);
  await server.first;
  await sleep(SETTLE_MS);
  const none = await during(server, 5000);
  const before = numberOf(await server.ask('memory'), 'heldBytes');
  await server.ask(`rooms ${idle}`);
  await sleep(SETTLE_MS);
  const many = await during(server, 5000);
  const after = numberOf(await server.ask('memory'), 'heldBytes');
  await server.close();
  const cpuUsPerSec = many.per('cpuUs') - none.per('cpuUs');
  return {
    what: `${idle} empty rooms, ${transport}`,
    figures: {
      cpuPercent: cpuUsPerSec / 1e4,
      usPerTick: cpuUsPerSec / many.per('ticks'),
      pollsPerSec: many.per('polls'),
      kibPerRoom: (after - before) / idle / 1024,
      ...lateOf(many),
    },
  };
}

function lateOf({ after, per }: Awaited<ReturnType<typeof during>>): Record<string, number> {
  const late = (name: string): number => numberOf(after, name);
  return {
    lateP50Ms: late('lateP50Ms'),
    lateP99Ms: late('lateP99Ms'),
    worstP99Ms: late('lateWorstP99Ms'),
    skippedPerSec: per('skippedTicks'),
  };
}

/** Lets everybody come. @returns CPU of the server for each in microseconds, and how many came in a second. */
async function fill(
  server: Program,
  players: number,
  mode: string,
): Promise<{ readonly clients: Program; readonly usPerJoin: number; readonly perSec: number }> {
  const port = numberOf(await server.first, 'port');
  const clients = new Program('roomsClients', [port, players, mode]);
  await clients.first;
  const come = async (count: number): Promise<Record<string, number>> => {
    await clients.ask(`connect ${count}`);
    for (let tries = 0; numberOf(await clients.ask('in'), 'in') < count; tries++) {
      if (tries > 1200) throw new Error(`only ${numberOf(await clients.ask('in'), 'in')} players came`);
      await sleep(250);
    }
    return server.ask('usage');
  };
  // Compiled before it is measured, and without what goes on beside it.
  const half = players >> 1;
  await come(half);
  const idleBefore = await during(server, SETTLE_MS);
  const from = await server.ask('usage');
  const after = await come(players);
  const idleAfter = await during(server, SETTLE_MS);
  const joinMs = numberOf(after, 'ms') - numberOf(from, 'ms');
  const besideUs = ((idleBefore.per('cpuUs') + idleAfter.per('cpuUs')) / 2) * (joinMs / 1000);
  const cpuUs = numberOf(after, 'cpuUs') - numberOf(from, 'cpuUs') - besideUs;
  return { clients, usPerJoin: cpuUs / (players - half), perSec: (players - half) / (joinMs / 1000) };
}

/** Real clients come, and go from room to room. */
async function moves(transport: string): Promise<Row[]> {
  const server = startServer(transport);
  await server.first;
  await server.ask(`rooms ${MOVING_ROOMS}`);
  const players = MOVING_ROOMS * perRoom;
  const { clients, usPerJoin } = await fill(server, players, 'live');
  const resting = await during(server, 3000);
  const moved = await server.ask(`moves ${MOVES}`);
  await clients.close();
  await server.close();
  // What goes on beside it is not theirs.
  const cpuUs = numberOf(moved, 'cpuUs') - (resting.per('cpuUs') * numberOf(moved, 'ms')) / 1000;
  const usPerMove = cpuUs / MOVES;
  return [
    {
      what: `joins of ${players} clients, ${transport}`,
      figures: { us: usPerJoin, perCoreSec: 1e6 / usPerJoin },
    },
    {
      what: `moves of ${players} clients, ${transport}`,
      figures: { us: usPerMove, perCoreSec: 1e6 / usPerMove },
    },
  ];
}

/** Rooms with players who rest, and then move. */
async function busy(transport: string): Promise<Row[]> {
  const server = startServer(transport);
  await server.first;
  const before = numberOf(await server.ask('memory'), 'heldBytes');
  await server.ask(`rooms ${rooms}`);
  const players = rooms * perRoom;
  const { clients, usPerJoin, perSec } = await fill(server, players, 'repeat');
  await sleep(SETTLE_MS);
  const resting = await during(server, Math.min(ms, 5000));
  await server.ask('play');
  await clients.ask('play');
  await sleep(SETTLE_MS);
  const clientsBefore = await clients.ask('in');
  const playing = await during(server, ms);
  const clientsAfter = await clients.ask('in');
  const ofClients = (name: string): number => numberOf(clientsAfter, name) - numberOf(clientsBefore, name);
  const { rssBytes = 0, heldBytes = 0 } = await server.ask('memory');
  await clients.close();
  await server.close();
  const load = ({ per }: typeof playing): Record<string, number> => ({
    cpuPercent: per('cpuUs') / 1e4,
    usPerTick: per('cpuUs') / per('ticks'),
    ticksPerSec: per('ticks'),
    pollsPerSec: per('polls'),
    datagramsIn: per('datagramsReceived'),
    datagramsOut: per('datagramsSent'),
    usPerDatagram: per('cpuUs') / (per('datagramsReceived') + per('datagramsSent')),
  });
  const what = `${rooms} rooms of ${perRoom}`;
  return [
    {
      what: `joins of ${players} players, ${transport}`,
      figures: { us: usPerJoin, perCoreSec: 1e6 / usPerJoin, perSec },
    },
    { what: `${what}, nobody moves, ${transport}`, figures: load(resting) },
    {
      what: `${what}, all move, ${transport}`,
      figures: {
        ...load(playing),
        bytesOut: playing.per('bytesSent'),
        callsIn: playing.per('calls'),
        kibPerRoom: (heldBytes - before) / rooms / 1024,
        rssMib: rssBytes / 2 ** 20,
        ...lateOf(playing),
        clientsPercent: ofClients('cpuUs') / ms / 10,
        lostClients: ofClients('lost'),
      },
    },
  ];
}

/** As many peers that send as often to a server that sends each packet back: what ENet and the system take of it. */
async function echo(name: string): Promise<Row> {
  const players = rooms * perRoom;
  const server = await (name === 'libenet' ? startTheirs(players) : startOurs(players, name as 'dgram'));
  const clients = new Program('roomsClients', [server.port, players, 'echo', ECHO_BYTES]);
  await clients.first;
  await clients.ask(`connect ${players}`);
  for (let tries = 0; numberOf(await clients.ask('in'), 'in') < players; tries++) {
    if (tries > 400) throw new Error('not everybody is connected');
    await sleep(250);
  }
  await clients.ask('play');
  await sleep(SETTLE_MS);
  const before = { ...(await server.usage()), at: performance.now() };
  await sleep(Math.min(ms, 10_000));
  const after = { ...(await server.usage()), at: performance.now() };
  await clients.close();
  await server.close();
  const seconds = (after.at - before.at) / 1000;
  const cpuUs = after.cpuUs - before.cpuUs;
  const datagramsIn = after.receivedPackets - before.receivedPackets;
  const datagramsOut = after.sentPackets - before.sentPackets;
  return {
    what: `echo of ${players} peers, ${ECHO_BYTES} bytes, ${name}`,
    figures: {
      cpuPercent: cpuUs / seconds / 1e4,
      datagramsIn: datagramsIn / seconds,
      datagramsOut: datagramsOut / seconds,
      usPerDatagram: cpuUs / (datagramsIn + datagramsOut),
    },
  };
}

/** The same games in memory, in rooms and without, in turns. */
async function bare(): Promise<Row[]> {
  const samples = { bare: [] as number[], rooms: [] as number[] };
  for (let round = 0; round < 3; round++)
    for (const mode of ['bare', 'rooms'] as const) {
      const program = new Program('roomsBare', [mode, rooms, perRoom, BARE_TICKS]);
      samples[mode].push(numberOf(await program.first, 'cpuUs') / BARE_TICKS / rooms);
      await program.close();
    }
  const [without, within] = [median(samples.bare), median(samples.rooms)];
  return [
    { what: 'in memory, a SceneMultiplayer each', figures: { usPerTick: without } },
    { what: 'in memory, in rooms', figures: { usPerTick: within, ratio: within / without } },
  ];
}

/** About what a room says to a player in a tick. */
const ECHO_BYTES = 200;
const BARE_TICKS = 200;

buildServers();
const parts: readonly [name: string, measure: () => Promise<Row | readonly Row[]>][] = [
  ['empty', () => empty('dgram')],
  ['moves', () => moves(TRANSPORTS[0] ?? 'dgram')],
  ...TRANSPORTS.map((transport) => [`busy ${transport}`, () => busy(transport)] as const).map(
    ([name, measure]): [string, () => Promise<readonly Row[]>] => [name, measure],
  ),
  ...[...TRANSPORTS, ...(peer('libenet').isMissing ? [] : ['libenet'])].map(
    (name): [string, () => Promise<Row>] => [`echo ${name}`, () => echo(name)],
  ),
  ['bare', bare],
];
const rows: Row[] = [];
for (const [name, measure] of parts) {
  if (!name.includes(values.only)) continue;
  const made = [await measure()].flat();
  rows.push(...made);
  if (!values.json) for (const { what, figures } of made) console.log(lineOf(what, figures));
}
const machine = { ...describeMachine(), tickHz: TICK_HZ };
console.log(values.json ? JSON.stringify({ bench: 'rooms', machine, rooms, perRoom, ms, rows }) : machine);

function lineOf(what: string, figures: Row['figures']): string {
  const parts = Object.entries(figures).map(
    ([name, value]) => `${name} ${value.toFixed(Math.abs(value) < 100 ? 2 : 0)}`,
  );
  return `${what.padEnd(44)} ${parts.join(', ')}`;
}
