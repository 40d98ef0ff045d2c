import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/enet/address.ts';
import { Host } from '../../src/enet/host.ts';
import { Packet } from '../../src/enet/packet.ts';
import { EventType, type HostEvent } from '../../src/enet/state/hostEvent.ts';
import type { AttachedHost } from '../../src/io/attachedHost.ts';
import { mmsgProblem } from '../../src/io/mmsg.ts';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import type { Runtime } from '../../src/runtime/index.ts';
import {
  formatSession,
  type LinkConditions,
  parseSession,
  recordSession,
  replaySession,
  SimNetwork,
  type SimNetworkOptions,
} from '../../src/testing.ts';
import { attached, hasIpv6, sequence, until } from '../io/support.ts';

// The real host over the real and the virtual runtime: the loop keeps connections alive and packets moving.

interface Side {
  readonly host: Host;
  readonly port: AttachedHost;
  readonly events: string[];
  readonly received: Uint8Array[];
}

type AnyRuntime = Runtime & { attach(host: Host, bind: object): ReturnType<typeof AttachedHost.open> };

const RELIABLE = 1;

function describeEvent({ type, data, channel }: HostEvent): string {
  return type === EventType.RECEIVE
    ? `receive ${channel}`
    : `${type === EventType.CONNECT ? '+' : '-'}${data}`;
}

function open(runtime: AnyRuntime, bind: object, echo: boolean): Side {
  const host = new Host({ peerCount: 8, random32: () => runtime.random32() });
  const port = attached(runtime.attach(host, bind));
  const side: Side = { host, port, events: [], received: [] };
  port.setWakeListener(() => {
    for (let event = port.service(); event !== undefined; event = port.service()) {
      side.events.push(describeEvent(event));
      if (event.type === EventType.RECEIVE) {
        side.received.push(event.bytes);
        if (echo) {
          event.peer.send(event.channel, new Packet(event.bytes, RELIABLE));
        }
      }
    }
  });
  return side;
}

function simPair(options: SimNetworkOptions): {
  network: SimNetwork;
  server: Side;
  client: Side;
  address: Address;
} {
  const network = new SimNetwork(options);
  const server = open(network.createRuntime('10.0.0.1'), { port: 4242 }, true);
  const client = open(network.createRuntime('10.0.0.2'), {}, false);
  return { network, server, client, address: server.port.localAddress };
}

const conditions: [string, Partial<LinkConditions>][] = [
  ['perfect', {}],
  ['slow', { latencyMs: 300, jitterMs: 50 }],
  ['lossy', { latencyMs: 30, jitterMs: 20, loss: 0.15, duplicate: 0.05, reorder: 0.1 }],
  ['narrow', { latencyMs: 40, bandwidthBytesPerSec: 100_000, queueBytes: 20_000 }],
];

