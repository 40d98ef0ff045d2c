/** W13: what strangers send compressed is unpacked within a budget, and what cannot be a stream is not tried at all. */
import { describe, expect, test } from 'vitest';
import type { Address, Compressor } from '../../src/enet.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { connectDatagram } from '../server/datagrams.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { HostWorld } from './harness.ts';

expectDiagnoses('damaged datagrams are what it is about');

const stranger: Address = { ip: '10.66.0.1', port: 1 };

/** Counts what is asked of it; nothing can be unpacked. */
class Refusing implements Compressor {
  readonly name = 'refusing';
  compress(): number {
    return 0;
  }
  decompress(): number {
    return 0;
  }
}

/** A compressed datagram for no slot, or for one. */
function damaged(header = 0xcfff): Uint8Array {
  return Uint8Array.of(header >> 8, header & 0xff, 0, 1, 0x78, 0x9c, 1, 2, 3, 4, 5, 6);
}

describe('a flood of damaged compressed datagrams', () => {
  test('one address: 500 at once and 100 a second; another one still has its own', () => {
    const compressor = new Refusing();
    const { node, world } = hostWith(compressor);
    flood(node, 5000, () => stranger);
    expect(node.host.dropCount('BAD_COMPRESSION')).toBe(500);
    expect(node.host.dropCount('TOO_MUCH_TO_UNPACK')).toBe(4500);
    world.run(1000, 100);
    flood(node, 5000, () => stranger);
    expect(node.host.dropCount('BAD_COMPRESSION')).toBe(600);
    flood(node, 10, () => ({ ip: '10.66.0.2', port: 1 }));
    expect(node.host.dropCount('BAD_COMPRESSION')).toBe(610);
  });

  test('many addresses: 2000 a second; the /64 of an IPv6 address is one', () => {
    const compressor = new Refusing();
    const { node, world } = hostWith(compressor);
    flood(node, 5000, (i) => ({ ip: `10.${i >> 8}.${i & 255}.1`, port: 1 }));
    expect(node.host.dropCount('BAD_COMPRESSION')).toBe(2000);
    world.run(1000, 100);
    flood(node, 5000, (i) => ({ ip: `2001:db8::${i.toString(16)}`, port: 1 }));
    expect(node.host.dropCount('BAD_COMPRESSION')).toBe(2500);
  });

  test('to a slot whose handshake is not complete: the same budget', () => {
    const compressor = new Refusing();
    const { node } = hostWith(compressor);
    node.feed(connectDatagram(1), stranger);
    node.service();
    flood(node, 5000, () => stranger, 0xc000);
    expect(node.host.dropCount('BAD_COMPRESSION')).toBe(500);
  });

  test('from a peer: 100 at once; its sound datagrams are not counted', () => {
    const world = new HostWorld();
    const compressor = createCompressor(3);
    const server = world.add({ compressor });
    const client = world.add({ compressor, peerCount: 1 });
    client.host.connect(server.address, 2, 0);
    world.run(1000, 10);
    flood(server, 5000, () => client.address, 0xc000);
    expect(server.host.dropCount('BAD_COMPRESSION')).toBe(100);
    expect(server.host.dropCount('TOO_MUCH_TO_UNPACK')).toBe(4900);
    world.run(20_000, 50);
    expect(server.log).toEqual(['CONNECT 0']);
  });

  test('zlib: what has no sound header is not given to the library', () => {
    const zlib = createCompressor(3);
    const output = new Uint8Array(64);
    const unpack = (bytes: readonly number[]): number =>
      zlib?.decompress(Uint8Array.from(bytes), 0, bytes.length, output, 0, 64) ?? -1;
    expect(unpack([0x78, 0x9c, 0x4b, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62])).toBe(1);
    for (const broken of [
      [0x78, 0x9d, 0x4b, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62],
      [0x77, 0x9c, 0x4b, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62],
      [0x78, 0xbb, 0x4b, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62],
      [0x78, 0x9c, 0x4f, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62],
      [0x78, 0x9c, 0x4b, 0x04, 0x00, 0x00, 0x62],
    ]) {
      expect(unpack(broken)).toBe(0);
    }
  });
});

function hostWith(compressor: Compressor) {
  const world = new HostWorld();
  return { world, node: world.add({ compressor }) };
}

function flood(
  node: ReturnType<HostWorld['add']>,
  count: number,
  from: (index: number) => Address,
  header?: number,
): void {
  for (let i = 0; i < count; i++) {
    node.feed(damaged(header), from(i));
    if (i % 100 === 99) node.host.service(node.world.now);
  }
  node.service();
}
