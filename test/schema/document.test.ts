/** Scene documents: identity through JSON, the compiled schema, errors with JSON paths. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Basis,
  Float,
  Quaternion,
  Transform2D,
  Transform3D,
  Vector2,
  Vector3,
  varToBytes,
} from '../../codec/index.ts';
import {
  ClassTable,
  encodeNode,
  type MirrorNode,
  parseSceneValue,
  ResourceReference,
  SCENE_SCHEMA_URL,
  SceneError,
  SceneMirror,
  toSceneValue,
  validateScene,
} from '../../schema/index.ts';
import { fcParameters } from '../support/fc.ts';
import { hex } from '../support/hex.ts';
import { exactVariant } from '../support/variantArbitrary.ts';

const root = new URL('../../', import.meta.url);
const CLASSES = ClassTable.GODOT_4_6.names().filter((name) => ClassTable.GODOT_4_6.get(name)?.isInstantiable);

/** Every node's packets with all kinds of flags: what the mirror is, as far as peers can tell. */
function packets(mirror: SceneMirror): string[] {
  return [...mirror.root.walk()].flatMap((node) => [1, 4].map((flags) => hex(encodeNode(node, flags))));
}

function through(mirror: SceneMirror): SceneMirror {
  return SceneMirror.fromJSON(JSON.parse(JSON.stringify(mirror)));
}

function restored(mirror: SceneMirror): SceneMirror {
  const copy = new SceneMirror();
  copy.restore(JSON.parse(JSON.stringify(mirror)));
  return copy;
}

describe('values', () => {
  test('JSON loses nothing', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const back = parseSceneValue(JSON.parse(JSON.stringify(toSceneValue(value))));
        expect(toSceneValue(back)).toEqual(toSceneValue(value));
        expect(hex(varToBytes(back as Float))).toBe(
          hex(varToBytes(parseSceneValue(toSceneValue(value)) as Float)),
        );
      }),
      fcParameters(),
    );
  });

  test.each<[unknown, unknown]>([
    [5, 'i:5'],
    [2n ** 63n - 1n, 'i:9223372036854775807'],
    [new Float(1), 'f:1.0'],
    [0.1, 'f:0.1'],
    [-0, 'f:-0.0'],
    [5e-324, 'f:5e-324'],
    [Number.NaN, 'f:nan'],
    [Number.NEGATIVE_INFINITY, 'f:-inf'],
    [new Vector2(-0, Number.POSITIVE_INFINITY), { type: 'Vector2', args: ['-0.0', 'inf'] }],
    [new ResourceReference('SubResource', 'a'), { type: 'SubResource', id: 'a' }],
  ])('%o is %o', (value, json) => {
    expect(toSceneValue(value)).toEqual(json);
    expect(toSceneValue(parseSceneValue(json))).toEqual(json);
  });

  test.each<[unknown, string]>([
    [5, '$'],
    ['5', '$'],
    ['i:x', '$'],
    ['i:9223372036854775808', '$'],
    ['f:0x10', '$'],
    ['s:a\0', '$'],
    [undefined, '$'],
    [[null, 'x'], '$[1]'],
    [{}, '$.type'],
    [{ type: 'Vector2' }, '$.args'],
    [{ type: 'Vector2', args: [1] }, '$.args'],
    [{ type: 'Vector2', args: [1, null] }, '$.args[1]'],
    [{ type: 'Vector2i', args: [1, 2.5] }, '$.args'],
    [{ type: 'int', args: [] }, '$.type'],
    [{ type: 'Nope' }, '$.props'],
    [{ type: 'PackedByteArray', args: [256] }, '$.args[0]'],
    [{ type: 'PackedInt64Array', args: ['9223372036854775808'] }, '$.args[0]'],
    [{ type: 'PackedVector2Array', args: [1, 2, 3] }, '$.args'],
    [{ type: 'Dictionary', args: [null] }, '$.args'],
    [{ type: 'EncodedObjectAsID' }, '$.id'],
    [{ type: 'float', bits: '0000000000000000' }, '$.bits'],
    [{ type: '__proto__' }, '$.props'],
  ])('%j is refused at %s', (json, path) => {
    let error: unknown;
    try {
      parseSceneValue(json);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SceneError);
    expect(error).toMatchObject({ code: 'ERR_SCENE_VALUE', path });
  });

  test('nested too deep', () => {
    let json: unknown = null;
    for (let i = 0; i < 1025; i++) json = [json];
    expect(() => parseSceneValue(json)).toThrow(SceneError);
  });
});

