/** Node packets of a real engine, byte for byte from a mirror (golden/packet/packets.json). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesToVar, ENetPacketUtils, type VariantValue } from '../../codec/index.ts';
import {
  ClassTable,
  type ClassTableJson,
  encodeNode,
  type MirrorNode,
  SceneMirror,
} from '../../schema/index.ts';
import { bytes, hex as toHex } from '../support/hex.ts';

interface NodeCase {
  readonly name: string;
  readonly class: string;
  readonly path: string;
  readonly node_name: string;
  readonly properties: readonly (readonly [string, string])[];
  readonly transform: readonly (readonly [string, string])[];
  readonly custom?: string;
  readonly packets: { readonly [flags: string]: string };
}

const file = JSON.parse(
  readFileSync(new URL('../../golden/packet/packets.json', import.meta.url), 'utf8'),
) as { readonly nodes: readonly NodeCase[]; readonly loose: string };

// The build that wrote the packets.
const classes = ClassTable.from(
  JSON.parse(
    readFileSync(new URL('../../golden/classes/godot-4.6-dev.json', import.meta.url), 'utf8'),
  ) as ClassTableJson,
);

function value(hex: string, exact: boolean): VariantValue {
  return bytesToVar(bytes(hex), { exact });
}

/** All nodes of the file in one tree, each made of what the file lists. */
function build(exact: boolean): Map<NodeCase, MirrorNode> {
  const mirror = new SceneMirror({ classes });
  const nodes = new Map<NodeCase, MirrorNode>();
  for (const entry of file.nodes) {
    const parent = mirror.getNode(entry.path.slice(0, entry.path.lastIndexOf('/')));
    if (parent === undefined) throw new Error(`no parent for ${entry.path}`);
    const node = parent.addChild({ name: entry.node_name, class: entry.class });
    for (const [name, hex] of [...entry.properties, ...entry.transform]) node.set(name, value(hex, exact));
    const { custom } = entry;
    if (custom !== undefined) node._serializeForNetwork = () => value(custom, true);
    nodes.set(entry, node);
  }
  return nodes;
}

describe.each([
  ['exact', true],
  ['convenient', false],
])('from values of the %s view', (_name, exact) => {
  for (const [entry, node] of build(exact)) {
    test.each(Object.entries(entry.packets))(`${entry.name}, flags %s`, (flags, hex) => {
      expect(toHex(encodeNode(node, Number(flags)))).toBe(hex);
      // Only the four known bits count.
      expect(toHex(encodeNode(node, Number(flags) | 0x7fffff0))).toBe(
        toHex(encodeNode(node, Number(flags) & 15)),
      );
    });
  }
});

test('what a mirror sends again after a round trip through JSON', () => {
  const [first] = build(true).values();
  const copy = SceneMirror.fromJSON(JSON.parse(JSON.stringify(first?.mirror)), { classes });
  for (const [entry, node] of build(true)) {
    const other = copy.getNode(entry.path);
    if (other === undefined) throw new Error(`lost ${entry.path}`);
    other._serializeForNetwork = node._serializeForNetwork;
    for (const [flags, hex] of Object.entries(entry.packets)) {
      expect(toHex(encodeNode(other, Number(flags)))).toBe(hex);
    }
  }
});

test('a node outside of the tree has an empty path', () => {
  const mirror = new SceneMirror({ classes });
  const loose = mirror.root.addChild({ name: 'Loose', class: 'Node2D' });
  loose.remove();
  expect(toHex(encodeNode(loose, 2))).toBe(file.loose);
});

test('encodeAuto of a node, and no node at all', () => {
  const mirror = new SceneMirror();
  const node = mirror.root.addChild({ name: 'Main', class: 'Node' });
  expect(ENetPacketUtils.encodeAuto(node)).toEqual(encodeNode(node, 1));
  expect(encodeNode(null, 1)).toEqual(new Uint8Array(0));
});
