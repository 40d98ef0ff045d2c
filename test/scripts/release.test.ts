/** What a release needs stands where it is looked for. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const manifest: {
  readonly bin: Record<string, string>;
  readonly engines: { readonly node: string };
  readonly exports: Record<string, unknown>;
  readonly publishConfig: unknown;
} = JSON.parse(read('package.json'));

test('each entry of the package has a promise, and no other', () => {
  const promised = [...read('docs/stability.md').matchAll(/^\| `(godot-enet[^`]*)` \|/gm)].map(
    ([, name]) => name,
  );
  const entries = Object.keys(manifest.exports).map((path) => path.replace('.', 'godot-enet'));
  expect(promised.toSorted()).toEqual(entries.toSorted());
});

test('commands have paths that npm publishes', () => {
  // With `./` in front it removes them, with a warning.
  for (const packed of ['package.json', 'create-godot-enet/package.json'])
    for (const path of Object.values((JSON.parse(read(packed)) as typeof manifest).bin))
      expect(path).toMatch(/^[\w-]+(\/|\.)/);
});

test('a version is published with a statement of where it was built, by the workflow alone', () => {
  expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  const { on, permissions, jobs } = parse(read('.github/workflows/release.yml'));
  expect(on).toEqual({ push: { tags: ['v*'] } });
  expect(permissions).toEqual({ contents: 'read' });
  expect(jobs.publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  const commands = jobs.publish.steps.map(({ run }: { run?: string }) => run);
  expect(commands.slice(-2)).toEqual(['bash .ci/run', 'npm publish']);
  expect(existsSync(new URL('../../.ci/run', import.meta.url))).toBe(true);
});

test('all of .ci/run runs on the oldest Node that is supported, and on newer ones', () => {
  const { jobs } = parse(read('.github/workflows/ci.yml'));
  const { node } = jobs.ci.strategy.matrix;
  expect(node).toEqual([20, 22, 24, 26]);
  expect(manifest.engines.node).toBe(`>=${node[0]}`);
  expect(jobs.ci.steps.at(-1)).toEqual({ run: 'bash .ci/run' });
});
