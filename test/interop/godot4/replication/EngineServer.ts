/** A real Godot 4.6 as the server of the same game, and clients of ours: the page carries their packets, browsers cannot listen. */
import type { Dialect, VariantInput, VariantValue } from '../../../../codec/index.ts';
import { GodotError } from '../../../../src/godot/errors.ts';
import { MultiplayerPeer } from '../../../../src/godot/multiplayer/MultiplayerPeer.ts';
import type {
  MultiplayerConnectionStatus,
  TransferMode,
} from '../../../../src/godot/multiplayer/multiplayerConstants.ts';
import { bytes } from '../../../support/hex.ts';
import { Godot4 } from '../engine.ts';
import { until } from '../player.ts';
import { BrowserGame } from './BrowserGame.ts';
import { type Dump, differences, readDump } from './dump.ts';
import { OurGame } from './OurGame.ts';

/** How long everybody has to come to the same tree, in ms. */
const PATIENCE = 10_000;

/** The transport of a client. */
class CarriedPeer extends MultiplayerPeer {
  readonly #id: number;
  readonly #send: (mode: number, channel: number, packet: Uint8Array) => void;
  #status: MultiplayerConnectionStatus = MultiplayerPeer.CONNECTION_CONNECTING;

  constructor(id: number, send: (mode: number, channel: number, packet: Uint8Array) => void) {
    super({ random32: () => id });
    this.#id = id;
    this.#send = send;
  }

  arrive(mode: number, channel: number, packet: Uint8Array): void {
    this.queuePacket({ bytes: packet, from: 1, mode: mode as TransferMode, channel });
  }

  connect(): void {
    this.#status = MultiplayerPeer.CONNECTION_CONNECTED;
    this.emitSignal('peerConnected', 1);
  }

  /** The server is gone. */
  lose(): void {
    this.#status = MultiplayerPeer.CONNECTION_DISCONNECTED;
    this.emitSignal('peerDisconnected', 1);
  }

  poll(): void {
    // Packets are queued as they come.
  }

  close(): void {
    this.#status = MultiplayerPeer.CONNECTION_DISCONNECTED;
  }

  disconnectPeer(): void {
    this.close();
  }

  getConnectionStatus(): MultiplayerConnectionStatus {
    return this.#status;
  }

  getUniqueId(): number {
    return this.#id;
  }

  isServer(): boolean {
    return false;
  }

  isServerRelaySupported(): boolean {
    return true;
  }

  protected override sendPacket(packet: Uint8Array): GodotError {
    this.#send(this.transferMode, this.transferChannel, packet.slice());
    return GodotError.OK;
  }

  protected override get className(): string {
    return 'CarriedPeer';
  }
}

/** A client of ours in the game of the engine. */
export class CarriedClient extends OurGame {
  readonly id: number;
  readonly events: string[] = [];
  readonly peer: CarriedPeer;

  constructor(id: number, send: (mode: number, channel: number, packet: Uint8Array) => void) {
    super('4.6' satisfies Dialect);
    this.id = id;
    this.peer = new CarriedPeer(id, send);
    this.multiplayer.on('connectedToServer', () => this.events.push('connected'));
    this.multiplayer.on('serverDisconnected', () => this.events.push('lost'));
    this.multiplayer.on('peerConnected', (peer) => this.events.push(`+${peer}`));
    this.multiplayer.on('peerDisconnected', (peer) => this.events.push(`-${peer}`));
    for (const path of ['Spawner', 'PlayerSpawner', 'Custom'])
      this.spawner(path).on('spawned', (node) => this.events.push(`spawned ${node.name}`));
  }
}

/** The engine, and who has joined it. */
export class EngineServer {
  readonly game: BrowserGame;
  readonly clients = new Map<number, CarriedClient>();
  /** Whom the engine has put out. */
  readonly kicked: string[] = [];
  readonly #godot: Godot4;
  #read = 0;
  #number = 0;
  #failure: unknown;

