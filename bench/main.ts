/**
 * All benches that matter, one after the other in processes of their own, with short settings, and one table of their rows: some
 * nine minutes. `bench/README.md` tells how to read it.
 *
 *   npm run bench -- [--json=FILE] [--only=PART] [--bench=NAME] [--engine]
 *
 * `--json` writes the rows to a file, which `npm run bench:compare` reads. `--bench` runs some of them, `--only` (which is given to each
 * bench) measures the rows whose names contain it; both may be given more than once. `--engine`: the official Godot 4.6 (its web build) as
 * well. A bench that fails, takes too long or lacks its peer says so in its rows; the exit code is 1 when one failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mmsgProblem } from '../src/io/mmsg.ts';
import { PEERS, type PeerName } from '../test/support/peers.ts';
import type { Results } from './compare.ts';
import { GOALS } from './goals.ts';
import type { Row } from './row.ts';
import { describeMachine } from './servers.ts';
import { type Absent, absentRows, countGoals, formatTable } from './table.ts';

interface Bench {
  /** Its file. */
  readonly name: string;
  /** What the names of its rows begin with. */
  readonly prefix: string;
  /** Settings that take little time. */
  readonly args: readonly string[];
  /** Which of its rows, when `--only` does not say it. */
  readonly only?: readonly string[];
  /** A live peer without which it has nothing to say. */
  readonly needs?: PeerName;
  /** It takes `--engine`. */
  readonly hasEngine?: boolean;
}

/** In the order of the table. */
const BENCHES: readonly Bench[] = [
  { name: 'echo', prefix: 'echo, ', args: ['--repeats=3', '--ms=700'], needs: 'libenet' },
  { name: 'broadcast', prefix: 'broadcast, ', args: ['--repeats=3', '--ms=1000'], needs: 'libenet' },
  { name: 'fragments', prefix: 'fragments ', args: ['--repeats=3', '--ms=700'], needs: 'libenet' },
  { name: 'serverAlone', prefix: 'server alone, ', args: ['--repeats=3', '--seconds=0.3', '--peers=500'] },
  { name: 'thread', prefix: 'thread, ', args: ['--ms=1000'], only: ['4 under way'], needs: 'libenet' },
  { name: 'dtls', prefix: 'dtls, ', args: ['--repeats=3', '--ms=200'] },
  {
    name: 'codec',
    prefix: 'codec, ',
    args: ['--rounds=9'],
    only: ['packed array', 'shape', 'Dictionary', 'Dictionaries'],
    hasEngine: true,
  },
  { name: 'syncStep', prefix: 'sync step, ', args: ['--steps=40'], hasEngine: true },
  { name: 'idleMemory', prefix: 'memory, ', args: ['--peers=500,2000'] },
  { name: 'idle', prefix: 'idle, ', args: ['--ms=8000'], only: ['no peer', 'inline'] },
  {
    name: 'consolePage',
    prefix: 'console, ',
    args: ['--seconds=6', '--minutes=0'],
    needs: 'chromium',
  },
  { name: 'console', prefix: 'console server, ', args: ['--seconds=3'] },
  { name: 'start', prefix: 'start, ', args: ['--repeats=11'] },
];
/** Of one bench. A quiet machine needs a third for the longest. */
const LIMIT_MS = 400_000;

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    bench: { type: 'string', multiple: true, default: [] },
    engine: { type: 'boolean', default: false },
  },
});
const unknown = values.bench.find((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown !== undefined) {
  console.error(`--bench="${unknown}" expected one of ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const began = performance.now();
const entries: (Row | Absent)[] = [];
const expected = Object.keys(GOALS).filter(
  (name) => values.only.length === 0 || values.only.some((part) => name.includes(part)),
);
const noMmsg = mmsgProblem();

for (const bench of BENCHES) {
  if (values.bench.length > 0 && !values.bench.includes(bench.name)) continue;
  const missing = bench.needs === undefined ? undefined : PEERS[bench.needs];
  const { rows, failure } =
    missing === undefined || missing.isInstalled()
      ? await run(bench)
      : { rows: [], failure: `skipped: needs ${missing.what}; ${missing.install}` };
  entries.push(...rows, ...absentRows(bench, expected, rows, (name) => failure ?? whyAbsent(name)));
}
for (const line of formatTable(entries)) console.log(line);
const { cpu, cores, node, load } = describeMachine();
const machine = `${cores} cores, ${cpu}`;
console.log(
  `\n${countGoals(entries)}; ${secondsSince(began)} s; ${machine}, Node ${node.slice(1)}, load ${load.toFixed(1)}`,
);
if (values.json !== undefined) {
  const date = new Date().toISOString().slice(0, 10);
  const rows = entries.filter((entry): entry is Row => 'figure' in entry);
  const absent = entries.filter((entry): entry is Absent => 'why' in entry);
  const results: Results = { node: node.slice(1), machine, date, rows, absent };
  writeFileSync(values.json, `${JSON.stringify(results, undefined, 1)}\n`);
}

/** The rows of one bench, and what went wrong. What else it says goes through. */
async function run({ name, args, only, hasEngine }: Bench): Promise<{ rows: Row[]; failure?: string }> {
  const program = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const parts = values.only.length === 0 ? (only ?? []) : values.only;
  const flags = [
    ...parts.map((part) => `--only=${part}`),
    ...(hasEngine && values.engine ? ['--engine'] : []),
  ];
  const start = performance.now();
  console.error(`${name} ...`);
  const child = spawn(process.execPath, ['--import', 'tsx', program, '--json', ...args, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own: what a bench has started ends with it.
    detached: true,
  });
  const ended = once(child, 'close');
  const killAll = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killAll();
  }, LIMIT_MS);
  const interrupt = (): void => {
    killAll();
    process.exit(130);
  };
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, interrupt);
  const rows: Row[] = [];
  let stray: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const row = rowOf(line);
    if (row === undefined) stray ??= line;
    else rows.push(row);
  }
  const [code, signal] = await ended;
  clearTimeout(timer);
  for (const name of ['SIGINT', 'SIGTERM']) process.off(name, interrupt);
  console.error(`${name}: ${secondsSince(start)} s, ${rows.length} rows\n`);
  if (code === 0 && stray === undefined) return { rows };
  process.exitCode = 1;
  const failure = isLate
    ? `not within ${LIMIT_MS / 1000} s`
    : code === 0
      ? `printed what is no row: ${stray}`
      : `exit code ${code ?? signal}`;
  return { rows, failure: `failed: ${failure}` };
}

/** A line of a bench as a row; undefined when it is none, or was cut off. */
function rowOf(line: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isRow = typeof value === 'object' && value !== null && 'name' in value && 'figure' in value;
    return isRow ? (value as Row) : undefined;
  } catch {
    return undefined;
  }
}

/** Why a bench that ended well has not printed a row. */
function whyAbsent(name: string): string {
  if (name.includes('mmsg') && noMmsg !== undefined) return `skipped: mmsg: ${noMmsg}`;
  if (name === 'dtls, handshake, ECDSA P-256') return `skipped: needs ${PEERS.openssl.what} and Linux`;
  return 'failed: its bench does not print it';
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}
