/**
 * Golden vectors of Godot 3, written by a real engine (`godot3-server` on the path):
 *
 *   npx tsx golden/generate/godot3_cases.ts
 *
 * Writes variant/godot3-values.json, what var2bytes makes of many values, and variant/godot3-damaged.json, what
 * bytes2var says to damaged copies. The scripts that the engine runs are those of test/interop/godot3/project.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesToVar, varToBytes } from '../../codec/index.ts';
import { Prng } from '../../src/testing/prng.ts';
import {
  damage,
  joinCases,
  splitCases,
  splitVerdicts,
  withoutGarbage,
} from '../../test/interop/godot3/cases.ts';
import { Engine } from '../../test/interop/godot3/engine.ts';
import { hex } from '../../test/support/hex.ts';

const SEED = 1;
const ENGINE = '3.2.3-stable';
const DAMAGED = 1000;
const EXACT = { dialect: 'godot3', exact: true } as const;

const folder = mkdtempSync(join(tmpdir(), 'godot-enet-golden-'));
const at = (name: string): string => join(folder, name);
try {
  await new Engine('make_values.gd', { CASES_OUT: at('values'), CASES_SEED: String(SEED) }).finished();
  const written = splitCases(readFileSync(at('values')));
  const prng = new Prng(SEED);
  const short = written.filter((data) => data.length <= 160);
  const damaged = Array.from({ length: DAMAGED }, () => damage(short, prng));
  writeFileSync(at('in'), joinCases(damaged));
  await new Engine('echo_values.gd', { CASES_IN: at('in'), CASES_OUT: at('out'), CASES_OBJECTS: '0' }).finished();
  const verdicts = splitVerdicts(readFileSync(at('out')));

  // The engine does not clear the padding behind the names of a NodePath.
  const clean = (data: Uint8Array): string => {
    const value = bytesToVar(data, EXACT);
    return hex(withoutGarbage(data, varToBytes(value, EXACT), value));
  };
  save('godot3-values', written.map((data) => ({ hex: clean(data) })));
  save(
    'godot3-damaged',
    damaged.map((data, index) => {
      const verdict = verdicts[index];
      const isAccepted = verdict?.isAccepted === true;
      return isAccepted
        ? { hex: hex(data), ok: true, again: clean(verdict.again) }
        : { hex: hex(data), ok: false };
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function save(name: string, cases: readonly object[]): void {
  const file = fileURLToPath(new URL(`../variant/${name}.json`, import.meta.url));
  const rows = cases.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n');
  writeFileSync(
    file,
    `{\n "engine": "${ENGINE}",\n "generator": "godot3_cases.ts",\n "cases": [\n${rows}\n ]\n}\n`,
  );
}
