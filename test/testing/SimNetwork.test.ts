import { beforeEach, describe, expect, test } from 'vitest';
import type { AttachedHost } from '../../src/io/attachedHost.ts';
import type { BindOptions } from '../../src/runtime/index.ts';
import { type Fate, type SimDatagram, SimNetwork, type SimNetworkOptions } from '../../src/testing.ts';
import { attached, FakeHost } from '../io/support.ts';

interface End {
  readonly host: FakeHost;
  readonly port: AttachedHost;
  /** Virtual times of the received datagrams. */
  readonly times: number[];
  /** First bytes of the received datagrams. */
  readonly values: () => (number | undefined)[];
}

function openEnd(network: SimNetwork, ip: string, bind: BindOptions = {}): End {
  const host = new FakeHost();
  const times: number[] = [];
  const port = attached(network.createRuntime(ip).attach(host, bind));
  port.setWakeListener(() => {
    while (port.service() !== undefined);
    while (times.length < host.received.length) {
      times.push(network.time);
    }
  });
  return { host, port, times, values: () => host.received.map(({ bytes }) => bytes[0]) };
}

function pair(options: SimNetworkOptions = {}): { network: SimNetwork; a: End; b: End; seen: SimDatagram[] } {
  const network = new SimNetwork(options);
  const seen: SimDatagram[] = [];
  network.onDatagram((datagram) => seen.push(datagram));
  return { network, a: openEnd(network, '10.0.0.1'), b: openEnd(network, '10.0.0.2'), seen };
}

function send(from: End, to: End, ...values: number[]): void {
  for (const value of values) {
    from.port.sendRaw(Uint8Array.of(value), to.port.localAddress);
  }
}

const fates = (seen: readonly SimDatagram[]): Fate[] => seen.map(({ fate }) => fate);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index & 0xff);

