/** examples/deploy/server.ts runs as it is, alone and beside a sidecar of Agones, over real sockets. */
import { afterEach, expect, test, vi } from 'vitest';
import { ENetMultiplayerPeer } from '../../src/godot.ts';
import { built } from '../support/built.ts';
import { startProgram } from '../support/program.ts';
import { type DeployServer, startDeployServer, TOKEN } from './deployServer.ts';
import { FakeSidecar } from './fakeSidecar.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function run(env: Record<string, string> = {}): Promise<DeployServer> {
  const server = startDeployServer(env);
  closers.push(() => server.program.child.kill('SIGKILL'));
  await server.starts();
  return server;
}

/** A player who is in. */
async function join(port: number): Promise<ENetMultiplayerPeer> {
  const peer = new ENetMultiplayerPeer();
  closers.push(() => peer.close());
  expect(peer.createClient('127.0.0.1', port)).toBe(0);
  const polling = setInterval(() => peer.poll(), 5);
  closers.push(() => clearInterval(polling));
  await vi.waitUntil(() => peer.getConnectionStatus() === 2, MOST_MS);
  return peer;
}

const MOST_MS = { timeout: 10_000 };

test('alone: status, and a drain by token that waits for its player', async () => {
  const { program, port, ask, drain } = await run({ DRAIN_TOKEN: TOKEN, VERSION: '1.0.0', MAX_PLAYERS: '9' });
  expect(await ask('/status')).toMatchObject({
    status: 200,
    body: { status: 'ok', players: 0, capacity: { players: 9, rooms: 8 }, version: '1.0.0' },
  });
  const player = await join(port);
  await vi.waitUntil(async () => (await ask('/status')).body['players'] === 1, MOST_MS);
  expect(await drain()).toMatchObject({ status: 202, body: { status: 'draining' } });
  expect((await ask('/readyz')).status).toBe(503);
  player.close();
  await program.sees('stopped, nobody was left\n');
  await vi.waitUntil(() => program.child.exitCode === 0, MOST_MS);
});

test('alone: SIGTERM, and a player who does not leave', async () => {
  const { program, port, ask } = await run({ DRAIN_SECONDS: '1' });
  await join(port);
  await vi.waitUntil(async () => (await ask('/status')).body['players'] === 1, MOST_MS);
  expect(await program.end('SIGTERM')).toEqual([0, null]);
  expect(program.output()).toContain('stopped, 1 were disconnected\n');
});

test('in a fleet: Ready, Allocated by its first player, and Shutdown after SIGTERM', async () => {
  const sidecar = await FakeSidecar.open();
  closers.push(() => sidecar.close());
  const { program, port } = await run({ AGONES_SDK_HTTP_PORT: new URL(sidecar.url).port });
  await sidecar.until(() => sidecar.gameServer.state === 'Ready');
  expect(sidecar.gameServer.counters).toEqual({
    players: { count: 0, capacity: 64 },
    rooms: { count: 0, capacity: 8 },
  });
  const player = await join(port);
  await sidecar.until(() => sidecar.gameServer.counters['players']?.count === 1);
  expect(sidecar.gameServer.state).toBe('Allocated');
  const ended = program.end('SIGTERM');
  player.close();
  expect(await ended).toEqual([0, null]);
  expect(sidecar.gameServer.state).toBe('Shutdown');
  expect(program.output()).toContain('stopped, nobody was left\n');
});

test('a setting that is none', async () => {
  const program = startProgram([built('examples/deploy/server.js')], { env: { PORT: 'many' } });
  closers.push(() => program.child.kill('SIGKILL'));
  await program.sees('RangeError: PORT expected an integer 0..65535, got many');
});
