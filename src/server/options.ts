/** What can be set when a server or a client of this module is made. Our additions; Godot has none of them. */

import type { PacketEncodeOptions } from '../../codec/index.ts';
import {
  checkFunctions,
  checkInteger,
  checkList,
  checkOptions,
  describe,
  type OptionNames,
  withDefaults,
} from '../../options/internal.ts';
import type { Diagnosis, HostDoctorOptions, HostKind } from '../doctor/index.ts';
import type { Address, Compressor } from '../enet/index.ts';
import { type ConnectionHostOptions, type ENetConnectionOptions, TLSOptions } from '../godot/index.ts';
import { CONNECTION_HOST_OPTION_NAMES, isBindAddress, isHostName } from '../godot/internal.ts';
import type { Runtime, SecureLimits, ThreadLimits } from '../runtime/index.ts';
import { checkSecureLimits } from '../runtime/internal.ts';
import { guardTrace } from './guardTrace.ts';
import { checkLimits, type ServerLimits } from './limits.ts';
import type { ReceiveOptions } from './packets.ts';
import { callGuarded, type ErrorReporter } from './signals.ts';

/** What {@link ENetServerOptions} and {@link ENetClientOptions} share. */
export interface CommonOptions {
  /** Sockets, clock, timers and randomness. The Node entry brings those of this process. */
  readonly runtime?: Runtime;
  /**
   * Makes the compressor of a `COMPRESS_*` mode; `undefined` for a mode that this process does not have. The Node
   * entry brings all five modes; without it only COMPRESS_NONE is known.
   */
  readonly createCompressor?: (mode: number) => Compressor | undefined;
  /** Options of the ENet host underneath, mostly limits against hostile clients. Default none. */
  readonly host?: ConnectionHostOptions;
  /**
   * Gets what listeners, event callbacks and authenticators throw. Without it such an error becomes an uncaught
   * exception of the process, as one in any Node callback does; the server itself goes on either way.
   */
  readonly onError?: ErrorReporter;
  /** Gets one line for a human whenever a call is refused. */
  readonly onTrace?: (line: string) => void;
  /**
   * Encrypts with DTLS: `TLSOptions.server(key, certificate)` for a server, `TLSOptions.client(...)` or `clientUnsafe()`
   * for a client. Default: plain UDP.
   */
  readonly tls?: TLSOptions;
  /** Limits of DTLS, with `tls`. Each has a default. */
  readonly dtls?: SecureLimits;
  /**
   * Gets a diagnosis when datagrams of an address cannot be used, once for each address, port and cause: another compression,
   * DTLS, Godot 3, too few channels, HTTP and more, each with what helps. Called from inside the host, so it must not
   * call this object. Default: nobody listens, which is free.
   */
  readonly onDiagnosis?: (diagnosis: Diagnosis) => void;
  /** How values are encoded, e.g. `{ dialect: '4.2' }` for older clients. */
  readonly encode?: PacketEncodeOptions;
  /** How packets are decoded, e.g. `{ exact: true }` to tell `1.0` from `1`, or with tighter limits. */
  readonly decode?: ReceiveOptions;
  /**
   * Sends unreliable packets that need fragments as unreliable fragments. Without it they travel as reliable
   * fragments, as the engine sends them. Default `false`.
   */
  readonly unreliableFragments?: boolean;
  /** Emits `rawPacketReceived` before `packetReceived`. Default `false`: after it, as the engine does. */
  readonly emitRawFirst?: boolean;
}

