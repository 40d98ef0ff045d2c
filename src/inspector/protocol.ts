/**
 * Everything that goes between the console's server and its page, and the routes that it goes over. Types alone: the page reads them in JSDoc.
 *
 * All URLs are relative to that of the page, so that it works below any path. Times are `Date.now()` of the server in ms where a name ends in `Ms`
 * and nothing else is said. A property that a kind of server has not is absent, never zero. Texts may come from strangers: show them as text.
 *
 * | route | what |
 * |---|---|
 * | GET `./`, `app.js`, `style.css`, `icon.svg`, `licenses.txt` | the page; needs no login |
 * | GET `session` | {@link SessionInfo}; needs no login |
 * | POST `login` {@link LoginRequest}, POST `logout` (no body) | {@link SessionInfo}; 401 for a wrong token, 429 for too many tries |
 * | GET `events?view=JSON` | the stream (Server-Sent Events): each `data` is a {@link StreamMessage}. `view` is a {@link View} |
 * | POST `view` {@link ViewRequest} | 204; changes what the stream sends, at once. 404: the stream has ended, open another |
 * | GET `traffic/NUMBER` | {@link DatagramDetails}; 404 when it is not kept any more |
 * | GET `export?format=pcapng` or `format=session` | a file; `filter=ID`: its matches alone; `from=NUMBER`, `to=NUMBER`: both included |
 * | POST `action` {@link Action} | {@link ActionAnswer} |
 *
 * Every POST has `content-type: application/json` and the header `x-console: 1`. A refusal has {@link ErrorAnswer} as body: 400 what cannot be read,
 * 401 no login, 403 not for this page or not allowed, 404, 409 not possible now, 413 too long, 429 too often, 503 too many viewers. On 401 the page
 * asks for the token.
 */

// --- Sessions -------------------------------------------------------------------------------------------------

/** Who asks, and what it may do. */
export interface SessionInfo {
  /** Heading of the page. */
  readonly title: string;
  /** Version of the package. */
  readonly version: string;
  /** Whether a token is set: without login there is the page alone. */
  readonly hasToken: boolean;
  /** Whether this browser is logged in, or needs not be. */
  readonly isLoggedIn: boolean;
  /** Whether it may act on peers and rooms: on loopback, or logged in. */
  readonly canAct: boolean;
  /** Whether it may call methods by hand: a token is set, and it is logged in. */
  readonly canCall: boolean;
}

/** Body of POST `login`. */
export interface LoginRequest {
  readonly token: string;
}

/** Body of every refusal. */
export interface ErrorAnswer {
  /** A sentence to show. */
  readonly error: string;
}

// --- What a viewer looks at -----------------------------------------------------------------------------------

/** Body of POST `view`. */
export interface ViewRequest {
  /** As {@link HelloMessage} has told. */
  readonly viewer: string;
  readonly view: View;
}

/** What the stream shall send, beside {@link StatusMessage}. */
export type View =
  | OverviewView
  | PeersView
  | RoomsView
  | ClusterView
  | TrafficView
  | CallsView
  | ChartsView
  | SceneView;

/** Numbers, refusals, diagnoses, events, DTLS of one server: {@link OverviewMessage}, once per second. */
export interface OverviewView {
  readonly section: 'overview';
  /** {@link ServerInfo.id}; absent: the first server. */
  readonly server?: number;
}

/** A part of a list. */
export interface ListView {
  readonly server?: number;
  /** Words of which all must be in a row, in any of its texts; at most 200 characters. */
  readonly search?: string;
  /** The name of a property of the row. Default: the order of the server. */
  readonly sort?: string;
  readonly descending?: boolean;
  /** Rows to leave out. Default 0. */
  readonly offset?: number;
  /** 1..200. Default 50. */
  readonly limit?: number;
}

