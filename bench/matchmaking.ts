/**
 * What a tick of a Matchmaker costs with many waiting tickets, by what they look like.
 *
 *   npx tsx bench/matchmaking.ts [--tickets=10000] [--ticks=60] [--only=TEXT] [--json]
 *
 * Times are the CPU of `tick` in ms, one tick every 100 ms of the matchmaker's time, with states told every second: the first tick, in
 * which all tickets are new, and of the others the median, what 99 of 100 stay below, and the longest. They are of the thread that calls
 * `tick`, which is what a game waits for, where Linux tells (`schedstat`); "all" is the longest of all ticks in all threads of the process: those
 * that compile and that help the collector of garbage, too. "matched" counts tickets. The same with a tenth of the tickets says how it
 * grows. In the rows with "hostile" the tickets are chosen to cost the most.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Matchmaker, type MatchQueueOptions, type MatchTicket } from '../src/rooms.ts';
import { randomOf } from '../test/matchmaking/random.ts';
import { describeMachine, median } from './servers.ts';

/** A load: a queue, who waits at first, and who comes before each tick. */
interface Load {
  readonly name: string;
  readonly queue: MatchQueueOptions;
  readonly ticket: (
    i: number,
    random: () => number,
  ) => Omit<MatchTicket, 'id' | 'queue' | 'players'> & { size?: number };
  /** New tickets before each tick, as a share of those that wait at first. */
  readonly arrivals?: number;
}

const each = { by: 10, everyMs: 100, max: 5000 };
const bell = (random: () => number): number =>
  Math.round(1500 + 350 * (random() + random() + random() - 1.5) * 2);
const partySize = (random: () => number): number => [1, 1, 1, 1, 2, 2, 3, 5][Math.floor(random() * 8)] ?? 1;
const oneOf = (list: readonly string[], random: () => number): string =>
  list[Math.floor(random() * list.length)] ?? '';
const REGIONS = ['eu', 'us', 'asia', 'sa', 'oce', 'af'];
const MAPS = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];

const LOADS: readonly Load[] = [
  {
    name: 'duel, all meet at once',
    queue: { teams: 2, playersPerTeam: 1, numbers: { skill: { range: 50, widen: each } } },
    ticket: (_, random) => ({ numbers: { skill: bell(random) } }),
    arrivals: 0.02,
  },
  {
    name: '5 against 5, parties, 2 % come each tick',
    queue: { teams: 2, playersPerTeam: 5, numbers: { skill: { range: 50, widen: each } }, balance: 'skill' },
    ticket: (_, random) => ({ numbers: { skill: bell(random) }, size: partySize(random) }),
    arrivals: 0.02,
  },
  {
    name: 'nobody near, all widen each tick',
    queue: { teams: 2, playersPerTeam: 1, numbers: { skill: { range: 50, widen: each } } },
    ticket: (i) => ({ numbers: { skill: i * 10_001 } }),
  },
  {
    name: 'room of 100, 99 near, all widen',
    queue: { playersPerTeam: 100, numbers: { skill: { range: 50, widen: each } } },
    ticket: (i) => ({ numbers: { skill: Math.floor(i / 99) * 10_100 + (i % 99) } }),
  },
  {
    name: 'pairs do not fill teams of 3, all widen',
    queue: { teams: 2, playersPerTeam: 3, numbers: { skill: { range: 50, widen: each } } },
    ticket: (_, random) => ({ numbers: { skill: bell(random) }, size: 2 }),
  },
  {
    name: 'the same, single players far away',
    queue: { teams: 2, playersPerTeam: 3, numbers: { skill: { range: 50, widen: each } } },
    ticket: (i, random) => ({
      numbers: { skill: i % 20 === 0 ? i * 10_001 : bell(random) },
      size: i % 20 === 0 ? 1 : 2,
    }),
  },
  {
    name: '6 texts in lists, 3 numbers, parties, 2 % come',
    queue: {
      ...{ teams: 2, playersPerTeam: 4, minPlayersPerTeam: 2, smallerAfterMs: 5000 },
      strings: { region: {}, map: { values: MAPS }, mode: {}, version: {}, input: {}, language: {} },
      numbers: {
        skill: { range: 50, widen: each },
        ping: { range: 20, widen: each },
        level: { range: 5, widen: each },
      },
    },
    ticket: (_, random) => ({
      size: partySize(random) % 5 || 4,
      strings: {
        region: [oneOf(REGIONS, random), oneOf(REGIONS, random)],
        map: [oneOf(MAPS, random), oneOf(MAPS, random), oneOf(MAPS, random)],
        mode: oneOf(['ctf', 'dm', 'koth'], random),
        version: oneOf(['1.0', '1.1'], random),
        input: oneOf(['pad', 'mouse'], random),
        language: oneOf(['en', 'de', 'fr'], random),
      },
      numbers: { skill: bell(random), ping: Math.round(random() * 200), level: Math.round(random() * 60) },
    }),
    arrivals: 0.02,
  },
  {
    name: 'two numbers, each alike for half, all widen',
    queue: {
      teams: 2,
      playersPerTeam: 1,
      numbers: { a: { range: 50, widen: each }, b: { range: 50, widen: each } },
    },
    ticket: (i) => ({
      numbers: i % 2 === 0 ? { a: 0, b: 1e4 + i * 10_001 } : { a: -1e4 - i * 10_001, b: 0 },
    }),
  },
  {
    name: 'hostile: pairs accept all, no single player them',
    queue: {
      teams: 1,
      playersPerTeam: 3,
      numbers: { skill: { range: 1e9, widen: { by: 1, everyMs: 100 } } },
    },
    ticket: (i) =>
      i % 2 === 0
        ? { numbers: { skill: i }, size: 2 }
        : { numbers: { skill: { value: i, maxRange: 0 } }, size: 1 },
  },
  {
    name: 'hostile: 64 combinations of texts each, all widen',
    queue: {
      ...{ teams: 2, playersPerTeam: 5, numbers: { skill: { range: 50, widen: each } } },
      strings: { region: {}, map: {} },
    },
    ticket: (i, random) => ({
      numbers: { skill: (i % 8) * 1e6 + i },
      strings: {
        region: Array.from({ length: 8 }, (_, j) => `r${(Math.floor(random() * 40) + j * 40) % 320}`),
        map: Array.from({ length: 8 }, (_, j) => `m${(Math.floor(random() * 2) + j * 2) % 16}`),
      },
    }),
  },
  {
    name: 'hostile: 5 against 5, any three do not accept each other',
    queue: { teams: 2, playersPerTeam: 5, numbers: { skill: { range: 0, widen: each } } },
    ticket: (i) => ({
      numbers: { skill: { value: (i % 100) * 7, maxRange: 7 + (i % 3) * 7 } },
      size: 3 - (i % 3 === 0 ? 1 : 0),
    }),
  },
];

