/**
 * What nodes store after random settings: the mirror against the engine, names, order and values. Every class, its settings
 * that make properties appear or vanish, items, and Controls inside of Containers. FC_SEED and FC_RUNS as everywhere.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesToVar, Float, type VariantValue, varToBytes } from '../../../codec/index.ts';
import { FAMILIES } from '../../../schema/classes/families.ts';
import type { Family, FamilyField } from '../../../schema/classes/family.ts';
import { ClassTable, type MirrorNode, SceneMirror } from '../../../schema/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { Godot4 } from './engine.ts';

type Setting = readonly [name: string, value: number | boolean | string | Float | number[]];

interface Case {
  readonly class: string;
  readonly parent: string;
  readonly sets: readonly Setting[];
}

const { classes } = JSON.parse(
  readFileSync(new URL('../../../golden/classes/godot-4.6-states.json', import.meta.url), 'utf8'),
) as {
  readonly classes: { readonly [name: string]: { readonly states: readonly (readonly [...Setting])[] } };
};

/** A second setting that the golden file cannot tell, since it does nothing alone. */
const TOGETHER: readonly (readonly [className: string, ...Setting])[] = [
  ['LookAtModifier3D', 'symmetry_limitation', false],
  ['LookAtModifier3D', 'use_secondary_rotation', false],
  ['SpringBoneCollision3D', 'bone', 1],
  ['GPUParticles3D', 'draw_passes', 3],
];

function settingsOf(className: string): readonly Setting[] {
  const info = ClassTable.GODOT_4_6.get(className);
  const states = (classes[className]?.states ?? [])
    .filter(([name]) => !name.includes('/'))
    .map(([name, value]) => [name, value] as const);
  const together = TOGETHER.flatMap(([name, ...setting]) => (info?.is(name) === true ? [setting] : []));
  return [...states, ['process_thread_group', 1], ['process_thread_group', 0], ...together];
}

/** Names of items and their fields in the engine's order; what is a resource or a vector is left alone. */
function plainFields({ prefix, count, isSingle, fields }: Family): [name: string, field: FamilyField][] {
  const bases = isSingle === true ? [''] : [0, 1, ...(count === undefined ? [] : [2])].map((i) => `${i}/`);
  const inner = (field: FamilyField): [string, FamilyField][] =>
    field.items === undefined
      ? [[field.name, field]]
      : [0, 1].flatMap((i) =>
          (field.items?.fields ?? []).map((of): [string, FamilyField] => [
            `${field.name}/${i}/${of.name}`,
            of,
          ]),
        );
  return (
    bases
      .flatMap((base) =>
        fields.flatMap(inner).map(([name, of]): [string, FamilyField] => [prefix + base + name, of]),
      )
      // The default of an option is kept among its values; the bones of joints come from a skeleton, and none is here.
      .filter(([, { name, type }]) => type <= 4 && type > 0 && name !== 'default')
      .filter(([name]) => !/joints\/\d+\/bone/.test(name))
  );
}

/** A value of a field: choices up to their last, numbers of bones, counts. */
function fieldValue(prefix: string, { name, type }: FamilyField): fc.Arbitrary<Setting[1]> {
  if (type === 1) return fc.boolean();
  if (type === 3) return fc.constantFrom(0, 0.3, 7, -1.5).map((value) => new Float(value));
  if (type === 4) return fc.constantFrom('', 'a', 'ab');
  if (prefix !== 'settings/' || name.endsWith('count')) return fc.nat(2);
  return /bone$/.test(name) ? fc.constantFrom(-1, 0, 3) : fc.constantFrom(0, 1, 2, 4, 7);
}

/** Settings of items in the engine's order, as scenes have them; layers that come out of turn get other names. */
function itemSettings(family: Family): fc.Arbitrary<readonly Setting[]> {
  const { prefix, count, when } = family;
  const fields = plainFields(family);
  const first: Setting[] = [];
  if (count !== undefined) first.push([count, count === 'pinned_points' ? [3, 5, 4] : 3]);
  const type = [1, 2, 3, 4, 5].find((value) => when?.holds(() => value));
  if (type !== undefined) first.push(['joint_type', type]);
  return fc
    .subarray([...fields.keys()], { maxLength: Math.min(fields.length, prefix === 'settings/' ? 30 : 8) })
    .chain((some) =>
      fc.tuple(
        ...some.map((at) => {
          const [name = '', field] = fields[at] ?? [];
          return field === undefined
            ? fc.constant<Setting>([name, 0])
            : fieldValue(prefix, field).map((value): Setting => [name, value]);
        }),
      ),
    )
    .map((settings) => [...first, ...settings]);
}

const PARENTS = ['', 'Node', 'Control', 'VBoxContainer', 'Node3D'];