/** The options of an ENetServer. */
export interface ENetServerOptions extends CommonOptions {
  /**
   * The address to bind, or `"*"` for all interfaces; `"::"` takes IPv4, too. A host name, e.g. `"localhost"` or
   * `"fly-global-services"`, is resolved by each `createServer`, which waits for it. Default `"*"`.
   */
  readonly bindAddress?: string;
  /** Sends to "all" reach peers that are not authenticated yet, too. Default `false`. */
  readonly broadcastToAll?: boolean;
  /** `stopServer` keeps the authentication mode, the authenticator, the events and the compression mode. Default `false`. */
  readonly keepSettingsOnStop?: boolean;
  /** How long a kicked peer may take to acknowledge what was sent before, in ms, 1..600000. Default 5000. */
  readonly kickTimeoutMs?: number;
  /** How many login packets of one peer are looked at, 1 or more. Further ones are dropped. Default 8. */
  readonly maxLoginAttempts?: number;
  /** How many packets a peer may send before it is authenticated, 1 or more. One more and it is rejected. Default 64. */
  readonly maxPreLoginPackets?: number;
  /** How many bytes a peer may send before it is authenticated, 1 or more. More and it is rejected. Default 65536. */
  readonly maxPreLoginBytes?: number;
  /** Rates, sizes and numbers; each has a default. */
  readonly limits?: Partial<ServerLimits>;
  /** Address prefixes that may connect, e.g. `['10.0.0.0/8', '2001:db8::/32']`. Default: everybody. */
  readonly allow?: readonly string[];
  /** Address prefixes that may not connect, even if `allow` has them. Default: none. */
  readonly deny?: readonly string[];
  /**
   * Decides about a connection before it costs a slot or an answer, after all limits. `data` is the u32 that the client
   * sent along; a client that gets no answer repeats its attempt for half a minute. What it throws goes to `onError`
   * and refuses. Default: everybody is admitted.
   */
  readonly admit?: (address: Address, data: number) => boolean;
  /**
   * The name of a custom event that tells a peer why the server disconnects it: `{ reason }`, reliable, on channel 0,
   * after everything that was sent before. Not sent for an empty reason. Default: the reason does not travel.
   */
  readonly kickReasonEvent?: string;
  /**
   * Runs the host and its socket in a thread of its own: acknowledgements, pings, resends, handshakes and the
   * authentication timeout go on while this thread is busy. Signals still come here and in the same order.
   * `createServer` blocks for the start of the thread, 50 to 130 ms as a rule, 10 s at most. While this thread is busy, connections are made
   * and refused all the same, but who has to be asked about by `admit` waits. `createCompressor` is not used by the host,
   * `host.checksum` can only be `crc32`, and `host.intercept` is refused. An object sets the limits of the thread. Default
   * `false`.
   */
  readonly thread?: boolean | ThreadLimits;
}

/** The options of an ENetClient. */
export interface ENetClientOptions extends CommonOptions {
  /**
   * How long an attempt to connect may take, with the resolution of a name and a DTLS handshake, in ms, 1..2147483647. Then
   * `connectionFailed` follows. Default: as long as ENet tries, 31.5 seconds from its first datagram on.
   */
  readonly connectTimeoutMs?: number;
  /**
   * Whether an attempt to connect fails at once (cause REFUSED) when the system says that nobody listens at that UDP port,
   * as it does for ports of this machine and where ICMP gets through. `false` keeps trying, e.g. while the server starts.
   * Default true.
   */
  readonly detectsClosedPort?: boolean;
  /**
   * How long `disconnectFromServer` keeps the socket open for what was sent before, in ms, 0..2147483647. 0: not at all, as
   * the reference. Default 5000.
   */
  readonly lingerMs?: number;
}

/** The options of a server that have a default, complete. */
export type ServerSettings = Required<
  Omit<
    ENetServerOptions,
    | 'runtime'
    | 'createCompressor'
    | 'host'
    | 'onError'
    | 'onTrace'
    | 'onDiagnosis'
    | 'encode'
    | 'decode'
    | 'limits'
    | 'allow'
    | 'deny'
    | 'admit'
    | 'kickReasonEvent'
    | 'thread'
    | 'tls'
    | 'dtls'
  >
>;

/** The defaults of {@link ENetServerOptions}. */
export const ENET_SERVER_DEFAULTS: ServerSettings = {
  bindAddress: '*',
  unreliableFragments: false,
  emitRawFirst: false,
  broadcastToAll: false,
  keepSettingsOnStop: false,
  kickTimeoutMs: 5000,
  maxLoginAttempts: 8,
  maxPreLoginPackets: 64,
  maxPreLoginBytes: 65536,
};

const COMMON_OPTION_NAMES: OptionNames<CommonOptions> = {
  runtime: true,
  createCompressor: true,
  host: CONNECTION_HOST_OPTION_NAMES,
  onError: true,
  onTrace: true,
  tls: true,
  // Their own checks say what they are: limits, and options of the codec.
  dtls: true,
  encode: true,
  decode: true,
  onDiagnosis: true,
  unreliableFragments: true,
  emitRawFirst: true,
};
const SERVER_OPTION_NAMES: OptionNames<ENetServerOptions> = {
  ...COMMON_OPTION_NAMES,
  bindAddress: true,
  broadcastToAll: true,
  keepSettingsOnStop: true,
  kickTimeoutMs: true,
  maxLoginAttempts: true,
  maxPreLoginPackets: true,
  maxPreLoginBytes: true,
  limits: true,
  allow: true,
  deny: true,
  admit: true,
  kickReasonEvent: true,
  thread: true,
};
const CLIENT_OPTION_NAMES: OptionNames<ENetClientOptions> = {
  ...COMMON_OPTION_NAMES,
  connectTimeoutMs: true,
  detectsClosedPort: true,
  lingerMs: true,
};

