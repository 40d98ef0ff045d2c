/** Claims, renewals, and what ends them. */
import { expect, test } from 'vitest';
import { type Cluster, codeFrom, codeOf } from './engine.ts';

export function leaseTests(cluster: Cluster): void {
  const name = (text: string): string => cluster.name(text);

  test('a claim is found, listed and held; what is under a root says so', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), 'of a');
    const room = await one.claim(name('room/1'), 'of 1', root);
    expect([root.key, root.value, root.under]).toEqual([name('node/a'), 'of a', undefined]);
    expect([room.key, room.value, room.under]).toEqual([name('room/1'), 'of 1', root]);
    expect([root.isHeld, room.isHeld, room.isOver]).toEqual([true, true, false]);
    expect(room.epoch).toBeGreaterThan(root.epoch);
    const record = {
      key: room.key,
      value: 'of 1',
      epoch: room.epoch,
      root: root.key,
      rootEpoch: root.epoch,
    };
    expect(await two.find(room.key)).toEqual(record);
    expect(await cluster.list(two, 'room')).toEqual([record]);
    expect(await two.find(root.key)).toEqual({
      ...{ key: root.key, value: 'of a', epoch: root.epoch, root: root.key, rootEpoch: root.epoch },
    });
    expect(await two.find(name('room/2'))).toBeUndefined();
    expect(await two.list('no-kind')).toEqual([]);
    expect(one.leaseMs).toBe(cluster.engine.leaseMs);
  });

  test('a key has one holder: another is told who; the same bus gets the same claim with the value of now', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const other = await two.claim(name('node/b'), '');
    const room = await one.claim(name('room/1'), 'mine', root, undefined);
    const refusal = await two.claim(room.key, 'theirs', other).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'TAKEN',
      record: { key: room.key, value: 'mine', epoch: room.epoch, root: root.key },
    });
    expect(await codeFrom(two.claim(root.key, ''))).toBe('TAKEN');
    const again = await one.claim(room.key, 'mine still', root);
    expect([again.epoch, again.value, again.isHeld]).toEqual([room.epoch, 'mine still', true]);
    expect((await two.find(room.key))?.value).toBe('mine still');
    expect((await one.claim(root.key, '', undefined)).epoch).toBe(root.epoch);
    // Under another root of the same bus it is another claim.
    const second = await one.claim(name('node/c'), '');
    expect(await codeFrom(one.claim(room.key, '', second))).toBe('TAKEN');
  });

  test('of many who claim at once one gets the key', async () => {
    const [one, two, three] = await cluster.buses(3);
    const buses = [one, two, three];
    for (let round = 0; round < 10; round++) {
      const key = name(`node/${round}`);
      const results = await Promise.all(buses.map((bus) => bus.claim(key, '').catch(codeOf)));
      expect(results.filter((result) => result === 'TAKEN')).toHaveLength(2);
    }
  });

  test('epochs grow, whoever claims, and after a release as well', async () => {
    const [one, two] = await cluster.buses(2);
    const epochs: number[] = [];
    for (const bus of [one, two, one, one, two]) {
      const lease = await bus.claim(name('node/a'), '');
      epochs.push(lease.epoch);
      await bus.release(lease);
      expect([lease.isHeld, lease.isOver]).toEqual([false, true]);
      expect(await two.find(lease.key)).toBeUndefined();
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    expect(epochs.every(Number.isSafeInteger)).toBe(true);
  });

  test('a key that its holder has given up for another is replaced at once, but by no older word', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const other = await two.claim(name('node/b'), '');
    const room = await one.claim(name('room/1'), 'mine', root);
    expect(await codeFrom(two.claim(room.key, 'theirs', other, room.epoch - 1))).toBe('TAKEN');
    const theirs = await two.claim(room.key, 'theirs', other, room.epoch);
    expect(theirs.epoch).toBeGreaterThan(room.epoch);
    expect(await one.find(room.key)).toMatchObject({ value: 'theirs', root: other.key, epoch: theirs.epoch });
    // The root that it was under goes on; the claim that was given up does not.
    expect(await one.renew(root)).toBe('held');
    expect(await codeFrom(one.update(room, 'mine'))).toBe('LOST');
    expect(await one.restore(root, [room])).toEqual([room]);
    expect(room.isOver).toBe(true);
    expect(await codeFrom(two.claim(room.key, '', other, room.epoch))).toMatchObject({ epoch: theirs.epoch });
    await two.release(theirs);
    expect(await one.claim(room.key, '', root, theirs.epoch)).toMatchObject({ isHeld: true });
  });

  test('what is said of a key can change, while it is held by that claim', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '1');
    const room = await one.claim(name('room/1'), '1', root);
    await one.update(room, '2');
    await one.update(root, 'two');
    expect([room.value, root.value]).toEqual(['2', 'two']);
    expect(await two.find(room.key)).toMatchObject({ value: '2', epoch: room.epoch, root: root.key });
    expect((await two.find(root.key))?.value).toBe('two');
    await one.release(room);
    expect(await codeFrom(one.update(room, '3'))).toBe('LOST');
    const next = await one.claim(room.key, 'next', root);
    expect(await codeFrom(one.update(room, '3'))).toBe('LOST');
    await one.release(room);
    expect(await two.find(room.key)).toMatchObject({ value: 'next', epoch: next.epoch });
  });

  test('what is under a root ends with it', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), '', root);
    await one.release(root);
    expect([room.isHeld, room.isOver]).toEqual([false, true]);
    expect(await two.find(room.key)).toBeUndefined();
    expect(await cluster.list(two, 'room')).toEqual([]);
    expect(await codeFrom(one.update(room, ''))).toBe('LOST');
    expect(await codeFrom(one.claim(name('room/2'), '', root))).toBe('LOST');
    expect(await codeFrom(one.renew(root))).toBe('LOST');
    const again = await one.claim(root.key, '');
    expect(await codeFrom(one.claim(name('room/2'), '', root))).toBe('LOST');
    // Under the new claim of the root it is nobody's.
    expect(await two.find(room.key)).toBeUndefined();
    expect((await one.claim(room.key, '', again)).epoch).toBeGreaterThan(room.epoch);
  });

  test('a root that is renewed holds, and all that is under it; one that is not runs out for all', async () => {
    const [one, two] = await cluster.buses(2);
    const { leaseMs } = cluster.engine;
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), '', root);
    const other = await two.claim(name('node/b'), '');
    await cluster.hold(leaseMs * 2.5, [one, root], [two, other]);
    expect([root.isHeld, room.isHeld]).toEqual([true, true]);
    expect((await two.find(room.key))?.epoch).toBe(room.epoch);
    await cluster.hold(leaseMs * 1.1, [two, other]);
    expect([root.isHeld, room.isHeld, root.isOver]).toEqual([false, false, false]);
    expect(await two.find(root.key)).toBeUndefined();
    expect(await two.find(room.key)).toBeUndefined();
    expect(await cluster.list(two, 'room')).toEqual([]);
  });

  test('a root that has run out holds again when nobody has come upon it', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), '', root);
    await cluster.engine.later(cluster.engine.leaseMs * 1.5);
    expect(root.isHeld).toBe(false);
    expect(await one.renew(root)).toBe('held');
    expect([root.isHeld, room.isHeld]).toEqual([true, true]);
    expect(await two.find(room.key)).toMatchObject({ epoch: room.epoch });
  });

  test('who comes upon a root that has run out ends it for good, with all that is under it', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), 'mine', root);
    const sister = await one.claim(name('room/2'), 'mine', root);
    const other = await two.claim(name('node/b'), '');
    await cluster.hold(cluster.engine.leaseMs * 1.2, [two, other]);
    const theirs = await two.claim(room.key, 'theirs', other);
    expect(theirs.epoch).toBeGreaterThan(room.epoch);
    expect(await codeFrom(one.update(sister, 'late'))).toBe('LOST');
    expect(await codeFrom(one.claim(name('room/3'), '', root))).toBe('LOST');
    expect(await codeFrom(one.restore(root, [sister]))).toBe('LOST');
    expect(await codeFrom(one.renew(root))).toBe('LOST');
    expect([root.isOver, room.isOver, room.isHeld, sister.isOver]).toEqual([true, true, false, true]);
    expect(await two.find(room.key)).toMatchObject({ value: 'theirs', root: other.key });
    expect(await two.find(sister.key)).toBeUndefined();
    // A late release takes nothing from who has it now.
    await one.release(room);
    await one.release(root);
    expect((await two.find(room.key))?.epoch).toBe(theirs.epoch);
    expect(await two.claim(root.key, '')).toMatchObject({ isHeld: true });
  });

  test('a holder is unsure before another can have its key', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    expect(await codeFrom(two.claim(root.key, ''))).toBe('TAKEN');
    await cluster.until(async () => {
      const taken = await codeFrom(two.claim(root.key, ''));
      if (taken === 'TAKEN') return false;
      expect(root.isHeld).toBe(false);
      expect(taken).toMatchObject({ isHeld: true });
      return true;
    }, 'a key that has run out');
  });

  test('restoring looks, and changes nothing while all is there', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const rooms = [
      await one.claim(name('room/1'), '1', root),
      await one.claim(name('room/2'), '2', root),
    ] as const;
    expect(await one.restore(root, [])).toEqual([]);
    expect(await one.restore(root, rooms)).toEqual([]);
    await one.release(rooms[0]);
    expect(await one.restore(root, rooms)).toEqual([rooms[0]]);
    expect((await cluster.list(two, 'room')).map(({ key }) => key)).toEqual([rooms[1].key]);
  });

  test('a list has all keys of the kind, many as well, and no others', async () => {
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const keys = Array.from({ length: 300 }, (_, i) => name(`many/${i}`));
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => one.claim(key, `of ${key}`, root)));
      await one.renew(root);
    }
    await one.claim(name('man/1'), '', root);
    const found = await two.list('many');
    expect(found.map(({ key }) => key).sort()).toEqual(keys.toSorted());
    expect(found.every(({ key, value }) => value === `of ${key}`)).toBe(true);
  });
}