describe('mirror to JSON to mirror', () => {
  const real = fc.float({ noNaN: true, min: -1000, max: 1000 });
  const edit = fc.oneof(
    fc.record({
      kind: fc.constant('add' as const),
      at: fc.nat(),
      name: fc.string(),
      of: fc.nat(),
      group: fc.string(),
    }),
    fc.record({ kind: fc.constant('meta' as const), at: fc.nat(), value: exactVariant }),
    fc.record({ kind: fc.constant('own' as const), at: fc.nat(), pick: fc.nat(), from: fc.nat() }),
    fc.record({
      kind: fc.constant('place' as const),
      at: fc.nat(),
      pick: fc.nat(),
      x: real,
      y: real,
      z: real,
    }),
    fc.record({
      kind: fc.constant('variable' as const),
      at: fc.nat(),
      name: fc.string(),
      value: exactVariant,
    }),
  );
  type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

  function perform(mirror: SceneMirror, step: Edit): void {
    const nodes = [...mirror.root.walk()];
    const node = nodes[step.at % nodes.length];
    if (node === undefined) return;
    try {
      if (step.kind === 'add') {
        const child = node.addChild({ name: step.name, class: CLASSES[step.of % CLASSES.length] ?? 'Node' });
        child.owner = mirror.root;
        child.addToGroup(step.group);
      } else if (step.kind === 'meta') node.setMeta('m', step.value);
      else if (step.kind === 'variable') node.set(step.name, step.value);
      else if (step.kind === 'own') {
        const list = [...node.properties()];
        const [name] = list[step.pick % list.length] ?? [''];
        // Another node's property of the same name may have another value.
        const value = nodes[step.from % nodes.length]?.get(name);
        if (value !== undefined) node.set(name, value);
      } else place(node, step.pick, step.x, step.y, step.z);
    } catch (error) {
      // Names and values that Godot does not take.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    }
  }

  function place(node: MirrorNode, pick: number, x: number, y: number, z: number): void {
    const flat: [string, unknown][] = [
      ['position', new Vector2(x, y)],
      ['rotation', x],
      ['scale', new Vector2(x, y)],
      ['skew', x / 1000],
      ['transform', new Transform2D(new Vector2(x, y), new Vector2(y, z), new Vector2(z, x))],
      ['global_position', new Vector2(x, y)],
    ];
    const solid: [string, unknown][] = [
      ['position', new Vector3(x, y, z)],
      ['rotation', new Vector3(x, y, z)],
      ['scale', new Vector3(x, y, z)],
      ['quaternion', new Quaternion(x, y, z, 1)],
      ['rotation_order', Math.abs(Math.trunc(x)) % 6],
      ['global_rotation', new Vector3(x, y, z)],
    ];
    const list = node.isClass('Node3D') ? solid : node.isClass('Node2D') ? flat : [];
    const [name, value] = list[pick % list.length] ?? [];
    if (name !== undefined) node.set(name, value);
  }

  test('is the identity after any edits', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 25 }), (steps) => {
        const mirror = new SceneMirror();
        for (const step of steps) perform(mirror, step);
        const copy = through(mirror);
        expect(copy.toJSON()).toEqual(mirror.toJSON());
        // Instance ids are of one process; nothing here makes any.
        expect(packets(copy)).toEqual(packets(mirror));
      }),
      fcParameters(60),
    );
  });

  test('a Node2D that was pressed flat and turned', () => {
    const mirror = new SceneMirror();
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D' });
    node.set('transform', new Transform2D(new Vector2(0, 0), new Vector2(0, 0), new Vector2(0, 0)));
    node.set('rotation', 1);
    const copy = through(mirror);
    expect(copy.toJSON()).toEqual(mirror.toJSON());
    expect(packets(copy)).toEqual(packets(mirror));
  });

  test.each([
    [1.1210387714598537e-44, 0.0625],
    [2.6469782757140506e-23, 2.6469782757140506e-23],
    [4.229026129684072e-16, -4.229026129684072e-16],
    [0, 0.5],
    [0.5, 0],
  ])('a Node2D whose scale no setter takes: its transform has axes of %f and %f', (x, y) => {
    const mirror = new SceneMirror();
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D' });
    node.set('transform', new Transform2D(new Vector2(x, 0), new Vector2(0, y), new Vector2(1, 2)));
    node.set('position', new Vector2(3, 4));
    for (const copy of [through(mirror), restored(mirror)]) {
      expect(copy.toJSON()).toEqual(mirror.toJSON());
      expect(packets(copy)).toEqual(packets(mirror));
    }
  });

  test('any tree becomes any other one', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 15 }),
        fc.array(edit, { maxLength: 15 }),
        fc.array(edit, { maxLength: 15 }),
        (both, ofOne, ofOther) => {
          // Nobody takes a variable away from the root, which cannot be made again.
          const isOfRoot = (mirror: SceneMirror, step: Edit): boolean =>
            step.kind === 'variable' && step.at % [...mirror.root.walk()].length === 0;
          const [one, other] = [both.concat(ofOne), both.concat(ofOther)].map((steps) => {
            const mirror = new SceneMirror();
            for (const step of steps) if (!isOfRoot(mirror, step)) perform(mirror, step);
            return mirror;
          });
          if (one === undefined || other === undefined) return;
          const kept = [...other.root.walk()].map((node) => [node.getPath().toString(), node] as const);
          other.restore(JSON.parse(JSON.stringify(one)));
          expect(other.toJSON()).toEqual(one.toJSON());
          expect(packets(other)).toEqual(packets(one));
          other.restore(JSON.parse(JSON.stringify(one)));
          for (const [path, node] of kept) if (!node.isFreed) expect(other.getNode(path), path).toBe(node);
        },
      ),
      fcParameters(60),
    );
  });

  const turned = new Transform3D(
    new Basis(new Vector3(0, 0.5, 1), new Vector3(-2, 0.25, 0), new Vector3(0.125, 0.5, 1)),
    new Vector3(1, 2, 3),
  );
  test.each<[string, unknown, unknown]>([
    ['rotation_order', 0, 2],
    ['rotation_order', 2, 0],
    ['rotation_edit_mode', 2, 0],
    ['rotation_edit_mode', 0, 2],
    ['top_level', true, false],
    ['top_level', false, true],
  ])('a Node3D in the same place becomes one with another %s: from %s to %s', (name, from, to) => {
    const treeWith = (value: unknown, place: string): SceneMirror => {
      const mirror = new SceneMirror();
      const parent = mirror.root.addChild({ name: 'A', class: 'Node3D' });
      parent.set('position', new Vector3(1, 2, 3));
      const node = parent.addChild({ name: 'B', class: 'Node3D' });
      node.set(name, value);
      if (place !== 'unmoved') node.set('transform', turned);
      if (place === 'rotation') node.set('rotation', new Vector3(1, -1, 0.5));
      if (place === 'unmoved')
        for (const part of ['rotation', 'position']) node.set(part, new Vector3(0, 0, 0));
      return mirror;
    };
    for (const place of ['transform', 'rotation', 'unmoved']) {
      const [one, other] = [treeWith(to, place), treeWith(from, place)];
      other.restore(JSON.parse(JSON.stringify(one)));
      for (const copy of [other, through(one)]) {
        expect(copy.toJSON(), place).toEqual(one.toJSON());
        expect(packets(copy), place).toEqual(packets(one));
      }
    }
  });

  test('nodes of all classes as they are made have nothing but name and class', () => {
    for (const name of CLASSES) {
      const mirror = new SceneMirror();
      mirror.root.addChild({ name: 'A', class: name });
      expect(mirror.toJSON().root.children).toEqual([{ name: 'A', class: name }]);
    }
  });

  test('a transform that is set to the identity: angles with the sign of zero that the engine finds', () => {
    const mirror = new SceneMirror();
    const node = mirror.root.addChild({ name: 'A', class: 'Node3D' });
    node.set('transform', node.get('transform'));
    const copy = through(mirror);
    expect(node.get('rotation')).toEqual(new Vector3(-0, 0, 0));
    expect(copy.toJSON()).toEqual(mirror.toJSON());
    expect(packets(copy)).toEqual(packets(mirror));
  });

  test('owner, instance, variables, unknown classes, made-up names', () => {
    const mirror = new SceneMirror();
    const main = mirror.root.addChild({ name: 'Main', class: 'Node' });
    const own = main.addChild({
      name: 'A',
      class: 'Spinner',
      base: 'Node3D',
      declared: [{ name: 'speed', type: 'float', default: 2, value: 3 }],
      scriptVariables: [{ name: 'tags', type: 'Array[String]', value: ['a'] }, { name: 'any' }],
      instance: 'res://a.tscn',
    });
    own.owner = main;
    main.addChild({ name: 'A', class: 'Node' });
    const copy = through(mirror);
    expect(copy.toJSON()).toEqual(mirror.toJSON());
    expect(copy.getNode('Main/A')?.owner).toBe(copy.getNode('Main'));
    expect(copy.getNode('Main')?.getChild(1)?.name).toBe('@Node@2');
    expect(packets(copy)).toEqual(packets(mirror));
  });

  test('a scene whose root is no Window comes below /root', () => {
    const mirror = SceneMirror.fromJSON({
      $schema: SCENE_SCHEMA_URL,
      format: 1,
      root: { name: 'Level', class: 'Node2D', children: [{ name: 'Hero', class: 'Sprite2D', owner: '.' }] },
    });
    expect(mirror.getNode('/root/Level/Hero')?.owner?.name).toBe('Level');
  });
});

