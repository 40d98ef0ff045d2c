/** Nodes with rooms and handoffs on the virtual network, and clients that go where they are sent. */
import { Vector2 } from '../../../codec/index.ts';
import { RpcMode, SceneMirror } from '../../../schema/index.ts';
import { Handoff } from '../../../src/cluster/handoff/Handoff.ts';
import type { HandoffOptions } from '../../../src/cluster/handoff/handoffOptions.ts';
import {
  BusError,
  type BusListener,
  type ClusterBus,
  ClusterNode,
  type Lease,
  MemoryHub,
  type Unsubscribe,
} from '../../../src/cluster/index.ts';
import { ENetMultiplayerPeer } from '../../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { createCompressor } from '../../../src/io/compression.ts';
import {
  type LeaveReason,
  type Player,
  type ReturnInfo,
  Room,
  RoomServer,
} from '../../../src/rooms/index.ts';
import { ENetServer } from '../../../src/server/index.ts';
import { SimNetwork, type SimNetworkOptions } from '../../../src/testing/SimNetwork.ts';
import { playerScenes } from '../../support/playerScenes.ts';
import { HandoffClient } from './HandoffClient.ts';

const PORT = 7777;
const EVENTS_PORT = 7778;
const STEP_MS = 10;
const KEYS = [{ id: '1', algorithm: 'HS256', secret: 'a secret of 32 bytes for this test' }] as const;

const FILES = playerScenes({
  mode: 2,
  moreNodes: `
[node name="Pieces" type="Node" parent="."]

[node name="Custom" type="MultiplayerSpawner" parent="."]
spawn_path = NodePath("../Pieces")
`,
});

/** The tree of clients and rooms. */
export function newMirror(): SceneMirror {
  const mirror = new SceneMirror({ resources: (path) => FILES[path] });
  const main = mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  for (const name of ['add', 'say'])
    main.rpcConfig(name, { rpcMode: RpcMode.RPC_MODE_ANY_PEER, transferMode: 2 });
  for (const name of ['told', 'secret'])
    main.rpcConfig(name, { rpcMode: RpcMode.RPC_MODE_AUTHORITY, transferMode: 2 });
  return mirror;
}

/** What `spawn(data)` makes. */
export function newPiece(mirror: SceneMirror, data: unknown): ReturnType<SceneMirror['createNode']> {
  const [name, value] = data as [string, number];
  return mirror.createNode({ name, class: 'Node', metadata: { value } });
}

/** A room: it counts what it is told. */
export class Match extends Room<{ readonly title: string } | undefined> {
  /** Seats of rooms that are made from now on. */
  static size = 300;
  override maxPlayers: number = Match.size;
  override endsWhenEmpty = false;
  override tickHz = 30;
  /** What it was told: of each player the numbers, in their order. */
  heard = new Map<string, number[]>();
  steps = 0;
  hooks: string[] = [];
  /** What goes wrong. */
  static breaks: 'onCreate' | 'onSnapshot' | 'onRestore' | undefined;

  override makeMirror(): SceneMirror {
    return newMirror();
  }

  override onCreate(options: { readonly title: string } | undefined): void {
    if (Match.breaks === 'onCreate') throw new Error('onCreate breaks');
    if (options !== undefined) this.metadata = { title: options.title };
    const custom = this.multiplayer.spawner('/root/Main/Custom');
    custom.spawnFunction = (data) => newPiece(this.mirror, data);
    const main = this.mirror.getNode('/root/Main');
    const hear = (sender: number, number: number): void => {
      const id = this.playerOf(sender)?.id ?? `peer ${sender}`;
      this.heard.set(id, [...(this.heard.get(id) ?? []), number]);
    };
    this.onEvent('add', (player, payload) => hear(player.peerId, Number(payload.get('number'))));
    main?.onRpc('add', hear).onRpc('say', hear).onRpc('secret', hear);
  }

  override onJoin(player: Player): void {
    this.hooks.push(`join ${player.id}`);
    const node = this.mirror.instantiate('res://player.tscn', { name: String(player.peerId) });
    node.set('position', new Vector2(this.players.size, 0.1));
    node.setMultiplayerAuthority(player.peerId, false);
    this.mirror.getNode('/root/Main/Players')?.addChild(node);
  }

  override onDrop(player: Player): void {
    this.hooks.push(`drop ${player.id}`);
  }

