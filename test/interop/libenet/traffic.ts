/**
 * Random traffic on one connection, as `peer.c` makes and checks it. A packet of 20 bytes or more begins with a
 * header; shorter ones are empty or reliable, so that a running hash over all reliable packets covers them:
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 1 | 0xE7 data, 0xE8 end |
 * | 1 | 1 | how it should travel: the flags the receiver must see |
 * | 2 | 1 | channel |
 * | 3 | 1 | flags given to send |
 * | 4 | 4 | serial: counts the packets of the channel, whatever their kind |
 * | 8 | 4 | length of the packet |
 * | 12 | 4 | seed of the sender |
 * | 16 | 4 | hash over bytes 0..15 |
 *
 * Data goes on with the pattern of (seed, channel, serial). The end, one reliable packet per channel, goes on with
 * four counts of what was sent (unreliable, reliable, unsequenced, unreliable fragments) and the hash of all reliable
 * packets of the channel.
 */
import type { ActorEvent } from './actor.ts';
import { fillPattern, HASH_START, hashBytes, hasPattern, PatternRandom, travelKind } from './pattern.ts';

/** What {@link TrafficSender} shall do. */
export interface TrafficPlan {
  readonly channels: number;
  readonly seed: number;
  readonly minSize: number;
  readonly maxSize: number;
  /** Packets per second. */
  readonly rate: number;
  readonly ms: number;
  /** Whether the first packet with a header gets one wrong byte. */
  readonly isCorrupt: boolean;
  /** Largest packet that is not fragmented: enet-protocol 5.1. */
  readonly fragmentSize: number;
}

/** Queues a packet; `false` when it was refused. */
export type Send = (channel: number, bytes: Uint8Array, flags: number) => boolean;

/** The sending half. Its owner calls {@link TrafficSender.advance} every few milliseconds. */
export class TrafficSender {
  readonly #plan: TrafficPlan;
  readonly #send: Send;
  readonly #random: PatternRandom;
  readonly #channels: { nextSerial: number; readonly sent: number[]; reliableHash: number }[] = [];
  readonly #endMs: number;
  #nextMs: number;
  #isCorrupt: boolean;
  #hasEnded = false;

  constructor(plan: TrafficPlan, nowMs: number, send: Send) {
    this.#plan = plan;
    this.#send = send;
    this.#random = new PatternRandom(plan.seed);
    // Whole milliseconds add up exactly, so that the same plan always has the same number of packets.
    this.#nextMs = Math.floor(nowMs);
    this.#endMs = this.#nextMs + plan.ms;
    this.#isCorrupt = plan.isCorrupt;
    for (let i = 0; i < plan.channels; i++) {
      this.#channels.push({ nextSerial: 0, sent: [0, 0, 0, 0], reliableHash: HASH_START });
    }
  }

  /** Sends what is due. Answers `false` when everything, the ends included, was queued. */
  advance(nowMs: number): boolean {
    while (this.#nextMs <= nowMs && this.#nextMs < this.#endMs) {
      this.#sendOne();
      this.#nextMs += 1000 / this.#plan.rate;
    }
    if (this.#nextMs >= this.#endMs && !this.#hasEnded) {
      this.#hasEnded = true;
      this.#sendEnds();
    }
    return !this.#hasEnded;
  }

