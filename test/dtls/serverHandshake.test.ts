/** The server's handshake against clients that do it wrong. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ClientHandshake } from '../../src/dtls/handshake/clientHandshake.ts';
import { clientExtensions, ExtensionType } from '../../src/dtls/handshake/extensions.ts';
import type { FlightItem } from '../../src/dtls/handshake/flight.ts';
import {
  encodeClientHello,
  encodeFragment,
  readFragments,
  readHelloVerifyRequest,
  readServerHello,
} from '../../src/dtls/handshake/handshakeMessages.ts';
import type { ServerCredentials } from '../../src/dtls/identity/credentials.ts';
import { DTLS_SUITES } from '../../src/dtls/record/cipherSuites.ts';
import { LAST_SEQUENCE, readRecord } from '../../src/dtls/record/record.ts';
import { RecordWriter } from '../../src/dtls/record/recordWriter.ts';
import { DtlsServerEndpoint } from '../../src/dtls/serverEndpoint.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes } from '../support/hex.ts';
import { makeCredentials } from './network.ts';
import { Bench, changed, flip, PEER, Puppet, plainMessage } from './puppet.ts';

let credentials: ServerCredentials;
let p384: ServerCredentials;
let rsa: ServerCredentials;
beforeAll(async () => {
  credentials = await makeCredentials();
  p384 = await makeCredentials('P-384');
  rsa = await makeCredentials('RSA-2048');
});

/** Where the length of a hello's extensions is. */
function extensionsAt(body: Uint8Array): number {
  let at = 34;
  at += 1 + (body[at] ?? 0);
  at += 1 + (body[at] ?? 0);
  at += 2 + ((body[at] ?? 0) << 8) + (body[at + 1] ?? 0);
  return at + 1 + (body[at] ?? 0);
}

/** A flight whose key exchange is another message. */
function retyped(items: readonly FlightItem[], type: number): FlightItem[] {
  return items.map((item) => (item !== 'changeCipherSpec' && item.type === 16 ? { ...item, type } : item));
}

function startBench(own = credentials): Bench<DtlsServerEndpoint> {
  return new Bench((world) => new DtlsServerEndpoint({ world, credentials: own }));
}

function startPuppet(): Puppet<ClientHandshake> {
  const verifyServer = (): undefined => undefined;
  return new Puppet(
    (carrier) => new ClientHandshake(carrier, { suites: DTLS_SUITES, serverName: 'a.example', verifyServer }),
  );
}

/** Up to where the client would send its key exchange and Finished. */
function upToFinished(own?: ServerCredentials) {
  const bench = startBench(own);
  const puppet = startPuppet();
  puppet.handshake.start();
  puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
  puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
  expect(puppet.flight).toHaveLength(3);
  return { bench, puppet };
}

