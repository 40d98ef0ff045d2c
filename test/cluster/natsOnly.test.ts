/** What is of NATS alone: users, TLS, servers that are none, streams that are gone, inboxes that change hands, and what is left of a bus. */

import { setTimeout } from 'node:timers/promises';
import { connect as connectNats, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { type ClusterBus, type Lease, NatsBus, type NatsBusOptions } from '../../src/cluster.ts';
import { issue } from '../support/certificates.ts';
import { peer } from '../support/peers.ts';
import { bytesOf, codeFrom, statesOf, textOf } from './conformance/engine.ts';
import { Live, until } from './live.ts';
import { NatsServer, type NatsServerOptions } from './natsServer.ts';
import { freePort } from './redisServer.ts';

const { isMissing, note } = peer('nats');

const live = new Live();
const { reported } = live;

async function start(options?: NatsServerOptions): Promise<NatsServer> {
  return live.own(await NatsServer.start(options));
}

async function connect(options: NatsBusOptions): Promise<ClusterBus> {
  return live.own(
    await NatsBus.connect({
      leaseMs: 1000,
      onError: (error) => void reported.push(error),
      ...options,
    }),
  );
}

/** Somebody else at the server. */
async function admin(servers: string): Promise<NatsConnection> {
  return live.own(await connectNats({ servers, reconnect: false }));
}

/** How many messages there are in the bucket, by subject. */
async function subjectsOf(connection: NatsConnection): Promise<string[]> {
  const answer = await connection.request('$JS.API.STREAM.INFO.KV_godot-enet', '{"subjects_filter":">"}');
  return Object.keys(answer.json<{ state: { subjects?: object } }>().state.subjects ?? {});
}

/** Claims as soon as nobody waits for holders any more. */
async function claim(bus: ClusterBus, key: string, under?: Lease): Promise<Lease> {
  for (;;) {
    const made = await bus.claim(key, `of ${key}`, under).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'WARMING')) throw error;
    });
    if (made !== undefined) return made;
    if (under !== undefined) await bus.renew(under);
    await setTimeout(20);
  }
}

/** Each thing that a bus does, once. */
async function doAll(bus: ClusterBus): Promise<void> {
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
  await bus.release(root);
  expect(bus.status()).toMatchObject({ isUp: true, failures: 0, outages: 0 });
}

/** docs/guide/cluster.md has these lines. */
const RIGHTS = `
authorization {
  users: [
    {
      user: game, password: "p@ss"
      permissions: {
        publish: ["$JS.API.>", "$JS.ACK.>", "$JS.FC.>", "$KV.godot-enet.>", "godot-enet.>"]
        subscribe: ["_INBOX.>", "godot-enet.topic.>"]
      }
    }
  ]
}
`;

