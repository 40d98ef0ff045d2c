import { beforeEach, describe, expect, test } from 'vitest';
import { AttachedHost } from '../../src/io/attachedHost.ts';
import type { Timer } from '../../src/runtime/index.ts';
import { SimNetwork, type SimRuntime } from '../../src/testing.ts';
import { attached, FakeHost } from './support.ts';

// The loop is the same over every socket; under virtual time its wakes can be counted exactly.
describe('a host on a port', () => {
  let network: SimNetwork;
  let runtime: SimRuntime;
  let host: FakeHost;
  let port: AttachedHost;
  let sender: AttachedHost;
  let wakes: number[];
  const send = (...bytes: number[]): void => {
    sender.sendRaw(Uint8Array.from(bytes), port.localAddress);
  };
  const serviceAll = (): void => {
    wakes.push(network.time);
    while (port.service() !== undefined);
  };

  beforeEach(() => {
    network = new SimNetwork({ latencyMs: 5 });
    runtime = network.createRuntime('10.0.0.1');
    host = new FakeHost();
    port = attached(runtime.attach(host, { port: 4242 }));
    sender = attached(network.createRuntime('10.0.0.2').attach(new FakeHost(), {}));
    wakes = [];
  });

  test('setting a listener gives a first wake, and not before the call returned', () => {
    port.setWakeListener(serviceAll);
    expect(wakes).toEqual([]);
    network.advance(0);
    expect(wakes).toEqual([0]);
    network.advance(60_000);
    expect(wakes).toEqual([0]);
  });

  test('datagrams of one instant give one wake', () => {
    port.setWakeListener(serviceAll);
    network.advance(1);
    send(1);
    send(2);
    send(3);
    network.advance(100);
    expect(wakes).toEqual([0, 6]);
    expect(host.received.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]);
  });

  describe('that gathers datagrams for 4 ms', () => {
    beforeEach(() => {
      port.close();
      port = attached(
        AttachedHost.open(host, runtime, (told) => network.bind('10.0.0.1', { port: 4242 }, told), 4),
      );
      port.setWakeListener(serviceAll);
      network.advance(100);
      wakes = [];
    });
    const heard = (): unknown[] => host.received.map(({ bytes }) => bytes[0]);

    test('the first after a pause is served at once, those behind it together', () => {
      send(1);
      network.advance(1);
      for (let value = 2; value < 5; value += 1) {
        send(value);
        network.advance(1);
      }
      network.advance(50);
      expect(wakes).toEqual([105, 109]);
      expect(heard()).toEqual([1, 2, 3, 4]);
    });

    test('a wake for another reason takes what waits, and no empty one follows', () => {
      send(1);
      network.advance(1);
      send(2);
      network.advance(6);
      expect(heard()).toEqual([1]);
      port.requestWake();
      network.advance(50);
      expect(heard()).toEqual([1, 2]);
      expect(wakes).toEqual([105, 107]);
    });

    test('a deadline does not wait', () => {
      host.deadline = 1107;
      send(1);
      network.advance(1);
      send(2);
      network.advance(50);
      expect(host.served).toEqual([1107]);
      expect(wakes).toEqual([105, 107]);
    });

    test('one that is closed wakes nobody', () => {
      send(1);
      network.advance(1);
      send(2);
      network.advance(6);
      port.close();
      network.advance(50);
      expect(wakes).toEqual([105]);
      expect(heard()).toEqual([1]);
    });
  });

  test('several requests give one wake', () => {
    port.setWakeListener(serviceAll);
    network.advance(1);
    port.requestWake();
    port.requestWake();
    network.advance(10);
    expect(wakes).toEqual([0, 1]);
  });

  test('a request from inside a wake gives another wake', () => {
    let left = 3;
    port.setWakeListener(() => {
      serviceAll();
      left -= 1;
      if (left > 0) {
        port.requestWake();
      }
    });
    network.advance(10);
    expect(wakes).toEqual([0, 0, 0]);
  });

  test('the deadline of the host wakes exactly then', () => {
    host.deadline = 1000 + 250;
    port.setWakeListener(serviceAll);
    network.advance(10_000);
    expect(wakes).toEqual([0, 250]);
    expect(host.served).toEqual([1250]);
  });

  test('a deadline that moves away costs no wake, one that comes nearer is met', () => {
    host.deadline = 1100;
    port.setWakeListener(serviceAll);
    network.advance(50);
    host.deadline = 1500;
    port.flush();
    network.advance(150);
    expect(wakes).toEqual([0]);
    host.deadline = 1300;
    port.drain();
    network.advance(1000);
    expect(wakes).toEqual([0, 300]);
  });

  test('many packets in one turn look at the deadline once', () => {
    port.setWakeListener(serviceAll);
    network.advance(1);
    const before = host.nextWakeupCalls;
    for (let index = 0; index < 100; index += 1) {
      port.flush();
    }
    network.advance(1);
    expect(host.nextWakeupCalls - before).toBe(1);
  });

  test('a deadline across the wrap of the clock is met', () => {
    runtime.clockOffsetMs = 0x1_0000_0000 - 100;
    host.deadline = 50;
    port.setWakeListener(serviceAll);
    network.advance(1000);
    expect(wakes).toEqual([0, 150]);
    expect(host.served).toEqual([50]);
    expect(runtime.now()).toBe(900);
  });

  test('after every service, flush and drain the outbox is empty and sent', () => {
    const peer = new FakeHost();
    const peerPort = attached(network.createRuntime('10.0.0.3').attach(peer, {}));
    peerPort.setWakeListener(() => {
      while (peerPort.service() !== undefined);
    });
    const queue = (value: number): void => {
      host.outbox.push({ bytes: Uint8Array.of(value), to: peerPort.localAddress });
    };
    queue(1);
    port.service();
    queue(2);
    port.flush();
    queue(3);
    port.drain();
    expect(host.outbox).toEqual([]);
    network.advance(10);
    expect(peer.received.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]);
  });

  test('what one wake makes leaves in one batch, in order, unless a millisecond passes', () => {
    const batches: number[][] = [];
    let now = 1000;
    const opened = AttachedHost.open(
      host,
      { now: () => now, time: () => now, startTimer: noTimer, defer: (turn) => runLater(turn) },
      () => ({
        localAddress: { ip: '10.0.0.1', port: 4242 },
        failedSends: 0,
        droppedDatagrams: 0,
        send: (batch) => void batches.push(batch.map(({ bytes }) => bytes[0] ?? 0)),
        receive: () => 0,
        close: () => {},
      }),
    );
    const turns: (() => void)[] = [];
    function runLater(turn: () => void): Timer {
      turns.push(turn);
      return noTimer();
    }
    const held = attached(opened);
    const from = { ip: '10.0.0.9', port: 9 };
    const queue = (value: number): void => {
      host.outbox.push({ bytes: Uint8Array.of(value), to: from });
    };
    host.isEcho = true;
    host.eventsPerDatagram = 1;
    let pauseMs = 0;
    held.setWakeListener(() => {
      while (held.service() !== undefined) {
        queue(9);
        now += pauseMs;
      }
    });
    const wakeWith = (value: number): void => {
      host.receive(Uint8Array.of(value), from);
      held.requestWake();
      for (const turn of turns.splice(0)) turn();
    };
    wakeWith(1);
    expect(batches).toEqual([[1, 9]]);

    // Two events with a slow listener: what came before the pause does not wait for the end of the wake.
    pauseMs = 5;
    host.receive(Uint8Array.of(2), from);
    wakeWith(3);
    expect(batches.slice(1)).toEqual([[2, 3, 9], [9]]);
    expect(held.service()).toBeUndefined();
    queue(4);
    held.service();
    expect(batches.at(-1)).toEqual([4]);
  });

  test('events that a listener leaves are offered again', () => {
    host.eventsPerDatagram = 5;
    let events = 0;
    port.setWakeListener(() => {
      wakes.push(network.time);
      if (port.service() !== undefined) {
        events += 1;
      }
    });
    send(1);
    network.advance(100);
    expect(events).toBe(5);
  });

  test('a listener that never services what is due is called again, but not without pause', () => {
    host.deadline = 1000;
    port.setWakeListener(() => {
      wakes.push(network.time);
    });
    network.advance(50);
    expect(wakes.length).toBeGreaterThan(10);
    expect(wakes.length).toBeLessThan(60);
  });

  test('an error of the listener comes out, and the port goes on', () => {
    let isBroken = true;
    host.eventsPerDatagram = 2;
    port.setWakeListener(() => {
      serviceAll();
      if (isBroken) {
        isBroken = false;
        throw new Error('broken listener');
      }
    });
    expect(() => network.advance(1)).toThrow('broken listener');
    send(1);
    network.advance(100);
    expect(host.received).toHaveLength(1);
    host.deadline = runtime.now() + 50;
    port.drain();
    network.advance(100);
    expect(host.served).toHaveLength(1);
  });

  test('what a failed wake left undone is offered again', () => {
    let failures = 0;
    port.setWakeListener(() => {
      if (network.time > 0 && failures === 0) {
        failures += 1;
        throw new Error('before service');
      }
      serviceAll();
    });
    network.advance(1);
    send(1);
    expect(() => network.advance(10)).toThrow('before service');
    network.advance(10);
    expect(host.received).toHaveLength(1);
  });

  test('without a listener nothing is scheduled, and polling works', () => {
    port.setWakeListener(serviceAll);
    network.advance(1);
    port.setWakeListener(undefined);
    host.deadline = 1001;
    send(1);
    port.requestWake();
    network.advance(100);
    expect(wakes).toEqual([0]);
    expect(host.received).toEqual([]);
    expect(port.service()).toBeUndefined();
    expect(host.received).toHaveLength(1);
    port.setWakeListener(serviceAll);
    network.advance(0);
    expect(wakes).toHaveLength(2);
  });

  test('closing inside a wake ends everything', () => {
    host.eventsPerDatagram = 3;
    port.setWakeListener(() => {
      wakes.push(network.time);
      if (port.service() !== undefined) {
        port.close();
        expect(port.service()).toBeUndefined();
      }
    });
    send(1);
    send(2);
    network.advance(1000);
    expect(wakes).toEqual([0, 5]);
  });

  test('one poll takes more than one receive phase, and reports what is left after sixteen', () => {
    for (let index = 0; index < 5000; index += 1) {
      send(index & 0xff);
    }
    network.advance(10);
    port.service();
    expect(host.received).toHaveLength(16 * 256);
    port.service();
    expect(host.received).toHaveLength(5000);
  });

  test.for([1, 17])(
    '600 datagrams of one instant, with %i events each, are all taken',
    (eventsPerDatagram) => {
      host.eventsPerDatagram = eventsPerDatagram;
      port.setWakeListener(() => {
        for (let calls = 0; calls < 4096 && port.service() !== undefined; calls += 1);
      });
      network.advance(1);
      for (let index = 0; index < 600; index += 1) send(index & 0xff);
      network.advance(10);
      expect(host.received).toHaveLength(600);
    },
  );

  test('datagrams are handed over only when the host has dealt with the ones before', () => {
    host.eventsPerDatagram = 1;
    send(1);
    network.advance(10);
    expect(port.service()).toBeDefined();
    send(2);
    network.advance(10);
    port.service();
    expect(host.received).toHaveLength(1);
    port.service();
    expect(host.received).toHaveLength(2);
  });
});

function noTimer(): Timer {
  return { cancel: () => {} };
}
