/** The tree of a mirror: names, paths, moving, properties, groups, metadata, changes. */
import { describe, expect, test } from 'vitest';
import {
  Color,
  Dictionary,
  float,
  NodePath,
  StringName,
  TypedArray,
  Vector2,
  Vector2i,
  Vector3,
} from '../../codec/index.ts';
import {
  ClassTable,
  encodeNode,
  type MirrorNode,
  ResourceReference,
  SceneMirror,
} from '../../schema/index.ts';
import { ODD_VALUES } from '../support/oddValues.ts';

function tree(): { mirror: SceneMirror; main: MirrorNode; player: MirrorNode; hand: MirrorNode } {
  const mirror = new SceneMirror();
  const main = mirror.root.addChild({ name: 'Main', class: 'Node2D' });
  const player = main.addChild({ name: 'Player', class: 'Node2D' });
  const hand = player.addChild({ name: 'Hand', class: 'Node2D' });
  return { mirror, main, player, hand };
}

describe('names', () => {
  test.each([
    ['Enemy', 'Enemy2'],
    ['Enemy7', 'Enemy8'],
    ['Enemy0', 'Enemy1'],
    ['Enemy09', 'Enemy9'],
    ['7', '8'],
  ])('%s twice, readable: %s', (name, second) => {
    const { main } = tree();
    main.addChild({ name, class: 'Node' });
    expect(main.addChild({ name, class: 'Node', forceReadableName: true }).name).toBe(second);
  });

  test('a duplicate gets a name that the engine makes up', () => {
    const { main } = tree();
    main.addChild({ name: 'A', class: 'Sprite2D' });
    expect(main.addChild({ name: 'A', class: 'Sprite2D' }).name).toBe('@Sprite2D@2');
    expect(main.addChild({ name: 'A', class: 'Node' }).name).toBe('@Node@3');
  });

  test('invalid characters become underscores; renaming counts up and keeps the order', () => {
    const { main } = tree();
    const first = main.addChild({ name: 'a.b:c@d/e"f%g', class: 'Node' });
    expect(first.name).toBe('a_b_c_d_e_f_g');
    main.addChild({ name: 'Z', class: 'Node' });
    expect(first.rename('Z')).toBe('Z2');
    expect(first.rename('Z2')).toBe('Z2');
    expect(main.getChildren().map(({ name }) => name)).toEqual(['Player', 'Z2', 'Z']);
    expect(main.findChild('a_b_c_d_e_f_g')).toBeUndefined();
  });
});

describe('paths', () => {
  test('absolute, relative, up, here, unique', () => {
    const { mirror, main, player, hand } = tree();
    hand.owner = main;
    hand.set('unique_name_in_owner', true);
    expect(mirror.getNode('/root/Main/Player')).toBe(player);
    expect(mirror.getNode(new NodePath('Main/Player/Hand'))).toBe(hand);
    expect(hand.getNode('../..')).toBe(main);
    expect(player.getNode('./Hand:position')).toBe(hand);
    expect(main.getNode('%Hand')).toBe(hand);
    expect(hand.getNode('%Hand')).toBe(hand);
    expect(player.getNode('%Hand')).toBeUndefined();
    expect(hand.getNode('/root')).toBe(mirror.root);
    for (const none of ['', '/', '/Main', '../../../../..', 'Nobody', '__proto__', 'constructor']) {
      expect(player.getNode(none)).toBeUndefined();
    }
    expect(hand.getPath().toString()).toBe('/root/Main/Player/Hand');
    player.remove();
    expect(hand.getPath().isEmpty()).toBe(true);
    expect(hand.getNode('/root')).toBeUndefined();
    expect(hand.owner).toBeUndefined();
  });

  test('properties by path', () => {
    const { player } = tree();
    player.setIndexed('position:x', 3);
    player.setIndexed(new NodePath(':modulate:a'), 0.5);
    expect(player.get('position')).toEqual(new Vector2(3, 0));
    expect(player.getIndexed('modulate:a')).toBe(0.5);
    expect(player.getIndexed('position:nothing')).toBeUndefined();
    expect(() => player.setIndexed('position:w', 1)).toThrow(RangeError);
    expect(() => player.setIndexed('position:x', 'left')).toThrow('"x" expected a number, got "left"');
  });
});

