/** Nodes of a cluster on the virtual network: each with real rooms behind ENet, a clock that can stand still, and clients that come in. */
import { afterEach, beforeEach, expect } from 'vitest';
import {
  BusError,
  type ClusterBus,
  ClusterError,
  ClusterNode,
  type ClusterNodeOptions,
  MemoryHub,
} from '../../../src/cluster/index.ts';
import { ENetMultiplayerPeer } from '../../../src/godot/index.ts';
import { createCompressor } from '../../../src/io/compression.ts';
import {
  type Player,
  Room,
  RoomError,
  RoomServer,
  type RoomServerOptions,
} from '../../../src/rooms/index.ts';
import type { Timer } from '../../../src/runtime/index.ts';
import { SimNetwork } from '../../../src/testing/SimNetwork.ts';

/** A room that notes what it hears. */
export class PlainRoom extends Room<unknown> {
  readonly notes: string[] = [];
  given: unknown;
  override maxPlayers = 4;
  override endsWhenEmpty = false;
  override onCreate(options: unknown): void | Promise<void> {
    this.given = options;
  }
  override onFenced(isFenced: boolean): void {
    this.notes.push(isFenced ? 'fenced' : 'unfenced');
  }
  override onJoin(player: Player): void {
    this.notes.push(`join ${player.id}`);
  }
}

/** Why rooms, a node or its bus refused; anything else as it is. */
export function codeOf(error: unknown): unknown {
  return error instanceof RoomError || error instanceof ClusterError || error instanceof BusError
    ? error.code
    : error;
}

/** A process with rooms. */
export interface TestNode {
  readonly id: string;
  /** Where it listens, on port 7777. */
  readonly address: string;
  readonly node: ClusterNode;
  readonly rooms: RoomServer;
  readonly bus: ClusterBus;
  /** What its signals have said. */
  readonly signals: string[];
  /** Its timers stand still: as after SIGSTOP. What is due happens at SIGCONT. */
  stop(): void;
  cont(): void;
}

/** What a node of a test can be told. */
export type TestNodeOptions = Partial<Omit<ClusterNodeOptions, 'bus' | 'rooms'>> & {
  readonly kinds?: Readonly<Record<string, new (core: never) => Room<never>>> | undefined;
  readonly server?: Partial<RoomServerOptions> | undefined;
};

/** What a world is made with. */
interface WorldOptions {
  readonly seed?: number;
  readonly leaseMs?: number;
  readonly delayMs?: number;
}

/** Registers that each test has a world of its own, which ends with it and has reported nothing. @param use takes that of the test that begins. */
export function worldOfEachTest(options: WorldOptions, use: (world: ClusterWorld) => void): void {
  let world: ClusterWorld;
  beforeEach(() => {
    world = new ClusterWorld(options);
    use(world);
  });
  afterEach(async () => {
    await world.close();
    expect(world.errors).toEqual([]);
  });
}

/** A network, a bus and the nodes. */
export class ClusterWorld {
  readonly network: SimNetwork;
  readonly hub: MemoryHub;
  /** What was reported and nobody has looked at. */
  readonly errors: string[] = [];
  readonly nodes: TestNode[] = [];
  readonly #clients: ENetMultiplayerPeer[] = [];
  #addresses = 1;

  constructor(options: WorldOptions = {}) {
    const { seed = 1, leaseMs = 3000, delayMs = 2 } = options;
    this.network = new SimNetwork({ seed });
    this.hub = new MemoryHub({
      leaseMs,
      delayMs,
      runtime: this.network.createRuntime('10.0.0.250'),
      onError: (error, where) => this.errors.push(`${where}: ${String(error)}`),
    });
  }

