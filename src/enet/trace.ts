/** What a host tells an observer. Off by default; without one it costs one comparison per datagram. */

import type { Address } from './address.ts';
import type { DropReason } from './dropReason.ts';
import type { Peer } from './state/peer.ts';

/**
 * An observer of a {@link Host}. Every method is called synchronously from inside the host, so it must be quick, must
 * not throw and must not call the host. The byte arrays are borrowed: copy what shall be kept.
 */
export interface HostTrace {
  /**
   * A datagram arrived, before any check.
   *
   * @param now the host's time, in milliseconds.
   * @param bytes the datagram as received.
   */
  received?(now: number, bytes: Uint8Array, from: Address): void;
  /**
   * A datagram was put into the outbox.
   *
   * @param now the host's time, in milliseconds.
   * @param bytes the datagram as sent, compressed and all.
   */
  sent?(now: number, bytes: Uint8Array, to: Address): void;
  /**
   * A datagram or one of its commands was not used.
   *
   * @param now the host's time, in milliseconds.
   * @param reason why.
   * @param from where the datagram came from.
   * @param peer the peer that it was addressed to, when there is one.
   * @param bytes the whole datagram as received.
   * @param commandAt where in the datagram, once decompressed, the command starts whose handling brought it about; -1
   * when the whole datagram was dropped. With SUPERSEDED the dropped packet can be an earlier one that waited.
   */
  dropped?(
    now: number,
    reason: DropReason,
    from: Address | undefined,
    peer: Peer | undefined,
    bytes: Uint8Array,
    commandAt: number,
  ): void;
}