describe('moving', () => {
  test('reparent keeps the place on the screen, or not', () => {
    const { main, player, hand } = tree();
    player.set('position', new Vector2(10, 20));
    hand.set('position', new Vector2(1, 2));
    hand.reparent(main);
    expect(hand.get('position')).toEqual(new Vector2(11, 22));
    hand.reparent(player, false);
    expect(hand.get('position')).toEqual(new Vector2(11, 22));
    expect(hand.get('global_position')).toEqual(new Vector2(21, 42));
    expect(() => main.reparent(hand)).toThrow(RangeError);
    expect(() => main.mirror.root.reparent(main)).toThrow(RangeError);
  });

  test('remove, attach, moveChild', () => {
    const { main, player, hand } = tree();
    main.addChild({ name: 'Other', class: 'Node' });
    main.moveChild(player, -1);
    expect(main.getChildren().map(({ name }) => name)).toEqual(['Other', 'Player']);
    main.removeChild(player);
    expect(() => main.removeChild(player)).toThrow(RangeError);
    main.attach(player);
    expect(hand.isInsideTree()).toBe(true);
    expect(() => main.attach(player)).toThrow(RangeError);
    expect(() => main.moveChild(player, 9)).toThrow(RangeError);
    expect(() => main.attach(new SceneMirror().root.addChild({ name: 'X', class: 'Node' }))).toThrow(
      RangeError,
    );
  });
});

