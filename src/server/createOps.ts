/** Makes the operator's side of a server, and the host options that enforce its limits, from the server's options. */
import { DEFAULT_HOST_OPTIONS } from '../enet/hostOptions.ts';
import type { ConnectionHostOptions } from '../godot/connectionOptions.ts';
import { ConnectGate } from './connectGate.ts';
import { checkLimits, hostLimits } from './limits.ts';
import type { ENetServerOptions } from './options.ts';
import { type OpsSource, type ServerCounters, ServerOps } from './serverOps.ts';
import { type ErrorReporter, safeReporter } from './signals.ts';

/** Host options with the limits that the server has to know itself. */
export interface ServerHostOptions extends ConnectionHostOptions {
  readonly maxPacketSizeBytes: number;
  readonly maxOutgoingBytes: number;
}

/** All counters at 0. */
export function createCounters(): ServerCounters {
  return {
    connections: 0,
    authentications: 0,
    disconnections: 0,
    packetsReceived: 0,
    bytesReceived: 0,
    eventsReceived: 0,
    handlerErrors: 0,
  };
}

/** What the application's code throws, counted on its way to `onError`. */
export function countingReporter(
  onError: ErrorReporter | undefined,
  counters: ServerCounters,
): ErrorReporter {
  const report = safeReporter(onError);
  return (error, where) => {
    counters.handlerErrors++;
    report(error, where);
  };
}

/** @throws RangeError for a limit or an address prefix that is none. */
export function createServerOps(
  source: OpsSource,
  options: ENetServerOptions,
  report: ErrorReporter,
  counters: ServerCounters,
): ServerOps {
  const limits = checkLimits(options.limits);
  const { allow = [], deny = [], admit } = options;
  const gate = new ConnectGate({
    limits,
    allow,
    deny,
    admit: admit === undefined ? undefined : guarded(admit, report),
  });
  return new ServerOps(source, limits, gate, counters);
}

/** The limits of the host, under those that the application gives to it directly. */
export function serverHostOptions(
  ops: ServerOps,
  options: ENetServerOptions,
  maxPreLoginBytes: number,
): ServerHostOptions {
  const { host = {} } = options;
  const limited = hostLimits(ops.limits, maxPreLoginBytes, host);
  const own = host.admit;
  return {
    ...limited,
    maxPacketSizeBytes: limited.maxPacketSizeBytes ?? DEFAULT_HOST_OPTIONS.maxPacketSizeBytes,
    maxOutgoingBytes: limited.maxOutgoingBytes ?? DEFAULT_HOST_OPTIONS.maxOutgoingBytes,
    admit: own === undefined ? ops.admit : (from, data) => own(from, data) && ops.admit(from, data),
  };
}

/** The core may not be thrown at: an error refuses, and is reported. */
function guarded(
  admit: NonNullable<ENetServerOptions['admit']>,
  report: ErrorReporter,
): NonNullable<ENetServerOptions['admit']> {
  return (address, data) => {
    try {
      return admit(address, data) === true;
    } catch (error) {
      report(error, 'admit');
      return false;
    }
  };
}