/**
 * Checks what {@link ENetClient} does not check itself.
 *
 * @throws RangeError for a name that is none; TypeError for a value of another kind.
 */
export function checkClientOptions(options: ENetClientOptions): void {
  checkOptions(options, CLIENT_OPTION_NAMES);
  checkFunctions(options, ['onError', 'onTrace', 'onDiagnosis', 'createCompressor']);
}

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a value out of range or a name that is none; TypeError for a value of another kind.
 */
export function checkServerOptions(options: ENetServerOptions): ServerSettings {
  checkOptions(options, SERVER_OPTION_NAMES);
  checkFunctions(options, ['onError', 'onTrace', 'onDiagnosis', 'createCompressor', 'admit']);
  checkList('allow', options.allow, 'prefixes');
  checkList('deny', options.deny, 'prefixes');
  const settings = withDefaults(ENET_SERVER_DEFAULTS, options);
  if (!isBindAddress(settings.bindAddress) && !isHostName(settings.bindAddress)) {
    throw new RangeError(
      `"bindAddress" expected an IP address, a host name or "*", got ${describe(settings.bindAddress)}`,
    );
  }
  checkLimits(options.limits);
  checkKickReasonEvent(options.kickReasonEvent);
  checkInteger('kickTimeoutMs', settings.kickTimeoutMs, 1, 600_000);
  checkInteger('maxLoginAttempts', settings.maxLoginAttempts, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('maxPreLoginPackets', settings.maxPreLoginPackets, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('maxPreLoginBytes', settings.maxPreLoginBytes, 1, Number.MAX_SAFE_INTEGER);
  return settings;
}

/**
 * Whether the options for DTLS are such, and for the right side.
 *
 * @throws TypeError when they are not; RangeError for a limit out of range.
 */
export function checkTlsOptions(options: CommonOptions, isServer: boolean): void {
  checkSecureLimits('dtls', options.dtls);
  const { tls }: { readonly tls?: unknown } = options;
  if (tls === undefined || (tls instanceof TLSOptions && tls.isServer() === isServer)) return;
  const expected = isServer ? 'TLSOptions.server(...)' : 'TLSOptions.client(...) or clientUnsafe()';
  throw new TypeError(`"tls" expected ${expected}, got ${describe(tls)}`);
}

/** A trace function that never throws: what `onTrace` throws goes to `report`. */
export function safeTrace(options: CommonOptions, report: ErrorReporter): (line: string) => void {
  const { onTrace } = options;
  if (onTrace === undefined) return () => undefined;
  return (line) => callGuarded(onTrace, [line], report, 'onTrace');
}

/** The options of the connection underneath. */
export function connectionOptions(
  options: CommonOptions,
  onWake: () => void,
  report: ErrorReporter,
  trace: (line: string) => void,
  kind?: HostKind,
): ENetConnectionOptions {
  const { runtime, createCompressor, dtls } = options;
  const { trace: hostTrace, doctor: own, ...rest } = options.host ?? {};
  const doctor = doctorOptions(options, own, report, kind);
  const host = {
    ...rest,
    ...(hostTrace && { trace: guardTrace(hostTrace, report) }),
    ...(doctor && { doctor }),
  };
  return {
    onWake,
    onTrace: trace,
    onError: (error) => report(error, 'ENet host'),
    ...(runtime === undefined ? {} : { runtime }),
    ...(createCompressor === undefined ? {} : { createCompressor }),
    host,
    ...(dtls === undefined ? {} : { dtls }),
  };
}

/** The doctor that `host.doctor` asks for, or else `onDiagnosis`. What the function throws is reported. */
export function doctorOptions(
  options: CommonOptions,
  own: HostDoctorOptions | undefined,
  report: ErrorReporter,
  ownKind: HostKind | undefined,
): HostDoctorOptions | undefined {
  const { onDiagnosis, kind } = own ?? { onDiagnosis: options.onDiagnosis, kind: ownKind };
  if (onDiagnosis === undefined) return undefined;
  return {
    kind,
    onDiagnosis: (diagnosis) => callGuarded(onDiagnosis, [diagnosis], report, 'onDiagnosis'),
  };
}

function checkKickReasonEvent(name: unknown): void {
  if (name === undefined || (typeof name === 'string' && name !== '')) return;
  throw new RangeError(`"kickReasonEvent" expected a name, got ${describe(name)}`);
}