describe('the second flight of the client', () => {
  test('as it should be', () => {
    const { bench, puppet } = upToFinished();
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    expect(puppet.info).toMatchObject({ group: 'x25519', signature: 'ecdsa_secp256r1_sha256' });
    expect(bench.events).toEqual([{ type: 'open', address: { ...PEER, session: 1 }, info: puppet.info }]);
    puppet.feed(bench.exchange([puppet.writer.write(1, 23, bytes('6869'))]));
    expect(bench.texts).toEqual(['hi']);
    expect(bench.endpoint.send(bytes('6f6b'), PEER)).toBe('sent');
    puppet.feed(bench.take());
    expect(puppet.texts).toEqual(['ok']);
  });

  const WRONG: [name: string, code: string, alert: number, (items: readonly FlightItem[]) => FlightItem[]][] =
    [
      ['a wrong Finished', 'ERR_DTLS_FINISHED', 51, (items) => changed(items, 20, flip(0))],
      [
        'a short Finished',
        'ERR_DTLS_FINISHED',
        51,
        (items) => changed(items, 20, (body) => body.subarray(1)),
      ],
      ['an empty Finished', 'ERR_DTLS_FINISHED', 51, (items) => changed(items, 20, () => new Uint8Array(0))],
    ];
  test.each(WRONG)('%s ends it', (_, code, alert, change) => {
    const { bench, puppet } = upToFinished();
    puppet.feed(bench.exchange(puppet.encode(change(puppet.flight))));
    expect(bench.failure).toMatchObject({ code, alert });
    expect(puppet.alerts).toEqual([[2, alert]]);
    expect(bench.endpoint.counters).toMatchObject({ handshakes: 0, openSessions: 0, failed: 1 });
    expect(bench.endpoint.send(bytes('00'), PEER)).toBe('unknown');
    expect(bench.endpoint.nextWakeup()).toBeUndefined();
  });

  const FORGED: [name: string, (items: readonly FlightItem[]) => FlightItem[]][] = [
    ['another key', (items) => changed(items, 16, flip(5))],
    ['a point that is none', (items) => changed(items, 16, () => bytes('020405'))],
    [
      'a point of small order',
      (items) => changed(items, 16, () => Uint8Array.from([32, ...new Array<number>(32).fill(0)])),
    ],
    ['a cut key exchange', (items) => changed(items, 16, (body) => body.subarray(0, 20))],
    [
      'a key exchange that is too long',
      (items) => changed(items, 16, (body) => Uint8Array.from([...body, 0])),
    ],
    ['a certificate instead', (items) => retyped(items, 11)],
    ['a hello instead', (items) => retyped(items, 2)],
  ];
  test.each(FORGED)(
    '%s, which anybody can write, does not end it: the genuine one completes it',
    (_, forge) => {
      const { bench, puppet } = upToFinished();
      const genuine = puppet.encode(puppet.flight);
      const [exchange] = forge(puppet.flight);
      if (exchange === undefined || exchange === 'changeCipherSpec') throw new Error('no key exchange');
      const forger = new RecordWriter(50);
      const forged = plainMessage(forger, exchange.type, exchange.messageSeq, exchange.body);
      const switched = forger.write(0, 20, Uint8Array.of(1));
      // A piece that contradicts the genuine one, the forged message, and a record that no key opens.
      const piece = forger.write(0, 22, encodeFragment(16, exchange.messageSeq, new Uint8Array(100), 10, 20));
      const noise = Uint8Array.from([22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40, ...new Uint8Array(40)]);
      expect(bench.exchange([piece, forged, switched, noise, forged])).toEqual([]);
      puppet.feed(bench.exchange(genuine));
      expect(puppet.info).toBeDefined();
      expect(bench.endpoint.counters).toMatchObject({ handshakes: 0, openSessions: 1, failed: 0 });
    },
  );

  test('forged key exchanges cost a bounded number of multiplications', () => {
    const { bench, puppet } = upToFinished();
    const forger = new RecordWriter(50);
    const noise = Uint8Array.from([22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40, ...new Uint8Array(40)]);
    bench.exchange([forger.write(0, 20, Uint8Array.of(1)), noise]);
    for (let n = 0; n < 10; n++) {
      const [exchange] = changed(puppet.flight, 16, flip(n + 2));
      if (exchange === undefined || exchange === 'changeCipherSpec') throw new Error('no key exchange');
      bench.exchange([plainMessage(forger, 16, exchange.messageSeq, exchange.body)]);
    }
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    expect(puppet.info).toBeDefined();
  });

  test('a hello of 16 KiB with a right cookie is answered', () => {
    const bench = startBench();
    const puppet = startPuppet();
    puppet.handshake.start();
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    const [hello] = puppet.flight;
    if (hello === undefined || hello === 'changeCipherSpec') throw new Error('no hello');
    // One more extension: unknown, and long.
    const length = 15_000;
    const body = Buffer.concat([
      hello.body,
      Buffer.from([0xab, 0xcd, length >> 8, length & 255]),
      Buffer.alloc(length),
    ]);
    const at = extensionsAt(hello.body);
    body.writeUInt16BE(body.length - at - 2, at);
    const answer = bench.exchange([plainMessage(new RecordWriter(9), 1, hello.messageSeq, body)]);
    expect(answer.length).toBeGreaterThan(0);
    expect(bench.endpoint.counters).toMatchObject({ handshakes: 1, dropped: { fragment: 0 } });
  });

  const SILENT: [name: string, (items: readonly FlightItem[]) => FlightItem[]][] = [
    ['no ChangeCipherSpec', (items) => items.filter((item) => item !== 'changeCipherSpec')],
    ['no Finished', (items) => items.slice(0, -1)],
    ['no key exchange', (items) => items.slice(1)],
    [
      'Finished in plaintext',
      (items) =>
        items.map((item) => (item !== 'changeCipherSpec' && item.type === 20 ? { ...item, epoch: 0 } : item)),
    ],
    [
      'a key exchange that is encrypted',
      (items) => [
        'changeCipherSpec',
        ...items.flatMap((item): FlightItem[] =>
          item !== 'changeCipherSpec' && item.type === 16 ? [{ ...item, epoch: 1 }] : [],
        ),
      ],
    ],
  ];
  test.each(SILENT)('%s: nothing opens, and in the end it times out', (_, change) => {
    const { bench, puppet } = upToFinished();
    bench.exchange(puppet.encode(change(puppet.flight)));
    expect(bench.events).toEqual([]);
    bench.now = 30_000;
    bench.endpoint.service();
    expect(bench.failure?.code).toBe('ERR_DTLS_TIMEOUT');
  });

  test('in any order, each record in its own datagram', () => {
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
      [1, 0, 2],
      [0, 2, 1],
    ];
    for (const order of orders) {
      const { bench, puppet } = upToFinished();
      const datagrams = puppet.flight.map((item) => puppet.encode([item])[0] ?? bytes(''));
      bench.exchange(order.map((index) => datagrams[index] ?? bytes('')));
      expect(
        bench.events.map(({ type }) => type),
        order.join(),
      ).toEqual(['open']);
    }
  });

  test('data before Finished is not delivered, and disturbs nothing', () => {
    const { bench, puppet } = upToFinished();
    const [exchange, change, finished] = puppet.flight;
    if (exchange === undefined || change === undefined || finished === undefined)
      throw new Error('no flight');
    bench.exchange(puppet.encode([exchange, change]));
    bench.exchange([puppet.writer.write(1, 23, bytes('6869'))]);
    puppet.feed(bench.exchange(puppet.encode([finished])));
    expect(bench.texts).toEqual([]);
    expect(bench.endpoint.counters.dropped.earlyData).toBe(1);
    expect(puppet.info).toBeDefined();
  });

  test.each([
    ['fatal', 2, 40],
    ['goodbye', 1, 0],
    ['of one byte', 2],
  ])(
    'a plaintext alert, which anybody can forge, ends no handshake whose client goes on: %s',
    (_, ...alert) => {
      for (const sentBefore of [0, 1, 2]) {
        const { bench, puppet } = upToFinished();
        bench.exchange(puppet.encode(puppet.flight.slice(0, sentBefore)));
        bench.exchange([new RecordWriter(1000).write(0, 21, Uint8Array.from(alert))]);
        // Two repetitions of the client are waited for.
        bench.now += 3500;
        bench.endpoint.service();
        bench.take();
        expect(bench.endpoint.counters).toMatchObject({ handshakes: 1, dropped: { plaintextAlert: 1 } });
        puppet.feed(bench.exchange(puppet.encode(puppet.flight.slice(sentBefore))));
        expect(puppet.info).toBeDefined();
        expect(bench.events.map(({ type }) => type)).toEqual(['open']);
      }
    },
  );

  test('a plaintext alert is the reason when nothing comes after it, and nobody waits long', () => {
    const { bench, puppet } = upToFinished();
    bench.now += 1000;
    bench.exchange([puppet.writer.write(0, 21, Uint8Array.of(2, 48))]);
    bench.now += 3000;
    bench.endpoint.service();
    expect(bench.exchange([puppet.writer.write(0, 21, Uint8Array.of(2, 40))])).toEqual([]);
    bench.now += 1000;
    expect(bench.endpoint.nextWakeup()).toBeLessThanOrEqual(bench.now);
    bench.endpoint.service();
    expect(bench.failure).toMatchObject({ code: 'ERR_DTLS_ALERT', alert: 48 });
    expect(bench.endpoint.counters).toMatchObject({ handshakes: 0, failed: 1 });
  });

  test('a renegotiation is refused once; the session goes on', () => {
    const { bench, puppet } = upToFinished();
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    const hello = { epoch: 1, type: 1, messageSeq: 4, body: bytes('0102') } as const;
    puppet.feed(bench.exchange([...puppet.encode([hello]), ...puppet.encode([hello])]));
    expect(puppet.alerts).toEqual([[1, 100]]);
    bench.exchange([puppet.writer.write(1, 23, bytes('6869'))]);
    expect(bench.texts).toEqual(['hi']);
  });

  test('goodbye is answered with goodbye', () => {
    const { bench, puppet } = upToFinished();
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    puppet.feed(bench.exchange([puppet.writer.write(1, 21, Uint8Array.of(1, 0))]));
    expect(puppet.alerts).toEqual([[1, 0]]);
    expect(bench.events.at(-1)).toMatchObject({ type: 'closed', reason: 'peer' });
  });

  test('a fatal alert of an open session ends it', () => {
    const { bench, puppet } = upToFinished();
    puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
    expect(bench.exchange([puppet.writer.write(1, 21, Uint8Array.of(2, 80))])).toEqual([]);
    expect(bench.events.at(-1)).toMatchObject({ type: 'closed', reason: 'failed' });
  });
});

