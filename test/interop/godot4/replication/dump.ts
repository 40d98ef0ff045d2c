/** What a tree looks like: of every node its class, its authority and its values, in one form for all sides. */
import {
  bytesToVar,
  Dictionary,
  StringName,
  type VariantInput,
  type VariantValue,
  varToBytes,
  varToStr,
} from '../../../../codec/index.ts';
import type { MirrorNode } from '../../../../schema/index.ts';
import { bytes, hex } from '../../../support/hex.ts';

/** By path below `Main`, then by property: the bytes of a value as hex. */
export type Dump = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The tree below and at a node, as `main.gd` writes it. */
export function dumpOf(main: MirrorNode): Uint8Array {
  const list = [...main.walk()].map((node): VariantInput => {
    const values = new Dictionary<VariantValue, VariantInput>();
    const add = (name: string): void => {
      const info = node.propertyInfo(name);
      if (info !== undefined) values.set(name, node.storedValue(info) as VariantInput);
    };
    for (const { name } of node.scriptVariables()) add(name);
    if (node.isClass('Node2D')) for (const name of ['position', 'rotation', 'scale']) add(name);
    const path = node === main ? '.' : node.getPath().toString().replace(`${main.getPath()}/`, '');
    return [path, node.class, node.getMultiplayerAuthority(), values];
  });
  return varToBytes(list);
}

/** Reads what `dumpOf` or `main.gd` wrote. */
export function readDump(packet: Uint8Array): Dump {
  const list = bytesToVar(packet, { exact: true, strictTypedContainers: false });
  if (!Array.isArray(list)) throw new Error('a dump is an Array');
  const dump = new Map<string, Map<string, string>>();
  for (const entry of list) {
    if (!Array.isArray(entry)) throw new Error('an entry of a dump is an Array');
    const [path, className, authority, values] = entry;
    if (!(values instanceof Dictionary)) throw new Error('the values of a node are a Dictionary');
    const entries = new Map([
      ['class', coded(className ?? null)],
      ['authority', coded(authority ?? null)],
    ]);
    for (const [name, value] of values)
      entries.set(name instanceof StringName ? name.value : String(name), coded(value));
    dump.set(String(path), entries);
  }
  return dump;
}

/** Where two trees differ; empty when they are the same. */
export function differences(expected: Dump, actual: Dump): string[] {
  const lines: string[] = [];
  for (const [path, values] of expected) {
    const others = actual.get(path);
    if (others === undefined) {
      lines.push(`${path} is missing`);
      continue;
    }
    for (const [name, value] of values)
      if (others.get(name) !== value)
        lines.push(`${path}:${name} is ${shown(others.get(name))}, not ${shown(value)}`);
    for (const name of others.keys()) if (!values.has(name)) lines.push(`${path}:${name} is there`);
  }
  for (const path of actual.keys()) if (!expected.has(path)) lines.push(`${path} is there`);
  return lines;
}

/** The tree without some nodes and what is below them. */
export function without(dump: Dump, ...paths: readonly string[]): Dump {
  return new Map([...dump].filter(([at]) => !paths.some((path) => at === path || at.startsWith(`${path}/`))));
}

/** The tree with a node under another path. */
export function moved(dump: Dump, from: string, to: string): Dump {
  return new Map(
    [...dump].map(([at, values]) => [
      at === from || at.startsWith(`${from}/`) ? to + at.slice(from.length) : at,
      values,
    ]),
  );
}

/** The tree with other values: by path, then by property. */
export function changed(
  dump: Dump,
  changes: Readonly<Record<string, Readonly<Record<string, VariantValue>>>>,
): Dump {
  const copy = new Map(dump);
  for (const [path, values] of Object.entries(changes))
    copy.set(
      path,
      new Map([
        ...(dump.get(path) ?? []),
        ...Object.entries(values).map(([name, value]) => [name, coded(value)] as const),
      ]),
    );
  return copy;
}

function coded(value: VariantValue): string {
  return hex(varToBytes(value));
}

/** A value of a dump, for people. */
function shown(value: string | undefined): string {
  return value === undefined
    ? 'missing'
    : `${varToStr(bytesToVar(bytes(value), { exact: true, strictTypedContainers: false }))} (${value})`;
}
