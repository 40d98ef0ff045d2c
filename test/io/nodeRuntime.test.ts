import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Address } from '../../src/enet/address.ts';
import type { AttachedHost } from '../../src/io/attachedHost.ts';
import { mmsgProblem } from '../../src/io/mmsg.ts';
import {
  createNodeRuntime,
  type NodeRuntime,
  type NodeTransport,
  nodeRuntime,
} from '../../src/node/nodeRuntime.ts';
import type { BindOptions } from '../../src/runtime/index.ts';
import { attached, FakeHost, hasIpv6, sequence, until } from './support.ts';

const noMmsg = mmsgProblem();
const transports: [NodeTransport, string, boolean][] = [
  ['dgram', 'node:dgram', false],
  [
    'mmsg',
    `recvmmsg and sendmmsg${noMmsg === undefined ? '' : ` [skipped: ${noMmsg}]`}`,
    noMmsg !== undefined,
  ],
];

for (const [transport, title, isMissing] of transports)
  describe.skipIf(isMissing)(`sockets over ${title}`, () => {
    const runtime = createNodeRuntime({ transport });
    const open: AttachedHost[] = [];
    const attach = (host: FakeHost, bind: BindOptions = { ip: '127.0.0.1' }): AttachedHost => {
      const port = attached(runtime.attach(host, bind));
      open.push(port);
      return port;
    };
    /** Services in every wake until nothing is left. */
    const listen = (port: AttachedHost): void => {
      port.setWakeListener(() => {
        while (port.service() !== undefined);
      });
    };
    const to = (port: AttachedHost, ip = '127.0.0.1'): Address => ({ ip, port: port.localPort });

    afterEach(() => {
      for (const port of open.splice(0)) {
        port.close();
      }
    });

    const families: [name: string, bind: string, ip: string, isSkipped: boolean][] = [
      ['IPv4', '127.0.0.1', '127.0.0.1', false],
      ['IPv6', '::1', '::1', !hasIpv6],
      ['all interfaces, reached over IPv4', '*', '127.0.0.1', false],
      ['all interfaces, reached over IPv6', '*', '::1', !hasIpv6],
      ['IPv4-mapped', '::ffff:127.0.0.1', '127.0.0.1', false],
      ['IPv6 in another spelling', '0:0:0:0:0:0:0:1', '::1', !hasIpv6],
    ];
    for (const [name, bind, ip, isSkipped] of families) {
      test.skipIf(isSkipped)(`${name}: datagrams of all sizes go there and back`, async () => {
        const server = new FakeHost();
        server.isEcho = true;
        const client = new FakeHost();
        const serverPort = attach(server, { ip: bind });
        const clientPort = attach(client, { ip });
        listen(serverPort);
        listen(clientPort);
        const sizes = [1, 2, 52, 1392, 4096];
        for (const size of sizes) {
          clientPort.sendRaw(sequence(size), to(serverPort, ip));
        }
        await until(() => client.received.length === sizes.length, 'all echoes');
        expect(server.received.map(({ from }) => from)).toEqual(sizes.map(() => to(clientPort, ip)));
        expect(client.received.map(({ bytes }) => bytes)).toEqual(sizes.map((size) => sequence(size)));
        expect(client.received[0]?.from).toEqual(to(serverPort, ip));
      });
    }

    test('binding is synchronous, with a real port', () => {
      const first = attach(new FakeHost());
      const second = attach(new FakeHost(), { ip: '*', port: 0 });
      const third = attach(new FakeHost(), {});
      expect(first.localAddress).toEqual({ ip: '127.0.0.1', port: first.localPort });
      for (const port of [first, second, third]) {
        expect(port.localPort).toBeGreaterThan(0);
      }
      expect([second.localAddress.ip, third.localAddress.ip]).toEqual(
        hasIpv6 ? ['::', '::'] : ['0.0.0.0', '0.0.0.0'],
      );
    });

    test('errors of binding come back at once', () => {
      const taken = attach(new FakeHost());
      const attempt = (bind: BindOptions): unknown => runtime.attach(new FakeHost(), bind);
      expect(attempt({ ip: '127.0.0.1', port: taken.localPort })).toMatchObject({ code: 'EADDRINUSE' });
      expect(attempt({ ip: '192.0.2.1' })).toMatchObject({ code: 'EADDRNOTAVAIL' });
      expect(attempt({ ip: 'localhost' })).toEqual({
        code: 'EINVAL',
        message: '"ip" expected a literal IP address or "*", got "localhost"',
      });
      expect(attempt({ ip: '' })).toMatchObject({ code: 'EINVAL' });
      expect(attempt({ port: 65_536 })).toMatchObject({ code: 'EINVAL' });
      expect(attempt({ port: -1 })).toMatchObject({ code: 'EINVAL' });
      expect(attempt({ port: 1.5 })).toMatchObject({ code: 'EINVAL' });
    });

    test('a port is free again after close', async () => {
      const first = attach(new FakeHost());
      const port = first.localPort;
      first.close();
      await until(() => {
        const again = runtime.attach(new FakeHost(), { ip: '127.0.0.1', port });
        if ('code' in again) {
          return false;
        }
        again.close();
        return true;
      }, 'binding the same port');
    });

    test.skipIf(!hasIpv6)('an IPv6 literal does not take IPv4', () => {
      const six = attach(new FakeHost(), { ip: '::1' });
      const four = attach(new FakeHost(), { ip: '0.0.0.0', port: six.localPort });
      expect(four.localPort).toBe(six.localPort);
    });

    test.skipIf(!hasIpv6)('the IPv6 wildcard takes IPv4, too, as sockets of Godot do', async () => {
      const host = new FakeHost();
      const port = attach(host, { ip: '::' });
      port.setWakeListener(() => {
        while (port.service() !== undefined);
      });
      const four = attach(new FakeHost(), { ip: '127.0.0.1' });
      const six = attach(new FakeHost(), { ip: '::1' });
      four.sendRaw(Uint8Array.of(4), { ip: '127.0.0.1', port: port.localPort });
      six.sendRaw(Uint8Array.of(6), { ip: '::1', port: port.localPort });
      await until(() => host.received.length === 2, 'both families');
      expect(host.received.map(({ from }) => from.ip).sort()).toEqual(['127.0.0.1', '::1']);
    });

    test('the name localhost is resolved at once, and a name that does not exist is not', () => {
      expect(['127.0.0.1', '::1']).toContain(runtime.resolveNow?.('localhost'));
      expect(runtime.resolveNow?.('no such host')).toBeUndefined();
    });

    test('a burst costs one wake per turn, and all of it arrives in order', async () => {
      const server = new FakeHost();
      const port = attach(server);
      const sender = attach(new FakeHost());
      let wakes = 0;
      port.setWakeListener(() => {
        wakes += 1;
        while (port.service() !== undefined);
      });
      for (let index = 0; index < 200; index += 1) {
        sender.sendRaw(Uint8Array.of(index), to(port));
      }
      await until(() => server.received.length === 200, '200 datagrams');
      expect(server.received.map(({ bytes }) => bytes[0])).toEqual(
        Array.from({ length: 200 }, (_, index) => index),
      );
      expect(wakes).toBeLessThan(100);
    });

    test('datagrams of one source share one address object', async () => {
      const server = new FakeHost();
      const port = attach(server, { ip: '*' });
      const sender = attach(new FakeHost());
      listen(port);
      for (let index = 0; index < 10; index += 1) {
        sender.sendRaw(Uint8Array.of(index), to(port));
      }
      await until(() => server.received.length === 10, '10 datagrams');
      expect(new Set(server.received.map(({ from }) => from)).size).toBe(1);
    });

    test('without a listener the port is polled', async () => {
      const server = new FakeHost();
      server.eventsPerDatagram = 2;
      const port = attach(server);
      const sender = attach(new FakeHost());
      sender.sendRaw(Uint8Array.of(1), to(port));
      let events = 0;
      await until(() => {
        while (port.service() !== undefined) {
          events += 1;
        }
        return events === 2;
      }, 'two events');
      expect(server.received).toHaveLength(1);
    });

    test('more datagrams than one receive phase takes are dealt with by one poll', async () => {
      const server = new FakeHost();
      const port = attach(server);
      const sender = attach(new FakeHost());
      const total = 300;
      for (let index = 0; index < total; index += 1) {
        sender.sendRaw(Uint8Array.of(1), to(port));
      }
      await until(() => port.service() === undefined && server.received.length === total, 'all datagrams');
      expect(port.droppedDatagrams).toBe(0);
    });

    test('empty datagrams are ignored and oversized ones dropped', async () => {
      const server = new FakeHost();
      const port = attach(server);
      const sender = attach(new FakeHost());
      listen(port);
      sender.sendRaw(new Uint8Array(0), to(port));
      sender.sendRaw(sequence(4097), to(port));
      sender.sendRaw(sequence(4096), to(port));
      await until(() => server.received.length > 0, 'the datagram of 4096 bytes');
      expect(server.received.map(({ bytes }) => bytes.length)).toEqual([4096]);
      expect(port.droppedDatagrams).toBe(1);
    });

    test('what waits for a host that nobody services is bounded', async () => {
      const server = new FakeHost();
      const port = attach(server);
      const sender = attach(new FakeHost());
      const big = sequence(4096);
      for (let burst = 0; burst < 50 && port.droppedDatagrams === 0; burst += 1) {
        for (let index = 0; index < 100; index += 1) {
          sender.sendRaw(big, to(port));
        }
        for (let turn = 0; turn < 8; turn += 1) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      if (transport === 'dgram') {
        // Behind recvmmsg the system itself holds, and bounds, what waits.
        expect(port.droppedDatagrams).toBeGreaterThan(0);
      }
      while (port.service() !== undefined);
      expect(server.received.length * 4096).toBeLessThanOrEqual(8 * 1024 * 1024);
      const before = server.received.length;
      sender.sendRaw(Uint8Array.of(7), to(port));
      await until(
        () => port.service() === undefined && server.received.length > before,
        'datagrams after the flood',
      );
    });

    test('failed sends are counted and harmless', async () => {
      const host = new FakeHost();
      const port = attach(host);
      const target = { ip: '127.0.0.1', port: 9 };
      const bad: Address[] = [
        { ip: '127.0.0.1', port: 0 },
        { ip: '127.0.0.1', port: 70_000 },
        { ip: '::1', port: 9 },
        { ip: 'no address', port: 9 },
      ];
      for (const address of bad) {
        port.sendRaw(Uint8Array.of(1), address);
      }
      port.sendRaw(new Uint8Array(65_508), target);
      await until(() => port.failedSends === 5, 'five failed sends');
      const other = new FakeHost();
      const otherPort = attach(other);
      listen(otherPort);
      host.outbox.push({ bytes: Uint8Array.of(1), to: { ip: '::1', port: 9 } });
      host.outbox.push({ bytes: Uint8Array.of(2), to: to(otherPort) });
      port.drain();
      await until(() => other.received.length === 1, 'the good datagram of the batch');
      await until(() => port.failedSends === 6, 'the bad datagram of the batch');
    });

    test('a long batch arrives whole and in order, but for what cannot be sent', async () => {
      const server = new FakeHost();
      const port = attach(server);
      const host = new FakeHost();
      const clientPort = attach(host);
      listen(port);
      for (let index = 0; index < 200; index += 1) {
        const isBad = index === 70 || index === 71;
        host.outbox.push({
          bytes: sequence(1 + index * 5, index),
          // The system refuses broadcasts from a plain socket.
          to: isBad ? { ip: '255.255.255.255', port: 9 } : to(port),
        });
      }
      clientPort.drain();
      await until(() => server.received.length === 198, 'the batch');
      const wanted = Array.from({ length: 200 }, (_, index) => index).filter(
        (index) => index !== 70 && index !== 71,
      );
      expect(server.received.map(({ bytes }) => bytes)).toEqual(
        wanted.map((index) => sequence(1 + index * 5, index)),
      );
      await until(() => clientPort.failedSends === 2, 'the count of failed sends');
    });

    test('a datagram to a port without listener disturbs nothing', async () => {
      const host = new FakeHost();
      const port = attach(host);
      const gone = attach(new FakeHost());
      const address = to(gone);
      gone.close();
      listen(port);
      for (let index = 0; index < 5; index += 1) {
        port.sendRaw(Uint8Array.of(1), address);
      }
      port.sendRaw(Uint8Array.of(9), to(port));
      await until(() => host.received.length === 1, 'the datagram to itself');
    });

    test('sendRaw copies, so the caller may reuse its bytes', async () => {
      const server = new FakeHost();
      const port = attach(server);
      listen(port);
      const bytes = Uint8Array.of(1, 2, 3);
      port.sendRaw(bytes, to(port));
      bytes.fill(0);
      await until(() => server.received.length === 1, 'the datagram');
      expect(server.received[0]?.bytes).toEqual(Uint8Array.of(1, 2, 3));
    });

    test('a closed port does nothing', async () => {
      const host = new FakeHost();
      const port = attach(host);
      const sender = attach(new FakeHost());
      let wakes = 0;
      port.setWakeListener(() => {
        wakes += 1;
      });
      sender.sendRaw(Uint8Array.of(1), to(port));
      const services = host.idleServices;
      port.close();
      port.close();
      port.flush();
      port.drain();
      port.requestWake();
      port.sendRaw(Uint8Array.of(1), to(sender));
      port.setWakeListener(() => {
        wakes += 1;
      });
      expect(port.service()).toBeUndefined();
      for (let turn = 0; turn < 10; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect([wakes, host.idleServices, host.flushes]).toEqual([0, services, 0]);
      expect(port.localPort).toBeGreaterThan(0);
    });

    test('the receive buffer is asked for, and a refusal is no error', () => {
      for (const receiveBufferBytes of [0, 1, 0x7fff_ffff]) {
        const other = createNodeRuntime({ receiveBufferBytes, transport });
        open.push(attached(other.attach(new FakeHost(), { ip: '127.0.0.1' })));
      }
      expect(open).toHaveLength(3);
    });
  });

describe('clock, timers, randomness, names', () => {
  const runtime: NodeRuntime = nodeRuntime;

  test('the clock starts at 1000 or later and does not go back', () => {
    const fresh = createNodeRuntime();
    let last = fresh.now();
    expect(last).toBeGreaterThanOrEqual(1000);
    expect(last).toBeLessThan(2000);
    for (let index = 0; index < 1000; index += 1) {
      const now = fresh.now();
      expect(Number.isInteger(now)).toBe(true);
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  test('the clock wraps at 2^32', async () => {
    const late = createNodeRuntime({ clockStartMs: 0xffff_ffff });
    await until(() => late.now() < 1000, 'the wrap');
  });

  test('random numbers are u32 and differ', () => {
    const numbers = Array.from({ length: 2000 }, () => runtime.random32());
    expect(numbers.every((value) => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff)).toBe(
      true,
    );
    expect(new Set(numbers).size).toBeGreaterThan(1990);
    expect(numbers.some((value) => value > 0x8000_0000)).toBe(true);
  });

  test('timers fire once, and can be called off', async () => {
    const fired: string[] = [];
    runtime.startTimer(0, () => fired.push('called off')).cancel();
    const timer = runtime.startTimer(1, () => fired.push('fired'));
    await until(() => fired.length > 0, 'the timer');
    timer.cancel();
    expect(fired).toEqual(['fired']);
  });

  test('a literal resolves before the call returns, in canonical text', () => {
    const done = vi.fn();
    runtime.resolve('127.0.0.1', done);
    runtime.resolve('0:0::1', done);
    runtime.resolve('::ffff:1.2.3.4', done);
    expect(done.mock.calls).toEqual([['127.0.0.1'], ['::1'], ['1.2.3.4']]);
  });

  test('a name resolves later', async () => {
    const found: (string | undefined)[] = [];
    runtime.resolve('localhost', (ip) => found.push(ip));
    expect(found).toEqual([]);
    await until(() => found.length === 1, 'localhost');
    expect(['127.0.0.1', '::1']).toContain(found[0]);
  });

  test.each(['', 'a name', 'nul\0', 'x'.repeat(300)])(
    '%j has no address, and says so later',
    async (name) => {
      const found: (string | undefined)[] = [];
      runtime.resolve(name, (ip) => found.push(ip));
      expect(found).toEqual([]);
      await until(() => found.length === 1, 'the answer');
      expect(found).toEqual([undefined]);
    },
  );

  test('the transport can be chosen by the environment', () => {
    const attempt = (transport: string): unknown => {
      vi.stubEnv('GODOT_ENET_TRANSPORT', transport);
      try {
        const port = createNodeRuntime().attach(new FakeHost(), { ip: '127.0.0.1' });
        if ('close' in port) {
          port.close();
        }
        return port;
      } finally {
        vi.unstubAllEnvs();
      }
    };
    expect(attempt('pigeon')).toEqual({
      code: 'EINVAL',
      message: 'GODOT_ENET_TRANSPORT expected auto, dgram or mmsg, got pigeon',
    });
    for (const transport of ['', 'auto', 'dgram']) {
      expect(attempt(transport)).toHaveProperty('localPort');
    }
    expect(attempt('mmsg')).toMatchObject(noMmsg === undefined ? {} : { code: 'ENOTSUP', message: noMmsg });
  });

  test('options out of range are refused', () => {
    expect(() => createNodeRuntime({ transport: JSON.parse('"pigeon"') })).toThrow(
      '"transport" expected "auto", "dgram" or "mmsg", got "pigeon"',
    );
    expect(() => createNodeRuntime({ receiveBufferBytes: -1 })).toThrow(
      '"receiveBufferBytes" expected integer',
    );
    expect(() => createNodeRuntime({ clockStartMs: 999 })).toThrow('"clockStartMs" expected integer 1000..');
  });
});

describe('in a process of its own', () => {
  test.each(['dgram', 'auto'])(
    '%s: an error of a listener is an uncaught exception, the port goes on, close ends it',
    (transport) => {
      const program = `
      import { createNodeRuntime } from './src/node/nodeRuntime.ts';
      const host = {
        received: 0, inbox: 0,
        receive() { this.inbox += 1; },
        service() { this.received += this.inbox; this.inbox = 0; return undefined; },
        flush() {}, drainOutbox() { return []; }, nextWakeup() { return undefined; },
      };
      const port = createNodeRuntime({ transport: '${transport}' }).attach(host, { ip: '127.0.0.1' });
      let wakes = 0;
      process.on('uncaughtException', (error) => {
        console.log('uncaught:', error.message);
        port.sendRaw(Uint8Array.of(1), port.localAddress);
      });
      port.setWakeListener(() => {
        wakes += 1;
        if (wakes === 1) throw new Error('broken listener');
        while (port.service() !== undefined);
        if (host.received === 1) {
          console.log('received after the error');
          port.close();
        }
      });
    `;
      const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      expect([run.status, run.stdout]).toEqual([0, 'uncaught: broken listener\nreceived after the error\n']);
    },
  );

  test.each(['dgram', 'auto'])(
    '%s: an open port keeps the process alive, also with unread datagrams',
    (transport) => {
      const program = `
      import { createNodeRuntime } from './src/node/nodeRuntime.ts';
      const host = { receive() {}, service() {}, flush() {}, drainOutbox() { return []; }, nextWakeup() {} };
      const port = createNodeRuntime({ transport: '${transport}' }).attach(host, { ip: '127.0.0.1' });
      port.sendRaw(Uint8Array.of(1), port.localAddress);
      setTimeout(() => {
        console.log('still alive');
        port.close();
      }, 100).unref();
    `;
      const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      expect([run.status, run.stdout]).toEqual([0, 'still alive\n']);
    },
  );
});
