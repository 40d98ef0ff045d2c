/** What is of Redis alone: users, TLS, full memory, replicas, connections that fail by halves, and what is left of a bus. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type ClusterBus, type Lease, RedisBus, type RedisBusOptions } from '../../src/cluster.ts';
import { issue } from '../support/certificates.ts';
import { peer } from '../support/peers.ts';
import { bytesOf, codeFrom, statesOf, textOf } from './conformance/engine.ts';
import { Live, until } from './live.ts';
import { freePort, RedisServer, type RedisServerOptions } from './redisServer.ts';

const { isMissing, note } = peer('redis');

const live = new Live();
const { reported } = live;

async function start(options?: RedisServerOptions): Promise<RedisServer> {
  return live.own(await RedisServer.start(options));
}

async function connect(options: RedisBusOptions): Promise<RedisBus> {
  return live.own(
    await RedisBus.connect({
      leaseMs: 1000,
      onError: (error) => void reported.push(error),
      ...options,
    }),
  );
}

/** Claims as soon as nobody waits for holders any more. */
async function claim(bus: ClusterBus, key: string, under?: Lease): Promise<Lease> {
  let lease: Lease | undefined;
  await until(async () => {
    const made = await codeFrom(bus.claim(key, `of ${key}`, under));
    if (made === 'WARMING') {
      if (under !== undefined) await bus.renew(under);
      return false;
    }
    lease = made as Lease;
    return true;
  }, 'a claim');
  if (lease === undefined) throw new Error('no lease');
  return lease;
}

const port = (number: number): string => `redis://127.0.0.1:${number}`;

