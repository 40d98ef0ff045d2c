/** Floods of hellos and of sessions that nobody uses, on the virtual network: what they cost and whom they keep out. */
import { beforeAll, describe, expect, test } from 'vitest';
import { DtlsClientEndpoint } from '../../src/dtls/clientEndpoint.ts';
import { TIME_BURST_MS, TIME_SHARE } from '../../src/dtls/handshakeBudget.ts';
import type { ServerCredentials } from '../../src/dtls/identity/credentials.ts';
import { DtlsServerEndpoint } from '../../src/dtls/serverEndpoint.ts';
import type { Address } from '../../src/enet/address.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { connect, makeCredentials, type Node, SERVER, startClient, startServer } from './network.ts';

let credentials: ServerCredentials;
beforeAll(async () => {
  credentials = await makeCredentials();
});

const NEWCOMER: Address = { ip: '10.9.0.1', port: 1 };

/** Comes as far as the answer to its hello with the cookie, and is silent then. */
function halfOpen(network: SimNetwork, at: Address): Node<DtlsClientEndpoint> {
  const client = startClient(network, at);
  client.send('', SERVER);
  // Hello, cookie, hello: three ways of 1 ms.
  network.advance(2.5);
  network.block(at.ip, SERVER.ip);
  network.advance(3);
  network.heal();
  client.vanish();
  return client;
}

function complete(network: SimNetwork, at: Address): Node<DtlsClientEndpoint> {
  const client = startClient(network, at);
  connect(network, client);
  client.vanish();
  return client;
}

describe('who gives way', () => {
  test('half-open handshakes of a few addresses keep nobody out', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const limits = { maxSessions: 24, maxHandshakesPerIp: 8, maxSessionsPerIp: 24 };
    const server = startServer(network, credentials, { limits, isInUse: () => true });
    for (let n = 0; n < 24; n++) halfOpen(network, { ip: `10.1.0.${n % 3}`, port: 100 + n });
    expect(server.endpoint.counters.handshakes).toBe(24);
    network.advance(300);
    const client = startClient(network, NEWCOMER);
    connect(network, client);
    expect(server.endpoint.counters.dropped.evicted).toBe(1);
    expect(server.endpoint.counters.openSessions).toBe(1);
  });

  test('an address at its limit of handshakes: its own oldest, after a second', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const server = startServer(network, credentials, { limits: { maxHandshakesPerIp: 2 } });
    halfOpen(network, { ip: '10.1.0.1', port: 1 });
    halfOpen(network, { ip: '10.1.0.1', port: 2 });
    halfOpen(network, { ip: '10.1.0.1', port: 3 });
    expect(server.endpoint.counters.dropped).toMatchObject({ handshakesOfAddressFull: 1, evicted: 0 });
    network.advance(1000);
    halfOpen(network, { ip: '10.1.0.1', port: 4 });
    expect(server.endpoint.counters.dropped).toMatchObject({ handshakesOfAddressFull: 1, evicted: 1 });
    expect(server.endpoint.counters.handshakes).toBe(2);
  });

  test('sessions without a peer: of the most crowded address the oldest; who plays stays', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const playing = new Set<number>();
    const limits = { maxSessions: 20, maxSessionsPerIp: 20, maxHandshakesPerIp: 20 };
    const server = startServer(network, credentials, {
      limits,
      isInUse: ({ port }) => playing.has(port),
    });
    for (let port = 1; port <= 20; port++) {
      if (port % 4 === 0) playing.add(port);
      complete(network, { ip: port <= 12 ? '10.1.0.1' : '10.1.0.2', port });
    }
    network.advance(300);
    for (let n = 0; n < 15; n++) {
      complete(network, { ip: `10.9.0.${n}`, port: 30 + n });
      playing.add(30 + n);
      network.advance(1000);
    }
    const closed = server.events.filter((event) => event.type === 'closed' && event.reason === 'evicted');
    expect(closed).toHaveLength(15);
    expect(closed.slice(0, 3).map(({ address }) => address.port)).toEqual([1, 2, 3]);
    expect(closed.some(({ address }) => playing.has(address.port))).toBe(false);
    // Everybody plays now.
    const late = startClient(network, NEWCOMER);
    late.send('', SERVER);
    network.advance(500);
    expect(late.endpoint.state).toBe('handshaking');
    expect(server.endpoint.counters.dropped.sessionsFull).toBeGreaterThan(0);
    expect(server.endpoint.counters.openSessions).toBe(20);
  });

  test('an address has at most half of the sessions, and one IPv6 /64 is one address', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const server = startServer(network, credentials, { limits: { maxSessions: 10 }, isInUse: () => true });
    // Of a server with an IPv6 address, everything else being the same.
    const start = (at: Address): Node<DtlsClientEndpoint> => {
      const client = startClient(network, at);
      client.send('', SERVER);
      network.advance(100);
      return client;
    };
    const crowd = [...'123456789'].map((n) => start({ ip: `2001:db8::${n}`, port: 5 }));
    expect(crowd.filter(({ endpoint }) => endpoint.state === 'open')).toHaveLength(5);
    expect(server.endpoint.counters.dropped.sessionsOfAddressFull).toBeGreaterThan(0);
    expect(start({ ip: '2001:db8:0:1::1', port: 5 }).endpoint.state).toBe('open');
    expect(start(NEWCOMER).endpoint.state).toBe('open');
  });
});

