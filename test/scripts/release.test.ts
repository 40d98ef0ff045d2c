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
  readonly version: string;
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
  const steps: readonly { readonly run?: string; readonly 'working-directory'?: string }[] =
    jobs.publish.steps;
  expect(steps.at(-4)).toEqual({ run: 'bash .ci/run' });
  expect(steps.slice(-3)).toEqual([
    { run: expect.stringContaining('npm pkg set repository.type=git') },
    { run: 'npm publish' },
    { run: 'npm publish', 'working-directory': 'create-godot-enet' },
  ]);
  expect(JSON.parse(read('create-godot-enet/package.json')).publishConfig).toEqual(manifest.publishConfig);
  expect(existsSync(new URL('../../.ci/run', import.meta.url))).toBe(true);
});

test('the version is the same wherever it stands, and the changelog begins with it', () => {
  const { version } = manifest;
  const lock = JSON.parse(read('package-lock.json'));
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
  expect(JSON.parse(read('create-godot-enet/package.json'))).toMatchObject({
    version,
    dependencies: { 'godot-enet': version },
  });
  const changelog = read('CHANGELOG.md');
  expect(/^## (\S+)/m.exec(changelog)?.[1]).toBe(version);
  // What users have to change comes first.
  expect(/^### (.*)$/m.exec(changelog)?.[1]).toMatch(/^Upgrading from \d/);
  for (const page of ['README.md', 'docs/guide/stock-game.md', 'docs/guide/ten-minutes-enet-server.md'])
    for (const [name] of read(page).matchAll(/godot-enet-\d[\w.-]*\.tgz/g))
      expect(name).toBe(`godot-enet-${version}.tgz`);
});

test('all of .ci/run runs on the oldest Node that is supported, and on newer ones', () => {
  const { jobs } = parse(read('.github/workflows/ci.yml'));
  const { node } = jobs.ci.strategy.matrix;
  expect(node).toEqual([20, 22, 24, 26]);
  expect(manifest.engines.node).toBe(`>=${node[0]}`);
  expect(jobs.ci.steps.at(-1)).toEqual({ run: 'bash .ci/run' });
});

test('containers are on a Node that is tested and still gets fixes', () => {
  // The oldest that is tested is past its end.
  for (const file of ['examples/lobby/Dockerfile', 'templates/project/Dockerfile']) {
    const versions = [...read(file).matchAll(/^FROM node:(\d+)/gm)].map(([, version]) => version);
    expect(versions.length, file).toBeGreaterThan(1);
    for (const version of versions) expect(['22', '24', '26'], file).toContain(version);
  }
});
