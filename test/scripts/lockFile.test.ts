/** The lock file names every package of every platform, so that `npm ci` takes it, and no registry. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Entry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const lock: { readonly packages: Record<string, Entry> } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
);
const entries = Object.entries(lock.packages);

test('what a package needs, on this platform or another, is there', () => {
  const missing: string[] = [];
  for (const [place, { dependencies, optionalDependencies }] of entries) {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (!isFound(place, name)) missing.push(`${name}, wanted by ${place}`);
    }
  }
  expect(missing).toEqual([]);
});

test('every package has a hash, and none names where it comes from', () => {
  const packages = entries.filter(([place]) => place !== '');
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test.each(['scripts/setup.mjs', 'examples/lobby/Dockerfile'])('%s runs no script of a package', (file) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(text).toMatch(/npm ci .*--ignore-scripts|'ci',\s*'--ignore-scripts'/);
  expect(text).not.toMatch(/'install'|npm install/);
});

/** As Node looks for it: in the folder of a package, then in those around it. */
function isFound(place: string, name: string): boolean {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}
