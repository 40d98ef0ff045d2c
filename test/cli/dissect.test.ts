import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Dictionary, ENetPacketUtils, parseJson, toNative, Vector2 } from '../../codec/index.ts';
import { datagramJson } from '../../src/cli/jsonReport.ts';
import { type DissectedDatagram, Dissector } from '../../src/dissect/Dissector.ts';
import { COMPRESSION_NAMES, createUnpacker } from '../../src/dissect/unpack.ts';
import { buildDatagram, type ParsedCommand, parseDatagram } from '../../src/enet/commands.ts';
import { bytes, hex } from '../support/hex.ts';
import { ethernet, ipv4, pcap, udp } from './captureFiles.ts';
import { dissector, lines, sending } from './support.ts';

const golden = (mode: string): Uint8Array =>
  readFileSync(new URL(`../../golden/sessions/module-${mode}.json`, import.meta.url));

describe('recorded sessions of the engine', () => {
  const totals = {
    none: '39 datagrams, 64 commands, 15 packets',
    'range-coder': '36 datagrams, 60 commands, 14 packets',
    fastlz: '36 datagrams, 60 commands, 14 packets',
    zlib: '48 datagrams, 84 commands, 14 packets',
    zstd: '36 datagrams, 60 commands, 14 packets',
  };

  test.each(
    COMPRESSION_NAMES.flatMap(
      (mode) =>
        [
          [mode, undefined],
          [mode, 'auto'],
        ] as const,
    ),
  )('%s, --compression %s: everything is understood', async (mode, compression) => {
    const all = await lines({ input: { file: golden(mode) }, compression, isFull: true });
    expect(all.at(-1)).toBe(`${totals[mode]}; 0 datagrams not fully read; 0 packets not decoded`);
    expect(all.filter((line) => /NOT READ|unfinished/.test(line))).toEqual([]);
    // The mode that was found is the one that was recorded.
    const named = all
      .filter((line) => line.includes('of commands'))
      .map((line) => /, ([a-z-]+): \d+ bytes of commands/.exec(line)?.[1]);
    expect(new Set(named)).toEqual(new Set(mode === 'none' ? [] : [mode]));
    const text = all.map((line) => line.trim());
    for (const expected of [
      'SEND_RELIABLE channel 0 #1: 26 bytes, STRING: String "Welcome to the server"',
      'SEND_RELIABLE channel 1 #1: 61 bytes, VARIANT: Dictionary { "type": "ping", "timestamp": 12345 }',
      'SEND_UNSEQUENCED channel 0 group 1: 4 bytes, RAW: PackedByteArray of 3: 010203',
      'SEND_RELIABLE channel 0 #2: 65 bytes, VARIANT: Dictionary { "at": (1.0, 2.0), "_event": "spawn" }',
      'SEND_UNSEQUENCED channel 1 group 2: 41 bytes, VARIANT: Array [1, 2.5, (1.0, 2.0, 3.0)]',
      'SEND_FRAGMENT channel 0 #11 of packet #4, part 8 of 8: 453 of 10001 bytes, from 9548 on',
      `whole packet, 3005 bytes, STRING: String "${'x'.repeat(3000)}"`,
      'SEND_RELIABLE channel 0 #13: 8 bytes, STRING: String "bye"',
      'DISCONNECT data 0 #5',
    ]) {
      expect(text).toContain(expected);
    }
    const large = text.find((line) => line.startsWith('whole packet, 10001 bytes'));
    const content = /^whole packet, 10001 bytes, RAW: PackedByteArray of 10000: ([0-9a-f]{20000})$/.exec(
      large ?? '',
    )?.[1];
    expect(content).toMatch(/^00010409101924324152657a91aac6e3/);
  });

  test('the first lines', async () => {
    expect((await lines({ input: { file: golden('none') } })).slice(0, 7)).toEqual([
      '[1]  386.3 ms  client  52 bytes, no slot yet, session 0, sent at 329',
      '    CONNECT channels 2, data 0, slot 0, sessions in 255 out 255, mtu 1392, window 65536, bandwidth in 0 out 0, throttle 5000 ms +2 -2, connect id 509b02df',
      '[2]  388.4 ms  server  48 bytes, slot 0, session 0, sent at 1142',
      '    VERIFY_CONNECT slot 0, channels 2, sessions in 0 out 0, mtu 1392, window 65536, bandwidth in 0 out 0, throttle 5000 ms +2 -2, connect id 509b02df',
      '[3]  392.6 ms  client  10 bytes, slot 0, session 0',
      '    ACK control #1 sent at 1142',
      '[4]  403.9 ms  server  186 bytes, slot 0, session 0, sent at 1158',
    ]);
  });

  test.each(COMPRESSION_NAMES)('%s: JSON loses nothing', async (mode) => {
    const recorded = JSON.parse(new TextDecoder().decode(golden(mode))) as {
      datagrams: [number, string, string][];
    };
    const objects = (await lines({ input: { file: golden(mode) }, isJson: true })).map(
      (line) =>
        JSON.parse(line) as Record<string, unknown> & {
          commands: (Record<string, unknown> & { payload?: string })[];
        },
    );
    expect(objects.map(({ timeMs, from, bytes: all }) => [timeMs, from, all])).toEqual(recorded.datagrams);
    for (const object of objects) {
      expect(object['problem']).toBeUndefined();
      const commands = object.commands.map((command) =>
        command.payload === undefined ? command : { ...command, payload: bytes(command.payload) },
      ) as unknown as ParsedCommand[];
      const rebuilt = buildDatagram({
        peerId: object['peerId'] as number,
        session: object['session'] as number,
        isCompressed: false,
        sentTime: object['sentTime'] as number | undefined,
        commands,
        rest: bytes(object['rest'] as string),
      });
      if (object['compression'] === undefined) expect(hex(rebuilt)).toBe(object['bytes']);
      else expect(parseDatagram(rebuilt)?.commands).toHaveLength(commands.length);
    }
  });

  test('values in JSON are in native notation and become the same values again', async () => {
    const all = await lines({ input: { file: golden('none') }, isJson: true, filter: 'player_jump' });
    expect(all).toHaveLength(1);
    const object = parseJson(all[0] ?? '') as Dictionary<string, unknown>;
    const commands = object.get('commands') as Dictionary<string, Dictionary<string, never>>[];
    const value = commands[4]?.get('packet')?.get('value') ?? null;
    expect(toNative(value)).toEqual(
      new Dictionary<string, unknown>([
        ['_event', 'player_jump'],
        ['position', new Vector2(3, 4)],
      ]),
    );
  });

  test('a wrong mode, an unknown one in the file and a filter', async () => {
    const file = golden('zlib');
    const wrong = await lines({ input: { file }, compression: 'range-coder' });
    expect(wrong.at(-1)).toMatch(/; 11 datagrams not fully read;/);
    const none = await lines({ input: { file }, compression: 'none' });
    expect(none).toContain('    NOT READ: it is compressed, but the compression is "none"');
    const named = new TextEncoder().encode('{"compression":"lzma","datagrams":[]}');
    await expect(lines({ input: { file: named } })).rejects.toThrow(
      'the session names the compression "lzma"; known are none, range-coder, fastlz, zlib, zstd',
    );
    await expect(lines({ input: { file: named }, compression: 'auto' })).resolves.toHaveLength(1);
    const filtered = await lines({ input: { file: golden('none') }, filter: 'PLAYER_jump' });
    expect(filtered).toHaveLength(1 + 6 + 1);
    expect(filtered[0]).toMatch(/^\[8\] {2}615\.0 ms {2}client/);
  });
});

