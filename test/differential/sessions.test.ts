/**
 * Our codecs against the engine's: every datagram of the recorded sessions, in all five compression modes, is taken
 * apart down to the values in its packets, and put together again. What a session means does not depend on its mode,
 * so all five must hold the same values. (test/server/session.test.ts replays the sessions against server and client.)
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENetPacketUtils } from '../../codec/packet/ENetPacketUtils.ts';
import { type ParsedDatagram, parseDatagram } from '../../src/enet/commands.ts';
import type { Compressor } from '../../src/enet/compressor.ts';
import { CompressionMode } from '../../src/godot/constants.ts';
import { createCompressor, prepareZstd } from '../../src/io/compression.ts';
import { parseSession, type SessionSide, sessionBytes } from '../../src/testing/session.ts';

const MODES = [
  ['none', CompressionMode.COMPRESS_NONE],
  ['range-coder', CompressionMode.COMPRESS_RANGE_CODER],
  ['fastlz', CompressionMode.COMPRESS_FASTLZ],
  ['zlib', CompressionMode.COMPRESS_ZLIB],
  ['zstd', CompressionMode.COMPRESS_ZSTD],
] as const;
/** Their output does not depend on a library's version (golden/README.md). */
const EXACT_MODES: readonly number[] = [
  CompressionMode.COMPRESS_RANGE_CODER,
  CompressionMode.COMPRESS_FASTLZ,
];
const SIDES: readonly SessionSide[] = ['client', 'server'];

interface TakenDatagram {
  readonly bytes: Uint8Array;
  readonly parsed: ParsedDatagram;
  /** The commands, uncompressed. */
  readonly body: Uint8Array;
}

/** A recorded session with everything in it unpacked. */
class TakenApart {
  readonly datagrams: readonly TakenDatagram[];
  /** The packets of each side in the order in which they are complete, each once. */
  readonly packets: Readonly<Record<SessionSide, Uint8Array[]>> = { client: [], server: [] };
  readonly #compressor: Compressor | undefined;

  constructor(name: string, compressor: Compressor | undefined) {
    this.#compressor = compressor;
    const file = new URL(`../../golden/sessions/module-${name}.json`, import.meta.url);
    const seen = new Set<string>();
    const fragments = new Map<string, Uint8Array[]>();
    this.datagrams = parseSession(readFileSync(file, 'utf8')).datagrams.map((datagram) => {
      const bytes = sessionBytes(datagram);
      let body: Uint8Array = new Uint8Array();
      const parsed = parseDatagram(bytes, { decompress: (packed) => (body = this.decompress(packed)) });
      if (parsed === undefined) throw new Error('a datagram cannot be unpacked');
      this.#collect(datagram[1], parsed, seen, fragments);
      return { bytes, parsed, body };
    });
  }

  decompress(packed: Uint8Array): Uint8Array {
    const output = new Uint8Array(4096);
    const length = this.#compressor?.decompress(packed, 0, packed.length, output, 0, output.length) ?? 0;
    if (length === 0) throw new Error('a datagram cannot be decompressed');
    return output.slice(0, length);
  }

  compress(body: Uint8Array): Uint8Array {
    const output = new Uint8Array(4096);
    const length = this.#compressor?.compress(body, 0, body.length, output, 0, output.length) ?? 0;
    return output.slice(0, length);
  }

  #collect(
    side: SessionSide,
    parsed: ParsedDatagram,
    seen: Set<string>,
    fragments: Map<string, Uint8Array[]>,
  ): void {
    for (const command of parsed.commands) {
      if (!('payload' in command)) continue;
      const { name, channel, reliableSeq, payload } = command;
      const unreliable = 'unreliableSeq' in command ? command.unreliableSeq : 0;
      const key = `${side} ${name} ${channel} ${reliableSeq} ${unreliable}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (!('fragmentCount' in command)) {
        this.packets[side].push(Uint8Array.from(payload));
        continue;
      }
      const start = `${side} ${channel} ${command.startSeq}`;
      const parts = fragments.get(start) ?? [];
      fragments.set(start, parts);
      parts[command.fragmentNumber] = payload;
      if (parts.filter((part) => part !== undefined).length < command.fragmentCount) continue;
      this.packets[side].push(Uint8Array.from(parts.flatMap((part) => [...part])));
    }
  }
}

// The wasm package, which brings zstd to Node 20, cannot start synchronously. Where it is missing, the test says so.
await prepareZstd();

describe.each(MODES)('module-%s', (name, mode) => {
  const session = new TakenApart(name, createCompressor(mode));

  test('every datagram is decompressed and read to its end', () => {
    expect(session.datagrams.length).toBeGreaterThan(20);
    for (const { parsed } of session.datagrams) {
      expect(parsed.commands.length).toBeGreaterThan(0);
      // FastLZ pads short bodies with zeros.
      if (mode === CompressionMode.COMPRESS_FASTLZ)
        expect(parsed.rest.every((byte) => byte === 0)).toBe(true);
      else expect(parsed.rest).toHaveLength(0);
    }
    const compressed = session.datagrams.filter(({ parsed }) => parsed.isCompressed).length;
    expect(compressed > 5).toBe(mode !== CompressionMode.COMPRESS_NONE);
  });

  test('compressing again gives what the engine sent', () => {
    for (const { parsed, bytes, body } of session.datagrams) {
      if (!parsed.isCompressed) continue;
      const packed = session.compress(body);
      if (EXACT_MODES.includes(mode)) {
        expect(packed).toEqual(bytes.subarray(parsed.sentTime === undefined ? 2 : 4));
      } else {
        expect(session.decompress(packed)).toEqual(body);
      }
    }
  });

  test.each(SIDES)('every packet of the %s is understood, and encoding it again gives its bytes', (side) => {
    for (const bytes of session.packets[side]) {
      // Throws a DecodeError for what it does not understand.
      const value = ENetPacketUtils.decodeAuto(bytes, { exact: true });
      if (bytes[0] !== NODE_PACKET) expect(ENetPacketUtils.encodeAuto(value)).toEqual(bytes);
    }
  });

  test.each(SIDES)('the %s says the same as without compression', (side) => {
    const plain = new TakenApart('none', undefined);
    expect(plain.packets[side].length).toBeGreaterThan(3);
    expect(session.packets[side].map((bytes) => ENetPacketUtils.decodeAuto(bytes))).toEqual(
      plain.packets[side].map((bytes) => ENetPacketUtils.decodeAuto(bytes)),
    );
  });
});

const NODE_PACKET = 5;
