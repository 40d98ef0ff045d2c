/** Rooms under test: a server with rooms on the virtual network, and players who are scripted. */
import { checkOptions, type OptionNames } from '../../../options/internal.ts';
import { SceneMirror, type ScriptClass } from '../../../schema/index.ts';
import { ENetMultiplayerPeer, GodotError, godotErrorName } from '../../godot/index.ts';
import { createCompressor } from '../../io/internal.ts';
import type { Project } from '../../project/index.ts';
import {
  type Authenticate,
  type AuthRequest,
  type Login,
  type Player,
  type Room,
  type RoomClass,
  type RoomOptionsOf,
  RoomServer,
  type RoomServerOptions,
} from '../../rooms/index.ts';
import { SimNetwork, type SimNetworkOptions } from '../SimNetwork.ts';
import type { SimRuntime } from '../SimRuntime.ts';
import { TestClient } from './TestClient.ts';
import { TestPlayer } from './TestPlayer.ts';

/** What {@link RoomTest.boot} can be told. */
export interface RoomTestOptions {
  /**
   * The game of the players: its project, of which a client has autoloads and main scene, or a function that makes the tree of one client.
   * Default: an empty tree.
   */
  readonly client?:
    | Pick<Project, 'files' | 'register' | 'addAutoloads' | 'mainScene'>
    | (() => SceneMirror)
    | undefined;
  /** What stands for the scripts of the game in a client; those of a function's tree it registers itself. Default none. */
  readonly scripts?: readonly ScriptClass[] | undefined;
  /** The name of the kind of the room that is booted; newcomers go there. Default `'room'`. */
  readonly kind?: string | undefined;
  /** For `onCreate` of rooms of that kind. */
  readonly options?: unknown;
  /** Other kinds of rooms, by name. */
  readonly kinds?: Readonly<Record<string, RoomClass<never>>> | undefined;
  /**
   * Options of the RoomServer, or a function that makes them, with the runtime of its machine: for clocks of the game, and an `ENetServer` of
   * `events`. Default `auth`: who joins as `'ada'` is the player `'ada'`.
   */
  readonly server?: RoomTestServer | ((runtime: SimRuntime) => RoomTestServer) | undefined;
  /** The network: its seed, latency, loss. Default a perfect one with seed 1. */
  readonly network?: SimNetworkOptions | undefined;
}

/** The options of a RoomServer that a test chooses. */
export type RoomTestServer = Omit<
  RoomServerOptions,
  'transport' | 'entry' | 'runtime' | 'onTrace' | 'onError'
> & {
  /** Default the kind that is booted. */
  readonly entry?: RoomServerOptions['entry'] | undefined;
};

/** An error that a room, a handler or a client has thrown, and where. */
export interface RoomTestError {
  /** Where it was thrown, in words. */
  readonly where: string;
  /** What was thrown. */
  readonly error: unknown;
}

/**
 * A room, booted on a virtual network under virtual time, for tests of a game:
 *
 * ```ts
 * const game = await RoomTest.boot(Match, { client: project });
 * const ada = await game.join('ada');
 * ada.call('/root/Main', 'say', 'hello');
 * await game.run(0.5);
 * expect(ada.sees().calls).toEqual([...]);
 * await game.close();
 * ```
 *
 * The same seed gives the same run. Time stands still but in its methods that are async, and while `auth` thinks.
 */
export class RoomTest<R extends Room<never> = Room<never>> {
  /** The network: cut it, make it worse, look at datagrams. */
  readonly network: SimNetwork;
  /** All rooms. */
  readonly rooms: RoomServer;
  /** The lines of all that was refused or strange, at the server (`server: ...`) and at players (`ada: ...`). */
  readonly lines: string[] = [];
  readonly #options: RoomTestOptions;
  readonly #transport: ENetMultiplayerPeer;
  readonly #clients = new Set<TestClient>();
  #errors: RoomTestError[] = [];
  #addresses = 0;
  #room: R | undefined;
  /** What `auth` and rooms have not answered yet. */
  #thinking: Promise<unknown>[] = [];

