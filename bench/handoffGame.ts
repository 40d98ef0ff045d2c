/** The game of `handoff.ts`: a node for each player, with a state. */
import { RpcMode, SceneMirror } from '../schema/index.ts';
import { playerScenes } from '../test/support/playerScenes.ts';

const FILES = playerScenes({ mode: 1 });

/** The tree of nodes and clients. */
export function newMirror(): SceneMirror {
  const mirror = new SceneMirror({ resources: (path) => FILES[path] });
  const main = mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  main.rpcConfig('add', { rpcMode: RpcMode.RPC_MODE_ANY_PEER, transferMode: 2 });
  return mirror;
}

/** The node of a player. */
export function spawnPlayer(mirror: SceneMirror, peerId: number): void {
  mirror
    .getNode('/root/Main/Players')
    ?.addChild(mirror.instantiate('res://player.tscn', { name: String(peerId) }));
}