  /** A node that is not started. */
  make(id: string, options: TestNodeOptions = {}): TestNode {
    const { kinds = { plain: PlainRoom }, server = {}, ...given } = options;
    const address = `10.0.1.${this.#addresses++}`;
    const runtime = this.network.createRuntime(address);
    const clock = stoppable(runtime);
    const peer = new ENetMultiplayerPeer({ runtime, createCompressor });
    peer.createServer(7777, 4095);
    const onError = (error: unknown, where: string): void => {
      this.errors.push(`${id}: ${where}: ${String(error)}`);
    };
    const rooms = new RoomServer({
      transport: peer,
      entry: 'plain',
      runtime: clock.runtime,
      onError,
      ...server,
    });
    for (const [kind, roomClass] of Object.entries(kinds)) rooms.define<unknown>(kind, roomClass as never);
    rooms.start();
    const bus = this.hub.connect();
    const node = new ClusterNode({
      addresses: { enet: `${id}:7777` },
      id,
      onError,
      ...given,
      bus,
      rooms,
      runtime: clock.runtime,
    });
    const signals: string[] = [];
    for (const name of ['fenced', 'unfenced', 'leaseLost'] as const) node.on(name, () => signals.push(name));
    node.on('roomLost', (room) => signals.push(`roomLost ${room}`));
    node.on('nodeJoined', (other) => signals.push(`joined ${other.id}`));
    node.on('nodeLeft', (other) => signals.push(`left ${other.id}`));
    const made = { id, address, node, rooms, bus, signals, stop: clock.stop, cont: clock.cont };
    this.nodes.push(made);
    return made;
  }

  /** A node that is started. */
  async start(id: string, options: TestNodeOptions = {}): Promise<TestNode> {
    const made = this.make(id, options);
    await this.settle(made.node.start());
    return made;
  }

  /** Somebody who comes to a node, is a guest there, and is gone with the world. */
  async join({ address, rooms }: TestNode): Promise<Player> {
    const runtime = this.network.createRuntime(`10.0.2.${this.#addresses++}`);
    const client = new ENetMultiplayerPeer({ runtime, createCompressor });
    client.createClient(address, 7777);
    this.#clients.push(client);
    let player: Player | undefined;
    await this.until('a guest', () => {
      player = rooms.playerOf(client.getUniqueId());
      return player?.room !== undefined;
    });
    if (player === undefined) throw new Error('no guest');
    return player;
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.network.advance(Math.min(STEP_MS, ms - passed));
      for (const client of this.#clients) if (client.getConnectionStatus() !== 0) client.poll();
      await turn();
    }
  }

  /** Lets time pass until a promise is kept. @throws what it rejects with; Error after 60 s. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    await turn();
    for (let passed = 0; !isDone; passed += STEP_MS) {
      if (passed > 60_000) throw new Error(`it takes more than 60 s (${this.network.describe()})`);
      await this.run(STEP_MS);
    }
    return promise;
  }

  /** Lets time pass until something is true. */
  async until(what: string, condition: () => boolean, seconds = 30): Promise<void> {
    for (let passed = 0; !condition(); passed += STEP_MS) {
      if (passed > seconds * 1000)
        throw new Error(`${what}: not in ${seconds} s (${this.network.describe()})`);
      await this.run(STEP_MS);
    }
  }

  async close(): Promise<void> {
    this.hub.resume();
    for (const { node, rooms, bus, cont } of this.nodes) {
      cont();
      await this.settle(node.close());
      await this.settle(rooms.close());
      await bus.close();
    }
  }
}

/** A runtime whose timers can be held up: what is due meanwhile happens afterwards. Its clock goes on, as that of a machine does. */
function stoppable(runtime: ReturnType<SimNetwork['createRuntime']>) {
  let isStopped = false;
  const due = new Set<() => void>();
  const startTimer = (delayMs: number, callback: () => void): Timer => {
    const own = (): void => {
      due.delete(own);
      if (isStopped) due.add(own);
      else callback();
    };
    const timer = runtime.startTimer(delayMs, own);
    return {
      cancel: () => {
        due.delete(own);
        timer.cancel();
      },
    };
  };
  return {
    runtime: { now: () => runtime.now(), random32: () => runtime.random32(), startTimer },
    stop: () => {
      isStopped = true;
    },
    cont: () => {
      isStopped = false;
      for (const one of [...due]) one();
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const STEP_MS = 10;
