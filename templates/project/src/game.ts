/** The game of this server: what nodes do, and who may do what. The scenes are those of the Godot project in `game`. */
import { fileURLToPath } from 'node:url';
import { Vector2 } from 'godot-enet/codec';
import {
  NodeScript,
  readFromFolder,
  rpc,
  SceneMultiplayer,
  type SceneMultiplayerOptions,
} from 'godot-enet/multiplayer';
import { type MirrorNode, SceneMirror } from 'godot-enet/schema';

/** Pixels per second. */
const SPEED = 200;
const SERVER = 1;

class Player extends NodeScript {
  static override readonly path: string = 'res://player.gd';

  constructor(node: MirrorNode) {
    super(node);
    node.declareVariable({ name: 'direction', type: 'Vector2' });
    node.declareVariable({ name: 'score', type: 'int' });
  }

  // As in player.gd.
  override _enterTree(): void {
    const input = this.node.getNode('Input');
    input?.setMultiplayerAuthority(Number(this.node.name));
    if (input !== undefined) this.multiplayer.synchronizer(input).setVisibilityFor(SERVER, true);
  }

  override _process(delta: number): void {
    const position = this.node.get('position');
    const direction = this.node.get('direction');
    if (!this.multiplayer.isServer()) return;
    if (!(position instanceof Vector2) || !(direction instanceof Vector2)) return;
    const step = SPEED * delta;
    this.node.set('position', new Vector2(position.x + direction.x * step, position.y + direction.y * step));
  }
}

class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = { wave: rpc('any_peer').args() };

  wave(): void {
    const player = this.node.getNode(`Players/${this.multiplayer.getRemoteSenderId()}`);
    player?.set('score', Number(player.get('score')) + 1);
  }
}

/** A game, without a transport: the server's or, for bots and tests, a player's. */
export interface Game {
  readonly multiplayer: SceneMultiplayer;
  readonly main: MirrorNode;
}

/** Makes the game of the Godot project. */
export function createGame(options: Omit<SceneMultiplayerOptions, 'mirror'> = {}): Game {
  const mirror = new SceneMirror({
    resources: readFromFolder(fileURLToPath(new URL('../game', import.meta.url))),
  });
  mirror.registerScript(Player).registerScript(Main);
  const main = mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  return { multiplayer: new SceneMultiplayer({ ...options, mirror }), main };
}

/** Lets players in: what only the server does. */
export function serve({ multiplayer, main }: Game): void {
  const { mirror } = multiplayer;
  multiplayer.on('peerConnected', (id) => {
    const position = new Vector2(100 + 150 * (main.getNode('Players')?.getChildCount() ?? 0), 150);
    const player = mirror.instantiate('res://player.tscn', { name: String(id), properties: { position } });
    main.getNode('Players')?.addChild(player);
    // A client may say what it likes, e.g. that it is ten times as fast.
    multiplayer.synchronizer(`/root/Main/Players/${id}/Input`).validate = (values) => {
      const direction = values.get('.:direction');
      return direction instanceof Vector2 && Math.hypot(direction.x, direction.y) <= 1.001;
    };
  });
  multiplayer.on('peerDisconnected', (id) => main.getNode(`Players/${id}`)?.queueFree());
}
