/** What the page shows of the traffic: counters always, datagrams only while somebody looks. */

import {
  type Address,
  type Compressor,
  type DropReason,
  type HostTrace,
  parseDatagram,
} from '../enet/index.ts';
import { describeCommand, formatAddress, hexOf } from '../ops/internal.ts';

/** Totals since the start. */
export interface TrafficTotals {
  datagramsIn: number;
  bytesIn: number;
  datagramsOut: number;
  bytesOut: number;
  dropped: number;
}

/** One line of the page's log. */
export interface TrafficRow {
  readonly timeMs: number;
  readonly direction: 'in' | 'out' | 'drop';
  readonly address: string;
  readonly size: number;
  /** What it holds, one text per command; for a drop the reason. */
  readonly parts: readonly string[];
}

interface Captured {
  readonly timeMs: number;
  readonly direction: 'in' | 'out' | 'drop';
  readonly address: string;
  readonly size: number;
  readonly bytes: Uint8Array | undefined;
  readonly reason: string | undefined;
}

const MAX_DATAGRAM = 4096;

/** Collects traffic from a host's trace. */
export class TrafficLog {
  /** The observer to give to the host. */
  readonly trace: HostTrace;
  /** The counters. */
  readonly totals: TrafficTotals = { datagramsIn: 0, bytesIn: 0, datagramsOut: 0, bytesOut: 0, dropped: 0 };
  /** How often something was dropped, by reason. */
  readonly dropCounts: Map<DropReason, number> = new Map();
  /** Datagrams that were not kept because there were too many since the last {@link TrafficLog.take}. */
  skipped = 0;
  /** Whether datagrams are kept at all. */
  isWatched = false;
  readonly #captured: Captured[] = [];
  readonly #limit: number;
  readonly #compressor: () => Compressor | undefined;

  /**
   * @param limit how many datagrams are kept between two calls of {@link TrafficLog.take}.
   * @param compressor the compressor that the host uses at present.
   */
  constructor(limit: number, compressor: () => Compressor | undefined) {
    this.#limit = limit;
    this.#compressor = compressor;
    const { totals } = this;
    this.trace = {
      received: (now, bytes, from) => {
        totals.datagramsIn++;
        totals.bytesIn += bytes.length;
        if (this.isWatched) this.#keep(now, 'in', bytes, from, undefined);
      },
      sent: (now, bytes, to) => {
        totals.datagramsOut++;
        totals.bytesOut += bytes.length;
        if (this.isWatched) this.#keep(now, 'out', bytes, to, undefined);
      },
      dropped: (now, reason, from, _peer, bytes) => {
        totals.dropped++;
        this.dropCounts.set(reason, (this.dropCounts.get(reason) ?? 0) + 1);
        if (this.isWatched) this.#keep(now, 'drop', bytes, from, reason);
      },
    };
  }

  /** Removes and returns what was kept since the last call, decoded. */
  take(): TrafficRow[] {
    const rows = this.#captured.map((captured) => ({
      timeMs: captured.timeMs,
      direction: captured.direction,
      address: captured.address,
      size: captured.size,
      parts: captured.reason === undefined ? this.#describe(captured.bytes) : [captured.reason],
    }));
    this.#captured.length = 0;
    return rows;
  }

  #keep(
    timeMs: number,
    direction: Captured['direction'],
    bytes: Uint8Array,
    address: Address | undefined,
    reason: string | undefined,
  ): void {
    if (this.#captured.length >= this.#limit) {
      this.skipped++;
      return;
    }
    this.#captured.push({
      timeMs,
      direction,
      address: address === undefined ? '' : formatAddress(address),
      size: bytes.length,
      bytes: reason === undefined ? bytes.slice(0, MAX_DATAGRAM) : undefined,
      reason,
    });
  }

  #describe(bytes: Uint8Array | undefined): string[] {
    if (bytes === undefined) return [];
    const datagram = parseDatagram(bytes, { decompress: (packed) => this.#decompress(packed) });
    if (datagram === undefined) return [`not readable: ${hexOf(bytes)}`];
    const parts = datagram.commands.map(describeCommand);
    if (datagram.isCompressed) parts.unshift('compressed');
    return parts.length === 0 ? [`no command: ${hexOf(bytes)}`] : parts;
  }

  #decompress(packed: Uint8Array): Uint8Array | undefined {
    const output = new Uint8Array(MAX_DATAGRAM);
    const size = this.#compressor()?.decompress(packed, 0, packed.length, output, 0, output.length) ?? 0;
    return size > 0 ? output.subarray(0, size) : undefined;
  }
}
