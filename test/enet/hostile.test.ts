/**
 * Hostile input: random and mutated datagrams into a host with live peers. enet-protocol 12.
 * FUZZ_DATAGRAMS and FC_SEED set how many and which.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createFastLz } from '../../src/enet/compress/fastlz.ts';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import {
  type Address,
  crc32,
  type DropReason,
  EventType,
  type HostOptions,
  Packet,
  PacketFlag,
  type Peer,
  PeerState,
} from '../../src/enet.ts';
import { Prng } from '../../src/testing/prng.ts';
import { parseSession, sessionBytes } from '../../src/testing.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { be, bytes, HostWorld, hex, type Node, toHex } from './harness.ts';

expectDiagnoses('hostile datagrams are what it is about');

const DATAGRAMS = Number(process.env['FUZZ_DATAGRAMS'] ?? 100_000);
const SEED = Number(process.env['FC_SEED'] ?? 20_26);
const WAITING = 200_000;
const PACKET = 50_000;

/** Drops that only a datagram which got far can cause. */
const DEEP: DropReason[] = [
  'BAD_CHANNEL',
  'BAD_LENGTH',
  'BAD_FRAGMENT',
  'OUT_OF_WINDOW',
  'DUPLICATE',
  'SUPERSEDED',
  'WRONG_STATE',
  'BAD_ACKNOWLEDGE',
];

/** A server with an attacked peer, a bystander, and room for foreigners. */
class Arena {
  readonly world = new HostWorld();
  readonly server: Node;
  readonly bystander: Node;
  readonly attacked: Node;
  readonly random: Prng;
  readonly options: Partial<HostOptions>;
  toAttacked: Peer;
  readonly toBystander: Peer;
  /** Bytes from and to every address that never proved itself. */
  readonly balance = new Map<string, { in: number; out: number }>();
  /** Events that the attack brought about. */
  deliveries = 0;
  #sentBefore = 0;
  #rounds = 0;

  constructor(options: Partial<HostOptions>, seed: number) {
    this.options = options;
    this.random = Prng.labelled(seed, 'arena');
    const limits = { maxWaitingBytes: WAITING, maxPacketSizeBytes: PACKET, maxWaitingUnreliable: 256 };
    this.server = this.world.add({ peerCount: 16, ...limits, ...options });
    this.bystander = this.world.add({ ...options, random32: () => 0x11111111 });
    this.attacked = this.world.add({ ...options, random32: () => 0x22222222 });
    this.toBystander = this.#connect(this.bystander);
    this.toAttacked = this.#connect(this.attacked);
    this.server.clear();
  }

  #connect(node: Node): Peer {
    // Strangers may have taken every slot; unfinished handshakes give way after a second (W9).
    // A stray answer to the attack can end an attempt (4.5 step 2), so there may be several.
    for (let tries = 0; tries < 60; tries++) {
      if ([...node.host.peers()].length === 0) node.host.connect(this.server.address, 3, 0);
      this.world.settle();
      const peer = this.server.events.findLast(({ type }) => type === EventType.CONNECT)?.peer;
      if (peer !== undefined) return peer;
      this.world.skip(50);
    }
    throw new Error(`not connected (seed ${SEED})`);
  }

  /** Feeds one datagram and does what a server does with what comes of it. */
  attack(datagram: Uint8Array, from: Address): void {
    this.server.feed(datagram, from);
    if (from !== this.attacked.address) {
      const entry = this.balance.get(keyOf(from)) ?? { in: 0, out: 0 };
      entry.in += datagram.length;
      this.balance.set(keyOf(from), entry);
    }
  }

  /** One service, and every claim that must hold after it. */
  settle(): void {
    this.#rounds++;
    this.server.events.length = 0;
    this.world.skip(1 + (this.random.next32() % 40));
    this.deliveries += this.server.service().length;
    for (const sent of this.server.sent.slice(this.#sentBefore)) {
      const entry = this.balance.get(keyOf(sent.to));
      if (entry !== undefined) entry.out += sent.bytes.length;
    }
    this.#sentBefore = this.server.sent.length;
    for (const [key, { in: got, out }] of this.balance) {
      if (out > 3 * got) throw new Error(`${key} sent ${got} bytes and got ${out} (seed ${SEED})`);
    }
    for (const peer of this.server.host.peers()) {
      const { waitingBytes, outgoingBytes, slot } = peer;
      // One more packet than the limit always fits (6.6), with what its fragments cost.
      if (
        waitingBytes < 0 ||
        waitingBytes > WAITING + 65 * PACKET + 128 ||
        outgoingBytes < 0 ||
        outgoingBytes > 100_000
      ) {
        throw new Error(`slot ${slot}: ${waitingBytes} waiting, ${outgoingBytes} outgoing (seed ${SEED})`);
      }
    }
    if (this.#rounds % 50 === 0) this.checkBystander();
    if (this.toAttacked.state !== PeerState.CONNECTED) this.#reconnect();
    if (this.server.sent.length > 5000) {
      this.server.clear();
      this.#sentBefore = 0;
    }
  }

  /** The bystander's traffic goes on, both ways. */
  checkBystander(): void {
    const word = `round ${this.#rounds}`;
    const [peer] = [...this.bystander.host.peers()];
    peer?.send(0, new Packet(bytes(word), PacketFlag.RELIABLE));
    this.toBystander.send(1, new Packet(bytes(word), PacketFlag.RELIABLE));
    this.server.events.length = 0;
    this.bystander.events.length = 0;
    this.world.settle();
    expect(this.server.texts).toContain(word);
    expect(this.bystander.texts).toEqual([word]);
  }

  /** The attacked connection broke, as it may. A new one must be possible. */
  #reconnect(): void {
    for (const dead of this.attacked.host.peers()) dead.reset();
    for (const peerOf of this.server.host.peers()) {
      if (peerOf.address.ip === this.attacked.address.ip) peerOf.reset();
    }
    this.toAttacked = this.#connect(this.attacked);
  }
}

