/**
 * The latest datagrams in a fixed amount of memory: segments of bytes, of which the oldest is used again. Each has its records from the front and
 * where they begin, four bytes each, from the back, so that nothing grows beside it.
 */

/** How a datagram came to be in the ring. */
export const RecordKind = { IN: 0, OUT: 1, DROP: 2 } as const;

/** One of the numbers of {@link RecordKind}. */
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** What is recorded of a datagram. */
export interface DatagramRecord {
  /** Stays the same in every ring. */
  readonly number: number;
  /** Wall clock, ms with fractions. */
  readonly timeMs: number;
  /** The host's clock, u32. */
  readonly hostMs: number;
  readonly kind: RecordKind;
  /** For a drop the place of its reason in the list of all; otherwise 0. */
  readonly reason: number;
  /** For a drop of one command where that begins, unpacked; otherwise -1. */
  readonly commandAt: number;
  /** Of the other side; empty when nobody knows it. */
  readonly ip: string;
  readonly port: number;
  /** Its length, also when not all of it was kept. */
  readonly size: number;
  /** Borrowed from the ring: read it before anything else is recorded. */
  readonly bytes: Uint8Array;
}

/** See the head of this file. */
export class DatagramRing {
  readonly #maxSegments: number;
  readonly #segmentBytes: number;
  readonly #maxAgeMs: number;
  readonly #segments: Segment[] = [];
  #spare: Segment | undefined;
  #end = 0;

  /**
   * @param maxBytes of all segments together, 128 KiB and more.
   * @param maxAgeMs what is older goes, a segment at a time.
   */
  constructor(maxBytes: number, maxAgeMs: number) {
    this.#segmentBytes = Math.min(MAX_SEGMENT, Math.max(MIN_SEGMENT, Math.floor(maxBytes / 16)));
    this.#maxSegments = Math.max(2, Math.floor(maxBytes / this.#segmentBytes));
    this.#maxAgeMs = maxAgeMs;
  }

  /** Index of the oldest that is kept. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#end;
  }

  /** Index behind the latest. */
  get end(): number {
    return this.#end;
  }

  /** Memory that it takes. */
  get bytes(): number {
    return (this.#segments.length + Number(this.#spare !== undefined)) * this.#segmentBytes;
  }

  /** Copies a datagram into the ring. @returns its index. */
  append(record: DatagramRecord): number {
    const stored = Math.min(record.bytes.length, MAX_STORED);
    const ipLength = Math.min(record.ip.length, MAX_IP);
    const needed = HEAD_BYTES + ipLength + stored;
    let segment = this.#segments.at(-1);
    if (segment === undefined || !segment.hasRoom(needed)) {
      this.expire(record.timeMs);
      segment = this.#nextSegment();
    }
    segment.append(record, ipLength, stored);
    return this.#end++;
  }

  /** One record; `undefined` when it is not kept. */
  at(index: number): DatagramRecord | undefined {
    if (!(index >= this.first && index < this.#end)) return undefined;
    const segments = this.#segments;
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((segments[middle]?.first ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return segments[low]?.read(index);
  }

  /** The index of a number; `undefined` when it is not kept. Numbers ascend. */
  indexOf(number: number): number | undefined {
    let low = this.first;
    let high = this.#end - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.at(middle)?.number ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return this.at(low)?.number === number ? low : undefined;
  }

  /** Lets go what is too old. */
  expire(nowMs: number): void {
    while ((this.#segments[0]?.lastMs ?? Number.POSITIVE_INFINITY) < nowMs - this.#maxAgeMs)
      this.#dropOldest();
  }

  /** Lets everything go, and its memory. Indexes go on. */
  clear(): void {
    this.#segments.length = 0;
    this.#spare = undefined;
  }

  #nextSegment(): Segment {
    if (this.#segments.length >= this.#maxSegments) this.#dropOldest();
    const segment = this.#spare ?? new Segment(this.#segmentBytes);
    this.#spare = undefined;
    segment.reset(this.#end);
    this.#segments.push(segment);
    return segment;
  }

  #dropOldest(): void {
    this.#spare = this.#segments.shift();
  }
}

class Segment {
  /** Index of its first record. */
  first = 0;
  lastMs = Number.NEGATIVE_INFINITY;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #count = 0;
  #used = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  reset(first: number): void {
    this.first = first;
    this.lastMs = Number.NEGATIVE_INFINITY;
    this.#count = 0;
    this.#used = 0;
  }

  hasRoom(needed: number): boolean {
    return this.#used + needed + (this.#count + 1) * PLACE_BYTES <= this.#bytes.length;
  }

  append(record: DatagramRecord, ipLength: number, stored: number): void {
    const view = this.#view;
    const at = this.#used;
    view.setFloat64(at, record.number);
    view.setFloat64(at + 8, record.timeMs);
    view.setUint32(at + 16, record.hostMs);
    view.setInt32(at + 20, record.commandAt);
    view.setUint16(at + 24, record.port);
    view.setUint16(at + 26, Math.min(record.size, 0xffff));
    view.setUint16(at + 28, stored);
    view.setUint8(at + 30, record.kind);
    view.setUint8(at + 31, record.reason);
    view.setUint8(at + 32, ipLength);
    const bytes = this.#bytes;
    for (let i = 0; i < ipLength; i++) bytes[at + HEAD_BYTES + i] = record.ip.charCodeAt(i);
    bytes.set(
      stored === record.bytes.length ? record.bytes : record.bytes.subarray(0, stored),
      at + HEAD_BYTES + ipLength,
    );
    this.#count++;
    view.setUint32(bytes.length - this.#count * PLACE_BYTES, at);
    this.#used = at + HEAD_BYTES + ipLength + stored;
    this.lastMs = record.timeMs;
  }

  read(index: number): DatagramRecord | undefined {
    const place = index - this.first;
    if (place >= this.#count) return undefined;
    const view = this.#view;
    const bytes = this.#bytes;
    const at = view.getUint32(bytes.length - (place + 1) * PLACE_BYTES);
    const bytesAt = at + HEAD_BYTES + view.getUint8(at + 32);
    let ip = '';
    for (let i = at + HEAD_BYTES; i < bytesAt; i++) ip += String.fromCharCode(bytes[i] ?? 0);
    return {
      number: view.getFloat64(at),
      timeMs: view.getFloat64(at + 8),
      hostMs: view.getUint32(at + 16),
      commandAt: view.getInt32(at + 20),
      port: view.getUint16(at + 24),
      size: view.getUint16(at + 26),
      kind: view.getUint8(at + 30) as RecordKind,
      reason: view.getUint8(at + 31),
      ip,
      bytes: bytes.subarray(bytesAt, bytesAt + view.getUint16(at + 28)),
    };
  }
}

const HEAD_BYTES = 33;
/** Where a record begins. */
const PLACE_BYTES = 4;
/** No ENet sends more in a datagram. */
const MAX_STORED = 4096;
/** The longest text of an IPv6 address with a zone. */
const MAX_IP = 63;
const MIN_SEGMENT = 65_536;
const MAX_SEGMENT = 1_048_576;
