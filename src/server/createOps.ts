/** Makes the operator's side of a server, and the host options that enforce its limits, from the server's options. */

import {
  type Address,
  type ConnectAttempt,
  ConnectGate,
  type ConnectRules,
  DEFAULT_HOST_OPTIONS,
} from '../enet/index.ts';
import type { ConnectionHostOptions } from '../godot/index.ts';
import { checkLimits, hostLimits, type ServerLimits } from './limits.ts';
import type { ENetServerOptions } from './options.ts';
import { RefusalReason } from './refusals.ts';
import { type OpsSource, type ServerCounters, ServerOps } from './serverOps.ts';
import { type ErrorReporter, isThenable } from './signals.ts';

/** Host options with the limits that the server has to know itself. */
export interface ServerHostOptions extends Omit<ConnectionHostOptions, 'admit' | 'mayBegin'> {
  readonly maxPacketSizeBytes: number;
  readonly maxOutgoingBytes: number;
}

/** @throws RangeError for a limit or an address prefix that is none. */
export function createServerOps(
  source: OpsSource,
  options: ENetServerOptions,
  counters: ServerCounters,
): ServerOps {
  const limits = checkLimits(options.limits);
  const { allow = [], deny = [] } = options;
  const rules: ConnectRules = {
    allow: [...allow],
    deny: [...deny],
    connectsPerSec: limits.connectsPerSec,
    connectBurst: limits.connectBurst,
    connectsPerSecPerAddress: limits.connectsPerSecPerAddress,
    connectBurstPerAddress: limits.connectBurstPerAddress,
    maxTrackedAddresses: limits.maxTrackedAddresses,
  };
  // Each run makes its own; this one only shows bad prefixes.
  new ConnectGate(rules);
  return new ServerOps(source, limits, rules, counters, isThreaded(options));
}

/** The limits of the host, under those that the application gives to it directly. */
export function serverHostOptions(
  limits: ServerLimits,
  options: ENetServerOptions,
  maxPreLoginBytes: number,
): ServerHostOptions {
  const { admit: _, mayBegin: __, ...host } = options.host ?? {};
  const limited = hostLimits(limits, maxPreLoginBytes, host);
  return {
    ...limited,
    maxPacketSizeBytes: limited.maxPacketSizeBytes ?? DEFAULT_HOST_OPTIONS.maxPacketSizeBytes,
    maxOutgoingBytes: limited.maxOutgoingBytes ?? DEFAULT_HOST_OPTIONS.maxOutgoingBytes,
  };
}

/** The application's own decision about a connection. It never throws. */
export type Admission = (from: Address, data: number) => boolean;

/** `host.admit` and then `admit` of the options, guarded and counted; `undefined` when there is neither. */
export function createAdmission(
  options: ENetServerOptions,
  ops: ServerOps,
  report: ErrorReporter,
): Admission | undefined {
  const { admit, host } = options;
  const own = host?.admit;
  if (admit === undefined && own === undefined) return undefined;
  return (from, data) => {
    try {
      const isRefused = own !== undefined && decided(own(from, data, NO_ATTEMPT), 'host.admit') === false;
      if (!isRefused && (admit === undefined || decided(admit(from, data), 'admit') === true)) return true;
    } catch (error) {
      // The core may not be thrown at: an error refuses, and is reported.
      report(error, 'admit');
    }
    ops.refuse(RefusalReason.NOT_ADMITTED);
    return false;
  };
}

/** @throws TypeError for a promise, for which nobody can wait here; what becomes of it does not matter any more. */
function decided(verdict: unknown, name: string): unknown {
  if (!isThenable(verdict)) return verdict;
  verdict.then(undefined, () => undefined);
  throw new TypeError(`"${name}" expected an answer at once, got a promise: decide in the authenticator`);
}

/** Whether the host runs in a thread of its own. */
export function isThreaded(options: ENetServerOptions): boolean {
  return options.thread !== undefined && options.thread !== false;
}

/** A server decides at once, so its hook needs nothing to decide later. */
const NO_ATTEMPT: ConnectAttempt = { connectId: 0, datagram: new Uint8Array(0) };