  #sendOne(): void {
    const { seed, fragmentSize } = this.#plan;
    const channelId = this.#random.next() % this.#channels.length;
    const flags = ALL_FLAGS[this.#random.next() & 7] ?? 0;
    const length = this.#size(flags);
    const channel = this.#channels[channelId];
    if (channel === undefined || channel.nextSerial >= MAX_SERIALS) return;
    const serial = channel.nextSerial;
    const kind = travelKind(flags, length, fragmentSize);
    const bytes = new Uint8Array(length);
    if (length >= HEADER_SIZE) {
      writeHeader(bytes, DATA_MAGIC, kind, channelId, flags, serial, seed);
      fillPattern(bytes, HEADER_SIZE, bodySeed(seed, channelId, serial));
      if (this.#isCorrupt) {
        bytes[length - 1] = (bytes[length - 1] ?? 0) ^ 1;
        this.#isCorrupt = false;
      }
    } else {
      fillPattern(bytes, 0, bodySeed(seed, channelId, serial));
    }
    if (!this.#send(channelId, bytes, flags)) return;
    channel.nextSerial++;
    channel.sent[kindIndex(kind)] = (channel.sent[kindIndex(kind)] ?? 0) + 1;
    if (kind === 1) channel.reliableHash = hashPacket(channel.reliableHash, bytes);
  }

  #size(flags: number): number {
    const { minSize, maxSize } = this.#plan;
    const dice = this.#random.next() % 100;
    const r = this.#random.next();
    if (dice < 6 && minSize < HEADER_SIZE) {
      if ((flags & 1) === 1) return minSize + (r % (HEADER_SIZE - minSize));
      if (minSize === 0) return 0;
    }
    if (dice < 60) return HEADER_SIZE + (r % 280);
    if (dice < 85) return 300 + (r % 1200);
    if (dice < 98 || maxSize <= 8000) return 1500 + (r % 6500);
    return 8000 + (r % (maxSize - 8000 + 1));
  }

  #sendEnds(): void {
    for (const [channelId, channel] of this.#channels.entries()) {
      const bytes = new Uint8Array(HEADER_SIZE + 20);
      writeHeader(bytes, END_MAGIC, 1, channelId, 1, channel.nextSerial, this.#plan.seed);
      const view = new DataView(bytes.buffer);
      for (const [i, count] of channel.sent.entries()) view.setUint32(HEADER_SIZE + 4 * i, count);
      view.setUint32(HEADER_SIZE + 16, channel.reliableHash);
      this.#send(channelId, bytes, 1);
    }
  }
}

interface ReceiveChannel {
  /** The smallest serial that may come next on the ordered kinds. */
  nextSerial: number;
  readonly received: number[];
  readonly empty: number[];
  reliableHash: number;
  announced: readonly number[] | undefined;
  readonly seen: Set<number>;
}

/** The checking half. It reports violations and, when all ends are there, the sums. */
export class TrafficChecker {
  readonly #host: number;
  readonly #peer: number;
  readonly #report: (event: ActorEvent) => void;
  readonly #channels: ReceiveChannel[] = [];
  #violations = 0;
  #hasReported = false;

