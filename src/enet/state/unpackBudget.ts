/**
 * How much unpacking those may cause who have proved nothing, and how much damage a peer may send: a damaged datagram of a
 * dozen bytes costs a decompressor as much as a sound one. enet-protocol W13.
 */

import type { Address } from '../address.ts';
import { limitKey } from '../addressRules.ts';
import { PeerState } from '../protocol.ts';
import { TokenBucket, TokenBuckets } from '../tokenBucket.ts';

/** Who sends damage. */
export interface DamageSource {
  readonly state: PeerState;
  /** What it may still damage; the budget makes it. */
  damage: TokenBucket | undefined;
}

/** The budget of one host. `now` is its time in milliseconds. */
export class UnpackBudget {
  readonly #perSec: number;
  readonly #perAddress: TokenBuckets;
  #all: TokenBucket | undefined;

  /**
   * @param perSec datagrams of strangers that are unpacked per second, from everywhere; 0 = no limit.
   * @param perSecPerAddress the same from one address.
   */
  constructor(perSec: number, perSecPerAddress: number) {
    this.#perSec = perSec;
    this.#perAddress = new TokenBuckets(
      { perSec: perSecPerAddress, burst: perSecPerAddress * BURST_SECONDS },
      MAX_ADDRESSES,
    );
  }

  /** Whether a datagram may be unpacked now. Who has completed a handshake only pays for damage. */
  allows(now: number, peer: DamageSource | undefined, from: Address): boolean {
    if (peer !== undefined && peer.state !== PeerState.ACKNOWLEDGING_CONNECT) {
      return peer.damage === undefined || peer.damage.has(now, 1);
    }
    if (!this.#perAddress.take(limitKey(from.ip), now, 1)) return false;
    this.#all ??= new TokenBucket({ perSec: this.#perSec, burst: this.#perSec }, now);
    return this.#all.take(now, 1);
  }

  /** Notes that a datagram of a peer could not be unpacked. */
  damaged(now: number, peer: DamageSource | undefined): void {
    if (peer === undefined) return;
    peer.damage ??= new TokenBucket(DAMAGE, now);
    peer.damage.take(now, 1);
  }
}

const MAX_ADDRESSES = 4096;
/** A burst of this many seconds: players behind one address who all come at once. */
const BURST_SECONDS = 5;
/** Damaged datagrams of one peer. On a real network there are none: UDP has a checksum. */
const DAMAGE = { perSec: 50, burst: 100 };
