/** src/server/signals.ts: listeners, their order, and what becomes of their errors. */
import { describe, expect, test, vi } from 'vitest';
import { DispatchQueue } from '../../src/server/dispatchQueue.ts';
import { type ErrorReporter, SignalEmitter } from '../../src/server/signals.ts';
import { settle } from './world.ts';

interface Signals {
  ping: [value: number];
  done: [];
}

class Emitter extends SignalEmitter<Signals> {
  ping(value: number): void {
    this.emitSignal('ping', value);
  }
}

describe('SignalEmitter', () => {
  test('calls the listeners in their order, each as often as it was added', () => {
    const seen: string[] = [];
    const emitter = new Emitter();
    const first = (value: number): number => seen.push(`first ${value}`);
    emitter
      .on('ping', first)
      .on('ping', (value) => seen.push(`second ${value}`))
      .on('ping', first);
    emitter.ping(1);
    expect(seen).toEqual(['first 1', 'second 1', 'first 1']);
    expect(emitter.listenerCount('ping')).toBe(3);
    expect(emitter.listenerCount('done')).toBe(0);
  });

  test('off takes back the newest addition and knows others from it', () => {
    const seen: string[] = [];
    const emitter = new Emitter();
    const listener = (): number => seen.push('a');
    emitter
      .on('ping', listener)
      .on('ping', () => seen.push('b'))
      .on('ping', listener);
    emitter.off('ping', listener).off('ping', () => undefined);
    emitter.ping(1);
    expect(seen).toEqual(['a', 'b']);
  });

  test('once is called once, even when it emits the signal again', () => {
    let calls = 0;
    const emitter = new Emitter();
    emitter.once('ping', (value) => {
      calls++;
      if (value < 3) emitter.ping(value + 1);
    });
    emitter.ping(1);
    emitter.ping(2);
    expect(calls).toBe(1);
    expect(emitter.listenerCount('ping')).toBe(0);
  });

  test('listeners added or removed during an emission count from the next one', () => {
    const seen: string[] = [];
    const emitter = new Emitter();
    const late = (): number => seen.push('late');
    const removed = (): number => seen.push('removed');
    emitter.once('ping', () => {
      emitter.off('ping', removed).on('ping', late);
    });
    emitter.on('ping', removed);
    emitter.ping(1);
    emitter.ping(2);
    expect(seen).toEqual(['removed', 'late']);
  });

  test('a listener that is no function is refused at once', () => {
    const emitter = new Emitter();
    // @ts-expect-error a text is no listener
    expect(() => emitter.on('ping', 'text')).toThrow(
      new TypeError('"listener" expected function, got string'),
    );
  });

  test('what one listener throws or rejects with goes to onError, and the others are called', async () => {
    const report = vi.fn<ErrorReporter>();
    const emitter = new Emitter(report);
    const last = vi.fn();
    emitter.on('ping', () => {
      throw new Error('thrown');
    });
    emitter.on('ping', async () => {
      throw new Error('rejected');
    });
    emitter.on('ping', last);
    emitter.ping(1);
    await settle();
    expect(last).toHaveBeenCalledWith(1);
    expect(report.mock.calls).toEqual([
      [new Error('thrown'), 'signal ping'],
      [new Error('rejected'), 'signal ping'],
    ]);
  });
});

test('without onError, and when onError itself throws, the error becomes an uncaught exception', async () => {
  // Vitest itself listens for uncaught exceptions; for the time of this test only we do.
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const uncaught: unknown[] = [];
  process.on('uncaughtException', (error) => uncaught.push(error));
  try {
    const throwing = (): void => {
      throw new Error('first');
    };
    new Emitter().on('ping', throwing).ping(1);
    new Emitter(() => {
      throw new Error('second');
    })
      .on('ping', throwing)
      .ping(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(uncaught).toEqual([new Error('first'), new Error('second')]);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  }
});

describe('DispatchQueue', () => {
  test('runs in order, never inside itself, and also what is added meanwhile', () => {
    const seen: string[] = [];
    const queue = new DispatchQueue();
    queue.push(() => {
      queue.push(() => seen.push('added'));
      queue.drain();
      seen.push('first');
    });
    queue.push(() => seen.push('second'));
    queue.drain();
    expect(seen).toEqual(['first', 'second', 'added']);
  });

  test('runs by itself once the call stack is empty', async () => {
    const seen: string[] = [];
    const queue = new DispatchQueue();
    queue.push(() => seen.push('a'));
    queue.push(() => seen.push('b'));
    expect(seen).toEqual([]);
    await settle();
    expect(seen).toEqual(['a', 'b']);
  });
});
