/** What the sources of all kinds of servers with an operator's side have in common. */
import { canonicalIp } from '../../enet/internal.ts';
import type { OperatedServer } from '../../ops/internal.ts';
import type {
  ActionName,
  CountRow,
  DiagnosisRow,
  DtlsInfo,
  NumberRow,
  PeerRow,
  ServerKind,
  ServerSection,
} from '../protocol.ts';
import type { Party } from '../traffic/DatagramReader.ts';
import { EventLog } from './EventLog.ts';
import { flowOfMetrics } from './flow.ts';
import { countRows, numberRows } from './numbers.ts';
import {
  cannot,
  type FlowNumbers,
  type LinkNumbers,
  type PlacedParty,
  type Source,
  type SourceStatus,
  type SourceTree,
  type TickNumbers,
} from './Source.ts';

/** The base of all sources but those of unknown servers. */
export abstract class OperatorSource<Server extends OperatedServer = OperatedServer> implements Source {
  readonly kind: ServerKind;
  readonly className: string;
  readonly events: EventLog;
  abstract readonly sections: readonly ServerSection[];
  abstract readonly actions: readonly ActionName[];
  abstract readonly payload: Party['kind'];
  protected readonly server: Server;
  #banned: ReadonlySet<string> = new Set();

  constructor(server: Server) {
    this.server = server;
    this.kind = server.ops.kind;
    this.className = server.constructor.name;
    this.events = new EventLog(server.ops);
    this.events.onConnected = ({ peerId, remoteAddress }) => {
      if (this.isBanned(remoteAddress)) this.banish(peerId);
    };
  }

  abstract peers(): PeerRow[];
  abstract parties(): Iterable<PlacedParty>;
  abstract kick(key: string, reason: string): void;

  status(): SourceStatus {
    const { isActive, acceptsPeers, peers, authenticatedPeers } = this.server.ops.metrics();
    const port = this.port();
    return {
      isActive,
      acceptsPeers,
      peers,
      authenticated: authenticatedPeers,
      ...(port !== 0 && { port }),
    };
  }

  numbers(): NumberRow[] {
    return numberRows(this.server);
  }

  counts(): CountRow[] {
    return countRows(this.server);
  }

  diagnoses(): DiagnosisRow[] {
    return [];
  }

  dtls(): DtlsInfo | undefined {
    const metrics = this.server.ops.metrics();
    const dtls = 'dtls' in metrics ? metrics.dtls : undefined;
    return (
      dtls && {
        ...(dtls.certificateNotAfterMs !== undefined && {
          certificate: { validToMs: dtls.certificateNotAfterMs },
        }),
        suites: Array.from(dtls.suites, ([suite, sessions]) => ({ suite, sessions })),
        isSinceStart: true,
        numbers: numberRows(this.server).filter(({ name }) => name.startsWith('dtls')),
      }
    );
  }

  details(_key: string): { readonly data?: string; readonly numbers: readonly NumberRow[] } {
    return { numbers: [] };
  }

  *links(): Iterable<LinkNumbers> {
    for (const { roundTripMs, loss } of this.peers()) yield { roundTripMs, loss };
  }

  flow(): FlowNumbers {
    return flowOfMetrics(this.server.ops.metrics());
  }

  ticks(): TickNumbers {
    return {};
  }

  methods(): readonly { readonly method: string; readonly received: number; readonly sent: number }[] {
    return [];
  }

  trees(): readonly SourceTree[] {
    return [];
  }

  setBanned(addresses: ReadonlySet<string>): void {
    this.#banned = addresses;
  }

  message(_to: { readonly peer?: string; readonly room?: string }, _text: string): void {
    throw cannot('send messages');
  }

  move(_key: string, _room: string): Promise<void> {
    return Promise.reject(cannot('move players'));
  }

  closeRoom(_room: string): Promise<void> {
    return Promise.reject(cannot('close rooms'));
  }

  lockRoom(_room: string, _isLocked: boolean): void {
    throw cannot('lock rooms');
  }

  setDoor(acceptsPeers: boolean): void {
    this.server.ops.acceptsPeers = acceptsPeers;
  }

  close(): void {
    this.events.close();
  }

  /** The bound port; 0 for none or several. */
  protected port(): number {
    return this.server.getLocalPort?.() ?? 0;
  }

  /** Whether nobody shall be let in from an address. */
  protected isBanned(address: string | undefined): boolean {
    return address !== undefined && this.#banned.has(canonicalIp(address) ?? address);
  }

  /** Somebody has connected from an address that is banned. */
  protected banish(peerId: number): void {
    // Never from inside the signal that tells of it.
    setImmediate(() => {
      try {
        this.kick(String(peerId), 'Banned');
      } catch {
        // It has gone meanwhile.
      }
    });
  }
}
