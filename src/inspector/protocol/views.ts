/** What a viewer looks at. */

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
