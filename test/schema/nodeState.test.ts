import { describe, expect, test } from 'vitest';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { float } from '../../codec/values/Float.ts';
import { NodePath } from '../../codec/values/NodePath.ts';
import { StringName } from '../../codec/values/StringName.ts';
import { Transform3D } from '../../codec/values/transform.ts';
import type { VariantValue } from '../../codec/values/variantValue.ts';
import { Vector2, Vector3 } from '../../codec/values/vector.ts';
import {
  NodeStateKey,
  NodeStateType,
  NodeSyncFlags,
  nodeSyncForm,
  readNodeState,
} from '../../schema/mirror/nodeState.ts';

function node(type: string, more: Record<string, VariantValue> = {}): Dictionary<VariantValue, VariantValue> {
  return new Dictionary<VariantValue, VariantValue>([
    [NodeStateKey.TYPE, type],
    [NodeStateKey.CLASS, 'Node2D'],
    [NodeStateKey.PATH, new NodePath('/root/A')],
    [NodeStateKey.NAME, new StringName('A')],
    ...Object.entries(more),
  ]);
}

const flat: Record<string, VariantValue> = {
  position: new Vector2(1, 2),
  rotation: 0.5,
  scale: new Vector2(1, 1),
};
const spatial: Record<string, VariantValue> = {
  transform: new Transform3D(),
  position: new Vector3(1, 2, 3),
  rotation: new Vector3(),
  scale: new Vector3(1, 1, 1),
};

describe('10.3 flags', () => {
  test('the constants', () => {
    expect(NodeSyncFlags).toEqual({
      SYNC_PROPERTIES: 1,
      SYNC_METADATA_ONLY: 2,
      SYNC_TRANSFORM_ONLY: 4,
      SYNC_CUSTOM: 8,
    });
  });

  test.each([
    ['custom', [8, 9, 10, 11, 12, 13, 14, 15, 24]],
    ['properties', [1, 3, 5, 7, 17]],
    ['transform', [4, 6, 20]],
    ['metadata', [0, 2, 16, 32]],
  ] as const)('%s', (form, flags) => {
    for (const value of flags) expect(nodeSyncForm(value)).toBe(form);
  });
});

describe('readNodeState', () => {
  test('each form', () => {
    const properties = new Dictionary<VariantValue, VariantValue>([['visible', true]]);
    expect(readNodeState(node(NodeStateType.metadata))).toEqual({
      form: 'metadata',
      class: 'Node2D',
      path: new NodePath('/root/A'),
      name: 'A',
      properties: undefined,
      transform: undefined,
      custom: undefined,
      customBytes: undefined,
    });
    expect(readNodeState(node('node', { properties, ...flat }))).toMatchObject({
      form: 'properties',
      properties,
      transform: { dimensions: 2, position: new Vector2(1, 2), rotation: 0.5 },
    });
    expect(readNodeState(node('node_transform', spatial))?.transform).toEqual({ dimensions: 3, ...spatial });
    expect(readNodeState(node('node_transform'))?.transform).toBeUndefined();
    expect(readNodeState(node('node_custom', { custom: properties }))?.custom).toBe(properties);
    const bytes = Uint8Array.of(1);
    expect(readNodeState(node('node_custom', { custom_bytes: bytes }))?.customBytes).toBe(bytes);
    expect(readNodeState(node('node_custom'))).toMatchObject({ form: 'custom', custom: undefined });
  });

  test('the exact view of the rotation, and a plain string as name', () => {
    const state = readNodeState(node('node_transform', { ...flat, rotation: float(1) }).set('_name', 'B'));
    expect(state).toMatchObject({ name: 'B', transform: { rotation: 1 } });
  });

  test('keys that the form does not have are not looked at', () => {
    expect(readNodeState(node('node_meta', { position: 'nonsense', custom: 5 }))?.form).toBe('metadata');
  });

  test.each<[string, VariantValue]>([
    ['null', null],
    ['an array', [1]],
    ['an empty Dictionary', new Dictionary()],
    ['an unknown _type', node('node_other')],
    ['a _type that is no text', node('node_meta').set('_type', 5)],
    ['a _class that is no text', node('node_meta').set('_class', 5)],
    ['a _path that is text', node('node_meta').set('_path', '/root')],
    ['a _name that is no text', node('node_meta').set('_name', null)],
    ['properties missing', node('node')],
    ['properties of another type', node('node', { properties: [1] })],
    ['a position of another type', node('node_transform', { ...flat, position: new Vector3() })],
    ['a rotation of another type', node('node_transform', { ...flat, rotation: 'x' })],
    ['half a transform', node('node_transform', { position: new Vector2() })],
    ['half a 3D transform', node('node_transform', { ...spatial, scale: null })],
    ['a 3D transform with 2D parts', node('node_transform', { ...spatial, position: new Vector2() })],
    ['custom of another type', node('node_custom', { custom: 5 })],
    ['custom bytes of another type', node('node_custom', { custom_bytes: 'x' })],
  ])('refuses %s', (_name, value) => {
    expect(readNodeState(value)).toBeUndefined();
  });
});
