/** The tree of a mirror as far as a viewer has opened it, and one node with its properties. */
import type { MirrorNode } from '../../../schema/index.ts';
import { RpcTables, sceneMultiplayerAccess } from '../../multiplayer/internal.ts';
import type {
  MethodRow,
  PropertyRow,
  SceneMessage,
  SceneNodeDetails,
  SceneNodeRow,
  SceneView,
} from '../protocol.ts';
import { typeOf, valueText } from '../traffic/valueDetails.ts';
import type { SourceTree } from './Source.ts';

/** What a viewer sees of a tree. */
export function sceneOf(
  tree: SourceTree,
  view: SceneView,
): Pick<SceneMessage, 'nodeCount' | 'rows' | 'left' | 'selected'> {
  const { root } = tree.mirror;
  const search = view.search?.trim().toLowerCase() ?? '';
  const expanded = new Set(view.expanded);
  const rows: SceneNodeRow[] = [];
  let left = 0;
  let nodeCount = 0;
  for (const node of root.walk()) {
    nodeCount++;
    if (search === '' || !isFound(node, search)) continue;
    if (rows.length < MAX_ROWS) rows.push(rowOf(node, depthOf(node), false));
    else left++;
  }
  if (search === '') left = addOpen(root, 0, expanded, rows);
  const node = view.selected === undefined ? undefined : root.getNode(view.selected);
  return { nodeCount, rows, left, ...(node && { selected: detailsOf(tree, node) }) };
}

/** @returns how many were left out. */
function addOpen(
  node: MirrorNode,
  depth: number,
  expanded: ReadonlySet<string>,
  rows: SceneNodeRow[],
): number {
  if (rows.length >= MAX_ROWS) return 1;
  const isExpanded = depth === 0 || expanded.has(node.getPath().toString());
  rows.push(rowOf(node, depth, isExpanded));
  let left = 0;
  if (isExpanded) for (const child of node.getChildren()) left += addOpen(child, depth + 1, expanded, rows);
  return left;
}

function rowOf(node: MirrorNode, depth: number, isExpanded: boolean): SceneNodeRow {
  return {
    path: node.getPath().toString(),
    name: node.name,
    class: node.class,
    ...(node.scriptPath !== '' && { script: node.scriptPath }),
    authority: node.getMultiplayerAuthority(),
    children: node.getChildCount(),
    depth,
    isExpanded,
  };
}

function isFound(node: MirrorNode, search: string): boolean {
  return `${node.getPath().toString()} ${node.class} ${node.scriptPath}`.toLowerCase().includes(search);
}

function depthOf(node: MirrorNode): number {
  let depth = 0;
  for (let at = node.getParent(); at !== undefined; at = at.getParent()) depth++;
  return depth;
}

function detailsOf({ multiplayer, replicatedTo, keyOf }: SourceTree, node: MirrorNode): SceneNodeDetails {
  const replicated = replicatedTo?.(node);
  const peers = multiplayer === undefined ? replicated : sceneMultiplayerAccess.peersWith(multiplayer, node);
  return {
    node: rowOf(node, depthOf(node), false),
    properties: propertiesOf(node),
    groups: node.getGroups(),
    methods: multiplayer === undefined ? [] : methodsOf(node),
    ...(peers && { seenBy: peers.map((peer) => keyOf(peer) ?? String(peer)) }),
    replication: [
      ...(replicated === undefined ? [] : ['mirror.replicate']),
      ...replicationOf(node, multiplayer),
    ],
  };
}

function propertiesOf(node: MirrorNode): PropertyRow[] {
  const stored = node.listed().map((info) => [info.name, node.storedValue(info)] as const);
  const meta = [...node.metadata].map(([name, value]) => [`metadata/${name}`, value] as const);
  return [...stored, ...meta]
    .slice(0, MAX_PROPERTIES)
    .map(([name, value]) => ({ name, type: typeOf(value), text: valueText(value) }));
}

function methodsOf(node: MirrorNode): MethodRow[] {
  const table = TABLES.of(node);
  return table.names.flatMap((name) => {
    const method = table.byName(name);
    if (method === undefined) return [];
    const { config, declared } = method;
    if (config.rpcMode !== ANY_PEER && config.rpcMode !== AUTHORITY) return [];
    return [
      {
        name,
        mode: config.rpcMode === ANY_PEER ? 'any_peer' : 'authority',
        transfer: TRANSFERS[config.transferMode] ?? '',
        channel: config.channel,
        callLocal: config.callLocal,
        ...(declared && { args: declared.argumentTypes }),
      },
    ];
  });
}

function replicationOf(node: MirrorNode, multiplayer: SourceTree['multiplayer']): string[] {
  const spawner = multiplayer && sceneMultiplayerAccess.spawnerOf(multiplayer, node);
  const words = spawner === undefined ? [] : [`spawned by ${spawner.node.getPath().toString()}`];
  for (const child of node.getChildren())
    if (child.isClass('MultiplayerSynchronizer')) words.push(`has the synchronizer ${child.name}`);
  if (node.isClass('MultiplayerSpawner'))
    words.push(`spawns below ${valueText(node.get('spawn_path'), 200)}`);
  return words;
}

/** Kept apart from those of the multiplayer, which are as they were at the first call. */
const TABLES = new RpcTables();
const ANY_PEER = 1;
const AUTHORITY = 2;
const TRANSFERS: readonly string[] = ['unreliable', 'unreliable_ordered', 'reliable'];
const MAX_ROWS = 2000;
const MAX_PROPERTIES = 500;