describe.skipIf(isMissing)(`RedisBus${note}`, () => {
  test('a user with the rights of the guide does all that a bus does; without a password nobody does', async () => {
    const server = await start({ args: ['--requirepass', 'of all'] });
    await expect(RedisBus.connect({ url: server.url })).rejects.toMatchObject({ code: 'DOWN' });
    const admin = await connect({ url: server.url, password: 'of all' });
    await admin.close();
    const page = readFileSync(new URL('../../docs/guide/cluster.md', import.meta.url), 'utf8');
    const [, line = ''] = /^ACL SETUSER game (.*)$/m.exec(page) ?? [];
    const rules = line.replace('>password', '>p@ss');
    const add = await import('redis').then(({ createClient }) =>
      createClient({ url: server.url, password: 'of all' }).connect(),
    );
    await add.sendCommand(['ACL', 'SETUSER', 'game', ...rules.split(' ')]);
    add.destroy();
    const bus = await connect({ url: `redis://game:${encodeURIComponent('p@ss')}@127.0.0.1:${server.port}` });
    const root = await claim(bus, 'node/a');
    const room = await claim(bus, 'room/1', root);
    await bus.update(room, '2');
    expect(await bus.renew(root)).toBe('held');
    expect(await bus.restore(root, [room])).toEqual([]);
    expect((await bus.list('room')).map(({ value }) => value)).toEqual(['2']);
    const texts: string[] = [];
    await bus.receive('node/a', (bytes) => void texts.push(textOf(bytes)));
    await bus.subscribe('topic/t', (bytes) => void texts.push(textOf(bytes)));
    await bus.send('node/a', bytesOf('in'));
    await until(() => texts.length === 1, 'a message');
    await bus.publish('topic/t', bytesOf('on'));
    await until(() => texts.length === 2, 'what was published');
    await until(() => bus.status().waiting === 0, 'a look');
    await bus.release(root);
    expect(bus.status().failures).toBe(0);
    const refused = await RedisBus.connect({ url: server.url, username: 'game', password: 'secret' }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'DOWN', message: expect.stringContaining('WRONGPASS') });
    expect(String(refused)).not.toContain('secret');
  });

  test('TLS: who the server is and who asks is known by certificates', async () => {
    const authority = await issue({ name: 'authority', ca: true });
    const names = [{ type: 'dns', value: 'redis.test' }] as const;
    const own = await issue({ name: 'redis.test', issuer: authority, names });
    const node = await issue({ name: 'node', issuer: authority });
    const server = await start({
      isSecure: true,
      files: { 'ca.pem': authority.certificate, 'own.pem': own.certificate, 'own.key': own.key },
      args: ['--tls-cert-file', 'own.pem', '--tls-key-file', 'own.key', '--tls-ca-cert-file', 'ca.pem'],
    });
    const { url } = server;
    const known = {
      ca: authority.certificate,
      cert: node.certificate,
      key: node.key,
      serverName: 'redis.test',
    };
    const bus = await connect({ url, tls: known });
    const root = await claim(bus, 'node/a');
    expect(root.isHeld).toBe(true);
    for (const tls of [
      undefined,
      { ...known, ca: undefined },
      { ...known, serverName: undefined },
      { ...known, serverName: 'other.test' },
      { ...known, cert: undefined, key: undefined },
    ])
      await expect(RedisBus.connect({ url, tls, leaseMs: 1000 })).rejects.toMatchObject({ code: 'DOWN' });
    // Plain text to it, and TLS to a plain one.
    await expect(RedisBus.connect({ url: port(server.port), leaseMs: 1000 })).rejects.toMatchObject({
      code: 'DOWN',
    });
    const plain = await start();
    await expect(
      RedisBus.connect({ url: `rediss://127.0.0.1:${plain.port}`, leaseMs: 1000 }),
    ).rejects.toMatchObject({ code: 'DOWN' });
  });

  test('with its memory full it renews, finds, puts back and hands over; what is new is refused', async () => {
    const server = await start();
    const bus = await connect({ url: server.url });
    const states = statesOf(bus);
    const root = await claim(bus, 'node/a');
    const room = await claim(bus, 'room/1', root);
    await bus.send('node/a', bytesOf('waits'));
    await server.command('CONFIG SET maxmemory 1');
    expect(await bus.renew(root)).toBe('held');
    const refused = await bus.claim('room/2', '', root).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'DOWN', message: expect.stringContaining('maxmemory') });
    expect(await codeFrom(bus.send('node/b', bytesOf('x')))).toBe('DOWN');
    expect(await codeFrom(bus.update(room, 'more'))).toBe('DOWN');
    expect((await bus.find('room/1'))?.epoch).toBe(room.epoch);
    expect(await bus.list('room')).toHaveLength(1);
    const texts: string[] = [];
    await bus.receive('node/a', (bytes) => void texts.push(textOf(bytes)));
    await until(() => texts.length === 1, 'a message');
    await server.command('FLUSHALL');
    expect(await bus.renew(root)).toBe('restored');
    expect(await bus.restore(root, [room])).toEqual([]);
    expect((await bus.find('room/1'))?.epoch).toBe(room.epoch);
    await bus.release(room);
    expect(await bus.find('room/1')).toBeUndefined();
    expect([states, bus.status().isUp]).toEqual([[], true]);
    await server.command('CONFIG SET maxmemory 0');
    expect((await claim(bus, 'room/2', root)).isHeld).toBe(true);
  });

  test('a server that evicts what it likes is refused', async () => {
    const server = await start({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
    await expect(RedisBus.connect({ url: server.url })).rejects.toThrow(
      '"maxmemory-policy" expected noeviction or volatile-*, got allkeys-lru',
    );
    await server.command('CONFIG SET maxmemory-policy volatile-lru');
    expect((await connect({ url: server.url })).status().isUp).toBe(true);
  });

  test('all data gone while the server goes on are a loss as well', async () => {
    const server = await start();
    const [one, two] = [await connect({ url: server.url }), await connect({ url: server.url })];
    const root = await claim(one, 'node/a');
    const room = await claim(one, 'room/1', root);
    await server.command('FLUSHALL');
    expect(await codeFrom(two.claim('room/1', ''))).toBe('WARMING');
    expect(await one.renew(root)).toBe('restored');
    expect(await one.restore(root, [room])).toEqual([]);
    expect(await codeFrom(two.claim('room/1', ''))).toBe('TAKEN');
  });

  test('what another program has written into the hashes holds nobody up', async () => {
    const server = await start();
    const { url } = server;
    const bus = await connect({ url });
    const root = await claim(bus, 'node/a');
    await server.command('HSET {godot-enet}:meta epoch later warm never');
    expect(await bus.renew(root)).toBe('restored');
    await bus.restore(root, []);
    expect((await claim(bus, 'room/1', root)).epoch).toBeGreaterThan(root.epoch);
    expect(await bus.list('room')).toHaveLength(1);
    await server.command('HSET {godot-enet}:roots node/x junk');
    await server.command('HSET {godot-enet}:meta lease 2000');
    await expect(RedisBus.connect({ url, leaseMs: 3000 })).rejects.toThrow('"leaseMs" expected 2000');
    await bus.release(root);
    expect((await connect({ url, leaseMs: 3000 })).leaseMs).toBe(3000);
  });

  test('a clock that was set back gives nobody back in old data what somebody else may have had since', async () => {
    const server = await start();
    const bus = await connect({ url: server.url });
    // As if it had been an hour later.
    await server.command(`HSET {godot-enet}:meta epoch ${(Date.now() + 3_600_000) * 1000}`);
    const root = await claim(bus, 'node/a');
    const room = await claim(bus, 'room/1', root);
    expect(room.epoch).toBeGreaterThan((Date.now() + 3_000_000) * 1000);
    await server.restart('kept');
    await until(async () => (await codeFrom(bus.renew(root))) === 'restored', 'an answer');
    expect(await codeFrom(bus.claim('room/1', '', root))).toBe('WARMING');
    await bus.restore(root, [room]);
    expect((await claim(bus, 'room/1', root)).epoch).toBeGreaterThan(room.epoch);
  });

  test('leases are as long for all nodes; another length is for when nobody holds anything', async () => {
    const { url } = await start();
    const bus = await connect({ url });
    const root = await claim(bus, 'node/a');
    await expect(RedisBus.connect({ url, leaseMs: 2000 })).rejects.toThrow(
      '"leaseMs" expected 1000 as other nodes of the cluster have, got 2000',
    );
    await bus.release(root);
    expect((await connect({ url, leaseMs: 2000 })).leaseMs).toBe(2000);
  });

  test('clusters with different prefixes have nothing of each other', async () => {
    const { url } = await start();
    const [one, two] = [await connect({ url, prefix: 'one' }), await connect({ url, prefix: 'two' })];
    const texts: string[] = [];
    for (const bus of [one, two]) {
      await bus.subscribe('topic/t', (bytes) => void texts.push(`${bus === one ? 1 : 2} ${textOf(bytes)}`));
      await bus.receive('node/a', (bytes) => void texts.push(`${bus === one ? 1 : 2} ${textOf(bytes)}`));
    }
    await claim(one, 'node/a');
    expect((await claim(two, 'node/a')).isHeld).toBe(true);
    await one.publish('topic/t', bytesOf('on'));
    await two.send('node/a', bytesOf('in'));
    await until(() => texts.length === 2, 'both');
    await setTimeout(50);
    expect(texts.toSorted()).toEqual(['1 on', '2 in']);
  });

  test('records of the past do not stay', async () => {
    const server = await start();
    const bus = await connect({ url: server.url });
    const root = await claim(bus, 'node/a');
    for (let i = 0; i < 50; i++) await bus.claim(`room/${i}`, '', root);
    await bus.release(root);
    expect(await server.command('HLEN {godot-enet}:kind:room')).toBe(':50\r\n');
    expect(await bus.list('room')).toEqual([]);
    expect(await server.command('HLEN {godot-enet}:kind:room')).toBe(':0\r\n');
    expect(await server.command('HLEN {godot-enet}:roots')).toBe(':0\r\n');
  });

  test('messages wait over a restart with its data, and for two minutes, longer while somebody receives', async () => {
    const server = await start();
    const bus = await connect({ url: server.url });
    await bus.send('node/a', bytesOf('waits'));
    await server.restart('kept');
    await until(async () => (await codeFrom(bus.find('node/a'))) !== 'DOWN', 'an answer');
    const life = async (): Promise<number> =>
      Number((await server.command('PTTL {godot-enet}:inbox:node/a')).slice(1));
    const before = await life();
    expect(before).toBeGreaterThan(60_000);
    const texts: string[] = [];
    await bus.receive('node/a', (bytes) => {
      texts.push(textOf(bytes));
      return new Promise<void>(() => undefined);
    });
    await until(() => texts.length === 1, 'a message');
    await until(async () => (await life()) > before, 'a longer life');
  });

  test('a server that has become a replica is left; the one that took its place lets holders put back first', async () => {
    const [first, second] = [await start(), await start()];
    await second.command(`REPLICAOF 127.0.0.1 ${first.port}`);
    const way = await live.proxy(first.port);
    const url = port(way.port);
    const [one, two] = [await connect({ url }), await connect({ url })];
    const states = statesOf(one);
    const root = await claim(one, 'node/a');
    const room = await claim(one, 'room/1', root);
    const synced = async (): Promise<boolean> =>
      (await second.command('HLEN {godot-enet}:kind:room')) === ':1\r\n';
    await until(synced, 'a replica that has all');
    // What comes now the replica never hears of.
    await second.command('REPLICAOF NO ONE');
    const late = await one.claim('room/2', 'late', root);
    await first.command(`REPLICAOF 127.0.0.1 ${second.port}`);
    way.lead(second.port);
    // The old server answers still; it takes nothing any more.
    expect(await codeFrom(one.renew(root))).toBe('DOWN');
    await until(async () => (await codeFrom(one.renew(root))) === 'restored', 'the other server');
    expect(await codeFrom(two.claim('room/2', 'theirs'))).toMatch(/DOWN|WARMING/);
    expect(await one.restore(root, [room, late])).toEqual([]);
    await until(async () => (await codeFrom(two.find('room/2'))) !== 'DOWN', 'the other server');
    expect(await two.find('room/2')).toMatchObject({ value: 'late', epoch: late.epoch });
    expect(await codeFrom(two.claim('room/2', 'theirs'))).toBe('TAKEN');
    expect(states).toEqual([false, true]);
  });

  test('one connection that fails ends both, and both come back', async () => {
    const server = await start();
    const bus = await connect({ url: server.url });
    const states = statesOf(bus);
    const texts: string[] = [];
    await bus.subscribe('topic/t', (bytes) => void texts.push(textOf(bytes)));
    await bus.receive('node/a', (bytes) => void texts.push(textOf(bytes)));
    for (const [i, type] of ['pubsub', 'normal'].entries()) {
      await server.command(`CLIENT KILL TYPE ${type} SKIPME yes`);
      await until(() => states.length === 2 * i + 2, 'the way there and back');
      await bus.publish('topic/t', bytesOf(`on ${type}`));
      await bus.send('node/a', bytesOf(`in ${type}`));
      await until(() => texts.length === 2, 'both');
      expect(texts.splice(0).toSorted()).toEqual([`in ${type}`, `on ${type}`]);
    }
    await server.command('SCRIPT FLUSH');
    expect(await codeFrom(bus.find('node/a'))).toBe('DOWN');
    await until(async () => (await codeFrom(bus.find('node/a'))) === undefined, 'scripts that are known');
    expect(states).toEqual([false, true, false, true, false, true]);
    expect(bus.status().outages).toBe(3);
  });

  test('connections in which nothing passes are given up; why is told once', async () => {
    const server = await start();
    const way = await live.proxy(server.port);
    const bus = await connect({ url: port(way.port), commandTimeoutMs: 500 });
    const states = statesOf(bus);
    way.swallow();
    // Nobody calls: the bus looks by itself.
    await until(() => states.length === 1, 'the end of the connection');
    await setTimeout(1500);
    way.pass();
    await until(() => bus.status().isUp, 'another connection');
    expect(await bus.find('node/a')).toBeUndefined();
    expect(states).toEqual([false, true]);
    expect(reported.map(String)).toEqual([
      'BusError: Redis did not answer within 500 ms',
      'BusError: Redis was not ready within 500 ms',
    ]);
    await until(() => way.connections === 2, 'the end of those that were given up');
  });

  test('what waits for an answer is bounded', async () => {
    const server = await start();
    const bus = await connect({ url: server.url, leaseMs: 5000 });
    server.pause();
    const results: unknown[] = [];
    const bytes = new Uint8Array(512 * 1024);
    const sends = Array.from(
      { length: 200 },
      async () => void results.push(await codeFrom(bus.send('node/a', bytes))),
    );
    await setTimeout(0);
    expect(results.length).toBeGreaterThan(60);
    await Promise.all(sends);
    expect(results).toEqual(sends.map(() => 'DOWN'));
    server.resume();
    await until(() => bus.status().isUp, 'an answer');
    server.pause();
    const finds: unknown[] = [];
    const asked = Array.from(
      { length: 11_000 },
      async () => void finds.push(await codeFrom(bus.find('node/a'))),
    );
    await setTimeout(0);
    expect(finds).toHaveLength(1000);
    await Promise.all(asked);
    server.resume();
  });

  test('a server that is not there: DOWN at once, and nothing is left', async () => {
    await nothingLeft('the start');
    const url = port(await freePort());
    await expect(RedisBus.connect({ url })).rejects.toMatchObject({
      code: 'DOWN',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await nothingLeft('the end');
  });

  test('nothing is left of a bus that was closed: in quiet, in an outage, in the middle of a message', async () => {
    const server = await start();
    await nothingLeft('the start');
    const quiet = await connect({ url: server.url });
    await quiet.receive('node/a', () => undefined);
    await quiet.subscribe('topic/t', () => undefined);
    quiet.onState(() => undefined);
    await quiet.close();
    await nothingLeft('the end of a quiet one');
    const busy = await connect({ url: server.url });
    await busy.receive('node/a', () => new Promise<void>(() => undefined));
    await busy.send('node/a', bytesOf('x'));
    await busy.close();
    await nothingLeft('the end of a busy one');
    const lone = await connect({ url: server.url, commandTimeoutMs: 500 });
    const states = statesOf(lone);
    server.pause();
    await until(() => states.length === 1, 'an outage');
    await lone.close();
    await nothingLeft('the end in an outage');
    server.resume();
  });
});

test.each<[RedisBusOptions, string]>([
  [{ leaseMs: 99 }, '"leaseMs" expected'],
  [{ commandTimeoutMs: 19 }, '"commandTimeoutMs" expected'],
  [
    { leaseMs: 1000, commandTimeoutMs: 1001 },
    '"commandTimeoutMs" expected at most "leaseMs", 1000, got 1001',
  ],
  [{ prefix: '' }, '"prefix" expected'],
  [{ prefix: 'a{b}' }, '"prefix" expected'],
  [{ url: 'http://user:secret@host' }, '"url" expected redis[s]://'],
  [{ url: 'redis://' }, '"url" expected redis[s]://'],
  [{ url: null as never }, '"url" expected redis[s]://'],
  [{ url: 'redis://user:secret%@host' }, '"url" expected redis[s]://'],
  [{ url: 'redis://user:secret%ff@host' }, '"url" expected redis[s]://'],
  [{ tls: null as never }, '"tls" expected an object, got null'],
  [{ leaseMs: Number.NaN }, '"leaseMs" expected'],
  [{ url: 'redis://host/name' }, '"url" expected redis[s]://'],
  [{ url: 'redis://host?x=1' }, '"url" expected redis[s]://'],
  [{ url: 'redis://host', tls: {} }, '"tls" expected a URL with rediss:'],
  [{ url: 'rediss://host', tls: { cert: 'x' } }, '"tls.cert" and "tls.key" expected both or none'],
])('options that are refused: %j', async (options, message) => {
  const error = await RedisBus.connect(options).catch((reason: unknown) => reason);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('secret');
});

/** Waits until nothing is left of what a bus uses: sockets and timers. */
async function nothingLeft(when: string): Promise<void> {
  const left = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name));
  await until(() => left().length === 0, `${when} without sockets and timers`);
}