  private constructor(options: RoomTestOptions) {
    checkOptions(options, OPTION_NAMES);
    this.#options = options;
    const { kind = 'room', kinds = {}, network } = options;
    this.network = new SimNetwork(network);
    const runtime = this.network.createRuntime(SERVER_IP);
    this.#transport = new ENetMultiplayerPeer({ runtime, createCompressor });
    const error = this.#transport.createServer(PORT, 4095);
    if (error !== GodotError.OK) throw new Error(`the server cannot listen: ${godotErrorName(error)}`);
    const { server = {} } = options;
    const given = typeof server === 'function' ? server(runtime) : server;
    const { auth = ({ text }): ReturnType<Authenticate> => ({ player: text }) } = given;
    this.rooms = new RoomServer({
      ...given,
      entry: given.entry ?? kind,
      auth: (request) => this.#ask(auth, request),
      transport: this.#transport,
      runtime,
      onTrace: (line) => this.lines.push(`server: ${line}`),
      onError: (thrown, where) => this.#errors.push({ where, error: thrown }),
    });
    for (const [name, roomClass] of Object.entries(kinds)) this.rooms.define(name, roomClass);
    this.rooms.start();
  }

  /**
   * Makes a server with a room, to which players come who join.
   *
   * @throws (as rejection) RoomError when the room cannot begin; TypeError or RangeError for bad options.
   */
  static async boot<R extends Room<never>>(
    roomClass: new (...args: ConstructorParameters<RoomClass<never>>) => R,
    options: RoomTestOptions = {},
  ): Promise<RoomTest<R>> {
    const game = new RoomTest<R>(options);
    const { kind = 'room' } = options;
    game.rooms.define<unknown>(kind, roomClass, options.options);
    const room = await game.#settle(game.rooms.create(kind));
    if (room instanceof roomClass) game.#room = room;
    return game;
  }

  /** The room that was booted; it may have ended since. */
  get room(): R {
    if (this.#room === undefined) throw new Error('there is no room yet');
    return this.#room;
  }

  /** What was thrown, and nobody has taken. */
  get errors(): readonly RoomTestError[] {
    return this.#errors;
  }

  /** Takes the errors that a test expects: {@link RoomTest.close} throws what is left. */
  takeErrors(): RoomTestError[] {
    const taken = this.#errors;
    this.#errors = [];
    return taken;
  }

  /**
   * A player comes: it is in its room, and has what is there.
   *
   * @param name who it is. @param token what its client sends with `send_auth`; default the name.
   * @throws Error (as rejection) when it does not get in, with the reason.
   */
  async join(name: string, token: string = name): Promise<TestPlayer> {
    const actions = {
      connect: (who: string, shown: string) => this.#connect(who, shown),
      cut: (ip: string, player: Player) => this.#cut(ip, player),
      settle: <T>(promise: Promise<T>) => this.#settle(promise),
    };
    return new TestPlayer(name, token, actions, await this.#connect(name, token));
  }

  /** Makes another room. @throws RoomError (as rejection) as `RoomServer.create`. */
  create<R extends Room<never>>(kind: new (core: never) => R, options?: RoomOptionsOf<R>): Promise<R>;
  create(kind: string, options?: unknown): Promise<Room>;
  create<R extends Room<never>>(
    kind: string | (new (core: never) => R),
    options?: RoomOptionsOf<R>,
  ): Promise<Room<never>> {
    return this.#settle<Room<never>>(
      typeof kind === 'string' ? this.rooms.create(kind, options) : this.rooms.create(kind, options),
    );
  }

  /** Lets time pass. @throws RangeError (as rejection) for no number from 0 on. */
  async run(seconds: number): Promise<void> {
    if (!(seconds >= 0 && seconds <= MOST_SECONDS))
      throw new RangeError(`"seconds" expected 0..${MOST_SECONDS}, got ${seconds}`);
    const end = this.network.time + seconds * 1000;
    while (end - this.network.time > EARLY_MS) await this.#step(Math.min(STEP_MS, end - this.network.time));
  }

  /**
   * Lets time pass until something is true. @returns how many seconds it took.
   *
   * @param seconds how long at most; default 10. @param what for the message.
   * @throws Error (as rejection) when it does not become true, with the seed.
   */
  async until(condition: () => boolean, seconds = 10, what = 'the condition'): Promise<number> {
    const start = this.network.time;
    while (!condition()) {
      if (this.network.time - start >= seconds * 1000)
        throw new Error(
          `${what} did not become true in ${seconds} s (${this.network.describe()})${this.#recent()}`,
        );
      await this.#step(STEP_MS);
    }
    return (this.network.time - start) / 1000;
  }

  /**
   * Ends the game: everybody leaves, rooms are disposed of.
   *
   * @throws AggregateError (as rejection) with all errors that rooms, handlers and clients have thrown and nobody has taken.
   */
  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.rooms.close();
    const errors = this.takeErrors();
    if (errors.length === 0) return;
    const texts = errors.map(({ where, error }) => `${where}: ${String(error)}`);
    throw new AggregateError(
      errors.map(({ error }) => error),
      `${errors.length} errors in the game (${this.network.describe()})\n${texts.join('\n')}`,
    );
  }