/** {@link PeersMessage}, once per second. */
export interface PeersView extends ListView {
  readonly section: 'peers';
  /** Those in one room. */
  readonly room?: string;
  /** {@link PeerRow.key} of one of which {@link PeersMessage.selected} has all. */
  readonly selected?: string;
}

/** {@link RoomsMessage}, once per second. */
export interface RoomsView extends ListView {
  readonly section: 'rooms';
}

/** {@link ClusterMessage}, once per second. Its list is that of the cluster's rooms. */
export interface ClusterView extends ListView {
  readonly section: 'cluster';
}

/** {@link TrafficMessage}: four times a second while it follows, otherwise when it is asked for, and then once per second with the counts. */
export interface TrafficView {
  readonly section: 'traffic';
  /**
   * What is looked for, at most 200 characters; absent or empty: everything. Words and conditions, of which all must hold; `-` before one: it must not.
   *
   * - `in`, `out`, `drop`: the direction; `drop:REASON`
   * - `address:TEXT` a part of address and port, `peer:ID` {@link DatagramRow.peer}
   * - `command:NAME` a part of the name of a command, `channel:N`, `size>N`, `size<N`
   * - `call:TEXT` a part of node and method of a call or path of a SceneMultiplayer, `event:TEXT` a part of the name of an event
   * - any other word, or `"several words"`: a part of what {@link DatagramRow.parts} has
   *
   * Small and large letters are the same.
   */
  readonly filter?: string;
  /** `'end'`: the latest rows, and those that come. A number: rows from this index on, which stay (a pause, or an older part). Default `'end'`. */
  readonly position?: 'end' | number;
  /** 1..200. Default 50. */
  readonly limit?: number;
}

/** {@link CallsMessage}: calls of a SceneMultiplayer or of the rooms; four times a second. */
export interface CallsView {
  readonly section: 'calls';
  readonly server?: number;
  /** The id of a room, for servers with rooms; absent: all. */
  readonly room?: string;
  /** Words of which all must be in a row. */
  readonly search?: string;
  /** `'end'` or an index, as in {@link TrafficView}. */
  readonly position?: 'end' | number;
  /** 1..200. Default 50. */
  readonly limit?: number;
}

/** {@link ChartsMessage} with the last 15 minutes, then {@link ChartsRowMessage} once per second. */
export interface ChartsView {
  readonly section: 'charts';
  readonly server?: number;
}

/** {@link SceneMessage}, twice a second at most, only when something of it has changed. */
export interface SceneView {
  readonly section: 'scene';
  readonly server?: number;
  /** The room whose tree it is, for servers with rooms; absent: the first. */
  readonly room?: string;
  /** Paths of the nodes whose children are wanted, at most 500. The root's always are. */
  readonly expanded?: readonly string[];
  /** Path of the node whose properties are wanted. */
  readonly selected?: string;
  /** Instead of the tree: all nodes in whose path, class or script this is. */
  readonly search?: string;
}

// --- What the stream sends ------------------------------------------------------------------------------------

/** One message of the stream. */
export type StreamMessage =
  | HelloMessage
  | StatusMessage
  | OverviewMessage
  | PeersMessage
  | RoomsMessage
  | ClusterMessage
  | TrafficMessage
  | CallsMessage
  | ChartsMessage
  | ChartsRowMessage
  | SceneMessage
  | ProblemMessage;

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
  /** `refusal` of the server, `drop` of its ENet host, `dtls` of its DTLS endpoint. */
  readonly of: 'refusal' | 'drop' | 'dtls';
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
    readonly subject: string;
    readonly issuer: string;
    readonly names: readonly string[];
    readonly validFromMs: number;
    readonly validToMs: number;
    readonly fingerprint256: string;
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

// --- Peers, rooms, cluster ------------------------------------------------------------------------------------