  override onReturn(player: Player, info: ReturnInfo): void {
    this.hooks.push(`return ${player.id} ${info.lostCalls}`);
  }

  override onLeave(player: Player, reason: LeaveReason): void {
    this.hooks.push(`leave ${player.id} ${reason}`);
    this.mirror.getNode(`/root/Main/Players/${player.peerId}`)?.free();
  }

  override onStep(): void {
    this.steps++;
  }

  override onSnapshot(): unknown {
    if (Match.breaks === 'onSnapshot') throw new Error('onSnapshot breaks');
    return { heard: this.heard, steps: this.steps };
  }

  override onRestore(state: unknown): void {
    if (Match.breaks === 'onRestore') throw new Error('onRestore breaks');
    const { heard, steps } = state as Pick<Match, 'heard' | 'steps'>;
    this.heard = heard;
    this.steps = steps;
  }

  override onDispose(): void {
    this.hooks.push(this.isMoved ? 'moved' : 'dispose');
  }
}

/** The bus of one node: what it says may be lost. */
class LossyBus implements ClusterBus {
  readonly engine = 'lossy';
  readonly leaseMs: number;
  readonly #bus: ClusterBus;
  /** Messages that have one of these in them do not leave. */
  readonly lost = new Set<string>();
  isDead = false;

  constructor(bus: ClusterBus) {
    this.#bus = bus;
    this.leaseMs = bus.leaseMs;
  }

  claim(...args: Parameters<ClusterBus['claim']>): Promise<Lease> {
    return this.#alive(() => this.#bus.claim(...args));
  }
  renew(root: Lease): Promise<'held' | 'restored'> {
    return this.#alive(() => this.#bus.renew(root));
  }
  update(lease: Lease, value: string): Promise<void> {
    return this.#alive(() => this.#bus.update(lease, value));
  }
  restore(...args: Parameters<ClusterBus['restore']>): Promise<Lease[]> {
    return this.#alive(() => this.#bus.restore(...args));
  }
  release(lease: Lease): Promise<void> {
    return this.#alive(() => this.#bus.release(lease));
  }
  find(key: string): ReturnType<ClusterBus['find']> {
    return this.#alive(() => this.#bus.find(key));
  }
  list(kind: string): ReturnType<ClusterBus['list']> {
    return this.#alive(() => this.#bus.list(kind));
  }
  async send(inbox: string, bytes: Uint8Array): Promise<void> {
    const text = new TextDecoder().decode(bytes);
    if ([...this.lost].some((part) => text.includes(part))) return;
    await this.#alive(() => this.#bus.send(inbox, bytes));
  }
  receive(inbox: string, listener: BusListener): Promise<Unsubscribe> {
    return this.#bus.receive(inbox, (bytes) => (this.isDead ? undefined : listener(bytes)));
  }
  publish(topic: string, bytes: Uint8Array): Promise<void> {
    return this.#alive(() => this.#bus.publish(topic, bytes));
  }
  subscribe(topic: string, listener: BusListener): Promise<Unsubscribe> {
    return this.#bus.subscribe(topic, listener);
  }
  onState(listener: (isUp: boolean) => void): Unsubscribe {
    return this.#bus.onState(listener);
  }
  status(): ReturnType<ClusterBus['status']> {
    return this.#bus.status();
  }
  close(): Promise<void> {
    return this.#bus.close();
  }

  #alive<T>(call: () => Promise<T>): Promise<T> {
    return this.isDead ? Promise.reject(new BusError('DOWN', 'this process has ended')) : call();
  }
}

/** A node with its rooms. */
export class NodeUnderTest {
  readonly id: string;
  readonly bus: LossyBus;
  readonly node: ClusterNode;
  readonly ip: string;
  readonly rooms: RoomServer;
  readonly handoff: Handoff;
  readonly transport: ENetMultiplayerPeer;
  readonly lines: string[] = [];
  readonly errors: unknown[] = [];
  isDead = false;

