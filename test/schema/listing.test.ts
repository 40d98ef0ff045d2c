/** Which properties a node stores in its state: `_validate_property` of the engine (golden/classes/godot-4.6-states.json). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesToVar, type Float, Vector3, varToBytes } from '../../codec/index.ts';
import {
  ClassTable,
  decodeNodeMetadata,
  encodeNode,
  type MirrorNode,
  NodeSyncFlags,
  ResourceReference,
  readNodeState,
  type SceneDocument,
  SceneMirror,
} from '../../schema/index.ts';
import { sceneTextToDocument } from '../../schema/tscn/index.ts';
import { bytes, hex } from '../support/hex.ts';

type Setting = readonly [
  property: string,
  value: number | boolean,
  appears: readonly (readonly [name: string, before: string, value: string])[],
  vanishes: readonly string[],
];

const { classes } = JSON.parse(
  readFileSync(new URL('../../golden/classes/godot-4.6-states.json', import.meta.url), 'utf8'),
) as { readonly classes: { readonly [name: string]: { readonly states: readonly Setting[] } } };

function names(node: MirrorNode): string[] {
  return node.listed().map(({ name }) => name);
}

function scene(name: string): { readonly document: SceneDocument; readonly issues: readonly string[] } {
  const text = readFileSync(new URL(`../../golden/scenes/${name}.tscn`, import.meta.url), 'utf8');
  const issues: string[] = [];
  const document = sceneTextToDocument(text, { onIssue: ({ message }) => issues.push(message) });
  return { document, issues };
}

describe('what the engine lists after one setting', () => {
  const mirror = new SceneMirror();
  const settings = Object.entries(classes).flatMap(([name, { states }]) =>
    states.map((state) => [name, ...state] as const),
  );

  test('there are more than 300 settings', () => expect(settings.length).toBeGreaterThan(300));

  test.each(settings.filter(([, , , appears]) => appears.every(([name]) => !name.includes('/'))))(
    '%s with %s = %s',
    (className, property, value, appears, vanishes) => {
      const node = mirror.root.addChild({ name: 'N', class: className });
      const before = names(node);
      node.set(property, value);
      const after = names(node);
      expect(after.filter((name) => !before.includes(name))).toEqual(appears.map(([name]) => name));
      expect(before.filter((name) => !after.includes(name))).toEqual(vanishes);
      for (const [name, previous, expected] of appears) {
        expect(after[after.indexOf(name) - 1] ?? '').toBe(previous);
        const info = node.listed().find((candidate) => candidate.name === name);
        // The engine draws a seed for each node.
        if (info !== undefined && name !== 'seed')
          expect(hex(varToBytes(node.storedValue(info) as Float))).toBe(
            hex(varToBytes(bytesToVar(bytes(expected), { exact: true }))),
          );
      }
      node.remove();
    },
  );
});

describe('two settings together', () => {
  test('limits of LookAtModifier3D', () => {
    const node = new SceneMirror().root.addChild({ name: 'L', class: 'LookAtModifier3D' });
    node.set('use_angle_limitation', true);
    node.set('use_secondary_rotation', false);
    expect(names(node)).toContain('primary_limit_angle');
    expect(names(node)).not.toContain('secondary_limit_angle');
    node.set('symmetry_limitation', false);
    expect(names(node)).toContain('primary_negative_limit_angle');
    expect(names(node)).not.toContain('primary_limit_angle');
  });

  test('lights of a project with physical units', () => {
    const lumens = (options: object): boolean =>
      new SceneMirror(options).root
        .addChild({ name: 'L', class: 'OmniLight3D' })
        .isStored('light_intensity_lumens');
    expect(lumens({})).toBe(false);
    expect(lumens({ physicalLightUnits: true })).toBe(true);
    expect(() => new SceneMirror({ physicalLightUnits: 1 as never })).toThrow(
      '"physicalLightUnits" expected',
    );
  });
});

describe('a Control inside a Container', () => {
  test('stores no anchors, offsets and turns, until it leaves', () => {
    const mirror = new SceneMirror();
    const box = mirror.root.addChild({ name: 'Box', class: 'VBoxContainer' });
    const button = mirror.root.addChild({ name: 'Button', class: 'Button' });
    const free = names(button);
    expect(free.length).toBe(92);
    button.set('offset_left', 5);
    button.reparent(box, false);
    const inside = names(button);
    expect(inside.length).toBe(78);
    expect(free.filter((name) => !inside.includes(name))).toEqual([
      'anchor_left',
      'anchor_top',
      'anchor_right',
      'anchor_bottom',
      'offset_left',
      'offset_top',
      'offset_right',
      'offset_bottom',
      'grow_horizontal',
      'grow_vertical',
      'rotation',
      'scale',
      'pivot_offset',
      'pivot_offset_ratio',
    ]);
    const state = readNodeState(decodeNodeMetadata(encodeNode(button, NodeSyncFlags.SYNC_PROPERTIES)));
    expect(state?.properties?.size).toBe(78);
    // The document keeps what was set.
    const copy = SceneMirror.fromJSON(JSON.parse(JSON.stringify(mirror))).getNode('Box/Button');
    expect(copy?.get('offset_left')).toBe(5);
    box.removeChild(button);
    expect(names(button)).toEqual(free);
  });
});

describe('scenes', () => {
  test('a property that the class has only in some states', () => {
    const { document, issues } = scene('hidden_cpuparticles2d');
    expect(document.root.properties).toEqual({ emission_shape: 'i:1', emission_sphere_radius: 'f:64.0' });
    expect(issues).toEqual([]);
    const mirror = SceneMirror.fromJSON(document);
    expect(mirror.getNode('P')?.isStored('emission_sphere_radius')).toBe(true);
    expect(mirror.toJSON().root.children?.[0]?.properties).toEqual(document.root.properties);
  });

  test('the same with a script is no variable of the script', () => {
    const { document } = scene('hidden_with_script');
    expect(document.root.properties?.['emission_sphere_radius']).toBe('f:64.0');
    expect(document.root.scriptVariables?.map(({ name }) => name)).toEqual(['mine']);
    const node = SceneMirror.fromJSON(document).getNode('P');
    const listed = node === undefined ? [] : names(node);
    expect(listed.indexOf('emission_sphere_radius')).toBe(listed.indexOf('emission_shape') + 1);
    expect(listed.slice(-2)).toEqual(['script', 'mine']);
  });

  test.each(['hidden_csg_path', 'hidden_drawpass_bone_light'])('%s', (name) => {
    const { document, issues } = scene(name);
    expect(issues).toEqual([]);
    const properties = document.root.children?.map((child) => Object.keys(child.properties ?? {}));
    expect(properties?.flat()).toEqual(
      name === 'hidden_csg_path'
        ? ['mode', 'path_node', 'path_interval', 'path_local']
        : ['draw_passes', 'draw_pass_2', 'light_temperature'],
    );
  });

  test('what a packet sets of it is applied', () => {
    const mirror = new SceneMirror();
    const here = mirror.root.addChild({ name: 'P', class: 'CPUParticles2D' });
    const there = new SceneMirror().root.addChild({ name: 'P', class: 'CPUParticles2D' });
    there.set('emission_shape', 1);
    there.set('emission_sphere_radius', 5);
    const limits = { paths: ['/root/P'], properties: ['emission_*'] };
    const result = mirror.apply(encodeNode(there, NodeSyncFlags.SYNC_PROPERTIES), limits);
    expect(result.applied && result.changed).toEqual(['emission_shape', 'emission_sphere_radius']);
    expect(here.isStored('emission_sphere_radius')).toBe(true);
  });

  test('extents of a FogVolume are half of its size', () => {
    const { document, issues } = scene('compat_setters');
    expect(document.root.children?.[0]?.properties).toEqual({ size: { type: 'Vector3', args: [2, 4, 6] } });
    expect(issues).toEqual([]);
    const node = new SceneMirror({ unknownProperties: 'refuse' }).root.addChild({
      name: 'F',
      class: 'FogVolume',
    });
    node.set('extents', new Vector3(1, 2, 3));
    expect(node.get('size')).toEqual(new Vector3(2, 4, 6));
  });

  test('anchors_preset sets the anchors', () => {
    const { document, issues } = scene('anchors_preset');
    expect(document.root.properties).toEqual({
      anchor_right: 'f:1.0',
      anchor_bottom: 'f:1.0',
      grow_horizontal: 'i:2',
      grow_vertical: 'i:2',
    });
    expect(issues).toEqual([]);
  });

  test('spawnable scenes are kept, and are no part of packets', () => {
    const { document, issues } = scene('spawner');
    const properties = document.root.children?.[0]?.properties;
    expect(Object.keys(properties ?? {})).toEqual(['_spawnable_scenes', 'spawn_path']);
    expect(issues).toEqual([]);
    const mirror = SceneMirror.fromJSON(document);
    expect(mirror.getNode('R/M')?.isStored('_spawnable_scenes')).toBe(false);
    expect(mirror.toJSON().root.children?.[0]?.children?.[0]?.properties).toEqual({
      spawn_path: properties?.['spawn_path'],
      _spawnable_scenes: properties?.['_spawnable_scenes'],
    });
  });
});

describe('properties of items', () => {
  test('of a scene belong to the class, before the script', () => {
    const { document, issues } = scene('slash_itemlist_skeleton');
    expect(issues).toEqual([]);
    expect(document.root.children?.map(({ scriptVariables }) => scriptVariables)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const mirror = SceneMirror.fromJSON(document);
    const added = (path: string): string[] => {
      const node = mirror.getNode(path);
      const listed = node === undefined ? [] : names(node);
      expect(listed.at(-1)).toBe('script');
      return listed.filter((name) => /^(item_0|bones|libraries)\//.test(name));
    };
    expect(added('R/I')).toEqual(['item_0/text']);
    expect(added('R/S')).toEqual([
      'bones/0/name',
      'bones/0/parent',
      'bones/0/rest',
      'bones/0/enabled',
      'bones/0/position',
      'bones/0/rotation',
      'bones/0/scale',
    ]);
    expect(added('R/A')).toEqual([]);
    expect(mirror.toJSON().root.children?.[0]?.children?.[0]?.properties).toEqual({
      item_count: 'i:1',
      'item_0/text': 's:a',
    });
  });

  test.each([
    ['PopupMenu', 'item_count', 'item_'],
    ['MenuButton', 'item_count', 'popup/item_'],
    ['OptionButton', 'item_count', 'popup/item_'],
  ])('%s lists the numbers of its items, and what differs', (className, count, prefix) => {
    const node = new SceneMirror().root.addChild({ name: 'N', class: className });
    node.set(count, 2);
    node.set(`${prefix}1/text`, 'b');
    node.set(`${prefix}1/disabled`, false);
    node.set(`${prefix}5/text`, 'beyond');
    const listed = names(node);
    const at = listed.indexOf(count);
    expect(listed.slice(at)).toEqual([count, `${prefix}0/id`, `${prefix}1/text`, `${prefix}1/id`, 'script']);
    expect([...node.properties()].find(([name]) => name === `${prefix}1/id`)?.[1]).toBe(1);
    node.set(count, 0);
    expect(names(node).slice(at)).toEqual([count, 'script']);
  });

  test('layers of a TileMap, libraries by name', () => {
    const { root } = new SceneMirror();
    const tiles = root.addChild({ name: 'T', class: 'TileMap' });
    tiles.set('layer_1/z_index', 2);
    tiles.set('layer_1/name', 'up');
    expect(names(tiles).slice(-4)).toEqual(['layer_0/name', 'layer_1/name', 'layer_1/z_index', 'script']);
    tiles.set('layer_1/name', '');
    expect(tiles.get('layer_1/name')).toBe('up');
    tiles.set('layer_0/name', 'up');
    expect(tiles.get('layer_0/name')).toBe('up2');
    const player = root.addChild({ name: 'P', class: 'AnimationPlayer' });
    const library = new ResourceReference('SubResource', 'a', {});
    for (const name of ['libraries/zoo', 'libraries/', 'libraries/abc']) player.set(name, library);
    expect(names(player).filter((name) => name.startsWith('libraries/'))).toEqual([
      'libraries/',
      'libraries/abc',
      'libraries/zoo',
    ]);
  });

  const set = (className: string, settings: readonly (readonly [string, unknown])[]) => {
    const node = new SceneMirror({ unknownProperties: 'refuse' }).root.addChild({
      name: 'N',
      class: className,
    });
    for (const [name, value] of settings) node.set(name, value);
    return node;
  };
  const items = (node: MirrorNode, prefix: string) =>
    names(node).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  const stored = (node: MirrorNode, name: string) =>
    [...node.properties()].find(([listed]) => listed === name)?.[1];

  test('settings of a modifier have their defaults, and hide each other', () => {
    const aim = set('AimModifier3D', [
      ['setting_count', 1],
      ['settings/0/use_euler', true],
      ['settings/0/reference_type', 1],
      ['settings/0/amount', 0.5],
    ]);
    expect(items(aim, 'settings/0/')).toEqual([
      'amount',
      'apply_bone_name',
      'apply_bone',
      'reference_type',
      'reference_node',
      'forward_axis',
      'use_euler',
      'primary_rotation_axis',
      'use_secondary_rotation',
      'relative',
    ]);
    expect(names(aim).at(-1)).toBe('script');
    expect(stored(aim, 'settings/0/forward_axis')).toBe(2);
    aim.set('setting_count', 0);
    aim.set('setting_count', 1);
    expect(stored(aim, 'settings/0/amount')).toBe(1);
  });

  test('joints and collisions of a setting', () => {
    const ik = set('CCDIK3D', [
      ['setting_count', 1],
      ['settings/0/joint_count', 2],
      ['settings/0/joints/1/limitation', new ResourceReference('SubResource', 'a', {})],
      ['settings/0/joints/1/limitation/right_axis', 7],
      ['settings/0/joints/0/rotation_axis', 4],
    ]);
    expect(items(ik, 'settings/0/joints/')).toEqual([
      '0/rotation_axis',
      '0/rotation_axis_vector',
      '0/limitation',
      '1/rotation_axis',
      '1/limitation',
      '1/limitation/right_axis',
      '1/limitation/right_axis_vector',
      '1/limitation/rotation_offset',
    ]);
    ik.set('settings/0/joint_count', 1);
    ik.set('settings/0/joint_count', 2);
    expect(items(ik, 'settings/0/joints/1/')).toEqual(['rotation_axis', 'limitation']);
    const spring = set('SpringBoneSimulator3D', [
      ['setting_count', 1],
      ['settings/0/enable_all_child_collisions', false],
      ['settings/0/collision_count', 2],
    ]);
    expect(items(spring, 'settings/0/').slice(-4)).toEqual([
      'enable_all_child_collisions',
      'collision_count',
      'collisions/0',
      'collisions/1',
    ]);
    expect(() => spring.set('settings/0/collisions/0x', '')).toThrow('expected a property');
  });

  test('constraints of a PhysicalBone3D are those of its joint, and go with it', () => {
    const bone = set('PhysicalBone3D', [
      ['joint_type', 3],
      ['joint_constraints/angular_limit_upper', 7],
    ]);
    expect(items(bone, 'joint_constraints/')).toEqual([
      'angular_limit_enabled',
      'angular_limit_upper',
      'angular_limit_lower',
      'angular_limit_bias',
      'angular_limit_softness',
      'angular_limit_relaxation',
    ]);
    // Kept in radians.
    expect(stored(bone, 'joint_constraints/angular_limit_upper')).toBe(6.999999523162842);
    bone.set('joint_type', 4);
    expect(items(bone, 'joint_constraints/').length).toBe(10);
    expect(stored(bone, 'joint_constraints/angular_limit_upper')).toBe(0);
    bone.set('joint_type', 5);
    expect(items(bone, 'joint_constraints/').length).toBe(63);
    bone.set('joint_type', 0);
    expect(items(bone, 'joint_constraints/')).toEqual([]);
  });

  test('attachments of a SoftBody3D follow its points', () => {
    const body = set('SoftBody3D', [
      ['pinned_points', [3, 5]],
      ['attachments/1/offset', new Vector3(1, 2, 3)],
      ['attachments/0/point_index', 9],
    ]);
    expect(items(body, 'attachments/')).toEqual(
      [0, 1].flatMap((i) => [`${i}/point_index`, `${i}/spatial_attachment_path`, `${i}/offset`]),
    );
    expect(stored(body, 'attachments/0/point_index')).toBe(3);
    expect(stored(body, 'attachments/1/point_index')).toBe(5);
  });

  test('what follows a mesh is listed once it is set, surfaces by number', () => {
    const material = new ResourceReference('SubResource', 'a', {});
    const mesh = set('MeshInstance3D', [
      ['surface_material_override/10', material],
      ['surface_material_override/2', null],
      ['blend_shapes/smile', 0.5],
      ['blend_shapes/frown', 0.5],
    ]);
    expect(names(mesh).slice(names(mesh).indexOf('skeleton') + 1, -1)).toEqual([
      'blend_shapes/smile',
      'blend_shapes/frown',
      'surface_material_override/2',
      'surface_material_override/10',
    ]);
    const tree = set('AnimationTree', [
      ['parameters/b', 1],
      ['parameters/a', 1],
    ]);
    expect(names(tree).slice(-3)).toEqual(['parameters/b', 'parameters/a', 'script']);
  });

  test('a count of any size is no work without end', () => {
    const node = new SceneMirror().root.addChild({ name: 'N', class: 'PopupMenu' });
    node.set('item_count', 2_000_000_000);
    expect(names(node).length).toBeLessThan(70_000);
    node.set('item_count', -1);
    expect(names(node).at(-2)).toBe('item_count');
    const bones = set('SpringBoneSimulator3D', [
      ['setting_count', 2_000_000_000],
      ['settings/0/individual_config', true],
      ['settings/0/joint_count', 2_000_000_000],
    ]);
    expect(names(bones).length).toBeGreaterThan(10_000);
    expect(names(bones).length).toBeLessThan(70_000);
  });
});

test('properties that no node stores are refused by name', () => {
  const { root } = new SceneMirror();
  for (const [className, name] of [
    ['Sprite2D', 'frame_coords'],
    ['SubViewport', 'world_2d'],
    ['VideoStreamPlayer', 'stream_position'],
  ] as const) {
    const node = root.addChild({ name: 'N', class: className });
    expect(() => node.set(name, 1)).toThrow('expected a property that nodes are saved with');
  }
});

test('the getter’s type wins over the declared one', () => {
  const table = ClassTable.from({
    classes: {
      Own: {
        inherits: 'Node',
        properties: [
          ['title', '150000000100000061000000', 4],
          ['target', '00000000', 24],
          ['any', '0200000005000000', 0],
        ],
      },
    },
  });
  const types = table.get('Own')?.properties.map(({ type }) => type);
  expect(types).toEqual([21, 24, 0]);
  const node = new SceneMirror({ classes: table }).root.addChild({ name: 'N', class: 'Own' });
  node.set('title', 'b');
  expect(hex(varToBytes(node.get('title') as Float))).toBe('150000000100000062000000');
});
