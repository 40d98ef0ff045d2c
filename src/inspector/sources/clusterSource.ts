/** A `ClusterNode` as the console sees it: its rooms and players, and the whole cluster. Rooms of others are asked for only while somebody looks. */
import type { ClusterNode, ClusterRoom, NodeFacts } from '../../cluster/index.ts';
import type { ClusterRoomRow, MatchmakingRow, NodeRow, NumberRow, ServerSection } from '../protocol.ts';
import type { SendMessage } from './multiplayerSource.ts';
import { RoomsSource } from './roomsSource.ts';
import type { Source } from './Source.ts';
import { oneLine } from './texts.ts';

/** See the head of this file. */
export class ClusterSource extends RoomsSource<ClusterNode> {
  override readonly sections: readonly ServerSection[] = [
    'overview',
    'cluster',
    'peers',
    'rooms',
    'calls',
    'charts',
    'scene',
  ];
  /** As of the last look; `undefined` before the first. */
  #rooms: readonly ClusterRoom[] | undefined;
  #failure: string | undefined;
  #lookedMs: number | undefined;
  #isLooking = false;

  constructor(node: ClusterNode, event: string, send: SendMessage | undefined) {
    super(node, node.rooms, event, send);
  }

  cluster(): ReturnType<NonNullable<Source['cluster']>> {
    void this.#look();
    const { ops } = this.server;
    const nodes = ops.nodes();
    return {
      id: ops.id,
      engine: ops.engine,
      numbers: this.numbers(),
      nodeCount: nodes.length,
      nodes: nodes
        .toSorted((a, b) => compare(a.id, b.id))
        .slice(0, MAX_NODES)
        .map((node) => nodeRow(node, ops.id)),
      isLooking: this.#rooms === undefined && this.#failure === undefined,
      ...(this.#failure !== undefined && { failure: this.#failure }),
      matchmakings: ops.matchmakings().slice(0, MAX_MATCHMAKINGS).map(matchmakingRow),
      rows: (this.#rooms ?? [])
        .toSorted((a, b) => compare(a.place.node, b.place.node) || compare(a.id, b.id))
        .map(roomRow),
    };
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const now = performance.now();
    if (this.#isLooking || (this.#lookedMs !== undefined && now - this.#lookedMs < LOOK_EACH_MS)) return;
    this.#isLooking = true;
    this.#lookedMs = now;
    try {
      this.#rooms = await this.server.ops.rooms();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = cut(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isLooking = false;
    }
  }
}

function nodeRow(node: NodeFacts, own: string): NodeRow {
  const { players, rooms, maxPlayers, maxRooms, isDraining } = node;
  return {
    id: cut(node.id),
    isOwn: node.id === own,
    region: cut(node.region),
    version: cut(node.version),
    players,
    maxPlayers,
    rooms,
    maxRooms,
    isDraining,
  };
}

function roomRow({ id, kind, players, maxPlayers, isLocked, isPrivate, place }: ClusterRoom): ClusterRoomRow {
  return { id: cut(id), kind: cut(kind), node: cut(place.node), players, maxPlayers, isLocked, isPrivate };
}

function matchmakingRow({
  name,
  leader,
  isLeading,
  tickets,
  queued,
}: ReturnType<ClusterNode['ops']['matchmakings']>[number]): MatchmakingRow {
  const number = (key: string, label: string, value: number): NumberRow => ({
    name: key,
    label,
    value,
    unit: '',
    isCounter: false,
  });
  return {
    name: cut(name),
    ...(leader !== undefined && { leader: cut(leader) }),
    isLeading,
    numbers: [
      number('tickets', 'Tickets that wait on this node', tickets),
      ...(isLeading ? [number('queued', 'Tickets of all nodes', queued)] : []),
    ],
  };
}

/** Other nodes have said it. */
function cut(text: string): string {
  return oneLine(text, 128);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const LOOK_EACH_MS = 1000;
const MAX_NODES = 200;
const MAX_MATCHMAKINGS = 20;