  constructor(hub: MemoryHub, network: SimNetwork, id: string, ip: string, options: Partial<HandoffOptions>) {
    this.id = id;
    this.ip = ip;
    this.bus = new LossyBus(hub.connect());
    const runtime = network.createRuntime(ip);
    const onError = (error: unknown): unknown => this.errors.push(error);
    this.transport = new ENetMultiplayerPeer({ runtime, createCompressor });
    this.transport.createServer(PORT, 4000);
    const server = new ENetServer({ runtime, createCompressor });
    server.createServer(EVENTS_PORT);
    this.rooms = new RoomServer({
      transport: this.transport,
      events: { server, login: (_peer, loginData) => ({ player: String(loginData.get('name')) }) },
      entry: 'match',
      auth: ({ text }) => ({ player: text, user: { name: text } }),
      runtime,
      graceMs: 5000,
      maxIdLength: 4096,
      onTrace: (line) => this.lines.push(line),
      onError,
    });
    this.rooms.define('match', Match);
    const addresses = { enet: `${ip}:${PORT}`, events: `${ip}:${EVENTS_PORT}` };
    this.node = new ClusterNode({ bus: this.bus, rooms: this.rooms, id, addresses, runtime, onError });
    this.handoff = new Handoff({ node: this.node, keys: KEYS, now: () => NOON + network.time, ...options });
  }

  /** The first room that is there. */
  get match(): Match {
    const [room] = this.rooms.rooms;
    if (room instanceof Match) return room;
    throw new Error(`${this.id} has no room`);
  }
}

/** All of it. */
export class HandoffWorld {
  readonly network: SimNetwork;
  readonly hub: MemoryHub;
  readonly nodes: NodeUnderTest[] = [];
  readonly clients: HandoffClient[] = [];
  readonly #options: Partial<HandoffOptions>;
  #joins = 0;

  private constructor(options: Partial<HandoffOptions>, network: SimNetworkOptions) {
    this.network = new SimNetwork(network);
    this.#options = options;
    const runtime = this.network.createRuntime('10.0.255.1');
    this.hub = new MemoryHub({ leaseMs: 2000, delayMs: 1, runtime });
    Match.breaks = undefined;
    Match.size = 300;
  }

  static async open(
    count: number,
    options: Partial<HandoffOptions> = {},
    network: SimNetworkOptions = { seed: 1 },
  ): Promise<HandoffWorld> {
    const world = new HandoffWorld(options, network);
    for (let i = 0; i < count; i++) await world.add('abcdefgh'[i] ?? `n${i}`);
    return world;
  }

  /** Another node comes. */
  async add(id: string): Promise<NodeUnderTest> {
    const ip = `10.0.0.${this.nodes.length + 1}`;
    const made = new NodeUnderTest(this.hub, this.network, id, ip, this.#options);
    this.nodes.push(made);
    await this.settle(made.node.start());
    await this.run(50);
    return made;
  }

  at(index: number): NodeUnderTest {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** Somebody comes to a node. */
  join(name: string, node: NodeUnderTest): HandoffClient {
    const number = ++this.#joins;
    const mirror = newMirror();
    const client = new HandoffClient(this.network, `10.1.${number >> 7}.${1 + (number & 127)}`, name, mirror);
    client.multiplayer.spawner('/root/Main/Custom').spawnFunction = (data) => newPiece(mirror, data);
    this.clients.push(client);
    client.join(`${node.ip}:${PORT}`);
    return client;
  }

  /** A process ends without a word. */
  kill(node: NodeUnderTest): void {
    node.isDead = true;
    node.bus.isDead = true;
    for (const { ip } of this.clients) this.network.partition([ip], [node.ip]);
  }

  async run(ms: number, each: () => void = () => undefined): Promise<void> {
    for (let end = this.network.time + ms; this.network.time < end; ) await this.#step(each);
  }

  async until(condition: () => boolean, ms: number, what: () => string, each?: () => void): Promise<void> {
    for (const end = this.network.time + ms; !condition(); ) {
      if (this.network.time >= end) throw new Error(`${what()} (${this.network.describe()})`);
      await this.#step(each ?? (() => undefined));
    }
  }

  /** Lets time pass until a promise is kept. */
  async settle<T>(promise: Promise<T>, each?: () => void): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    await this.until(
      () => isDone,
      60_000,
      () => 'what was asked for is not done',
      each,
    );
    return promise;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    for (const { rooms, handoff, node } of this.nodes) {
      handoff.close();
      await this.settle(node.close());
      await this.settle(rooms.close());
    }
  }

  async #step(each: () => void): Promise<void> {
    this.network.advance(STEP_MS);
    for (const { rooms, isDead } of this.nodes) if (!isDead) rooms.poll();
    each();
    for (const client of this.clients) client.poll();
    // Tickets are signed and verified in threads of the process.
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.resolve();
  }
}

/** The time of day at which tests begin. */
const NOON = 1_700_000_000_000;
