/** What the stream sends of servers: how they are, and what happens to them. */
import type { Action } from './actions.ts';
import type { View } from './views.ts';

/** The first message. */
export interface HelloMessage {
  readonly type: 'hello';
  /** For POST `view`; a secret of this stream. */
  readonly viewer: string;
  /** What the server keeps and sends at most. */
  readonly limits: {
    readonly trafficBytes: number;
    readonly trafficMs: number;
    readonly filterBytes: number;
    readonly filters: number;
    readonly chartSeconds: number;
  };
}

/** What the view asks for is not there (any more), in words. The stream goes on. */
export interface ProblemMessage {
  readonly type: 'problem';
  readonly section: View['section'];
  readonly text: string;
}

/** Once per second, whatever is looked at. */
export interface StatusMessage {
  readonly type: 'status';
  readonly nowMs: number;
  readonly servers: readonly ServerInfo[];
  readonly process: ProcessInfo;
  readonly traffic: TrafficTotals;
}

/** The kinds of what is watched. `other`: anything of the shape of an `ENetServer`. */
export type ServerKind = 'server' | 'multiplayer' | 'rooms' | 'cluster' | 'enet' | 'websocket' | 'other';

/** What can be looked at of a server. Sections that are not named have nothing to show. `traffic` is that of the host's trace, for all together. */
export type ServerSection = 'overview' | 'peers' | 'rooms' | 'cluster' | 'calls' | 'charts' | 'scene';

/** What can be done with a server, its peers and rooms; the names of {@link Action.action}. */
export type ActionName = Action['action'];

/** A server that is watched. */
export interface ServerInfo {
  /** A number that stays. */
  readonly id: number;
  /** As `watch` was told; default its kind and number. */
  readonly name: string;
  readonly kind: ServerKind;
  /** Name of its class, e.g. `ENetServer`. */
  readonly class: string;
  readonly isActive: boolean;
  /** Whether new connections are taken. */
  readonly acceptsPeers?: boolean;
  /** Absent where it has none or several. */
  readonly port?: number;
  readonly peers: number;
  readonly authenticated?: number;
  readonly rooms?: number;
  readonly sections: readonly ServerSection[];
  readonly actions: readonly ActionName[];
}

/** Of the process of the servers. */
export interface ProcessInfo {
  readonly pid: number;
  readonly uptimeSeconds: number;
  /** Percent of one core, in the last second. */
  readonly cpuPercent: number;
  /** Event-loop delay, 99 of 100, in the last second. */
  readonly loopDelayMs: number;
  readonly memoryBytes: number;
  readonly node: string;
}

/** Since the start, of all hosts that have the trace. */
export interface TrafficTotals {
  /** Whether a host has told of anything yet. Otherwise the page explains the option `trace`. */
  readonly hasTrace: boolean;
  readonly datagramsIn: number;
  readonly bytesIn: number;
  readonly datagramsOut: number;
  readonly bytesOut: number;
  readonly dropped: number;
}

/** A number of a server. */
export interface NumberRow {
  /** As in its `ops.metrics()`, e.g. `callsReceived`. */
  readonly name: string;
  /** A few words to show. */
  readonly label: string;
  readonly value: number;
  /** `''`: a plain number. */
  readonly unit: '' | 'bytes' | 'ms' | 'seconds' | 'percent';
  /** A counter: the page may show its rate. Otherwise the value of now. */
  readonly isCounter: boolean;
}

/** How often something happened. */
export interface CountRow {
  readonly reason: string;
  readonly times: number;
  /** What it means. */
  readonly text: string;
  /** `refusal` of the server, `drop` of its ENet host, `dtls` of its DTLS endpoint, `end`: why connections or players have ended. */
  readonly of: 'refusal' | 'drop' | 'dtls' | 'end';
  /** When the latest was, if somebody looked. */
  readonly latestMs?: number;
}

/** A mismatch that was explained. */
export interface DiagnosisRow {
  readonly timeMs: number;
  readonly code: string;
  /** What was seen. */
  readonly text: string;
  /** What helps. */
  readonly help?: string;
  /** {@link PeerRow.key}, where it is known. */
  readonly peer?: string;
  readonly address?: string;
}

/** Something that happened: the latest 200, the oldest first. */
export interface EventRow {
  readonly timeMs: number;
  readonly kind:
    | 'started'
    | 'stopped'
    | 'connected'
    | 'authenticated'
    | 'disconnected'
    | 'dropped'
    | 'room'
    | 'action';
  readonly text: string;
  readonly peer?: string;
  readonly address?: string;
}

/** DTLS of a server; absent on plain UDP. */
export interface DtlsInfo {
  /** The leaf certificate that it shows now. */
  readonly certificate?: {
    readonly validToMs: number;
  };
  /** Cipher suites of the present sessions, or of those since the start where `isSinceStart`. */
  readonly suites: readonly { readonly suite: string; readonly sessions: number }[];
  readonly isSinceStart: boolean;
  readonly numbers: readonly NumberRow[];
}

/** See {@link OverviewView}. */
export interface OverviewMessage {
  readonly type: 'overview';
  readonly server: number;
  readonly numbers: readonly NumberRow[];
  readonly counts: readonly CountRow[];
  readonly diagnoses: readonly DiagnosisRow[];
  readonly events: readonly EventRow[];
  readonly dtls?: DtlsInfo;
}
