/**
 * The network of a server whose host runs in a thread of its own: it turns the host's events into those of a link.
 * docs/decisions/0004-network-thread.md.
 */

import { given } from '../../../options/internal.ts';
import { type Address, DisconnectCause } from '../../enet/index.ts';
import { NO_STATISTICS } from '../../enet/internal.ts';
import {
  type CompressionMode,
  ConnectionEventType,
  GodotError,
  godotErrorName,
  TLSOptions,
} from '../../godot/index.ts';
import { isInRange, readHostParameters, serverSecurity, toInteger } from '../../godot/internal.ts';
import {
  type AttachError,
  type RemoteEvent,
  RemoteEventType,
  type RemoteHost,
  type RemoteHostOptions,
  type RemoteNumbers,
  type SecureCounters,
  type ThreadCounters,
} from '../../runtime/index.ts';
import { guardTrace } from '../guardTrace.ts';
import { doctorOptions } from '../options.ts';
import type { LinkEvent, LinkListener, LinkRequest, ServerLink, Transport } from './link.ts';
import { checkThreadOptions } from './threadOptions.ts';
import { ThreadPeer } from './threadPeer.ts';

/**
 * The ENet host in a thread of its own. To open it blocks until the thread has bound its socket, some 50 to 100 ms, at
 * most 10 s.
 */
export const threadTransport: Transport = {
  check: checkThreadOptions,
  open(request, listener) {
    const link = new ThreadLink(request, listener);
    const error = link.open();
    return error === GodotError.OK ? link : error;
  },
};

class ThreadLink implements ServerLink {
  readonly #request: LinkRequest;
  readonly #listener: LinkListener;
  readonly #peers = new Map<number, ThreadPeer>();
  #host: RemoteHost | undefined;
  /** The same, also after its end, for its numbers. */
  #counted: RemoteHost | undefined;

  constructor(request: LinkRequest, listener: LinkListener) {
    this.#request = request;
    this.#listener = listener;
  }

