/** The options of an ENetConnection: everything that Godot's class does not have. */
import { checkInteger, checkOptions, type OptionNames } from '../../options/internal.ts';
import type { HostDoctorOptions } from '../doctor/index.ts';
import { DOCTOR_OPTION_NAMES } from '../doctor/internal.ts';
import type { Compressor, HostOptions } from '../enet/index.ts';
import { HOST_OPTION_NAMES } from '../enet/internal.ts';
import type { Runtime, SecureLimits } from '../runtime/index.ts';
import { checkSecureLimits, withPlatform } from '../runtime/internal.ts';

/** Options of the ENet host that Godot has no parameter for, mostly limits against hostile clients. */
export type ConnectionHostOptions = Omit<
  HostOptions,
  | 'peerCount'
  | 'random32'
  | 'channelLimit'
  | 'incomingBandwidth'
  | 'outgoingBandwidth'
  | 'compressor'
  | 'doctor'
> & {
  /** Tells why datagrams of an address cannot be used, e.g. another compression. Default none. */
  readonly doctor?: HostDoctorOptions | undefined;
};

/** What an `ENetConnection` can be told at creation. All of it is optional in the Node entry. */
export interface ENetConnectionOptions {
  /** Sockets, clock, randomness and name resolution. The Node entry brings those of this process. */
  readonly runtime?: Runtime;
  /**
   * Makes the compressor of a `COMPRESS_*` mode; returns `undefined` or throws for a mode that this process does not
   * have. The Node entry brings all five modes; without it only COMPRESS_NONE is known.
   */
  readonly createCompressor?: (mode: number) => Compressor | undefined;
  /** Takes one line for every refused call, in words for a human. Default: nobody listens. */
  readonly onTrace?: (line: string) => void;
  /** Takes the errors that `service()` reports as EVENT_ERROR. Default: nobody listens. */
  readonly onError?: (error: unknown) => void;
  /**
   * Called when there is something to do: datagrams arrived, a deadline has passed, or something was queued. Call
   * `service()` until EVENT_NONE in it. Not called while somebody iterates over the events. Default: pure polling.
   */
  readonly onWake?: () => void;
  /**
   * Whether ended peers keep their address and their queued packets readable. `false` is what Godot does: empty
   * address, ERR_UNCONFIGURED. Default true.
   */
  readonly keepsEndedPeers?: boolean;
  /**
   * How long `connectToHost()` may take, with the resolution of a name and a DTLS handshake, in ms, 1..2147483647. Then
   * EVENT_DISCONNECT follows, and the remote is told. Default: as long as ENet tries, 31.5 seconds from its first datagram on.
   */
  readonly connectTimeoutMs?: number;
  /**
   * Whether an attempt to connect ends at once (EVENT_DISCONNECT, cause REFUSED) when the system says that nobody listens at
   * that UDP port, as it does for ports of this machine and where ICMP gets through. The socket is connected to the remote for
   * that: `socketSend` to others may not leave, and others do not get through, so it is not for making ways through a NAT.
   * `false` keeps trying, e.g. while the server starts. Default: `false` for a bare ENetConnection, `true` for the clients
   * of the other classes.
   */
  readonly detectsClosedPort?: boolean;
  /** How many events may wait for a slow `for await` before the network has to wait, 1..65536. Default 1024. */
  readonly maxBufferedEvents?: number;
  /** Options of the ENet host underneath. Default none. */
  readonly host?: ConnectionHostOptions;
  /** Limits of DTLS, for {@link ENetConnection.dtlsServerSetup} and `dtlsClientSetup`. Each has a default. */
  readonly dtls?: SecureLimits;
}

/** The defaults of {@link ENetConnectionOptions}, as far as they have a value. */
export const DEFAULT_CONNECTION_OPTIONS = {
  /** Ended peers stay readable. */
  keepsEndedPeers: true,
  /** Events that may wait for a slow iteration. */
  maxBufferedEvents: 1024,
} as const;

const { peerCount, random32, channelLimit, incomingBandwidth, outgoingBandwidth, compressor, ...FREE } =
  HOST_OPTION_NAMES;

/** The names of {@link ConnectionHostOptions}: those of a host without what Godot has parameters for. */
export const CONNECTION_HOST_OPTION_NAMES: OptionNames<ConnectionHostOptions> = {
  ...FREE,
  doctor: DOCTOR_OPTION_NAMES,
};

/** The names of {@link ENetConnectionOptions}. */
export const CONNECTION_OPTION_NAMES: OptionNames<ENetConnectionOptions> = {
  runtime: true,
  createCompressor: true,
  onTrace: true,
  onError: true,
  onWake: true,
  keepsEndedPeers: true,
  connectTimeoutMs: true,
  detectsClosedPort: true,
  maxBufferedEvents: true,
  host: CONNECTION_HOST_OPTION_NAMES,
  // Its own check says that they are limits.
  dtls: true,
};

/**
 * Checks the options and fills in what the platform has.
 *
 * @throws TypeError when the runtime is missing; RangeError for a number out of range or a name that is
 * none.
 */
export function checkConnectionOptions(
  options: ENetConnectionOptions,
): ENetConnectionOptions & { readonly runtime: Runtime } {
  checkOptions(options, CONNECTION_OPTION_NAMES);
  const limit = options.maxBufferedEvents ?? DEFAULT_CONNECTION_OPTIONS.maxBufferedEvents;
  checkInteger('maxBufferedEvents', limit, 1, MAX_BUFFERED_EVENTS);
  checkSecureLimits('dtls', options.dtls);
  checkConnectTimeout(options.connectTimeoutMs);
  return withPlatform(options, 'ENetConnection', 'godot');
}

/** @throws RangeError for a time that is none. */
export function checkConnectTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs !== undefined) checkInteger('connectTimeoutMs', timeoutMs, 1, MAX_TIMER_MS);
}

/** Node counts in 31 bits. */
const MAX_TIMER_MS = 0x7fff_ffff;
const MAX_BUFFERED_EVENTS = 65_536;
