/** Every datagram of the recorded sessions in modes 1 and 2, where our bytes must be the engine's. */
import { describe, expect, test } from 'vitest';
import { createFastLz } from '../../../src/enet/compress/fastlz.ts';
import { createRangeCoder } from '../../../src/enet/compress/rangeCoder.ts';
import { compress, decompress, hex, MAX_BODY, recorded, walkCommands } from './support.ts';

describe.each([
  ['module-range-coder', createRangeCoder()],
  ['module-fastlz', createFastLz()],
])('golden/sessions/%s', (name, compressor) => {
  const datagrams = recorded(name);
  const packed = datagrams.filter((datagram) => datagram.isCompressed);
  const plain = datagrams.filter((datagram) => !datagram.isCompressed);

  test('has datagrams of both kinds', () => {
    expect(packed.length).toBeGreaterThanOrEqual(10);
    expect(plain.length).toBeGreaterThanOrEqual(20);
  });

  test('9.4 what is flagged decompresses to ENet commands', () => {
    for (const { body, headerLength } of packed) {
      const commands = decompress(compressor, body, MAX_BODY - headerLength);
      expect(walkCommands(commands).length).toBeGreaterThan(0);
    }
  });

  test('our encoder writes the same bytes as the engine', () => {
    for (const { body } of packed) {
      const commands = decompress(compressor, body);
      expect(hex(compress(compressor, commands, commands.length))).toBe(hex(body));
    }
  });

  test('9.3 what is not flagged would not have become smaller', () => {
    for (const { body } of plain) {
      expect(walkCommands(body).length).toBeGreaterThan(0);
      const length = compress(compressor, body, body.length).length;
      expect(length === 0 || length >= body.length).toBe(true);
    }
  });
});