describe('the hello', () => {
  /** Sends a hello of its own making, twice, as the cookie wants it. */
  function hello(
    options: {
      version?: number;
      suites?: readonly number[];
      extensions?: Map<number, Uint8Array>;
      change?: (body: Uint8Array) => Uint8Array;
    },
    own?: ServerCredentials,
  ) {
    const bench = startBench(own);
    const writer = new RecordWriter();
    const make = (cookie: Uint8Array): Uint8Array => {
      const extensions = options.extensions ?? clientExtensions(undefined);
      const body = encodeClientHello(
        new Uint8Array(32).fill(9),
        cookie,
        options.suites ?? DTLS_SUITES,
        extensions,
      );
      if (options.version !== undefined)
        Buffer.from(body.buffer, body.byteOffset).writeUInt16BE(options.version);
      return options.change?.(body) ?? body;
    };
    const [request] = bench.exchange([plainMessage(writer, 1, 0, make(bytes('')))]);
    const body = request && readFragments(readRecord(request, 0)?.payload ?? bytes(''))?.[0]?.bytes;
    if (body === undefined) return { bench, answer: undefined };
    const answer = bench.exchange([plainMessage(writer, 1, 1, make(readHelloVerifyRequest(body)))]);
    const record = readRecord(answer[0] ?? bytes(''), 0);
    return { bench, answer: record && readFragments(record.payload)?.[0]?.bytes };
  }

  const withExtension = (type: number, data: string): Map<number, Uint8Array> =>
    clientExtensions(undefined).set(type, bytes(data));
  const withoutExtension = (type: number): Map<number, Uint8Array> => {
    const extensions = clientExtensions(undefined);
    extensions.delete(type);
    return extensions;
  };

  const WRONG: [name: string, code: string, alert: number, options: Parameters<typeof hello>[0]][] = [
    ['DTLS 1.0', 'ERR_DTLS_NO_COMMON', 70, { version: 0xfeff }],
    ['TLS', 'ERR_DTLS_NO_COMMON', 70, { version: 0x0303 }],
    ['suites of others', 'ERR_DTLS_NO_COMMON', 40, { suites: [0xc013, 0x002f, 0xc0ac] }],
    ['suites for RSA only', 'ERR_DTLS_NO_COMMON', 40, { suites: [0xc02f, 0xc030, 0xcca8] }],
    ['groups of others', 'ERR_DTLS_NO_COMMON', 40, { extensions: withExtension(10, '0002001a') }],
    [
      'not the curve of the certificate',
      'ERR_DTLS_NO_COMMON',
      40,
      {
        extensions: withExtension(10, '0004001d0018'),
      },
    ],
    ['SHA-1 only', 'ERR_DTLS_NO_COMMON', 40, { extensions: withExtension(13, '000402010203') }],
    [
      'no signature algorithms',
      'ERR_DTLS_NO_COMMON',
      40,
      {
        extensions: withoutExtension(ExtensionType.SIGNATURE_ALGORITHMS),
      },
    ],
    ['compressed points only', 'ERR_DTLS_PROTOCOL', 47, { extensions: withExtension(11, '0101') }],
    ['a renegotiation', 'ERR_DTLS_PROTOCOL', 40, { extensions: withExtension(0xff01, '020102') }],
    ['a damaged list of groups', 'ERR_DTLS_PROTOCOL', 50, { extensions: withExtension(10, '0003001d00') }],
    [
      'an extended master secret with content',
      'ERR_DTLS_PROTOCOL',
      50,
      { extensions: withExtension(23, '00') },
    ],
    [
      'compression only',
      'ERR_DTLS_PROTOCOL',
      47,
      {
        change: (body) => {
          const at = body.indexOf(0x01, 35 + 1 + (body[35] ?? 0) + 2 + DTLS_SUITES.length * 2);
          body[at + 1] = 1;
          return body;
        },
      },
    ],
  ];
  test.each(WRONG)('%s: refused', (_, code, alert, options) => {
    const { bench } = hello(options);
    expect(bench.failure).toMatchObject({ code, alert });
    expect(bench.endpoint.counters.handshakes).toBe(0);
  });

  test('a damaged one gets no answer at all', () => {
    for (const change of [
      (body: Uint8Array) => body.subarray(0, 40),
      (body: Uint8Array) => Uint8Array.from([...body, 0]),
      (body: Uint8Array) => body.subarray(0, body.length - 1),
    ]) {
      const { bench, answer } = hello({ change });
      expect(answer).toBeUndefined();
      expect(bench.endpoint.counters).toMatchObject({ cookiesSent: 0, handshakes: 0 });
      expect(bench.endpoint.counters.dropped.malformed).toBe(1);
    }
  });

  test('unknown extensions, tickets and encrypt-then-MAC are ignored; a newer version too', () => {
    const extensions = withExtension(35, '').set(22, bytes('')).set(0x1234, bytes('00ff'));
    const { answer } = hello({ extensions, version: 0xfefc, suites: [0x00ff, 0xc0ac, ...DTLS_SUITES] });
    const server = readServerHello(answer ?? bytes(''));
    expect(server.version).toBe(0xfefd);
    expect([...server.extensions.keys()].sort((a, b) => a - b)).toEqual([11, 23, 0xff01]);
  });

  test('nothing is answered that was not asked', () => {
    const extensions = new Map([...clientExtensions(undefined)].filter(([type]) => type === 13));
    const { answer } = hello({ extensions });
    expect(readServerHello(answer ?? bytes('')).extensions.size).toBe(0);
  });

  test('the order of the suites is the server’s', () => {
    const { answer } = hello({ suites: [0xc02c, 0xcca9, 0xc02b] });
    expect(readServerHello(answer ?? bytes('')).suite).toBe(0xc02b);
    expect(readServerHello(hello({ suites: [0xc030, 0xc02c] }, rsa).answer ?? bytes('')).suite).toBe(0xc030);
    expect(readServerHello(hello({ suites: [0xcca9] }, p384).answer ?? bytes('')).suite).toBe(0xcca9);
  });

  test('in pieces: refused without an answer, as it takes no state to tell', () => {
    const bench = startBench();
    const hello1 = encodeClientHello(new Uint8Array(32), bytes(''), DTLS_SUITES, new Map());
    const flight = { epoch: 0, type: 2, messageSeq: 0, body: hello1 } as const;
    const puppet = startPuppet();
    const [datagram = bytes('')] = puppet.encode([flight]);
    datagram[13] = 1;
    datagram[24] = (datagram[24] ?? 0) - 1;
    expect(bench.exchange([datagram])).toEqual([]);
  });
});

