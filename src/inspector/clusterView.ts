/** What the page shows of a node of a cluster. Rooms are asked for only while somebody looks, once per second. */
import type { ClusterOps, ClusterRoom, NodeFacts } from '../cluster/index.ts';

/** A `ClusterNode`, as far as the page looks at it. */
export interface InspectedCluster {
  /** Its operator's side. */
  readonly ops: Pick<ClusterOps, 'id' | 'engine' | 'now' | 'metrics' | 'nodes' | 'rooms' | 'matchmakings'>;
}

/** See the head of this file. */
export class ClusterView {
  readonly #ops: InspectedCluster['ops'];
  #isWatched = false;
  /** As of the last look; `undefined` before the first. */
  #rooms: readonly ClusterRoom[] | undefined;
  /** Why the last look has failed. */
  #failure: string | undefined;
  #lookedMs: number | undefined;
  #isLooking = false;

  constructor({ ops }: InspectedCluster) {
    this.#ops = ops;
  }

  /** Whether somebody looks. What was known of rooms is forgotten when nobody does. */
  set isWatched(isWatched: boolean) {
    this.#isWatched = isWatched;
    if (isWatched) return;
    this.#rooms = undefined;
    this.#failure = undefined;
    this.#lookedMs = undefined;
  }

  /** Connections of the node. */
  get peerCount(): number {
    return this.#ops.metrics().peers;
  }

  /** How the cluster is, as the page takes it. */
  take(): object {
    void this.#look();
    const { id, engine } = this.#ops;
    const { refusals: _, ...numbers } = this.#ops.metrics();
    const nodes = this.#ops.nodes();
    const rooms = this.#rooms ?? [];
    return {
      id,
      engine,
      numbers,
      nodeCount: nodes.length,
      nodes: nodes
        .toSorted((a, b) => compare(a.id, b.id))
        .slice(0, MAX_NODES)
        .map((node) => rowOfNode(node, id)),
      isLooking: this.#rooms === undefined && this.#failure === undefined,
      failure: this.#failure,
      roomCount: rooms.length,
      rooms: rooms
        .toSorted((a, b) => compare(a.place.node, b.place.node) || compare(a.id, b.id))
        .slice(0, MAX_ROOMS)
        .map(rowOfRoom),
      matchmakings: this.#ops
        .matchmakings()
        .slice(0, MAX_MATCHMAKINGS)
        .map(({ leader, ...rest }) => ({ ...rest, leader: leader && cut(leader) })),
    };
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const now = this.#ops.now();
    const isFresh = this.#lookedMs !== undefined && (now - this.#lookedMs) >>> 0 < LOOK_EACH_MS;
    if (isFresh || this.#isLooking || !this.#isWatched) return;
    this.#lookedMs = now;
    this.#isLooking = true;
    try {
      const rooms = await this.#ops.rooms();
      if (!this.#isWatched) return;
      this.#rooms = rooms;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = cut(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isLooking = false;
    }
  }
}

function rowOfNode(node: NodeFacts, own: string): object {
  const { players, rooms, maxPlayers, maxRooms, isDraining } = node;
  return {
    id: cut(node.id),
    isOwn: node.id === own,
    region: cut(node.region),
    version: cut(node.version),
    ...{ players, maxPlayers, rooms, maxRooms, isDraining },
  };
}

function rowOfRoom({ id, kind, players, maxPlayers, isLocked, isPrivate, place }: ClusterRoom): object {
  return { id: cut(id), kind: cut(kind), node: cut(place.node), players, maxPlayers, isLocked, isPrivate };
}

/** Other nodes have said it. */
function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const LOOK_EACH_MS = 1000;
const MAX_NODES = 200;
const MAX_ROOMS = 500;
const MAX_MATCHMAKINGS = 20;
const MAX_TEXT = 128;
