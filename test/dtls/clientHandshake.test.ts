/** The client's handshake against servers that do it wrong. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { DtlsClientEndpoint, type DtlsClientOptions } from '../../src/dtls/clientEndpoint.ts';
import type { FlightItem, OutgoingMessage } from '../../src/dtls/handshake/flight.ts';
import { encodeCertificates, encodeHelloVerifyRequest } from '../../src/dtls/handshake/handshakeMessages.ts';
import { ServerHandshake } from '../../src/dtls/handshake/serverHandshake.ts';
import type { ServerCredentials } from '../../src/dtls/identity/credentials.ts';
import type { IdentityProblemCode } from '../../src/dtls/identity/identityError.ts';
import { DTLS_SUITES } from '../../src/dtls/record/cipherSuites.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes, hex } from '../support/hex.ts';
import { makeCredentials } from './network.ts';
import { Bench, changed, flip, PEER, Puppet, plainMessage } from './puppet.ts';

let ec: ServerCredentials;
let other: ServerCredentials;
let rsa: ServerCredentials;
beforeAll(async () => {
  ec = await makeCredentials();
  other = await makeCredentials();
  rsa = await makeCredentials('RSA-2048');
});

function startBench(options: Partial<DtlsClientOptions> = {}): Bench<DtlsClientEndpoint> {
  const verifyServer = (): undefined => undefined;
  const bench = new Bench(
    (world) => new DtlsClientEndpoint({ verifyServer, serverName: 'a.example', ...options, world }),
  );
  expect(bench.endpoint.send(bytes('00'), PEER)).toBe('busy');
  return bench;
}

/** Up to where the server would send its hello, certificate, key exchange and done. */
function upToServerHello(options: Partial<DtlsClientOptions> = {}, credentials = ec) {
  const bench = startBench(options);
  const puppet = new Puppet((carrier) => new ServerHandshake(carrier, credentials, DTLS_SUITES));
  puppet.feed(bench.take());
  expect(puppet.flight).toHaveLength(4);
  return { bench, puppet };
}

function messagesOf(items: readonly FlightItem[]): OutgoingMessage[] {
  return items.filter((item) => item !== 'changeCipherSpec');
}

/** The same messages in another order, numbered as they come. */
function reordered(items: readonly FlightItem[], order: readonly number[]): FlightItem[] {
  const messages = messagesOf(items);
  return order.flatMap((index, messageSeq) => {
    const message = messages[index];
    return message === undefined ? [] : [{ ...message, messageSeq }];
  });
}

test('a handshake as it should be', () => {
  const { bench, puppet } = upToServerHello();
  puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
  expect(puppet.info).toBeDefined();
  bench.exchange(puppet.encode(puppet.flight));
  expect(bench.events).toEqual([{ type: 'open', address: PEER, info: puppet.info }]);
  bench.exchange([puppet.writer.write(1, 23, bytes('6869'))]);
  expect(bench.texts).toEqual(['hi']);
});

test('with groups of its own it offers those alone, and takes no other', () => {
  const { bench, puppet } = upToServerHello({ groups: [23] });
  const [, , exchange] = messagesOf(puppet.flight);
  expect([...(exchange?.body.subarray(0, 3) ?? [])]).toEqual([3, 0, 23]);
  const other = puppet.flight.map((item) =>
    item === exchange ? { ...exchange, body: exchange.body.with(2, 24) } : item,
  );
  bench.exchange(puppet.encode(other));
  expect(bench.endpoint.failure?.code).toBe('ERR_DTLS_PROTOCOL');
});

