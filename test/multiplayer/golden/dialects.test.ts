/**
 * SceneMultiplayer as Godot 4.0 to 4.3 behave: the cases in which those differ from 4.6 (golden/dialects/README.md).
 * GOLDEN_DIALECTS names another folder of the same form.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCases } from './cases.ts';
import { comparable, exempt } from './comparable.ts';
import { playCase } from './playCase.ts';

const given = process.env['GOLDEN_DIALECTS'];
const folder = given ?? fileURLToPath(new URL('../../../golden/dialects', import.meta.url));

for (const dialect of ['4.0', '4.1', '4.2', '4.3'] as const) {
  const file = join(folder, `${dialect}.json`);
  // Another folder may lack a version; our own may not.
  const isThere = given === undefined || existsSync(file);
  describe.skipIf(!isThere)(`as Godot ${dialect}`, () => {
    for (const golden of isThere ? readCases(file) : []) {
      test.skipIf(exempt(golden, dialect))(
        golden.name,
        () => {
          const played = playCase(golden, { dialect, compatibility: 'engine' });
          played.forEach((step, i) => {
            const wanted = golden.steps[i];
            expect({ step: i, ...comparable(step.result, step.events, dialect) }).toEqual({
              step: i,
              ...comparable(wanted?.result, wanted?.then ?? [], dialect),
            });
          });
        },
        120_000,
      );
    }
  });
}
