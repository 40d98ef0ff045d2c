/**
 * A server that owns a level: it reads the scene of the Godot project, moves its nodes, adds and removes some, and replicates
 * all of it. Platforms travel as their metadata `travel` says, the fan turns, coins come and go, the score counts them.
 */
import { PackedVector2Array, Vector2 } from 'godot-enet/codec';
import { type MirrorNode, type Replication, SceneMirror, sceneTextToDocument } from 'godot-enet/schema';
import { ENetServer, type ENetServerOptions, type ENetServerPeer } from 'godot-enet/server';

/** How often nodes move and states are sent. */
export const TICKS_PER_SECOND = 20;

const MAX_PLAYERS = 64;
const TICKS_PER_COIN = TICKS_PER_SECOND;
const MAX_COINS = 5;
const COIN_SHAPE = new PackedVector2Array([
  new Vector2(-8, 0),
  new Vector2(0, -8),
  new Vector2(8, 0),
  new Vector2(0, 8),
]);

interface Mover {
  readonly node: MirrorNode;
  readonly home: Vector2;
  readonly travel: Vector2;
}

/** A running level. */
export class LevelServer {
  /** The server underneath. */
  readonly server: ENetServer;
  /** The scene; players see what happens in it. */
  readonly mirror: SceneMirror;
  readonly #log: (line: string) => void;
  readonly #movers: readonly Mover[];
  readonly #fan: MirrorNode;
  readonly #coins: MirrorNode;
  readonly #score: MirrorNode;
  #replication: Replication<ENetServerPeer> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #coinCount = 0;

  /**
   * @param sceneText the text of `level.tscn`.
   * @param log takes one line for everything that happens.
   * @throws SceneTextError for a scene that cannot be read; Error for one without the nodes that are needed.
   */
  constructor(sceneText: string, log: (line: string) => void, options: ENetServerOptions = {}) {
    this.#log = log;
    this.mirror = SceneMirror.fromJSON(sceneTextToDocument(sceneText));
    this.#movers = this.mirror.getNodesInGroup('movers').map(moverOf);
    this.#fan = this.#node('Level/Fan');
    this.#coins = this.#node('Level/Coins');
    this.#score = this.#node('Level/Score');
    this.server = new ENetServer(options);
    this.server.on('peerAuthenticated', ({ peerId }) => log(`player ${peerId} joined`));
    this.server.on('peerDisconnected', ({ peerId }, reason) => log(`player ${peerId} left: ${reason}`));
  }

  /** Starts to listen and to move. @returns Godot's error number, 0 when it runs. */
  start(port: number): number {
    const error = this.server.createServer(port, MAX_PLAYERS, 2);
    if (error !== 0) return error;
    this.#score.set('text', 'Coins so far: 0');
    this.#replication = this.mirror.replicate(this.server, { rate: TICKS_PER_SECOND });
    this.#timer = setInterval(() => this.tick(), 1000 / TICKS_PER_SECOND);
    return 0;
  }

  /** Tells every client and stops. */
  stop(): void {
    clearInterval(this.#timer);
    this.#replication?.stop();
    this.server.stopServer();
  }

  /** Moves everything by one step. */
  tick(): void {
    this.#ticks++;
    const phase = Math.sin((this.#ticks / TICKS_PER_SECOND) * 1.5);
    for (const { node, home, travel } of this.#movers) {
      node.set('position', new Vector2(home.x + travel.x * phase, home.y + travel.y * phase));
    }
    this.#fan.set('rotation', (this.#ticks / TICKS_PER_SECOND) * 3);
    if (this.#ticks % TICKS_PER_COIN === 0) this.#dropCoin();
  }

  #dropCoin(): void {
    this.#coinCount++;
    this.#coins.addChild({
      name: `Coin${this.#coinCount}`,
      class: 'Polygon2D',
      properties: {
        position: new Vector2(100 + ((this.#coinCount * 130) % 600), 0),
        polygon: COIN_SHAPE,
      },
    });
    this.#score.set('text', `Coins so far: ${this.#coinCount}`);
    this.#log(`coin ${this.#coinCount} is there`);
    if (this.#coins.getChildCount() > MAX_COINS) this.#coins.getChild(0)?.remove();
  }

  #node(path: string): MirrorNode {
    const node = this.mirror.getNode(path);
    if (node === undefined) throw new Error(`the scene has no node ${path}`);
    return node;
  }
}

function moverOf(node: MirrorNode): Mover {
  const home = node.get('position');
  const travel = node.getMeta('travel');
  if (!(home instanceof Vector2) || !(travel instanceof Vector2)) {
    throw new Error(`${node.getPath()} expected a Node2D with the metadata "travel", a Vector2`);
  }
  return { node, home, travel };
}
