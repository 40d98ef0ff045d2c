/** A SceneMultiplayer with players, calls and mismatches, for the page. */
import { Vector2 } from '../../codec/index.ts';
import type { SceneMirror } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { Game, type Side } from '../multiplayer/game.ts';

class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = {
    attack: rpc('authority').args('int'),
    move: rpc('any_peer', 'unreliable_ordered').args('Vector2', 'float'),
    say: rpc('any_peer').args('String'),
    score: rpc('authority').args('int', 'int'),
  };
  move(): void {}
  say(): void {}
  score(): void {}
}

export function addMain(mirror: SceneMirror): void {
  mirror.root.addChild({ name: 'Main', class: 'Node2D', script: 'res://main.gd' });
}

/** The script of the game. */
export const MAIN = Main;

/** What a remote might try on who looks. */
export const EVIL = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

/** A call of a node of a game. */
export function call({ mirror }: Side, peer: number, method: string, ...args: unknown[]): void {
  mirror.getNode('/root/Main')?.rpcId(peer, method, ...args);
}

/** A game with players; the last client has nodes of its own, and calls where nobody listens. */
export function playedGame(players: number): Game {
  const game = new Game([Main], addMain, { dialect: '4.6' });
  for (let i = 0; i < players; i++) game.join({ dialect: '4.6' });
  game.run(30);
  const odd = game.clients.at(-1) as Side;
  odd.mirror.registerScript(
    class extends Main {
      static override readonly path: string = 'res://odd.gd';
    },
  );
  odd.mirror.root.addChild({
    name: `Boss ${EVIL.replaceAll(/[/.:@"%]/g, '')}`,
    class: 'Node',
    script: 'res://odd.gd',
  });
  return game;
}

/** What a game does in a moment. */
export function play(game: Game, tick: number): void {
  const [first] = game.clients as [Side];
  for (const client of game.clients) call(client, 1, 'move', new Vector2(tick, 7), 0.5);
  if (tick % 5 === 0) call(first, 1, 'say', `hello ${EVIL}`);
  if (tick % 8 === 0)
    for (const id of game.server.multiplayer.getPeers()) call(game.server, id, 'score', 3, tick);
  if (tick % 20 === 0) {
    call(first, 1, 'attack', 5);
    for (const node of (game.clients.at(-1) as Side).mirror.root.getChildren())
      if (node.name !== 'Main') node.rpcId(1, 'say', 'who hears me?');
  }
  game.run(1);
}