describe('conditions of a path', () => {
  test('latency is exact', () => {
    const { network, a, b } = pair({ latencyMs: 40.25 });
    network.advance(10);
    send(a, b, 1);
    network.advance(100);
    expect(b.times).toEqual([50.25]);
    expect(b.host.received[0]?.from).toEqual(a.port.localAddress);
  });

  test('a perfect path delivers at the same instant', () => {
    const { network, a, b } = pair();
    send(a, b, 1, 2);
    network.advance(0);
    expect(b.values()).toEqual([1, 2]);
  });

  test('jitter spreads arrivals and keeps their order', () => {
    const { network, a, b } = pair({ latencyMs: 10, jitterMs: 30, seed: 4 });
    for (const value of upTo(200)) {
      send(a, b, value);
      network.advance(1);
    }
    network.advance(100);
    expect(b.values()).toEqual(upTo(200));
    const delays = b.times.map((time, index) => time - index);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...delays)).toBeLessThanOrEqual(40);
    expect(new Set(delays).size).toBeGreaterThan(20);
  });

  test.each([0.1, 0.5])('a loss of %d loses about that share', (loss) => {
    const { network, a, b, seen } = pair({ loss, seed: 11 });
    send(a, b, ...upTo(2000));
    network.advance(1);
    const lost = seen.filter(({ fate }) => fate === 'lost').length;
    expect(lost + b.values().length).toBe(2000);
    expect(Math.abs(lost / 2000 - loss)).toBeLessThan(0.05);
  });

  test('a loss of 1 loses everything, a loss of 0 nothing', () => {
    const all = pair({ loss: 1 });
    send(all.a, all.b, ...upTo(100));
    all.network.advance(10);
    expect(all.b.values()).toEqual([]);
    const none = pair({ loss: 0 });
    send(none.a, none.b, ...upTo(100));
    none.network.advance(10);
    expect(none.b.values()).toEqual(upTo(100));
  });

  test('lossNext loses exactly the next datagrams', () => {
    const { network, a, b } = pair({ lossNext: 2 });
    send(a, b, 1, 2, 3);
    network.advance(1);
    network.lossNext(1);
    send(b, a, 4, 5);
    network.advance(1);
    network.lossNext(1, '10.0.0.1', '10.0.0.2');
    send(b, a, 6);
    send(a, b, 7, 8);
    network.advance(1);
    expect([b.values(), a.values()]).toEqual([
      [3, 8],
      [5, 6],
    ]);
  });

  test('duplicates arrive twice', () => {
    const { network, a, b, seen } = pair({ duplicate: 1, latencyMs: 5 });
    send(a, b, 1, 2);
    network.advance(100);
    expect(b.values().sort()).toEqual([1, 1, 2, 2]);
    expect(fates(seen).filter((fate) => fate === 'delivered')).toHaveLength(4);
  });

  test('reordered datagrams are overtaken', () => {
    const { network, a, b } = pair({ reorder: 0.3, latencyMs: 5, seed: 2 });
    for (const value of upTo(100)) {
      send(a, b, value);
      network.advance(1);
    }
    network.advance(100);
    const values = b.values().map(Number);
    expect(values).not.toEqual(upTo(100));
    expect([...values].sort((x, y) => x - y)).toEqual(upTo(100));
  });

  test('what is longer than the MTU vanishes', () => {
    const { network, a, b, seen } = pair({ mtuBytes: 100 });
    a.port.sendRaw(new Uint8Array(100), b.port.localAddress);
    a.port.sendRaw(new Uint8Array(101), b.port.localAddress);
    network.advance(1);
    expect(b.host.received.map(({ bytes }) => bytes.length)).toEqual([100]);
    expect(fates(seen)).toEqual(['sent', 'tooLong', 'delivered']);
  });

  test('bandwidth spaces datagrams and its queue is bounded', () => {
    const { network, a, b, seen } = pair({ bandwidthBytesPerSec: 10_000, queueBytes: 3000, latencyMs: 20 });
    for (let index = 0; index < 10; index += 1) {
      a.port.sendRaw(new Uint8Array(1000), b.port.localAddress);
    }
    network.advance(10_000);
    expect(b.times).toEqual([120, 220, 320, 420]);
    expect(fates(seen).filter((fate) => fate === 'queueFull')).toHaveLength(6);
    send(a, b, 1);
    network.advance(1000);
    expect(b.times.at(-1)).toBeCloseTo(10_000 + 0.1 + 20);
  });

  test('a path can have its own conditions, one direction at a time', () => {
    const { network, a, b } = pair({ latencyMs: 10 });
    network.setLink('10.0.0.1', '10.0.0.2', { latencyMs: 100 });
    network.setLink('10.0.0.1', '*', { latencyMs: 50, mtuBytes: 500 });
    const c = openEnd(network, '10.0.0.3');
    send(a, b, 1);
    send(b, a, 1);
    send(a, c, 1);
    a.port.sendRaw(new Uint8Array(501), b.port.localAddress);
    network.advance(1000);
    expect([a.times, b.times, c.times]).toEqual([[10], [100], [50]]);
    network.setLink('*', '*', { latencyMs: 1 });
    send(b, a, 1);
    network.advance(1000);
    expect(a.times).toEqual([10, 1001]);
  });

  test('conditions out of range are refused', () => {
    expect(() => new SimNetwork({ loss: 1.5 })).toThrow('"loss" expected number 0..1, got 1.5');
    expect(() => new SimNetwork({ latencyMs: -1 })).toThrow('"latencyMs" expected number');
    expect(() => new SimNetwork({ jitterMs: Number.NaN })).toThrow('"jitterMs"');
    expect(() => new SimNetwork({ seed: 0.5 })).toThrow('"seed" expected integer, got 0.5');
    expect(() => new SimNetwork({ lossNext: -1 })).toThrow('"lossNext" expected integer');
    expect(() => new SimNetwork().setLink('a', '*', {})).toThrow(
      '"fromIp" expected a literal IP address, got "a"',
    );
    expect(() => new SimNetwork().lossNext(1, '10.0.0.1')).toThrow('expected two addresses or none');
    expect(() => new SimNetwork().advance(-1)).toThrow('"ms" expected number of at least 0, got -1');
  });
});