describe('what cannot be read is said, with place and reason', () => {
  test.each([
    ['', 'a datagram needs 2 bytes, it has 0'],
    ['80', 'a datagram needs 2 bytes, it has 1'],
    ['800000', 'its header needs 4 bytes, it has 3'],
    ['0000', 'it has no commands'],
    ['0000 00', '1 byte from byte 2 on: there is no command 0'],
    ['0000 05ff0001 0fff0001', '4 bytes from byte 6 on: there is no command 15'],
    ['80000001 82ff0001', '4 bytes from byte 4 on: CONNECT needs 48 bytes'],
    [
      '80000001 86000001 0384 aabb',
      '8 bytes from byte 4 on: SEND_RELIABLE announces 900 bytes of data, 2 are there',
    ],
    [
      '0000 07000001 0001 0003 aabb',
      '10 bytes from byte 2 on: SEND_UNRELIABLE announces 3 bytes of data, 2 are there',
    ],
    [
      '16fefd0000000000000000',
      '9 bytes from byte 2 on: there is no command 13 (it looks like DTLS, which is encrypted: --key-log opens it)',
    ],
    [
      '4000 ffffffff',
      'its 4 compressed bytes from byte 2 on give no whole commands with fastlz, range-coder, zlib, zstd',
    ],
  ])('%s', async (datagram, problem) => {
    const text = (await dissector())(bytes(datagram));
    expect(text.filter((line) => line.includes('NOT READ'))).toEqual([`    NOT READ: ${problem}`]);
  });

  test('what could be read before it stays', async () => {
    expect((await dissector())(bytes('8000000185ff0003ee11'))).toEqual([
      '[1]  10 bytes, slot 0, session 0, sent at 1',
      '    PING #3',
      '    NOT READ: 2 bytes from byte 8 on: there is no command 14',
      '    ee11',
    ]);
  });

  test.each(COMPRESSION_NAMES.slice(1))('data that is not %s', async (compression) => {
    const text = (await dissector({ compression }))(bytes('4000 ffff'));
    expect(text.at(1)).toBe(
      `    NOT READ: its 2 compressed bytes from byte 2 on are damaged or not ${compression}`,
    );
  });

  test('control characters of a capture do not reach the terminal', async () => {
    const packet = ENetPacketUtils.encodeAuto('\u001b[31m\u202eab\u009b\nc');
    const text = (await dissector())(sending(packet), { from: '\u001b]0;x\u0007' });
    expect(text[0]).toContain('\\u{1b}]0;x\\u{7}');
    expect(text[1]).toContain('String "\\u001b[31m\\u{202e}ab\\u{9b}\\nc"');
    expect(text.join('')).not.toMatch(/\p{Cc}|\u202e/u);
  });
});

