/** Makes the operator's side of a server, and the host options that enforce its limits, from the server's options. */
import { DEFAULT_HOST_OPTIONS } from '../enet/hostOptions.ts';
import type { ConnectionHostOptions } from '../godot/connectionOptions.ts';
import { ConnectGate } from './connectGate.ts';
import { checkLimits, hostLimits } from './limits.ts';
import type { ENetServerOptions } from './options.ts';
import { type OpsSource, ServerOps } from './serverOps.ts';
import type { ErrorReporter } from './signals.ts';

/** Host options with the limits that the server has to know itself. */
export interface ServerHostOptions extends ConnectionHostOptions {
  readonly maxPacketSizeBytes: number;
  readonly maxOutgoingBytes: number;
}

/** @throws RangeError for a limit or an address prefix that is none. */
export function createServerOps(
  source: OpsSource,
  options: ENetServerOptions,
  report: ErrorReporter,
): ServerOps {
  const limits = checkLimits(options.limits);
  const { allow = [], deny = [], admit } = options;
  const gate = new ConnectGate({
    limits,
    allow,
    deny,
    admit: admit === undefined ? undefined : guarded(admit, report),
  });
  return new ServerOps(source, limits, gate);
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
