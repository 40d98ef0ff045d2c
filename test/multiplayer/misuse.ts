/** A SceneMultiplayer with one node and one peer, to be misused. */
import type { MirrorNode } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { WireRoom } from './wireRoom.ts';

/** What the next calls of `hit` do. */
export const handler: { run: () => void } = { run: () => undefined };

/** The script of the node. */
export class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = { hit: rpc('any_peer'), mine: rpc('authority', 'call_local') };
  hit(): void {
    handler.run();
  }
  mine(): void {}
}

/** A room with the node `N`, in which the peer 2 is. */
export function newRoom(options: ConstructorParameters<typeof WireRoom>[0] = {}): WireRoom {
  const room = new WireRoom({ dialect: '4.6', ...options });
  room.mirror.registerScript(Unit);
  room.mirror.root.addChild({ name: 'N', class: 'Node', script: 'res://unit.gd' });
  room.peer.join(2);
  room.sent();
  room.lines.length = 0;
  return room;
}

/** Its node. */
export function nodeOf({ mirror }: WireRoom): MirrorNode {
  const node = mirror.getNode('/root/N');
  if (node === undefined) throw new Error('there is no N');
  return node;
}

/** Number, and what the trace line says. */
export type Answer = readonly [error: number, line: string];
/** The bytes that are sent. */
export const BYTES: Uint8Array = Uint8Array.of(1);