/** A peer, player or connection. */
export interface PeerRow {
  /** What actions and links name it by; stays while it is there. */
  readonly key: string;
  /** Its number in Godot; absent for players who are away. */
  readonly peerId?: number;
  /** Who it is: the id of a player. */
  readonly name?: string;
  /** What the game knows of it (`user`, meta), in one line. */
  readonly data?: string;
  readonly address?: string;
  readonly port?: number;
  /** E.g. `ENet`, `ENet with DTLS`, `WebSocket`, `relay`. */
  readonly transport?: string;
  /** Class of its connection, e.g. `ENetServerPeer`. */
  readonly class?: string;
  /** Version of Godot, as far as known, e.g. `4.6`. */
  readonly godot?: string;
  /** E.g. `connecting`, `authenticating`, `connected`, `away`, `disconnecting`. */
  readonly state: string;
  readonly roundTripMs?: number;
  readonly roundTripVarianceMs?: number;
  /** 0..1 */
  readonly loss?: number;
  /** 0..1; 1: nothing is held back. */
  readonly throttle?: number;
  /** Bytes that wait to be sent. */
  readonly queuedBytes?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly packetsIn?: number;
  readonly packetsOut?: number;
  readonly callsIn?: number;
  readonly callsOut?: number;
  /** Since it connected. */
  readonly seconds?: number;
  /** The id of its room. */
  readonly room?: string;
  readonly roomKind?: string;
  readonly isSpectator?: boolean;
  readonly dtlsSuite?: string;
}

/** All that is known of one. */
export interface PeerDetails {
  readonly peer: PeerRow;
  /** Whole data, over several lines, at most 10,000 characters. */
  readonly data?: string;
  readonly numbers: readonly NumberRow[];
  readonly diagnoses: readonly DiagnosisRow[];
  /** Of its address or key. */
  readonly events: readonly EventRow[];
}

/** See {@link PeersView}. */
export interface PeersMessage {
  readonly type: 'peers';
  readonly server: number;
  /** How many there are, and how many of them are found. */
  readonly count: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly PeerRow[];
  /** Absent when it is gone, or none is asked for. */
  readonly selected?: PeerDetails;
  /** What peers of this server have, in the order of columns. */
  readonly columns: readonly (keyof PeerRow)[];
  /** Addresses that the console has banned. */
  readonly banned: readonly BanRow[];
}

/** An address that may not connect. */
export interface BanRow {
  readonly address: string;
  /** When it ends; absent: when the server stops. */
  readonly untilMs?: number;
}

/** A room of this process. */
export interface RoomRow {
  readonly id: string;
  readonly kind: string;
  readonly players: number;
  readonly maxPlayers: number;
  readonly spectators: number;
  readonly away: number;
  readonly isLocked: boolean;
  readonly isPrivate: boolean;
  /** What lists say of it, in one line. */
  readonly data?: string;
  readonly nodes?: number;
  readonly tickHz?: number;
  /** Time that a tick takes, 99 of 100 of the latest. */
  readonly tickMs?: number;
  /** How late ticks are, 99 of 100 of the latest. */
  readonly lateMs?: number;
  readonly skippedTicks?: number;
  readonly seconds?: number;
}

/** See {@link RoomsView}. */
export interface RoomsMessage {
  readonly type: 'rooms';
  readonly server: number;
  readonly count: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly RoomRow[];
}

/** A node of the cluster. */
export interface NodeRow {
  readonly id: string;
  readonly isOwn: boolean;
  readonly region: string;
  readonly version: string;
  readonly players: number;
  readonly maxPlayers: number;
  readonly rooms: number;
  readonly maxRooms: number;
  readonly isDraining: boolean;
}

/** A room of the cluster. */
export interface ClusterRoomRow {
  readonly id: string;
  readonly kind: string;
  readonly node: string;
  readonly players: number;
  readonly maxPlayers: number;
  readonly isLocked: boolean;
  readonly isPrivate: boolean;
}

/** A matchmaking of this node. */
export interface MatchmakingRow {
  readonly name: string;
  /** The node that leads; absent: nobody known. */
  readonly leader?: string;
  readonly isLeading: boolean;
  readonly numbers: readonly NumberRow[];
}

