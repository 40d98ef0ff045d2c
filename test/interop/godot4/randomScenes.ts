/** Random text scenes that a stock Godot 4.6 loads: instances, overrides, unique ids, gone parents, odd names, places. */
import fc from 'fast-check';

/** A scene, and the one that it contains. */
export interface RandomScene {
  /** `res://base.tscn`. */
  readonly base: string;
  /** The scene. */
  readonly scene: string;
}

const number = fc.integer({ min: -40, max: 40 }).map((n) => n / 4);
const vector2 = fc.tuple(number, number).map(([x, y]) => `Vector2(${x}, ${y})`);
const vector3 = fc.tuple(number, number, number).map(([x, y, z]) => `Vector3(${x}, ${y}, ${z})`);
const bool = fc.boolean().map(String);
const name = fc.constantFrom('A', 'B', 'Gun', '50%', 'Ä', 'x.y', 'B2');

const META: Record<string, fc.Arbitrary<string>> = {
  'metadata/a': fc.oneof(
    number.map(String),
    vector3,
    fc.constantFrom('"text"', '[1, 2.5]', '{\n"k": &"v"\n}'),
  ),
  process_mode: fc.integer({ min: 0, max: 4 }).map(String),
  unique_name_in_owner: bool,
};
const CLASSES: Record<string, Record<string, fc.Arbitrary<string>>> = {
  Node: {},
  Node2D: {
    position: vector2,
    rotation: number.map(String),
    scale: vector2,
    visible: bool,
    z_index: fc.constantFrom('3', '-2'),
  },
  Node3D: {
    position: vector3,
    rotation: vector3,
    rotation_order: fc.constantFrom('0', '3'),
    top_level: bool,
    visible: bool,
  },
  Marker3D: { rotation: vector3, top_level: bool, gizmo_extents: fc.constantFrom('0.5', '2.0') },
  Sprite2D: { flip_h: bool, offset: vector2, centered: bool },
  Timer: { wait_time: fc.constantFrom('0.5', '3.0'), one_shot: bool },
  Control: {
    offset_left: number.map(String),
    custom_minimum_size: vector2,
    mouse_filter: fc.constantFrom('1', '2'),
  },
};

interface Part {
  readonly name: string;
  readonly type: string;
  readonly parent: number;
  readonly lines: string;
  readonly groups: readonly string[];
  readonly index: number | undefined;
}

const part: fc.Arbitrary<Part> = fc.constantFrom(...Object.keys(CLASSES)).chain((type) =>
  fc.record({
    name,
    type: fc.constant(type),
    parent: fc.nat({ max: 9 }),
    lines: fc.record({ ...META, ...CLASSES[type] }, { requiredKeys: [] }).map((values) =>
      Object.entries(values)
        .map(([key, value]) => `${key} = ${value}\n`)
        .join(''),
    ),
    groups: fc.subarray(['g', 'h']),
    index: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
  }),
);

/** Scenes with the base that they contain. */
export function randomScenes(): fc.Arbitrary<RandomScene> {
  return fc
    .tuple(
      fc.array(part, { minLength: 1, maxLength: 4 }),
      fc.array(part, { minLength: 1, maxLength: 7 }),
      fc.boolean(),
    )
    .map(([inner, outer, isInherited]) => {
      const base = textOf(inner, '', 100);
      const root = isInherited ? '' : '[node name="R" type="Node3D" unique_id=1]\n';
      const head = '[ext_resource type="PackedScene" path="res://base.tscn" id="1"]\n';
      const first = isInherited
        ? '[node name="R" unique_id=1 instance=ExtResource("1")]\n'
        : '[node name="I" parent="." unique_id=2 instance=ExtResource("1")]\nvisible = false\n';
      const place = isInherited ? '.' : 'I';
      const overrides = inner
        .slice(1)
        .map(
          (_part, i) =>
            `[node name="${i % 2 === 0 ? 'Old' : 'N'}${i}" parent="${place}" unique_id=${101 + i}]\nprocess_priority = ${i + 5}\n`,
        )
        .join('');
      const body = outer
        .map((entry, i) => nodeOf(entry, `O${i}`, pathOf(outer, i, place, entry.parent), 300 + i))
        .join('');
      return { base, scene: `[gd_scene format=3]\n${head}${root}${first}${overrides}${body}` };
    });
}

function textOf(parts: readonly Part[], head: string, id: number): string {
  const nodes = parts.map((entry, i) => {
    if (i === 0) return nodeOf({ ...entry, index: undefined }, 'Base', undefined, id);
    return nodeOf({ ...entry, index: undefined }, `N${i}`, '.', id + i);
  });
  return `[gd_scene format=3]\n${head}${nodes.join('')}`;
}

/** Below the instance, below one of those before, or below nothing. */
function pathOf(parts: readonly Part[], i: number, place: string, choice: number): string {
  if (choice === 9) return 'Gone';
  if (choice === 8) return place;
  const before = parts[choice];
  return choice < i && before?.parent === 7 ? nameOf(before, `O${choice}`) : '.';
}

function nameOf({ name: odd }: Part, unique: string): string {
  return `${odd}${unique}`;
}

function nodeOf(entry: Part, unique: string, parent: string | undefined, id: number): string {
  const groups = entry.groups.length === 0 ? '' : ` groups=${JSON.stringify(entry.groups)}`;
  const index = entry.index === undefined ? '' : ` index="${entry.index}"`;
  const above = parent === undefined ? '' : ` parent="${parent}"`;
  const given = parent === undefined || unique.startsWith('N') ? unique : nameOf(entry, unique);
  return `[node name="${given}" type="${entry.type}"${above}${index} unique_id=${id}${groups}]\n${entry.lines}`;
}
