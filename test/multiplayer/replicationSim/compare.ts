/** What clients have, beside what they are to have. */
import type { MirrorNode } from '../../../schema/index.ts';
import { type Client, nodeAt, type Party, textOf, uidOf } from './parties.ts';
import type { SimSight } from './SimSight.ts';
import { isPlayer, SCENES, VALUES_OF, YARD } from './scenes.ts';

/** What is known of the values that a node was spawned with: they do not follow. */
export type BornValues = ReadonlyMap<bigint, ReadonlySet<string>>;

/** Nodes by what they are called on all sides, with their values. */
type Nodes<Value> = Map<string, Map<string, Value>>;

/** The differences between what a client has and what it is to have. */
export function differencesOf(client: Client, server: Party, sight: SimSight, born: BornValues): string[] {
  const id = client.multiplayer.getUniqueId();
  const wanted = wantedBy(id, server, sight, born);
  const has = nodesOf(client, (node) => sight.isOpen(id, node));
  const differences: string[] = [];
  for (const [key, values] of wanted) {
    const found = has.get(key);
    if (found === undefined) differences.push(`${id} has no ${key}`);
    for (const [name, right] of values)
      if (found !== undefined && !right.has(found.get(name) ?? ''))
        differences.push(`${id}: ${name} of ${key} is ${found.get(name)}, not ${[...right].join(' or ')}`);
  }
  for (const key of has.keys()) if (!wanted.has(key)) differences.push(`${id} has ${key}`);
  return [...differences, ...inputsOf(client, server)];
}

function wantedBy(
  peer: number,
  server: Party,
  sight: SimSight,
  born: BornValues,
): Nodes<ReadonlySet<string>> {
  const wanted: Nodes<ReadonlySet<string>> = new Map();
  const visit = (node: MirrorNode): void => {
    if (!sight.isOpen(peer, node)) return;
    const isSpawned = sight.isSpawned(node);
    const isSeen = sight.isSeen(peer, node);
    if (isSpawned && !isSeen) return;
    if (isSpawned || node.name === 'Door') {
      const values = new Map<string, ReadonlySet<string>>();
      for (const sync of node.getChildren()) {
        // Values that a peer does not see any more are whatever they were.
        if (!isSeen || sync.getMultiplayerAuthority() !== 1 || !sight.isSyncVisible(peer, sync)) continue;
        for (const name of VALUES_OF.get(sync.name) ?? []) values.set(name, new Set([textOf(node, name)]));
      }
      const values0 = born.get(uidOf(node));
      if (values0 !== undefined && isSpawned && node.hasMeta('born')) values.set('born', values0);
      wanted.set(keyOf(node), values);
    }
    for (const child of node.getChildren()) visit(child);
  };
  visit(nodeAt(server, '/root/Main'));
  return wanted;
}

function nodesOf({ mirror }: Party, isOpen: (node: MirrorNode) => boolean): Nodes<string> {
  const nodes: Nodes<string> = new Map();
  for (const node of mirror.root.walk()) {
    if (isYard(node) || !(isSpawned(node) || (node.name === 'Door' && isOpen(node)))) continue;
    const names = ['born', ...[...VALUES_OF.values()].flat()];
    nodes.set(keyOf(node), new Map(names.map((name) => [name, textOf(node, name)])));
  }
  return nodes;
}

/** What a client says about its own nodes is what the server has. */
function inputsOf(client: Client, server: Party): string[] {
  const id = client.multiplayer.getUniqueId();
  const differences: string[] = [];
  for (const input of client.mirror.root.walk()) {
    if (input.name !== 'Input' || input.getMultiplayerAuthority() !== id) continue;
    const own = input.getParent();
    const path = own?.getPath().toString() ?? '';
    const here = server.mirror.getNode(path);
    if (own === undefined || here === undefined) continue;
    for (const name of VALUES_OF.get('Input') ?? [])
      if (textOf(own, name) !== textOf(here, name))
        differences.push(
          `the server has ${textOf(here, name)} for ${name} of ${path}, not ${textOf(own, name)}`,
        );
  }
  return differences;
}

/** What the owner of the yard has spawned, the server has, and clients if they hear of each other; of one who has left nobody. */
export function yardDifferencesOf(here: readonly Client[], server: Party): string[] {
  const owner = nodeAt(server, `${YARD}Spawner`).getMultiplayerAuthority();
  // The server does not know yet that it has lost the owner.
  if (owner !== 1 && !here.some(({ multiplayer }) => multiplayer.getUniqueId() === owner)) return [];
  const has = new Map([server, ...here].map((party) => [party.multiplayer.getUniqueId(), yardOf(party)]));
  const wanted = owner === 1 ? '' : has.get(owner);
  return [...has]
    .filter(([id, names]) => (id === 1 || server.multiplayer.serverRelay) && names !== wanted)
    .map(([id, names]) => `${id} has ${names} in the yard, not ${wanted}`);
}

function yardOf(party: Party): string {
  const names = nodeAt(party, YARD).getChildren();
  return names.map(({ name }) => name).join();
}

/** What a node is called on all sides: renames do not travel. */
function keyOf(node: MirrorNode): string {
  const parts: string[] = [];
  for (let at: MirrorNode | undefined = node; at !== undefined; at = at.getParent())
    parts.unshift(isSpawned(at) && at.instance !== SCENES[1] ? `#${uidOf(at)}` : at.name);
  return parts.join('/');
}

/** Nodes that remain of what was spawned. */
export function spawnedIn({ mirror }: Party): MirrorNode[] {
  return [...mirror.root.walk()].filter(isSpawned);
}

function isSpawned(node: MirrorNode): boolean {
  return node.instance !== undefined || isPlayer(node);
}

function isYard(node: MirrorNode): boolean {
  return node.getPath().toString().startsWith(`${YARD}/`);
}