describe('over the virtual network', () => {
  test.each(conditions)('a %s path: packets of all sizes come back in order', (_name, link) => {
    const { network, server, client, address } = simPair({ seed: 21, ...link });
    const peer = client.host.connect(address, 2, 99);
    client.port.flush();
    network.runUntil(() => client.events.length > 0 && server.events.length > 0, 10_000, 'the connection');
    expect([server.events, client.events]).toEqual([['+99'], ['+0']]);
    const packets = [0, 1, 100, 1400, 5000, 40_000].map((length) => sequence(length, length));
    for (const bytes of packets) {
      expect(peer?.send(1, new Packet(bytes, RELIABLE))).toBe(true);
    }
    client.port.requestWake();
    network.runUntil(() => client.received.length === packets.length, 60_000, 'the echoes');
    expect(client.received).toEqual(packets);
    peer?.disconnect(7, client.port.now());
    client.port.flush();
    network.runUntil(() => client.events.at(-1) === '-0' && server.events.at(-1) === '-7', 10_000, 'the end');
  });

  test('a connection lives through hours, the wrap of the clock, and nothing else to do', () => {
    const { network, server, client, address } = simPair({ latencyMs: 20, clockOffsetMs: 2 ** 32 - 600_000 });
    client.host.connect(address, 1, 0);
    client.port.flush();
    let datagrams = 0;
    network.onDatagram(({ fate }) => {
      datagrams += fate === 'sent' ? 1 : 0;
    });
    network.advance(3_600_000);
    expect([server.events, client.events]).toEqual([['+0'], ['+0']]);
    // One ping per 500 ms and side, and its acknowledgement.
    expect(datagrams).toBeGreaterThan(10_000);
    expect(datagrams).toBeLessThan(4 * 7200 + 100);
  });

  test('a partition ends the connection on both sides by timeout', () => {
    const { network, server, client, address } = simPair({ latencyMs: 20 });
    client.host.connect(address, 1, 0);
    client.port.flush();
    network.runUntil(() => server.events.length === 1, 1000, 'the connection');
    network.partition(['10.0.0.1'], ['10.0.0.2']);
    network.runUntil(() => client.events.length === 2 && server.events.length === 2, 40_000, 'the timeouts');
    expect([server.events, client.events]).toEqual([
      ['+0', '-0'],
      ['+0', '-0'],
    ]);
  });

  test('the same seed gives the same datagrams, and a record replays to the same answers', () => {
    const run = (): string => {
      const { network, client, address } = simPair({
        seed: 5,
        latencyMs: 30,
        jitterMs: 25,
        loss: 0.1,
        reorder: 0.1,
      });
      const recorder = recordSession(network, {
        client: '10.0.0.2',
        server: '10.0.0.1',
        what: 'echoes over a bad path',
        compression: 'none',
      });
      const peer = client.host.connect(address, 2, 1);
      client.port.flush();
      network.runUntil(() => client.events.length > 0, 10_000, 'the connection');
      for (let index = 0; index < 40; index += 1) {
        peer?.send(0, new Packet(sequence(200, index), index % 3 === 0 ? 0 : RELIABLE));
        client.port.requestWake();
        network.advance(15);
      }
      network.advance(3000);
      return formatSession(recorder.stop());
    };
    const text = run();
    expect(run()).toBe(text);

    const session = parseSession(text);
    const host = new Host({ peerCount: 8, random32: () => 1 });
    const answers = replaySession(session, {
      host,
      feed: 'client',
      from: { ip: '10.0.0.2', port: 50_000 },
      onEvent: ({ type, peer, channel, bytes }) => {
        if (type === EventType.RECEIVE) {
          peer.send(channel, new Packet(bytes, RELIABLE));
        }
      },
    });
    expect(answers).toEqual(session.datagrams.filter(([, side]) => side === 'server'));
    expect(answers.length).toBeGreaterThan(40);
  });

  test('an idle host with a peer sleeps from ping to ping', () => {
    const { network, server, client, address } = simPair({ latencyMs: 20 });
    client.host.connect(address, 1, 0);
    client.port.flush();
    network.advance(2000);
    let services = 0;
    const service = server.host.service.bind(server.host);
    server.host.service = (now) => {
      services += 1;
      return service(now);
    };
    network.advance(10_000);
    // Ping, acknowledgement, the remote's ping and the bandwidth tick: a handful of wakes per 500 ms.
    expect(services).toBeLessThan(20 * 8);
  });
});

const noMmsg = mmsgProblem();

describe('over real sockets', () => {
  const transports = [
    ['dgram', '127.0.0.1'],
    ['dgram', '::1'],
    ['mmsg', '127.0.0.1'],
    ['mmsg', '::1'],
  ] as const;
  for (const [transport, ip] of transports) {
    const isMissing = (transport === 'mmsg' && noMmsg !== undefined) || (ip === '::1' && !hasIpv6);
    test.skipIf(isMissing)(`a connection over ${transport} on ${ip}`, async () => {
      const runtime = createNodeRuntime({ transport });
      const server = open(runtime, { ip: '*' }, true);
      const client = open(runtime, { ip }, false);
      try {
        const peer = client.host.connect({ ip, port: server.port.localPort }, 2, 5);
        client.port.flush();
        await until(() => client.events.length > 0, 'the connection');
        const packets = [0, 1, 1400, 100_000].map((length) => sequence(length));
        for (const bytes of packets) {
          peer?.send(0, new Packet(bytes, RELIABLE));
        }
        client.port.requestWake();
        await until(() => client.received.length === packets.length, 'the echoes');
        expect(client.received).toEqual(packets);
        peer?.disconnect(3, client.port.now());
        client.port.requestWake();
        await until(() => client.events.at(-1) === '-0' && server.events.at(-1) === '-3', 'the end');
        expect([server.port.failedSends, client.port.failedSends]).toEqual([0, 0]);
      } finally {
        server.port.close();
        client.port.close();
      }
    });
  }
});
