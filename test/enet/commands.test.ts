import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildDatagram, parseDatagram } from '../../src/enet/commands.ts';
import { bytes, hex as hexOf } from '../support/hex.ts';

interface Session {
  readonly what: string;
  readonly datagrams: readonly (readonly [number, string, string])[];
}

const session = JSON.parse(
  readFileSync(new URL('../../golden/sessions/module-none.json', import.meta.url), 'utf8'),
) as Session;

describe('a recorded session between ENetClient and ENetServer', () => {
  test('every datagram parses to its last byte and is rebuilt byte for byte', () => {
    const names = new Set<string>();
    for (const [, , hex] of session.datagrams) {
      const datagram = parseDatagram(bytes(hex));
      expect(datagram, hex).toBeDefined();
      if (datagram === undefined) return;
      expect(datagram.rest, hex).toHaveLength(0);
      expect(datagram.commands.length, hex).toBeGreaterThan(0);
      for (const command of datagram.commands) names.add(command.name);
      expect(hexOf(buildDatagram(datagram))).toBe(hex);
    }
    expect([...names].sort()).toEqual([
      'ACKNOWLEDGE',
      'BANDWIDTH_LIMIT',
      'CONNECT',
      'DISCONNECT',
      'PING',
      'SEND_FRAGMENT',
      'SEND_RELIABLE',
      'SEND_UNSEQUENCED',
      'VERIFY_CONNECT',
    ]);
  });

  test('a datagram that is cut anywhere never throws and keeps what is left in rest', () => {
    for (const [, , hex] of session.datagrams) {
      const whole = bytes(hex);
      for (let length = 0; length < Math.min(whole.length, 120); length++) {
        const cut = whole.subarray(0, length);
        const datagram = parseDatagram(cut);
        if (datagram === undefined) {
          expect(length).toBeLessThan(4);
          continue;
        }
        expect(hexOf(buildDatagram(datagram))).toBe(hexOf(cut));
      }
    }
  });
});

describe('layouts that the session does not hold (enet-protocol 13)', () => {
  test.each([
    ['13.5 SEND_UNRELIABLE', '00000701000000010005756e72656c', 'SEND_UNRELIABLE'],
    ['13.9 THROTTLE_CONFIGURE', '800042c78bff000300000fa00000000300000001', 'THROTTLE_CONFIGURE'],
    [
      '13.8 SEND_UNRELIABLE_FRAGMENT',
      `00000c01000000030002000000020000000100000557000005550a0b`,
      'SEND_UNRELIABLE_FRAGMENT',
    ],
    ['13.10 DISCONNECT', '8000474084ff000600000063', 'DISCONNECT'],
  ])('%s', (_title, hex, name) => {
    const datagram = parseDatagram(bytes(hex));
    expect(datagram?.commands.map((command) => command.name)).toEqual([name]);
    if (datagram !== undefined) expect(hexOf(buildDatagram(datagram))).toBe(hex);
  });

  test('a compressed datagram without a decompressor is not guessed at', () => {
    expect(parseDatagram(bytes('400001fefe2896dfc35a19efc756629ddfb522be35'))).toBeUndefined();
  });
});
