/**
 * What a host tells somebody who finds out why remotes cannot use it. The core knows only these interfaces; the connection
 * doctor of `src/doctor` is one. A host without one pays nothing.
 */
import type { Address } from './address.ts';
import type { Compressor } from './compressor.ts';
import type { DropReason } from './dropReason.ts';
import type { Peer } from './state/peer.ts';

/** Looks at datagrams that a {@link Host} gets. Called from inside the host: it must not throw and must not call it. */
export interface HostDoctor {
  /** A datagram arrived. The parameters are those of `HostTrace.received`. */
  received(now: number, bytes: Uint8Array, from: Address): void;
  /** A datagram or command was not used. The parameters are those of `HostTrace.dropped`. */
  dropped(
    now: number,
    reason: DropReason,
    from: Address | undefined,
    peer: Peer | undefined,
    bytes: Uint8Array,
    commandAt: number,
  ): void;
  /** A transport that encrypts got a datagram that it cannot open. */
  receivedPlain(now: number, bytes: Uint8Array, from: Address): void;
}

/** What a doctor may ask of its host, at any time. */
export interface DoctoredHost {
  /** The compressor that is in force. */
  readonly compressor: Compressor | undefined;
  /** Whether the host uses checksums. */
  readonly hasChecksum: boolean;
  /** Most channels that the host grants, 1..255. */
  readonly channelLimit: number;
}

/** Makes the doctor of a host, see {@link HostOptions.doctor}. */
export type MakeHostDoctor = (host: DoctoredHost) => HostDoctor;