describe('checksums (enet-protocol 13.12 and 13.14)', () => {
  const connect = bytes(
    '8fff4245 ace3d086 82ff0001 0000ffff 00000578 00010000 00000002 00000000 00000000 00001388 00000002 00000002 44332211 00000007',
  );
  const acknowledge = bytes('0000 546554fd 01ff0002 00024259');
  const head = (text: string[]): string => /checksum.*/.exec(text[0] ?? '')?.[0] ?? '';

  test('right, with the connect id of the CONNECT', async () => {
    const dissect = await dissector({ hasChecksum: true });
    expect(head(dissect(acknowledge))).toBe(
      'checksum 546554fd not verified: its CONNECT is not in the capture',
    );
    expect(head(dissect(connect))).toBe('checksum ace3d086 right');
    expect(head(dissect(acknowledge))).toBe('checksum 546554fd right');
  });

  test('wrong', async () => {
    const dissect = await dissector({ hasChecksum: true });
    const damaged = connect.slice();
    damaged[51] = 8;
    expect(head(dissect(damaged))).toMatch(/^checksum ace3d086 WRONG, [0-9a-f]{8} is right$/);
    dissect(connect);
    expect(head(dissect(bytes('0000 546554fc 01ff0002 00024259')))).toBe(
      'checksum 546554fc WRONG for the connections seen so far',
    );
  });

  test('with the range coder', async () => {
    const packed = bytes('cfff4245 a4633c42 837b88b1fdf1df576b999b36fcbb243e8a642656d33a62784b45eeaeaa27');
    const text = (await dissector({ hasChecksum: true }))(packed);
    expect(text[0]).toBe(
      '[1]  38 bytes, no slot yet, session 0, sent at 16965, range-coder: 48 bytes of commands, checksum a4633c42 right',
    );
    expect(text[1]).toMatch(/^ {4}CONNECT channels 2, data 7, /);
    // Without the option: a hint.
    expect((await dissector())(packed).join()).toContain('(it can be read with a checksum: --checksum)');
    expect((await dissector())(connect).join()).toContain('(it can be read with a checksum: --checksum)');
  });

  test('in JSON', async () => {
    const all = await lines({
      input: { datagrams: [acknowledge, connect] },
      hasChecksum: true,
      isJson: true,
    });
    expect(all.map((line) => JSON.parse(line).checksum.isRight)).toEqual([null, true]);
    expect(JSON.parse(all[1] ?? '').checksum.value).toBe(0xace3d086);
  });

  test('a header without room for it', async () => {
    expect((await dissector({ hasChecksum: true }))(bytes('000011'))[1]).toBe(
      '    NOT READ: its header needs 6 bytes, it has 3',
    );
  });
});

describe('packet captures', () => {
  const ping = Uint8Array.of(0x80, 0, 0, 1, 0x85, 0xff, 0, 3);
  const frames = [
    ethernet(ipv4(udp(ping))),
    ethernet(new Uint8Array(28), 0x0806),
    ethernet(ipv4(udp(ping, 99))),
  ];
  const file = pcap(
    1,
    frames.map((frame, i) => ({ seconds: i, fraction: 0, bytes: frame })),
  );

  test('addresses, frames without UDP and frames that cannot be read', async () => {
    expect(await lines({ input: { file }, port: 7777 })).toEqual([
      '[1]  0.0 ms  10.0.0.1:5000 > 10.0.0.2:7777  8 bytes, slot 0, session 0, sent at 1',
      '    PING #3',
      'frame at byte 148 NOT READ: only 16 of 99 UDP bytes were captured; capture with a larger snap length',
      '1 datagram, 1 command, 0 packets; 0 datagrams not fully read; 0 packets not decoded; 1 frame not read; 1 frame without UDP',
    ]);
    expect((await lines({ input: { file }, isJson: true })).map((line) => JSON.parse(line))).toMatchObject([
      { from: '10.0.0.1:5000', to: '10.0.0.2:7777', bytes: hex(ping) },
      { frameAt: 148 },
    ]);
  });

  test('other ports', async () => {
    expect((await lines({ input: { file }, port: 777 })).at(-1)).toMatch(
      /^0 datagrams.*; 1 datagram of other ports$/,
    );
    await expect(lines({ input: { file: golden('none') }, port: 1 })).rejects.toThrow(
      'ports are known in pcap and pcapng files, and in dumps of frames, only',
    );
  });
});

test('datagramJson gives one line of JSON for datagrams without a header', async () => {
  const made = new Dissector({
    unpacker: await createUnpacker('none'),
    hasChecksum: false,
    payload: 'packet',
  });
  const dissected: DissectedDatagram = made.dissect({ timeMs: 1, from: 'a', to: '', bytes: bytes('80') });
  expect(JSON.parse(datagramJson(dissected))).toEqual({
    index: 1,
    timeMs: 1,
    from: 'a',
    to: '',
    bytes: '80',
    commands: [],
    rest: '80',
    problem: 'a datagram needs 2 bytes, it has 1',
  });
});
