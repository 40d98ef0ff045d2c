/** How fast one peer may send before its login. Section 8 rows 31 and 32. */
import { PeerMeter } from '../godot/internal.ts';
import type { ServerLimits } from './limits.ts';

/** The meter of a peer that has just connected. */
export function preLoginMeter(limits: ServerLimits, now: number): PeerMeter {
  return new PeerMeter(
    { perSec: limits.preLoginPacketsPerSec, burst: limits.preLoginPacketBurst },
    { perSec: limits.preLoginBytesPerSec, burst: limits.preLoginByteBurst },
    now,
  );
}
