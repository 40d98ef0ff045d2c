/** How fast one peer may send, before and after its login. Section 8 rows 31 and 32. */

import { type Rate, TokenBucket } from '../enet/internal.ts';
import type { ServerLimits } from './limits.ts';

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

/** The meter of a peer that has just connected. */
export function preLoginMeter(limits: ServerLimits, now: number): PeerMeter {
  return new PeerMeter(
    { perSec: limits.preLoginPacketsPerSec, burst: limits.preLoginPacketBurst },
    { perSec: limits.preLoginBytesPerSec, burst: limits.preLoginByteBurst },
    now,
  );
}

/** The meter of a peer that was let in. */
export function loggedInMeter(limits: ServerLimits, now: number): PeerMeter {
  return new PeerMeter(
    { perSec: limits.packetsPerSec, burst: limits.packetBurst },
    { perSec: limits.bytesPerSec, burst: limits.byteBurst },
    now,
  );
}
