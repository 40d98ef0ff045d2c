/** Explains why two sides do not agree about the RPCs of a node: which node, which methods, what to do. */
import type { MirrorNode } from '../../schema/index.ts';
import type { RefusalDetail } from './diagnosis.ts';
import { pathOf } from './nodeAddress.ts';
import { checksumOf, inCallOrder, type RpcTable, type RpcTables } from './rpcTable.ts';

/**
 * About a list of methods that is not ours.
 *
 * A checksum cannot be read back, but the usual mistakes can be tried: no script, one method more or fewer, the script of
 * another node, another function of the script.
 *
 * @param checksum - What the other side has; `undefined` when it only said that ours is another.
 */
export function checksumMismatch(
  node: MirrorNode,
  checksum: string | undefined,
  tables: RpcTables,
): RefusalDetail {
  const table = tables.of(node);
  const functions = node.mirror.scriptFunctionsOf(node);
  const difference = checksum === undefined ? undefined : guessed(checksum, table, tables, functions);
  const nodePath = pathOf(node);
  const found = difference === undefined ? '' : `: ${difference}`;
  return { nodePath, text: `its @rpc functions of ${nodePath} are not ours (${listed(table)})${found}` };
}

/** About a method number that a node does not have. */
export function unknownMethod(node: MirrorNode, methodId: number, tables: RpcTables): RefusalDetail {
  const nodePath = pathOf(node);
  const ours = listed(tables.of(node));
  return {
    nodePath,
    method: `#${methodId}`,
    text: `${nodePath} has no method number ${methodId}, the other side's script has more @rpc functions than ours (${ours})`,
  };
}

/** Guesses are remembered and few: nobody can make this side compute by sending checksums. */
function guessed(
  checksum: string,
  table: RpcTable,
  tables: RpcTables,
  functions: readonly string[],
): string | undefined {
  const key = `${table.checksum} ${checksum}`;
  const known = tables.guesses.get(key);
  if (known !== undefined || tables.guesses.size >= MOST_GUESSES) return known === '' ? undefined : known;
  const difference = differenceOf(checksum, table, tables, functions);
  tables.guesses.set(key, difference ?? '');
  return difference;
}

function differenceOf(
  checksum: string,
  { names }: RpcTable,
  tables: RpcTables,
  functions: readonly string[],
): string | undefined {
  if (checksum === checksumOf([])) return 'it has none there: its node has no script, or another';
  const same = tables.seen.get(checksum);
  if (same !== undefined) return `it has those of our ${same.at} there (${same.names.join(', ')})`;
  // First what the script itself has, then what others have.
  const known = new Set([...functions, ...[...tables.seen.values()].flatMap((list) => list.names)]);
  const others = [...known].filter((name) => !names.includes(name));
  let tries = 0;
  for (const [list, difference] of neighbours(names, others)) {
    if (++tries > MOST_TRIED) return undefined;
    if (checksum === checksumOf(list)) return difference();
  }
  return undefined;
}

/** Lists that are not far from ours, the likely ones first, with what is different. */
function* neighbours(
  names: readonly string[],
  others: readonly string[],
): Generator<readonly [list: readonly string[], difference: () => string]> {
  const without = names.map((lost) => [names.filter((name) => name !== lost), lost] as const);
  for (const [list, lost] of without) yield [list, () => `it lacks ${lost}`];
  for (const other of others)
    for (const list of withName(names, other)) yield [list, () => `it has ${other}, too`];
  for (const [i, [, lost]] of without.entries())
    for (const [, second] of without.slice(i + 1)) {
      const list = names.filter((name) => name !== lost && name !== second);
      yield [list, () => `it lacks ${lost} and ${second}`];
    }
  for (const [rest, lost] of without)
    for (const other of others)
      for (const list of withName(rest, other)) yield [list, () => `it has ${other} instead of ${lost}`];
}

/** A list with one more name, where it belongs; anywhere, when the list is not all of one script. */
function withName(names: readonly string[], other: string): readonly (readonly string[])[] {
  const sorted = inCallOrder(names);
  if (sorted.every((name, i) => name === names[i])) return [inCallOrder([...names, other])];
  return [...names, ''].map((_, at) => [...names.slice(0, at), other, ...names.slice(at)]);
}

function listed({ names }: RpcTable): string {
  return names.join(', ') || 'none';
}

/** Checksums that one explanation may cost: about a millisecond. */
const MOST_TRIED = 512;
/** Explanations that are looked for. */
const MOST_GUESSES = 64;