interface Row {
  readonly name: string;
  readonly tickets: number;
  readonly firstMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly allMs: number;
  readonly matched: number;
  readonly waiting: number;
  readonly cutSearches: number;
  readonly cutTicks: number;
}

const SCHEDSTAT = `/proc/self/task/${process.pid}/schedstat`;
const TELLS_THREADS = existsSync(SCHEDSTAT);

/** CPU in ms so far: of this thread, and of the process. */
function cpuNow(): { readonly own: number; readonly all: number } {
  const { user, system } = process.cpuUsage();
  const all = (user + system) / 1000;
  return { own: TELLS_THREADS ? Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[0]) / 1e6 : all, all };
}

function measure({ name, queue, ticket, arrivals = 0 }: Load, tickets: number, ticks: number): Row {
  const matchmaker = new Matchmaker({ queues: { game: queue }, limits: { maxTickets: 10 * tickets } });
  const random = randomOf(1);
  let count = 0;
  let matched = 0;
  let allMs = 0;
  const enter = (now: number): void => {
    const id = `t${count}`;
    const { size = 1, ...rest } = ticket(count, random);
    count++;
    const players = Array.from({ length: size }, (_, i) => `${id}.${i}`);
    const added = matchmaker.add({ id, queue: 'game', players, ...rest }, now);
    if (!added.ok) throw new Error(`${name}: ${added.reason} ${added.property}`);
  };
  const tick = (now: number): number => {
    const began = cpuNow();
    const { matches } = matchmaker.tick(now);
    const { own, all } = cpuNow();
    allMs = Math.max(allMs, all - began.all);
    for (const { teams } of matches) for (const team of teams) matched += team.tickets.length;
    return own - began.own;
  };
  // They came over the last second.
  for (let i = 0; i < tickets; i++) enter(Math.floor((i * 1000) / tickets));
  const firstMs = tick(1000);
  const times: number[] = [];
  for (let i = 1; i <= ticks; i++) {
    const now = 1000 + 100 * i;
    for (let j = 0; j < arrivals * tickets; j++) enter(now - 1);
    times.push(tick(now));
  }
  times.sort((a, b) => a - b);
  const { cutSearches, cutTicks } = matchmaker.statistics('game');
  return {
    ...{ name, tickets, firstMs, medianMs: median(times), maxMs: times.at(-1) ?? Number.NaN, allMs },
    p99Ms: times[Math.floor(0.99 * times.length)] ?? Number.NaN,
    ...{ matched, waiting: matchmaker.size, cutSearches, cutTicks },
  };
}

const { values } = parseArgs({
  options: {
    tickets: { type: 'string' },
    ticks: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const tickets = Number(values.tickets ?? 10_000);
const ticks = Number(values.ticks ?? 60);
const loads = LOADS.filter(({ name }) => name.includes(values.only ?? ''));
for (const load of loads) measure(load, Math.ceil(tickets / 10), 5); // compiled before it is measured
const rows = loads.flatMap((load) => [
  measure(load, Math.ceil(tickets / 10), ticks),
  measure(load, tickets, ticks),
]);
if (values.json === true) process.stdout.write(`${JSON.stringify({ ticks, rows })}\n`);
else {
  const line = (...cells: readonly (string | number)[]): string =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(58) : String(cell).padStart(10))).join('');
  const machine = describeMachine();
  const lines = [
    `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, load ${machine.load.toFixed(1)}; ${ticks} ticks, ms`,
    line(
      '',
      'tickets',
      'first',
      'median',
      '99 %',
      'longest',
      'all',
      'matched',
      'waiting',
      'cut',
      'cut ticks',
    ),
    ...rows.map((row) =>
      line(
        ...[row.name, row.tickets],
        ...[row.firstMs, row.medianMs, row.p99Ms, row.maxMs, row.allMs].map((ms) => ms.toFixed(2)),
        ...[row.matched, row.waiting, row.cutSearches, row.cutTicks],
      ),
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
