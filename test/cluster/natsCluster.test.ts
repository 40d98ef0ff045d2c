/**
 * Three NATS servers that watch each other: what a bus does when the one ends that it is at. They take their time to choose another one to lead:
 * with `npm run test:long`. That a second one ends soon after the first is back is not tested: nats-server 2.9 then may have no leader for minutes.
 */
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { NatsBus } from '../../src/cluster.ts';
import { peer } from '../support/peers.ts';
import { bytesOf, codeFrom, textOf } from './conformance/engine.ts';
import { NatsServer } from './natsServer.ts';
import { freePort } from './redisServer.ts';

const { isMissing, note } = peer('nats');

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (performance.now() < endMs) {
    if (await holds()) return;
    await setTimeout(50);
  }
  throw new Error(`${what} did not come about within 60 s`);
}

const isLong = process.env['LONG_RUN'] === '1';

describe.skipIf(isMissing || !isLong)(`NatsBus at three servers${note}`, () => {
  test('one of them may end: nothing is lost that was there', { timeout: 300_000 }, async () => {
    const routes = await Promise.all([freePort(), freePort(), freePort()]);
    const all = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
    const servers = await Promise.all(
      routes.map((port, i) =>
        NatsServer.start({
          config: `server_name: n${i}\ncluster { name: c, listen: "127.0.0.1:${port}", routes: [${all}] }`,
        }),
      ),
    );
    for (const server of servers) closing.push(() => server.close());
    const reported: unknown[] = [];
    const onError = (error: unknown): void => void reported.push(error);
    const options = { onError, servers: servers.map(({ address }) => address), leaseMs: 20_000, replicas: 3 };
    let one: Awaited<ReturnType<typeof NatsBus.connect>> | undefined;
    // The servers have to find each other first.
    await until(async () => {
      one = await NatsBus.connect(options).catch(() => undefined);
      return one !== undefined;
    }, 'a connection');
    if (one === undefined) throw new Error('no bus');
    const bus = one;
    closing.push(() => bus.close());
    const two = await NatsBus.connect(options);
    closing.push(() => two.close());
    await until(async () => (await codeFrom(bus.claim('node/a', ''))) !== 'WARMING', 'a claim');
    const root = await bus.claim('node/a', 'of a');
    const room = await bus.claim('room/1', 'of 1', root);
    const texts: string[] = [];
    await bus.receive('node/a', (bytes) => void texts.push(textOf(bytes)));
    const waits = bytesOf('waits');
    await two.send('node/b', waits);
    const [first] = servers;
    await first?.kill();
    await until(async () => (await codeFrom(bus.renew(root))) === 'held', 'a renewal');
    await until(async () => (await codeFrom(two.send('node/a', bytesOf('hello')))) === undefined, 'a send');
    await until(() => texts.includes('hello'), 'the message');
    expect(await codeFrom(two.find('room/1'))).toMatchObject({ epoch: room.epoch, value: 'of 1' });
    await first?.start();
    await until(async () => (await codeFrom(two.list('room'))) !== 'DOWN', 'a list');
    expect((await two.list('room')).map(({ key }) => key)).toEqual(['room/1']);
    const later: string[] = [];
    await two.receive('node/b', (bytes) => void later.push(textOf(bytes)));
    await until(() => later.length > 0, 'the message that waited');
    expect(later).toEqual(['waits']);
    // Sent again where no answer came.
    expect(new Set(texts)).toEqual(new Set(['hello']));
    expect(reported).toEqual([]);
  });
});
