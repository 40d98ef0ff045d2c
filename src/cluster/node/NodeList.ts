/** Which nodes there are: as of the last look, at most a tenth of a lease ago, and sooner when one says that it comes or goes. */
import type { BusRecord, ClusterBus } from '../bus.ts';
import { type NodeFacts, readFacts } from './nodeFacts.ts';

/** What a list asks, and tells. */
export interface NodeListOwner {
  /**
   * Whether a node that is not on record is gone. Not while this one is missing itself, or the bus was away or started anew a moment ago: others
   * are about to renew, or to put themselves back.
   */
  isWhole(records: readonly BusRecord[]): boolean;
  /** A node is there, or is another one under the same id. */
  joined(node: NodeFacts): void;
  /** A node is gone, or is another one under the same id. */
  left(node: NodeFacts): void;
}

/** All nodes, this one as well. */
export class NodeList {
  readonly #bus: ClusterBus;
  readonly #owner: NodeListOwner;
  #nodes = new Map<string, NodeFacts>();
  #look: Promise<void> | undefined;

  constructor(bus: ClusterBus, owner: NodeListOwner) {
    this.#bus = bus;
    this.#owner = owner;
  }

  /** All nodes. */
  get nodes(): NodeFacts[] {
    return [...this.#nodes.values()];
  }

  /** A node; `undefined` for one that was not seen. */
  get(id: string): NodeFacts | undefined {
    return this.#nodes.get(id);
  }

  /** Looks. Those who ask at once share one look. @throws BusError (as rejection) DOWN */
  refresh(): Promise<void> {
    this.#look ??= this.#refresh().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  /** A room was given to a node: its load is that much more until it says so itself, so that others go elsewhere. */
  expect(id: string, players: number): void {
    const node = this.#nodes.get(id);
    if (node !== undefined)
      this.#nodes.set(id, { ...node, players: node.players + players, rooms: node.rooms + 1 });
  }

  async #refresh(): Promise<void> {
    const records = await this.#bus.list('node');
    const before = this.#nodes;
    const nodes = records.map(({ key, epoch, value }) => readFacts(key, epoch, value));
    const found = nodes.filter((node) => node !== undefined).map((node) => [node.id, node] as const);
    this.#nodes = new Map([...(this.#owner.isWhole(records) ? [] : before), ...found]);
    for (const [id, node] of before) if (this.#nodes.get(id)?.epoch !== node.epoch) this.#owner.left(node);
    for (const [id, node] of [...this.#nodes])
      if (before.get(id)?.epoch !== node.epoch) this.#owner.joined(node);
  }
}
