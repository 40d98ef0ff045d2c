/**
 * Compares a run of all benches with the last release's.
 *
 *   npm run bench -- --json=now.json && npm run bench:compare -- --new=now.json [--released=bench/released.json] [--noise=1.3]
 *
 * Only ratios are compared; start times too, whose peer is an empty Node. Exit code 1 when a ratio is worse by more than the factor
 * `--noise`, 2 when a file is missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareResults, NOISE, type Results } from './compare.ts';

const { values } = parseArgs({
  options: {
    new: { type: 'string' },
    released: { type: 'string', default: fileURLToPath(new URL('released.json', import.meta.url)) },
    noise: { type: 'string', default: String(NOISE) },
  },
});
const noise = Number(values.noise);
const released = read(values.released, 'the figures of a release');
if (values.new === undefined || !(noise >= 1)) {
  fail('Usage: npm run bench:compare -- --new=FILE [--released=FILE] [--noise=FACTOR, from 1 on]');
}
const now = read(values.new, 'the figures of a new run');
console.log(`released: ${released.date}, Node ${released.node}, ${released.machine}`);
console.log(`now:      ${now.date}, Node ${now.node}, ${now.machine}`);
for (const { name, before, now: ratio, factor, isWorse } of compareResults(released, now, noise)) {
  const cells = [before, ratio].map((value) => value?.toFixed(2).padStart(6) ?? '     -');
  const change = factor === undefined ? '' : `${factor.toFixed(2)} x`;
  console.log(`${name.padEnd(50)} ${cells.join(' -> ')}  ${change}${isWorse ? '  WORSE' : ''}`.trimEnd());
  if (isWorse) process.exitCode = 1;
}

function read(path: string, what: string): Results {
  if (!existsSync(path)) {
    fail(`${path} does not exist: ${what} are written by "npm run bench -- --json=FILE" (bench/README.md)`);
  }
  const results: Results = JSON.parse(readFileSync(path, 'utf8'));
  return results;
}

function fail(text: string): never {
  console.error(text);
  process.exit(2);
}
