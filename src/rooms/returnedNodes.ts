/** The nodes of a player who is back under another peer id. */
import { Dictionary, type VariantInput } from '../../codec/index.ts';
import type { SceneMultiplayer } from '../multiplayer/index.ts';
import { sceneMultiplayerAccess } from '../multiplayer/internal.ts';

/** What a room says about nodes whose owner is back. */
export interface ReturnedNames {
  /** The new name of a node. */
  renameReturned(name: string, oldPeerId: number, newPeerId: number): string;
  /** What it was spawned with. */
  dataReturned(data: VariantInput, oldPeerId: number, newPeerId: number): VariantInput;
}

/**
 * Nodes change their owner: those that were spawned go and come again, since clients ask for the owner when a node comes. Whom
 * synchronizers let see them is carried over.
 */
export function giveNodes(
  multiplayer: SceneMultiplayer,
  room: ReturnedNames,
  oldPeerId: number,
  newPeerId: number,
): void {
  sceneMultiplayerAccess.handover(multiplayer).back(oldPeerId, newPeerId);
  const mine = [...multiplayer.mirror.root.walk()].filter(
    (node) => node.getMultiplayerAuthority() === oldPeerId || node.name === String(oldPeerId),
  );
  const change = (node: (typeof mine)[number]): void => {
    for (const one of node.walk())
      if (one.getMultiplayerAuthority() === oldPeerId) one.setMultiplayerAuthority(newPeerId, false);
  };
  for (const node of mine) {
    if (!node.isInsideTree()) continue;
    const name = room.renameReturned(node.name, oldPeerId, newPeerId);
    const spawner = sceneMultiplayerAccess.spawnerOf(multiplayer, node);
    if (spawner === undefined) {
      if (name !== node.name) node.rename(name);
      change(node);
      continue;
    }
    spawner.respawn(node, {
      data: (data) => room.dataReturned(data, oldPeerId, newPeerId),
      change: () => {
        if (name !== node.name) node.rename(name);
        change(node);
      },
    });
  }
}

/** What a node was spawned with, with the new id for the old one. */
export function dataReturned(data: VariantInput, oldPeerId: number, newPeerId: number): VariantInput {
  const now = (value: VariantInput): VariantInput =>
    value === oldPeerId || value === BigInt(oldPeerId) ? newPeerId : value;
  if (Array.isArray(data)) return data.map(now);
  if (data instanceof Dictionary) return new Dictionary([...data].map(([key, value]) => [key, now(value)]));
  return now(data);
}
