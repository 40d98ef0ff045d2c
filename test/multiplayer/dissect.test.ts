/** Packets taken apart: those of the specification, those of a real engine, and damaged ones. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { MultiplayerDissector } from '../../src/multiplayer/MultiplayerDissector.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { dissectMultiplayerPacket } from '../../src/multiplayer/wire/dissectPacket.ts';
import { readCases } from './golden/cases.ts';

const golden = fileURLToPath(new URL('../../golden/multiplayer', import.meta.url));

class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = { alpha: rpc('any_peer'), say: rpc('any_peer') };
}

function lines(packets: readonly string[], withScene = false): string[] {
  const mirror = new SceneMirror();
  mirror.registerScript(Main);
  mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
  const dissector = new MultiplayerDissector(withScene ? { mirror } : {});
  return packets.map((hex) => dissector.describe('a', Buffer.from(hex.replaceAll(' ', ''), 'hex')));
}

describe('in words', () => {
  test('the commands of the specification', () => {
    expect(
      lines([
        '03 010203',
        '07 00 aabb',
        '07 01 4d000000',
        '07 02 4d000000',
        '07 03 4d000000 a0 06000080 01 4d61696e2f4e00',
        '02 01 01000000',
        '02 00 4d61696e2f4e00',
        '02 01 61626300',
        '00 01 02 04 02 01 02 ff 42 2c01 82 70110100',
        '80 01 00 090807',
        '04 00 01000000 01000000 02000000 03000000 02000000 03000000 503100 0205 05000000 0000803f 00000040 04000000 03000000 626f6200',
        '04 ff 01000000 04000000 00000000 03000000 433700 02000000 0207',
        '05 04000000',
        '06 1e00 02000080 02000000 0205 02000000 0e000000 0209 05000000 0000803f 00000040',
        '16 03000000 0200000000000000 02000000 0209',
      ]),
    ).toEqual([
      'RAW 3 bytes',
      'AUTH 2 bytes',
      'ADD_PEER 77',
      'DEL_PEER 77',
      'RELAY 77: REMOTE_CALL Main/N.method 1()',
      'CONFIRM_PATH 1',
      'CONFIRM_PATH Main/N, its methods differ',
      'CONFIRM_PATH 6513249 or abc',
      'REMOTE_CALL node 1.method 2(1, -1, 300, 70000)',
      'REMOTE_CALL node 1.method 0(PackedByteArray(9, 8, 7))',
      'SPAWN "P1" as 1, scene 0 of node 1, synchronizers 2, 3: [5, Vector2(1, 2), "bob"]',
      'SPAWN "C7" as 4, custom 7 of node 1, synchronizers none: []',
      'DESPAWN 4',
      'SYNC 30: node 2 [5]; 2 [9, Vector2(1, 2)]',
      'DELTA 3 mask 10 [9]',
    ]);
  });

  test('numbers become paths once they were announced, and methods have names with a scene', () => {
    const wrong = 'd41d8cd98f00b204e9800998ecf8427e';
    const announced = `01${Buffer.from(wrong).toString('hex')}00010000004d61696e00`;
    const call = '00 01 01 01 0207';
    expect(lines([call, announced, call])).toEqual([
      'REMOTE_CALL node 1.method 1(7)',
      `SIMPLIFY_PATH 1 is Main, methods ${wrong}`,
      'REMOTE_CALL Main.method 1(7)',
    ]);
    expect(lines([announced, call], true)).toEqual([
      `SIMPLIFY_PATH 1 is Main, methods ${wrong}, not those of the scene (alpha, say)`,
      'REMOTE_CALL Main.say(7)',
    ]);
  });

  test('numbers belong to their sender', () => {
    const dissector = new MultiplayerDissector();
    dissector.describe(2, Buffer.from(`01${'00'.repeat(33)}010000004d00`, 'hex'));
    expect(dissector.describe(3, Buffer.from('800101', 'hex'))).toBe('REMOTE_CALL node 1.method 1()');
    expect(dissector.describe(2, Buffer.from('800101', 'hex'))).toBe('REMOTE_CALL M.method 1()');
  });

  test.each([
    ['', 'unreadable (an empty packet)'],
    ['01', 'unreadable (1 bytes, at least 38 expected)'],
    ['30 00', 'unreadable (the size of the node id is invalid)'],
    ['00 01 02 01 04', 'REMOTE_CALL node 1.method 2(null) (argument 0: '],
    [
      '04 00 01000000 01000000 00000040 03000000',
      'unreadable (1073741824 synchronizers and a name of 3 bytes are',
    ],
    ['06 0100 02000000 ff000000', 'SYNC 1:  (255 bytes of state at 3 are more than there is)'],
    ['07 09 00000000', 'unreadable (the SYS command 9 does not exist)'],
    ['07 03 00000000 07 00', 'RELAY 0: unreadable (a SYS packet inside a RELAY)'],
  ])('damaged: %s', (hex, line) => {
    expect(lines([hex])[0]?.slice(0, line.length)).toBe(line);
  });
});

test('every packet that a real engine sent can be read', () => {
  let count = 0;
  for (const kind of ['rpc', 'paths', 'system', 'spawn', 'sync']) {
    for (const { name, steps } of readCases(join(golden, `${kind}.json`))) {
      for (const { then = [] } of steps) {
        for (const event of then) {
          const hex = (event['put'] as readonly unknown[] | undefined)?.[3];
          if (typeof hex !== 'string') continue;
          const { packet, problem } = dissectMultiplayerPacket(Buffer.from(hex, 'hex'));
          // What a client relays may be anything; a stray SYNC of 3 bytes is the engine's own.
          if (packet?.command === 'RELAY') continue;
          expect([name, hex, problem]).toEqual([name, hex, undefined]);
          count++;
        }
      }
    }
  }
  expect(count).toBeGreaterThan(5000);
});

test('nothing throws, whatever the bytes', () => {
  const dissector = new MultiplayerDissector();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 0, max: 7 }), (bytes, command) => {
      const packet = Uint8Array.of(((bytes[0] ?? 0) & 0xf8) | command, ...bytes.subarray(1));
      expect(typeof dissector.describe('a', packet)).toBe('string');
    }),
  );
});