describe('the first flight of the server', () => {
  const SERVER_HELLO = 2;
  /** Without a session id: version 2, random 32, length 1, suite 2, compression 1. */
  const SUITE_AT = 35;
  const setSuite = (suite: string) => (body: Uint8Array) => {
    body.set(bytes(suite), SUITE_AT);
    return body;
  };
  const addExtension = (data: string) => (body: Uint8Array) => {
    const out = Uint8Array.from([...body, ...bytes(data)]);
    const at = SUITE_AT + 3;
    out[at + 1] = (out[at + 1] ?? 0) + bytes(data).length;
    return out;
  };
  const WRONG: [name: string, code: string, alert: number, (items: readonly FlightItem[]) => FlightItem[]][] =
    [
      ['a wrong signature', 'ERR_DTLS_SIGNATURE', 51, (items) => changed(items, 12, flip(-1))],
      [
        'another public value than the signed one',
        'ERR_DTLS_SIGNATURE',
        51,
        (items) => changed(items, 12, flip(10)),
      ],
      ['another random than the signed one', 'ERR_DTLS_SIGNATURE', 51, (items) => changed(items, 2, flip(5))],
      ['a group that is unknown', 'ERR_DTLS_PROTOCOL', 47, (items) => changed(items, 12, flip(1))],
      ['a curve without a name', 'ERR_DTLS_PROTOCOL', 47, (items) => changed(items, 12, flip(0))],
      ['a scheme that is unknown', 'ERR_DTLS_PROTOCOL', 47, (items) => changed(items, 12, flip(37))],
      ['DTLS 1.0', 'ERR_DTLS_NO_COMMON', 70, (items) => changed(items, 2, (body) => body.with(1, 0xff))],
      [
        'a suite that was not offered',
        'ERR_DTLS_PROTOCOL',
        47,
        (items) => changed(items, SERVER_HELLO, setSuite('c009')),
      ],
      ['compression', 'ERR_DTLS_PROTOCOL', 47, (items) => changed(items, 2, flip(SUITE_AT + 2))],
      [
        'an extension that was not offered',
        'ERR_DTLS_PROTOCOL',
        110,
        (items) => changed(items, SERVER_HELLO, addExtension('00230000')),
      ],
      [
        'an extension twice',
        'ERR_DTLS_PROTOCOL',
        47,
        (items) => changed(items, SERVER_HELLO, addExtension('00170000')),
      ],
      [
        'a suite for the other kind of key',
        'ERR_DTLS_PEER_ALGORITHM',
        43,
        (items) => changed(items, SERVER_HELLO, setSuite('c02f')),
      ],
      [
        'a damaged certificate',
        'ERR_DTLS_PEER_CERTIFICATE',
        42,
        (items) => changed(items, 11, () => encodeCertificates([bytes('3000')])),
      ],
      [
        'no certificate',
        'ERR_DTLS_PEER_CERTIFICATE',
        42,
        (items) => changed(items, 11, () => encodeCertificates([])),
      ],
      [
        'a cut certificate message',
        'ERR_DTLS_PROTOCOL',
        50,
        (items) => changed(items, 11, (body) => body.subarray(0, -1)),
      ],
      ['a done that is not empty', 'ERR_DTLS_PROTOCOL', 50, (items) => changed(items, 14, () => bytes('00'))],
      ['the certificate first', 'ERR_DTLS_PROTOCOL', 10, (items) => reordered(items, [1, 0, 2, 3])],
      [
        'the key exchange before the certificate',
        'ERR_DTLS_PROTOCOL',
        10,
        (items) => reordered(items, [0, 2, 1, 3]),
      ],
      ['no key exchange', 'ERR_DTLS_PROTOCOL', 10, (items) => reordered(items, [0, 1, 3])],
      ['the hello twice', 'ERR_DTLS_PROTOCOL', 10, (items) => reordered(items, [0, 0, 1, 2, 3])],
      ['the key exchange twice', 'ERR_DTLS_PROTOCOL', 10, (items) => reordered(items, [0, 1, 2, 2, 3])],
    ];
  test.each(WRONG)('%s ends it', (_, code, alert, change) => {
    const { bench, puppet } = upToServerHello();
    puppet.feed(bench.exchange(puppet.encode(change(puppet.flight))));
    expect(bench.failure).toMatchObject({ code, alert });
    expect(puppet.alerts).toEqual([[2, alert]]);
    expect(bench.endpoint.state).toBe('closed');
    expect(bench.endpoint.send(bytes('00'), PEER)).toBe('failed');
  });

  test('the certificate of somebody else', () => {
    const stolen = { ...other, chain: ec.chain };
    const { bench, puppet } = upToServerHello({}, stolen);
    bench.exchange(puppet.encode(puppet.flight));
    expect(bench.failure?.code).toBe('ERR_DTLS_SIGNATURE');
  });

  test('Finished in plaintext does not pass', () => {
    const { bench, puppet } = upToServerHello();
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    const [, finished] = puppet.flight;
    if (finished === undefined || finished === 'changeCipherSpec') throw new Error('no Finished');
    bench.exchange(puppet.encode(['changeCipherSpec', { ...finished, epoch: 0 }]));
    expect(bench.endpoint.state).toBe('handshaking');
  });

  test('a wrong Finished ends it', () => {
    const { bench, puppet } = upToServerHello();
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    puppet.feed(bench.exchange(puppet.encode(changed(puppet.flight, 20, flip(3)))));
    expect(bench.failure).toMatchObject({ code: 'ERR_DTLS_FINISHED', alert: 51 });
    expect(puppet.alerts).toEqual([[2, 51]]);
  });

  test('a hello request is ignored', () => {
    const { bench, puppet } = upToServerHello();
    const messages = messagesOf(puppet.flight).map((one) => ({ ...one, messageSeq: one.messageSeq + 1 }));
    const request = { epoch: 0, type: 0, messageSeq: 0, body: bytes('') } as const;
    bench.exchange(puppet.encode([request, ...messages]));
    // The numbers of the messages are part of the hash, so it cannot end well here; but it was not refused.
    expect(bench.failure).toBeUndefined();
  });

  test('who asks for a certificate gets an empty list', () => {
    const { bench, puppet } = upToServerHello();
    const [hello, certificate, exchange, done] = messagesOf(puppet.flight);
    if (!hello || !certificate || !exchange || !done) throw new Error('no flight');
    const request = {
      epoch: 0,
      type: 13,
      messageSeq: 3,
      body: bytes('0140 0002 0403 0000'),
    } as const;
    const answer = bench.exchange(
      puppet.encode([hello, certificate, exchange, request, { ...done, messageSeq: 4 }]),
    );
    expect(hex(answer[0] ?? bytes('')).slice(26, 26 + 30)).toBe('0b0000030001000000000003000000');
  });
});