describe('what a flood costs', () => {
  test('hellos with valid cookies from one address: no more handshakes than its rate, and others are served', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const limits = { handshakesPerSecPerIp: 4, handshakeBurstPerIp: 8, maxHandshakesPerIp: 1000 };
    const server = startServer(network, credentials, { limits });
    let began = 0;
    for (let n = 0; n < 200; n++) {
      const before = server.endpoint.counters.handshakes;
      halfOpen(network, { ip: '10.1.0.1', port: 100 + n });
      began += server.endpoint.counters.handshakes - before;
    }
    expect(network.time).toBeLessThan(2000);
    expect(began).toBeGreaterThanOrEqual(8);
    expect(began).toBeLessThanOrEqual(8 + 4 * 2);
    expect(server.endpoint.counters.dropped.handshakeRateOfAddress).toBe(200 - began);
    connect(network, startClient(network, NEWCOMER));
  });

  test('and in all', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const limits = { handshakesPerSec: 4, handshakeBurst: 8 };
    const server = startServer(network, credentials, { limits });
    for (let n = 0; n < 50; n++) halfOpen(network, { ip: `10.1.0.${n}`, port: 1 });
    expect(server.endpoint.counters.handshakes).toBeLessThanOrEqual(8 + 2);
    expect(server.endpoint.counters.dropped.handshakeRate).toBeGreaterThanOrEqual(40);
  });

  test('handshakes take a quarter of the time at most, and 20 ms at once', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    // Each flight of the server takes 5 ms of its time, as one with RSA 4096 does.
    let worked = 0;
    let sent: Uint8Array[] = [];
    const server = new DtlsServerEndpoint({
      credentials,
      world: {
        now: () => network.time + worked,
        transmit: (bytes) => {
          if (bytes.length > 100) worked += 5;
          sent.push(bytes);
        },
        deliver: () => undefined,
      },
    });
    /** A client up to its hello with the cookie, which is not given to the server yet. */
    const hello = (n: number): (() => void) => {
      const from: Address = { ip: `10.1.${n >> 8}.${n & 255}`, port: 1 };
      const out: Uint8Array[] = [];
      const client = new DtlsClientEndpoint({
        world: { now: () => network.time, transmit: (bytes) => out.push(bytes), deliver: () => undefined },
        verifyServer: () => undefined,
      });
      client.send(new Uint8Array(0), SERVER);
      sent = [];
      server.receive(out[0] ?? new Uint8Array(0), from);
      client.receive(sent[0] ?? new Uint8Array(0), SERVER);
      return () => server.receive(out[1] ?? new Uint8Array(0), from);
    };
    const pass = Array.from({ length: 50 }, (_, n) => hello(n));
    for (const one of pass) one();
    // While it works time passes, too.
    expect(worked).toBeLessThanOrEqual((TIME_BURST_MS + 5) / (1 - TIME_SHARE));
    expect(server.counters.dropped.handshakeTime).toBeGreaterThan(40);
    const start = network.time;
    for (let n = 50; n < 250; n++) {
      const one = hello(n);
      network.advance(10);
      one();
    }
    expect(network.time - start).toBe(2000);
    // The time it works passes as well.
    expect(worked).toBeLessThanOrEqual(TIME_BURST_MS + 5 + (2000 + worked) * TIME_SHARE);
    expect(server.counters.handshakes).toBeGreaterThan(80);
  });

  test('a repeated hello while its handshake is under way costs nothing new', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const server = startServer(network, credentials);
    const client = halfOpen(network, { ip: '10.1.0.1', port: 1 });
    const flights = server.sent.length;
    const hello = client.sent[1]?.bytes ?? new Uint8Array(0);
    for (let n = 0; n < 1000; n++) server.endpoint.receive(hello, { ip: '10.1.0.1', port: 1 });
    expect(server.sent.length).toBe(flights);
    expect(server.endpoint.counters).toMatchObject({ handshakes: 1, failed: 0 });
  });

  test('the door is asked before the cookie, and again before the signature', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    let answer: 'notAdmitted' | 'hostFull' | undefined = 'notAdmitted';
    const server = startServer(network, credentials, { door: () => answer });
    halfOpen(network, { ip: '10.1.0.1', port: 1 });
    expect(server.sent).toEqual([]);
    expect(server.endpoint.counters).toMatchObject({ cookiesSent: 0, dropped: { notAdmitted: 1 } });
    answer = undefined;
    const client = startClient(network, { ip: '10.1.0.1', port: 2 });
    client.send('', SERVER);
    network.advance(1.5);
    answer = 'hostFull';
    network.advance(500);
    expect(server.endpoint.counters).toMatchObject({
      cookiesSent: 1,
      handshakes: 0,
      dropped: { hostFull: 1 },
    });
  });
});

describe('single datagrams', () => {
  test('many hellos in one datagram: one answer, shorter than the datagram', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const server = startServer(network, credentials);
    const client = startClient(network, NEWCOMER);
    client.send('', SERVER);
    const hello = client.sent[0]?.bytes ?? new Uint8Array(0);
    const many = Buffer.concat(Array.from({ length: 20 }, () => hello));
    server.endpoint.receive(many, NEWCOMER);
    expect(server.sent).toHaveLength(1);
    expect(server.endpoint.counters).toMatchObject({ cookiesSent: 1, dropped: { unexpected: 19 } });
    // The next datagram has its own answer.
    server.endpoint.receive(hello, NEWCOMER);
    expect(server.sent).toHaveLength(2);
  });
});