function caseOf(className: string): fc.Arbitrary<Case> {
  // Slots need children, and the items of a container its children; a bone needs its name first.
  const families = FAMILIES.filter(
    (candidate) =>
      ClassTable.GODOT_4_6.get(className)?.is(candidate.className) === true &&
      !['GraphNode', 'TabContainer', 'Skeleton3D', 'MeshInstance3D'].includes(candidate.className),
  );
  return fc.record({
    class: fc.constant(className),
    parent: fc.constantFrom(...PARENTS),
    sets: fc
      .tuple(
        fc.array(fc.constantFrom(...settingsOf(className)), { maxLength: 5 }),
        families.length === 0 ? fc.constant([]) : fc.constantFrom(...families).chain(itemSettings),
      )
      .map((lists) => lists.flat()),
  });
}

/** Runs in the engine: every case gives one report, a list of names and values in hex. */
const SCRIPT = `extends Node

func _ready() -> void:
	for entry in JSON.parse_string(Harness.text("res://cases.json")):
		var parent: Node = ClassDB.instantiate(entry["parent"]) if entry["parent"] != "" else null
		var node: Node = ClassDB.instantiate(entry["class"])
		if parent != null:
			parent.add_child(node)
		for setting in entry["sets"]:
			node.set(setting[0], bytes_to_var((setting[1] as String).hex_decode()))
		var list := []
		for property in node.get_property_list():
			if property["usage"] & PROPERTY_USAGE_STORAGE and not property["usage"] & PROPERTY_USAGE_INTERNAL:
				list.append([property["name"], var_to_bytes(node.get(property["name"])).hex_encode()])
		Harness.report(JSON.stringify(list))
		node.free()
		if parent != null:
			parent.free()
	Harness.finish()
`;

/** Padding of NodePaths differs. */
function unpadded(text: string): string {
  return hex(varToBytes(bytesToVar(bytes(text), { exact: true })));
}

function listOf(node: MirrorNode): [string, string][] {
  return node.listed().map((info) => [info.name, hex(varToBytes(node.storedValue(info) as VariantValue))]);
}

const engine = peer('godot4');

describe.skipIf(engine.isMissing)(`stored lists${engine.note}`, { timeout: 600_000 }, () => {
  let godot: Godot4;
  beforeAll(async () => {
    godot = await Godot4.open();
  });
  afterAll(() => godot.close());

  test('names, order and values after random settings are the engine’s', async () => {
    const { numRuns, seed = Date.now() % 2 ** 31 } = fcParameters(3);
    const names = ClassTable.GODOT_4_6.names().filter(
      (name) => ClassTable.GODOT_4_6.get(name)?.isInstantiable,
    );
    const cases = names.flatMap((name, i) => fc.sample(caseOf(name), { numRuns, seed: seed + i }));
    const { reports } = await godot.run({
      files: {
        'main.gd': SCRIPT,
        'cases.json': JSON.stringify(
          cases.map((entry) => ({
            ...entry,
            sets: entry.sets.map(([name, value]) => [name, hex(varToBytes(value))]),
          })),
        ),
      },
      timeoutMs: 500_000,
    });
    expect(reports.length).toBe(cases.length);
    const differences: string[] = [];
    let compared = 0;
    for (const [i, { class: className, parent, sets }] of cases.entries()) {
      const mirror = new SceneMirror();
      const above = parent === '' ? mirror.root : mirror.root.addChild({ name: 'Parent', class: parent });
      const node = above.addChild({ name: 'Node', class: className });
      for (const [name, value] of sets) node.set(name, value);
      const ours = listOf(node);
      const theirs = (JSON.parse(reports[i] ?? '[]') as [string, string][]).map(
        ([name, value]) => [name, unpadded(value)] as const,
      );
      compared += theirs.length;
      const what = `${className} in "${parent}" ${JSON.stringify(sets)}`;
      const order = ours.map(([name]) => name).join(' ');
      if (order !== theirs.map(([name]) => name).join(' ')) {
        const own = new Set(ours.map(([name]) => name));
        const other = new Set(theirs.map(([name]) => name));
        differences.push(
          `${what}: missing ${theirs.flatMap(([name]) => (own.has(name) ? [] : name))}, too many ${ours.flatMap(([name]) => (other.has(name) ? [] : name))}`,
        );
        continue;
      }
      for (const [j, [name, value]] of theirs.entries()) {
        // The engine draws a seed for each node.
        if (name !== 'seed' && ours[j]?.[1] !== value)
          differences.push(`${what}: ${name} ${value} is ${ours[j]?.[1]}`);
      }
    }
    console.log(`${cases.length} nodes, ${compared} stored values, seed ${seed}`);
    expect(differences, `seed ${seed}`).toEqual([]);
  });
});
