/** What calls take, and the end. */
import { expect, test } from 'vitest';
import { type ClusterBus, type Lease, MAX_BUS_MESSAGE, MAX_BUS_VALUE } from '../../../src/cluster/index.ts';
import { bytesOf, type Cluster, codeFrom, textOf } from './engine.ts';

/** Names that mean something to some engine. */
const ODD = [
  'room/*',
  'room/>',
  'room/a.b',
  'room/.',
  'room/..',
  'room/a..b',
  'room/{a}',
  'room/}{',
  'room/a:b',
  'room//',
  'room/=',
  'room/_',
  'room/=2a',
  'room/%2A',
  'room/$a',
  'room/"',
  "room/'",
  'room/\\',
  'room/A',
  'room/a',
  'room/[a]?',
  'room/~!@#$%^&*()',
  'room/__proto__',
  '__proto__/constructor',
  'constructor/__proto__',
  '-/-',
  `room/${'x'.repeat(160)}`,
  `room/${'*'.repeat(160)}`,
  `${'k'.repeat(32)}/${'>'.repeat(160)}`,
];

/** What are no records of any engine. */
const SPOILT = [
  'x',
  '{}',
  '[]',
  'null',
  '{"value":"x","holder":"h","leaseMs":60000,"base":"now"}',
  '{"value":"x","holder":"h","leaseMs":60000,"epoch":1e300}',
  '{"value":"x","holder":"h","leaseMs":60000,"epoch":1.5}',
  '{"value":7,"holder":"h","leaseMs":60000,"epoch":1}',
  'NaN NaN h node/x v',
  `${'9'.repeat(30)} ${'9'.repeat(30)} h node/x v`,
  `${'9'.repeat(400)} ${'9'.repeat(400)}`,
];

/** What are no names. */
const BAD = [
  '',
  'room',
  'room/',
  '/1',
  'Room/1',
  'room/a b',
  'room/a\n',
  'room/\u00e9',
  `room/${'x'.repeat(161)}`,
  `${'k'.repeat(33)}/1`,
  undefined,
  null,
  7,
  {},
];

