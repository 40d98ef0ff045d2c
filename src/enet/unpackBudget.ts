/**
 * How much unpacking those may cause who have proved nothing, and how much damage a peer may send: a damaged datagram of a
 * dozen bytes costs a decompressor as much as a sound one. enet-protocol W13.
 */

import type { Address } from './address.ts';
import { limitKey } from './addressRules.ts';
import type { HostRecord } from './hostRecord.ts';
import type { PeerRecord } from './peerRecord.ts';
import { PeerState } from './protocol.ts';
import { TokenBucket, TokenBuckets } from './tokenBucket.ts';

/** The budget of one host. */
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
  allows(host: HostRecord, peer: PeerRecord | undefined, from: Address): boolean {
    if (peer !== undefined && peer.state !== PeerState.ACKNOWLEDGING_CONNECT) {
      return peer.damage === undefined || peer.damage.has(host.now, 1);
    }
    if (!this.#perAddress.take(limitKey(from.ip), host.now, 1)) return false;
    this.#all ??= new TokenBucket({ perSec: this.#perSec, burst: this.#perSec }, host.now);
    return this.#all.take(host.now, 1);
  }

  /** Notes that a datagram of a peer could not be unpacked. */
  damaged(host: HostRecord, peer: PeerRecord | undefined): void {
    if (peer === undefined) return;
    peer.damage ??= new TokenBucket(DAMAGE, host.now);
    peer.damage.take(host.now, 1);
  }
}

const MAX_ADDRESSES = 4096;
/** A burst of this many seconds: players behind one address who all come at once. */
const BURST_SECONDS = 5;
/** Damaged datagrams of one peer. On a real network there are none: UDP has a checksum. */
const DAMAGE = { perSec: 50, burst: 100 };
