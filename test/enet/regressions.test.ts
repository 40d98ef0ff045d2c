/** The smallest case of each defect that was found in the core. */
import { describe, expect, test } from 'vitest';
import { crc32, Packet, PacketFlag, PeerState } from '../../src/enet.ts';
import { be, bytes, connected, HostWorld, hex } from './harness.ts';

const fragment = (
  number: number,
  count: number,
  length: number,
  total: number,
  channel = 0,
  start = 1,
): string =>
  `88${be(channel, 1)}${be(start + number, 2)}${be(start, 2)}${be(length, 2)}${be(count, 4)}${be(number, 4)}${be(total, 4)}${be(number * length, 4)}${'aa'.repeat(length)}`;

describe('accounting', () => {
  test('4.5 the CONNECT that VERIFY_CONNECT answers is no longer charged', () => {
    const { toServer, toClient } = connected();
    expect([toServer.outgoingBytes, toClient.outgoingBytes]).toEqual([0, 0]);
  });

  test('12.2 G every stored fragment is charged its overhead, and no more once it is joined', () => {
    const { server, client, toClient } = connected();
    for (let i = 0; i < 10; i++) {
      server.feed(`80000000${fragment(i, 11, 1, 11)}`, client.address);
      server.service();
    }
    expect(toClient.waitingBytes).toBeGreaterThanOrEqual(11 + 64 + 10 * 64);
    server.feed(`80000000${fragment(10, 11, 1, 11)}`, client.address);
    server.host.service(server.world.now);
    server.service();
    expect(toClient.waitingBytes).toBe(0);
  });

  test('12.2 G one-byte fragments cannot hold more than the limit of waiting data says', () => {
    const { server, client, toClient } = connected({ server: { maxWaitingBytes: 10_000 }, channels: 255 });
    for (let channel = 0; channel < 255; channel++) {
      for (let i = 0; i < 30; i++)
        server.feed(`80000000${fragment(i, 200, 1, 200, channel)}`, client.address);
    }
    server.service();
    // One packet more than the limit always fits (6.6), so the first assembly does and no other.
    expect(server.host.dropCount('WAITING_DATA_FULL')).toBe(254 * 30);
    expect(toClient.waitingBytes).toBe(200 + 64 + 200 * 64);
  });
});

describe('hostile or careless use of the control channel', () => {
  test('70,000 PINGs in flight neither hang nor eat the memory, and the connection goes on', () => {
    const { world, server, client, toServer } = connected();
    client.path = () => ({ copies: 0 });
    for (let i = 0; i < 70_000; i++) toServer.ping();
    client.flush();
    client.path = undefined;
    world.run(4000, 10);
    expect(toServer.state).toBe(PeerState.CONNECTED);
    expect(toServer.outgoingBytes).toBe(0);
    expect(server.events).toEqual([]);
  });

  test('a channel id that is no integer is refused', () => {
    const { toServer } = connected();
    for (const channel of [0.5, Number.NaN, -1, 2, Number.POSITIVE_INFINITY]) {
      expect(toServer.send(channel, new Packet(bytes('x'), PacketFlag.RELIABLE)), String(channel)).toBe(
        false,
      );
    }
  });
});

describe('sizes', () => {
  test('1.5 with MTU 4096 and a checksum no datagram is longer than a receive buffer', () => {
    const options = { mtuBytes: 4096, checksum: crc32 };
    const { world, server, client, toServer } = connected({ client: options, server: options });
    toServer.ping();
    toServer.send(0, new Packet(new Uint8Array(4065), PacketFlag.RELIABLE));
    client.flush();
    expect(Math.max(...client.sent.map((sent) => sent.bytes.length))).toBeLessThanOrEqual(4096);
    world.settle();
    expect(server.events.map((event) => event.bytes.length)).toEqual([4065]);
  });
});