describe('properties', () => {
  test.each<[string, string, unknown, unknown]>([
    ['Node2D', 'rotation', 1, 1],
    ['Node2D', 'rotation', 0.1, Math.fround(0.1)],
    ['Timer', 'wait_time', 0.1, 0.1],
    ['Timer', 'wait_time', true, 1],
    ['Node2D', 'z_index', 2.9, 2],
    ['Node2D', 'z_index', -2.9, -2],
    ['Node2D', 'z_index', float(-0.5), 0],
    ['Node2D', 'visible', 1, true],
    ['Node2D', 'visible', float(0), false],
    ['Node2D', 'position', new Vector2i(1, 2), new Vector2(1, 2)],
    ['Node2D', 'modulate', '#ff0000', new Color(1, 0, 0, 1)],
    ['Node2D', 'scale', new Vector2(0, 1), new Vector2(Math.fround(0.00001), 1)],
    ['Label', 'text', new StringName('a'), 'a'],
    ['Label', 'text', new NodePath('a/b'), 'a/b'],
    ['Label', 'focus_next', '../B', new NodePath('../B')],
    ['Label', 'theme_type_variation', 'Big', new StringName('Big')],
    ['Label', 'tab_stops', [1, 2.5], Float32Array.of(1, 2.5)],
    ['Label', 'accessibility_flow_to_nodes', ['A'], new TypedArray(22, [new NodePath('A')])],
    ['Area2D', 'collision_mask', 0xffffffff, 0xffffffff],
    ['Area2D', 'collision_mask', 1 << 31, 0x80000000],
    ['Area2D', 'collision_mask', -1n, 0xffffffff],
    ['Node2D', 'light_mask', 0xffffffff, -1],
    ['ProgressBar', 'value', 250, 100],
    ['ProgressBar', 'value', 33.333, 3333 * 0.01],
    ['Control', 'anchor_left', 0.5, 0.5],
  ])('%s.%s = %o', (className, name, given, expected) => {
    const node = new SceneMirror().root.addChild({ name: 'N', class: className });
    node.set(name, given);
    expect(node.get(name)).toEqual(expected);
  });

  test.each<[string, string, unknown, string]>([
    ['Node2D', 'position', new Vector3(), '"position" expected Vector2, got Vector3'],
    ['Node2D', 'rotation', 'x', '"rotation" expected float, got String'],
    ['Node2D', 'visible', 'yes', '"visible" expected bool, got String'],
    ['Node2D', 'z_index', 2 ** 40, '"z_index" expected int, got'],
    ['Node2D', 'z_index', Number.NaN, '"z_index" expected int, got NaN'],
    ['Node2D', 'z_index', 2 ** 32, '"z_index" expected int, got 4294967296, which does not fit 32 bits'],
    ['Area2D', 'collision_mask', -(2 ** 31) - 1, 'which does not fit 32 bits'],
    ['Label', 'focus_next', new StringName('../B'), '"focus_next" expected NodePath, got StringName'],
    ['Label', 'theme_type_variation', new NodePath('Big'), 'expected StringName, got NodePath'],
    ['Node2D', 'position', null, '"position" expected Vector2, got null'],
    ['Label', 'text', 5, '"text" expected String, got int'],
    ['Label', 'text', 'a\0b', 'a text with U+0000'],
    ['Label', 'tab_stops', ['x'], 'element 0 that is String'],
    ['Sprite2D', 'texture', 'res://a.png', '"texture" expected Object, got String'],
  ])('%s.%s refuses %o and stays as it is', (className, name, given, message) => {
    const node = new SceneMirror().root.addChild({ name: 'N', class: className });
    const before = encodeNode(node, 1);
    expect(() => node.set(name, given)).toThrow(message);
    expect(encodeNode(node, 1)).toEqual(before);
  });

  test('values that can be changed are copied on the way in and out', () => {
    const { player } = tree();
    const list = [1, { a: [2] }];
    player.setMeta('list', list);
    list.push(3);
    const out = player.getMeta('list') as unknown[];
    out.push(4);
    expect(player.getMeta('list')).toEqual([1, new Dictionary([['a', [2]]])]);
  });

  test('what depends on the instance is listed where the engine lists it', () => {
    const { main } = tree();
    const names = (node: MirrorNode): string[] => [...node.properties()].map(([name]) => name);
    main.set('process_thread_group', 1);
    expect(names(main).slice(4, 8)).toEqual([
      'process_thread_group',
      'process_thread_group_order',
      'process_thread_messages',
      'physics_interpolation_mode',
    ]);
    const spatial = main.addChild({ name: 'S', class: 'Node3D' });
    expect(names(spatial)).toContain('rotation_order');
    spatial.set('rotation_edit_mode', 1);
    expect(names(spatial)).not.toContain('rotation_order');
    const label = main.addChild({ name: 'L', class: 'Label' });
    label.set('theme_override_font_sizes/font_size', 32);
    label.set('theme_override_colors/font_color', new Color(1, 0, 0));
    const at = names(label).indexOf('theme_type_variation');
    expect(names(label).slice(at, at + 4)).toEqual([
      'theme_type_variation',
      'theme_override_colors/font_color',
      'theme_override_font_sizes/font_size',
      'text',
    ]);
  });

  test('unknown names become variables of the script, or are refused', () => {
    const { player } = tree();
    player.set('health', 5);
    player.set('metadata/score', 12);
    expect([...player.properties()].slice(-3)).toEqual([
      ['script', null],
      ['health', 5],
      ['metadata/score', 12],
    ]);
    const strict = new SceneMirror({ unknownProperties: 'refuse' });
    expect(() => strict.root.set('health', 5)).toThrow(RangeError);
  });

  test('__proto__ and its kin are names like any other', () => {
    const { player, mirror } = tree();
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      player.set(name, { polluted: true });
      player.setMeta(name, { polluted: true });
      player.addToGroup(name);
      player.addChild({ name, class: 'Node' });
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    const copy = SceneMirror.fromJSON(JSON.parse(JSON.stringify(mirror)));
    expect(copy.toJSON()).toEqual(mirror.toJSON());
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('resources and nodes are instance ids in packets, the same each time', () => {
    const { main } = tree();
    const sprite = main.addChild({ name: 'S', class: 'Sprite2D' });
    sprite.set('texture', new ResourceReference('ExtResource', '1_a', { path: 'res://a.png' }));
    sprite.set('holder', main);
    expect(encodeNode(sprite, 1)).toEqual(encodeNode(sprite, 1));
    expect(sprite.get('texture')).toBeInstanceOf(ResourceReference);
  });

  test('unknown classes with an explicit list', () => {
    const { main } = tree();
    const own = main.addChild({
      name: 'A',
      class: 'Spinner',
      declared: [{ name: 'speed', type: 'float', value: 2 }],
    });
    expect([...own.properties()]).toEqual([['speed', 2]]);
    const based = main.addChild({
      name: 'B',
      class: 'Spinner',
      base: 'Node2D',
      declared: [{ name: 'speed', type: 'float', default: 3 }],
    });
    expect([...based.properties()].slice(-2)).toEqual([
      ['speed', 3],
      ['script', null],
    ]);
    based.set('position', new Vector2(1, 2));
    expect(based.get('position')).toEqual(new Vector2(1, 2));
    expect(() => main.addChild({ name: 'C', class: 'Spinner' })).toThrow(
      '"class" expected one of the class table',
    );
  });
});

describe('changes', () => {
  test('by revision and by event', () => {
    const { mirror, player } = tree();
    const events: unknown[] = [];
    mirror.on('changed', (node, name) => events.push([node.name, name]));
    mirror.on('nodeAdded', (node) => events.push(['added', node.name]));
    mirror.on('nodeRenamed', (node, old) => events.push(['renamed', old, node.name]));
    const { revision } = mirror;
    player.set('position', new Vector2(1, 2));
    player.set('z_index', 0);
    player.set('z_index', 3);
    player.rename('Hero');
    player.addChild({ name: 'Pet', class: 'Node', groups: ['pets'] });
    expect(player.changesSince(revision)).toEqual(['position', 'z_index', '$name', '$children']);
    expect(player.changesSince(mirror.revision)).toEqual([]);
    expect(events).toEqual([
      ['Player', 'position'],
      ['Player', 'z_index'],
      ['Hero', '$name'],
      ['renamed', 'Player', 'Hero'],
      ['Hero', '$children'],
      ['added', 'Pet'],
    ]);
    expect(mirror.getNodesInGroup('pets').map(({ name }) => name)).toEqual(['Pet']);
  });
});

describe.each(ODD_VALUES)('%s as argument', (_name, odd) => {
  test('is taken, or refused with a TypeError or RangeError that names it', () => {
    const { mirror, main, player } = tree();
    const before = JSON.stringify(mirror);
    const calls: (() => unknown)[] = [
      () => new SceneMirror(odd as never),
      () => new SceneMirror({ classes: odd as never }),
      () => main.addChild(odd as never),
      () => main.addChild({ name: odd as never, class: 'Node' }).remove(),
      () => main.addChild({ name: 'X', class: odd as never }),
      () => main.addChild({ name: 'X', class: 'Node', properties: odd as never }).remove(),
      () => main.addChild({ name: 'X', class: 'Node', scriptVariables: odd as never }).remove(),
      () => main.addChild({ name: 'X', class: 'Node', children: odd as never }).remove(),
      () => main.get(odd as never),
      () => main.set('position', odd),
      () => main.getNode(odd as never),
      () => main.removeChild(odd as never),
      () => main.attach(odd as never),
      () => main.reparent(odd as never),
      () => main.isInGroup(odd as never),
      () => main.has(odd as never),
      () => main.getIndexed(odd as never),
      () => main.findChild(odd as never),
      () => main.getMeta(odd as never),
      () => main.hasMeta(odd as never),
      () => main.removeMeta(odd as never),
      () => main.removeFromGroup(odd as never),
      () => new SceneMirror().root.setIndexed(odd as never, odd),
      () => player.setIndexed('position:rubbish', odd),
      () => main.moveChild(odd as never, 0),
      () => main.moveChild(main.getChild(0) as MirrorNode, odd as never),
      () => main.declareVariable(odd as never),
      () => main.isAncestorOf(odd as never),
      () => {
        main.owner = odd as never;
      },
      () => {
        main.instance = odd as never;
        main.instance = undefined;
      },
      () => encodeNode(main, odd as never),
      () => mirror.getNode(odd as never),
      () => mirror.getNodesInGroup(odd as never),
      () => mirror.off(odd as never, odd as never),
      () => new ResourceReference(odd as never, odd as never),
      () => ClassTable.from(odd as never, odd as never),
      () => SceneMirror.fromJSON({ format: 1, root: { name: 'A', class: 'Node' } }, odd as never),
      () => encodeNode(odd as never, 1),
      () => mirror.on(odd as never, odd as never),
      () => mirror.apply(new Uint8Array(0), odd as never),
      () => mirror.apply(odd, { paths: [], properties: [] }),
    ];
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        expect(error instanceof TypeError || error instanceof RangeError, String(error)).toBe(true);
        expect((error as Error).message).toMatch(/expected|is no (option|limit)/);
      }
    }
    expect(JSON.stringify(mirror)).toBe(before);
  });
});

test('what was set before a variable is declared takes its type, or is its default', () => {
  const node = new SceneMirror().root.addChild({ name: 'Player', class: 'Node2D' });
  for (const name of ['hue', 'hp', 'title', 'free']) node.set(name, 0);
  node.declareVariable({ name: 'hue', type: 'float' });
  node.declareVariable({ name: 'hp', type: 'bool' });
  node.declareVariable({ name: 'title', type: 'String', default: 'none' });
  node.declareVariable({ name: 'free' });
  const stored = node.scriptVariables().map((info) => node.storedValue(info));
  expect(stored).toEqual([float(0), false, 'none', 0]);
});
