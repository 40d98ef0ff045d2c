import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { runConversation } from '../../examples/lobby/conversation.ts';
import { Lobby } from '../../examples/lobby/lobby.ts';
import { LobbyClient } from '../../examples/lobby/lobbyClient.ts';
import { built } from '../support/built.ts';
import { type Program, startProgram } from '../support/program.ts';

const main = built('examples/lobby/main.js');
const programs: Program[] = [];

afterEach(() => {
  for (const { child } of programs.splice(0)) child.kill('SIGKILL');
});

function startMain(...args: string[]): Program {
  const program = startProgram([main, ...args]);
  programs.push(program);
  return program;
}

test('two players meet, talk, move and part over UDP', async () => {
  const lines: string[] = [];
  const lobby = new Lobby((line) => lines.push(`server ${line}`), { bindAddress: '127.0.0.1' });
  expect(lobby.start(0)).toBe(0);
  try {
    await runConversation('127.0.0.1', lobby.server.getLocalPort(), (who, line) =>
      lines.push(`${who} ${line}`),
    );
  } finally {
    lobby.stop();
  }
  expect(lines).toEqual(
    expect.arrayContaining([
      'Ada welcome, you are player 1; others here: 0',
      'Bob welcome, you are player 2; others here: 1',
      'Bob <Ada> Hello Bob!',
      'Ada player 2 is at (12.5, -3)',
      'Bob <lobby> Only the host may kick.',
      'Bob <lobby> You were kicked by Ada.',
      'server Bob left: kicked by Ada',
    ]),
  );
});

test('a name that is taken and a login without a name are refused with the reason', async () => {
  const lobby = new Lobby(() => undefined, { bindAddress: '127.0.0.1' });
  expect(lobby.start(0)).toBe(0);
  const port = lobby.server.getLocalPort();
  const players = ['Eve', 'Eve', '  '].map((name) => new LobbyClient(name, () => undefined));
  try {
    const [first, second, third] = players;
    first?.join('127.0.0.1', port);
    await first?.sees('welcome');
    second?.join('127.0.0.1', port);
    await second?.sees('refused: The name Eve is taken.');
    third?.join('127.0.0.1', port);
    await third?.sees('refused: A login needs a name.');
    await third?.sees('disconnected');
  } finally {
    for (const player of players) player.leave();
    lobby.stop();
  }
});

test('SIGTERM drains: players are told and may leave, nobody new comes in, the health check says so', async () => {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: healthPort } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const run = startMain('--port', '0', '--no-page', '--no-demo', '--health-port', String(healthPort));
  await run.sees('Serving. Ctrl-C stops the server');
  const port = Number(/listening on UDP port (\d+)/.exec(run.output())?.[1]);
  const ready = async (): Promise<number> => (await fetch(`http://127.0.0.1:${healthPort}/ready`)).status;
  expect(await ready()).toBe(200);
  const player = new LobbyClient('Zoe', () => undefined);
  player.join('127.0.0.1', port);
  await player.sees('welcome');
  const ended = once(run.child, 'exit');
  run.child.kill('SIGTERM');
  await player.sees('the server closes within 10 s');
  expect(await ready()).toBe(503);
  player.leave();
  expect(await ended).toEqual([0, null]);
  expect(run.output()).toContain('stopped, nobody was left');
});

test('it serves, and Ctrl-C ends it cleanly with every client told', async () => {
  const run = startMain('--port', '0', '--page-port', '0', '--drain', '1');
  await run.sees('Serving. Ctrl-C stops the server');
  const port = Number(/listening on UDP port (\d+)/.exec(run.output())?.[1]);
  const player = new LobbyClient('Zoe', () => undefined);
  player.join('127.0.0.1', port);
  await player.sees('welcome');
  const ended = once(run.child, 'exit');
  run.child.kill('SIGINT');
  await player.sees('the server closes within 1 s');
  await player.sees('disconnected');
  expect(await ended).toEqual([0, null]);
  player.leave();
});

test('a busy port and a bad option are told in one line, with what to do', async () => {
  const blocker = createSocket('udp6');
  blocker.bind({ port: 0, exclusive: true });
  await once(blocker, 'listening');
  const busy = startMain('--port', String(blocker.address().port), '--no-page');
  await busy.sees('Choose another port: npm run lobby -- --port 7778');
  blocker.close();
  const bad = startMain('--port', '70000');
  await bad.sees('--port expected an integer 0..65535, got 70000');
  const unknown = startMain('--prot', '1');
  await unknown.sees("Unknown option '--prot'");
});