/** See {@link ClusterView}. */
export interface ClusterMessage {
  readonly type: 'cluster';
  readonly server: number;
  readonly id: string;
  /** Of the bus: `memory`, `redis`, `nats`. */
  readonly engine: string;
  readonly numbers: readonly NumberRow[];
  readonly nodeCount: number;
  /** At most 200. */
  readonly nodes: readonly NodeRow[];
  /** Whether the rooms are not known yet. */
  readonly isLooking: boolean;
  /** Why they could not be asked for. */
  readonly failure?: string;
  readonly count: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly ClusterRoomRow[];
  readonly matchmakings: readonly MatchmakingRow[];
}

// --- Traffic --------------------------------------------------------------------------------------------------

/** One datagram, or one of its commands that was dropped. */
export interface DatagramRow {
  /** A number that stays; `#/traffic/NUMBER`. Counted from 1 since the start of the process. */
  readonly number: number;
  /** Its index in the list that is shown; stays as well. */
  readonly index: number;
  /** Wall clock, with fractions. */
  readonly timeMs: number;
  readonly direction: 'in' | 'out' | 'drop';
  readonly address: string;
  /** Bytes of the datagram after DTLS, before decompression. */
  readonly size: number;
  /** {@link PeerRow.key} of who is at this address now, where it is known. */
  readonly peer?: string;
  /** What it holds, one text per command; for a drop the reason first. At most 32, each at most 500 characters. */
  readonly parts: readonly string[];
}

/** See {@link TrafficView}. Indexes count matches of the filter (or all datagrams) since it began, and never change. */
export interface TrafficMessage {
  readonly type: 'traffic';
  /** What the filter was, and its number for `export?filter=`; absent without one. */
  readonly filter?: {
    readonly id: number;
    readonly text: string;
    /** Datagrams that it has not looked at yet: it is busy, or lags behind. */
    readonly behind: number;
    /** Bytes of its matches that it keeps by itself, which the ring has no more. */
    readonly pinnedBytes: number;
  };
  /** Why the filter cannot be used; there are no rows then. */
  readonly filterProblem?: string;
  /** Index of the oldest that is kept. */
  readonly first: number;
  /** Index behind the latest. */
  readonly end: number;
  /** When the oldest was; absent when there is none. */
  readonly firstMs?: number;
  /** Whether this is the end of the list, which goes on. */
  readonly isFollowing: boolean;
  /** In their order, the oldest first. Absent: those of the last message still hold. */
  readonly rows?: readonly DatagramRow[];
  /** Bytes of the ring, and since when it records. */
  readonly ringBytes: number;
  readonly recordingSinceMs: number;
  /** Datagrams that were not recorded, e.g. since the network thread had no room for them. */
  readonly missed: number;
}

/** Answer of `traffic/NUMBER`. */
export interface DatagramDetails {
  readonly row: Omit<DatagramRow, 'index'>;
  /** The bytes as hex, two digits each, at most 4,096 bytes. */
  readonly hex: string;
  /** How the commands were compressed, if so, and their length and bytes unpacked. */
  readonly compression?: { readonly name: string; readonly length: number; readonly hex: string };
  /** Header and commands. */
  readonly header?: {
    readonly peerId: number;
    readonly session: number;
    readonly sentTime?: number;
  };
  readonly commands: readonly CommandDetails[];
  /** What could not be read, or why it was dropped, in a sentence. */
  readonly problem?: string;
  /** The numbers of the datagram before and after it with the same address that are kept. */
  readonly previous?: number;
  readonly next?: number;
}

/** One command of a datagram. */
export interface CommandDetails {
  readonly name: string;
  /** Where it begins and ends: in `hex`, or in that of `compression`. */
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly packet?: PacketDetails;
  /** Of a fragment whose packet is not whole: how many parts are missing, or what is wrong. */
  readonly note?: string;
}

