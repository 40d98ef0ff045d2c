/** Opens the network of a server, in this thread or in one of its own. docs/decisions/0004-network-thread.md. */
import type { Host } from '../enet/host.ts';
import type { Address, Runtime } from '../enet/transport.ts';
import { CompressionMode } from '../godot/constants.ts';
import { ENetConnection } from '../godot/ENetConnection.ts';
import { GodotError } from '../godot/errors.ts';
import type { ServerHostOptions } from './createOps.ts';
import type { PeerLink, ServerLink } from './link.ts';
import { observeHost } from './observeHost.ts';
import { connectionOptions, type ENetServerOptions } from './options.ts';
import { RemoteConnection, type RemoteStart } from './remoteConnection.ts';
import type { ErrorReporter } from './signals.ts';

/** What {@link openLink} needs of its server. */
export interface LinkOwner {
  readonly options: ENetServerOptions;
  readonly runtime: Runtime;
  readonly hostOptions: ServerHostOptions;
  readonly report: ErrorReporter;
  readonly trace: (line: string) => void;
  /** There are events to take. */
  onWake(): void;
  /** A reliable packet for this peer was lost in the network thread, which has disconnected it. */
  onOverflow(peer: PeerLink): void;
  /** The network thread has died. */
  onFailure(error: Error): void;
  /** The host, when it is in this thread. */
  onHost(host: Host): void;
}

/** Where and how large. */
export interface LinkPlace {
  readonly bindAddress: string;
  readonly port: number;
  readonly maxPeers: number;
  readonly maxChannels: number;
}

/** @returns the open network, or Godot's error number. */
export function openLink(owner: LinkOwner, place: LinkPlace, start: RemoteStart): ServerLink | GodotError {
  const { bindAddress, port, maxPeers, maxChannels } = place;
  if (isThreaded(owner.options)) {
    const remote = createRemote(owner);
    const error = remote.createHostBound(bindAddress, port, maxPeers, maxChannels, start);
    return error === GodotError.OK ? remote : error;
  }
  const { options, hostOptions, report, trace } = owner;
  let host: Host | undefined;
  const runtime = observeHost(owner.runtime, (created) => {
    host = created;
  });
  const connection = new ENetConnection(
    connectionOptions(
      { ...options, runtime, host: hostOptions },
      () => owner.onWake(),
      report,
      trace,
      'ENetServer',
    ),
  );
  const error = connection.createHostBound(bindAddress, port, maxPeers, maxChannels);
  if (error !== GodotError.OK) return error;
  if (start.compression !== CompressionMode.COMPRESS_NONE) connection.compress(start.compression);
  if (host !== undefined) owner.onHost(host);
  return connection;
}

/** @throws TypeError for options that a network thread cannot honour. */
export function checkThreadOptions(options: ENetServerOptions): void {
  if (!isThreaded(options)) return;
  if (options.runtime?.attachRemote === undefined) {
    throw new TypeError('"thread" expected a runtime with threads (attachRemote), got one without');
  }
  for (const name of ['checksum', 'intercept', 'trace'] as const) {
    if (options.host?.[name] !== undefined) {
      throw new TypeError(`"host.${name}" expected undefined with "thread": a function cannot cross threads`);
    }
  }
}

function isThreaded(options: ENetServerOptions): boolean {
  return options.thread !== undefined && options.thread !== false;
}

function createRemote(owner: LinkOwner): RemoteConnection {
  const { attachRemote } = owner.runtime;
  if (attachRemote === undefined) throw new TypeError('"runtime" expected attachRemote');
  const { thread } = owner.options;
  // Functions stay here: `admit` is asked when the connection is complete, the others were refused by the constructor.
  const { admit, checksum, intercept, trace, ...host } = owner.hostOptions;
  void [checksum, intercept, trace];
  return new RemoteConnection({
    attachRemote: (options, listener) => attachRemote.call(owner.runtime, options, listener),
    limits: typeof thread === 'object' ? thread : {},
    host,
    admit: (from: Address, data: number) => admit?.(from, data) ?? true,
    onWake: () => owner.onWake(),
    onTrace: owner.trace,
    onError: (error) => owner.report(error, 'network thread'),
    onOverflow: (peer) => owner.onOverflow(peer),
    onFailure: (error) => owner.onFailure(error),
  });
}
