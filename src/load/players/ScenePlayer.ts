/** A player of a game that speaks SceneMultiplayer, as a bot script sees it. */
import type { MirrorNode, SceneMirror } from '../../../schema/index.ts';
import { godotErrorName } from '../../godot/index.ts';
import type { SceneMultiplayer } from '../../multiplayer/index.ts';
import { ANSWER_MS, LoadPlayer, type PlayerParts } from './LoadPlayer.ts';

/** What a {@link ScenePlayer} is made of beside. */
export interface ScenePlayerParts extends PlayerParts {
  readonly multiplayer: SceneMultiplayer;
  /** Why the last call was refused, in words. */
  readonly lastRefusal: () => string;
}

/** A client of a `SceneMultiplayer`, Godot's or this package's. */
export class ScenePlayer extends LoadPlayer {
  /** What it speaks. */
  readonly protocol: 'scene' = 'scene' as const;
  /** Its side of the game. */
  readonly multiplayer: SceneMultiplayer;
  /** The node of the project's main scene; `undefined` without a project, or before it is made. */
  main: MirrorNode | undefined = undefined;
  readonly #lastRefusal: () => string;

  /** @internal */
  constructor(parts: ScenePlayerParts) {
    super(parts);
    this.multiplayer = parts.multiplayer;
    this.#lastRefusal = parts.lastRefusal;
  }

  /** Its tree of nodes. */
  get mirror(): SceneMirror {
    return this.multiplayer.mirror;
  }

  /** The id that the server gave it; 0 before it has joined. */
  get peerId(): number {
    return this.multiplayer.getUniqueId();
  }

  /**
   * A node by its path, as `/root/Main/Players`.
   *
   * @throws Error when there is none.
   */
  node(path: string): MirrorNode {
    const found = this.mirror.getNode(path);
    if (found === undefined) throw new Error(`there is no node ${path}`);
    return found;
  }

  /**
   * Calls a method of a node at the server.
   *
   * @throws Error when there is no such node, or the call is refused on this side.
   */
  rpc(path: string, method: string, ...args: readonly unknown[]): void {
    const error = this.node(path).rpcId(SERVER, method, ...args);
    if (error !== 0)
      throw new Error(`rpc ${path} ${method}: ${godotErrorName(error)}: ${this.#lastRefusal()}`);
  }

  /**
   * Waits for the next call of a method by the server.
   *
   * @param path of the node.
   * @returns the arguments of the call; rejected when there is none in `timeoutMs`, or the player leaves.
   */
  nextRpc(path: string, method: string, timeoutMs: number = ANSWER_MS): Promise<readonly unknown[]> {
    return this.waitFor<readonly unknown[]>(`call of ${path} ${method}`, timeoutMs, (found) =>
      this.multiplayer.ops.watchCalls((call) => {
        const isIt =
          call.direction === 'in' && call.method === method && call.node.getPath().toString() === path;
        if (isIt) found(call.args);
      }),
    );
  }
}

const SERVER = 1;
