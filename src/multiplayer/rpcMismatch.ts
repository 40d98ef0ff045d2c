/** Explains why two sides do not agree about the RPCs of a node: which node, which methods, what to do. */
import type { MirrorNode } from '../../schema/index.ts';
import { checksumOf, type RpcTable, type RpcTables } from './rpcTable.ts';

/**
 * One line about a list of methods that is not ours.
 *
 * A checksum cannot be read back, but the usual mistakes can be tried: no script, one method more or fewer, the script of
 * another node.
 *
 * @param checksum - What the other side has; `undefined` when it only said that ours is another.
 */
export function checksumMismatch(node: MirrorNode, checksum: string | undefined, tables: RpcTables): string {
  const table = tables.of(node);
  const difference = checksum === undefined ? undefined : guessed(checksum, table, tables);
  return `its @rpc functions of ${pathOf(node)} are not ours (${listed(table)})${
    difference === undefined ? '' : `: ${difference}`
  }; ${REMEDY}`;
}

/** One line about a method number that a node does not have. */
export function unknownMethod(node: MirrorNode, methodId: number, tables: RpcTables): string {
  const table = tables.of(node);
  return `${pathOf(node)} has no method number ${methodId}, the other side's script has more @rpc functions than ours (${listed(table)}); ${REMEDY}`;
}

/** Guesses are remembered and few: nobody can make this side compute by sending checksums. */
function guessed(checksum: string, table: RpcTable, tables: RpcTables): string | undefined {
  const key = `${table.checksum} ${checksum}`;
  const known = tables.guesses.get(key);
  if (known !== undefined || tables.guesses.size >= MOST_GUESSES) return known === '' ? undefined : known;
  const difference = differenceOf(checksum, table, tables);
  tables.guesses.set(key, difference ?? '');
  return difference;
}

function differenceOf(checksum: string, { names }: RpcTable, tables: RpcTables): string | undefined {
  if (checksum === checksumOf([])) return 'it has none there: its node has no script, or another';
  const same = tables.seen.get(checksum);
  if (same !== undefined) return `it has those of our ${same.at} there (${same.names.join(', ')})`;
  if (names.length > MOST_TRIED) return undefined;
  const lacking = names.find((_, i) => checksum === checksumOf(names.filter((_name, at) => at !== i)));
  if (lacking !== undefined) return `it lacks ${lacking}`;
  const others = new Set([...tables.seen.values()].flatMap((list) => list.names));
  let tries = 0;
  for (const other of others) {
    if (names.includes(other)) continue;
    for (let at = 0; at <= names.length; at++) {
      if (++tries > MOST_TRIED) return undefined;
      if (checksum === checksumOf([...names.slice(0, at), other, ...names.slice(at)]))
        return `it has ${other}, too`;
    }
  }
  return undefined;
}

function listed({ names }: RpcTable): string {
  return names.join(', ') || 'none';
}

function pathOf(node: MirrorNode): string {
  return node.getPath().toString() || node.name;
}

const REMEDY = 'both sides need the same ones, by name, inherited ones included';
/** Checksums that one explanation may cost. */
const MOST_TRIED = 64;
/** Explanations that are looked for. */
const MOST_GUESSES = 64;
