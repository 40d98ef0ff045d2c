/**
 * Text scenes loaded by the real engine, against what the mirror makes of them: the scenes of test/schema/tscn and random ones.
 * Every value that the mirror stores is compared, and every stored property of the engine that the mirror lacks.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peer } from '../../support/peers.ts';
import { compareScenes } from './compareScenes.ts';
import { Godot4 } from './engine.ts';
import { randomScenes } from './randomScenes.ts';

const engine = peer('godot4');
const SEED = Number(process.env['SCENE_SEED'] ?? 20_260_101);
const COUNT = 150;

describe.skipIf(engine.isMissing)(`scenes in Godot 4.6${engine.note}`, { timeout: 240_000 }, () => {
  let godot: Godot4;
  beforeAll(async () => {
    godot = await Godot4.open();
  });
  afterAll(() => godot?.close());

  test('the scenes of the tests, and those from the field', async () => {
    const files = new Map([...folder('scenes'), ...folder('field')]);
    const names = [...files.keys()].filter((name) => !REFUSED.has(name) && !OTHERS.has(name));
    const { compared, differences } = await compareScenes(godot, files, names);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(50);
  });

  test(`${COUNT} random scenes, seed ${SEED}`, async () => {
    const scenes = fc.sample(randomScenes(), { seed: SEED, numRuns: COUNT });
    const files = new Map<string, string>();
    for (const [i, { base, scene }] of scenes.entries()) {
      files.set(`base${i}.tscn`, base);
      files.set(`s${i}.tscn`, scene.replaceAll('res://base.tscn', `res://base${i}.tscn`));
    }
    const { compared, differences } = await compareScenes(godot, files, [...files.keys()]);
    expect(differences, `seed ${SEED}`).toEqual([]);
    expect(compared).toBeGreaterThan(COUNT * 4);
  });
});

/** Not compared: what the engine itself refuses (a byte order mark; a scene whose instance is not there). */
const REFUSED = new Set(['bom.tscn', 'unresolved.tscn']);
/** Not compared: classes of another module; placeholders, which the mirror has as a Node. */
const OTHERS = new Set(['unknown_class.tscn', 'placeholder.tscn']);

function folder(name: string): [string, string][] {
  const url = new URL(`../../schema/tscn/${name}/`, import.meta.url);
  return readdirSync(url)
    .filter((file) => file.endsWith('.tscn'))
    .map((file) => [file, withoutAssets(readFileSync(new URL(file, url), 'utf8'))]);
}

/** Textures and the like are null, since they would have to be imported. */
function withoutAssets(text: string): string {
  // The mirror keeps the paths of exported nodes, not the nodes.
  let result = text
    .replaceAll(/ node_paths=PackedStringArray\([^)]*\)/g, '')
    .replaceAll(/\bResource\([^)]*\)/g, 'null');
  for (const [line = '', fields = ''] of text.matchAll(/\[ext_resource ([^\]]*)\]/g)) {
    if (/type="(Script|PackedScene)"/.test(fields)) continue;
    const id = /\bid="?([^"\s\]]+)"?/.exec(fields)?.[1] ?? '';
    result = result
      .replace(line, '')
      .replaceAll(new RegExp(`ExtResource\\(\\s*"?${id}"?\\s*\\)`, 'g'), 'null');
  }
  return result;
}
