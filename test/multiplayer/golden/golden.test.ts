/**
 * SceneMultiplayer against what a real engine did, case by case (golden/multiplayer/README.md). GOLDEN_MULTIPLAYER names
 * another folder of the same form.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCases } from './cases.ts';
import { comparable, exempt } from './comparable.ts';
import { playCase } from './playCase.ts';

const folder =
  process.env['GOLDEN_MULTIPLAYER'] ?? fileURLToPath(new URL('../../../golden/multiplayer', import.meta.url));

for (const kind of ['rpc', 'paths', 'system', 'spawn', 'sync']) {
  const file = join(folder, `${kind}.json`);
  // Another folder may lack a kind; our own may not.
  describe.skipIf(process.env['GOLDEN_MULTIPLAYER'] !== undefined && !existsSync(file))(kind, () => {
    const cases = process.env['GOLDEN_MULTIPLAYER'] === undefined || existsSync(file) ? readCases(file) : [];
    for (const golden of cases) {
      test.skipIf(exempt(golden))(
        golden.name,
        () => {
          const played = playCase(golden, { dialect: '4.6', compatibility: 'engine' });
          played.forEach((step, i) => {
            const wanted = golden.steps[i];
            expect({ step: i, ...comparable(step.result, step.events) }).toEqual({
              step: i,
              ...comparable(wanted?.result, wanted?.then ?? []),
            });
          });
          // One case uses up 65,536 numbers of nodes.
        },
        120_000,
      );
    }
  });
}
