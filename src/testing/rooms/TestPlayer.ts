/** A player in a test of rooms, scripted: joins, calls, drops, comes back. */
import type { MirrorNode, SceneMirror } from '../../../schema/index.ts';
import { GodotError, godotErrorName } from '../../godot/index.ts';
import type { SceneMultiplayer } from '../../multiplayer/index.ts';
import type { EnterOptions, Player, Room } from '../../rooms/index.ts';
import type { Sight } from './sees.ts';
import type { TestClient } from './TestClient.ts';

/** What a player may have done. @internal */
export interface TestPlayerActions {
  /** A client with a new connection, which is in a room when this resolves. */
  connect(name: string, token: string): Promise<{ client: TestClient; ip: string; player: Player }>;
  /** The connection from an address breaks; resolves when the server has noticed. */
  cut(ip: string, player: Player): Promise<void>;
  /** Lets time pass until a promise is kept, and what it led to has arrived. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

/** A player with a client of its own on the virtual network. Made by `RoomTest.join`. */
export class TestPlayer {
  /** What `join` was told. */
  readonly name: string;
  readonly #actions: TestPlayerActions;
  readonly #token: string;
  #client: TestClient;
  #ip: string;
  #player: Player;

  /** @internal */
  constructor(
    name: string,
    token: string,
    actions: TestPlayerActions,
    { client, ip, player }: { readonly client: TestClient; readonly ip: string; readonly player: Player },
  ) {
    this.name = name;
    this.#token = token;
    this.#actions = actions;
    this.#client = client;
    this.#ip = ip;
    this.#player = player;
  }

  /** The player of the server. */
  get player(): Player {
    return this.#player;
  }

  /** The id of its connection: another one after each return. */
  get peerId(): number {
    return this.#client.multiplayer.getUniqueId();
  }

  /** Where it is, as the server knows. */
  get room(): Room | undefined {
    return this.#player.room;
  }

  /** The tree of its game. */
  get mirror(): SceneMirror {
    return this.#client.mirror;
  }

  /** The multiplayer of its game, e.g. for the signals of its synchronizers. */
  get multiplayer(): SceneMultiplayer {
    return this.#client.multiplayer;
  }

  /** What `auth` has replied on this connection, as text. */
  get replies(): readonly string[] {
    return this.#client.replies;
  }

  /** What it sees now. */
  sees(): Sight {
    return this.#client.sees();
  }

  /** A node of its game. @throws RangeError when it does not see one there. */
  node(path: string): MirrorNode {
    const node = this.mirror.getNode(path);
    if (node === undefined)
      throw new RangeError(`${this.name} sees no node ${path}: ${Object.keys(this.sees().nodes).join(' ')}`);
    return node;
  }

  /**
   * Calls a method at the server. The call is on its way when this returns.
   *
   * @param path of the node.
   * @throws RangeError when it does not see such a node; Error when the call does not leave.
   */
  call(path: string, method: string, ...args: readonly unknown[]): void {
    const error = this.node(path).rpcId(1, method, ...args);
    if (error !== GodotError.OK)
      throw new Error(
        `${this.name} cannot call ${method} of ${path}: ${godotErrorName(error as GodotError)}`,
      );
  }

  /**
   * Goes to another room, and gets what is there.
   *
   * @throws RoomError (as rejection) when it does not get in.
   */
  moveTo(room: Room | string, options: EnterOptions = {}): Promise<void> {
    return this.#actions.settle(this.#player.moveTo(room, options));
  }

  /** Its connection breaks without a word, as a cable does. Resolves when the server has noticed: one or two seconds later. */
  async drop(): Promise<void> {
    await this.#actions.cut(this.#ip, this.#player);
    this.#client.close();
  }

  /**
   * Its game, started anew at another address, logs in again with what it logged in with: as the same player, if its seat was kept.
   *
   * @throws Error (as rejection) when it does not get in.
   */
  async return(): Promise<void> {
    this.#client.close();
    const { client, ip, player } = await this.#actions.connect(this.name, this.#token);
    this.#client = client;
    this.#ip = ip;
    this.#player = player;
  }

  /** It says goodbye. */
  leave(): Promise<void> {
    this.#client.close();
    return this.#actions.settle(Promise.resolve());
  }
}
