/** The scripts of `godot/` in TypeScript: the same RPCs and variables. The server and the bots extend them. */

import { NETWORK_TIME_RPCS, NodeScript, rpc } from 'godot-enet/multiplayer';
import type { MirrorNode, RpcDeclarations } from 'godot-enet/schema';
import { FULL_HEALTH } from './rules.ts';

/** `main.gd`. */
export class MainScript extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs: RpcDeclarations = {
    introduce: rpc('any_peer').args('String'),
    say: rpc('any_peer').args('String'),
    chat: rpc('authority').args('String', 'String'),
    shot: rpc('authority', 'unreliable').args('int', 'Vector2', 'Vector2', 'bool'),
  };
}

/** `player.gd`. The node has the id of its client as its name. */
export class PlayerScript extends NodeScript {
  static override readonly path: string = 'res://player.gd';

  constructor(node: MirrorNode) {
    super(node);
    node.declareVariable({ name: 'player_name', type: 'String' });
    node.declareVariable({ name: 'hue', type: 'float' });
    node.declareVariable({ name: 'aim', type: 'float' });
    node.declareVariable({ name: 'health', type: 'int', default: FULL_HEALTH });
    node.declareVariable({ name: 'score', type: 'int' });
  }

  /** The id of its client. */
  get id(): number {
    return Number(this.node.name);
  }

  /** What its client wants. */
  get input(): MirrorNode {
    const input = this.node.getNode('Input');
    if (input === undefined) throw new Error('player.tscn needs Input');
    return input;
  }

  override _enterTree(): void {
    this.input.setMultiplayerAuthority(this.id);
  }
}

/** `input.gd`. */
export class InputScript extends NodeScript {
  static override readonly path: string = 'res://input.gd';

  constructor(node: MirrorNode) {
    super(node);
    node.declareVariable({ name: 'move', type: 'Vector2' });
    node.declareVariable({ name: 'aim', type: 'float' });
  }
}

/** `network_time.gd` at a client. */
export class ClientTimeScript extends NodeScript {
  static override readonly path: string = 'res://network_time.gd';
  static override readonly rpcs: RpcDeclarations = NETWORK_TIME_RPCS;
}
