/** The network of a server whose host runs in the application's own thread: an ENetConnection that is watched. */
import { ConnectGate, ConnectRefusal, type Host } from '../../enet/index.ts';
import { NO_STATISTICS } from '../../enet/internal.ts';
import {
  CompressionMode,
  ConnectionEventType,
  ENetConnection,
  type ENetPacketPeer,
  GodotError,
  type TLSOptions,
} from '../../godot/index.ts';
import { connectionAccess } from '../../godot/internal.ts';
import type { RemoteNumbers, SecureCounters } from '../../runtime/index.ts';
import { connectionOptions, type ENetServerOptions } from '../options.ts';
import { InlinePeer } from './inlinePeer.ts';
import type { LinkEvent, LinkListener, LinkRequest, ServerLink, Transport } from './link.ts';

/** The ENet host in this thread. It honours every option. */
export const inlineTransport: Transport = {
  check: () => undefined,
  open(request, listener) {
    const link = new InlineLink(request, listener);
    const error = link.open(request);
    return error === GodotError.OK ? link : error;
  },
};

class InlineLink implements ServerLink {
  readonly #connection: ENetConnection;
  readonly #gate: ConnectGate;
  readonly #peers = new Map<ENetPacketPeer, InlinePeer>();
  /** Also after its end, for its numbers. */
  #host: Host | undefined;

  constructor(request: LinkRequest, listener: LinkListener) {
    const { options, runtime, ops, admission } = request;
    const gate = new ConnectGate(ops.rules);
    gate.isOpen = ops.acceptsPeers;
    const host: ENetServerOptions['host'] = {
      ...request.hostOptions,
      mayBegin: (from) => gate.mayBegin(from),
      admit: (from, data) => gate.admits(from, runtime.now()) && (admission?.(from, data) ?? true),
    };
    this.#gate = gate;
    this.#connection = new ENetConnection(
      connectionOptions(
        { ...options, runtime, host },
        () => listener.onWake(),
        request.report,
        request.trace,
        'ENetServer',
      ),
    );
  }

  /** Binds the socket. */
  open({ bindAddress, port, maxPeers, maxChannels, options, compression }: LinkRequest): GodotError {
    const connection = this.#connection;
    const error = connection.createHostBound(bindAddress, port, maxPeers, maxChannels);
    if (error !== GodotError.OK) return error;
    const { tls } = options;
    if (tls !== undefined && connection.dtlsServerSetup(tls) !== GodotError.OK) {
      // Never in the clear when it was to be encrypted.
      connection.destroy();
      return GodotError.ERR_CANT_CREATE;
    }
    if (compression !== CompressionMode.COMPRESS_NONE) connection.compress(compression);
    this.#host = connectionAccess.hostOf(connection);
    return GodotError.OK;
  }

  service(): LinkEvent {
    const event = this.#connection.service();
    if (event[1] === null) return event;
    const type = event[0];
    const peer = event[1];
    if (type === ConnectionEventType.EVENT_CONNECT) {
      return [type, new InlinePeer(peer, this.#peers), event[2], 0];
    }
    const known = this.#peers.get(peer) ?? new InlinePeer(peer);
    if (type === ConnectionEventType.EVENT_DISCONNECT) this.#peers.delete(peer);
    return [type, known, event[2], event[3]];
  }

  getLocalPort(): number {
    return this.#connection.getLocalPort();
  }

  compress(mode: CompressionMode): void {
    this.#connection.compress(mode);
  }

  /** The server watches by itself. */
  setLoginTimeout(): void {}

  reloadCertificate(options: TLSOptions): GodotError {
    return this.#connection.reloadCertificate(options);
  }

  getDtlsCounters(): SecureCounters | undefined {
    return this.#connection.getDtlsCounters();
  }

  destroy(): void {
    connectionAccess.dismissAll(this.#connection);
    this.#peers.clear();
    this.#connection.destroy();
  }

  numbers(): RemoteNumbers {
    return {
      statistics: this.#host?.statistics ?? NO_STATISTICS,
      drops: this.#host?.dropCounts() ?? new Map(),
      refusals: new Map(
        Object.values(ConnectRefusal).map((reason) => [reason, this.#gate.refusalCount(reason)]),
      ),
      trackedAddresses: this.#gate.trackedAddresses,
    };
  }

  setOpen(isOpen: boolean): void {
    this.#gate.isOpen = isOpen;
  }

  threadCounters(): undefined {
    return undefined;
  }
}
