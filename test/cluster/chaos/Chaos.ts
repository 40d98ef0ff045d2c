/** Three nodes and a bus, orders from a seed, and what goes wrong with them on purpose. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterBus } from '../../../src/cluster.ts';
import { Prng } from '../../../src/testing/prng.ts';
import type { Line, Place } from './history.ts';
import { NodeError, NodeProcess } from './NodeProcess.ts';
import { machineMs } from './orders.ts';
import { visit } from './visit.ts';

/** What is done to the server of the bus. */
export interface BusServer {
  readonly url: string;
  /** It ends at once, and comes again after a while. @param keepsData with what it had last. */
  restart(keepsData: boolean, afterMs: number): Promise<void>;
  stop(): Promise<void>;
  continue(): void;
  /** It has no memory for anything new. */
  fill(isFull: boolean): Promise<void>;
}

/** Something that goes wrong. */
export const FAULTS = [
  'a node is killed',
  'a node stands still',
  'a node stands still for long',
  'the bus is started anew, with its data',
  'the bus is started anew, without data',
  'the bus stands still',
  'the bus is full',
  'a node stands still, and the bus is started anew without data',
] as const;

export class Chaos {
  /** How often something was done, and which errors were answered. */
  readonly counts = new Map<string, number>();
  readonly #server: BusServer;
  readonly #bus: ClusterBus;
  readonly #folder: string;
  readonly #random: Prng;
  readonly #nodes: NodeProcess[] = [];
  readonly #visits = new Set<Promise<void>>();
  #made = 0;
  #players = 0;
  #done = 0;
  #isPaused = false;
  #underWay = 0;

  /** @param bus the driver's own connection: it sees what is listed. @param folder for histories. */
  constructor(seed: number, server: BusServer, bus: ClusterBus, folder: string) {
    this.#random = Prng.labelled(seed, 'chaos');
    this.#server = server;
    this.#bus = bus;
    this.#folder = folder;
  }

