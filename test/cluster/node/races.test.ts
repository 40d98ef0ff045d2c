/** What a node does at the same moment as something else: claims whose answer was lost, ends in the middle of a start. */
import { expect, test } from 'vitest';
import { BusError, ClusterError, ClusterNode } from '../../../src/cluster/index.ts';
import { codeOf } from '../conformance/engine.ts';
import { type ClusterWorld, type TestNode, worldOfEachTest } from './world.ts';

let world: ClusterWorld;
worldOfEachTest({}, (made) => {
  world = made;
});

/** The next claim of a room is made, and its answer is lost. */
function loseAnswer({ bus }: TestNode): void {
  const claim = bus.claim.bind(bus);
  bus.claim = async (...args) => {
    await claim(...args);
    bus.claim = claim;
    throw new BusError('DOWN', 'the answer was lost');
  };
}

test('a room that is asked for again while its claim of before is given up stays listed', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  loseAnswer(a);
  await expect(world.settle(a.rooms.create('plain', undefined, { id: 'x' })).catch(codeOf)).resolves.toBe(
    'DOWN',
  );
  // At its next renewal the node gives up what nobody wants; at that very moment somebody does.
  const claim = a.bus.claim.bind(a.bus);
  let again: Promise<unknown> | undefined;
  a.bus.claim = (...args) => {
    again ??= a.rooms.create('plain', undefined, { id: 'x' });
    return claim(...args);
  };
  await world.until('a second create', () => again !== undefined);
  await world.settle(again ?? Promise.reject(new Error('none')));
  await world.run(200);
  expect(await world.settle(b.node.find('x'))).toMatchObject({ place: { node: 'a' } });
  const twin = b.rooms.create('plain', undefined, { id: 'x' }).catch(codeOf);
  expect(await world.settle(twin)).toBe('TAKEN');
});

test('a claim whose answer was lost is given up, also when the first try of that is not answered', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  loseAnswer(a);
  await world.settle(a.rooms.create('plain', undefined, { id: 'x' }).catch(codeOf));
  const release = a.bus.release.bind(a.bus);
  let tries = 0;
  a.bus.release = (lease) =>
    tries++ === 0 ? Promise.reject(new BusError('DOWN', 'not answered')) : release(lease);
  await world.until('a second try', () => tries === 2);
  await world.run(50);
  await world.settle(b.rooms.create('plain', undefined, { id: 'x' }));
});

test('a node that is closed while it starts leaves nothing behind', async () => {
  for (const afterMs of [0, 10, 20, 30, 40, 50, 60]) {
    const a = world.make(`a${afterMs}`);
    let listeners = 0;
    for (const name of ['receive', 'subscribe'] as const) {
      const call = a.bus[name].bind(a.bus);
      a.bus[name] = async (where, listener) => {
        const end = await call(where, listener);
        listeners++;
        let isOver = false;
        return () => {
          if (!isOver) listeners--;
          isOver = true;
          end();
        };
      };
    }
    const started = a.node.start().catch((error: { code?: unknown }) => error.code);
    await world.run(afterMs);
    await world.settle(a.node.close());
    expect([undefined, 'NOT_RUNNING', 'CLOSED', 'LOST'], `after ${afterMs} ms`).toContain(
      await world.settle(started),
    );
    await world.run(100);
    const lists = a.bus.list.bind(a.bus);
    let looks = 0;
    a.bus.list = (kind) => {
      looks++;
      return lists(kind);
    };
    await world.run(1000);
    expect({ afterMs, listeners, looks }).toEqual({ afterMs, listeners: 0, looks: 0 });
    await expect(
      world.settle(a.node.find('x')).catch((error: { code?: unknown }) => error.code),
    ).resolves.toBe('NOT_RUNNING');
  }
});

test('a node that is closed while it starts, and the bus goes away, listens to nothing afterwards', async () => {
  const a = world.make('a');
  const listeners = new Set<string>();
  const { subscribe } = a.bus;
  a.bus.subscribe = async (topic, listener) => {
    const end = await subscribe.call(a.bus, topic, listener);
    listeners.add(topic);
    await a.node.close();
    a.bus.list = () => Promise.reject(new BusError('DOWN', 'away'));
    return () => {
      listeners.delete(topic);
      end();
    };
  };
  const started = a.node.start().catch((error: { code?: unknown }) => error.code);
  expect(['DOWN', 'NOT_RUNNING']).toContain(await world.settle(started));
  expect([...listeners]).toEqual([]);
});

test('a room that is opened while a list is on its way is in it, and one that ends meanwhile is not', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const make = (id: string) => world.settle(b.node.create('plain', undefined, { id, on: 'here' }));
  await make('old');
  const ids = async () => (await world.settle(a.node.list())).map(({ id }) => id).sort();
  expect(await ids()).toEqual(['old']);
  await world.run(11_000);
  const list = a.bus.list.bind(a.bus);
  let isAsked = false;
  let goOn = (): void => undefined;
  a.bus.list = async (kind) => {
    const records = await list(kind);
    if (kind !== 'room') return records;
    isAsked = true;
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    return records;
  };
  const found = a.node.list();
  await world.until('a look', () => isAsked);
  await make('new');
  await world.settle(b.rooms.get('old')?.end() ?? Promise.reject(new Error('no room')));
  await world.run(100);
  goOn();
  expect((await world.settle(found)).map(({ id }) => id)).toEqual(['new']);
  a.bus.list = list;
});