function keyOf({ ip, port }: Address): string {
  return `${ip}:${port}`;
}

describe.each<[string, Partial<HostOptions>]>([
  ['plain', {}],
  ['range coder', { compressor: createRangeCoder() }],
  ['FastLZ', { compressor: createFastLz() }],
  ['checksum', { checksum: crc32 }],
])('%s', (_name, options) => {
  test('random, mutated and half-sensible datagrams', { timeout: 600_000 }, () => {
    const arena = new Arena(options, SEED);
    const { random, server, attacked } = arena;
    const corpus = [...record(arena), ...golden(arena)];
    const before = bytesInUse();
    const start = performance.now();
    for (let i = 0; i < DATAGRAMS / 4; i++) {
      const isForeign = random.next32() % 3 === 0;
      const from = isForeign
        ? { ip: `172.16.0.${random.next32() % 40}`, port: 1 + (random.next32() % 3) }
        : attacked.address;
      arena.attack(compose(arena, corpus), from);
      if (i % 4 === 0) arena.settle();
    }
    arena.checkBystander();
    // Time and memory are bounded: 0.02 ms per datagram are usual, and 16 peers may hold some 3.5 MB each.
    expect((performance.now() - start) / (DATAGRAMS / 4)).toBeLessThan(2);
    expect(bytesInUse() - before).toBeLessThan(400_000_000);
    // The attack reached what it was meant to reach.
    const reached = [...server.host.dropCounts()].filter(([, count]) => count > 10).map(([reason]) => reason);
    expect(reached).toEqual(expect.arrayContaining(DEEP));
    expect(arena.deliveries).toBeGreaterThan(DATAGRAMS / 1000);
    // Every slot that the attack took becomes free again.
    for (let i = 0; i < 80; i++) {
      arena.world.skip(500);
      server.service();
      arena.bystander.service();
      arena.world.deliver();
    }
    server.service();
    const half = [...server.host.peers()].filter(({ state }) => state === PeerState.ACKNOWLEDGING_CONNECT);
    expect(half).toEqual([]);
    expect(server.host.nextWakeup(arena.world.now)).not.toBe(0);
  });
});

function bytesInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Real datagrams of the attacked client, to be mutated. */
function record(arena: Arena): Uint8Array[] {
  const { attacked, world } = arena;
  const [peer] = [...attacked.host.peers()];
  const from = attacked.sent.length;
  for (let i = 0; i < 6; i++) {
    peer?.send(0, new Packet(new Uint8Array(10 * i), PacketFlag.RELIABLE));
    peer?.send(1, new Packet(new Uint8Array(10 * i), PacketFlag.NONE));
    peer?.send(2, new Packet(new Uint8Array(10 * i), PacketFlag.UNSEQUENCED));
    peer?.send(0, new Packet(new Uint8Array(3000), PacketFlag.RELIABLE));
    peer?.send(1, new Packet(new Uint8Array(3000), PacketFlag.UNRELIABLE_FRAGMENT));
    peer?.ping();
    peer?.throttleConfigure(5000, 2, 2);
    world.settle();
  }
  return [...attacked.sent.slice(0, 2), ...attacked.sent.slice(from)].map((sent) => sent.bytes);
}

/**
 * What the engine's clients sent, with the attacked client's slot and session in their headers; compressed datagrams
 * only where the server has that compressor, plain ones get the checksum that the server wants.
 */