  /** Plays so many creates and joins, and each fault in turns until there were so many. @returns the history. */
  async run(orders: number, faults: number): Promise<Line[]> {
    for (let i = 0; i < NODES; i++) await this.#start();
    const workers = Array.from({ length: WORKERS }, () => this.#work(orders));
    for (let i = 0; i < faults; i++) {
      await this.#healthy();
      const kind = FAULTS[i % FAULTS.length] ?? FAULTS[0];
      await this.#fail(kind);
      this.#count(kind);
      await this.#healthy();
      await this.#census();
    }
    await Promise.all(workers);
    await this.#census();
    await Promise.all(this.#visits);
    for (const node of this.#nodes) if (node.isAlive) await node.ask({ do: 'close' });
    return this.#history();
  }

  /** Ends what runs still. */
  async end(): Promise<void> {
    this.#done = Number.POSITIVE_INFINITY;
    for (const node of this.#nodes) await node.kill();
  }

  /** What nodes have printed: nothing, if all is well. */
  get output(): string {
    return this.#nodes.map(({ output }) => output).join('');
  }

  // --- Orders -------------------------------------------------------------------------------------------------

  async #work(orders: number): Promise<void> {
    while (this.#done < orders) {
      if (this.#isPaused) {
        await sleep(50);
        continue;
      }
      this.#done++;
      this.#underWay++;
      try {
        await this.#order();
      } finally {
        this.#underWay--;
      }
    }
  }

  async #order(): Promise<void> {
    const node = this.#one(this.#nodes.filter((one) => one.isAlive && !one.isStopped));
    if (node === undefined) return;
    const room = `room-${this.#roll(ROOMS)}`;
    const dice = this.#roll(100);
    const what = dice < 35 ? 'create' : dice < 92 ? 'join' : 'end';
    try {
      if (what === 'create') await node.ask({ do: 'create', room });
      else if (what === 'end') await node.ask({ do: 'end', room });
      else await this.#join(node, room);
      this.#count(what);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      this.#count(`${what}: ${error.code}`);
      if (!ROOM_CODES.has(error.code)) await sleep(PATIENCE_MS);
    }
  }

  async #join(node: NodeProcess, room: string): Promise<void> {
    const player = `player-${++this.#players}`;
    const got = (await node.ask({ do: 'reserve', room, player })) as Reservation; // as ClusterNode.reserve says
    if (this.#visits.size >= MOST_VISITS) return;
    const address = got.place.addresses['enet'];
    if (address === undefined) throw new Error(`${got.place.node} has no address`);
    const visiting = visit(address, `${player} ${room} ${got.name}`, 300 + this.#roll(1500)).then((isIn) => {
      this.#count(isIn ? 'came' : 'did not come');
      this.#visits.delete(visiting);
    });
    this.#visits.add(visiting);
  }

  // --- Faults -------------------------------------------------------------------------------------------------

  async #fail(kind: (typeof FAULTS)[number]): Promise<void> {
    const node = this.#one(this.#nodes.filter(({ isAlive }) => isAlive));
    if (node === undefined) throw new Error('no node is left');
    switch (kind) {
      case 'a node is killed':
        await node.kill();
        this.#write({ t: machineMs(), node: node.id, what: 'killed' });
        await sleep(NOTICE_MS + 500);
        await this.#start();
        return;
      case 'a node stands still':
        return this.#standStill(node, 500 + this.#roll(3000));
      case 'a node stands still for long':
        return this.#standStill(node, 6000 + this.#roll(4000));
      case 'the bus is started anew, with its data':
        return this.#away(() => this.#server.restart(true, this.#roll(7000)));
      case 'the bus is started anew, without data':
        return this.#away(() => this.#server.restart(false, this.#roll(4000)));
      case 'the bus stands still':
        return this.#away(async () => {
          await this.#server.stop();
          await sleep(500 + this.#roll(7000));
          this.#server.continue();
        });
      case 'the bus is full':
        return this.#away(async () => {
          await this.#server.fill(true);
          await sleep(2000 + this.#roll(5000));
          await this.#server.fill(false);
        });
      case 'a node stands still, and the bus is started anew without data': {
        const still = this.#standStill(node, 7000 + this.#roll(2000));
        await sleep(2000 + this.#roll(4000));
        await this.#away(() => this.#server.restart(false, this.#roll(4000)));
        await still;
      }
    }
  }

  async #standStill(node: NodeProcess, ms: number): Promise<void> {
    this.#write({ t: machineMs(), node: node.id, what: 'stopped' });
    node.stop();
    await sleep(ms);
    node.continue();
    this.#write({ t: machineMs(), node: node.id, what: 'continued' });
  }

  async #away(fault: () => Promise<void>): Promise<void> {
    this.#write({ t: machineMs(), node: 'driver', what: 'bus-gone' });
    await fault();
    this.#write({ t: machineMs(), node: 'driver', what: 'bus-back' });
  }

  // --- What is asked of it ------------------------------------------------------------------------------------

  /** Waits until all nodes take players and know each other. @returns how often they were fenced so far, all of them together. */
  async #healthy(): Promise<number> {
    const wanted = this.#nodes.filter(({ isAlive }) => isAlive).map(({ id }) => id);
    const ids = wanted.toSorted().join();
    for (let tries = 0; tries < HEALTHY_TRIES; tries++) {
      const states = await Promise.all(
        this.#nodes
          .filter(({ isAlive }) => isAlive)
          .map(async (node) => (await node.ask({ do: 'state' })) as NodeState),
      );
      if (states.every(({ isHeld, nodes }) => isHeld && nodes.toSorted().join() === ids))
        return states.reduce((sum, { fences }) => sum + fences, 0);
      await sleep(100);
    }
    throw new Error(`the nodes ${ids} do not come together again\n${this.output}`);
  }

  /** Nothing is under way, and nobody is fenced: what is there is what is listed. */
  async #census(): Promise<void> {
    this.#isPaused = true;
    while (this.#underWay > 0) await sleep(20);
    for (;;) {
      const before = await this.#healthy();
      await sleep(QUIET_MS);
      const alive = this.#nodes.filter(({ isAlive }) => isAlive);
      const has = (await Promise.all(alive.map((node) => node.ask({ do: 'census' })))) as Place[][];
      const listed = (await this.#bus.list('room')).map(({ key, root, epoch }) => ({
        room: key.slice('room/'.length),
        node: root.slice('node/'.length),
        epoch,
      }));
      // A node that notices only now that the bus was away looks at its rooms first.
      if ((await this.#healthy()) !== before) continue;
      this.#write({ t: machineMs(), node: 'driver', what: 'census', has: has.flat(), listed });
      break;
    }
    this.#count('census');
    this.#isPaused = false;
  }

  async #start(): Promise<void> {
    const id = `node-${++this.#made}`;
    const node = new NodeProcess(id, this.#server.url, this.#file(id));
    this.#nodes.push(node);
    await node.ready();
  }

  #history(): Line[] {
    const files = [...this.#nodes.map(({ id }) => this.#file(id)), this.#file('driver')];
    return files.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line),
    );
  }

  #write(line: Line): void {
    appendFileSync(this.#file('driver'), `${JSON.stringify(line)}\n`);
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.jsonl`);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #roll(count: number): number {
    return Math.floor(this.#random.unit() * count);
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[this.#roll(list.length)];
  }
}

/** What a node answers to 'state'. */
interface NodeState {
  readonly isHeld: boolean;
  readonly nodes: readonly string[];
  readonly fences: number;
}

/** What `ClusterNode.reserve` answers. */
interface Reservation {
  readonly name: string;
  readonly place: { readonly node: string; readonly addresses: Readonly<Record<string, string>> };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const NODES = 3;
const ROOMS = 60;
const WORKERS = 12;
const MOST_VISITS = 24;
/** After that long the dead are seen. */
export const NOTICE_MS = 6000;
const HEALTHY_TRIES = 250;
/** For what nodes put off: listings once per second, the end of rooms while the bus was away until the next renewal. */
const QUIET_MS = 3000;
/** Who is refused waits, so that outages are no small part of the time and most of the orders. */
const PATIENCE_MS = 200;
/** What rooms answer when all is well. */
const ROOM_CODES: ReadonlySet<string> = new Set(['ROOM_FULL', 'ROOM_UNKNOWN']);