test('what is said of rooms by who is no node changes no list, and is bounded', async () => {
  const a = await world.start('a');
  await world.settle(a.node.create('plain', undefined, { id: '1', on: 'here' }));
  await world.run(50);
  const ids = async () => (await world.settle(a.node.list())).map(({ id }) => id);
  expect(await ids()).toEqual(['1']);
  const other = world.hub.connect();
  const said = (room: unknown) =>
    other.publish('cluster/rooms', new TextEncoder().encode(JSON.stringify(room)));
  const good = { id: '2', value: '{}', epoch: 1, node: 'b' };
  const bad: unknown[] = [
    ...[7, null, [], {}],
    ...['', 'a b', 'x'.repeat(129), '\n', 7].map((id) => ({ ...good, id })),
    ...[1e300, -1, 0.5, '1', null].map((epoch) => ({ ...good, id: '1', value: null, epoch })),
    ...[7, null, 'x'.repeat(65)].map((node) => ({ ...good, node })),
    { ...good, value: 'x'.repeat(100_000) },
  ];
  for (const room of bad) world.settle(said(room)).catch(() => undefined);
  await world.run(100);
  expect(await ids()).toEqual(['1']);
  const looks = a.bus.list.bind(a.bus);
  let count = 0;
  a.bus.list = (kind) => {
    if (kind === 'room') count++;
    return looks(kind);
  };
  await Promise.all([
    ...Array.from({ length: 10_001 }, (_, i) => said({ ...good, id: `x${i}` })),
    world.run(100),
  ]);
  await world.run(100);
  expect([await ids(), count]).toEqual([['1'], 1]);
});

test('an answer that cannot travel is told at once; what is no question is answered nowhere', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  b.node.onRequest('large', () => new Uint8Array(600_000));
  b.node.onRequest('odd', () => 5n);
  b.node.onRequest('talkative', () => {
    throw new ClusterError('BUSY', 'x'.repeat(600_000));
  });
  const codes: unknown[] = [];
  for (const name of ['large', 'odd', 'talkative', 'n'.repeat(100)])
    codes.push(
      await world.settle(
        a.node.request('b', name, null, { timeoutMs: 500 }).catch((error: { code?: unknown }) => error.code),
      ),
    );
  expect(codes).toEqual(['TOO_LARGE', 'FAILED', 'BUSY', 'UNHANDLED']);
  const told = world.errors.splice(0);
  expect(told.filter((text) => !/^b: answer to (large|odd): /.test(text))).toEqual([]);
  const { epoch } = b.node.nodes().find(({ id }) => id === 'b') ?? { epoch: 0 };
  const question = { type: 'request', id: '1', name: 'odd', from: 'not an inbox', payload: null };
  await world.settle(a.bus.send(`inbox/b.${epoch}`, new TextEncoder().encode(JSON.stringify(question))));
  await world.run(100);
  expect(world.errors.splice(0)).toEqual([
    expect.stringContaining('what has arrived is no message of a node'),
  ]);
});

test('options that are none are refused by name', async () => {
  const a = await world.start('a');
  const any = a.node as unknown as {
    reserve(...args: unknown[]): Promise<unknown>;
    create(...args: unknown[]): Promise<unknown>;
  };
  for (const bad of [null, 7, 'x']) {
    await expect(any.reserve('x', bad)).rejects.toThrow('"options" expected an object');
    await expect(any.create('plain', undefined, { reserve: bad })).rejects.toThrow(
      '"reserve" expected an object',
    );
    await expect(any.create('plain', undefined, bad)).rejects.toThrow('"options" expected an object');
    await expect(any.reserve('x', {}, bad)).rejects.toThrow('"options" expected an object');
    expect(() => new ClusterNode({ bus: a.bus, rooms: a.rooms, capacity: bad as never })).toThrow(
      '"capacity" expected an object',
    );
  }
  await expect(a.node.create('plain', undefined, { timeoutMs: Number.NaN })).rejects.toThrow(
    '"timeoutMs" expected',
  );
  expect(a.rooms.rooms).toEqual([]);
});

test('a node is closed while the bus is away, also when a room waits for the end of one before', async () => {
  const a = await world.start('a');
  const room = await world.settle(a.rooms.create('plain', undefined, { id: 'x' }));
  world.hub.pause();
  await world.settle(room.end());
  const next = a.rooms.create('plain', undefined, { id: 'x' });
  const refused = next.catch((error: { code?: unknown }) => error.code);
  await world.run(100);
  await world.settle(a.node.close());
  expect(await world.settle(refused)).toBe('FENCED');
});
