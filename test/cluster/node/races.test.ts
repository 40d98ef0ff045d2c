/** What a node does at the same moment as something else: claims whose answer was lost, ends in the middle of a start. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BusError } from '../../../src/cluster/index.ts';
import { ClusterWorld, type TestNode } from './world.ts';

let world: ClusterWorld;
beforeEach(() => {
  world = new ClusterWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.errors).toEqual([]);
});

const codeOf = (error: unknown): unknown => (error instanceof BusError ? error.code : error);

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