  /** Starts the thread: the same checks as those of `ENetConnection.createHostBound`, in the same order. */
  open(): GodotError {
    const { maxPeers, maxChannels } = this.#request;
    const port = toInteger(this.#request.port);
    if (!isInRange(port, 0, MAX_PORT)) {
      return this.#refuse(`bindPort expected 0..${MAX_PORT}`, GodotError.ERR_INVALID_PARAMETER);
    }
    const parameters = readHostParameters(maxPeers, maxChannels, 0, 0);
    if (typeof parameters === 'string') return this.#refuse(parameters, GodotError.ERR_INVALID_PARAMETER);
    const remote = this.#attach(port, parameters);
    if ('code' in remote) {
      return this.#refuse(`no socket: ${remote.code} ${remote.message}`, GodotError.ERR_CANT_CREATE);
    }
    this.#host = remote;
    this.#counted = remote;
    return GodotError.OK;
  }

  service(): LinkEvent {
    for (let event = this.#host?.next(); event !== undefined; event = this.#host?.next()) {
      const translated = this.#translate(event);
      if (translated !== undefined) return translated;
    }
    return [ConnectionEventType.EVENT_NONE, null, 0, 0];
  }

  compress(mode: CompressionMode): void {
    this.#host?.compress(mode);
  }

  setLoginTimeout(timeoutMs: number): void {
    this.#host?.setLoginTimeout(timeoutMs);
  }

  threadCounters(): ThreadCounters | undefined {
    return this.#counted?.counters();
  }

  numbers(): RemoteNumbers {
    return this.#counted?.numbers() ?? NO_NUMBERS;
  }

  setOpen(isOpen: boolean): void {
    this.#host?.setOpen(isOpen);
  }

  reloadCertificate(options: TLSOptions): GodotError {
    if (this.#host === undefined || this.#request.options.tls === undefined) {
      return this.#refuse('reloadCertificate: there is no DTLS', GodotError.ERR_UNCONFIGURED);
    }
    if (!(options instanceof TLSOptions && options.isServer())) {
      return this.#refuse('options expected server options', GodotError.ERR_INVALID_PARAMETER);
    }
    const { key, certificate } = serverSecurity(options);
    const problem = this.#host.setCredentials(key, certificate);
    if (problem === undefined) return GodotError.OK;
    return this.#refuse(`reloadCertificate: ${problem.code} ${problem.message}`, GodotError.FAILED);
  }

  /** Undefined in the first moment, too. */
  getDtlsCounters(): SecureCounters | undefined {
    return this.#host?.secureCounters;
  }

  destroy(): void {
    for (const peer of this.#peers.values()) peer.deactivate();
    this.#peers.clear();
    this.#host?.close();
    this.#host = undefined;
  }

  getLocalPort(): number {
    return this.#host?.localPort ?? 0;
  }

  #attach(port: number, parameters: HostParameters): RemoteHost | AttachError {
    const { options, runtime, hostOptions, ops, admission, report } = this.#request;
    const { attachRemote } = runtime;
    if (attachRemote === undefined) throw new TypeError('"runtime" expected attachRemote');
    // Functions stay here, but for the checksum, which has a name there.
    const { checksum, intercept: _, verifyTime: __, trace, doctor: own, ...host } = hostOptions;
    const doctor = doctorOptions(options, own, report, 'ENetServer');
    const { thread, tls, dtls } = options;
    const remoteOptions: RemoteHostOptions = {
      ...given(typeof thread === 'object' ? thread : {}),
      host: { maxWaitingBytes: waitingLimit(parameters.peerCount), ...host, ...parameters },
      bind: { ip: this.#request.bindAddress, port },
      compression: this.#request.compression,
      loginTimeoutMs: this.#request.loginTimeoutMs,
      loginTimeoutPacket: this.#request.loginTimeoutPacket,
      ...(tls && { secure: { ...serverSecurity(tls), ...(dtls && { limits: dtls }) } }),
      rules: ops.rules,
      isOpen: ops.acceptsPeers,
      checksum: checksum === undefined ? undefined : 'crc32',
      doctor: doctor && { kind: doctor.kind },
      asksAdmission: admission !== undefined,
      traces: trace && {
        received: trace.received !== undefined,
        sent: trace.sent !== undefined,
        dropped: trace.dropped !== undefined,
      },
    };
    return attachRemote.call(runtime, remoteOptions, {
      onWake: () => this.#listener.onWake(),
      onError: (error) => report(error, 'network thread'),
      onFailure: (error) => this.#fail(error),
      onDiagnosis: doctor?.onDiagnosis,
      trace: trace && guardTrace(trace, report),
    });
  }

  #translate(event: RemoteEvent): LinkEvent | undefined {
    if (event.type === RemoteEventType.ADMISSION) {
      const isAdmitted = this.#request.admission?.(event.address ?? NOWHERE, event.data) ?? true;
      // The application may have stopped the server.
      this.#host?.answerAdmission(event.slot, isAdmitted);
      return undefined;
    }
    if (event.type === RemoteEventType.CONNECT) {
      const host = this.#host;
      if (host === undefined) return undefined;
      const peer = new ThreadPeer(host, event, this.#request.hostOptions.maxPacketSizeBytes);
      this.#peers.set(event.slot, peer);
      return [ConnectionEventType.EVENT_CONNECT, peer, event.data, 0];
    }
    const peer = this.#peers.get(event.slot);
    // A connection that was ended "now" on this side meanwhile.
    if (peer === undefined || peer.generation !== event.generation || !peer.isActive()) return undefined;
    switch (event.type) {
      case RemoteEventType.DISCONNECT:
        this.#peers.delete(event.slot);
        peer.deactivate(event.cause);
        return [ConnectionEventType.EVENT_DISCONNECT, peer, event.data, 0];
      case RemoteEventType.RECEIVE:
        peer.deliver(event.bytes, event.flags);
        return [ConnectionEventType.EVENT_RECEIVE, peer, 0, event.channel];
      case RemoteEventType.SEND_OVERFLOW:
        this.#listener.onOverflow(peer);
        return undefined;
      default:
        peer.loginOverdue();
        return undefined;
    }
  }

  #fail(error: Error): void {
    for (const peer of this.#peers.values()) peer.deactivate(DisconnectCause.FAILURE);
    this.#peers.clear();
    this.#host = undefined;
    this.#listener.onFailure(error);
  }

  #refuse(reason: string, error: GodotError): GodotError {
    this.#request.trace(`network thread: ${reason} (${godotErrorName(error)})`);
    return error;
  }
}

/** All peers together shall not keep more than half a gigabyte waiting, but each of them a packet of some size. */
function waitingLimit(peerCount: number): number {
  return Math.min(MAX_PACKET_BYTES, Math.max(128 * 1024, Math.floor(MAX_WAITING_BYTES / peerCount)));
}

type HostParameters = Exclude<ReturnType<typeof readHostParameters>, string>;

const NO_NUMBERS: RemoteNumbers = {
  statistics: NO_STATISTICS,
  drops: new Map(),
  refusals: new Map(),
  trackedAddresses: 0,
};
const NOWHERE: Address = { ip: '0.0.0.0', port: 0 };
const MAX_PORT = 65_535;
const MAX_PACKET_BYTES = 32 * 1024 * 1024;
const MAX_WAITING_BYTES = 512 * 1024 * 1024;
