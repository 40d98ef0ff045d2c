/** The connection doctor: each diagnosis provoked by the bytes of those who cause it, and the silence otherwise. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/enet/crc32.ts';
import {
  ConnectionDoctor,
  connectionDoctor,
  type Diagnosis,
  DiagnosisCode,
  Host,
  type HostOptions,
} from '../../src/enet.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { bytes } from '../support/hex.ts';

expectDiagnoses('diagnoses are what it is about');

const FROM = { ip: '203.0.113.7', port: 50_000 };
const MODES = ['none', 'range-coder', 'fastlz', 'zlib', 'zstd'] as const;
const CONSTANTS = [
  'COMPRESS_NONE',
  'COMPRESS_RANGE_CODER',
  'COMPRESS_FASTLZ',
  'COMPRESS_ZLIB',
  'COMPRESS_ZSTD',
];

/** A host with a doctor, and what the doctor said. */
class Patient {
  readonly found: Diagnosis[] = [];
  readonly host: Host;
  #now = 1000;

  constructor(
    options: Partial<HostOptions> = {},
    kind?: 'ENetServer' | 'ENetMultiplayerPeer' | 'NetworkedMultiplayerENet',
  ) {
    this.host = new Host({
      peerCount: 4,
      random32: () => 0x1234_5678,
      doctor: connectionDoctor({ onDiagnosis: (diagnosis) => this.found.push(diagnosis), kind }),
      ...options,
    });
  }

  get codes(): string[] {
    return this.found.map(({ code }) => code);
  }

  /** The text of the only diagnosis. */
  get message(): string {
    expect(this.found).toHaveLength(1);
    return this.found[0]?.message ?? '';
  }

