/** The connections of a server whose host runs in the application's own thread: an ENetConnection that is watched. */
import { ConnectGate, ConnectRefusal, type Host } from '../../enet/index.ts';
import { NO_STATISTICS } from '../../enet/internal.ts';
import { ENetConnection } from '../../godot/internal.ts';
import type { HostPort, RemoteNumbers, Runtime } from '../../runtime/index.ts';
import type { Admission, ServerHostOptions } from '../createOps.ts';
import { connectionOptions, type ENetServerOptions } from '../options.ts';
import type { ServerOps, WatchedHost } from '../serverOps.ts';
import type { ErrorReporter } from '../signals.ts';

/** What an {@link InlineConnection} needs of its server. */
export interface InlineOwner {
  readonly options: ENetServerOptions;
  readonly runtime: Runtime;
  readonly hostOptions: ServerHostOptions;
  readonly ops: ServerOps;
  readonly admission: Admission | undefined;
  readonly report: ErrorReporter;
  readonly trace: (line: string) => void;
  onWake(): void;
}

/** See the head of this file. */
export class InlineConnection extends ENetConnection implements WatchedHost {
  readonly #gate: ConnectGate;
  readonly #seen: Seen;

  constructor(owner: InlineOwner) {
    const { options, ops, admission } = owner;
    const gate = new ConnectGate(ops.rules);
    gate.isOpen = ops.acceptsPeers;
    const seen: Seen = { host: undefined, port: undefined };
    const host: ENetServerOptions['host'] = {
      ...owner.hostOptions,
      mayBegin: (from) => gate.mayBegin(from),
      admit: (from, data) => gate.admits(from, owner.runtime.now()) && (admission?.(from, data) ?? true),
    };
    super(
      connectionOptions(
        { ...options, runtime: observeHost(owner.runtime, seen), host },
        () => owner.onWake(),
        owner.report,
        owner.trace,
        'ENetServer',
      ),
    );
    this.#gate = gate;
    this.#seen = seen;
  }

  /** Tells everybody, also those whose handshake is not finished, and closes the socket. */
  override destroy(): void {
    const { host, port } = this.#seen;
    if (port !== undefined) for (const peer of host?.peers() ?? []) peer.disconnectNow(0, port.now());
    this.flush();
    super.destroy();
  }

  numbers(): RemoteNumbers {
    const { host } = this.#seen;
    return {
      statistics: host?.statistics ?? NO_STATISTICS,
      drops: host?.dropCounts() ?? new Map(),
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

/** The host behind the connection and its port, once there are some. */
interface Seen {
  host: Host | undefined;
  port: HostPort | undefined;
}

/** The same runtime; `seen` gets the host that is attached to a socket, and the port. */
function observeHost(runtime: Runtime, seen: Seen): Runtime {
  return {
    now: () => runtime.now(),
    random32: () => runtime.random32(),
    startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
    attach: (host, bind) => {
      const port = runtime.attach(host, bind);
      if (!('code' in port)) {
        seen.host = host;
        seen.port = port;
      }
      return port;
    },
    resolve: (name, done) => runtime.resolve(name, done),
    ...(runtime.resolveNow && { resolveNow: (name: string) => runtime.resolveNow?.(name) }),
    ...(runtime.warn && { warn: (code: string, message: string) => runtime.warn?.(code, message) }),
  };
}
