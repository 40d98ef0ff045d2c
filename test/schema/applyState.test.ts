/** Received node packets on a mirror: applied whole and within the limits, or not at all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Dictionary,
  float,
  NodePath,
  StringName,
  type VariantValue,
  Vector2,
  Vector3,
  varToBytes,
} from '../../codec/index.ts';
import {
  type ApplyLimits,
  encodeNode,
  type MirrorNode,
  nodeDictionary,
  SceneMirror,
} from '../../schema/index.ts';
import { fcParameters } from '../support/fc.ts';
import { exactVariant } from '../support/variantArbitrary.ts';

function world(): { mirror: SceneMirror; node: MirrorNode } {
  const mirror = new SceneMirror();
  const main = mirror.root.addChild({ name: 'Main', class: 'Node' });
  const node = main.addChild({
    name: 'P',
    class: 'Node2D',
    scriptVariables: [{ name: 'health', type: 'int', value: 100 }],
    metadata: { score: 1 },
  });
  main.addChild({ name: 'Other', class: 'Node3D' });
  return { mirror, node };
}

const limits: ApplyLimits = {
  paths: ['/root/Main/P'],
  properties: ['position', 'rotation', 'scale', 'health', 'metadata/*'],
};

/** A NODE packet of any dictionary. */
function packet(dictionary: VariantValue): Uint8Array {
  return Uint8Array.of(5, ...varToBytes(dictionary));
}

/** A packet with properties for the node P. */
function update(properties: readonly (readonly [string, VariantValue])[]): Uint8Array {
  return packet(
    new Dictionary<VariantValue, VariantValue>([
      ['_type', 'node'],
      ['_class', 'Node2D'],
      ['_path', new NodePath('/root/Main/P')],
      ['_name', new StringName('P')],
      ['properties', new Dictionary<VariantValue, VariantValue>(properties)],
    ]),
  );
}

describe('applied', () => {
  test('a full packet of a copy: only what differs, and only that needs permission', () => {
    const { mirror, node } = world();
    const remote = world().node;
    remote.set('position', new Vector2(3, 4));
    remote.set('health', 50);
    remote.setMeta('score', 2);
    expect(mirror.apply(encodeNode(remote, 1), limits)).toEqual({
      applied: true,
      node,
      changed: ['position', 'health', 'metadata/score'],
    });
    expect(encodeNode(node, 1)).toEqual(encodeNode(remote, 1));
    expect(mirror.apply(encodeNode(remote, 1), limits)).toMatchObject({ changed: [] });
  });

  test('a Dictionary as the server delivers it, transform and metadata forms', () => {
    const { mirror, node } = world();
    const remote = world().node;
    remote.set('rotation', 0.5);
    expect(mirror.apply(nodeDictionary(remote, 4), limits)).toMatchObject({ changed: ['rotation'] });
    expect(node.get('rotation')).toBe(0.5);
    expect(mirror.apply(encodeNode(remote, 2), limits)).toMatchObject({ applied: true, changed: [] });
  });

  test('3D: transform, angles and scale to the last bit', () => {
    const [here, there] = [world().mirror, world().mirror];
    const remote = there.getNode('Main/Other');
    remote?.set('rotation', new Vector3(0.1, 0.2, 0.3));
    remote?.set('scale', new Vector3(1, 2, 3));
    const all: ApplyLimits = { paths: () => true, classes: ['Node*'], properties: () => true };
    expect(here.apply(encodeNode(remote ?? null, 4), all)).toMatchObject({ applied: true });
    expect(encodeNode(here.getNode('Main/Other') ?? null, 1)).toEqual(encodeNode(remote ?? null, 1));
  });

  test('custom data goes to its taker; others may be skipped', () => {
    const { mirror } = world();
    const remote = world().node;
    remote._serializeForNetwork = () => ({ hp: 3 });
    const taken: unknown[] = [];
    expect(
      mirror.apply(encodeNode(remote, 8), { ...limits, custom: (_node, value) => taken.push(value) }),
    ).toMatchObject({ applied: true });
    expect(taken).toEqual([new Dictionary([['hp', 3n]])]);
    remote.set('z_index', 5);
    remote.set('health', 1);
    expect(mirror.apply(encodeNode(remote, 1), { ...limits, others: 'skip' })).toMatchObject({
      changed: ['health'],
    });
  });
});