  take(datagram: Uint8Array, from = FROM, afterMs = 1): this {
    this.#now += afterMs;
    this.host.receive(datagram, from);
    while (this.host.service(this.#now) !== undefined);
    [...this.host.drainOutbox()];
    return this;
  }
}

/** A datagram of a session that a Godot engine recorded: 0 is the client's CONNECT, 1 the server's answer. */
function recorded(mode: (typeof MODES)[number], index: 0 | 1): Uint8Array {
  const session: { datagrams: [number, string, string][] } = JSON.parse(
    readFileSync(new URL(`../../golden/sessions/module-${mode}.json`, import.meta.url), 'utf8'),
  );
  return bytes(session.datagrams[index]?.[2] ?? '');
}

/** What a new host sends to connect. */
function connectDatagram(channels: number, data = 0, options: Partial<HostOptions> = {}): Uint8Array {
  const client = new Host({ peerCount: 1, random32: () => 7, ...options });
  client.connect({ ip: '10.0.0.1', port: 7777 }, channels, data);
  client.service(1000);
  const [datagram] = [...client.drainOutbox()];
  if (datagram === undefined) throw new Error('no CONNECT');
  return datagram.bytes;
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

describe('compression', () => {
  // zlib and zstd are told without a library, so this needs none. zlib does not make a CONNECT smaller, so Godot sends
  // it as it is; then only the client can tell, from the answer.
  const theirs = MODES.map((mode, number) => ({ mode, number })).slice(1);
  const ours = [0, 1, 2, 3];

  test.each(
    theirs.flatMap((their) => ours.filter((our) => our !== their.number).map((our) => ({ ...their, our }))),
  )('Godot with $mode and a host with mode $our', ({ mode, number, our }) => {
    const options = { compressor: createCompressor(our) };
    const server = new Patient(options).take(recorded(mode, 0));
    const client = new Patient(options);
    client.host.connect(FROM, 2, 0);
    client.take(recorded(mode, 1));
    for (const patient of mode === 'zlib' ? [client] : [server, client]) {
      expect(patient.codes).toEqual([DiagnosisCode.OTHER_COMPRESSION]);
      expect(patient.message).toContain(`set ${CONSTANTS[number]} here or ${CONSTANTS[our]} there`);
      expect(patient.message.startsWith('203.0.113.7:50000 compresses with ')).toBe(true);
      expect(patient.message).not.toContain('\n');
    }
  });

  test.each(ours)('the same mode %i on both sides, or none there: nothing to say', (our) => {
    for (const mode of ['none', MODES[our] ?? 'none'] as const) {
      expect(new Patient({ compressor: createCompressor(our) }).take(recorded(mode, 0)).found).toEqual([]);
    }
  });

  test('one that nobody knows', () => {
    const unknown = bytes('cfff0001 9f3c5de8a7c1bb4e90aa17f2');
    const patient = new Patient({}).take(unknown);
    expect(patient.message).toContain('in a way that cannot be told');
  });
});

describe('checksums', () => {
  test('only there', () => {
    const patient = new Patient().take(connectDatagram(2, 0, { checksum: crc32 }));
    expect(patient.codes).toEqual([DiagnosisCode.OTHER_CHECKSUM]);
    expect(patient.message).toContain('adds ENet checksums');
  });

  test('only here', () => {
    const patient = new Patient({ checksum: crc32 }).take(connectDatagram(2));
    expect(patient.codes).toEqual([DiagnosisCode.OTHER_CHECKSUM]);
    expect(patient.message).toContain('sends no checksums');
  });

  test('on both sides, also with channels to look at: nothing to say', () => {
    const patient = new Patient({ checksum: crc32, channelLimit: 2 }).take(
      connectDatagram(2, 0, { checksum: crc32 }),
    );
    expect(patient.found).toEqual([]);
    expect(patient.host.peers().next().done).toBe(false);
  });

  test('an answer with a checksum to a client without', () => {
    const client = new Patient();
    const address = { ip: '203.0.113.9', port: 7777 };
    client.host.connect(address, 2, 0);
    // VERIFY_CONNECT behind a checksum.
    const answer = bytes(`8000 0001 deadbeef 83ff0001 0000 00 00${'00000000'.repeat(9)}`);
    client.take(answer, address);
    expect(client.codes).toEqual([DiagnosisCode.OTHER_CHECKSUM]);
  });
});

describe('other protocols', () => {
  const CASES: readonly (readonly [name: string, datagram: Uint8Array, code: string, part: string])[] = [
    [
      'a DTLS 1.2 ClientHello',
      bytes(`16fefd${'00'.repeat(8)}0010${'01'.repeat(16)}`),
      'DTLS_ON_PLAIN_HOST',
      'speaks DTLS',
    ],
    ['a DTLS 1.0 record', bytes(`16feff${'00'.repeat(8)}0002aabb`), 'DTLS_ON_PLAIN_HOST', 'dtlsServerSetup'],
    ['a TLS ClientHello', bytes('1603010004aabbccdd'), 'OTHER_PROTOCOL', 'TLS'],
    ['QUIC', bytes(`c300000001${'08'.repeat(60)}`), 'OTHER_PROTOCOL', 'QUIC'],
    ['STUN', bytes(`000100002112a442${'11'.repeat(12)}`), 'OTHER_PROTOCOL', 'STUN'],
    ['a server browser', text('\u0000'), 'NOT_ENET', '1 bytes'],
    ['HTTP', text('GET / HTTP/1.1\r\nHost: game.example\r\n\r\n'), 'HTTP_REQUEST', 'HTTP request'],
    ['HTTP/2', text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'HTTP_REQUEST', 'HTTP request'],
    [
      'a WebSocket',
      text('GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n'),
      'WEBSOCKET_REQUEST',
      'asks for a WebSocket',
    ],
    [
      'a query',
      bytes('ffffffff54536f7572636520456e67696e6520517565727900'),
      'OTHER_PROTOCOL',
      'server browser',
    ],
    // ENet 1.2: checksum, peer 0x7fff with time, CONNECT with its 16-bit MTU and without user data.
    [
      'ENet 1.2',
      bytes(
        `00000000 ffff 0001 82ff0001 0000 0578 00008000 00000002 ${'00000000'.repeat(2)} 00001388 00000002 00000002 12345678`,
      ),
      'OLD_ENET',
      'ENet 1.2',
    ],
    ['text', text('hello world, is anybody here?'), 'NOT_ENET', 'begin with 68 65 6c 6c'],
    ['one byte', bytes('00'), 'NOT_ENET', '1 bytes'],
    ['too much', new Uint8Array(5000).fill(0x61), 'NOT_ENET', '5000 bytes'],
  ];

  test.each(CASES)('%s', (_name, datagram, code, part) => {
    for (const options of [{}, { compressor: createCompressor(1) }, { checksum: crc32 }]) {
      const patient = new Patient(options).take(datagram);
      expect(patient.codes).toEqual([code]);
      expect(patient.message).toContain(part);
    }
  });

  test('at a host with DTLS', () => {
    const found: string[] = [];
    const doctor = new ConnectionDoctor({ onDiagnosis: ({ code }) => found.push(code) });
    doctor.receivedPlain(1, bytes(`16fefd${'00'.repeat(8)}0010${'01'.repeat(16)}`), FROM);
    expect(found).toEqual([]);
    doctor.receivedPlain(1, connectDatagram(2), FROM);
    doctor.receivedPlain(1, text('GET / HTTP/1.1\r\n\r\n'), FROM);
    doctor.receivedPlain(1, text('hello'), FROM);
    expect(found).toEqual(['PLAIN_ON_DTLS_HOST', 'HTTP_REQUEST', 'NOT_ENET']);
  });
});

describe('clients of another kind', () => {
  const GODOT3 = connectDatagram(3, 0x4a11_22ff);
  const GODOT4 = connectDatagram(255, 0x4a11_22ff);
  const MODULE = connectDatagram(2, 0);

  test.each([
    ['ENetServer', ['GODOT3_CLIENT'], ['GODOT4_CLIENT'], []],
    ['ENetMultiplayerPeer', ['GODOT3_CLIENT'], [], ['NOT_MULTIPLAYER']],
    ['NetworkedMultiplayerENet', [], ['GODOT4_CLIENT'], ['NOT_MULTIPLAYER']],
  ] as const)('%s', (kind, godot3, godot4, module) => {
    expect(new Patient({}, kind).take(GODOT3).codes).toEqual(godot3);
    expect(new Patient({}, kind).take(GODOT4).codes).toEqual(godot4);
    expect(new Patient({}, kind).take(MODULE).codes).toEqual(module);
  });

  test('compressed handshakes are looked at too', () => {
    const compressor = createCompressor(1);
    const connect = connectDatagram(3, 0x4a11_22ff, { compressor });
    expect((connect[0] ?? 0) & 0x40).toBe(0x40);
    expect(new Patient({ compressor }, 'ENetServer').take(connect).codes).toEqual(['GODOT3_CLIENT']);
  });

  test('the data of an application is no id: a small number with 3 channels says nothing', () => {
    expect(new Patient({}, 'ENetServer').take(connectDatagram(3, 42)).found).toEqual([]);
  });
});

describe('channels', () => {
  test('a client that asks for more than it gets', () => {
    const patient = new Patient({ channelLimit: 2 }).take(connectDatagram(5));
    expect(patient.codes).toEqual([DiagnosisCode.TOO_FEW_CHANNELS]);
    expect(patient.message).toContain('wants 5 channels and gets 2');
  });

  test('255 stands for as many as there are', () => {
    expect(new Patient({ channelLimit: 2 }).take(connectDatagram(255)).found).toEqual([]);
  });
});

describe('restraint', () => {
  const RUBBISH = text('hello world, is anybody here?');

  test('once for each address and cause', () => {
    const patient = new Patient();
    for (let i = 0; i < 50; i++) patient.take(RUBBISH, FROM, 100);
    patient.take(text('GET / HTTP/1.1\r\n\r\n'));
    patient.take(RUBBISH, { ip: '2001:db8::5', port: 9 });
    expect(patient.found.map(({ code, address }) => [code, address.port])).toEqual([
      ['NOT_ENET', 50_000],
      ['HTTP_REQUEST', 50_000],
      ['NOT_ENET', 9],
    ]);
    expect(patient.found[2]?.message.startsWith('[2001:db8::5]:9 ')).toBe(true);
  });

  test('a flood of addresses gives a line a second', () => {
    const patient = new Patient();
    for (let i = 0; i < 20_000; i++) patient.take(RUBBISH, { ip: `198.51.100.${i % 256}`, port: 1 + i }, 1);
    // 16 at once and one for each of the 20 seconds.
    expect(patient.found.length).toBeLessThanOrEqual(36);
    expect(patient.found.length).toBeGreaterThanOrEqual(30);
  });

  test('what an ended connection left behind is no cause', () => {
    // A ping and an acknowledgement for a slot that is free, plain, with a checksum and compressed.
    expect(new Patient().take(bytes('8002 0001 85ff0003 01ff000300010001')).found).toEqual([]);
    const checked = bytes('8002 0001 cafebabe 85ff0003 01ff000300010001');
    expect(new Patient({ checksum: crc32 }).take(checked).found).toEqual([]);
    for (const mode of MODES) expect(new Patient().take(recorded(mode, 1)).found).toEqual([]);
  });

  test('without a doctor the host counts and says nothing', () => {
    const host = new Host({ peerCount: 1, random32: () => 1 });
    host.receive(RUBBISH, FROM);
    host.service(1000);
    expect(host.dropCounts().size).toBe(1);
  });
});