describe('the schema', () => {
  test('the compiled validator is fresh, imports nothing and makes no functions from text', async () => {
    const { generate } = (await import('../../scripts/sceneValidator.mjs' as string)) as {
      generate: () => string;
    };
    const source = readFileSync(new URL('schema/validators/sceneValidator.ts', root), 'utf8');
    expect(source).toBe(generate());
    expect(source).not.toMatch(/\bimport\b|\brequire\b|new Function|\beval\b/);
  });

  test('its URL is that of the documents', () => {
    const schema = JSON.parse(readFileSync(new URL('schema/scene.schema.json', root), 'utf8')) as {
      $id: string;
    };
    expect(schema.$id).toBe(SCENE_SCHEMA_URL);
    expect(new SceneMirror().toJSON().$schema).toBe(SCENE_SCHEMA_URL);
  });

  const node = { name: 'A', class: 'Node' };
  test.each<[unknown, string, string]>([
    [null, '$', 'expected object'],
    [{}, '$.format', 'to be there'],
    [{ format: 2, root: node }, '$.format', 'expected 1'],
    [{ format: 1 }, '$.root', 'to be there'],
    [{ format: 1, root: node, more: 1 }, '$.more', 'unknown'],
    [{ format: 1, root: { name: 'A' } }, '$.root.class', 'to be there'],
    [{ format: 1, root: { ...node, name: 5 } }, '$.root.name', 'expected string'],
    [{ format: 1, root: { ...node, name: '' } }, '$.root.name', 'matches'],
    [{ format: 1, root: { ...node, children: [node, 5] } }, '$.root.children[1]', 'expected object'],
    [{ format: 1, root: { ...node, groups: ['a', 5] } }, '$.root.groups[1]', 'expected string'],
    [
      { format: 1, root: { ...node, properties: { visible: 5 } } },
      '$.root.properties.visible',
      'expected null',
    ],
    [{ format: 1, root: { ...node, properties: { visible: 'x' } } }, '$.root.properties.visible', 'matches'],
    [
      { format: 1, root: { ...node, metadata: { a: { args: [] } } } },
      '$.root.metadata.a.type',
      'to be there',
    ],
  ])('%j is refused at %s', (document, path, message) => {
    let error: unknown;
    try {
      validateScene(document);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SceneError);
    expect(error).toMatchObject({ code: 'ERR_SCENE_SCHEMA', path });
    expect((error as SceneError).issues[0]?.message).toContain(message);
  });

  test.each<[string, object, string]>([
    ['an unknown class', { name: 'A', class: 'Nope' }, '$.root'],
    ['an abstract class', { name: 'A', class: 'CanvasItem' }, '$.root'],
    ['an invalid name', { name: 'a/b', class: 'Node' }, '$.root.name'],
    ['siblings of one name', { ...node, children: [node, node] }, '$.root.children[1].name'],
    [
      'a value of another type',
      { ...node, properties: { process_mode: 's:x' } },
      '$.root.properties.process_mode',
    ],
    ['metadata of a bad name', { ...node, metadata: { 'a b': null } }, '$.root.metadata.a b'],
    [
      'an owner that is not above',
      { ...node, children: [{ ...node, owner: 'B' }] },
      '$.root.children[0].owner',
    ],
    ['an empty group', { ...node, groups: [''] }, '$.root.groups[0]'],
    [
      'a variable without a name',
      { ...node, scriptVariables: [{ name: 'v', type: 'int', value: 's:x' }] },
      '$.root.scriptVariables[0]',
    ],
  ])('%s is refused', (_name, rootNode, path) => {
    let error: unknown;
    try {
      SceneMirror.fromJSON({ format: 1, root: rootNode });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'ERR_SCENE_NODE', path });
  });

  test('a document nested without end', () => {
    let json: object = { name: 'A', class: 'Node' };
    for (let i = 0; i < 100_000; i++) json = { name: 'A', class: 'Node', children: [json] };
    expect(() => SceneMirror.fromJSON({ format: 1, root: json })).toThrow('ERR_SCENE_DEPTH');
  });
});