describe.skipIf(isMissing)(`NatsBus${note}`, () => {
  test('a user with the rights of the guide does all that a bus does; another one nothing', async () => {
    const server = await start({ config: RIGHTS });
    const { address: servers } = server;
    await doAll(await connect({ servers, username: 'game', password: 'p@ss' }));
    const refused = await codeFrom(NatsBus.connect({ servers, leaseMs: 1000 }));
    expect(refused).toBe('DOWN');
    const wrong = await NatsBus.connect({ servers, username: 'game', password: 'secret' }).catch(
      (error: unknown) => error,
    );
    expect(wrong).toMatchObject({ code: 'DOWN', message: expect.stringMatching(/authorization/i) });
    expect(String(wrong)).not.toContain('secret');
  });

  test('a token', async () => {
    const { address: servers } = await start({ config: 'authorization { token: "s3cr3t" }' });
    await doAll(await connect({ servers, token: 's3cr3t' }));
    expect(await codeFrom(NatsBus.connect({ servers, token: 'other' }))).toBe('DOWN');
  });

  test('TLS: who the server is and who asks is known by certificates', async () => {
    const authority = await issue({ name: 'authority', ca: true });
    const own = await issue({
      name: 'nats.test',
      issuer: authority,
      names: [{ type: 'dns', value: 'nats.test' }],
    });
    const node = await issue({ name: 'node', issuer: authority });
    const { address: servers } = await start({
      files: { 'ca.pem': authority.certificate, 'own.pem': own.certificate, 'own.key': own.key },
      config: 'tls { cert_file: "./own.pem", key_file: "./own.key", ca_file: "./ca.pem", verify: true }',
    });
    const { certificate: cert, key } = node;
    const known = { ca: authority.certificate, cert, key, serverName: 'nats.test' };
    await doAll(await connect({ servers, tls: known }));
    for (const tls of [
      undefined,
      { ...known, ca: undefined },
      { ...known, serverName: undefined },
      { ...known, serverName: 'other.test' },
      { ...known, cert: undefined, key: undefined },
    ])
      expect(await codeFrom(NatsBus.connect({ servers, tls, leaseMs: 1000 }))).toBe('DOWN');
    // TLS to a server that has none is no connection, not one in the clear.
    const plain = await start();
    expect(await codeFrom(NatsBus.connect({ servers: `tls://${plain.address}`, leaseMs: 1000 }))).toBe(
      'DOWN',
    );
  });

  test('no server, one without JetStream, and one that takes less: told at once', async () => {
    const startMs = performance.now();
    expect(await codeFrom(NatsBus.connect({ servers: `127.0.0.1:${await freePort()}` }))).toBe('DOWN');
    const bare = await start({ hasJetStream: false });
    const refused = await NatsBus.connect({ servers: bare.address }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'DOWN', message: expect.stringContaining('no responders') });
    expect(performance.now() - startMs).toBeLessThan(2000);
    const small = await start({ config: 'max_payload: 10000' });
    const bus = await connect({ servers: [`127.0.0.1:${await freePort()}`, small.address] });
    expect(await codeFrom(bus.send('node/a', new Uint8Array(10_000)))).toBe('TOO_LARGE');
    expect(await codeFrom(bus.publish('topic/t', new Uint8Array(10_000)))).toBe('TOO_LARGE');
    expect(bus.status()).toMatchObject({ isUp: true, failures: 0 });
  });

  test('a server that says nothing costs no sockets: before the first connection, while one is made again, and after the end', async () => {
    const { port } = await start();
    const way = await live.proxy(port);
    const servers = `127.0.0.1:${way.port}`;
    way.swallow();
    expect(await codeFrom(NatsBus.connect({ servers, leaseMs: 200 }))).toBe('DOWN');
    await until(() => way.connections === 0, 'no connection');
    way.pass();
    const bus = await connect({ servers, leaseMs: 200 });
    const states = statesOf(bus);
    expect(way.connections).toBe(1);
    way.swallow();
    expect(await codeFrom(bus.find('node/a'))).toBe('DOWN');
    // Long enough for the client to see that nothing is answered, and for several attempts.
    await setTimeout(8000);
    expect(way.connections).toBeLessThan(3);
    way.pass();
    await until(() => bus.status().isUp, 'an answer');
    expect(states).toEqual([false, true]);
    await bus.close();
    await until(() => way.connections === 0, 'no connection');
  });

  test('many who come first at once have one bucket', async () => {
    const { address: servers } = await start();
    const buses = await Promise.all(Array.from({ length: 6 }, () => connect({ servers })));
    await claim(buses[0] ?? (await connect({ servers })), 'node/a');
    for (const bus of buses.slice(1)) expect(await codeFrom(bus.claim('node/a', ''))).toBe('TAKEN');
    const other = await connect({ servers, prefix: 'other' });
    expect(await other.find('node/a')).toBeUndefined();
    await claim(other, 'node/a');
  });

  test('leases are of one length, which may be another one when nobody is there', async () => {
    const { address: servers } = await start();
    const bus = await connect({ servers, leaseMs: 400 });
    const root = await claim(bus, 'node/a');
    await expect(NatsBus.connect({ servers, leaseMs: 500 })).rejects.toThrow(
      new RangeError('"leaseMs" expected 400, as the nodes have it that are there, got 500'),
    );
    await bus.release(root);
    expect((await connect({ servers, leaseMs: 500 })).leaseMs).toBe(500);
  });

  test('streams that somebody has deleted are made again, and what was held is put back', async () => {
    const { address: servers } = await start();
    const bus = await connect({ servers });
    const root = await claim(bus, 'node/a');
    const room = await claim(bus, 'room/1', root);
    const texts: string[] = [];
    await bus.receive('node/a', (bytes) => void texts.push(textOf(bytes)));
    const other = await admin(servers);
    for (const stream of ['KV_godot-enet', 'godot-enet-inboxes'])
      await other.request(`$JS.API.STREAM.DELETE.${stream}`);
    await until(async () => (await codeFrom(bus.renew(root))) === 'restored', 'a root that is put back');
    expect(await bus.restore(root, [room])).toEqual([]);
    expect(await bus.find('room/1')).toMatchObject({ epoch: room.epoch, value: 'of room/1' });
    await until(async () => {
      await codeFrom(bus.send('node/a', bytesOf('again')));
      return texts.includes('again');
    }, 'a message');
    expect(reported).toEqual([]);
  });

  test('nothing is left of what has ended', async () => {
    const { address: servers } = await start();
    // Long enough for all that is claimed under a lease.
    const leaseMs = 3000;
    const [one, two] = [await connect({ servers, leaseMs }), await connect({ servers, leaseMs })];
    const first = await claim(one, 'node/a');
    for (let i = 0; i < 20; i++) await one.claim(`room/${i}`, '', first);
    const lapsed = await two.claim('node/b', '');
    for (let i = 20; i < 40; i++) await two.claim(`room/${i}`, '', lapsed);
    await one.release(first);
    // Somebody comes upon what the other one has let run out.
    await until(async () => (await two.find('node/b')) === undefined, 'the end of a lease');
    const last = await one.claim('node/c', '');
    // What the time at the server is, each of them knows by itself.
    await until(() => one.claim('room/20', '', last).then(Boolean, () => false), 'a claim');
    const other = await admin(servers);
    await until(async () => {
      await one.renew(last);
      return (await subjectsOf(other)).length <= 5;
    }, 'a bucket without leftovers');
    const names = (await subjectsOf(other)).map((subject) => subject.split('.').slice(3).join('.'));
    expect(names.sort()).toEqual(['lease', 'node.c', 'room.20', 'run', 'time']);
  });

  test('a message that was handled when the connection broke is not handled again', async () => {
    const { port, address } = await start();
    const way = await live.proxy(port);
    const bus = await connect({ servers: `127.0.0.1:${way.port}` });
    const other = await connect({ servers: address });
    const texts: string[] = [];
    await bus.receive('node/a', async (bytes) => {
      texts.push(textOf(bytes));
      if (texts.length !== 2) return;
      way.cut();
      await setTimeout(300);
    });
    for (const text of ['1', '2', '3', '4']) await other.send('node/a', bytesOf(text));
    await until(() => texts.length >= 4, 'all messages');
    await until(async () => {
      await setTimeout(100);
      return bus.status().isUp && bus.status().waiting === 0;
    }, 'an empty inbox');
    expect(texts).toEqual(['1', '2', '3', '4']);
  });

  test('who takes an inbox over has it; the other one is told once, and does not fight for it', async () => {
    const { address: servers } = await start();
    const [one, two, three] = [
      await connect({ servers }),
      await connect({ servers }),
      await connect({ servers }),
    ];
    const texts: string[] = [];
    await one.receive('node/a', (bytes) => void texts.push(`one ${textOf(bytes)}`));
    await two.receive('node/a', (bytes) => void texts.push(`two ${textOf(bytes)}`));
    await until(() => reported.length > 0, 'a report');
    for (const text of ['1', '2']) await three.send('node/a', bytesOf(text));
    await until(() => texts.length >= 2, 'both messages');
    expect(texts).toEqual(['two 1', 'two 2']);
    expect(reported.map(String)).toEqual(['Error: somebody else receives node/a now']);
  });
});

