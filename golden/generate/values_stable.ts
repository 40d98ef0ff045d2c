/**
 * What Godot 4.6 stable says about the values of `variant/values.json` and `variant/random.json`, which 4.6-dev wrote.
 *
 *     node scripts/installGodot4.mjs && npx tsx golden/generate/values_stable.ts
 *
 * Writes `variant/values-4.6-stable.json`. `damaged`: the cases of `variant/damaged.json` that stable judges otherwise (it
 * makes ints of floats in containers of ints, where 4.6-dev dropped them). `cases`: {name, hex, again?, text, str, native, json, jsonFull, jsonIndented}; `again` only
 * where the bytes differ from `hex` (NodePath padding zeroed), `native` with full precision in the engine's order.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { bytesToVar, varToBytes } from '../../codec/index.ts';
import { askValues } from '../../test/interop/godot4/answers.ts';
import { Godot4 } from '../../test/interop/godot4/engine.ts';
import { withoutPadding } from '../../test/interop/godot4/padding.ts';
import { bytes, hex } from '../../test/support/hex.ts';

const folder = new URL('../variant/', import.meta.url);
const load = <T>(name: string): T[] =>
  (JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as { cases: T[] }).cases;
const cases = ['values', 'random'].flatMap((name) => load<{ name: string; hex: string }>(name));

interface Damaged {
  readonly hex: string;
  readonly ok: boolean;
  readonly size?: number;
  readonly again?: string;
}

async function main(): Promise<void> {
  const godot = await Godot4.open();
  const answers = await askValues(
    godot,
    cases.map((entry) => bytes(entry.hex)),
  );
  const damaged = load<Damaged>('damaged');
  const verdicts = await askValues(
    godot,
    damaged.map((entry) => bytes(entry.hex)),
  );
  await godot.close();
  const differing = damaged.flatMap((entry, index) => {
    const verdict = verdicts[index];
    // The engine gives an id of its own to what it decodes as an object.
    if (entry.hex.startsWith('18')) return [];
    const now =
      verdict === undefined
        ? { ok: false }
        : { ok: true, size: verdict.size, again: hex(withoutPadding(verdict.again, bytes(entry.again ?? ''))) };
    const isSame = now.ok === entry.ok && now.size === entry.size && now.again === entry.again;
    return isSame ? [] : [{ index, hex: entry.hex, ...now }];
  });
  const written = cases.map((entry, index) => {
    const answer = answers[index];
    if (answer === undefined) return { name: entry.name, hex: entry.hex, refused: true };
    const ours = varToBytes(bytesToVar(bytes(entry.hex), { exact: true }), { strictTypedContainers: false });
    const again = hex(withoutPadding(answer.again, ours));
    return {
      name: entry.name,
      hex: entry.hex,
      ...(again === entry.hex ? {} : { again }),
      text: answer.varToStr,
      str: answer.str,
      native: answer.native,
      json: answer.json,
      jsonFull: answer.jsonFull,
      jsonIndented: answer.jsonIndented,
    };
  });
  const text = JSON.stringify(
    { engine: '4.6-stable (official)', generator: 'values_stable.ts', damaged: differing, cases: written },
    null,
    1,
  );
  writeFileSync(new URL('values-4.6-stable.json', folder), `${text}\n`);
}

void main();
