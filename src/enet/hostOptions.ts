/** The options of a host. enet-protocol 0.3 (state), 8.7, and the limits of section 12. */

import { checkInteger, checkOptions, type OptionNames } from '../../options/internal.ts';
import type { Address } from './address.ts';
import type { Checksum, Compressor } from './compressor.ts';
import type { MakeHostDoctor } from './hostDoctor.ts';
import {
  DEFAULT_MAX_PACKET_SIZE,
  DEFAULT_MAX_WAITING_DATA,
  DEFAULT_MTU,
  MAX_CHANNELS,
  MAX_PEERS,
} from './protocol.ts';
import type { VerifyTime } from './state/handshakeProof.ts';
import type { HostTrace } from './trace.ts';

/** See {@link HostOptions.admit}. */
export type AdmitHook = (from: Address, data: number, attempt: ConnectAttempt) => boolean | undefined;

/** What came with a CONNECT, for whoever decides later. */
export interface ConnectAttempt {
  /** The number by which the remote tells its attempts apart; repetitions have the same. */
  readonly connectId: number;
  /** The whole datagram. Borrowed: copy what shall be kept. */
  readonly datagram: Uint8Array;
}

/** What a {@link Host} can be told at creation. */
export interface HostOptions {
  /** Number of slots: how many peers there can be at once, 1..4095. */
  readonly peerCount: number;
  /** A source of unsigned 32-bit random numbers, for connection ids. It should be cryptographically strong (W21). */
  readonly random32: () => number;
  /** Most channels granted to a connecting peer, 1..255; 0 stands for 255. Default 0. */
  readonly channelLimit?: number;
  /** Incoming bandwidth in bytes per second, u32; 0 = unlimited. Default 0. */
  readonly incomingBandwidth?: number;
  /** Outgoing bandwidth in bytes per second, u32; 0 = unlimited. Default 0. */
  readonly outgoingBandwidth?: number;
  /** Largest datagram in bytes, clamped to 576..4096. Default 1392. */
  readonly mtuBytes?: number;
  /** Compressor of both directions. Default none. */
  readonly compressor?: Compressor | undefined;
  /** Checksum of both directions; the remote needs the same. Default none, as Godot. */
  readonly checksum?: Checksum | undefined;
  /** Sees each raw datagram before all checks; `true` takes it. */
  readonly intercept?: ((bytes: Uint8Array, from: Address) => boolean) | undefined;
  /**
   * Decides about a CONNECT that everything else allows, before it costs a slot or an answer; `false` drops it, and the
   * remote tries again until it gives up. `undefined` puts the decision off: nothing is counted or answered, and whoever
   * decides later calls {@link Host.decideConnect}. `data` is the u32 that the remote sent along. Called for every
   * attempt, also for repeated ones; it must be quick, must not throw and must not call the host. Default: all are
   * admitted.
   */
  readonly admit?: AdmitHook | undefined;
  /**
   * For a transport that encrypts: whether an address may begin a handshake with it, before that costs anything. Called for
   * every attempt, also for repeated ones; it must be quick, must not throw and must not call the host. Default: all may.
   */
  readonly mayBegin?: ((from: Address) => boolean) | undefined;
  /**
   * Chooses the sentTime, u16, of each datagram with VERIFY_CONNECT: what a remote has to echo to show that it receives
   * what is sent to its address. Default: random. For replays of records and comparisons with C ENet, which sends its
   * clock; a host whose choice can be guessed lets forged addresses connect.
   */
  readonly verifyTime?: VerifyTime | undefined;
  /** An observer. Default none. */
  readonly trace?: HostTrace | undefined;
  /** Makes somebody who finds out why datagrams of an address cannot be used, see `connectionDoctor`. Default none. */
  readonly doctor?: MakeHostDoctor | undefined;
  /**
   * Largest packet that is sent or received, in bytes. Default 32 MiB. A reliable one has at most 24,576 fragments besides: 33,521,664
   * bytes, a little less than 32 MiB, with the usual MTU of 1,392, and fewer with a smaller one.
   */
  readonly maxPacketSizeBytes?: number;
  /** Most received bytes (with an overhead per packet) that wait at one peer. Default 32 MiB. */
  readonly maxWaitingBytes?: number;
  /**
   * Largest packet that is received from a remote that connected to this host, in bytes, until
   * {@link Peer.liftReceiveLimits} is called for it. Default: {@link HostOptions.maxPacketSizeBytes}.
   */
  readonly initialMaxPacketSizeBytes?: number | undefined;
  /**
   * What {@link HostOptions.maxWaitingBytes} is for such a remote until then. Default: the same as later.
   */
  readonly initialMaxWaitingBytes?: number | undefined;
  /**
   * Most memory that received data of all peers together holds, in real bytes: what waits for missing packets or
   * fragments, and what nobody has taken yet. A fifth is set aside in equal shares, one for each slot. Besides, a peer
   * holds at most 4 MiB, or 4 bytes for each that it has sent when that is more. What does not fit is dropped, and sent again
   * when it is reliable. Default 256 MiB.
   */
  readonly maxHeldBytes?: number;
  /**
   * The part of it for remotes that connected to this host and for which {@link Peer.liftReceiveLimits} was not called,
   * when there is an initial limit for them. Default 16 MiB.
   */
  readonly maxStrangerHeldBytes?: number;
  /** Most bytes that wait to be sent or acknowledged at one peer; `send` refuses more. Default 64 MiB. */
  readonly maxOutgoingBytes?: number;
  /**
   * Most connections from one address: an IPv4 address, or the first 64 bits of an IPv6 address, because everybody with
   * IPv6 has at least that many; so for all limits per address. Default 4095: no
   * limit.
   */
  readonly maxPeersPerAddress?: number;
  /** Most unfinished incoming handshakes at once. Default 4095: as many as there are slots. */
  readonly maxHalfOpen?: number;
  /** Most unfinished incoming handshakes from one address at once. Default 4095. */
  readonly maxHalfOpenPerAddress?: number;
  /**
   * When no slot or no half-open place is free, the oldest unfinished handshake that is older than this gives way,
   * in milliseconds. A quarter is enough when its address has at least two more of them than the newcomer's. Default
   * 1000: a client with a longer round trip can lose its place only during a flood.
   */
  readonly halfOpenGraceMs?: number;
  /** Most entries of one channel that wait for something earlier. Default 8192 (W17). */
  readonly maxWaitingUnreliable?: number;
  /** Most acknowledgements queued for one peer. Default 8192 (W18). */
  readonly maxQueuedAcknowledgements?: number;
  /**
   * Compressed datagrams that are unpacked per second for remotes whose handshake is not complete, from everywhere; what
   * is above it is dropped unread (W13). 0: no limit. Default 2000.
   */
  readonly strangerUnpacksPerSec?: number;
  /** The same from one address; five times as many at once. 0: no limit. Default 100. */
  readonly strangerUnpacksPerSecPerAddress?: number;
}

