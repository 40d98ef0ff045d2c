/** Inboxes and topics. */
import { expect, test } from 'vitest';
import { MAX_WAITING } from '../../../src/cluster/index.ts';
import { bytesOf, type Cluster, codeFrom, textOf } from './engine.ts';

export function messageTests(cluster: Cluster): void {
  const name = (text: string): string => cluster.name(text);

  test('messages wait while nobody receives, and come in their order, each once', async () => {
    const [one, two] = await cluster.buses(2);
    for (let i = 0; i < 20; i++) await one.send(name('node/b'), bytesOf(`${i}`));
    const texts: string[] = [];
    await two.receive(name('node/b'), (bytes) => void texts.push(textOf(bytes)));
    await cluster.until(() => texts.length === 20, 'what waited');
    // Not one by one: the order is that of the calls.
    await Promise.all(Array.from({ length: 20 }, (_, i) => one.send(name('node/b'), bytesOf(`${20 + i}`))));
    await cluster.expectTexts(
      texts,
      Array.from({ length: 40 }, (_, i) => `${i}`),
    );
  });

  test('a node sends to itself; an inbox gets nothing of another', async () => {
    const [bus] = await cluster.buses(1);
    const texts: string[] = [];
    const others: string[] = [];
    await bus.receive(name('node/a'), (bytes) => void texts.push(textOf(bytes)));
    await bus.receive(name('node/b'), (bytes) => void others.push(textOf(bytes)));
    await bus.send(name('node/a'), bytesOf('to a'));
    await bus.send(name('node/b'), bytesOf('to b'));
    await cluster.expectTexts(texts, ['to a']);
    await cluster.expectTexts(others, ['to b']);
  });

  test('one message after the other: the next when the listener has settled', async () => {
    const [one, two] = await cluster.buses(2);
    const begun: string[] = [];
    let settle: (() => void) | undefined;
    await two.receive(name('node/b'), (bytes) => {
      begun.push(textOf(bytes));
      return new Promise<void>((resolve) => {
        settle = resolve;
      });
    });
    for (const text of ['1', '2', '3']) await one.send(name('node/b'), bytesOf(text));
    for (const expected of [['1'], ['1', '2'], ['1', '2', '3']]) {
      await cluster.expectTexts(begun, expected);
      settle?.();
    }
  });

  test('a listener that throws is reported, and its message is done', async () => {
    const [one, two] = await cluster.buses(2);
    const texts: string[] = [];
    const errors = [new Error('at once'), new Error('later')];
    await two.receive(name('node/b'), (bytes) => {
      texts.push(textOf(bytes));
      if (texts.length === 1) throw errors[0];
      return texts.length === 2 ? Promise.reject(errors[1]) : undefined;
    });
    for (const text of ['1', '2', '3']) await one.send(name('node/b'), bytesOf(text));
    await cluster.expectTexts(texts, ['1', '2', '3']);
    expect(cluster.engine.reported).toEqual(errors);
  });

  test('a listener that never settles keeps nobody else from anything', async () => {
    const [one, two] = await cluster.buses(2);
    const texts: string[] = [];
    await two.receive(name('node/b'), () => new Promise<void>(() => undefined));
    await two.receive(name('node/c'), (bytes) => void texts.push(textOf(bytes)));
    await one.send(name('node/b'), bytesOf('held up'));
    await one.send(name('node/c'), bytesOf('not held up'));
    await cluster.expectTexts(texts, ['not held up']);
    expect(await two.claim(name('node/a'), '')).toMatchObject({ isHeld: true });
    await two.close();
  });

  test('a message is handed over again when its receiver ended in the middle of it, and only then', async () => {
    const [one, two, three] = await cluster.buses(3);
    const begun: string[] = [];
    await two.receive(name('node/b'), (bytes) => {
      begun.push(textOf(bytes));
      return begun.length === 1 ? undefined : new Promise<void>(() => undefined);
    });
    for (const text of ['1', '2', '3']) await one.send(name('node/b'), bytesOf(text));
    await cluster.expectTexts(begun, ['1', '2']);
    await two.close();
    const texts: string[] = [];
    await three.receive(name('node/b'), (bytes) => void texts.push(textOf(bytes)));
    await cluster.expectTexts(texts, ['2', '3']);
  });

  test('who has stopped to receive gets nothing more; who comes next gets what waits', async () => {
    const [one, two, three] = await cluster.buses(3);
    const texts: string[] = [];
    const stop = await two.receive(name('node/b'), (bytes) => void texts.push(textOf(bytes)));
    await one.send(name('node/b'), bytesOf('1'));
    await cluster.expectTexts(texts, ['1']);
    stop();
    stop();
    await cluster.engine.later(50);
    await one.send(name('node/b'), bytesOf('2'));
    await one.send(name('node/b'), bytesOf('3'));
    await cluster.engine.later(50);
    expect(texts).toEqual(['1']);
    const next: string[] = [];
    const stopNext = await three.receive(name('node/b'), (bytes) => void next.push(textOf(bytes)));
    await cluster.expectTexts(next, ['2', '3']);
    stopNext();
    await cluster.engine.later(50);
    // The first bus again.
    await two.receive(name('node/b'), (bytes) => void texts.push(textOf(bytes)));
    await one.send(name('node/b'), bytesOf('4'));
    await cluster.expectTexts(texts, ['1', '4']);
    expect(next).toEqual(['2', '3']);
  });

  test('an inbox is full at its limit, and takes more when some were received', async () => {
    const [one, two] = await cluster.buses(2);
    const inbox = name('node/b');
    for (let at = 0; at < MAX_WAITING; at += 100)
      await Promise.all(Array.from({ length: 100 }, (_, i) => one.send(inbox, bytesOf(`${at + i}`))));
    expect(await codeFrom(one.send(inbox, bytesOf('too many')))).toBe('FULL');
    expect(await codeFrom(two.send(inbox, bytesOf('too many')))).toBe('FULL');
    await one.send(name('node/c'), bytesOf('another inbox'));
    const texts: string[] = [];
    await two.receive(inbox, (bytes) => void texts.push(textOf(bytes)));
    await cluster.until(() => texts.length === MAX_WAITING, 'all that waited');
    await cluster.until(
      async () => (await codeFrom(one.send(inbox, bytesOf('last')))) === undefined,
      'room for one more',
    );
    await cluster.until(() => texts.length > MAX_WAITING, 'one more');
    expect(texts).toEqual([...Array.from({ length: MAX_WAITING }, (_, i) => `${i}`), 'last']);
  });

  test('bytes are copied, are the listener’s own, and come as they were', async () => {
    const [one, two] = await cluster.buses(2);
    const got: Uint8Array[] = [];
    const own = (bytes: Uint8Array): void => {
      got.push(bytes.slice());
      bytes.fill(7);
    };
    await two.receive(name('node/b'), own);
    await two.subscribe(name('topic/t'), own);
    await two.subscribe(name('topic/t'), own);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const buffer = Uint8Array.from([0, ...all, 0]).subarray(1, 257);
    const sent = one.send(name('node/b'), buffer);
    buffer.fill(0);
    await sent;
    await cluster.until(() => got.length === 1, 'a message');
    buffer.set(all);
    const published = one.publish(name('topic/t'), buffer);
    buffer.fill(0);
    await published;
    await cluster.until(() => got.length === 3, 'what was published');
    await one.send(name('node/b'), new Uint8Array());
    await cluster.until(() => got.length === 4, 'an empty message');
    expect(got.map((bytes) => [...bytes])).toEqual([[...all], [...all], [...all], []]);
    expect(got.every((bytes) => bytes instanceof Uint8Array)).toBe(true);
  });

  test('what is published comes to all who listen now, the publisher too, to each once for each time that it listens', async () => {
    const [one, two, three] = await cluster.buses(3);
    const texts: string[] = [];
    await two.publish(name('topic/t'), bytesOf('nobody listens'));
    for (const [i, bus] of [one, two, three].entries())
      await bus.subscribe(name('topic/t'), (bytes) => void texts.push(`${i} ${textOf(bytes)}`));
    const twice = (bytes: Uint8Array): void => void texts.push(`twice ${textOf(bytes)}`);
    const ends = [await two.subscribe(name('topic/t'), twice), await two.subscribe(name('topic/t'), twice)];
    await two.subscribe(name('topic/u'), (bytes) => void texts.push(`other topic ${textOf(bytes)}`));
    await two.publish(name('topic/t'), bytesOf('hello'));
    await cluster.until(() => texts.length >= 5, 'what was published');
    await cluster.engine.later(50);
    expect(texts.toSorted()).toEqual(['0 hello', '1 hello', '2 hello', 'twice hello', 'twice hello']);
    texts.length = 0;
    ends[0]?.();
    ends[0]?.();
    await cluster.engine.later(50);
    await one.publish(name('topic/t'), bytesOf('again'));
    await cluster.until(() => texts.length >= 4, 'what was published');
    await cluster.engine.later(50);
    expect(texts.toSorted()).toEqual(['0 again', '1 again', '2 again', 'twice again']);
  });

  test('who has stopped to listen hears nothing more, of what is on its way neither', async () => {
    const [one, two] = await cluster.buses(2);
    const late: number[] = [];
    for (let round = 0; round < 20; round++) {
      let isOver = false;
      const end = await two.subscribe(name('topic/t'), () => {
        if (isOver) late.push(round);
      });
      const sent = one.publish(name('topic/t'), bytesOf('x'));
      if (round % 2 === 0) await sent;
      isOver = true;
      end();
      await sent;
    }
    await cluster.engine.later(50);
    expect(late).toEqual([]);
  });

  test('a listener of a topic that throws is reported; the others hear it', async () => {
    const [one, two] = await cluster.buses(2);
    const texts: string[] = [];
    const errors = [new Error('at once'), new Error('later')];
    await two.subscribe(name('topic/t'), () => {
      throw errors[0];
    });
    await two.subscribe(name('topic/t'), () => Promise.reject(errors[1]));
    await two.subscribe(name('topic/t'), (bytes) => void texts.push(textOf(bytes)));
    await one.publish(name('topic/t'), bytesOf('1'));
    await cluster.expectTexts(texts, ['1']);
    await cluster.until(() => cluster.engine.reported.length >= 2, 'both reports');
    expect(cluster.engine.reported).toEqual(errors);
  });

  test('a status tells how many wait in the inboxes of the bus', async () => {
    const [one, two] = await cluster.buses(2);
    let settle = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      settle = resolve;
    });
    await two.receive(name('node/b'), () => held);
    for (let i = 0; i < 5; i++) await one.send(name('node/b'), bytesOf(`${i}`));
    await cluster.until(() => two.status().waiting === 5, 'five that wait');
    settle();
    await cluster.until(() => two.status().waiting === 0, 'none that wait');
    expect(one.status().waiting).toBe(0);
  });
}
