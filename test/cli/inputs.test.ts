/** What `dissect` reads beside captures and digits: dumps as tools print them, gzip, and DTLS with a key log. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaptureError, isDatagram } from '../../src/dissect/capture/capturedDatagram.ts';
import { isHexDump, readHexDumps } from '../../src/dissect/capture/hexDump.ts';
import { openCapture } from '../../src/dissect/capture/openCapture.ts';
import type { Address } from '../../src/enet/index.ts';
import { ENetConnection, TLSOptions } from '../../src/godot.ts';
import { createSelfSignedCertificate } from '../../src/ops.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes, hex } from '../support/hex.ts';
import { ethernet, ipv4, pcap, udp } from './captureFiles.ts';
import { lines } from './support.ts';

const HELLO = '8000022a8600000c000a040500000068656c6c6f';
const ODD = '000049000000000100 0d01050000000000c03f000000c0'.replace(' ', '');
const ZEROS = `8000022a0600000c004601${'00'.repeat(76)}`;
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Datagrams as `from>to hex`, and the error that ended it. */
function read(file: Uint8Array | string): string[] {
  const found: string[] = [];
  try {
    for (const entry of openCapture(typeof file === 'string' ? text(file) : file).entries)
      if (isDatagram(entry)) found.push(`${entry.from}>${entry.to} ${hex(entry.bytes)}`);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    found.push(error.message);
  }
  return found;
}

