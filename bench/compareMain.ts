/**
 * Compares a run of all benches with the last release's.
 *
 *   npm run bench -- --json=now.json && npm run bench:compare -- now.json [--released=bench/released.json] [--noise=1.3]
 *
 * Exit code 1 when a ratio is worse by more than the factor `--noise`. Only ratios are compared; start times too, whose peer is an empty Node.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareResults, NOISE, type Results } from './compare.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    released: { type: 'string', default: fileURLToPath(new URL('released.json', import.meta.url)) },
    noise: { type: 'string', default: String(NOISE) },
  },
});
const [file] = positionals;
const noise = Number(values.noise);
if (file === undefined || !(noise >= 1)) {
  console.error('Usage: npm run bench:compare -- FILE [--released=FILE] [--noise=FACTOR, from 1 on]');
  process.exit(2);
}
const read = (path: string): Results => JSON.parse(readFileSync(path, 'utf8'));
const [released, now] = [read(values.released), read(file)];
console.log(`released: ${released.date}, Node ${released.node}, ${released.machine}`);
console.log(`now:      ${now.date}, Node ${now.node}, ${now.machine}`);
for (const { name, before, now: ratio, factor, isWorse } of compareResults(released, now, noise)) {
  const cells = [before, ratio].map((value) => value?.toFixed(2).padStart(6) ?? '     -');
  const change = factor === undefined ? '' : `${factor.toFixed(2)} x`;
  console.log(`${name.padEnd(50)} ${cells.join(' -> ')}  ${change}${isWorse ? '  WORSE' : ''}`);
  if (isWorse) process.exitCode = 1;
}