describe('who the server is', () => {
  const ALERTS: [code: IdentityProblemCode, alert: number][] = [
    ['ERR_DTLS_PEER_NAME', 42],
    ['ERR_DTLS_PEER_EXPIRED', 45],
    ['ERR_DTLS_PEER_UNTRUSTED', 48],
    ['ERR_DTLS_PEER_ALGORITHM', 43],
  ];
  test.each(ALERTS)('%s ends it', (code, alert) => {
    const verifyServer = (chain: readonly Uint8Array[]) => {
      expect(hex(chain[0] ?? bytes(''))).toBe(hex(ec.chain[0] ?? bytes('')));
      return { code, message: 'not you' };
    };
    const { bench, puppet } = upToServerHello({ verifyServer });
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    expect(bench.events).toEqual([
      { type: 'failed', address: PEER, failure: { code, message: 'not you', alert } },
    ]);
    expect(puppet.alerts).toEqual([[2, alert]]);
  });

  test('RSA with PSS and with PKCS #1', () => {
    const { bench, puppet } = upToServerHello({}, rsa);
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    expect(puppet.info?.signature).toBe('rsa_pss_rsae_sha256');
    expect(puppet.alerts).toEqual([]);
  });
});

describe('cookies', () => {
  test('three requests are answered, the fourth is one too many', () => {
    const bench = startBench();
    const puppet = new Puppet((carrier) => new ServerHandshake(carrier, ec, DTLS_SUITES));
    bench.take();
    for (let index = 0; index < 3; index += 1) {
      const cookie = new Uint8Array(255).fill(index + 1);
      const [hello] = bench.exchange([
        plainMessage(puppet.writer, 3, index, encodeHelloVerifyRequest(cookie)),
      ]);
      expect(hex(hello ?? bytes(''))).toContain(`ff${hex(cookie)}`);
    }
    bench.exchange([plainMessage(puppet.writer, 3, 3, encodeHelloVerifyRequest(bytes('01')))]);
    expect(bench.failure).toMatchObject({ code: 'ERR_DTLS_PROTOCOL', alert: 10 });
  });
});

test('datagrams of others are ignored', () => {
  const { bench, puppet } = upToServerHello();
  for (const datagram of puppet.encode(puppet.flight)) {
    bench.endpoint.receive(datagram, { ip: PEER.ip, port: 1001 });
  }
  expect(bench.take()).toEqual([]);
  expect(bench.endpoint.counters.dropped.unknownPeer).toBe(1);
  expect(bench.endpoint.send(bytes('00'), { ip: PEER.ip, port: 1001 })).toBe('unknown');
});

test('closing during the handshake says goodbye and tells nobody', () => {
  const { bench } = upToServerHello();
  bench.endpoint.close();
  expect(bench.take().map((one) => hex(one.subarray(13)))).toEqual(['0100']);
  bench.endpoint.close();
  bench.endpoint.receive(bytes('16'), PEER);
  bench.endpoint.service();
  expect([bench.take(), bench.events]).toEqual([[], []]);
  expect(bench.endpoint.send(bytes('00'), PEER)).toBe('failed');
});

test('a flight with a changed byte: no exception, and never open to somebody else', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, mask) => {
      const { bench, puppet } = upToServerHello();
      const datagrams = puppet.flight.map((item) => puppet.encode([item])[0] ?? bytes(''));
      const datagram = datagrams[which] ?? bytes('');
      // The header of the record is not protected: what changes there does not matter, or loses the message.
      const index = 13 + (at % (datagram.length - 13));
      datagram[index] = (datagram[index] ?? 0) ^ mask;
      const answer = bench.exchange(datagrams);
      // Either it was refused, or it waits for a piece, or it answers; then the hashes differ and Finished will not pass.
      if (bench.endpoint.state === 'handshaking' && answer.length > 0) {
        expect(() => puppet.feed(answer)).toThrow(/Finished is wrong|cannot be opened/);
      }
      expect(bench.endpoint.state).not.toBe('open');
    }),
    fcParameters(150),
  );
});