describe('dumps', () => {
  // As the tools printed them.
  test.each([
    [
      'xxd',
      HELLO,
      '00000000: 8000 022a 8600 000c 000a 0405 0000 0068  ...*...........h\n00000010: 656c 6c6f                                ello\n',
    ],
    [
      'xxd -g1 -c8',
      ODD,
      '00000000: 00 00 49 00 00 00 00 01  ..I.....\n00000008: 00 0d 01 05 00 00 00 00  ........\n00000010: 00 c0 3f 00 00 00 c0     ..?....\n',
    ],
    ['xxd of text that looks like digits', '6465', '00000000: 6465                                     de\n'],
    [
      'xxd -a',
      ZEROS,
      '00000000: 8000 022a 0600 000c 0046 0100 0000 0000  ...*.....F......\n00000010: 0000 0000 0000 0000 0000 0000 0000 0000  ................\n*\n00000050: 0000 0000 0000 00                        .......\n',
    ],
    [
      'hexdump -C',
      HELLO,
      '00000000  80 00 02 2a 86 00 00 0c  00 0a 04 05 00 00 00 68  |...*...........h|\n00000010  65 6c 6c 6f                                       |ello|\n00000014\n',
    ],
    [
      'hexdump: words, the low byte last, and a byte too many',
      ODD,
      '0000000 0000 0049 0000 0100 0d00 0501 0000 0000\n0000010 c000 003f 0000 00c0                    \n0000017\n',
    ],
    [
      'hexdump with a star',
      ZEROS,
      '0000000 0080 2a02 0006 0c00 4600 0001 0000 0000\n0000010 0000 0000 0000 0000 0000 0000 0000 0000\n*\n0000050 0000 0000 0000 0000                    \n0000057\n',
    ],
    [
      'hexdump -x',
      HELLO,
      '0000000    0080    2a02    0086    0c00    0a00    0504    0000    6800\n0000010    6c65    6f6c                                                \n0000014\n',
    ],
    [
      'od -x: offsets of base 8',
      HELLO,
      '0000000 0080 2a02 0086 0c00 0a00 0504 0000 6800\n0000020 6c65 6f6c\n0000024\n',
    ],
    [
      'od -Ax -tx1z',
      ODD,
      '000000 00 00 49 00 00 00 00 01 00 0d 01 05 00 00 00 00  >..I.............<\n000010 00 c0 3f 00 00 00 c0                             >..?....<\n000017\n',
    ],
    [
      'Wireshark, "as Hex Dump"',
      HELLO,
      '0000   80 00 02 2a 86 00 00 0c 00 0a 04 05 00 00 00 68   ...*...........h\r\n0010   65 6c 6c 6f                                       ello\r\n',
    ],
    [
      'one line of it',
      '80000001 85ff0003'.replace(' ', ''),
      '0000   80 00 00 01 85 ff 00 03                           ........\n',
    ],
    ['spaces in text', '20206120', '00000000: 2020 6120                                  a \n'],
  ])('%s', (_, expected, dump) => {
    expect(read(dump)).toEqual([`> ${expected}`]);
    expect(openCapture(text(dump)).kind).toBe('dump');
  });

  test('digits alone are what they were', () => {
    for (const digits of [
      '0000490000000001000d01',
      '0000 49000000 0001 000d',
      '0000\n0010',
      '8000 022a: 85ff',
    ]) {
      expect([digits, isHexDump(digits)]).toEqual([digits, false]);
    }
    expect(read('\\x80\\x00\\x00\\x01\\x85\\xff\\x00\\x03\n0x80, 0x00, 0x00, 0x01\n')).toEqual([
      '> 8000000185ff0003',
      '> 80000001',
    ]);
  });

  const FRAME = ethernet(ipv4(udp(bytes(HELLO))));
  const shown = (content: Uint8Array, prefix = '', offsets = 4): string => {
    const rows: string[] = [];
    for (let at = 0; at < content.length; at += 16) {
      const row = [...content.subarray(at, at + 16)];
      const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const plain = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
      rows.push(`${prefix}${at.toString(16).padStart(offsets, '0')}  ${digits.padEnd(47)}  ${plain}`);
    }
    return `${rows.join('\n')}\n`;
  };

  test('frames of tshark -x: addresses are those of the frame, and other views of it are left out', () => {
    const dump = `Packet (62 bytes):\n${shown(bytes('0102'))}\nFrame (62 bytes):\n${shown(FRAME)}Reassembled UDP (20 bytes):\n${shown(bytes(HELLO))}\nFrame (62 bytes):\n${shown(FRAME)}`;
    const one = `10.0.0.1:5000>10.0.0.2:7777 ${HELLO}`;
    expect(read(dump)).toEqual([one, one]);
    expect(read(`${shown(FRAME)}\n${shown(FRAME)}`)).toEqual([one, one]);
  });

  test('tcpdump -X: IP without its link, between lines of headings', () => {
    const packet = ipv4(udp(bytes(HELLO)));
    const rows: string[] = [];
    for (let at = 0; at < packet.length; at += 16) {
      const row = packet.subarray(at, at + 16);
      const digits = hex(row).replace(/(.{4})(?=.)/g, '$1 ');
      const plain = [...row]
        .map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
        .join('');
      rows.push(`\t0x${at.toString(16).padStart(4, '0')}:  ${digits.padEnd(39)}  ${plain}`);
    }
    const dump = `12:00:00.000001 IP 10.0.0.1.5000 > 10.0.0.2.7777: UDP, length 20\n${rows.join('\n')}\n`;
    const one = `10.0.0.1:5000>10.0.0.2:7777 ${HELLO}`;
    expect(read(dump + dump)).toEqual([one, one]);
  });

  test('"Follow" of Wireshark: who is indented is the second, and offsets go on', () => {
    const dump = [
      '00000000  80 00 02 2a 86 00 00 0c  00 0a 04 05 00 00 00 68   ...*.... .......h',
      '00000010  65 6c 6c 6f                                        ello',
      '    00000000  80 00 00 01 85 ff 00 03                            ........',
      '00000014  80 00 00 02 85 ff 00 04                            ........',
      '0000001C  80 00 00 03 85 ff 00 05                            ........',
    ].join('\n');
    expect(read(dump)).toEqual([
      `first> ${HELLO}`,
      'second> 8000000185ff0003',
      'first> 8000000285ff0004',
      'first> 8000000385ff0005',
    ]);
  });

  test('a dump of a capture is that capture', () => {
    const file = pcap(1, [{ seconds: 1, fraction: 0, bytes: FRAME }]);
    expect(openCapture(text(shown(file, '', 8))).kind).toBe('pcap');
    expect(read(shown(file, '', 8))).toEqual([`10.0.0.1:5000>10.0.0.2:7777 ${HELLO}`]);
  });

  test.each([
    [
      'a line that is missing',
      '00000000: 8000 022a                                ...*\n00000010: 00\n',
      'line 2 has the offset 00000010, expected 4',
    ],
    [
      'text that is not that of the bytes',
      '00000000: 8000 022a  ...*\n00000004: 8000 0000  zzzz\n',
      'line 2 has text beside its bytes that is not theirs',
    ],
    [
      'a star for more than there may be',
      '00000000: 8000 022a  ...*\n*\nffffff00: 00  .\n',
      'line 3 has an offset that is 4294967036 bytes behind the "*" before it',
    ],
    [
      'a beginning that is missing',
      '00000000: 80  .\n\n00000010: 80  .\n',
      'line 3 has the offset 00000010, expected 0',
    ],
  ])('%s is an error', (_, dump, message) => {
    expect(read(dump).at(-1)).toBe(message);
  });

  test('any bytes, in any width, come back; damaged lines give a CaptureError and nothing else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.string(),
        (content, at, other) => {
          const dump = shown(content, '', 8);
          const found = [...readHexDumps(dump)];
          expect(found.map((one) => hex(one.bytes))).toEqual([hex(content)]);
          const place = at % dump.length;
          const damaged = dump.slice(0, place) + other + dump.slice(place + 1);
          try {
            for (const one of readHexDumps(damaged)) expect(one.bytes.length).toBeLessThan(1_000_000);
          } catch (error) {
            expect(error).toBeInstanceOf(CaptureError);
          }
        },
      ),
      fcParameters(),
    );
  });
});