/** The defaults of {@link HostOptions}. */
export const DEFAULT_HOST_OPTIONS: Readonly<
  Required<
    Omit<
      HostOptions,
      | 'peerCount'
      | 'random32'
      | 'compressor'
      | 'checksum'
      | 'intercept'
      | 'admit'
      | 'mayBegin'
      | 'verifyTime'
      | 'trace'
      | 'doctor'
      | 'initialMaxPacketSizeBytes'
      | 'initialMaxWaitingBytes'
    >
  >
> = {
  channelLimit: 0,
  incomingBandwidth: 0,
  outgoingBandwidth: 0,
  mtuBytes: DEFAULT_MTU,
  maxPacketSizeBytes: DEFAULT_MAX_PACKET_SIZE,
  maxWaitingBytes: DEFAULT_MAX_WAITING_DATA,
  maxHeldBytes: 256 * 1024 * 1024,
  maxStrangerHeldBytes: 16 * 1024 * 1024,
  maxOutgoingBytes: 2 * DEFAULT_MAX_PACKET_SIZE,
  maxPeersPerAddress: MAX_PEERS,
  maxHalfOpen: MAX_PEERS,
  maxHalfOpenPerAddress: MAX_PEERS,
  halfOpenGraceMs: 1000,
  maxWaitingUnreliable: 8192,
  maxQueuedAcknowledgements: 8192,
  strangerUnpacksPerSec: 2000,
  strangerUnpacksPerSecPerAddress: 100,
};

