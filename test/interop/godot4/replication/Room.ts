/** A room: our server, a native client of ours, and real engines. After whatever happens, all trees have to be the same. */
import type { Dialect } from '../../../../codec/index.ts';
import { Godot4 } from '../engine.ts';
import { until } from '../player.ts';
import { BrowserGame } from './BrowserGame.ts';
import { type Dump, differences } from './dump.ts';
import { OurGame, OurServer } from './OurGame.ts';

/** How long everybody has to come to the same tree, in ms. */
const PATIENCE = 10_000;

/** An engine, or a native client of ours. */
export type Client = BrowserGame | OurGame;

/** What of the server's tree one of the clients has. */
export type Expectation = (dump: Dump, client: Client) => Dump;

/** Everybody. */
export class Room {
  server: OurServer;
  readonly native = new OurGame();
  /** Engines that have joined. */
  readonly present = new Set<Client>();
  readonly #browsers: readonly BrowserGame[];
  readonly #godot: Godot4;
  #dumps = 0;

  private constructor(server: OurServer, godot: Godot4, browsers: readonly BrowserGame[]) {
    this.server = server;
    this.#godot = godot;
    this.#browsers = browsers;
  }

  /** Opens the server and the engines, one page each; nobody has joined yet. */
  static async open(names: readonly string[]): Promise<Room> {
    const [server, godot] = await Promise.all([OurServer.open(), Godot4.open()]);
    try {
      const browsers = await Promise.all(names.map((name) => BrowserGame.open(name, godot)));
      return new Room(server, godot, browsers);
    } catch (error) {
      server.close();
      await godot.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.native.close();
    this.server.close();
    await this.#godot.close();
  }

  /** An engine. */
  browser(i: number): BrowserGame {
    const browser = this.#browsers[i];
    if (browser === undefined) throw new Error(`there is no engine ${i}`);
    return browser;
  }

  /** Lets somebody join, and waits until the server has admitted it. */
  async join(client: Client): Promise<number> {
    const { ports, multiplayer } = this.server;
    let isIn = false;
    const joined = client.join(client instanceof OurGame ? ports.udp : ports.tcp).then(() => {
      isIn = true;
    });
    await Promise.race([
      joined,
      until(
        () => isIn,
        () => `${client instanceof OurGame ? 'native' : client.name} is in\n${this.complaints().join('\n')}`,
      ),
    ]);
    const id = idOf(client);
    await until(
      () => multiplayer.getPeers().includes(id),
      () => `${id} at the server`,
    );
    this.present.add(client);
    return id;
  }

  /** The server ends, and another one comes at the same place. Nobody is in it. */
  async restart(dialect?: Dialect): Promise<void> {
    const { ports } = this.server;
    this.server.close();
    this.present.clear();
    this.server = await OurServer.open(ports, dialect);
  }

  /** Lets somebody leave, and waits until the server knows. */
  async leave(client: Client): Promise<void> {
    const id = idOf(client);
    this.present.delete(client);
    await client.leave();
    await until(
      () => !this.server.multiplayer.getPeers().includes(id),
      () => `${id} gone`,
    );
  }

  /** Waits until everybody's tree is the server's, with every value, bit for bit. */
  async agree(expectation: Expectation = (dump) => dump): Promise<void> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const number = ++this.#dumps;
      this.server.main.rpc('dump', number);
      const expected = this.server.dump();
      const problems: string[] = [];
      for (const client of this.present) {
        const dump = await this.#dumpOf(client, number);
        const name = client instanceof OurGame ? 'native' : client.name;
        problems.push(...differences(expectation(expected, client), dump).map((line) => `${name}: ${line}`));
      }
      if (problems.length === 0) return;
      if (Date.now() > end) throw new Error(`the trees differ:\n${problems.slice(0, 30).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** What the engines printed as errors, and our sides traced and threw, since it was asked last. A refusal is traced, too. */
  complaints(): string[] {
    const { server, native } = this;
    return [
      ...this.#browsers.flatMap(({ name, errors }) =>
        errors.splice(0).map((line) => `${name}: ${line.replace('ERROR: ', '')}`),
      ),
      ...server.complaints.splice(0).map((line) => `server: ${line.replace('SceneMultiplayer: ', '')}`),
      ...native.complaints.splice(0).map((line) => `native: ${line.replace('SceneMultiplayer: ', '')}`),
    ];
  }

  async #dumpOf(client: Client, number: number): Promise<Dump> {
    await until(
      () => this.server.told.get(idOf(client)) === number,
      () => `the tree ${number} of ${idOf(client)}\n${this.complaints().join('\n')}`,
    );
    if (!(client instanceof OurGame)) return client.dumped(number);
    await until(
      () => client.dumps.has(number),
      () => `the tree ${number} of the native client`,
    );
    const dump = client.dumps.get(number) ?? new Map<string, never>();
    client.dumps.clear();
    return dump;
  }
}

/** The id that a client has. */
export function idOf(client: Client): number {
  return client instanceof OurGame ? client.multiplayer.getUniqueId() : client.id;
}