describe('timers', () => {
  const intervals = [0x7fffffff, 0x80000000, 0xffffffff, Number.MAX_SAFE_INTEGER];
  test.each(intervals)('a ping interval of %d ms does not make the host spin', (intervalMs) => {
    const { world, server, client, toServer, toClient } = connected();
    toServer.setPingInterval(intervalMs);
    toClient.setPingInterval(intervalMs);
    world.settle();
    expect(client.host.nextWakeup(world.now)).toBeGreaterThan(0);
    for (let i = 0; i < 100; i++) {
      const delay = client.host.nextWakeup(world.now) ?? 1000;
      world.skip(delay);
      world.step();
      world.settle();
    }
    expect(client.events).toEqual([]);
    expect(server.events).toEqual([]);
    // The bandwidth throttle may wake it once a second; nothing else is due for a day.
    expect(world.elapsed).toBeGreaterThan(50_000);
  });

  test('5.9 step 4: a timeout run sets the next one to the deadline of the new head', () => {
    const { world, client, toServer } = connected();
    client.path = () => ({ copies: 0 });
    const timeout = toServer.rttMs + 4 * toServer.rttVarianceMs;
    const start = world.now;
    const send = (text: string): void => {
      toServer.send(0, new Packet(bytes(text), PacketFlag.RELIABLE));
      client.service();
    };
    client.clear();
    send('a');
    world.skip(timeout - 1);
    send('b');
    world.skip(1);
    client.service(); // a again, with twice the timeout, behind b
    world.skip(1);
    send('c');
    world.skip(timeout - 2);
    client.service(); // b is overdue: a is the head now, c is due earlier but waits for it
    const seen = client.sent.map((sent) => [sent.at - start, sent.hex.slice(-2)]);
    expect(seen).toEqual([
      [0, '61'],
      [timeout - 1, '62'],
      [timeout, '61'],
      [timeout + 1, '63'],
      [2 * timeout - 1, '62'],
    ]);
    client.clear();
    world.skip(2);
    client.service();
    expect(client.sent).toEqual([]);
    world.skip(3 * timeout - (world.now - start));
    client.service();
    expect(client.hex.map((text) => text.slice(-2))).toEqual(['63']);
  });

  test('a limit without a practical maximum keeps timeouts within the horizon of the clock', () => {
    const { world, client, toServer } = connected();
    toServer.setTimeout(0xffffffff, 0xffffffff, 0xffffffff);
    client.path = () => ({ copies: 0 });
    toServer.send(0, new Packet(bytes('x'), PacketFlag.RELIABLE));
    client.service();
    for (let i = 0; i < 60 && toServer.state === PeerState.CONNECTED; i++) {
      const delay = client.host.nextWakeup(world.now);
      expect(delay).toBeLessThan(86_400_000);
      world.skip(delay ?? 0);
      client.service();
    }
  });

  test('6.12 the throttle limit is lifted within a second of a bandwidth limit that ended', () => {
    const { world, server, client, toServer } = connected();
    world.run(1000, 100);
    server.host.setBandwidthLimit(0, 0);
    world.run(2000, 100);
    expect(client.host.nextWakeup(world.now)).toBeLessThanOrEqual(1000);
    expect(toServer.throttleLimit).toBe(32);
  });
});

describe('W8 and the handshake over a bad path', () => {
  test('what a half-open peer sends raises what it may be sent', () => {
    const world = new HostWorld();
    const server = world.add();
    const client = world.add();
    client.host.connect(server.address, 1, 0);
    // The first three answers of the client to VERIFY_CONNECT are lost.
    let acknowledgements = 0;
    client.path = (sent) => ({ copies: sent.hex.includes('01ff00010001') && acknowledgements++ < 3 ? 0 : 1 });
    world.run(6000, 10);
    expect(server.log).toEqual(['CONNECT 0']);
  });

  test('its answers stay within three times what came from it', () => {
    const world = new HostWorld();
    const server = world.add();
    const from = { ip: '10.9.9.9', port: 9 };
    const connect =
      '8fff4240 82ff0001 0000ffff 00000578 00010000 00000002 00000000 00000000 00001388 00000002 00000002 44332211 00000007';
    server.feed(connect, from);
    world.run(40_000, 50);
    const total = server.sent.reduce((sum, sent) => sum + sent.bytes.length, 0);
    expect(total).toBeLessThanOrEqual(3 * hex(connect).length);
    expect(server.sent.length).toBe(3);
    expect([...server.host.peers()]).toEqual([]);
    expect(server.events).toEqual([]);
  });
});