describe('partitions and changes of address', () => {
  test('a partition cuts both ways until it is healed', () => {
    const { network, a, b, seen } = pair({ latencyMs: 5 });
    send(a, b, 1);
    network.partition(['10.0.0.1'], ['10.0.0.2']);
    send(a, b, 2);
    send(b, a, 2);
    network.advance(10);
    network.heal();
    send(a, b, 3);
    send(b, a, 3);
    network.advance(10);
    expect([a.values(), b.values()]).toEqual([[3], [1, 3]]);
    expect(fates(seen).filter((fate) => fate === 'blocked')).toHaveLength(2);
  });

  test('one direction can be cut, or everything', () => {
    const { network, a, b } = pair();
    network.block('10.0.0.1', '*');
    send(a, b, 1);
    send(b, a, 1);
    network.advance(1);
    network.block('*', '*');
    send(b, a, 2);
    network.advance(1);
    expect([a.values(), b.values()]).toEqual([[1], []]);
  });

  test('a rebound socket sends from and is reached at its new address only', () => {
    const { network, a, b, seen } = pair();
    const old = a.port.localAddress;
    const next = network.rebind(old);
    expect(next.ip).toBe(old.ip);
    expect(next.port).not.toBe(old.port);
    send(a, b, 1);
    network.advance(1);
    expect(b.host.received[0]?.from).toEqual(next);
    b.port.sendRaw(Uint8Array.of(2), old);
    b.port.sendRaw(Uint8Array.of(3), next);
    network.advance(1);
    expect(a.values()).toEqual([3]);
    expect(fates(seen)).toContain('unreachable');
    expect(a.port.localAddress).toEqual(old);
    expect(network.rebind(next, old)).toEqual(old);
    expect(() => network.rebind(next)).toThrow('expected the address of a socket');
    expect(() => network.rebind(old, b.port.localAddress)).toThrow('expected a free address');
  });

  test('a host that changes its address keeps its ports and its paths', () => {
    const { network, a, b } = pair();
    network.setLink('10.0.0.1', '10.0.0.2', { latencyMs: 30 });
    network.changeIp('10.0.0.1', '192.0.2.9');
    const later = openEnd(network, '10.0.0.1');
    send(a, b, 1);
    send(later, b, 2);
    network.advance(100);
    expect(b.host.received.map(({ from }) => from)).toEqual([
      { ip: '192.0.2.9', port: a.port.localPort },
      { ip: '192.0.2.9', port: later.port.localPort },
    ]);
    expect(b.times).toEqual([30, 30]);
    b.port.sendRaw(Uint8Array.of(4), { ip: '192.0.2.9', port: a.port.localPort });
    network.advance(1);
    expect(a.values()).toEqual([4]);
  });
});

