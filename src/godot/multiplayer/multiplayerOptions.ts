/** The options of an ENetMultiplayerPeer: everything that Godot's class does not have. */

import { checkOptions, type OptionNames } from '../../../options/internal.ts';
import type { Diagnosis, HostKind } from '../../doctor/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import { withPlatform } from '../../runtime/internal.ts';
import {
  CONNECTION_OPTION_NAMES,
  type ConnectionHostOptions,
  type ENetConnectionOptions,
} from '../connectionOptions.ts';
import { checkLinger } from '../lingering.ts';
import { callGuarded, type ErrorReporter, safeReporter } from '../signals.ts';
import type { TLSOptions } from '../tlsOptions.ts';
import type { MultiplayerPeerLimits } from './enetLimits.ts';

/**
 * What an `ENetMultiplayerPeer` can be told at creation; it goes to its host as well. All of it is optional in the Node
 * entry. With `onWake`, call `poll()` in it.
 */
export interface ENetMultiplayerPeerOptions
  extends Omit<ENetConnectionOptions, 'onError' | 'maxBufferedEvents'> {
  /**
   * Takes what a listener of a signal throws, with `"signal <name>"`, and what makes the host fail, with `"poll"`.
   * Default: the former becomes an uncaught exception, the latter closes the peer, as it does in any case.
   */
  readonly onError?: ErrorReporter;
  /**
   * How many bytes of received packets may wait to be fetched, from 1 on; every packet counts 384 more than it has. The
   * last one may go beyond. While it is reached, packets are left to ENet: connections live on, and who goes on sending
   * is held back by ENet itself, see `host.maxWaitingBytes`. Default 67108864, 64 MiB.
   */
  readonly maxQueuedBytes?: number;
  /**
   * How long `close()` lets arrive what was sent reliably before, in ms, 0..2147483647: the socket, with its port, stays open
   * until everything is acknowledged, for so long at most; everything else of `close()` happens at once. Default 0: what was not
   * sent yet is lost, as in Godot.
   */
  readonly lingerMs?: number;
  /**
   * Encrypts with DTLS from the beginning on: `TLSOptions.server(key, certificate)` for `createServer`,
   * `TLSOptions.client(...)` or `clientUnsafe()` for `createClient`, which answer ERR_CANT_CREATE when it cannot be used. A
   * mesh has connections of its own. Default: plain UDP.
   */
  readonly tls?: TLSOptions;
  /** Server: the only addresses that may connect, e.g. `10.0.0.0/8`. Default: all. */
  readonly allow?: readonly string[];
  /** Server: addresses that may not connect; it wins over `allow`. Default none. */
  readonly deny?: readonly string[];
  /** Server: how many, how fast, how much, see {@link MultiplayerPeerLimits}; each has a default. */
  readonly limits?: Partial<MultiplayerPeerLimits>;
  /**
   * Gets a line for every address whose datagrams cannot be used, with the reason and what helps, see
   * docs/guide/doctor.md. `host.doctor` goes before it. Default: nobody looks for reasons.
   */
  readonly onDiagnosis?: (diagnosis: Diagnosis) => void;
}

/**
 * Checks the options and fills in what the platform has.
 *
 * @throws TypeError when the runtime is missing; RangeError for a `lingerMs` out of range or a name that is none.
 */
export function checkMultiplayerOptions(
  options: ENetMultiplayerPeerOptions,
  className: string,
): ENetMultiplayerPeerOptions & { readonly runtime: Runtime } {
  checkOptions(options, OPTION_NAMES);
  checkLinger(options.lingerMs ?? 0);
  return withPlatform(options, className, 'godot');
}

/**
 * The options of the host of a multiplayer peer.
 *
 * @param kind what it is to the connection doctor.
 */
export function connectionOptionsOf(
  options: ENetMultiplayerPeerOptions,
  kind: HostKind,
): ENetConnectionOptions {
  const {
    onError,
    maxQueuedBytes: _,
    tls: __,
    lingerMs: ___,
    allow: ____,
    deny: _____,
    limits: ______,
    onDiagnosis,
    ...rest
  } = options;
  const report = safeReporter(onError);
  const host: ConnectionHostOptions | undefined =
    onDiagnosis === undefined || rest.host?.doctor !== undefined
      ? rest.host
      : {
          ...rest.host,
          doctor: {
            kind,
            onDiagnosis: (diagnosis) => callGuarded(onDiagnosis, [diagnosis], report, 'onDiagnosis'),
          },
        };
  return {
    ...rest,
    detectsClosedPort: rest.detectsClosedPort ?? true,
    ...(host === undefined ? {} : { host }),
    ...(onError === undefined ? {} : { onError: (error) => onError(error, 'poll') }),
  };
}

// Nobody iterates over the events of these classes.
const { maxBufferedEvents: _, ...CONNECTION_NAMES } = CONNECTION_OPTION_NAMES;

const OPTION_NAMES: OptionNames<ENetMultiplayerPeerOptions> = {
  ...CONNECTION_NAMES,
  maxQueuedBytes: true,
  lingerMs: true,
  tls: true,
  allow: true,
  deny: true,
  // Its own check says what they are.
  limits: true,
  onDiagnosis: true,
};