  private constructor(godot: Godot4, game: BrowserGame) {
    this.#godot = godot;
    this.game = game;
  }

  static async open(): Promise<EngineServer> {
    const godot = await Godot4.open();
    try {
      const server = new EngineServer(godot, await BrowserGame.open('engine', godot));
      await server.game.ask('.', '_serve');
      server.#listen();
      return server;
    } catch (error) {
      await godot.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) client.close();
    await this.#godot.close();
  }

  /** A client joins, and is admitted. */
  async join(id: number): Promise<CarriedClient> {
    const client = new CarriedClient(id, (mode, channel, packet) => {
      this.ask('.', '_carry', id, mode, channel, packet).catch((error: unknown) => {
        this.#failure ??= error;
      });
    });
    client.multiplayer.multiplayerPeer = client.peer;
    this.clients.set(id, client);
    client.peer.connect();
    await this.ask('.', '_came', id);
    await until(
      () => client.events.includes('connected'),
      () => `${id} is in\n${this.complaints().join('\n')}`,
    );
    return client;
  }

  /** A client is gone. */
  async leave(client: CarriedClient): Promise<void> {
    this.clients.delete(client.id);
    client.close();
    await this.ask('.', '_left', client.id);
  }

  ask(path: string, method: string, ...args: readonly VariantInput[]): Promise<VariantValue> {
    return this.game.ask(path, method, ...args);
  }

  /** Adds a scene at the engine. */
  async add(
    scene: string,
    parent: string,
    name: string,
    values: Record<string, VariantInput> = {},
  ): Promise<void> {
    await this.ask('.', '_add', scene, parent, name);
    for (const [property, value] of Object.entries(values))
      await this.ask(`${parent}/${name}`, 'set', property, value);
  }

  /** Waits until the tree of every client is the engine's, with every value, bit for bit. @returns that tree. */
  async agree(expectation: (dump: Dump, client: CarriedClient) => Dump = (dump) => dump): Promise<Dump> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const number = ++this.#number;
      const expected = readDump((await this.ask('.', '_compare', number)) as Uint8Array);
      const problems: string[] = [];
      for (const client of this.clients.values()) {
        await until(
          () => client.dumps.has(number),
          () => `the tree ${number} of ${client.id}\n${this.complaints().join('\n')}`,
        );
        const dump = client.dumps.get(number) ?? new Map<string, never>();
        client.dumps.clear();
        problems.push(
          ...differences(expectation(expected, client), dump).map((line) => `${client.id}: ${line}`),
        );
      }
      if (problems.length === 0) return expected;
      if (Date.now() > end) throw new Error(`the trees differ:\n${problems.slice(0, 30).join('\n')}`);
    }
  }

  /** What the engine printed as errors, and clients traced and threw, since it was asked last. */
  complaints(): string[] {
    return [
      ...(this.#failure === undefined ? [] : [String(this.#failure)]),
      ...this.game.errors.splice(0),
      ...[...this.clients.values()].flatMap(({ id, complaints }) =>
        complaints.splice(0).map((line) => `${id}: ${line}`),
      ),
    ];
  }

  #listen(): void {
    this.game
      .until(() => {
        const { log } = this.game;
        while (this.#read < log.length) this.#take(log[this.#read++] ?? '');
        return false;
      })
      .catch(() => {
        // The page is gone: whoever still asks hears of it.
      });
  }

  #take(line: string): void {
    const [word, ...rest] = line.split(' ');
    if (word === 'kicked') this.kicked.push(rest.join(' '));
    if (word !== 'carried') return;
    const [target = 0, mode = 0, channel = 0] = rest.map(Number);
    for (const [id, { peer }] of this.clients)
      if (target === 0 || target === id || (target < 0 && target !== -id))
        peer.arrive(mode, channel, bytes(rest[3] ?? ''));
  }
}
