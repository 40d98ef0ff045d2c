/** The commands of docs/guide/load.md run, for a shorter time, against servers of this process. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArenaServer } from '../../examples/arena/ArenaServer.ts';
import { TLSOptions } from '../../src/godot.ts';
import { createSelfSignedCertificate } from '../../src/ops.ts';
import { ENetServer } from '../../src/server.ts';
import { runLongEnough } from './loadProgram.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/guide/load.md'), 'utf8');
const commands = [...page.matchAll(/```sh\nnpx godot-enet (load [^\n]*)\n```/g)].map(
  ([, command = '']) => command,
);
/** Scripts of the page: the name stands before the block. */
const scripts = [...page.matchAll(/`([\w.]+\.mjs)`:\n\n```js\n(.*?)```/gs)];

const closers: (() => unknown)[] = [];
let folder = '';
let arena: ArenaServer;
let server: ENetServer;
let secure: ENetServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-load-guide-'));
  for (const [, name = '', text = ''] of scripts) writeFileSync(join(folder, name), text);
  arena = await ArenaServer.open({ port: 0, address: '127.0.0.1', pagePort: 0, hasPlay: false });
  const own = await createSelfSignedCertificate({ names: ['127.0.0.1'] });
  server = new ENetServer({ bindAddress: '127.0.0.1' });
  secure = new ENetServer({ bindAddress: '127.0.0.1', tls: TLSOptions.server(own.key, own.certificate) });
  for (const one of [server, secure]) expect(one.createServer(0, 64)).toBe(0);
  server.registerEvent('ask', (peer) => server.triggerEvent(peer.peerId, 'answer', {}));
  closers.push(
    () => arena.close(),
    () => server.stopServer(),
    () => secure.stopServer(),
  );
});

afterAll(async () => {
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

test('the page has commands and scripts', () => {
  expect([commands.length, scripts.length]).toEqual([8, 1]);
});

test.each(commands)('npx godot-enet %s', { timeout: 120_000 }, async (command) => {
  const isServer = command.includes('--protocol enet-server');
  const words = command.split(' ').map((word) => {
    if (word.startsWith('enets://')) return `enets://127.0.0.1:${secure.getLocalPort()}`;
    if (word.startsWith('enet://'))
      return `enet://127.0.0.1:${isServer ? server.getLocalPort() : arena.port}`;
    if (word.startsWith('ws://')) return word.replace(/.*?:\d+\//, `${arena.url?.replace('http', 'ws')}`);
    return word.startsWith('examples/') ? join(root, word) : word;
  });
  const players = /--players \d+,/.test(command) ? '1,2,3' : '3';
  // Where the page has limits, they are those of a machine with nothing else to do.
  const limits = ['--max-rtt-p99 60000', '--max-loss 100', '--max-measure ask=60000'].filter((limit) =>
    command.includes(limit.split(/[ =]/)[0] ?? ''),
  );
  const few = ['--players', players, '--ramp', '0.1', '--max-script-errors', '0'];
  const args = [...words.slice(1), ...few, ...limits.flatMap((limit) => limit.split(' '))];
  // What is measured by scripts is there when answers have come.
  const needed = command.includes('--script') ? /^(ask|ask_time) +[1-9]/m : / round trips/;
  const { code, out, err } = await runLongEnough(args, (run) => needed.test(run.out), folder);
  expect(code, out + err).toBe(0);
  expect(out).toContain('3 wanted, 3 joined, 0 failed, 0 lost');
  expect(out).toMatch(needed);
  if (command.includes('--html'))
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['load.html', 'load.json']));
});
