/** What hosts tell of their datagrams: counted always, recorded while somebody looks. */
import { type Address, DropReason, type HostTrace } from '../../enet/index.ts';
import type { CountRow, TrafficTotals } from '../protocol.ts';
import { AddressMeter } from './AddressMeter.ts';
import { DatagramRing, RecordKind } from './DatagramRing.ts';
import { DROP_TEXT } from './dropText.ts';

/** See the head of this file. */
export class TrafficRecorder {
  /** For any number of hosts. */
  readonly trace: HostTrace;
  readonly ring: DatagramRing;
  /** Bytes and datagrams by address. */
  readonly meter: AddressMeter = new AddressMeter();
  /** Since when it records; `undefined` while it does not. */
  recordingSinceMs: number | undefined;
  readonly #totals = {
    hasTrace: false,
    datagramsIn: 0,
    bytesIn: 0,
    datagramsOut: 0,
    bytesOut: 0,
    dropped: 0,
  };
  readonly #dropTimes = new Float64Array(DROP_REASONS.length);
  readonly #dropLatest = new Float64Array(DROP_REASONS.length);
  readonly #now: () => number;
  #number = 0;

  /** @param now the wall clock, ms with fractions. */
  constructor(maxBytes: number, maxAgeMs: number, now: () => number) {
    this.ring = new DatagramRing(maxBytes, maxAgeMs);
    this.#now = now;
    const totals = this.#totals;
    this.trace = {
      received: (hostMs, bytes, from) => {
        totals.hasTrace = true;
        totals.datagramsIn++;
        totals.bytesIn += bytes.length;
        this.meter.count(from, true, bytes.length);
        if (this.recordingSinceMs !== undefined) this.#record(RecordKind.IN, hostMs, bytes, from, 0, -1);
      },
      sent: (hostMs, bytes, to) => {
        totals.hasTrace = true;
        totals.datagramsOut++;
        totals.bytesOut += bytes.length;
        this.meter.count(to, false, bytes.length);
        if (this.recordingSinceMs !== undefined) this.#record(RecordKind.OUT, hostMs, bytes, to, 0, -1);
      },
      dropped: (hostMs, reason, from, _peer, bytes, commandAt) => {
        totals.hasTrace = true;
        totals.dropped++;
        const index = DROP_INDEXES.get(reason) ?? 0;
        this.#dropTimes[index] = (this.#dropTimes[index] ?? 0) + 1;
        this.#dropLatest[index] = this.#now();
        if (this.recordingSinceMs !== undefined)
          this.#record(RecordKind.DROP, hostMs, bytes, from, index, commandAt);
      },
    };
  }

  /** A copy. */
  get totals(): TrafficTotals {
    return { ...this.#totals };
  }

  /** What was dropped, by reason; those that there were. */
  drops(): CountRow[] {
    return DROP_REASONS.flatMap((reason, index) => {
      const times = this.#dropTimes[index] ?? 0;
      const row: CountRow = {
        reason,
        times,
        text: DROP_TEXT[reason],
        of: 'drop',
        latestMs: this.#dropLatest[index] ?? 0,
      };
      return times === 0 ? [] : [row];
    });
  }

  #record(
    kind: RecordKind,
    hostMs: number,
    bytes: Uint8Array,
    address: Address | undefined,
    reason: number,
    commandAt: number,
  ): void {
    this.ring.append({
      number: ++this.#number,
      timeMs: this.#now(),
      hostMs,
      kind,
      reason,
      commandAt,
      ip: address?.ip ?? '',
      port: address?.port ?? 0,
      size: bytes.length,
      bytes,
    });
  }
}

/** Every reason, in the order of their numbers in the ring. */
export const DROP_REASONS: readonly DropReason[] = Object.values(DropReason);

const DROP_INDEXES: ReadonlyMap<DropReason, number> = new Map(
  DROP_REASONS.map((reason, index) => [reason, index]),
);