  constructor(host: number, peer: number, channels: number, report: (event: ActorEvent) => void) {
    this.#host = host;
    this.#peer = peer;
    this.#report = report;
    for (let i = 0; i < channels; i++) {
      this.#channels.push({
        nextSerial: 0,
        received: [0, 0, 0, 0],
        empty: [0, 0],
        reliableHash: HASH_START,
        announced: undefined,
        seen: new Set(),
      });
    }
  }

  /** Checks a packet as it was received. */
  check(channelId: number, bytes: Uint8Array, flags: number): void {
    const channel = this.#channels[channelId];
    const fail = (what: string, serial: number): void =>
      this.#fail(what, channelId, serial, bytes.length, flags);
    if (channel === undefined) {
      fail('channel', 0);
      return;
    }
    if (bytes.length < HEADER_SIZE) {
      if (flags === 1) countReliable(channel, bytes);
      else if (bytes.length === 0 && (flags === 0 || flags === 2)) countEmpty(channel, flags);
      else fail('short', 0);
      return;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = view.getUint8(0);
    const serial = view.getUint32(4);
    const isSound =
      hashBytes(HASH_START, bytes.subarray(0, 16)) === view.getUint32(16) &&
      (magic === DATA_MAGIC || magic === END_MAGIC) &&
      view.getUint8(2) === channelId &&
      view.getUint32(8) === bytes.length &&
      serial < MAX_SERIALS;
    if (!isSound) {
      fail('header', serial);
      return;
    }
    if (view.getUint8(1) !== flags) fail('kind', serial);
    if (flags === 2) {
      if (channel.seen.has(serial)) fail('twice', serial);
      channel.seen.add(serial);
    } else {
      if (serial < channel.nextSerial) fail('order', serial);
      channel.nextSerial = serial + 1;
    }
    if (magic === END_MAGIC) {
      channel.announced = [0, 4, 8, 12].map((at) => view.getUint32(HEADER_SIZE + at));
      if (channel.received[1] !== channel.announced[1]) fail('count', serial);
      if (channel.reliableHash !== view.getUint32(HEADER_SIZE + 16)) fail('hash', serial);
      this.#reportWhenComplete();
      return;
    }
    if (!hasPattern(bytes, HEADER_SIZE, bodySeed(view.getUint32(12), channelId, serial)))
      fail('body', serial);
    if (flags === 1) countReliable(channel, bytes);
    else channel.received[kindIndex(flags)] = (channel.received[kindIndex(flags)] ?? 0) + 1;
  }

  #fail(what: string, channel: number, serial: number, length: number, flags: number): void {
    this.#violations++;
    if (this.#violations > 20) return;
    this.#report({
      ev: 'violation',
      host: this.#host,
      peer: this.#peer,
      what,
      channel,
      serial,
      length,
      flags,
    });
  }

  #reportWhenComplete(): void {
    const received = [0, 0, 0, 0];
    const announced = [0, 0, 0, 0];
    const empty = [0, 0];
    let hash = HASH_START;
    for (const channel of this.#channels) {
      if (channel.announced === undefined) return;
      add(received, channel.received);
      add(announced, channel.announced);
      add(empty, channel.empty);
      hash = Math.imul(hash ^ channel.reliableHash, 16777619) >>> 0;
    }
    if (this.#hasReported) return;
    this.#hasReported = true;

    this.#report({
      ev: 'traffic',
      host: this.#host,
      peer: this.#peer,
      violations: this.#violations,
      received,
      announced,
      empty,
      hash,
    });
  }
}

function countReliable(channel: ReceiveChannel, bytes: Uint8Array): void {
  channel.received[1] = (channel.received[1] ?? 0) + 1;
  channel.reliableHash = hashPacket(channel.reliableHash, bytes);
}

function countEmpty(channel: ReceiveChannel, flags: 0 | 2): void {
  channel.received[flags] = (channel.received[flags] ?? 0) + 1;
  channel.empty[flags / 2] = (channel.empty[flags / 2] ?? 0) + 1;
}

function add(sums: number[], values: readonly number[]): void {
  for (const [i, value] of values.entries()) sums[i] = (sums[i] ?? 0) + value;
}

function hashPacket(hash: number, bytes: Uint8Array): number {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, bytes.length);
  return hashBytes(hashBytes(hash, prefix), bytes);
}

function bodySeed(seed: number, channel: number, serial: number): number {
  return (seed ^ (channel << 24) ^ Math.imul(serial, 0x85ebca6b)) >>> 0;
}

function kindIndex(kind: number): number {
  return kind === 8 ? 3 : kind;
}

function writeHeader(
  bytes: Uint8Array,
  magic: number,
  kind: number,
  channel: number,
  flags: number,
  serial: number,
  seed: number,
): void {
  const view = new DataView(bytes.buffer);
  bytes.set([magic, kind, channel, flags]);
  view.setUint32(4, serial);
  view.setUint32(8, bytes.length);
  view.setUint32(12, seed);
  view.setUint32(16, hashBytes(HASH_START, bytes.subarray(0, 16)));
}

const HEADER_SIZE = 20;
const DATA_MAGIC = 0xe7;
const END_MAGIC = 0xe8;
const MAX_SERIALS = 65_536;
const ALL_FLAGS = [0, 1, 2, 3, 8, 9, 10, 11];