describe('gzip', () => {
  const capture = pcap(1, [{ seconds: 1, fraction: 0, bytes: ethernet(ipv4(udp(bytes(HELLO)))) }]);
  const one = `10.0.0.1:5000>10.0.0.2:7777 ${HELLO}`;

  test('captures, sessions and text', () => {
    expect(read(gzipSync(capture))).toEqual([one]);
    expect(read(gzipSync('{"datagrams":[[0,"client","8000"]]}'))).toEqual(['client> 8000']);
    expect(read(gzipSync(`${HELLO}\n`))).toEqual([`> ${HELLO}`]);
    // Behind each other, as `cat a.gz b.gz` has them.
    expect(read(Buffer.concat([gzipSync(`${HELLO}\n`), gzipSync(`${ODD}\n`)]))).toEqual([
      `> ${HELLO}`,
      `> ${ODD}`,
    ]);
  });

  test('what is whole of a file that was cut off is read, then comes the error', () => {
    const whole = gzipSync(`${HELLO}\n`);
    expect(read(whole.subarray(0, -9))).toEqual([`> ${HELLO}`, 'gzip: the file is cut off']);
  });

  test('damaged files, gzip in gzip', () => {
    const damaged = Uint8Array.from(gzipSync(capture));
    damaged[12] = (damaged[12] ?? 0) ^ 0xff;
    expect(read(damaged).at(-1)).toMatch(/^gzip: /);
    expect(read(gzipSync(gzipSync(capture))).at(-1)).toMatch(/^neither pcap, pcapng nor text/);
  });
});

describe('DTLS', () => {
  let folder = '';
  let keyLogFile = '';
  let file: Uint8Array = new Uint8Array(0);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godot-enet-inputs-'));
    keyLogFile = join(folder, 'keys.log');
    file = await captured();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A game over DTLS, seen from outside. The server logs its keys. */
  async function captured(): Promise<Uint8Array> {
    const { key, certificate } = await createSelfSignedCertificate({ names: ['game.example'] });
    const net = new SimNetwork({ latencyMs: 5 });
    const frames: { seconds: number; fraction: number; bytes: Uint8Array }[] = [];
    const ipOf = ({ ip }: Address): Uint8Array => Uint8Array.from(ip.split('.').map(Number));
    net.onDatagram(({ fate, from, to, bytes: payload, timeMs }) => {
      if (fate !== 'delivered') return;
      const segment = udp(payload);
      new DataView(segment.buffer).setUint16(0, from.port);
      new DataView(segment.buffer).setUint16(2, to.port);
      const packet = ipv4(segment);
      packet.set(ipOf(from), 12);
      packet.set(ipOf(to), 16);
      frames.push({ seconds: 0, fraction: timeMs * 1000, bytes: ethernet(packet) });
    });
    const server = new ENetConnection({ runtime: net.createRuntime('10.0.0.1'), dtls: { keyLogFile } });
    server.createHostBound('*', 7777, 4, 2);
    expect(server.dtlsServerSetup(TLSOptions.server(key, certificate))).toBe(0);
    const client = new ENetConnection({ runtime: net.createRuntime('10.0.0.2') });
    client.createHost(1, 2);
    client.dtlsClientSetup('game.example', TLSOptions.client(certificate));
    const peer = client.connectToHost('10.0.0.1', 7777, 2);
    let isIn = false;
    for (let step = 0; step < 100 && !isIn; step++) {
      server.service();
      isIn = client.service()[0] === ENetConnection.EVENT_CONNECT;
      net.advance(5);
    }
    expect(isIn).toBe(true);
    peer?.send(0, bytes('040500000068656c6c6f'), 1);
    for (let step = 0; step < 10; step++) {
      client.service();
      server.service();
      net.advance(5);
    }
    client.destroy();
    server.destroy();
    return pcap(1, frames);
  }

  test('with the key log of the server everything in it is read', async () => {
    const keyLog = readFileSync(keyLogFile, 'utf8');
    const all = await lines({ input: { file }, keyLog });
    expect(all.filter((line) => line.includes('NOT READ'))).toEqual([]);
    expect(all.filter((line) => line.includes(', out of DTLS')).length).toBeGreaterThan(3);
    expect(
      all.some((line) => line.includes('SEND_RELIABLE channel 0 #1: 10 bytes, STRING: String "hello"')),
    ).toBe(true);
    expect(all.at(-1)).toMatch(
      /0 datagrams not fully read; 0 packets not decoded; [5-9] datagrams of DTLS itself$/,
    );
    const json = await lines({ input: { file }, keyLog, isJson: true });
    expect(JSON.parse(json[0] ?? '')).toMatchObject({ isDecrypted: true, commands: [{ name: 'CONNECT' }] });
    // A port still chooses.
    expect((await lines({ input: { file }, keyLog, port: 1 })).at(-1)).toContain('0 datagrams, ');
  });

  test('without its key each encrypted datagram says so', async () => {
    const other = `CLIENT_RANDOM ${'00'.repeat(32)} ${'00'.repeat(48)}`;
    const all = await lines({ input: { file }, keyLog: other });
    expect(all.find((line) => line.includes('NOT READ'))).toBe(
      '    NOT READ: it is DTLS: the key log has no key of its session',
    );
    await expect(lines({ input: { file }, keyLog: 'no keys' })).rejects.toThrow(
      'the key log has no line CLIENT_RANDOM',
    );
    expect(existsSync(keyLogFile)).toBe(true);
  });
});
