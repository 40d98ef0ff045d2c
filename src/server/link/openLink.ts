/** Opens the network of a server, in this thread or in one of its own. docs/decisions/0004-network-thread.md. */
import { crc32 } from '../../enet/index.ts';
import { CompressionMode, GodotError, isBindAddress, serverSecurity } from '../../godot/internal.ts';
import { checkThreadLimits } from '../../runtime/internal.ts';
import { isThreaded } from '../createOps.ts';
import { guardTrace } from '../guardTrace.ts';
import { doctorOptions, type ENetServerOptions } from '../options.ts';
import { InlineConnection, type InlineOwner } from './inlineConnection.ts';
import type { PeerLink, ServerLink } from './link.ts';
import { RemoteConnection, type RemoteStart } from './remoteConnection.ts';

/** What {@link openLink} needs of its server. */
export interface LinkOwner extends InlineOwner {
  /** A reliable packet for this peer was lost in the network thread, which has disconnected it. */
  onOverflow(peer: PeerLink): void;
  /** The network thread has died. */
  onFailure(error: Error): void;
}

/** Where and how large. */
export interface LinkPlace {
  readonly bindAddress: string;
  readonly port: number;
  readonly maxPeers: number;
  readonly maxChannels: number;
}

/** @returns the open network, which `ops` watches, or Godot's error number. */
export function openLink(owner: LinkOwner, place: LinkPlace, start: RemoteStart): ServerLink | GodotError {
  const { port, maxPeers, maxChannels } = place;
  const bindAddress = findAddress(owner, place.bindAddress);
  if (bindAddress === undefined) return GodotError.ERR_CANT_CREATE;
  const { tls, dtls } = owner.options;
  if (isThreaded(owner.options)) {
    const remote = createRemote(owner);
    const secured =
      tls === undefined
        ? start
        : { ...start, secure: { ...serverSecurity(tls), ...(dtls === undefined ? {} : { limits: dtls }) } };
    const error = remote.createHostBound(bindAddress, port, maxPeers, maxChannels, secured);
    if (error !== GodotError.OK) return error;
    owner.ops.watch(remote);
    return remote;
  }
  const connection = new InlineConnection(owner);
  const error = connection.createHostBound(bindAddress, port, maxPeers, maxChannels);
  if (error !== GodotError.OK) return error;
  if (tls !== undefined && connection.dtlsServerSetup(tls) !== GodotError.OK) {
    // Never in the clear when it was to be encrypted.
    connection.destroy();
    return GodotError.ERR_CANT_CREATE;
  }
  if (start.compression !== CompressionMode.COMPRESS_NONE) connection.compress(start.compression);
  owner.ops.watch(connection);
  return connection;
}

/** The address to bind; `undefined`, with a trace line, for a name without one. */
function findAddress({ runtime, trace }: LinkOwner, address: string): string | undefined {
  if (isBindAddress(address)) return address;
  const found = runtime.resolveNow?.(address);
  if (found === undefined) trace(`createServer: ${address} has no address (ERR_CANT_CREATE)`);
  return found;
}

/** @throws TypeError for options that a network thread cannot honour; RangeError for limits of it out of range. */
export function checkThreadOptions(options: ENetServerOptions): void {
  if (!isThreaded(options)) return;
  const { thread } = options;
  if (thread !== undefined && typeof thread !== 'boolean') {
    checkThreadLimits(thread);
    const unknown = Object.keys(thread).find((name) => !THREAD_LIMITS.includes(name));
    if (unknown !== undefined) throw new RangeError(`"thread.${unknown}" is no limit`);
  }
  if (options.runtime?.attachRemote === undefined) {
    throw new TypeError('"thread" expected a runtime with threads (attachRemote), got one without');
  }
  const { checksum, intercept, verifyTime } = options.host ?? {};
  if (checksum !== undefined && checksum !== crc32) {
    throw new TypeError(
      '"host.checksum" expected crc32 or undefined with "thread": a function cannot cross threads',
    );
  }
  for (const [name, hook] of Object.entries({ intercept, verifyTime })) {
    if (hook === undefined) continue;
    throw new TypeError(`"host.${name}" expected undefined with "thread": a function cannot cross threads`);
  }
}

function createRemote(owner: LinkOwner): RemoteConnection {
  const { attachRemote } = owner.runtime;
  if (attachRemote === undefined) throw new TypeError('"runtime" expected attachRemote');
  const { thread } = owner.options;
  // Functions stay here, but for the checksum, which has a name there.
  const { checksum, intercept: _, verifyTime: __, trace, doctor: own, ...host } = owner.hostOptions;
  const doctor = doctorOptions(owner.options, own, owner.report, 'ENetServer');
  return new RemoteConnection({
    attachRemote: (options, listener) => attachRemote.call(owner.runtime, options, listener),
    limits: typeof thread === 'object' ? thread : {},
    host,
    rules: owner.ops.rules,
    isOpen: owner.ops.acceptsPeers,
    checksum: checksum === undefined ? undefined : 'crc32',
    hostTrace: trace === undefined ? undefined : guardTrace(trace, owner.report),
    doctor,
    admission: owner.admission,
    onWake: () => owner.onWake(),
    onTrace: owner.trace,
    onError: (error) => owner.report(error, 'network thread'),
    onOverflow: (peer) => owner.onOverflow(peer),
    onFailure: (error) => owner.onFailure(error),
  });
}

const THREAD_LIMITS: readonly string[] = ['ringBytes', 'maxQueuedBytes', 'maxHeapMib'];