test('a hello with the last number of all: the session ends where the numbers end', () => {
  const bench = startBench();
  const puppet = startPuppet();
  puppet.handshake.start();
  puppet.feed(bench.exchange(puppet.encode(puppet.flight)));
  const [datagram = bytes('')] = puppet.encode(puppet.flight);
  datagram.fill(0xff, 5, 11);
  expect(readRecord(datagram, 0)?.sequence).toBe(LAST_SEQUENCE);
  bench.exchange([datagram]);
  expect(bench.failure?.code).toBe('ERR_DTLS_EXHAUSTED');
  expect(bench.endpoint.counters).toMatchObject({ handshakes: 0, failed: 1 });
});

test('flights with changed bytes: no exception, and it opens only when both sides agree', () => {
  const flips = fc.array(fc.tuple(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 3 });
  fc.assert(
    fc.property(flips, (changes) => {
      const { bench, puppet } = upToFinished();
      const datagrams = puppet.flight.map((item) => puppet.encode([item])[0] ?? bytes(''));
      const isChanged = new Set<number>();
      for (const [which, at, mask] of changes) {
        const datagram = datagrams[which] ?? bytes('');
        datagram[at % datagram.length] = (datagram[at % datagram.length] ?? 0) ^ mask;
        isChanged.add(which);
      }
      bench.exchange(datagrams);
      const isOpen = bench.endpoint.counters.openSessions === 1;
      if (changes.length === 0) expect(isOpen).toBe(true);
      // Two changes may cancel each other out; one never does.
      if (isOpen && isChanged.has(2)) expect(changes.length).toBeGreaterThan(1);
      bench.now = 60_000;
      bench.endpoint.service();
      expect(bench.endpoint.counters.handshakes).toBe(0);
    }),
    fcParameters(150),
  );
});