describe('sockets', () => {
  let network: SimNetwork;
  beforeEach(() => {
    network = new SimNetwork();
  });

  test('ports: chosen, given, taken and free again', () => {
    const runtime = network.createRuntime('10.0.0.1');
    const first = attached(runtime.attach(new FakeHost(), {}));
    expect(first.localAddress).toEqual({ ip: '10.0.0.1', port: first.localPort });
    expect(first.localPort).toBeGreaterThanOrEqual(49_152);
    const given = attached(runtime.attach(new FakeHost(), { ip: '*', port: 4242 }));
    expect(given.localPort).toBe(4242);
    const sameHost = network.createRuntime('10.0.0.1');
    expect(sameHost.attach(new FakeHost(), { port: 4242 })).toMatchObject({ code: 'EADDRINUSE' });
    expect(attached(network.createRuntime('10.0.0.2').attach(new FakeHost(), { port: 4242 })).localPort).toBe(
      4242,
    );
    given.close();
    expect(attached(sameHost.attach(new FakeHost(), { ip: '0.0.0.0', port: 4242 })).localPort).toBe(4242);
  });

  test('a socket behind a changed address still holds its own port', () => {
    const end = openEnd(network, '10.0.0.1', { port: 4242 });
    network.rebind(end.port.localAddress);
    expect(network.createRuntime('10.0.0.1').attach(new FakeHost(), { port: 4242 })).toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  test('bind errors are those of a real system', () => {
    const runtime = network.createRuntime('::1');
    expect(runtime.ip).toBe('::1');
    expect(runtime.attach(new FakeHost(), { ip: '10.9.9.9' })).toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(runtime.attach(new FakeHost(), { ip: 'name' })).toMatchObject({ code: 'EINVAL' });
    expect(runtime.attach(new FakeHost(), { port: 65_536 })).toMatchObject({ code: 'EINVAL' });
    expect(() => network.createRuntime('name')).toThrow('"ip" expected a literal IP address, got "name"');
  });

  test('failed sends are counted', () => {
    const end = openEnd(network, '10.0.0.1');
    end.port.sendRaw(Uint8Array.of(1), { ip: '10.0.0.2', port: 0 });
    end.port.sendRaw(Uint8Array.of(1), { ip: '::ffff:10.0.0.2', port: 5 });
    end.port.sendRaw(new Uint8Array(65_508), { ip: '10.0.0.2', port: 5 });
    expect(end.port.failedSends).toBe(3);
  });

  test('empty datagrams are ignored and oversized ones dropped', () => {
    const { network: net, a, b } = pair();
    for (const size of [0, 4096, 4097]) {
      a.port.sendRaw(new Uint8Array(size), b.port.localAddress);
    }
    net.advance(1);
    expect(b.host.received.map(({ bytes }) => bytes.length)).toEqual([4096]);
    expect(b.port.droppedDatagrams).toBe(1);
  });

  test('a receiver cannot disturb another by changing bytes', () => {
    const { network: net, a, b, seen } = pair({ duplicate: 1 });
    b.host.receive = (bytes) => {
      bytes.fill(0xee);
    };
    send(a, b, 7);
    net.advance(100);
    expect(seen.map(({ bytes }) => bytes[0])).toEqual([7, 7, 7]);
  });

  test('what is on its way to a closed socket reaches nobody', () => {
    const { network: net, a, b, seen } = pair({ latencyMs: 5 });
    send(a, b, 1);
    b.port.close();
    net.advance(10);
    expect(fates(seen)).toEqual(['sent', 'unreachable']);
  });
});

describe('time', () => {
  test('a host clock starts at its offset and wraps', () => {
    const network = new SimNetwork({ clockOffsetMs: 2 ** 32 - 10 });
    const plain = network.createRuntime('10.0.0.1');
    const other = network.createRuntime('10.0.0.2', { clockOffsetMs: 5000 });
    network.advance(10.5);
    expect([plain.now(), other.now(), plain.time()]).toEqual([0, 5010, 10.5]);
    plain.clockOffsetMs = -1;
    expect(plain.now()).toBe(9);
  });

  test('timers run in virtual time', () => {
    const network = new SimNetwork();
    const runtime = network.createRuntime('10.0.0.1');
    const fired: number[] = [];
    runtime.startTimer(86_400_000, () => fired.push(network.time));
    runtime.startTimer(5, () => fired.push(network.time)).cancel();
    runtime.startTimer(-5, () => fired.push(network.time));
    network.advance(100_000_000);
    expect(fired).toEqual([0, 86_400_000]);
  });

  test('runUntil tells how long it took, or fails with the seed', () => {
    const { network, a, b } = pair({ seed: 77, latencyMs: 30 });
    network.advance(5);
    send(a, b, 1);
    expect(network.runUntil(() => b.values().length === 1, 1000)).toBe(30);
    expect(network.runUntil(() => true, 0)).toBe(0);
    expect(() => network.runUntil(() => false, 100, 'the second datagram')).toThrow(
      'the second datagram did not hold within 100 ms (seed 77, time 135 ms)',
    );
    expect(() => network.check(false, 'wrong order')).toThrow('wrong order (seed 77, time 135 ms)');
    network.check(true, 'right order');
  });

  test('names resolve later, literals at once', () => {
    const network = new SimNetwork();
    network.addName('game.example', '10.0.0.9');
    const runtime = network.createRuntime('10.0.0.1');
    const found: (string | undefined)[] = [];
    runtime.resolve('0::1', (ip) => found.push(ip));
    expect(found).toEqual(['::1']);
    runtime.resolve('game.example', (ip) => found.push(ip));
    runtime.resolve('nobody.example', (ip) => found.push(ip));
    expect(found).toEqual(['::1']);
    network.advance(0);
    expect(found).toEqual(['::1', '10.0.0.9', undefined]);
  });
});

describe('the seed decides', () => {
  const rough: SimNetworkOptions = {
    latencyMs: 20,
    jitterMs: 15,
    loss: 0.1,
    duplicate: 0.05,
    reorder: 0.1,
    bandwidthBytesPerSec: 50_000,
    queueBytes: 2000,
  };
  const run = (seed: number, extraRandom = 0): string[] => {
    const { network, a, b, seen } = pair({ ...rough, seed });
    const runtime = network.createRuntime('10.0.0.3');
    for (let index = 0; index < extraRandom; index += 1) {
      runtime.random32();
    }
    b.host.isEcho = true;
    for (const value of upTo(300)) {
      a.port.sendRaw(new Uint8Array(60).fill(value), b.port.localAddress);
      network.advance(1);
    }
    network.advance(1000);
    return seen.map(({ id, timeMs, from, to, bytes, fate }) =>
      [id, timeMs, from.ip, to.ip, bytes[0], fate].join(' '),
    );
  };

  test('the same seed gives the same run, whatever the hosts draw for themselves', () => {
    expect(run(5)).toEqual(run(5));
    expect(run(5, 100)).toEqual(run(5));
  });

  test('another seed gives another run', () => {
    expect(run(5)).not.toEqual(run(6));
  });

  test('runtimes have random streams of their own that repeat with the seed', () => {
    const draw = (seed: number): number[] => {
      const network = new SimNetwork({ seed });
      return ['10.0.0.1', '10.0.0.1', '10.0.0.2'].map((ip) => network.createRuntime(ip).random32());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(new Set([...draw(1), ...draw(2)]).size).toBe(6);
  });

  test('an ended observation sees nothing more', () => {
    const { network, a, b } = pair();
    let count = 0;
    const stop = network.onDatagram(() => {
      count += 1;
    });
    send(a, b, 1);
    stop();
    network.advance(1);
    expect(count).toBe(1);
  });
});
