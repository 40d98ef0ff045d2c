/** The scripts of `godot/` that do something on the server and at bots. Their RPCs and variables are read from the project. */
import { NodeScript } from 'godot-enet/multiplayer';
import type { MirrorNode } from 'godot-enet/schema';

/** `main.gd`. */
export class MainScript extends NodeScript {
  static override readonly path: string = 'res://main.gd';
}

/** `player.gd`. The node has the id of its client as its name. */
export class PlayerScript extends NodeScript {
  static override readonly path: string = 'res://player.gd';

  override _enterTree(): void {
    inputOf(this.node).setMultiplayerAuthority(Number(this.node.name));
  }
}

/** What the client of a player wants. @throws Error for what is no `player.tscn`. */
export function inputOf(player: MirrorNode): MirrorNode {
  const input = player.getNode('Input');
  if (input === undefined) throw new Error('player.tscn needs Input');
  return input;
}