test('options that are none', async () => {
  const wrong: readonly [NatsBusOptions, string][] = [
    [{ servers: [] }, '"servers" expected host:port'],
    [
      { servers: 'game:secret@10.0.0.1:4222' },
      '"servers" expected host:port or nats://host:port, got one with an @',
    ],
    [{ servers: 'http://10.0.0.1' }, '"servers" expected host:port'],
    [{ username: 'a' }, '"username" and "password" expected both or none'],
    [{ token: 'a', username: 'a', password: 'b' }, '"token" expected no "username"'],
    [{ tls: { cert: 'a' } }, '"tls.cert" and "tls.key" expected both or none'],
    [{ prefix: 'a.b' }, '"prefix" expected 1..32 letters'],
    [{ leaseMs: 99 }, '"leaseMs" expected integer 100..600000, got 99'],
    [
      { leaseMs: 1000, commandTimeoutMs: 1001 },
      '"commandTimeoutMs" expected at most "leaseMs", 1000, got 1001',
    ],
    [{ replicas: 2 }, '"replicas" expected 1, 3 or 5, got 2'],
    [{ storage: 'disk' as 'file' }, '"storage" expected "file" or "memory", got "disk"'],
  ];
  for (const [options, message] of wrong) await expect(NatsBus.connect(options)).rejects.toThrow(message);
});