function golden(arena: Arena): Uint8Array[] {
  const { options, toAttacked } = arena;
  const session = ((arena.attacked.sent.at(-1)?.bytes[0] ?? 0) >> 4) & 3;
  const all: Uint8Array[] = [];
  for (const mode of ['none', 'range-coder', 'fastlz', 'zlib', 'zstd']) {
    const file = new URL(`../../golden/sessions/module-${mode}.json`, import.meta.url);
    for (const datagram of parseSession(readFileSync(file, 'utf8')).datagrams) {
      const bytes_ = sessionBytes(datagram);
      const word = ((bytes_[0] ?? 0) << 8) | (bytes_[1] ?? 0);
      if (datagram[1] !== 'client' || (word & 0xfff) === 0xfff) continue;
      const head = (word & 0xc000) | (session << 12) | toAttacked.slot;
      const headerLength = (word & 0x8000) !== 0 ? 4 : 2;
      const body = bytes_.subarray(headerLength);
      const time = bytes_.subarray(2, headerLength);
      let checksum = '';
      if (options.checksum !== undefined) {
        const whole = hex(`${be(head, 2)}${toHex(time)}${be(0x22222222, 4)}${toHex(body)}`);
        checksum = be(options.checksum(whole, 0, whole.length), 4);
      }
      all.push(hex(`${be(head, 2)}${toHex(time)}${checksum}${toHex(body)}`));
    }
  }
  expect(all.length).toBeGreaterThan(60);
  return all;
}

function compose(arena: Arena, corpus: readonly Uint8Array[]): Uint8Array {
  const { random } = arena;
  switch (random.next32() % 4) {
    case 0: {
      const raw = new Uint8Array(random.next32() % (random.next32() % 10 === 0 ? 4200 : 120));
      for (let i = 0; i < raw.length; i++) raw[i] = random.next32();
      return raw;
    }
    case 1:
      return mutate(random, corpus[random.next32() % corpus.length] ?? new Uint8Array(1));
    default:
      return sensible(arena);
  }
}

function mutate(random: Prng, original: Uint8Array): Uint8Array {
  const copy = new Uint8Array(original);
  for (let i = random.next32() % 5; i >= 0; i--) {
    const at = random.next32() % copy.length;
    copy[at] = random.next32() % 2 === 0 ? random.next32() : (copy[at] ?? 0) ^ (1 << (random.next32() % 8));
  }
  return random.next32() % 4 === 0 ? copy.subarray(0, random.next32() % copy.length) : copy;
}

/** A datagram with a good header and commands whose fields are near the borders. */
function sensible(arena: Arena): Uint8Array {
  const { random, toAttacked } = arena;
  const pick = (...values: number[]): number => values[random.next32() % values.length] ?? 0;
  const seq = (): number =>
    pick(0, 1, 2, 3, random.next32(), 4095, 4096, 28671, 28672, 0xffff, random.next32() % 64);
  // What the attacked client itself sends, mostly.
  const current = ((arena.attacked.sent.at(-1)?.bytes[0] ?? 0) >> 4) & 3;
  const session = random.next32() % 10 === 0 ? random.next32() & 3 : current;
  const id = pick(toAttacked.slot, toAttacked.slot, toAttacked.slot, arena.toBystander.slot, 0xfff);
  const sentTime = pick(arena.world.now, random.next32());
  let text = '';
  for (let count = 1 + (random.next32() % 5); count > 0; count--) {
    const any = 1 + (random.next32() % 12);
    // DISCONNECT ends the attack until the next connection, so it must be rare.
    const number = any === 4 && random.next32() % 20 !== 0 ? 6 : any;
    const flag = number === 7 || number === 12 || number === 1 ? pick(0, 0, 0x80) : pick(0x80, 0x80, 0, 0x40);
    const channel = pick(0, 1, 2, 2, 3, 255);
    const rel = seq();
    text += be(number | flag, 1) + be(channel, 1) + be(rel, 2);
    const length = pick(0, 1, 2, 50, random.next32() % 200);
    const data = '5a'.repeat(length);
    switch (number) {
      case 1:
        text += be(seq(), 2) + be(pick(arena.world.now, random.next32()), 2);
        break;
      case 2:
      case 3:
        text += be(pick(0, 1, 0xffe, 0xfff, 0x1000, 0xffff), 2) + be(random.next32(), 2);
        text += be(pick(0, 576, 1400, 0xffffffff), 4) + be(pick(0, 4096, 0xffffffff), 4);
        text += be(pick(0, 1, 255, 256, 0xffffffff), 4) + be(random.next32(), 4) + be(random.next32(), 4);
        text +=
          be(pick(0, 5000, 0xffffffff), 4) + be(pick(0, 2, 0xffffffff), 4) + be(pick(0, 2, 0xffffffff), 4);
        text += be(random.next32() % 8, 4) + (number === 2 ? be(random.next32(), 4) : '');
        break;
      case 4:
        text += be(random.next32(), 4);
        break;
      case 6:
        text += be(pick(length, length, length, 0xffff), 2) + data;
        break;
      case 7:
      case 9:
        text += be(seq(), 2) + be(pick(length, length, length, 0xffff), 2) + data;
        break;
      case 8:
      case 12: {
        const part = Math.max(1, length);
        const total = pick(2, part * 3, part * 3 - 1, PACKET, PACKET + 1, 0xffffffff, 1_048_576);
        const fragments = pick(Math.ceil(total / part), 1, 2, 3, 1_048_576, 1_048_577);
        const index = pick(0, 1, 2, fragments - 1, fragments);
        text +=
          be(pick(seq(), (rel - index) & 0xffff, (rel - index) & 0xffff), 2) + be(part, 2) + be(fragments, 4);
        text += be(index, 4) + be(total, 4) + be(pick(index * part, index * part, random.next32()), 4);
        text += '5a'.repeat(part);
        break;
      }
      case 10:
        text += be(pick(0, 1, 65_536, random.next32()), 4) + be(random.next32(), 4);
        break;
      case 11:
        text += be(pick(0, 5000, 0xffffffff), 4) + be(random.next32(), 4) + be(random.next32(), 4);
        break;
      default:
    }
  }
  return seal(arena, 0x8000 | (session << 12) | id, sentTime, hex(text));
}

