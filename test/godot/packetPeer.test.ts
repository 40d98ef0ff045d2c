/** getVar, putVar and the buffer size. godot-enet-classes 7.1, variant-codec 2.8. */
import { expect, test } from 'vitest';
import { type DecodeOptions, Dictionary, GodotObject, StringName, Vector3 } from '../../codec/index.ts';
import type { GodotError } from '../../src/godot/errors.ts';
import { PacketPeer } from '../../src/godot/PacketPeer.ts';
import { ConnectionWorld } from './support.ts';

/** A packet peer that gets back what it sends. */
class Loopback extends PacketPeer {
  readonly packets: Uint8Array[] = [];
  readonly lines: string[] = [];

  override getAvailablePacketCount(): number {
    return this.packets.length;
  }

  protected override takePacket(): Uint8Array | GodotError {
    return this.packets.shift() ?? 2;
  }

  protected override sendPacket(bytes: Uint8Array): GodotError {
    this.packets.push(bytes);
    return 0;
  }

  protected override trace(line: string): void {
    this.lines.push(line);
  }
}

test('a Variant crosses the network', () => {
  const world = new ConnectionWorld();
  const { toServer, toClient } = world.pair();
  expect(toServer.putVar({ name: 'Ann', at: new Vector3(1, 2, 3), list: [1, 2.5, null, true] })).toBe(0);
  world.run(20);
  const value = toClient.getVar();
  expect(toClient.getPacketError()).toBe(0);
  expect(value instanceof Dictionary && Object.fromEntries(value)).toEqual({
    name: 'Ann',
    at: new Vector3(1, 2, 3),
    list: [1, 2.5, null, true],
  });
});

test('null is sent, and told apart from an error', () => {
  const peer = new Loopback();
  expect(peer.putVar(null)).toBe(0);
  expect(peer.getVar()).toBeNull();
  expect(peer.getPacketError()).toBe(0);
  expect(peer.getVar()).toBeNull();
  expect(peer.getPacketError()).toBe(2);
  expect(peer.lines).toEqual(['getVar: no packet to fetch (ERR_UNAVAILABLE)']);
});

test.each([
  ['nothing', '', 30],
  ['three bytes', '000000', 30],
  ['an unknown type', 'ff000000', 30],
  ['a string without its end', '04000000ff00000061', 18],
])('getVar of %s is null with an error; the packet is gone', (_name, hex, error) => {
  const peer = new Loopback();
  peer.packets.push(Uint8Array.from(Buffer.from(hex, 'hex')), Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0));
  expect(peer.getVar()).toBeNull();
  expect(peer.getPacketError()).toBe(error);
  expect(peer.lines).toHaveLength(1);
  expect(peer.getVar()).toBe(true);
  expect(peer.getPacketError()).toBe(0);
});

test('getVar copies, whatever the options of others are', () => {
  const peer = new Loopback();
  const options: DecodeOptions = { borrow: true };
  peer.putVar(new Float32Array(100).fill(0.5));
  const [packet] = peer.packets;
  const numbers = peer.getVar(options);
  packet?.fill(0);
  expect(numbers).toEqual(new Float32Array(100).fill(0.5));
});

test('getVar ignores bytes behind the value', () => {
  const peer = new Loopback();
  peer.packets.push(Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 99, 98));
  expect(peer.getVar()).toBe(true);
});

test('putVar: what Godot does not have is refused with its error', () => {
  const peer = new Loopback();
  const loop: unknown[] = [];
  loop.push(loop);
  // Scripts in plain JavaScript can pass anything.
  expect(peer.putVar(Symbol('x') as unknown as null)).toBe(31);
  expect(peer.putVar((() => 1) as unknown as null)).toBe(31);
  expect(peer.putVar(loop as unknown as null)).toBe(6);
  expect(peer.lines).toHaveLength(3);
  expect(peer.packets).toEqual([]);
});

test('objects need to be allowed on both sides', () => {
  const peer = new Loopback();
  const object = new GodotObject('Resource', [['resource_name', 'x']]);
  expect(peer.putVar(object)).not.toBe(0);
  for (let i = 0; i < 3; i++) expect(peer.putVar(object, true)).toBe(0);
  expect(peer.getVar()).toBeNull();
  expect(peer.getPacketError()).toBe(4);
  expect(peer.getVar(true)).toBeInstanceOf(GodotObject);
  expect(peer.allowObjectDecoding).toBe(false);
  peer.allowObjectDecoding = true;
  expect(peer.getVar()).toBeInstanceOf(GodotObject);
});

test('encodeBufferMaxSize: the default, the range, the rounding', () => {
  const peer = new Loopback();
  expect(peer.encodeBufferMaxSize).toBe(8 * 1024 * 1024);
  for (const [asked, gives] of [
    [1024, 1024],
    [1025, 2048],
    [5000, 8192],
    [256 * 1024 * 1024, 256 * 1024 * 1024],
    [256 * 1024 * 1024 - 1, 256 * 1024 * 1024],
  ] as const) {
    peer.encodeBufferMaxSize = asked;
    expect(peer.getEncodeBufferMaxSize()).toBe(gives);
  }
  expect(peer.lines).toEqual([]);
  for (const bad of [1023, 0, -1, 256 * 1024 * 1024 + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
    peer.setEncodeBufferMaxSize(bad);
    expect(peer.encodeBufferMaxSize).toBe(256 * 1024 * 1024);
  }
  expect(peer.lines).toHaveLength(6);
});

test('putVar: more than encodeBufferMaxSize gives ERR_OUT_OF_MEMORY', () => {
  const peer = new Loopback();
  peer.encodeBufferMaxSize = 1024;
  // A String has 8 bytes of head.
  expect(peer.putVar('x'.repeat(1016))).toBe(0);
  expect(peer.putVar('x'.repeat(1017))).toBe(6);
  expect(peer.putVar(new StringName('short'))).toBe(0);
  expect(peer.getAvailablePacketCount()).toBe(2);
  expect(peer.lines).toEqual([expect.stringContaining('ERR_OUT_OF_MEMORY')]);
});

test('putPacket: an empty one is not sent', () => {
  const peer = new Loopback();
  expect(peer.putPacket(new Uint8Array(0))).toBe(0);
  expect(peer.packets).toEqual([]);
});

test('getPacket after an error clears the error', () => {
  const peer = new Loopback();
  expect(peer.getPacket()).toEqual(new Uint8Array(0));
  expect(peer.getPacketError()).toBe(2);
  peer.putPacket(Uint8Array.of(1));
  expect(peer.getPacket()).toEqual(Uint8Array.of(1));
  expect(peer.getPacketError()).toBe(0);
});