/** A whole packet: of one command, or put together of fragments. */
export interface PacketDetails {
  readonly length: number;
  /** At most 16,384 bytes. */
  readonly hex: string;
  /** Numbers of the datagrams that its fragments were in; absent for a packet in one piece. */
  readonly datagrams?: readonly number[];
  /** What it was read as. */
  readonly kind: 'value' | 'multiplayer' | 'bytes';
  /** In one line. */
  readonly text: string;
  /** As a tree: values with their types. */
  readonly value?: ValueDetails;
  readonly problem?: string;
}

/** A value of the codec, or a part of a SceneMultiplayer packet. */
export interface ValueDetails {
  /** Name or key in what holds it. */
  readonly name?: string;
  /** Type of Variant (`Vector2`, `Dictionary`, `Array[int]`), or a word of the protocol (`path`, `method`). */
  readonly type: string;
  /** In Godot's notation, at most 2,000 characters; absent where `items` tell all. */
  readonly text?: string;
  /** At most 200, at most 8 deep. */
  readonly items?: readonly ValueDetails[];
  /** How many of its items are left out. */
  readonly left?: number;
}

/** One call of a SceneMultiplayer. */
export interface CallRow {
  readonly index: number;
  readonly timeMs: number;
  readonly direction: 'in' | 'out';
  /** {@link PeerRow.key} of the other side, and its number. */
  readonly peer: string;
  readonly peerId: number;
  readonly room?: string;
  readonly node: string;
  readonly method: string;
  readonly args: string;
}

/** See {@link CallsView}. */
export interface CallsMessage {
  readonly type: 'calls';
  readonly server: number;
  readonly first: number;
  readonly end: number;
  readonly isFollowing: boolean;
  readonly rows?: readonly CallRow[];
  /** Calls by method, those that are called most, at most 100. */
  readonly methods: readonly { readonly method: string; readonly received: number; readonly sent: number }[];
}

// --- Charts ---------------------------------------------------------------------------------------------------

/** A line of a chart. */
export interface Series {
  /** Stays, e.g. `datagramsIn`, `call:attack`. */
  readonly name: string;
  readonly label: string;
  /** Lines of one group share a chart. */
  readonly group: 'datagrams' | 'bytes' | 'peers' | 'roundTrip' | 'loss' | 'cpu' | 'loop' | 'tick' | 'calls';
  readonly unit: '/s' | 'bytes/s' | 'ms' | 'percent' | '';
}

