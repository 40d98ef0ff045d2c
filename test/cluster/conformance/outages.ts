/** An engine that stops answering, is started anew, or has lost its data. */
import { expect, type TestContext, test } from 'vitest';
import type { ClusterBus, Lease } from '../../../src/cluster/index.ts';
import { bytesOf, type Cluster, codeFrom, statesOf, textOf } from './engine.ts';

export function outageTests(cluster: Cluster): void {
  const name = (text: string): string => cluster.name(text);

  /** Two buses at an engine that may come back with old data; with any other engine the test is skipped. */
  async function withOldData(
    context: TestContext,
  ): Promise<{ save: () => Promise<void>; one: ClusterBus; two: ClusterBus }> {
    const { save } = cluster.engine;
    if (save === undefined) return context.skip('this engine never has old data');
    const [one, two] = await cluster.buses(2);
    return { save, one, two };
  }

  test('an engine that does not answer: DOWN in time, told once each way, and all goes on as it was', async () => {
    const { engine } = cluster;
    const [one, two] = await cluster.buses(2);
    const wrong = new Error('a listener that throws');
    one.onState(() => {
      throw wrong;
    });
    const states = statesOf(one);
    const root = await one.claim(name('node/a'), 'a');
    const room = await one.claim(name('room/1'), '1', root);
    const texts: string[] = [];
    await one.receive(name('node/a'), (bytes) => void texts.push(textOf(bytes)));
    await one.subscribe(name('topic/t'), (bytes) => void texts.push(textOf(bytes)));
    expect(one.status()).toMatchObject({ isUp: true, outages: 0, failures: 0 });
    await engine.pause();
    const calls: (() => Promise<unknown>)[] = [
      () => one.claim(name('node/c'), ''),
      () => one.renew(root),
      () => one.update(room, '2'),
      () => one.restore(root, [room]),
      () => one.find(room.key),
      () => one.list('room'),
      () => one.send(name('node/b'), bytesOf('x')),
      () => one.publish(name('topic/u'), bytesOf('x')),
    ];
    expect(await Promise.all(calls.map((call) => codeFrom(call())))).toEqual(calls.map(() => 'DOWN'));
    expect(await codeFrom(one.find(room.key))).toBe('DOWN');
    expect(states).toEqual([false]);
    expect(engine.reported).toContain(wrong);
    expect(one.status()).toMatchObject({ isUp: false, outages: 1 });
    expect(one.status().failures).toBeGreaterThanOrEqual(calls.length);
    await engine.later(engine.leaseMs);
    expect([root.isHeld, room.isHeld]).toEqual([false, false]);
    await engine.resume();
    await cluster.answered(one, two);
    expect(states).toEqual([false, true]);
    expect(await one.renew(root)).toBe('held');
    expect([root.isHeld, room.isHeld]).toEqual([true, true]);
    // What failed may be repeated: it is the same claim, should the first one have been carried out.
    const again = await one.claim(name('node/c'), '');
    expect((await one.claim(name('node/c'), '')).epoch).toBe(again.epoch);
    await two.send(name('node/a'), bytesOf('to the inbox'));
    await cluster.until(() => texts.includes('to the inbox'), 'a message');
    await cluster.until(async () => {
      await two.publish(name('topic/t'), bytesOf('to the topic'));
      return texts.includes('to the topic');
    }, 'what is published');
    expect(states).toEqual([false, true]);
  });

  test('an engine that is started anew with its data: all is there, nobody claims anything new for a while', async () => {
    const { engine } = cluster;
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), 'a');
    const room = await one.claim(name('room/1'), '1', root);
    const heard: string[] = [];
    await two.subscribe(name('topic/t'), (bytes) => void heard.push(textOf(bytes)));
    await engine.restart('kept');
    await cluster.answered(one, two);
    expect(await codeFrom(two.claim(name('node/c'), ''))).toBe('WARMING');
    // What is under it may have been lost all the same: claims of the last moment before.
    expect(await one.renew(root)).toBe('restored');
    expect(await one.restore(root, [room])).toEqual([]);
    expect(await two.find(room.key)).toMatchObject({ value: '1', epoch: room.epoch });
    await cluster.settle(one, root, [room]);
    expect([root.isHeld, room.isHeld]).toEqual([true, true]);
    expect(await codeFrom(two.claim(room.key, ''))).toBe('TAKEN');
    await cluster.until(async () => {
      await one.publish(name('topic/t'), bytesOf('again'));
      return heard.length > 0;
    }, 'a topic that is heard again');
    await cluster.warm(two);
  });

  test('an engine that has lost its data: holders put back what they held, before anybody takes it', async () => {
    const { engine } = cluster;
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), 'a');
    const room = await one.claim(name('room/1'), '1', root);
    const gone = await one.claim(name('room/2'), '2', root);
    const other = await two.claim(name('node/b'), 'b');
    await engine.restart('none');
    await cluster.answered(one, two);
    expect(await two.find(room.key)).toBeUndefined();
    expect(await codeFrom(two.claim(room.key, 'theirs', other))).toBe('LOST');
    expect(await two.renew(other)).toBe('restored');
    expect(await codeFrom(two.claim(room.key, 'theirs', other))).toBe('WARMING');
    expect(await one.renew(root)).toBe('restored');
    expect(await one.restore(root, [room])).toEqual([]);
    expect(await one.find(room.key)).toEqual({
      ...{ key: room.key, value: '1', epoch: room.epoch, root: root.key, rootEpoch: root.epoch },
    });
    expect(await one.find(root.key)).toMatchObject({ value: 'a', epoch: root.epoch });
    await cluster.settle(one, root, [room]);
    await cluster.settle(two, other, []);
    await cluster.warm(two, other);
    await one.renew(root);
    expect(await codeFrom(two.claim(room.key, 'theirs', other))).toBe('TAKEN');
    // What was not put back is nobody's; epochs are larger than those that the engine has forgotten.
    const theirs = await two.claim(gone.key, 'theirs', other);
    expect(theirs.epoch).toBeGreaterThan(gone.epoch);
    expect(await one.restore(root, [gone, room])).toEqual([gone]);
    expect([gone.isOver, room.isOver, room.isHeld]).toEqual([true, false, true]);
  });

  test('a root that came back too late after a loss of data is put back, when nobody has its key', async () => {
    const { engine } = cluster;
    const [one, two] = await cluster.buses(2);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), '', root);
    const other = await two.claim(name('node/b'), '');
    const taken = await two.claim(name('room/2'), '', other);
    await engine.restart('none');
    await cluster.answered(one, two);
    await engine.later(engine.leaseMs);
    await cluster.warm(one);
    // Its key is somebody else's by now.
    const thief = await one.claim(other.key, 'another');
    expect(await codeFrom(two.renew(other))).toBe('LOST');
    expect([other.isOver, taken.isOver]).toEqual([true, true]);
    expect((await two.find(thief.key))?.epoch).toBe(thief.epoch);
    expect(await one.renew(root)).toBe('restored');
    // Somebody may have had what is under it meanwhile, and the engine forgotten that: nothing is sure before it has looked.
    expect([root.isHeld, room.isHeld]).toEqual([false, false]);
    expect(await one.restore(root, [room])).toEqual([]);
    expect([root.isHeld, room.isHeld]).toEqual([true, true]);
    expect((await two.find(room.key))?.epoch).toBe(room.epoch);
  });

  test('an engine that is started anew with old data: the larger epoch has the key', async (context) => {
    const { engine } = cluster;
    const { save, one, two } = await withOldData(context);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), 'mine', root);
    const old = await one.claim(name('node/c'), 'old');
    await save();
    const other = await two.claim(name('node/b'), '');
    await one.release(old);
    const again = await two.claim(old.key, 'again');
    const theirs = await two.claim(room.key, 'theirs', other, room.epoch);
    await engine.restart('saved');
    await cluster.answered(one, two);
    // Who had it before comes first; it had given it up, and does not put it back.
    await cluster.settle(one, root, []);
    expect(await two.renew(other)).toBe('restored');
    expect(await two.restore(other, [theirs])).toEqual([]);
    expect(await two.renew(again)).toBe('restored');
    expect(await one.find(room.key)).toMatchObject({ value: 'theirs', epoch: theirs.epoch });
    expect(await one.find(old.key)).toMatchObject({ value: 'again', epoch: again.epoch });
    expect(await one.restore(root, [room])).toEqual([room]);
    expect(await codeFrom(one.renew(old))).toBe('LOST');
  });

  test('an engine that is started anew with old data: a claim that was given up since is not the same one again', async (context) => {
    const { engine } = cluster;
    const { save, one, two } = await withOldData(context);
    const root = await one.claim(name('node/a'), '');
    const taken = await one.claim(name('room/1'), 'mine', root);
    const left = await one.claim(name('room/2'), 'mine', root);
    const other = await two.claim(name('node/b'), '');
    await save();
    const theirs: Lease[] = [];
    for (const lease of [taken, left]) {
      await one.release(lease);
      theirs.push(await two.claim(lease.key, 'theirs', other));
    }
    await engine.restart('saved');
    await cluster.answered(one, two);
    expect(await one.renew(root)).toBe('restored');
    expect(await two.renew(other)).toBe('restored');
    expect(await codeFrom(one.claim(taken.key, 'mine', root))).toBe('WARMING');
    // One of them is put back; nobody has the other one any more.
    expect(await two.restore(other, theirs.slice(0, 1))).toEqual([]);
    await cluster.hold(engine.leaseMs * 1.2, [one, root], [two, other]);
    expect(await codeFrom(one.claim(taken.key, 'mine', root))).toBe('TAKEN');
    const again = await one.claim(left.key, 'mine', root);
    expect(again.epoch).toBeGreaterThan(theirs[1]?.epoch ?? Number.POSITIVE_INFINITY);
    expect((await one.claim(left.key, 'mine', root)).epoch).toBe(again.epoch);
  });

  test('what old data say is a bus’s own is not given to it again while others may still put back what they held', async (context) => {
    const { engine } = cluster;
    const { save, one, two } = await withOldData(context);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), 'mine', root);
    const other = await two.claim(name('node/b'), '');
    await save();
    await cluster.hold(engine.leaseMs * 1.2, [two, other]);
    const theirs = await two.claim(room.key, 'theirs', other);
    await engine.restart('saved');
    await cluster.answered(one, two);
    expect(await codeFrom(one.claim(root.key, ''))).toBe('WARMING');
    expect(await codeFrom(one.claim(room.key, 'mine', root))).toBe('WARMING');
    await cluster.settle(two, other, [theirs]);
    await cluster.warm(one);
    await cluster.settle(two, other, [theirs]);
    const again = await one.claim(root.key, '');
    expect(await codeFrom(one.claim(room.key, 'mine', again))).toBe('TAKEN');
    expect([theirs.isHeld, room.isHeld]).toEqual([true, false]);
  });

  test('a claim that was released is not put back', async () => {
    const { engine } = cluster;
    const [one] = await cluster.buses(1);
    const root = await one.claim(name('node/a'), '');
    const room = await one.claim(name('room/1'), '', root);
    await one.release(room);
    await engine.restart('none');
    await cluster.answered(one);
    expect(await one.renew(root)).toBe('restored');
    expect(await one.restore(root, [room])).toEqual([room]);
    expect(await one.find(room.key)).toBeUndefined();
  });

  test('a bus that is closed during an outage ends at once', async () => {
    const { engine } = cluster;
    const [one, two] = await cluster.buses(2);
    const states = statesOf(one);
    await engine.pause();
    const call = codeFrom(one.find(name('node/a')));
    await one.close();
    expect(['DOWN', 'CLOSED']).toContain(await call);
    expect(await codeFrom(one.find(name('node/a')))).toBe('CLOSED');
    await engine.resume();
    await cluster.answered(two);
    await engine.later(50);
    expect(states.includes(true)).toBe(false);
  });
}