/** Anything: what is tested is what the types forbid. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Anything = any;

export function edgeTests(cluster: Cluster): void {
  const name = (text: string): string => cluster.name(text);

  test('every name that is allowed is a name like any other', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const leases: Lease[] = [];
    const texts: string[] = [];
    for (const key of ODD) {
      leases.push(await one.claim(key, `of ${key}`, root));
      await one.renew(root);
    }
    for (const lease of leases) expect((await two.find(lease.key))?.value).toBe(`of ${lease.key}`);
    await one.renew(root);
    for (const kind of new Set(ODD.map((key) => key.slice(0, key.indexOf('/'))))) {
      const expected = ODD.filter((key) => key.startsWith(`${kind}/`)).sort();
      const others = /-\d+$/;
      const found = (await two.list(kind)).map(({ key }) => key).filter((key) => !others.test(key));
      expect(found.sort()).toEqual(expected);
    }
    for (const key of ODD) {
      const ends = [
        await two.receive(key, (bytes) => void texts.push(`in ${key} ${textOf(bytes)}`)),
        await two.subscribe(key, (bytes) => void texts.push(`on ${key} ${textOf(bytes)}`)),
      ];
      await one.send(key, bytesOf(key));
      await one.publish(key, bytesOf(key));
      await cluster.until(() => texts.length >= 2, `messages of ${key}`);
      expect(texts.splice(0).sort()).toEqual([`in ${key} ${key}`, `on ${key} ${key}`]);
      for (const end of ends) end();
    }
    await one.renew(root);
    await one.release(root);
    expect(await two.find('room/a')).toBeUndefined();
  });

  test('what is no name is refused, with what came', async () => {
    const [bus] = await cluster.buses(1);
    const calls: readonly [string, (key: Anything) => Promise<unknown>][] = [
      ['key', (key) => bus.claim(key, '')],
      ['key', (key) => bus.find(key)],
      ['inbox', (key) => bus.send(key, new Uint8Array())],
      ['inbox', (key) => bus.receive(key, () => undefined)],
      ['topic', (key) => bus.publish(key, new Uint8Array())],
      ['topic', (key) => bus.subscribe(key, () => undefined)],
    ];
    for (const [what, call] of calls)
      for (const key of BAD)
        await expect(call(key)).rejects.toThrow(new RegExp(`^"${what}" expected kind/name`));
    for (const kind of ['', 'Room', 'room/', '*', 'k'.repeat(33), undefined, 7] as Anything[])
      await expect(bus.list(kind)).rejects.toThrow(/^"kind" expected/);
  });

  test('values and messages at their limits pass; larger ones do not, and change nothing', async () => {
    const [one, two] = await cluster.buses(2);
    const most = '\u20ac'.repeat(Math.floor(MAX_BUS_VALUE / 3)) + 'x'.repeat(MAX_BUS_VALUE % 3);
    const root = await one.claim(name('node/a'), most);
    expect((await two.find(root.key))?.value).toBe(most);
    for (const value of [`${most}x`, 'x'.repeat(MAX_BUS_VALUE + 1)]) {
      expect(await codeFrom(one.claim(name('node/b'), value))).toBe('TOO_LARGE');
      expect(await codeFrom(one.update(root, value))).toBe('TOO_LARGE');
    }
    expect([root.value === most, await two.find(name('node/b'))]).toEqual([true, undefined]);
    for (const value of ['', '\0', '\r\n', '"\\', '{"a":[null]}', '\u{1f600}']) {
      await one.update(root, value);
      expect((await two.find(root.key))?.value).toBe(value);
    }
    const got: Uint8Array[] = [];
    await two.receive(name('node/b'), (bytes) => void got.push(bytes));
    await two.subscribe(name('topic/t'), (bytes) => void got.push(bytes));
    const large = new Uint8Array(MAX_BUS_MESSAGE).fill(200);
    await one.send(name('node/b'), large);
    await one.publish(name('topic/t'), large);
    await cluster.until(() => got.length === 2, 'both');
    expect(got.every((bytes) => Buffer.compare(bytes, large) === 0)).toBe(true);
    const larger = new Uint8Array(MAX_BUS_MESSAGE + 1);
    expect(await codeFrom(one.send(name('node/b'), larger))).toBe('TOO_LARGE');
    expect(await codeFrom(one.publish(name('topic/t'), larger))).toBe('TOO_LARGE');
  });

  test('what another program has written where a key has its record is nothing: nobody holds it, and lists go on', async () => {
    const { spoil } = cluster.engine;
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), '', root);
    const other = await two.claim(name('node/b'), '');
    for (const text of spoil === undefined ? [] : SPOILT)
      for (const key of [name('room/odd'), name('node/odd')]) {
        await spoil?.(key, text);
        expect(await two.find(key), text).toBeUndefined();
        expect((await cluster.list(two, 'room')).map((record) => record.key)).toEqual([room.key]);
        expect((await cluster.list(two, 'node')).map((record) => record.key).sort()).toEqual([
          root.key,
          other.key,
        ]);
        await spoil?.(key, text);
        const lease = await two.claim(key, 'ours', key.startsWith('node') ? undefined : other);
        expect(Number.isSafeInteger(lease.epoch), text).toBe(true);
        expect(await one.find(key)).toMatchObject({ value: 'ours', epoch: lease.epoch });
        await spoil?.(key, text);
        expect(await codeFrom(two.update(lease, 'ours still'))).toBe('LOST');
        await two.release(lease);
        await one.renew(root);
        await two.renew(other);
      }
    const next = await one.claim(name('room/2'), '', root);
    expect(next.epoch).toBeGreaterThan(room.epoch);
    expect(Number.isSafeInteger(next.epoch)).toBe(true);
  });

  test('what is no value, no message, no listener and no root is refused', async () => {
    const [bus] = await cluster.buses(1);
    const any: Anything = bus;
    const root = await bus.claim(name('node/a'), '');
    const room = await bus.claim(name('room/1'), '', root);
    for (const value of [undefined, null, 7, {}, bytesOf('x')]) {
      await expect(any.claim(name('node/b'), value)).rejects.toThrow('"value" expected a text');
      await expect(any.update(root, value)).rejects.toThrow('"value" expected a text');
    }
    await expect(bus.update(root, '\ud800')).rejects.toThrow('"value" expected well-formed text');
    for (const bytes of [undefined, 'x', [1], new ArrayBuffer(1)]) {
      await expect(any.send(name('node/b'), bytes)).rejects.toThrow('"bytes" expected a Uint8Array');
      await expect(any.publish(name('topic/t'), bytes)).rejects.toThrow('"bytes" expected a Uint8Array');
    }
    for (const listener of [undefined, null, {}]) {
      await expect(any.receive(name('node/b'), listener)).rejects.toThrow('"listener" expected a function');
      await expect(any.subscribe(name('node/b'), listener)).rejects.toThrow('"listener" expected a function');
      expect(() => any.onState(listener)).toThrow('"listener" expected a function');
    }
    for (const lease of [undefined, null, 'node/a', {}]) {
      await expect(any.renew(lease)).rejects.toThrow('"root" expected a Lease');
      await expect(any.update(lease, '')).rejects.toThrow('"lease" expected a Lease');
      await expect(any.release(lease)).rejects.toThrow('"lease" expected a Lease');
      await expect(any.restore(root, [lease])).rejects.toThrow('"leases" expected leases under');
      await expect(any.restore(root, lease)).rejects.toThrow('"leases" expected');
    }
    await expect(bus.renew(room)).rejects.toThrow('"root" expected a lease that is under no other');
    await expect(bus.claim(name('room/2'), '', room)).rejects.toThrow(
      '"under" expected a lease that is under no other',
    );
    for (const under of [null, 'node/a', {}])
      await expect(any.claim(name('room/2'), '', under)).rejects.toThrow('"under" expected a Lease');
    for (const from of [null, '1', 1.5, Number.NaN])
      await expect(any.claim(name('room/2'), '', root, from)).rejects.toThrow('"from" expected');
    await expect(bus.restore(root, [root])).rejects.toThrow('"leases" expected leases under');
    await expect(bus.restore(room, [])).rejects.toThrow('"root" expected a lease that is under no other');
    expect((await bus.find(room.key))?.epoch).toBe(room.epoch);
  });

  test('a bus that was closed answers CLOSED, hears nothing, and has let its listeners go', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), '', root);
    const texts: string[] = [];
    const states: boolean[] = [];
    const ends = [
      await one.receive(name('node/a'), (bytes) => void texts.push(textOf(bytes))),
      await one.subscribe(name('topic/t'), (bytes) => void texts.push(textOf(bytes))),
      one.onState((isUp) => void states.push(isUp)),
    ];
    await Promise.all([one.close(), one.close()]);
    await one.close();
    const calls: ((bus: ClusterBus) => Promise<unknown>)[] = [
      (bus) => bus.claim(name('node/c'), ''),
      (bus) => bus.renew(root),
      (bus) => bus.update(room, ''),
      (bus) => bus.restore(root, [room]),
      (bus) => bus.release(room),
      (bus) => bus.find(root.key),
      (bus) => bus.list('node'),
      (bus) => bus.send(name('node/b'), bytesOf('x')),
      (bus) => bus.receive(name('node/b'), () => undefined),
      (bus) => bus.publish(name('topic/t'), bytesOf('x')),
      (bus) => bus.subscribe(name('topic/t'), () => undefined),
    ];
    for (const call of calls) expect(await codeFrom(call(one))).toBe('CLOSED');
    for (const end of ends) end();
    await two.send(name('node/a'), bytesOf('x'));
    await two.publish(name('topic/t'), bytesOf('x'));
    await cluster.engine.later(50);
    expect([texts, states]).toEqual([[], []]);
    expect(one.status().isUp).toBe(false);
    // Leases run out by themselves, not sooner.
    expect((await two.find(root.key))?.epoch).toBe(root.epoch);
    await cluster.until(async () => (await two.find(root.key)) === undefined, 'the end of the lease');
  });
}
