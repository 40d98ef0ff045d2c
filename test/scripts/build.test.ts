/** A run from the sources never tests a stale build: what makes one stale, and that whoever uses it is told. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashSources, whyStale, writeStamp } from '../../scripts/sourceStamp.mjs';
import { ENetServer } from '../../src/server.ts';
import { checkBuild, watchThreads } from '../support/built.ts';

const TESTS = fileURLToPath(new URL('../', import.meta.url));

describe('a build is stale', () => {
  let root = '';
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'godot-enet-build-'));
    for (const folder of ['options', 'codec', 'schema', 'src', 'examples'])
      write(`${folder}/index.ts`, folder);
    write('src/enet/host.ts', 'host');
    write('tsconfig.json', '{}');
    mkdirSync(join(root, 'dist'));
    writeStamp(root, hashSources(root));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('not when nothing has changed, whatever the times of the files say', () => {
    utimesSync(join(root, 'src/enet/host.ts'), new Date(), new Date(Date.now() + 60_000));
    write('src/enet/README.md', 'no source');
    expect(whyStale(root)).toBeUndefined();
  });

  test.each([
    ['changed', 'src/enet/host.ts', () => write('src/enet/host.ts', 'other')],
    ['came', 'src/enet/new.ts', () => write('src/enet/new.ts', '')],
    ['went', 'src/enet/host.ts', () => rmSync(join(root, 'src/enet/host.ts'))],
    ['is a setting', 'tsconfig.json', () => write('tsconfig.json', '{ }')],
    ['is of the page', 'src/inspector/page/style.css', () => write('src/inspector/page/style.css', '')],
  ])('a file that %s: %s', (_what, file, change) => {
    change();
    expect(whyStale(root)).toBe(`dist is older than ${file}`);
  });

  test('several', () => {
    write('codec/index.ts', 'other');
    write('src/index.ts', 'other');
    expect(whyStale(root)).toBe('dist is older than codec/index.ts and 1 more');
  });

  test('a build that failed has no stamp', () => {
    rmSync(join(root, 'dist/sources.json'));
    expect(whyStale(root)).toBe('dist is not built, or its build has failed');
  });
});

describe('who uses it', () => {
  test('a server of the sources with a thread is noticed', async () => {
    const watch = watchThreads();
    await using server = new ENetServer({ thread: true, bindAddress: '127.0.0.1' });
    expect(server.createServer(0)).toBe(0);
    await new Promise(setImmediate);
    expect(watch.count).toBe(1);
    watch.end();
  });

  test('and told how to build', () => {
    expect(() => checkBuild('dist is older than a.ts')).toThrow('dist is older than a.ts: npm run build');
    expect(() => checkBuild('')).not.toThrow();
  });

  test('tests name files of dist through built() alone', () => {
    const names = readdirSync(TESTS, { recursive: true, encoding: 'utf8' });
    const direct = names.filter(
      (name) =>
        /\.ts$/.test(name) &&
        !/^(support\/built|scripts\/build\.test|package\/.*|soak\/.*|examples\/dockerfile\.test|cli\/guide\.test)\.ts$/.test(
          name.replaceAll('\\', '/'),
        ) &&
        /['"`][^'"`\n]*\bdist\/(src|examples)/.test(readFileSync(join(TESTS, name), 'utf8')),
    );
    expect(direct).toEqual([]);
  });
});
