/** What the console sees of a server, whatever its kind: an adapter for each is beside this file. What a kind has not is absent. */
import type { MirrorNode, SceneMirror } from '../../../schema/index.ts';
import type { SceneMultiplayer } from '../../multiplayer/index.ts';
import type {
  ActionName,
  ClusterMessage,
  CountRow,
  DiagnosisRow,
  DtlsInfo,
  NumberRow,
  PeerRow,
  RoomRow,
  ServerInfo,
  ServerKind,
  ServerSection,
} from '../protocol.ts';
import type { Party } from '../traffic/DatagramReader.ts';
import type { CallLog } from './CallLog.ts';
import type { EventLog } from './EventLog.ts';

/** How a server is. */
export type SourceStatus = Omit<ServerInfo, 'id' | 'name' | 'kind' | 'class' | 'sections' | 'actions'>;

/** A tree that can be looked at. */
export interface SourceTree {
  /** The id of its room; `undefined` for the only tree of a server. */
  readonly id: string | undefined;
  readonly kind: string;
  readonly mirror: SceneMirror;
  /** Whose methods can be called, and who knows what peers see. */
  readonly multiplayer: SceneMultiplayer | undefined;
  /** The peers that have a node by `mirror.replicate`; `undefined` when it is not replicated so. */
  replicatedTo?(node: MirrorNode): readonly number[] | undefined;
  /** `PeerRow.key` of a peer; `undefined` for nobody. */
  keyOf(peerId: number): string | undefined;
}

/** An address with who is there. */
export interface PlacedParty {
  readonly address: string;
  readonly port: number;
  readonly party: Party;
}

/** How a connection is; `undefined` where it is not measured. */
export interface LinkNumbers {
  readonly roundTripMs: number | undefined;
  readonly loss: number | undefined;
}

/** What it has sent and received; `undefined` where it is not counted. Counters that may begin anew. */
export interface FlowNumbers {
  readonly datagramsIn: number | undefined;
  readonly datagramsOut: number | undefined;
  readonly bytesIn: number | undefined;
  readonly bytesOut: number | undefined;
}

/** A time of ticks. */
export interface TickNumbers {
  /** Time that ticks take, 99 of 100 of the latest. */
  readonly tickMs?: number;
  /** How late they are. */
  readonly lateMs?: number;
}

/** See the head of this file. */
export interface Source {
  readonly kind: ServerKind;
  readonly className: string;
  readonly sections: readonly ServerSection[];
  readonly actions: readonly ActionName[];
  readonly events: EventLog;
  /** Calls, for those that have some. */
  readonly calls?: CallLog | undefined;
  /** How packets of an address are read that belongs to nobody now. */
  readonly payload: Party['kind'];
  status(): SourceStatus;
  numbers(): NumberRow[];
  counts(): CountRow[];
  diagnoses(): DiagnosisRow[];
  dtls(): DtlsInfo | undefined;
  /** Everybody, in the order of the server. */
  peers(): PeerRow[];
  /** Data and numbers of one beyond its row. */
  details(key: string): { readonly data?: string; readonly numbers: readonly NumberRow[] };
  parties(): Iterable<PlacedParty>;
  links(): Iterable<LinkNumbers>;
  flow(): FlowNumbers;
  ticks(): TickNumbers;
  /** How often which method was called, in and out together. */
  methods(): readonly { readonly method: string; readonly received: number; readonly sent: number }[];
  /** Datagrams that its network thread could not tell of; missing where there can be none. */
  missed?(): number;
  rooms?(): RoomRow[];
  /** The cluster, but for what of its rooms is shown. */
  cluster?(): Pick<
    ClusterMessage,
    'id' | 'engine' | 'numbers' | 'nodeCount' | 'nodes' | 'isLooking' | 'failure' | 'matchmakings' | 'rows'
  >;
  trees(): readonly SourceTree[];
  /** Nobody shall be let in from this address, or somebody may. */
  setBanned(addresses: ReadonlySet<string>): void;
  /** @throws ActionError */
  kick(key: string, reason: string): void;
  /** @param to a peer, the members of a room, or all. @throws ActionError */
  message(to: { readonly peer?: string; readonly room?: string }, text: string): void;
  /** @throws ActionError (as rejection) */
  move(key: string, room: string): Promise<void>;
  /** @throws ActionError (as rejection) */
  closeRoom(room: string): Promise<void>;
  /** @throws ActionError */
  lockRoom(room: string, isLocked: boolean): void;
  /** @throws ActionError */
  setDoor(acceptsPeers: boolean): void;
  /** Nothing of it is looked at any more. */
  close(): void;
}

/** Why an action was not done, for the operator. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  /** The HTTP status that says it. */
  readonly status: 400 | 403 | 404 | 409;

  constructor(status: ActionError['status'], message: string) {
    super(message);
    this.status = status;
  }
}

/** For what a kind of server cannot do. */
export function cannot(what: string): ActionError {
  return new ActionError(409, `this server cannot ${what}`);
}
