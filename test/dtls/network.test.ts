/** Whole endpoints on the virtual network: bad networks, repeated and changed records, floods, vanishing clients. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeClientHello, encodeFragment } from '../../src/dtls/handshake/handshakeMessages.ts';
import type { ServerCredentials } from '../../src/dtls/identity/credentials.ts';
import { DTLS_SUITES, findSuite } from '../../src/dtls/record/cipherSuites.ts';
import { readRecord, writeRecordHeader } from '../../src/dtls/record/record.ts';
import { RecordWriter } from '../../src/dtls/record/recordWriter.ts';
import type { Address } from '../../src/enet/address.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { fcParameters } from '../support/fc.ts';
import { connect, makeCredentials, SERVER, startClient, startServer } from './network.ts';

let ec: ServerCredentials;
let rsa: ServerCredentials;
beforeAll(async () => {
  ec = await makeCredentials('P-256');
  rsa = await makeCredentials('RSA-2048');
});

const CLIENT: Address = { ip: '10.0.0.2', port: 1000 };

function openPair(network = new SimNetwork({ latencyMs: 10 })) {
  const server = startServer(network, ec);
  const client = startClient(network, CLIENT);
  connect(network, client);
  return { network, server, client };
}

describe('a good network', () => {
  test.each(DTLS_SUITES)('suite %i: both directions, then goodbye', (suite) => {
    const network = new SimNetwork({ latencyMs: 10 });
    const server = startServer(network, findSuite(suite)?.keyType === 'ec' ? ec : rsa);
    const client = startClient(network, CLIENT, { suites: [suite], serverName: 'game.example' });
    expect(client.send('lost', SERVER)).toBe('busy');
    network.runUntil(() => client.endpoint.state === 'open', 1000);
    // Hello, cookie, hello, flight 4, flight 5, flight 6: three round trips.
    expect(network.time).toBe(60);
    expect(client.send('ping', SERVER)).toBe('sent');
    network.advance(10);
    expect(server.send('pong', CLIENT)).toBe('sent');
    network.advance(10);
    expect([server.texts, client.texts]).toEqual([['ping'], ['pong']]);
    expect(server.endpoint.sessionInfo(CLIENT)).toEqual(client.endpoint.sessionInfo);
    expect(client.endpoint.sessionInfo).toMatchObject({ group: 'x25519', hasExtendedMasterSecret: true });
    client.endpoint.close();
    network.advance(10);
    expect(server.events.map((event) => event.type)).toEqual(['open', 'closed']);
    expect(server.endpoint.send(new Uint8Array(1), CLIENT)).toBe('unknown');
    expect(server.endpoint.counters.openSessions).toBe(0);
  });

  test.each(['P-384', 'P-521'] as const)('a certificate with a key over %s', async (key) => {
    const network = new SimNetwork();
    const server = startServer(network, await makeCredentials(key));
    const client = startClient(network, CLIENT);
    connect(network, client);
    client.send('ping', SERVER);
    network.advance(1);
    expect(server.texts).toEqual(['ping']);
    expect(client.endpoint.sessionInfo?.signature).toMatch(key === 'P-384' ? /384/ : /512/);
  });

  test('contents of every size up to one record', () => {
    const { network, server, client } = openPair();
    // The sockets carry 4096 bytes; a record carries more.
    const sizes = [0, 1, 1364, 1392, 4059];
    for (const size of sizes) expect(client.send('x'.repeat(size), SERVER)).toBe('sent');
    expect(client.send('x'.repeat(16_385), SERVER)).toBe('failed');
    network.advance(10);
    client.send('x'.repeat(16_384), SERVER);
    server.endpoint.receive(client.sent.at(-1)?.bytes ?? new Uint8Array(0), CLIENT);
    expect(server.texts.map((text) => text.length)).toEqual([...sizes, 16_384]);
  });

  test('the server says goodbye', () => {
    const { network, server, client } = openPair();
    server.endpoint.closeSession(CLIENT);
    network.advance(10);
    expect(client.events.at(-1)).toMatchObject({ type: 'closed', reason: 'peer' });
    expect(client.send('late', SERVER)).toBe('failed');
    server.endpoint.close();
    expect(server.events.map((event) => event.type)).toEqual(['open', 'closed']);
  });

  test('handshake datagrams keep to the MTU, the hello stays whole', () => {
    const network = new SimNetwork({ latencyMs: 5 });
    const server = startServer(network, rsa, { limits: { mtuBytes: 200 } });
    const client = startClient(network, CLIENT, { limits: { mtuBytes: 200 } });
    connect(network, client);
    expect(Math.max(...server.sent.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(200);
    expect(server.sent.length).toBeGreaterThan(6);
    expect(server.endpoint.counters.retransmissions).toBe(0);
  });

  test('a path that carries only short datagrams is found out by repetition', () => {
    const network = new SimNetwork({ latencyMs: 5, mtuBytes: 600 });
    startServer(network, rsa);
    const client = startClient(network, CLIENT);
    connect(network, client);
    expect(network.time).toBeGreaterThan(2000);
  });
});

describe('a bad network', () => {
  test('20 % loss, duplication, reordering: all handshakes complete, no record twice or wrong', () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const conditions = {
        latencyMs: 20,
        jitterMs: 10,
        loss: 0.2,
        duplicate: 0.2,
        reorder: 0.3,
        reorderMs: 60,
      };
      const network = new SimNetwork({ seed, ...conditions });
      const limits = { mtuBytes: 400, maxRetransmitMs: 4000 };
      const server = startServer(network, seed % 2 === 0 ? ec : rsa, { limits });
      const clients = Array.from({ length: 4 }, (_, index) =>
        startClient(network, { ip: `10.0.1.${index + 1}`, port: 1000 }, { limits }),
      );
      for (const client of clients) client.send('', SERVER);
      network.runUntil(
        () => clients.every(({ endpoint }) => endpoint.state === 'open'),
        60_000,
        'handshakes',
      );
      for (let round = 0; round < 30; round += 1) {
        clients.forEach((client, index) => {
          client.send(`${index}:${round}`, SERVER);
          server.send(`${index}:${round}`, client.address);
        });
        network.advance(15);
      }
      network.advance(1000);
      clients.forEach((client, index) => {
        const up = server.received
          .filter(({ from }) => from.ip === client.address.ip)
          .map(({ text }) => text);
        for (const texts of [up, client.texts]) {
          expect(new Set(texts).size, network.describe()).toBe(texts.length);
          expect(
            texts.every((text) => text.startsWith(`${index}:`)),
            network.describe(),
          ).toBe(true);
          expect(texts.length, network.describe()).toBeGreaterThan(10);
        }
      });
    }
  });

  test('no record has the epoch and the number of another one of its session, repetitions included', () => {
    const network = new SimNetwork({ seed: 5, latencyMs: 20, loss: 0.35, duplicate: 0.2, reorder: 0.3 });
    const server = startServer(network, rsa, { limits: { mtuBytes: 300 } });
    const client = startClient(network, CLIENT, { limits: { mtuBytes: 300 } });
    connect(network, client, 60_000);
    for (let round = 0; round < 20; round += 1) {
      client.send('up', SERVER);
      server.send('down', CLIENT);
      network.advance(20);
    }
    client.endpoint.close();
    network.advance(1000);
    const { retransmissions } = client.endpoint.counters;
    expect(retransmissions + server.endpoint.counters.retransmissions).toBeGreaterThan(2);
    for (const { sent } of [server, client]) {
      const numbers: string[] = [];
      for (const { bytes } of sent) {
        for (let at = 0; at < bytes.length; ) {
          const record = readRecord(bytes, at);
          if (record === undefined) throw new Error('half a record');
          at += record.whole.length;
          // A cookie request carries the number of the hello it answers.
          if (record.payload[0] !== 3 || record.epoch !== 0)
            numbers.push(`${record.epoch}/${record.sequence}`);
        }
      }
      expect(numbers.filter((number) => number.startsWith('1/')).length).toBeGreaterThan(20);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });

  test('the first hello is lost: one second later the next one comes', () => {
    const network = new SimNetwork({ latencyMs: 10, lossNext: 1 });
    startServer(network, ec);
    const client = startClient(network, CLIENT);
    connect(network, client);
    expect(network.time).toBe(1060);
  });

  test('the last flight is lost: the client repeats its own and gets it again', () => {
    const network = new SimNetwork({ latencyMs: 10 });
    const server = startServer(network, ec);
    const client = startClient(network, CLIENT);
    client.send('', SERVER);
    network.advance(45);
    network.lossNext(1, SERVER.ip, CLIENT.ip);
    network.runUntil(() => client.endpoint.state === 'open', 5000);
    expect(network.time).toBe(1060);
    expect(server.events.length).toBe(1);
    expect(server.endpoint.counters.retransmissions).toBe(1);
  });

  test('data that overtakes the last flight waits for it', () => {
    const network = new SimNetwork({ latencyMs: 10 });
    const server = startServer(network, ec);
    const client = startClient(network, CLIENT);
    client.send('', SERVER);
    network.advance(45);
    network.lossNext(1, SERVER.ip, CLIENT.ip);
    network.advance(10);
    for (let index = 0; index < 12; index += 1) server.send(`early ${index}`, CLIENT);
    network.runUntil(() => client.endpoint.state === 'open', 5000);
    expect(client.texts).toEqual(Array.from({ length: 8 }, (_, index) => `early ${index}`));
    expect(client.endpoint.counters.dropped.earlyFull).toBe(4);
  });

  test('nobody answers: waits double, then the client gives up', () => {
    const network = new SimNetwork();
    const client = startClient(network, CLIENT);
    const times: number[] = [];
    network.onDatagram(({ timeMs, fate }) => {
      if (fate === 'sent') times.push(timeMs);
    });
    client.send('', SERVER);
    network.advance(120_000);
    expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
    expect(client.endpoint.failure).toMatchObject({ code: 'ERR_DTLS_TIMEOUT' });
    expect(client.events).toHaveLength(1);
    expect(client.endpoint.nextWakeup()).toBeUndefined();
    expect(client.send('', SERVER)).toBe('failed');
  });
});

describe('what an attacker can do', () => {
  test('repeated, cut, changed and re-addressed records change nothing', () => {
    const { network, server, client } = openPair();
    const attacker = startClient(network, { ip: '10.6.6.6', port: 666 });
    client.send('one', SERVER);
    server.send('two', CLIENT);
    network.advance(20);
    const captured = client.sent.map(({ bytes }) => bytes);
    const spoof = (bytes: Uint8Array, from: Address): void => server.endpoint.receive(bytes, from);
    fc.assert(
      fc.property(
        fc.constantFrom(...captured),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
        fc.nat(),
        fc.boolean(),
        (bytes, flips, cutAt, isCut) => {
          const copy = bytes.slice();
          for (const [at, mask] of flips) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ mask;
          spoof(isCut ? copy.subarray(0, cutAt % copy.length) : copy, CLIENT);
          attacker.inject(copy, SERVER);
          network.advance(20);
        },
      ),
      fcParameters(300),
    );
    expect(server.texts).toEqual(['one']);
    client.send('three', SERVER);
    server.send('four', CLIENT);
    network.advance(20);
    expect(server.texts).toEqual(['one', 'three']);
    expect(client.texts).toEqual(['two', 'four']);
    expect(server.events.filter(({ type }) => type !== 'failed')).toHaveLength(1);
    expect(server.endpoint.counters.dropped.replay).toBeGreaterThan(0);
    expect(server.endpoint.counters.openSessions).toBe(1);
  });

  test('plaintext alerts, data and handshake messages do not touch an open session', () => {
    const { network, server, client } = openPair();
    const writer = new RecordWriter(1000);
    for (const [type, ...content] of [
      [21, 2, 40],
      [21, 1, 0],
      [23, 1, 2, 3],
      [20, 1],
      [22, ...encodeFragment(20, 3, new Uint8Array(12))],
      [22, ...encodeFragment(14, 9, new Uint8Array(0))],
    ] as const) {
      server.endpoint.receive(writer.write(0, type, Uint8Array.from(content)), CLIENT);
      client.endpoint.receive(writer.write(0, type, Uint8Array.from(content)), SERVER);
    }
    client.send('still here', SERVER);
    network.advance(10);
    expect(server.texts).toEqual(['still here']);
    expect(client.endpoint.state).toBe('open');
    expect(server.endpoint.counters.dropped.plaintextAlert).toBe(2);
  });

  test('a hello flood keeps nothing and gets less than it sends', () => {
    const network = new SimNetwork();
    const server = startServer(network, ec);
    const attacker = startClient(network, { ip: '10.6.6.6', port: 666 });
    let sentBytes = 0;
    for (let index = 0; index < 3000; index += 1) {
      const random = new Uint8Array(32).fill(index);
      const cookie = new Uint8Array(index % 2 === 0 ? 0 : 20);
      const hello = encodeClientHello(random, cookie, DTLS_SUITES, new Map());
      const datagram = new RecordWriter(index).write(0, 22, encodeFragment(1, 0, hello));
      sentBytes += datagram.length;
      server.endpoint.receive(datagram, { ip: `10.7.${index >> 8}.${index & 255}`, port: 1 + index });
    }
    expect(server.endpoint.counters).toMatchObject({ handshakes: 0, openSessions: 0, cookiesSent: 3000 });
    expect(server.endpoint.nextWakeup()).toBeUndefined();
    expect(server.sent.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(sentBytes);
    expect(attacker.received).toEqual([]);
  });

  test('a cookie is good for its own address and hello only, and not for long', () => {
    const network = new SimNetwork({ latencyMs: 10 });
    const server = startServer(network, ec);
    const client = startClient(network, CLIENT);
    client.send('', SERVER);
    network.advance(25);
    const withCookie = client.sent[1]?.bytes ?? new Uint8Array(0);
    const other = withCookie.slice();
    other[30] = (other[30] ?? 0) ^ 1;
    server.endpoint.receive(withCookie, { ...CLIENT, port: 1001 });
    server.endpoint.receive(withCookie, { ...CLIENT, ip: '10.0.0.3' });
    server.endpoint.receive(other, CLIENT);
    expect(server.endpoint.counters.handshakes).toBe(0);
    client.vanish();
    network.advance(61_000);
    server.endpoint.receive(withCookie, CLIENT);
    expect(server.endpoint.counters).toMatchObject({ handshakes: 0, opened: 0, cookiesSent: 5 });
  });

  test('any datagram, to either end and at any time: no exception, and the session goes on', () => {
    const { network, server, client } = openPair();
    const waiting = startClient(network, { ip: '10.0.0.9', port: 9 });
    network.block(SERVER.ip, '10.0.0.9');
    waiting.send('', SERVER);
    const record = fc
      .tuple(fc.constantFrom(20, 21, 22, 23), fc.nat(2), fc.nat(), fc.uint8Array({ maxLength: 80 }))
      .map(([type, epoch, sequence, body]) => {
        const bytes = Buffer.alloc(13 + body.length);
        bytes.set([type, 0xfe, 0xfd, 0, epoch]);
        bytes.writeUInt32BE(sequence, 7);
        bytes.writeUInt16BE(body.length, 11);
        bytes.set(body, 13);
        return bytes;
      });
    const message = fc
      .tuple(fc.nat(24), fc.nat(4), fc.uint8Array({ maxLength: 60 }))
      .map(([type, seq, body]) => new RecordWriter(9).write(0, 22, encodeFragment(type, seq, body)));
    fc.assert(
      fc.property(fc.oneof(record, message, fc.uint8Array({ maxLength: 100 })), (bytes) => {
        server.endpoint.receive(bytes, CLIENT);
        server.endpoint.receive(bytes, { ip: '10.9.9.9', port: 9 });
        client.endpoint.receive(bytes, SERVER);
        waiting.endpoint.receive(bytes, SERVER);
      }),
      fcParameters(500),
    );
    client.send('alive', SERVER);
    server.send('alive', CLIENT);
    network.advance(20);
    expect([server.texts.at(-1), client.texts.at(-1)]).toEqual(['alive', 'alive']);
  });
});

describe('limits', () => {
  test('records that come before the keys are kept up to 16 KiB of a handshake', () => {
    const network = new SimNetwork({ latencyMs: 10 });
    const server = startServer(network, ec);
    const client = startClient(network, { ip: '10.0.0.2', port: 1 });
    client.send('', SERVER);
    network.runUntil(() => server.endpoint.counters.handshakes === 1, 1000, 'the handshake');
    const early = new Uint8Array(13 + 10_000);
    writeRecordHeader(early, 23, 0xfefd, 1, 0, 10_000);
    const before = server.endpoint.counters.dropped.earlyFull;
    for (let count = 0; count < 3; count += 1) server.endpoint.receive(early, client.address);
    expect(server.endpoint.counters.dropped.earlyFull - before).toBe(2);
    network.runUntil(() => client.endpoint.state === 'open', 5000, 'the session');
  });

  test('no inspection of an open session shows what its keys are made of', () => {
    const network = new SimNetwork({ latencyMs: 10 });
    const server = startServer(network, ec);
    const client = startClient(network, { ip: '10.0.0.2', port: 1 });
    connect(network, client);
    for (const { endpoint } of [server, client]) {
      const text = inspect(endpoint, { depth: 20, showHidden: true });
      // Bytes would be shown as a typed array or a Buffer.
      expect(text).not.toMatch(/Uint8Array|Buffer|PRIVATE/);
    }
  });

  test('300 clients that vanish leave nothing behind', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const server = startServer(network, ec, {
      limits: { maxHandshakesPerIp: 400, maxHandshakes: 400, handshakeBurstPerIp: 400 },
    });
    for (let index = 0; index < 300; index += 1) {
      const client = startClient(network, { ip: '10.0.2.1', port: 2000 + index });
      client.send('', SERVER);
      // A third vanishes during the handshake.
      network.advance(index % 3 === 0 ? 3.5 : 20);
      client.vanish();
    }
    const { counters } = server.endpoint;
    expect(counters).toMatchObject({ openSessions: 200, handshakes: 100 });
    network.advance(90_000);
    expect(counters).toMatchObject({ openSessions: 0, handshakes: 0, opened: 200, failed: 100 });
    expect(server.endpoint.nextWakeup()).toBeUndefined();
    const closed = server.events.filter((event) => event.type === 'closed');
    expect(closed.every((event) => event.type === 'closed' && event.reason === 'idle')).toBe(true);
  });

  test('handshakes in total, of one address, and sessions', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    const limits = { maxHandshakes: 3, maxHandshakesPerIp: 2, maxSessions: 4 };
    const server = startServer(network, ec, { limits });
    // Their last flight is lost, so that their handshakes stay.
    const halfOpen = (ip: string, port: number) => {
      const client = startClient(network, { ip, port });
      client.send('', SERVER);
      network.advance(3.5);
      network.block(ip, SERVER.ip);
      network.advance(5);
      network.heal();
      client.vanish();
    };
    halfOpen('10.0.0.2', 1);
    halfOpen('10.0.0.2', 2);
    halfOpen('10.0.0.2', 3);
    expect(server.endpoint.counters.handshakes).toBe(2);
    expect(server.endpoint.counters.dropped.handshakesOfAddressFull).toBe(1);
    halfOpen('10.0.0.3', 1);
    halfOpen('10.0.0.4', 1);
    expect(server.endpoint.counters.handshakes).toBe(3);
    expect(server.endpoint.counters.dropped.handshakesFull).toBe(1);
    network.advance(31_000);
    expect(server.endpoint.counters.handshakes).toBe(0);
    for (let index = 0; index < 5; index += 1)
      startClient(network, { ip: `10.1.0.${index + 1}`, port: 1 }).send('', SERVER);
    network.advance(500);
    expect(server.endpoint.counters.openSessions).toBe(3);
    for (let index = 5; index < 8; index += 1)
      startClient(network, { ip: `10.1.0.${index + 1}`, port: 1 }).send('', SERVER);
    network.advance(500);
    expect(server.endpoint.counters.openSessions).toBe(4);
    expect(server.endpoint.counters.dropped.sessionsFull).toBeGreaterThan(0);
  });

  test('a session that the application uses stays, however quiet', () => {
    const network = new SimNetwork({ latencyMs: 1 });
    let isUsed = true;
    const server = startServer(network, ec, { isInUse: () => isUsed });
    const client = startClient(network, CLIENT);
    connect(network, client);
    network.advance(200_000);
    expect(server.endpoint.counters.openSessions).toBe(1);
    isUsed = false;
    network.advance(80_000);
    expect(server.endpoint.counters.openSessions).toBe(0);
    expect(client.events.at(-1)).toMatchObject({ type: 'closed', reason: 'peer' });
  });

  test('refusing new connections: those that are open stay', () => {
    const { network, server, client } = openPair();
    server.endpoint.refuseNewConnections = true;
    const late = startClient(network, { ip: '10.0.0.3', port: 1 });
    late.send('', SERVER);
    client.send('here', SERVER);
    network.advance(5000);
    expect(server.texts).toEqual(['here']);
    expect(late.endpoint.state).toBe('handshaking');
    server.endpoint.refuseNewConnections = false;
    network.advance(5000);
    expect(late.endpoint.state).toBe('open');
  });

  test('other credentials: open sessions stay, later ones get the new certificate', () => {
    const { network, server, client } = openPair();
    server.endpoint.setCredentials(rsa);
    const seen: Uint8Array[] = [];
    const verifyServer = (chain: readonly Uint8Array[]): undefined => {
      seen.push(...chain);
    };
    const late = startClient(network, { ip: '10.0.0.3', port: 1 }, { verifyServer });
    connect(network, late);
    expect(Buffer.compare(seen[0] ?? new Uint8Array(0), rsa.chain[0] ?? new Uint8Array(0))).toBe(0);
    client.send('here', SERVER);
    network.advance(10);
    expect(server.texts).toEqual(['here']);
  });

  test('options out of range', () => {
    const network = new SimNetwork();
    expect(() => startServer(network, ec, { limits: { mtuBytes: 199 } })).toThrow(
      '"mtuBytes" expected integer',
    );
    expect(() => startClient(network, CLIENT, { suites: [0xc013] })).toThrow('"suites"');
    expect(() => startClient(network, { ...CLIENT, port: 2 }, { serverName: 'a b' })).toThrow('"serverName"');
  });
});

describe('a client that begins anew from the same address', () => {
  test('takes the place of its old session at once', () => {
    const { network, server, client } = openPair();
    client.vanish();
    const again = startClient(network, CLIENT);
    const start = network.time;
    connect(network, again);
    expect(network.time - start).toBe(60);
    again.send('me again', SERVER);
    network.advance(10);
    server.send('welcome', CLIENT);
    network.advance(10);
    expect([server.texts, again.texts]).toEqual([['me again'], ['welcome']]);
    const kinds = server.events.map((event) => (event.type === 'closed' ? event.reason : event.type));
    expect(kinds).toEqual(['open', 'replaced', 'open']);
    expect(server.endpoint.counters).toMatchObject({ openSessions: 1, handshakes: 0 });
  });

  test('until its handshake is complete the old session goes on; old hellos do nothing', () => {
    const { network, server, client } = openPair();
    const hellos = client.sent.slice(0, 2).map(({ bytes }) => bytes);
    for (const hello of hellos) server.endpoint.receive(hello, CLIENT);
    expect(server.endpoint.counters).toMatchObject({ handshakes: 0, openSessions: 1 });
    expect(server.endpoint.counters.dropped.replay).toBe(1);
    // Somebody with this address (it got the cookie) begins, and does not go on.
    const network2 = new SimNetwork({ seed: 2, latencyMs: 0 });
    const other = startClient(network2, CLIENT);
    other.send('', SERVER);
    server.endpoint.receive(other.sent[0]?.bytes ?? new Uint8Array(0), CLIENT);
    const request = server.sent.at(-1)?.bytes ?? new Uint8Array(0);
    other.endpoint.receive(request, SERVER);
    server.endpoint.receive(other.sent[1]?.bytes ?? new Uint8Array(0), CLIENT);
    expect(server.endpoint.counters).toMatchObject({ handshakes: 1, openSessions: 1 });
    client.send('still me', SERVER);
    network.advance(20);
    expect(server.texts).toEqual(['still me']);
    expect(server.send('I know', CLIENT)).toBe('sent');
    network.advance(60_000);
    expect(client.texts).toEqual(['I know']);
  });
});
