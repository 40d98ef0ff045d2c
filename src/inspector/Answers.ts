/** What viewers are sent of one server: a message for each view. That of the traffic is of all servers, and not here. */
import { canonicalIp } from '../enet/internal.ts';
import type { ActedServer } from './actions.ts';
import type { ChartHistory } from './charts/ChartHistory.ts';
import { partOf } from './lists.ts';
import { columnsOf } from './peerColumns.ts';
import type { PeerDetails, PeerRow, StreamMessage, View } from './protocol.ts';
import type { Source } from './sources/Source.ts';
import { sceneOf } from './sources/sceneView.ts';
import type { TrafficRecorder } from './traffic/TrafficRecorder.ts';
import type { Viewer } from './Viewers.ts';

/** A server that is watched. */
export interface ConsoleServer extends ActedServer {
  readonly id: number;
  readonly name: string;
  readonly charts: ChartHistory;
}

/** See the head of this file. */
export class Answers {
  readonly #recorder: TrafficRecorder;
  readonly #servers: ReadonlyMap<number, ConsoleServer>;
  /** Rows of peers that several viewers look at in one second. */
  readonly #peers = new Map<Source, readonly PeerRow[]>();

  /**
   * @param recorder what hosts have told of their datagrams.
   * @param servers all that are watched; they may become more.
   */
  constructor(recorder: TrafficRecorder, servers: ReadonlyMap<number, ConsoleServer>) {
    this.#recorder = recorder;
    this.#servers = servers;
  }

  /** Rows of peers are asked for anew from now on. */
  refresh(): void {
    this.#peers.clear();
  }

  /**
   * The message for a view; `undefined` where there is nothing to show, `'nothing'` where nothing is new.
   *
   * @param isAgain whether the viewer has been sent something of the same view already.
   */
  to(
    viewer: Viewer,
    server: ConsoleServer,
    view: Exclude<View, { section: 'traffic' }>,
    isAgain: boolean,
  ): StreamMessage | undefined | 'nothing' {
    const { id, source } = server;
    if (!source.sections.includes(view.section)) return undefined;
    switch (view.section) {
      case 'overview':
        return this.#overview(server);
      case 'peers': {
        const all = this.#peerRows(source);
        const inRoom = view.room === undefined ? all : all.filter(({ room }) => room === view.room);
        const peer = view.selected === undefined ? undefined : all.find(({ key }) => key === view.selected);
        return {
          type: 'peers',
          server: id,
          ...partOf(inRoom, view),
          ...(peer && { selected: this.#peerDetails(source, peer) }),
          columns: columnsOf(all),
          banned: server.bans.rows(),
        };
      }
      case 'rooms':
        return { type: 'rooms', server: id, ...partOf(source.rooms?.() ?? [], view) };
      case 'cluster': {
        const cluster = source.cluster?.();
        return cluster && { type: 'cluster', server: id, ...cluster, ...partOf(cluster.rows, view) };
      }
      case 'calls': {
        const isSame = isAgain && (view.position ?? 'end') !== 'end';
        const methods = source
          .methods()
          .toSorted((a, b) => b.received + b.sent - a.received - a.sent)
          .slice(0, MAX_METHODS);
        return source.calls && { type: 'calls', server: id, ...source.calls.take(view, isSame), methods };
      }
      case 'charts': {
        const lines = `${id} ${server.charts.revision}`;
        if (viewer.chartLines === lines) return server.charts.row(id) ?? 'nothing';
        viewer.chartLines = lines;
        return server.charts.message(id);
      }
      default:
        return this.#scene(server, view);
    }
  }

  #overview({ id, source }: ConsoleServer): StreamMessage {
    const counts = source.counts();
    // The trace knows the drops of those who count none, and when the latest was.
    const drops = this.#servers.size === 1 ? this.#recorder.drops() : [];
    const dtls = source.dtls();
    return {
      type: 'overview',
      server: id,
      numbers: source.numbers(),
      counts: drops.length === 0 ? counts : [...counts.filter((row) => row.of !== 'drop'), ...drops],
      diagnoses: source.diagnoses(),
      events: source.events.rows,
      ...(dtls && { dtls }),
    };
  }

  #peerDetails(source: Source, peer: PeerRow): PeerDetails {
    const isOf = (row: { readonly peer?: string; readonly address?: string }): boolean =>
      row.peer === peer.key || row.peer === String(peer.peerId);
    return {
      peer,
      ...source.details(peer.key),
      diagnoses: source.diagnoses().filter(isOf),
      events: source.events.rows.filter(isOf),
      ...(source.rooms && {
        rooms: source
          .rooms()
          .slice(0, MAX_GOALS)
          .map(({ id, kind }) => ({ id, kind })),
      }),
    };
  }

  #scene(
    { id, source }: ConsoleServer,
    view: Extract<View, { section: 'scene' }>,
  ): StreamMessage | undefined {
    const trees = source.trees();
    const tree = view.room === undefined ? trees[0] : trees.find((one) => one.id === view.room);
    if (tree === undefined) return undefined;
    const hasRooms = tree.id !== undefined;
    return {
      type: 'scene',
      server: id,
      ...(tree.id !== undefined && { room: tree.id }),
      ...(hasRooms && {
        rooms: trees.slice(0, MAX_ROOMS).map((one) => ({ id: one.id ?? '', kind: one.kind })),
      }),
      ...sceneOf(tree, view),
    };
  }

  #peerRows(source: Source): readonly PeerRow[] {
    const known = this.#peers.get(source);
    if (known !== undefined) return known;
    const rows = source.peers().map((row) => this.#withFlow(row));
    this.#peers.set(source, rows);
    return rows;
  }

  /** With the bytes that the trace has counted, where the server counts none. */
  #withFlow(row: PeerRow): PeerRow {
    const { address, port, bytesIn } = row;
    if (bytesIn !== undefined || address === undefined || port === undefined) return row;
    const flow = this.#recorder.meter.of(canonicalIp(address) ?? address, port);
    if (flow === undefined) return row;
    const { packetsIn, packetsOut, bytesOut } = flow;
    return { ...row, bytesIn: flow.bytesIn, bytesOut, packetsIn, packetsOut };
  }
}

const MAX_METHODS = 100;
const MAX_ROOMS = 500;
/** Rooms that a peer may be moved to. */
const MAX_GOALS = 200;
