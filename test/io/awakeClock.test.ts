import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AttachedHost } from '../../src/io/attachedHost.ts';
import { AwakeClock, LATE_MS } from '../../src/io/awakeClock.ts';
import { SimNetwork, type SimRuntime } from '../../src/testing.ts';
import { fcParameters } from '../support/fc.ts';
import { createSuspendable } from '../support/suspendable.ts';
import { attached, FakeHost } from './support.ts';

const noTimer = (): { cancel(): void } => ({ cancel: () => undefined });

describe('the clock of a host', () => {
  let real: number;
  let clock: AwakeClock;
  const system = {
    now: () => (real + 1000) >>> 0,
    time: () => real,
    startTimer: noTimer,
    defer: noTimer,
  };

  beforeEach(() => {
    real = 0;
    clock = new AwakeClock(system);
  });

  test('goes with that of the system while looks come in time, and while none is due', () => {
    clock.expect(300);
    real = 300 + LATE_MS;
    expect([clock.now(), clock.time()]).toEqual([1000 + real, real]);
    clock.expect(undefined);
    real = 3_600_000;
    expect([clock.now(), clock.time()]).toEqual([1000 + real, real]);
  });

  test('stands still where a look came too late, and goes on from there', () => {
    clock.expect(300);
    real = 34_000;
    expect([clock.now(), clock.time()]).toEqual([1000, 0]);
    real += 7.5;
    expect([clock.now(), clock.time()]).toEqual([1007, 7.5]);
  });

  test('takes what is expected in its own time', () => {
    clock.expect(300);
    real = 10_000;
    expect(clock.time()).toBe(0);
    clock.expect(400);
    real += 400 + LATE_MS;
    expect(clock.time()).toBe(400 + LATE_MS);
  });

  test('a pause in the middle of the work counts, too', () => {
    expect(clock.run()).toBe(1000);
    real = 2000;
    expect(clock.run()).toBe(1000);
  });

  test('of a process that is held up all the time goes on slowly', () => {
    for (let round = 0; round < 100; round++) {
      clock.run();
      real += 1000;
    }
    expect(clock.time()).toBeGreaterThanOrEqual(40 * LATE_MS);
    expect(clock.time()).toBeLessThanOrEqual(60 * LATE_MS);
  });

  test('never goes back, and never faster than that of the system', () => {
    const step = fc.record({
      // Quarters, so that sums and differences are exact.
      pauseMs: fc.integer({ min: 0, max: 20_000 }).map((quarters) => quarters / 4),
      expectIn: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
      runs: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        real = 0;
        clock = new AwakeClock(system);
        let before = { now: clock.now(), time: clock.time(), real };
        for (const { pauseMs, expectIn, runs } of steps) {
          if (runs) clock.run();
          else clock.expect(expectIn === undefined ? undefined : clock.time() + expectIn);
          real += pauseMs;
          const after = { now: clock.now(), time: clock.time(), real };
          expect(after.now).toBeGreaterThanOrEqual(before.now);
          expect(after.time).toBeGreaterThanOrEqual(before.time);
          expect(after.time - before.time).toBeLessThanOrEqual(after.real - before.real);
          expect(after.now).toBe(1000 + Math.floor(after.time));
          before = after;
        }
      }),
      fcParameters(),
    );
  });
});

describe('a port whose process was stopped', () => {
  let network: SimNetwork;
  let runtime: SimRuntime;
  let suspend: (ms: number) => void;
  let host: FakeHost;
  let port: AttachedHost;
  const start = 1000;

  beforeEach(() => {
    network = new SimNetwork();
    ({ runtime, suspend } = createSuspendable(network, '10.0.0.1'));
    host = new FakeHost();
    port = attached(runtime.attach(host, { port: 4242 }));
  });

  test('reads what has arrived before the host sees that time has passed', () => {
    const order: unknown[] = [];
    const { receive, service } = host;
    host.receive = (bytes, from) => {
      order.push('datagram');
      receive.call(host, bytes, from);
    };
    host.service = (now) => {
      if (host.deadline !== undefined && now >= host.deadline) order.push('deadline');
      return service.call(host, now);
    };
    host.deadline = start + 300;
    port.setWakeListener(() => {
      while (port.service() !== undefined);
    });
    network.advance(1);
    const sender = attached(network.createRuntime('10.0.0.2').attach(new FakeHost(), {}));
    sender.sendRaw(Uint8Array.of(1), port.localAddress);
    suspend(10_000);
    network.advance(1000);
    expect(order).toEqual(['datagram', 'deadline']);
    expect(host.served).toEqual([start + 300]);
  });

  test('without a listener: the time of a pause is left out, and who polls seldom is no pause', () => {
    host.deadline = start + 120_000;
    for (let second = 1; second <= 20; second++) {
      network.advance(1000);
      port.service();
    }
    expect(port.now()).toBe(start + 20_000);
    network.advance(16);
    suspend(34_000);
    expect(port.service()).toBeUndefined();
    expect(port.now() - start).toBeLessThan(20_100);
    network.advance(30_000);
    expect(port.now() - start).toBeGreaterThanOrEqual(50_000);
  });

  test('without a listener: nothing is started while nothing is due, and nothing is left after the end', () => {
    let timers = 0;
    const { startTimer } = runtime;
    runtime.startTimer = (delayMs, callback) => {
      timers++;
      return startTimer(delayMs, () => {
        timers--;
        callback();
      });
    };
    for (let poll = 0; poll < 10; poll++) port.service();
    expect(timers).toBe(0);
    host.deadline = start + 60_000;
    for (let poll = 0; poll < 100; poll++) {
      network.advance(16);
      port.service();
      expect(timers).toBeLessThanOrEqual(1);
    }
    const { idleServices } = host;
    network.advance(60_000);
    expect([timers, host.idleServices]).toEqual([0, idleServices]);
  });
});