describe('refused, and nothing is changed', () => {
  const meta = (more: Record<string, VariantValue>): Uint8Array =>
    packet(
      new Dictionary<VariantValue, VariantValue>([
        ['_type', 'node_meta'],
        ['_class', more['_class'] ?? 'Node2D'],
        ['_path', more['_path'] ?? new NodePath('/root/Main/P')],
        ['_name', more['_name'] ?? new StringName('P')],
      ]),
    );

  test.each<[string, unknown, string]>([
    ['no bytes', new Uint8Array(0), 'malformed'],
    ['a VARIANT packet', Uint8Array.of(1, 0, 0, 0, 0), 'malformed'],
    ['a text', 'x', 'malformed'],
    ['another dictionary', packet(new Dictionary([['a', 1]])), 'malformed'],
    ['too many bytes', new Uint8Array(70_000).fill(5), 'too-large'],
    ['another path', meta({ _path: new NodePath('/root/Main') }), 'path-not-allowed'],
    ['a relative path', meta({ _path: new NodePath('Main/P') }), 'path-not-allowed'],
    ['a way around', meta({ _path: new NodePath('/root/Main/Other/../P') }), 'path-not-allowed'],
    ['a name with slashes', meta({ _path: new NodePath(['root/Main', 'P'], [], true) }), 'path-not-allowed'],
    ['a path with subnames', meta({ _path: new NodePath('/root/Main/P:position') }), 'path-not-allowed'],
    ['another class', meta({ _class: 'Node' }), 'other-node'],
    ['another name', meta({ _name: new StringName('Q') }), 'other-node'],
    [
      'a property that is not allowed',
      update([
        ['health', 1],
        ['z_index', 9],
      ]),
      'property-not-allowed',
    ],
    [
      'an unknown property',
      update([
        ['health', 1],
        ['nope', 9],
      ]),
      'unknown-property',
    ],
    ['__proto__', update([['__proto__', new Dictionary([['polluted', true]])]]), 'unknown-property'],
    ['a value of a wrong type', update([['health', 'many']]), 'wrong-type'],
    ['metadata of a bad name', update([['metadata/a b', 1]]), 'unknown-property'],
    ['NaN', update([['position', new Vector2(Number.NaN, 0)]]), 'not-finite'],
    ['infinity in metadata', update([['metadata/x', [float(Number.POSITIVE_INFINITY)]]]), 'not-finite'],
    ['custom data', encodeNode(world().node, 8), 'custom-not-allowed'],
  ])('%s', (_name, input, reason) => {
    const { mirror } = world();
    const before = JSON.stringify(mirror);
    const allowed = { ...limits, properties: [...(limits.properties as string[]), 'nope', '__proto__'] };
    expect(mirror.apply(input, allowed)).toMatchObject({ applied: false, reason });
    expect(JSON.stringify(mirror)).toBe(before);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('a path that is allowed but leads nowhere, a class that is not allowed', () => {
    const { mirror } = world();
    const nowhere = meta({ _path: new NodePath('/root/Main/Q') });
    expect(mirror.apply(nowhere, { paths: ['/root/Main/*'], properties: [] })).toMatchObject({
      reason: 'unknown-node',
    });
    expect(mirror.apply(meta({}), { ...limits, classes: ['Node3D'] })).toMatchObject({
      reason: 'class-not-allowed',
    });
  });

  test('whatever the packet holds, only what is allowed changes', () => {
    const properties = fc.array(
      fc.tuple(
        fc.oneof(
          fc.constantFrom(
            'position',
            'health',
            'z_index',
            'script',
            'metadata/a',
            '__proto__',
            'name',
            'owner',
            'global_position',
          ),
          fc.string(),
        ),
        exactVariant,
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(properties, fc.constantFrom('refuse', 'skip'), (entries, others) => {
        const { mirror, node } = world();
        const clean = entries.filter(([name]) => !name.includes('\0'));
        const before = new Map(node.properties());
        const rest = JSON.stringify(mirror.getNode('Main/Other')?.revision);
        const result = mirror.apply(update(clean), {
          ...limits,
          properties: ['position', 'metadata/a'],
          others: others as 'skip',
        });
        if (!result.applied) expect(new Map(node.properties())).toEqual(before);
        for (const [name, value] of node.properties()) {
          if (name !== 'position' && name !== 'metadata/a') expect(value).toEqual(before.get(name));
        }
        expect(JSON.stringify(mirror.getNode('Main/Other')?.revision)).toBe(rest);
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
      }),
      fcParameters(),
    );
  });

  test('any bytes', () => {
    const { mirror } = world();
    const before = JSON.stringify(mirror);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(mirror.apply(Uint8Array.of(5, ...bytes), limits).applied).toBe(false);
      }),
      fcParameters(),
    );
    expect(JSON.stringify(mirror)).toBe(before);
  });
});

describe('a Node3D', () => {
  const allowed: ApplyLimits = { paths: ['/root/A/B'], properties: ['*'] };

  function pair(): { mirror: SceneMirror; here: MirrorNode; there: MirrorNode } {
    const make = (): SceneMirror => {
      const mirror = new SceneMirror();
      const parent = mirror.root.addChild({ name: 'A', class: 'Node3D' });
      parent.set('position', new Vector3(1, 2, 3));
      parent.addChild({ name: 'B', class: 'Node3D' }).set('position', new Vector3(4, 5, 6));
      return mirror;
    };
    const mirror = make();
    const [here, there] = [mirror.getNode('A/B'), make().getNode('A/B')];
    if (here === undefined || there === undefined) throw new Error('no node');
    return { mirror, here, there };
  }

  test.each<[string, (node: MirrorNode) => void]>([
    ['top_level', (node) => node.set('top_level', true)],
    [
      'top_level with the same local place',
      (node) => {
        const place = node.get('transform');
        node.set('top_level', true);
        node.set('transform', place);
      },
    ],
    [
      'rotation_order',
      (node) => {
        node.set('rotation', new Vector3(0.1, 0.2, 0.3));
        node.set('rotation_order', 5);
      },
    ],
    [
      'rotation_edit_mode',
      (node) => {
        node.set('rotation_edit_mode', 2);
        node.set('scale', new Vector3(2, 3, 4));
      },
    ],
  ])('is where the packet says, to the last bit: %s', (_name, change) => {
    const { mirror, here, there } = pair();
    change(there);
    const packet = encodeNode(there, 1);
    expect(mirror.apply(packet, allowed)).toMatchObject({ applied: true });
    expect(encodeNode(here, 1)).toEqual(packet);
  });

  test('is not given an order of rotation that there is not', () => {
    const { mirror, here, there } = pair();
    const before = encodeNode(here, 1);
    const state = nodeDictionary(there, 1);
    const properties = state.get('properties');
    if (!(properties instanceof Dictionary)) throw new Error('no properties');
    properties.set('visible', false);
    properties.set('rotation_order', 6);
    expect(mirror.apply(state, allowed)).toMatchObject({ applied: false, reason: 'out-of-range' });
    expect(encodeNode(here, 1)).toEqual(before);
  });
});
