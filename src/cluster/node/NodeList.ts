/** Which nodes there are: as of the last look, at most a tenth of a lease ago, and sooner when one says that it comes or goes. */
import type { Timer } from '../../runtime/index.ts';
import type { BusRecord, ClusterBus, Unsubscribe } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { type NodeFacts, readFacts } from './nodeFacts.ts';

/** What a list asks, and tells. */
export interface NodeListOwner {
  /** The id of this node. */
  readonly id: string;
  /** The claim of its lease; `undefined` while it has none. */
  epoch(): number | undefined;
  /** A node is there, or is another one under the same id. */
  joined(node: NodeFacts): void;
  /** A node is gone, or is another one under the same id. */
  left(node: NodeFacts): void;
  /** The bus does not say what is asked. */
  strange(error: unknown, where: string): void;
}

/** All nodes, this one as well. */
export class NodeList {
  readonly #bus: ClusterBus;
  readonly #clock: Clock;
  readonly #owner: NodeListOwner;
  readonly #ends: Unsubscribe[] = [];
  #nodes = new Map<string, NodeFacts>();
  #look: Promise<void> | undefined;
  #timer: Timer | undefined;
  /** From when on a node that is not on record is gone. */
  #wholeFromMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(bus: ClusterBus, clock: Clock, owner: NodeListOwner) {
    this.#bus = bus;
    this.#clock = clock;
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

  /**
   * Looks from now on: when somebody says that it comes or goes, and often enough for a dead node to be seen a tenth of a lease after its own
   * has run out.
   *
   * @throws BusError (as rejection) DOWN
   */
  async watch(): Promise<void> {
    this.#ends.push(await this.#bus.subscribe(TOPIC, () => void this.#lookAgain()));
    if (this.#isClosed) return this.close();
    this.#ends.push(
      this.#bus.onState((isUp) => {
        if (isUp) this.expectOthers(this.#bus.leaseMs / 2);
      }),
    );
    await this.refresh();
    if (this.#isClosed) this.close();
    else this.#arm();
  }

  /** Others look at once. */
  announce(): void {
    this.#bus
      .publish(TOPIC, new TextEncoder().encode(this.#owner.id))
      .catch((error: unknown) => this.#owner.strange(error, 'announcement'));
  }

  /** The bus was away, or was started anew: for a while others are about to renew, or to put themselves back, and are not gone. */
  expectOthers(ms: number): void {
    this.#wholeFromMs = Math.max(this.#wholeFromMs, this.#clock.now() + ms);
  }

  /** Looks no more. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const end of this.#ends.splice(0)) end();
  }

  #arm(): void {
    this.#timer = this.#clock.runtime.startTimer(this.#bus.leaseMs / 10, async () => {
      await this.#lookAgain();
      if (!this.#isClosed) this.#arm();
    });
  }

  /** Never rejects. */
  async #lookAgain(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.#owner.strange(error, 'look at the nodes');
    }
  }

  /** Whether who is not on record is gone: not while this node is missing itself. */
  #isWhole(records: readonly BusRecord[]): boolean {
    const own = records.find(({ key }) => key === `node/${this.#owner.id}`);
    return own !== undefined && own.epoch === this.#owner.epoch() && this.#clock.now() >= this.#wholeFromMs;
  }

  async #refresh(): Promise<void> {
    const records = await this.#bus.list('node');
    const before = this.#nodes;
    const nodes = records.map(({ key, epoch, value }) => readFacts(key, epoch, value));
    const found = nodes.filter((node) => node !== undefined).map((node) => [node.id, node] as const);
    this.#nodes = new Map([...(this.#isWhole(records) ? [] : before), ...found]);
    for (const [id, node] of before) if (this.#nodes.get(id)?.epoch !== node.epoch) this.#owner.left(node);
    for (const [id, node] of [...this.#nodes])
      if (before.get(id)?.epoch !== node.epoch) this.#owner.joined(node);
  }
}

const TOPIC = 'cluster/nodes';