/** The names of {@link HostOptions}. */
export const HOST_OPTION_NAMES: OptionNames<HostOptions> = {
  peerCount: true,
  random32: true,
  channelLimit: true,
  incomingBandwidth: true,
  outgoingBandwidth: true,
  mtuBytes: true,
  compressor: true,
  checksum: true,
  intercept: true,
  admit: true,
  mayBegin: true,
  verifyTime: true,
  trace: true,
  doctor: true,
  maxPacketSizeBytes: true,
  maxWaitingBytes: true,
  initialMaxPacketSizeBytes: true,
  initialMaxWaitingBytes: true,
  maxHeldBytes: true,
  maxStrangerHeldBytes: true,
  maxOutgoingBytes: true,
  maxPeersPerAddress: true,
  maxHalfOpen: true,
  maxHalfOpenPerAddress: true,
  halfOpenGraceMs: true,
  maxWaitingUnreliable: true,
  maxQueuedAcknowledgements: true,
  strangerUnpacksPerSec: true,
  strangerUnpacksPerSecPerAddress: true,
};

const U32_MAX = 0xffff_ffff;

/** The options that are numbers, with the least and the largest value of each. */
const NUMBER_RANGES: readonly (readonly [name: keyof HostOptions, min: number, max: number])[] = [
  ['peerCount', 1, MAX_PEERS],
  ['channelLimit', 0, MAX_CHANNELS],
  ['incomingBandwidth', 0, U32_MAX],
  ['outgoingBandwidth', 0, U32_MAX],
  ['mtuBytes', 0, U32_MAX],
  ['maxPacketSizeBytes', 0, U32_MAX],
  ['maxWaitingBytes', 0, Number.MAX_SAFE_INTEGER],
  ['maxHeldBytes', 0, Number.MAX_SAFE_INTEGER],
  ['maxStrangerHeldBytes', 0, Number.MAX_SAFE_INTEGER],
  ['maxOutgoingBytes', 0, Number.MAX_SAFE_INTEGER],
  ['maxPeersPerAddress', 0, U32_MAX],
  ['maxHalfOpen', 0, U32_MAX],
  ['maxHalfOpenPerAddress', 0, U32_MAX],
  ['halfOpenGraceMs', 0, U32_MAX],
  ['maxWaitingUnreliable', 0, U32_MAX],
  ['maxQueuedAcknowledgements', 0, U32_MAX],
  ['strangerUnpacksPerSec', 0, U32_MAX],
  ['strangerUnpacksPerSecPerAddress', 0, U32_MAX],
  ['initialMaxPacketSizeBytes', 0, U32_MAX],
  ['initialMaxWaitingBytes', 0, Number.MAX_SAFE_INTEGER],
];

/**
 * Checks the options of a host.
 *
 * @throws RangeError for a number out of range or a name that is none, TypeError when `random32` is missing.
 */
export function checkHostOptions(options: HostOptions): void {
  checkOptions(options, HOST_OPTION_NAMES);
  for (const [name, min, max] of NUMBER_RANGES) {
    const value = options[name];
    if (value === undefined && name !== 'peerCount') continue;
    checkInteger(name, value, min, max);
  }
  if (typeof options.random32 !== 'function') {
    throw new TypeError(`"random32" expected a function, got ${typeof options.random32}`);
  }
}