  /** {@link RoomTest.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  /** A client is done when the server is: a game has to know by what it is answered. */
  #ask(auth: Authenticate, request: AuthRequest): Promise<Login | false | undefined> {
    const ask = async (): Promise<Login | false | undefined> => {
      const answer = await auth(request);
      if (answer) this.#clientOf(request.peerId)?.completeAuth();
      return answer;
    };
    const answer = ask();
    this.#thinking.push(answer);
    return answer;
  }

  #clientOf(peerId: number): TestClient | undefined {
    return [...this.#clients].find(({ multiplayer }) => multiplayer.getUniqueId() === peerId);
  }

  async #connect(name: string, token: string): Promise<{ client: TestClient; ip: string; player: Player }> {
    const number = ++this.#addresses;
    const ip = `10.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
    const client = new TestClient(
      {
        network: this.network,
        ip,
        serverIp: SERVER_IP,
        port: PORT,
        report: (error, where) => this.#errors.push({ where: `${name}: ${where}`, error }),
        trace: (line) => this.lines.push(`${name}: ${line}`),
      },
      this.#newMirror(),
      token,
    );
    this.#clients.add(client);
    const player = (): Player | undefined => this.rooms.playerOf(client.multiplayer.getUniqueId());
    await this.until(
      () => player()?.room !== undefined && client.isConnected,
      JOIN_SECONDS,
      `that ${name} is in a room`,
    );
    const found = player();
    if (found === undefined) throw new Error(`${name} is no player`);
    await this.run(this.#wayMs() / 1000);
    return { client, ip, player: found };
  }

  async #cut(ip: string, player: Player): Promise<void> {
    this.network.partition([ip], [SERVER_IP]);
    // The server shall notice soon, whatever it takes of others for a silence.
    this.#transport.getPeer(player.peerId)?.setTimeout(32, CUT_MS, CUT_MS);
    await this.until(() => player.isAway, JOIN_SECONDS, `that the server misses ${player.id}`);
    await this.run(this.#wayMs() / 1000);
  }

  async #settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    await inRealTime(promise);
    await this.until(() => isDone, JOIN_SECONDS, 'what was asked for');
    await this.run(this.#wayMs() / 1000);
    return promise;
  }

  /** Both are polled now and then; a lost datagram comes again after two ways or so. */
  #wayMs(): number {
    const { latencyMs = 0, jitterMs = 0 } = this.#options.network ?? {};
    return SETTLE_MS + 6 * (latencyMs + jitterMs);
  }

  async #step(ms: number): Promise<void> {
    this.network.advance(ms);
    await nextTurn();
    const thinking = this.#thinking;
    this.#thinking = [];
    for (const promise of thinking) await inRealTime(promise);
  }

  #newMirror(): SceneMirror {
    const { client, scripts = [] } = this.#options;
    if (client === undefined) return new SceneMirror();
    if (typeof client === 'function') return client();
    const mirror = client.register(new SceneMirror({ resources: client.files }));
    for (const script of scripts) mirror.registerScript(script);
    client.addAutoloads(mirror);
    mirror.root.addChild(mirror.instantiate(client.mainScene));
    return mirror;
  }

  /** What may explain why something did not happen. */
  #recent(): string {
    const lines = [
      ...this.#errors.map(({ where, error }) => `${where}: ${String(error)}`),
      ...this.lines.slice(-5),
    ];
    return lines.map((line) => `\n  ${line}`).join('');
  }
}

/** Promises that are kept at once, or by threads of the process (keys, files), need its time and not the game's. */
async function inRealTime(promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, REAL_MS);
  });
  const done = promise.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([done, late]);
  clearTimeout(timer);
  await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

// A test may put its own in their place.
const { setImmediate, setTimeout, clearTimeout } = globalThis;
const SERVER_IP = '10.0.0.1';
const PORT = 7777;
const STEP_MS = 10;
/** Times have fractions. */
const EARLY_MS = 1e-6;
const SETTLE_MS = 250;
const JOIN_SECONDS = 30;
const MOST_SECONDS = 1_000_000;
const CUT_MS = 1000;
const REAL_MS = 2000;
const OPTION_NAMES: OptionNames<RoomTestOptions> = {
  client: true,
  kind: true,
  options: true,
  scripts: true,
  kinds: true,
  server: true,
  network: true,
};
