/** Which methods of a node can be called, under which numbers. docs/protocol/scene-multiplayer 5.1, 5.2 and 4.1 (checksum). */
import { createHash } from 'node:crypto';
import type { MirrorNode, RpcConfig, ScriptRpc } from '../../schema/index.ts';
import { NODE_METHOD_BIT } from './wire/protocol.ts';

/** A method that can be called. */
export interface RpcMethod {
  /** Its name. */
  readonly name: string;
  /** Its number on the wire. */
  readonly id: number;
  /** Who may call, how, on which channel. */
  readonly config: RpcConfig;
  /** What the script declares of its arguments; `undefined` for one of the node's own configuration. */
  readonly declared: ScriptRpc | undefined;
}

/** The methods of one node, as they were at its first RPC. */
export interface RpcTable {
  /** The MD5 of all names in order, which SIMPLIFY_PATH carries. */
  readonly checksum: string;
  /** All names in the order of their numbers, those of the script first. */
  readonly names: readonly string[];
  /** The method that a call with this name means: the script's wins. */
  byName(name: string): RpcMethod | undefined;
  /** The method of a received number. */
  byId(id: number): RpcMethod | undefined;
}

/** The tables of nodes; each is made once and kept as long as its node. */
export class RpcTables {
  readonly #tables = new WeakMap<MirrorNode, RpcTable>();
  /** Most nodes have nothing but their script's methods: one table for all of them. */
  readonly #ofScripts = new WeakMap<ReadonlyMap<string, ScriptRpc>, RpcTable>();

  /** Where each list of names was seen first, for explanations. */
  readonly #seen = new Map<string, { readonly names: readonly string[]; readonly at: string }>();

  /** The table of a node. */
  of(node: MirrorNode): RpcTable {
    const known = this.#tables.get(node);
    if (known !== undefined) return known;
    const table = this.#make(node);
    this.#tables.set(node, table);
    if (this.#seen.size < MOST_SEEN && !this.#seen.has(table.checksum))
      this.#seen.set(table.checksum, { names: table.names, at: node.getPath().toString() });
    return table;
  }

  /** What was found out about lists that are not ours, by both checksums; see rpcMismatch.ts. */
  readonly guesses: Map<string, string> = new Map();

  /** The lists of names that nodes have had so far, by checksum, each with the path of one of its nodes. */
  get seen(): ReadonlyMap<string, { readonly names: readonly string[]; readonly at: string }> {
    return this.#seen;
  }

  #make(node: MirrorNode): RpcTable {
    const script = node.mirror.scriptRpcsOf(node);
    const own = node.getNodeRpcConfig();
    if (own.size > 0) return makeTable(script, own);
    const shared = this.#ofScripts.get(script) ?? makeTable(script, own);
    this.#ofScripts.set(script, shared);
    return shared;
  }
}

function makeTable(script: ReadonlyMap<string, ScriptRpc>, own: ReadonlyMap<string, RpcConfig>): RpcTable {
  const byName = new Map<string, RpcMethod>();
  const byId = new Map<number, RpcMethod>();
  const add = (method: RpcMethod): void => {
    // 5.1: an entry without a mode takes its number and is nothing else.
    if (method.config.rpcMode === undefined) return;
    byId.set(method.id, method);
    if (!byName.has(method.name)) byName.set(method.name, method);
  };
  const scriptNames = inCallOrder(script.keys());
  const ownNames = inCallOrder(own.keys());
  scriptNames.forEach((name, id) => {
    const declared = script.get(name);
    if (declared !== undefined) add({ name, id, config: declared, declared });
  });
  ownNames.forEach((name, index) => {
    const config = own.get(name);
    if (config !== undefined) add({ name, id: NODE_METHOD_BIT | index, config, declared: script.get(name) });
  });
  const takesPlaceOnly = (config: RpcConfig | undefined): boolean => config?.rpcMode === undefined;
  const names = [
    ...ownNames.filter((name) => !takesPlaceOnly(own.get(name))),
    ...scriptNames.filter((name) => !takesPlaceOnly(script.get(name))),
  ];
  return {
    checksum: checksumOf(names),
    names,
    byName: (name) => byName.get(name),
    byId: (id) => byId.get(id),
  };
}

/** What SIMPLIFY_PATH carries of a list of names. */
export function checksumOf(names: readonly string[]): string {
  return createHash('md5').update(names.join('')).digest('hex');
}

/** Names in the order of their numbers, 5.2: ascending by code point. JavaScript compares UTF-16 units, which differs above U+FFFF. */
export function inCallOrder(names: Iterable<string>): string[] {
  return [...names].sort(byCodePoint);
}

function byCodePoint(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const MOST_SEEN = 256;
