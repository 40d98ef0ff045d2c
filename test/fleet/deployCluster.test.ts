/** Two processes of examples/deploy/server.ts with a real Redis: one cluster, that rooms leave a node that is drained, and what happens without it. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import { SessionTokens } from '../../src/rooms.ts';
import { HandoffClient } from '../cluster/handoff/HandoffClient.ts';
import { RedisServer } from '../cluster/redisServer.ts';
import { peer } from '../support/peers.ts';
import { type DeployServer, startDeployServer, TOKEN } from './deployServer.ts';
import { FakeSidecar } from './fakeSidecar.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const MOST = { timeout: 30_000, interval: 50 };
const secret = 'a secret of 32 bytes for this test';
const tokens = new SessionTokens({ keys: [{ id: '1', algorithm: 'HS256', secret }] });

async function openRedis(): Promise<RedisServer> {
  const redis = await RedisServer.start();
  closers.push(() => redis.close());
  return redis;
}

function start(name: string, redis: RedisServer, env: Record<string, string> = {}): DeployServer {
  const own = { NODE_NAME: name, PUBLIC_HOST: '127.0.0.1', REDIS_URL: redis.url, DRAIN_TOKEN: TOKEN };
  const server = startDeployServer({ ...own, TOKEN_SECRET: secret, ...env });
  closers.push(() => server.program.child.kill('SIGKILL'));
  return server;
}

async function startTwo(
  redis: RedisServer,
  env: Record<string, string> = {},
): Promise<[DeployServer, DeployServer]> {
  const two: [DeployServer, DeployServer] = [start('a', redis, env), start('b', redis, env)];
  await Promise.all(two.map((server) => server.starts()));
  return two;
}

/** A player with the add-on, who shows a token to a node. */
function connect(token: string, { port }: DeployServer): HandoffClient {
  const world = {
    get time() {
      return performance.now();
    },
    createRuntime: () => createNodeRuntime(),
  };
  const client = new HandoffClient(world, '', token, new SceneMirror());
  const polling = setInterval(() => client.poll(), 5);
  closers.push(() => {
    clearInterval(polling);
    client.close();
  });
  client.join(`127.0.0.1:${port}`);
  return client;
}

/** The rooms of the cluster, as a node tells. */
async function roomsAt(
  server: DeployServer,
): Promise<{ id: string; players: number; node: string; enet: string }[]> {
  const { body } = await server.ask('/rooms');
  return [...Object(body)].map(({ id, players, place }) => ({
    id,
    players,
    node: place.node,
    enet: place.addresses.enet,
  }));
}

const { isMissing, note } = peer('redis');
describe.skipIf(isMissing)(`a cluster of two processes over Redis${note}`, { timeout: 90_000 }, () => {
  test('a room of one is found at the other; one is drained, and the room plays on there', async () => {
    const [a, b] = await startTwo(await openRedis());
    const player = connect((await tokens.issue('ada')).token, a);
    await vi.waitUntil(async () => (await roomsAt(b))[0]?.players === 1, MOST);
    const [room] = await roomsAt(b);
    expect(room).toEqual({ id: room?.id, players: 1, node: 'a', enet: `127.0.0.1:${a.port}` });

    expect(await a.drain()).toMatchObject({ status: 202, body: { status: 'draining' } });
    await a.program.sees('1 rooms are at other nodes, 0 stay\n');
    await a.program.sees('stopped, nobody was left\n');
    await vi.waitUntil(() => a.program.child.exitCode === 0, MOST);
    await vi.waitUntil(() => player.log.includes('arrived'), MOST);
    await vi.waitUntil(async () => (await roomsAt(b))[0]?.players === 1, MOST);
    expect(await roomsAt(b)).toEqual([{ id: room?.id, players: 1, node: 'b', enet: `127.0.0.1:${b.port}` }]);

    // The last one has nobody to give it to: the player is waited for.
    const ended = b.program.end('SIGTERM');
    await b.program.sees('0 rooms are at other nodes, 1 stay\n');
    expect((await b.ask('/readyz')).status).toBe(503);
    expect(player.isIn).toBe(true);
    player.close();
    expect(await ended).toEqual([0, null]);
    expect(b.program.output()).toContain('stopped, nobody was left\n');
  });

  test('SIGTERM while it joins', async () => {
    const server = start('a', await openRedis());
    await server.program.sees('node a joins the cluster\n');
    expect(await server.program.end('SIGTERM')).toEqual([0, null]);
    expect(server.program.output()).toContain('stopped, nobody was left\n');
  });

  test('who is not signed by the secret does not come in', async () => {
    const redis = await openRedis();
    const server = start('a', redis);
    await server.starts();
    const stranger = new SessionTokens({ keys: [{ id: '1', algorithm: 'HS256', secret: 'x'.repeat(32) }] });
    connect((await stranger.issue('eve')).token, server);
    await server.program.sees(/auth: \d+ is refused/);
  });

  test('in Agones: the sidecar knows the address, and hears of players and rooms, and of the end', async () => {
    const sidecar = await FakeSidecar.open();
    closers.push(() => sidecar.close());
    const AGONES_SDK_HTTP_PORT = new URL(sidecar.url).port;
    const server = start('a', await openRedis(), { PUBLIC_HOST: '', AGONES_SDK_HTTP_PORT });
    await server.starts();
    await sidecar.until(() => sidecar.gameServer.state === 'Ready');
    const player = connect((await tokens.issue('ada')).token, server);
    await sidecar.until(() => sidecar.gameServer.counters['players']?.count === 1);
    await sidecar.until(() => sidecar.gameServer.counters['rooms']?.count === 1);
    expect((await roomsAt(server)).map(({ enet }) => enet)).toEqual(['203.0.113.7:7009']);
    const ended = server.program.end('SIGTERM');
    await server.program.sees('0 rooms are at other nodes, 1 stay\n');
    player.close();
    expect(await ended).toEqual([0, null]);
    expect(sidecar.gameServer.state).toBe('Shutdown');
  });

  test('a node that cannot prove its lease is alive, not ready, and ready again when Redis is there', async () => {
    const redis = await openRedis();
    const server = start('a', redis, { TOKEN_SECRET: '' });
    await server.starts();
    expect(await server.ask('/readyz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    redis.pause();
    await server.program.sees('without a lease: nobody comes in\n');
    expect(await server.ask('/readyz')).toMatchObject({ status: 503, body: { status: 'fenced' } });
    expect((await server.ask('/healthz')).status).toBe(200);
    redis.resume();
    await server.program.sees(/nobody comes in\n(.*\n)*with a lease: players come in\n/);
    expect((await server.ask('/readyz')).status).toBe(200);
    expect(await server.program.end('SIGTERM')).toEqual([0, null]);
  });
});
