import { describe, expect, test } from 'vitest';
import { ENetPacketUtils, Vector2, varToBytes } from '../../codec/index.ts';
import type { PayloadMode } from '../../src/dissect/packetValue.ts';
import type { FragmentCommand } from '../../src/enet/commands.ts';
import { bytes } from '../support/hex.ts';
import { datagramOf, dissector, lines, sending } from './support.ts';

function fragment(fields: Partial<FragmentCommand>): FragmentCommand {
  return {
    name: 'SEND_FRAGMENT',
    wantsAcknowledge: true,
    isUnsequenced: false,
    channel: 0,
    reliableSeq: (fields.startSeq ?? 1) + (fields.fragmentNumber ?? 0),
    startSeq: 1,
    fragmentCount: 2,
    fragmentNumber: 0,
    totalLength: 6,
    offset: 3 * (fields.fragmentNumber ?? 0),
    payload: Uint8Array.of(0, 1, 2),
    ...fields,
  };
}

describe('packets', () => {
  const cases: [string, PayloadMode, Uint8Array, string[]][] = [
    [
      'JSON',
      'packet',
      ENetPacketUtils.encodeJson('{"a":[1,2.5]}'),
      ['18 bytes, JSON: Dictionary { "a": [1.0, 2.5] }'],
    ],
    [
      'JSON that is none',
      'packet',
      ENetPacketUtils.encodeJson('{'),
      ['6 bytes, JSON: String "{"', 'note: the text is no JSON: '],
    ],
    ['null', 'packet', ENetPacketUtils.encodeAuto(null), ['5 bytes, VARIANT: Nil <null>']],
    ['a float', 'packet', ENetPacketUtils.encodeVariant(0.5), ['9 bytes, VARIANT: float 0.5']],
    ['no bytes', 'packet', bytes(''), ['0 bytes', 'NOT READ: an empty packet has no type byte']],
    [
      'an unknown type',
      'packet',
      bytes('4142'),
      ['2 bytes: 4142', 'NOT READ: its first byte 65 is no packet type (0 to 5)'],
    ],
    [
      'the reserved type',
      'packet',
      bytes('0200000000'),
      [
        '5 bytes, DICTIONARY: 0200000000',
        'NOT READ: packet type 2 is reserved: engines neither write nor read it',
      ],
    ],
    [
      'a cut Variant',
      'packet',
      bytes('0102000000'),
      [
        '5 bytes, VARIANT: 0102000000',
        'NOT READ: no Variant, see byte 5 of the packet: ERR_VARIANT_TRUNCATED: INT at offset 4 (needed 4 bytes, 0 left)',
      ],
    ],
    [
      'bytes behind a Variant',
      'packet',
      bytes('0100000000ff'),
      ['6 bytes, VARIANT: Nil <null>', 'note: 1 more byte follows the value'],
    ],
    [
      'a node without a Dictionary',
      'packet',
      bytes('0500000000'),
      ['5 bytes, NODE: Nil <null>', 'note: a node packet without a Dictionary: engines read {}'],
    ],
    [
      'a String without length',
      'packet',
      bytes('0401'),
      ['2 bytes, STRING: 0401', 'NOT READ: its length needs bytes 1 to 4 of the packet, which has 2'],
    ],
    [
      'a String beyond the packet',
      'packet',
      bytes('040500000061'),
      ['6 bytes, STRING: 040500000061', 'NOT READ: at byte 1 of the packet: 5 bytes announced, 1 are there'],
    ],
    [
      'a String that is no UTF-8',
      'packet',
      bytes('0401000000ff'),
      ['6 bytes, STRING: 0401000000ff', 'NOT READ: at byte 5 of the packet: the text is not UTF-8'],
    ],
    [
      'a String with a zero',
      'packet',
      bytes('0403000000610062'),
      ['8 bytes, STRING: String "a"', 'note: the text ends at a zero byte, 2 bytes early'],
    ],
    ['an empty String', 'packet', bytes('0400000000'), ['5 bytes, STRING: String ""']],
    ['a bare Variant', 'variant', varToBytes([1, new Vector2(1, 2)]), ['28 bytes: Array [1, (1.0, 2.0)]']],
    [
      'no bare Variant',
      'variant',
      bytes('63'),
      ['1 bytes: 63', 'NOT READ: no Variant, see byte 0 of the packet: ERR_VARIANT_TRUNCATED'],
    ],
    ['raw bytes', 'raw', bytes('0400000000'), ['5 bytes: 0400000000']],
  ];
  test.each(cases)('%s (%s)', async (_, payload, packet, expected) => {
    const text = (await dissector({ payload }))(sending(packet)).slice(1);
    expect(text).toHaveLength(expected.length);
    expect(text[0]).toBe(`    SEND_RELIABLE channel 0 #1: ${expected[0]}`);
    if (expected[1] !== undefined) expect(text[1]?.startsWith(`        ${expected[1]}`), text[1]).toBe(true);
  });

  test('packets of SceneMultiplayer, with the paths that were announced', async () => {
    const announced = `01${Buffer.from('d41d8cd98f00b204e9800998ecf8427e').toString('hex')}00010000004d61696e00`;
    const packets = [announced, '000101010207', '05'].map((hex) => sending(bytes(hex)));
    const text = await lines({ input: { datagrams: packets }, payload: 'multiplayer' });
    expect(text.filter((line) => line.startsWith('    ')).map((line) => line.replace(/.*#1: /, ''))).toEqual([
      '43 bytes, SIMPLIFY_PATH 1 is Main, methods d41d8cd98f00b204e9800998ecf8427e',
      '6 bytes, REMOTE_CALL Main.method 1(7)',
      '1 bytes: 05',
      '        NOT READ: 1 bytes, at least 5 expected',
    ]);
    const [json = ''] = await lines({
      input: { datagrams: packets.slice(1) },
      payload: 'multiplayer',
      isJson: true,
    });
    expect(JSON.parse(json).commands[0].packet).toEqual({
      length: 6,
      type: 'REMOTE_CALL',
      value: 's:node 1.method 1(7)',
    });
  });

  test('long values are shortened and say by how much; JSON and --full keep them', async () => {
    const datagram = sending(ENetPacketUtils.encodeAuto('y'.repeat(400)));
    const input = { datagrams: [datagram] };
    expect((await lines({ input }))[1]).toMatch(/"y{239}… \(162 more characters\)$/);
    expect((await lines({ input, isFull: true }))[1]).toMatch(/"y{400}"$/);
    expect((await lines({ input, isJson: true }))[0]).toMatch(/"value":"s:y{400}"/);
    const raw = { datagrams: [sending(new Uint8Array(60))] };
    expect((await lines({ input: raw, payload: 'raw' }))[1]).toMatch(
      /60 bytes: (00){48}… \(12 more bytes\)$/,
    );
  });

  test('JSON keeps the types of numbers, and says what has no notation', async () => {
    const values = varToBytes([
      1,
      2n ** 62n,
      0.5,
      4e20,
      Number.NaN,
      new Vector2(Number.POSITIVE_INFINITY, -0),
      '\u001b\u009b',
    ]);
    const [line = ''] = await lines({
      input: { datagrams: [sending(values)] },
      payload: 'variant',
      isJson: true,
    });
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(line).commands[0].packet.value).toEqual([
      'i:1',
      'i:4611686018427387904',
      'f:0.5',
      'f:400000000000000000000.0',
      'f:nan',
      { type: 'Vector2', args: ['inf', -0] },
      's:\u001b\u009b',
    ]);
    const object = Uint8Array.of(1, 24, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0);
    const [lost = ''] = await lines({ input: { datagrams: [sending(object)] }, isJson: true });
    expect(JSON.parse(lost).commands[0].packet).toEqual({
      length: 13,
      type: 'VARIANT',
      value: null,
      notes: [expect.stringContaining('became null: an object known only by its id')],
    });
  });
});

describe('fragments', () => {
  const packet = ENetPacketUtils.encodeAuto('z');
  const first = (fields: Partial<FragmentCommand> = {}) =>
    fragment({ payload: packet.subarray(0, 3), ...fields });
  const second = (fields: Partial<FragmentCommand> = {}) =>
    fragment({ fragmentNumber: 1, payload: packet.subarray(3), ...fields });
  const whole = '        whole packet, 6 bytes, STRING: String "z"';

  test('in any order, sent again, and the numbers used anew', async () => {
    const dissect = await dissector();
    expect(dissect(datagramOf([second()]))).toHaveLength(2);
    expect(dissect(datagramOf([second()]))[1]).toMatch(/\(sent again\)$/);
    expect(dissect(datagramOf([first()])).at(-1)).toBe(whole);
    expect(dissect(datagramOf([first()]))[1]).toMatch(/\(sent again\)$/);
    expect(dissect(datagramOf([first({ totalLength: 7 })]))).toHaveLength(2);
    expect(dissect(datagramOf([first()]))[1]).toMatch(/\(an unfinished packet of 7 bytes had this number\)$/);
    expect(dissect(datagramOf([second()])).at(-1)).toBe(whole);
  });

  test('unreliable ones, and both in one datagram', async () => {
    const name = 'SEND_UNRELIABLE_FRAGMENT';
    const text = (await dissector())(
      datagramOf([first({ name, reliableSeq: 4 }), second({ name, reliableSeq: 4 })]),
    );
    expect(text.slice(1)).toEqual([
      '    SEND_UNRELIABLE_FRAGMENT channel 0 #4/1, part 1 of 2: 3 of 6 bytes, from 0 on',
      '    SEND_UNRELIABLE_FRAGMENT channel 0 #4/1, part 2 of 2: 3 of 6 bytes, from 3 on',
      whole,
    ]);
  });

  test('directions, channels, sessions and kinds are kept apart', async () => {
    const dissect = await dissector();
    const ends = { from: 'a', to: 'b' };
    dissect(datagramOf([first()]), ends);
    expect(dissect(datagramOf([second()]), { from: 'b', to: 'a' })).not.toContain(whole);
    expect(dissect(datagramOf([second({ channel: 1 })]), ends)).not.toContain(whole);
    expect(dissect(datagramOf([second()], 1), ends)).not.toContain(whole);
    expect(dissect(datagramOf([second({ name: 'SEND_UNRELIABLE_FRAGMENT' })]), ends)).not.toContain(whole);
    expect(dissect(datagramOf([second()]), ends)).toContain(whole);
  });

  test.each([
    [{ fragmentCount: 0 }, '0 fragments are not possible'],
    [{ fragmentCount: 2_000_000 }, '2000000 fragments are not possible'],
    [{ fragmentNumber: 2 }, 'there is no fragment 3 of 2'],
    [{ payload: new Uint8Array() }, 'a fragment without bytes'],
    [{ offset: 4 }, 'bytes 4 to 7 do not fit into 6 bytes'],
    [
      { offset: 0xffffffff, totalLength: 0xffffffff },
      'bytes 4294967295 to 4294967298 do not fit into 4294967295 bytes',
    ],
  ])('%o is refused', async (fields, problem) => {
    expect((await dissector())(datagramOf([first(fields)])).at(-1)).toBe(`        NOT READ: ${problem}`);
  });

  test('holes, overlaps and missing bytes are found at the end', async () => {
    const dissect = await dissector();
    const problem = (a: Partial<FragmentCommand>, b: Partial<FragmentCommand>) =>
      dissect(datagramOf([first(a), second(b)])).at(-1);
    expect(problem({ startSeq: 1 }, { startSeq: 1, offset: 2 })).toBe(
      '        NOT READ: all fragments are there, but they do not meet at byte 3',
    );
    expect(problem({ startSeq: 9, totalLength: 8 }, { startSeq: 9, totalLength: 8 })).toBe(
      '        NOT READ: all fragments hold 6 of 8 bytes',
    );
  });

  test('unfinished packets are listed, in JSON too', async () => {
    const input = { datagrams: [datagramOf([first({ startSeq: 7 })])] };
    const text = 'unfinished packet slot 0 session 0 channel 0 #7: 1 of 2 fragments, 3 of 6 bytes';
    expect((await lines({ input })).at(-2)).toBe(text);
    expect(JSON.parse((await lines({ input, isJson: true })).at(-1) ?? '')).toEqual({ problem: text });
  });
});
