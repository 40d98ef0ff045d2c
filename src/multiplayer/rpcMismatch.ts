/** Explains why two sides do not agree about the RPCs of a node: which node, which methods, what to do. */
import type { MirrorNode } from '../../schema/index.ts';
import type { RefusalDetail } from './diagnosis.ts';
import { pathOf } from './nodeAddress.ts';
import { checksumOf, type RpcTable, type RpcTables } from './rpcTable.ts';

/**
 * About a list of methods that is not ours.
 *
 * A checksum cannot be read back, but the usual mistakes can be tried: no script, one method more or fewer, the script of
 * another node.
 *
 * @param checksum - What the other side has; `undefined` when it only said that ours is another.
 */
export function checksumMismatch(
  node: MirrorNode,
  checksum: string | undefined,
  tables: RpcTables,
): RefusalDetail {
  const table = tables.of(node);
  const difference = checksum === undefined ? undefined : guessed(checksum, table, tables);
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

/** Checksums that one explanation may cost. */
const MOST_TRIED = 64;
/** Explanations that are looked for. */
const MOST_GUESSES = 64;
