/** `start()` and `stop()` on a clock that the test moves: over its wrap, and from inside a step. */
import { describe, expect, test } from 'vitest';
import { NodeScript } from '../../src/multiplayer/NodeScript.ts';
import { WireRoom } from './wireRoom.ts';

/** One clock, and the timers that are set. */
class Timers {
  nowMs = 0;
  readonly pending: { readonly delayMs: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.nowMs % 2 ** 32;
  }

  startTimer(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = { delayMs, callback };
    this.pending.push(timer);
    return { cancel: () => void this.pending.splice(this.pending.indexOf(timer) >>> 0, 1) };
  }

  /** Lets the only timer fire, when it is due or so many milliseconds later. @returns what it had waited for. */
  fire(lateMs = 0): number {
    const [timer, ...others] = this.pending.splice(0);
    if (timer === undefined || others.length > 0) throw new Error(`${others.length + 1} timers are set`);
    this.nowMs += timer.delayMs + lateMs;
    timer.callback();
    return timer.delayMs;
  }
}

let steps: number[] = [];
let inStep = (): void => undefined;

class Counts extends NodeScript {
  static override readonly path: string = 'res://counts.gd';
  override _process(delta: number): void {
    steps.push(delta);
    inStep();
  }
}

function started(tickHz: number): { room: WireRoom; timers: Timers } {
  steps = [];
  inStep = () => undefined;
  const timers = new Timers();
  const room = new WireRoom({ runtime: timers });
  room.mirror.registerScript(Counts);
  room.mirror.root.addChild({ name: 'Counts', class: 'Node', script: 'res://counts.gd' });
  room.multiplayer.start({ tickHz });
  return { room, timers };
}

describe('start()', () => {
  test('holds its rate when the clock wraps, and after any pause', () => {
    const { timers } = started(20);
    timers.fire();
    timers.fire(2 ** 32 - 500);
    for (let i = 0; i < 40; i++) {
      const delayMs = timers.fire();
      expect(delayMs).toBeGreaterThan(0);
      expect(delayMs).toBeLessThanOrEqual(50);
    }
    const from = timers.nowMs;
    for (let i = 0; i < 20; i++) timers.fire();
    expect(timers.nowMs - from).toBe(1000);
    expect(timers.nowMs).toBeGreaterThan(2 ** 32);
    expect(steps).toEqual(Array(62).fill(0.05));
  });

  test('keeps its rate on average when every timer is a little late, on a clock with fractions', () => {
    const { timers } = started(60);
    for (let i = 0; i < 600; i++) timers.fire(0.4);
    expect(timers.nowMs).toBeGreaterThan(9990);
    expect(timers.nowMs).toBeLessThan(10_010);
  });

  test('again from inside a step: one loop, at the new rate', () => {
    const { room, timers } = started(20);
    inStep = () => {
      room.multiplayer.stop();
      room.multiplayer.start({ tickHz: 10 });
    };
    timers.fire();
    expect(timers.pending.map(({ delayMs }) => delayMs)).toEqual([100]);
    timers.fire();
    expect(timers.pending).toHaveLength(1);
    expect(steps).toEqual([0.05, 0.1]);
  });

  test('stop() from inside a step: no timer is left', () => {
    const { room, timers } = started(20);
    inStep = () => room.multiplayer.stop();
    timers.fire();
    expect(timers.pending).toEqual([]);
    expect(steps).toHaveLength(1);
  });
});
