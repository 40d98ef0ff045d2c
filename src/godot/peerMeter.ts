/** How fast one peer may send. Section 8 rows 31 and 32 of godot-enet-classes. */
import { type Rate, TokenBucket } from '../enet/internal.ts';

/** The rates of one peer: packets and bytes. */
export class PeerMeter {
  readonly #packets: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(packets: Rate, bytes: Rate, now: number) {
    this.#packets = new TokenBucket(packets, now);
    this.#bytes = new TokenBucket(bytes, now);
  }

  /** Notes a packet; `false` when it is one too many. */
  take(now: number, length: number): boolean {
    return this.#packets.take(now, 1) && this.#bytes.take(now, length);
  }
}

/** How fast one peer may send once it is let in; a rate of 0 means no limit. */
export interface PeerRates {
  readonly packetsPerSec: number;
  readonly packetBurst: number;
  readonly bytesPerSec: number;
  readonly byteBurst: number;
}

/** The meter of a peer that was let in. */
export function peerMeter(rates: PeerRates, now: number): PeerMeter {
  return new PeerMeter(
    { perSec: rates.packetsPerSec, burst: rates.packetBurst },
    { perSec: rates.bytesPerSec, burst: rates.byteBurst },
    now,
  );
}
