/** The game of this server: what nodes do, and who may do what. Scenes, RPCs and variables are those of the Godot project in `game`. */
import { fileURLToPath } from 'node:url';
import { Vector2 } from 'godot-enet/codec';
import { SceneMultiplayer, type SceneMultiplayerOptions } from 'godot-enet/multiplayer';
import { issueText, loadProject, type TypedScene } from 'godot-enet/project';
import { SceneMirror } from 'godot-enet/schema';
import { instantiate, MainScript, PlayerScript, type Scenes } from './types/godot.js';

/** Pixels per second. */
const SPEED = 200;
const SERVER = 1;

const project = await loadProject(fileURLToPath(new URL('../game', import.meta.url)));
for (const issue of project.issues) if (issue.kind === 'error') console.error(issueText(issue));

class Player extends PlayerScript {
  // As in player.gd.
  override _enterTree(): void {
    const input = this.node.getNode('Input');
    input?.setMultiplayerAuthority(Number(this.node.name));
    if (input !== undefined) this.multiplayer.synchronizer(input).setVisibilityFor(SERVER, true);
  }

  override _process(delta: number): void {
    if (!this.multiplayer.isServer()) return;
    const position = this.node.get('position');
    if (!(position instanceof Vector2)) return;
    const direction = this.node.get('direction');
    const step = SPEED * delta;
    this.node.set('position', new Vector2(position.x + direction.x * step, position.y + direction.y * step));
  }
}

class Main extends MainScript {
  wave(): void {
    const player = this.node.getNode(`Players/${this.multiplayer.getRemoteSenderId()}`);
    player?.set('score', Number(player.get('score')) + 1);
  }
}

/** A game, without a transport: the server's or, for bots and tests, a player's. */
export interface Game {
  readonly multiplayer: SceneMultiplayer;
  /** The first node of `main.tscn`. */
  readonly main: TypedScene<Scenes['res://main.tscn']>;
}

/** Makes the game of the Godot project. */
export function createGame(options: Omit<SceneMultiplayerOptions, 'mirror'> = {}): Game {
  const mirror = new SceneMirror({ resources: project.files });
  project.register(mirror).registerScript(Player).registerScript(Main);
  project.addAutoloads(mirror);
  const main = instantiate(mirror, 'res://main.tscn');
  mirror.root.addChild(main);
  return { multiplayer: new SceneMultiplayer({ ...options, mirror }), main };
}

/** Lets players in: what only the server does. */
export function serve({ multiplayer, main }: Game): void {
  const players = main.getNode('Players');
  multiplayer.on('peerConnected', (id) => {
    const position = new Vector2(100 + 150 * players.getChildCount(), 150);
    const player = instantiate(multiplayer.mirror, 'res://player.tscn', {
      name: String(id),
      properties: { position },
    });
    players.addChild(player);
    // A client may say what it likes, e.g. that it is ten times as fast.
    multiplayer.synchronizer(player.getNode('Input')).validate = (values) => {
      const direction = values.get('.:direction');
      return direction instanceof Vector2 && Math.hypot(direction.x, direction.y) <= 1.001;
    };
  });
  multiplayer.on('peerDisconnected', (id) => players.findChild(String(id))?.queueFree());
}