/** A datagram as the server's settings want it: with the right checksum, sometimes compressed. */
function seal({ options, random }: Arena, word: number, sentTime: number, body: Uint8Array): Uint8Array {
  const { checksum, compressor } = options;
  const head = be(word, 2) + be(sentTime, 2);
  const seed = (word & 0xfff) === 0xfff ? 0 : 0x22222222;
  if (checksum !== undefined) {
    const whole = hex(`${head}${be(seed, 4)}${toHex(body)}`);
    return hex(`${head}${be(checksum(whole, 0, whole.length), 4)}${toHex(body)}`);
  }
  const packed = new Uint8Array(4096);
  const size =
    compressor !== undefined && random.next32() % 2 === 0
      ? compressor.compress(body, 0, body.length, packed, 0, packed.length)
      : 0;
  if (size === 0) return hex(head + toHex(body));
  return hex(be(word | 0x4000, 2) + be(sentTime, 2) + toHex(packed.subarray(0, size)));
}

describe('floods', () => {
  test('W9 CONNECT from thousands of addresses: peers go on, strangers get a slot again', () => {
    const world = new HostWorld();
    const server = world.add({ peerCount: 64 });
    const client = world.add({ random32: () => 0x55555555 });
    client.host.connect(server.address, 2, 1);
    world.settle();
    expect(server.log).toEqual(['CONNECT 1']);
    const random = Prng.labelled(SEED, 'flood');
    const flood = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const from = {
          ip: `172.${random.next32() & 31}.${random.next32() & 255}.${random.next32() & 255}`,
          port: 5,
        };
        server.feed(
          `8fff1234 82ff0001 0000ffff 00000578 00010000 000000ff 00000000 00000000 00001388 00000002 00000002 ${be(random.next32(), 4)} 00000000`,
          from,
        );
      }
    };
    let echoed = 0;
    for (let ms = 0; ms < 5000; ms += 50) {
      flood(60);
      [...client.host.peers()][0]?.send(0, new Packet(bytes(`m${ms}`), PacketFlag.RELIABLE));
      world.run(50, 10);
      if (server.texts.includes(`m${ms}`)) echoed++;
    }
    expect(echoed).toBe(100);
    expect([...server.host.peers()].length).toBe(64);
    const late = world.add({ random32: () => 0x66666666 });
    late.host.connect(server.address, 2, 9);
    for (let ms = 0; ms < 4000; ms += 50) {
      flood(20);
      world.run(50, 10);
    }
    expect(late.log).toEqual(['CONNECT 0']);
    world.run(40_000, 100);
    expect([...server.host.peers()].length).toBe(2);
    expect(server.log.filter((line) => line.startsWith('DISCONNECT'))).toEqual([]);
  });

  test('W18 a 4096-byte datagram of PINGs brings 32 acknowledgements at most', () => {
    const world = new HostWorld();
    const server = world.add();
    const client = world.add();
    client.host.connect(server.address, 2, 1);
    world.settle();
    server.clear();
    server.feed(`80000000${'85ff0001'.repeat(1023)}`, client.address);
    server.service();
    expect(server.host.dropCount('TOO_MANY_COMMANDS')).toBe(1);
    expect(server.sent.reduce((sum, sent) => sum + sent.bytes.length, 0)).toBe(2 + 32 * 8);
  });
});
