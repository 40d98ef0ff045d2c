/**
 * All benches that matter, one after the other in processes of their own, with short settings, and one table of their rows.
 *
 *   npm run bench -- [--json=FILE] [--only=PART] [--bench=NAME]
 *
 * `--json` writes the rows to a file, which `npm run bench:compare` reads. `--only` is given to each bench; `--bench` runs some of them.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type PeerName, peer } from '../test/support/peers.ts';
import type { Results } from './compare.ts';
import { cellsOf, type Row } from './row.ts';
import { describeMachine } from './servers.ts';

interface Bench {
  readonly name: string;
  readonly args: readonly string[];
  /** Live peers without which it has nothing to say. */
  readonly needs: readonly PeerName[];
}

/** Those that print rows, with settings that take little time. */
const BENCHES: readonly Bench[] = [
  { name: 'echo', args: ['--repeats=3', '--ms=700'], needs: ['libenet'] },
  { name: 'idle', args: ['--ms=2000'], needs: [] },
  { name: 'start', args: [], needs: [] },
];

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    bench: { type: 'string', multiple: true, default: [] },
  },
});
const began = performance.now();
const rows: Row[] = [];
const notes: string[] = [];
for (const bench of BENCHES) {
  if (values.bench.length > 0 && !values.bench.includes(bench.name)) continue;
  const missing = bench.needs.map(peer).find(({ isMissing }) => isMissing);
  if (missing === undefined) rows.push(...(await run(bench)));
  else notes.push(`${bench.name}${missing.note}`);
}
printTable();
if (values.json !== undefined) {
  const { cpu, cores, node } = describeMachine();
  const date = new Date().toISOString().slice(0, 10);
  const results: Results = { node, machine: `${cores} cores, ${cpu}`, date, rows };
  writeFileSync(values.json, `${JSON.stringify(results, undefined, 1)}\n`);
}

/** The rows of one bench. What else it says goes through; a failure is noted, and the next one runs. */
async function run({ name, args }: Bench): Promise<Row[]> {
  const program = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const only = values.only.map((part) => `--only=${part}`);
  const child = spawn(process.execPath, ['--import', 'tsx', program, '--json', ...args, ...only], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const found: Row[] = [];
  for await (const line of createInterface({ input: child.stdout })) found.push(JSON.parse(line));
  const code = await ended;
  if (code !== 0) {
    notes.push(`${name} failed: exit code ${code}`);
    process.exitCode = 1;
  }
  return found;
}

function printTable(): void {
  const { cpu, cores, node, load } = describeMachine();
  const lines = rows.map((row) => [row.name, ...cellsOf(row)]);
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  for (const line of lines) console.log(line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  const judged = rows.filter(({ isMet }) => isMet !== undefined);
  const met = judged.filter(({ isMet }) => isMet).length;
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `\n${met} of ${judged.length} goals are met; ${seconds} s; ${cores} cores, ${cpu}, ${node}, load ${load}`,
  );
  for (const note of notes) console.log(note);
}