/** See {@link ChartsView}. Comes again when the lines are others. */
export interface ChartsMessage {
  readonly type: 'charts';
  readonly server: number;
  readonly series: readonly Series[];
  /** Wall clock of each row, one per second, at most 900. */
  readonly timesMs: readonly number[];
  /** By line, then by row; null: not known. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** One more second, in the order of the last {@link ChartsMessage}'s lines. */
export interface ChartsRowMessage {
  readonly type: 'chartsRow';
  readonly server: number;
  readonly timeMs: number;
  readonly values: readonly (number | null)[];
}

// --- Scene ----------------------------------------------------------------------------------------------------

/** A node in the tree. */
export interface SceneNodeRow {
  readonly path: string;
  readonly name: string;
  readonly class: string;
  readonly script?: string;
  /** Peer that is its authority. */
  readonly authority: number;
  readonly children: number;
  /** How deep it is; 0 is the root. */
  readonly depth: number;
  readonly isExpanded: boolean;
}

/** A property of a node. */
export interface PropertyRow {
  readonly name: string;
  /** Type of Variant. */
  readonly type: string;
  /** In Godot's notation, at most 2,000 characters. */
  readonly text: string;
}

/** A method that can be called. */
export interface MethodRow {
  readonly name: string;
  readonly mode: 'any_peer' | 'authority';
  readonly transfer: string;
  readonly channel: number;
  readonly callLocal: boolean;
  /** Types of its arguments, as far as declared. */
  readonly args?: readonly string[];
}

/** What is known of one node. */
export interface SceneNodeDetails {
  readonly node: SceneNodeRow;
  readonly properties: readonly PropertyRow[];
  readonly groups: readonly string[];
  readonly methods: readonly MethodRow[];
  /** Keys of the peers that have it, where the server knows; absent: not replicated, or not known. */
  readonly seenBy?: readonly string[];
  /** What replicates it, in words: spawners, synchronizers. */
  readonly replication: readonly string[];
}

/** See {@link SceneView}. */
export interface SceneMessage {
  readonly type: 'scene';
  readonly server: number;
  readonly room?: string;
  /** Rooms whose trees there are; absent for servers without rooms. At most 500. */
  readonly rooms?: readonly { readonly id: string; readonly kind: string }[];
  readonly nodeCount: number;
  /** The open part of the tree in its order, at most 2,000. */
  readonly rows: readonly SceneNodeRow[];
  /** Rows that are left out. */
  readonly left: number;
  /** Absent when there is no such node, or none is asked for. */
  readonly selected?: SceneNodeDetails;
}

// --- Actions --------------------------------------------------------------------------------------------------

/** What an operator does. `server`: {@link ServerInfo.id}; `peer`: {@link PeerRow.key}. */
export type Action =
  | KickAction
  | BanAction
  | UnbanAction
  | MessageAction
  | MoveAction
  | CloseRoomAction
  | LockRoomAction
  | DoorAction
  | CallAction;

/** Ends a connection. */
export interface KickAction {
  readonly action: 'kick';
  readonly server: number;
  readonly peer: string;
  /** What it is told, where the protocol can; at most 200 characters. */
  readonly reason?: string;
}

/** Ends a connection, and takes none of its address. */
export interface BanAction {
  readonly action: 'ban';
  readonly server: number;
  /** One of both. */
  readonly peer?: string;
  readonly address?: string;
  readonly reason?: string;
  /** 1..525,600; absent: until the server stops. */
  readonly minutes?: number;
}

/** Takes an address again. */
export interface UnbanAction {
  readonly action: 'unban';
  readonly server: number;
  readonly address: string;
}

/** Sends a text: to an `ENetServer`'s peer as an event with the name and `{ text }`; absent peer: to all. */
export interface MessageAction {
  readonly action: 'message';
  readonly server: number;
  readonly peer?: string;
  /** To the members of a room. */
  readonly room?: string;
  /** 1..2,000 characters. */
  readonly text: string;
}

/** Takes a player to another room of this process. */
export interface MoveAction {
  readonly action: 'move';
  readonly server: number;
  readonly peer: string;
  readonly room: string;
}

/** Ends a room: its players go where newcomers go. */
export interface CloseRoomAction {
  readonly action: 'closeRoom';
  readonly server: number;
  readonly room: string;
}

/** Locks a room, or lets players in again. */
export interface LockRoomAction {
  readonly action: 'lockRoom';
  readonly server: number;
  readonly room: string;
  readonly isLocked: boolean;
}

/** Takes new connections, or none. */
export interface DoorAction {
  readonly action: 'door';
  readonly server: number;
  readonly acceptsPeers: boolean;
}

/** Calls a method of a node at a peer; needs {@link SessionInfo.canCall}. */
export interface CallAction {
  readonly action: 'call';
  readonly server: number;
  readonly room?: string;
  /** Path of the node. */
  readonly node: string;
  readonly method: string;
  /** The number of a peer; 0: all; negative: all but this one. */
  readonly peerId: number;
  /** Arguments in Godot's notation, separated by commas, e.g. `Vector2(1, 2), "hi"`; at most 10,000 characters. */
  readonly args: string;
}

/** Answer of POST `action`. */
export interface ActionAnswer {
  /** What was done, in a sentence. */
  readonly text: string;
}
