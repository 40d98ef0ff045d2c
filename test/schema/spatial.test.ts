/** Transforms of nodes: the relations of their parts, and the bits of single precision. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Basis,
  bytesToVar,
  Quaternion,
  Transform2D,
  Transform3D,
  Vector2,
  Vector3,
} from '../../codec/index.ts';
import { type MirrorNode, SceneMirror, sceneTextToDocument } from '../../schema/index.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes } from '../support/hex.ts';

const f = Math.fround;

function make(className: string): MirrorNode {
  return new SceneMirror().root.addChild({ name: 'N', class: className });
}

/** Whether two values are the same but for `tolerance` in each component. */
function near(a: unknown, b: unknown, tolerance: number): void {
  const numbers = (value: unknown): number[] =>
    typeof value === 'number' ? [value] : Object.values(value as object).flatMap(numbers);
  const [left, right] = [numbers(a), numbers(b)];
  expect(left).toHaveLength(right.length);
  for (const [i, value] of left.entries()) {
    expect(Math.abs(value - (right[i] ?? Number.NaN)), `${left} ${right}`).toBeLessThan(tolerance);
  }
}

describe('Node2D', () => {
  test('parts to transform and back', () => {
    const node = make('Node2D');
    node.set('rotation_degrees', 90);
    node.set('scale', new Vector2(2, 3));
    node.set('position', new Vector2(5, 6));
    near(
      node.get('transform'),
      new Transform2D(new Vector2(0, 2), new Vector2(-3, 0), new Vector2(5, 6)),
      1e-6,
    );
    node.set('transform', new Transform2D(new Vector2(0, 1), new Vector2(2, 0), new Vector2(7, 8)));
    near(node.get('rotation'), Math.PI / 2, 1e-6);
    near(node.get('scale'), new Vector2(1, -2), 1e-6);
    near(node.get('skew'), 0, 1e-6);
    expect(node.get('position')).toEqual(new Vector2(7, 8));
    expect(node.get('rotation_degrees')).toBe(90);
  });

  test('global parts go through the parents; top_level does not', () => {
    const part = fc.float({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(part, part, part, part, (angle, x, y, other) => {
        const parent = make('Node2D');
        parent.set('rotation', angle);
        parent.set('scale', new Vector2(2, 0.5));
        parent.set('position', new Vector2(x, y));
        const child = parent.addChild({ name: 'C', class: 'Node2D' });
        child.set('global_position', new Vector2(y, x));
        near(child.get('global_position'), new Vector2(y, x), 1e-4);
        child.set('global_rotation', other);
        near(Math.cos(child.get('global_rotation') as number), Math.cos(other), 1e-2);
        child.set('top_level', true);
        expect(child.get('global_transform')).toEqual(child.get('transform'));
      }),
      fcParameters(100),
    );
  });
});

describe('Node3D', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../golden/packet/packets.json', import.meta.url), 'utf8'),
  ) as { nodes: { name: string; transform: [string, string][] }[] };
  const entry = golden.nodes.find(({ name }) => name === 'Node3D');
  const recorded = new Map(entry?.transform.map(([name, text]) => [name, bytesToVar(bytes(text))]));

  test('the engine’s basis of Euler angles and scale, bit for bit', () => {
    const node = make('Node3D');
    for (const name of ['scale', 'rotation', 'position']) node.set(name, recorded.get(name));
    expect(node.get('transform')).toEqual(recorded.get('transform'));
    expect(node.get('rotation')).toEqual(recorded.get('rotation'));
  });

  test('the parts of a transform that was set', () => {
    const node = make('Node3D');
    node.set('transform', recorded.get('transform'));
    near(node.get('rotation'), recorded.get('rotation'), 1e-6);
    near(node.get('scale'), recorded.get('scale'), 1e-6);
    node.set('scale', new Vector3(2, 2, 2));
    near(node.get('rotation'), recorded.get('rotation'), 1e-6);
  });

  test.each([0, 1, 2, 3, 4, 5])('Euler order %d: angles to basis and back, quaternions too', (order) => {
    const angle = fc.float({ min: f(-1.5), max: f(1.5), noNaN: true });
    fc.assert(
      fc.property(angle, angle, angle, (x, y, z) => {
        const node = make('Node3D');
        node.set('rotation_order', order);
        node.set('rotation', new Vector3(x, y, z));
        node.set('scale', new Vector3(1, 2, 3));
        const transform = node.get('transform');
        node.set('transform', transform);
        near(node.get('rotation'), new Vector3(x, y, z), 1e-3);
        near(node.get('scale'), new Vector3(1, 2, 3), 1e-5);
        node.set('quaternion', node.get('quaternion'));
        near(node.get('transform'), transform, 1e-4);
        node.set('transform', transform);
        node.set('rotation_order', (order + 1) % 6);
        near(node.get('transform'), transform, 1e-4);
      }),
      fcParameters(60),
    );
  });

  test.each([0, 1, 2, 3, 4, 5])('Euler order %d: gimbal lock', (order) => {
    for (const sign of [-1, 1]) {
      for (const axis of ['x', 'y', 'z'] as const) {
        const node = make('Node3D');
        node.set('rotation_order', order);
        const angles = { x: 0, y: 0, z: 0, [axis]: (sign * Math.PI) / 2 };
        node.set('rotation', new Vector3(angles.x, angles.y, angles.z));
        const transform = node.get('transform');
        node.set('transform', transform);
        node.set('scale', new Vector3(1, 1, 1));
        near(node.get('transform'), transform, 1e-3);
      }
    }
  });

  test('quaternion and basis', () => {
    const node = make('Node3D');
    node.set('scale', new Vector3(1, 2, 3));
    node.set('quaternion', new Quaternion(0, f(Math.SQRT1_2), 0, f(Math.SQRT1_2)));
    near(
      node.get('basis'),
      new Basis(new Vector3(0, 0, -1), new Vector3(0, 2, 0), new Vector3(3, 0, 0)),
      1e-6,
    );
    near(node.get('rotation'), new Vector3(0, Math.PI / 2, 0), 1e-5);
    expect(node.get('scale')).toEqual(new Vector3(1, 2, 3));
    for (const turned of [
      new Quaternion(1, 0, 0, 0),
      new Quaternion(0, 1, 0, 0),
      new Quaternion(0, 0, 1, 0),
    ]) {
      node.set('quaternion', turned);
      near(node.get('quaternion'), turned, 1e-6);
    }
  });

  test('global places go through the parents', () => {
    const parent = make('Node3D');
    parent.set('rotation_degrees', new Vector3(0, 90, 0));
    parent.set('position', new Vector3(1, 2, 3));
    const child = parent.addChild({ name: 'C', class: 'Node3D' });
    child.set('position', new Vector3(0, 0, 1));
    near(child.get('global_position'), new Vector3(2, 2, 3), 1e-5);
    child.set('global_position', new Vector3(1, 2, 4));
    near(child.get('position'), new Vector3(-1, 0, 0), 1e-5);
    child.set('global_rotation', new Vector3(0, 0, 0));
    near(child.get('global_basis'), new Basis(), 1e-5);
    child.set('global_transform', new Transform3D());
    near(child.get('global_transform'), new Transform3D(), 1e-5);
  });
});

describe('Control', () => {
  test('position and size are offsets; anchors push each other', () => {
    const node = make('Control');
    node.set('position', new Vector2(10, 20));
    node.set('size', new Vector2(100, 50));
    expect(['left', 'top', 'right', 'bottom'].map((side) => node.get(`offset_${side}`))).toEqual([
      10, 20, 110, 70,
    ]);
    node.set('custom_minimum_size', new Vector2(200, 0));
    expect(node.get('size')).toEqual(new Vector2(200, 50));
    node.set('anchor_left', 0.5);
    expect(node.get('anchor_right')).toBe(0.5);
    node.set('rotation_degrees', 180);
    expect(node.get('rotation')).toBe(f(Math.PI));
  });
});

describe('as the engine does', () => {
  test('rotation_order: angles change while their basis was not asked for, else the basis', () => {
    const early = make('Node3D');
    early.set('rotation', new Vector3(0.3, 0.4, 0.5));
    early.set('rotation_order', 0);
    const late = make('Node3D');
    late.set('rotation', new Vector3(0.3, 0.4, 0.5));
    const before = late.get('basis');
    late.set('rotation_order', 0);
    near(early.get('basis'), before, 1e-6);
    expect(late.get('rotation')).toEqual(new Vector3(f(0.3), f(0.4), f(0.5)));
    expect(late.get('basis')).not.toEqual(before);
    expect(() => late.set('rotation_order', 6)).toThrow('"rotation_order" expected 0..5, got 6');
    expect(late.get('rotation_order')).toBe(0);
  });

  test('rotation_edit_mode: a basis that is left gets right angles', () => {
    const node = make('Node3D');
    node.set('rotation_edit_mode', 2);
    node.set('basis', new Basis(new Vector3(2, 0, 0), new Vector3(1, 1, 0), new Vector3(0, 0, 1)));
    node.set('rotation_edit_mode', 0);
    const basis = node.get('basis');
    if (!(basis instanceof Basis)) throw new Error('no basis');
    near(
      basis,
      new Basis(new Vector3(2, 0, 0), new Vector3(0, f(Math.SQRT2), 0), new Vector3(0, 0, 1)),
      1e-6,
    );
    expect(() => node.set('rotation_edit_mode', -1)).toThrow(RangeError);
  });

  test('top_level: a Node3D in the tree stays where it is, a Node2D does not', () => {
    const parent = make('Node3D');
    parent.set('position', new Vector3(1, 2, 3));
    const node = parent.addChild({
      name: 'C',
      class: 'Node3D',
      properties: { position: new Vector3(1, 0, 0) },
    });
    node.set('top_level', true);
    expect(node.get('position')).toEqual(new Vector3(2, 2, 3));
    node.set('top_level', false);
    expect(node.get('position')).toEqual(new Vector3(1, 0, 0));
    const flat = make('Node2D');
    flat.set('position', new Vector2(1, 2));
    const child = flat.addChild({ name: 'C', class: 'Node2D' });
    child.set('top_level', true);
    expect(child.get('position')).toEqual(new Vector2(0, 0));
  });

  describe('top_level set before a Node3D comes into the tree (asked of Godot 4.6)', () => {
    const turned = { rotation: new Vector3(0.5, 7, 0.25), scale: new Vector3(1, -2, 1) };
    const properties = { position: new Vector3(1, 0, 0), ...turned, top_level: true };
    const parentOf = (name: string): MirrorNode => {
      const parent = make(name);
      if (name === 'Node3D') parent.set('position', new Vector3(1, 2, 3));
      return parent;
    };
    const expectFound = (node: MirrorNode): void => {
      expect(node.get('position')).toEqual(new Vector3(1, 0, 0));
      near(node.get('rotation'), new Vector3(-0.5, -2.424778, -0.25), 1e-5);
      near(node.get('scale'), new Vector3(-1, -2, -1), 1e-5);
    };

    test('below a Node3D its angles and scale are found out of its transform, and it stays where it is', () => {
      expectFound(parentOf('Node3D').addChild({ name: 'C', class: 'Node3D', properties }));
    });

    test('below any other node they stay as they were set', () => {
      const node = parentOf('Node').addChild({ name: 'C', class: 'Node3D', properties });
      expect([node.get('rotation'), node.get('scale')]).toEqual([turned.rotation, turned.scale]);
      node.set('top_level', false);
      expect(node.get('rotation')).toEqual(turned.rotation);
    });

    test('set inside the tree below any other node, it finds them out; reset, it does not', () => {
      const node = parentOf('Node').addChild({ name: 'C', class: 'Node3D', properties: turned });
      node.set('top_level', true);
      near(node.get('rotation'), new Vector3(-0.5, -2.424778, -0.25), 1e-5);
      node.set('rotation', turned.rotation);
      node.set('top_level', false);
      expect(node.get('rotation')).toEqual(turned.rotation);
    });

    test('a node that comes back, or moves to another parent, does so again', () => {
      const parent = parentOf('Node3D');
      const { root } = parent.mirror;
      const node = root.addChild({ name: 'C', class: 'Node3D', properties });
      node.remove();
      parent.attach(node);
      expectFound(node);
      const other = root.addChild({ name: 'D', class: 'Node3D', properties });
      other.reparent(parent, false);
      expectFound(other);
    });

    test('so it is with what lies below a node that is added, and with scenes and documents', () => {
      const child = { name: 'C', class: 'Node3D', properties };
      const added = make('Node').addChild({ name: 'P', class: 'Node3D', children: [child] });
      expectFound(added.getChild(0) as MirrorNode);
      const text = `[gd_scene format=3]
[node name="P" type="Node3D"]
position = Vector3(1, 2, 3)
[node name="C" type="Node3D" parent="."]
transform = Transform3D(0.808392, -0.237332, 0.57656, 0.217117, -1.700601, -0.479426, -0.547141, -1.02549, 0.661611, 1, 0, 0)
rotation = Vector3(0.5, 7, 0.25)
scale = Vector3(1, -2, 1)
top_level = true
`;
      const document = sceneTextToDocument(text);
      const mirror = SceneMirror.fromJSON(document);
      expectFound(mirror.getNode('P/C') as MirrorNode);
      // What a mirror wrote is a picture: nothing is found out once more.
      mirror.getNode('P/C')?.set('rotation', turned.rotation);
      const again = SceneMirror.fromJSON(JSON.parse(JSON.stringify(mirror)));
      expect(again.getNode('P/C')?.get('rotation')).toEqual(turned.rotation);
      expect(again.toJSON()).toEqual(mirror.toJSON());
    });
  });

  test('a Control outside of the tree has no space that its anchors could divide (asked of Godot 4.6)', () => {
    const parent = make('Control');
    parent.set('size', new Vector2(100, 50));
    const inner = {
      name: 'I',
      class: 'Control',
      properties: { anchor_right: 1, size: new Vector2(30, 20), position: new Vector2(3, 4) },
    };
    const outer = {
      name: 'O',
      class: 'Control',
      properties: { size: new Vector2(100, 50) },
      children: [inner],
    };
    const node = parent.addChild(outer).getChild(0);
    expect([node?.get('offset_left'), node?.get('offset_right')]).toEqual([3, 33]);
    expect(node?.get('size')).toEqual(new Vector2(130, 20));
    node?.set('position', new Vector2(5, 6));
    expect([node?.get('offset_left'), node?.get('offset_right')]).toEqual([5, 35]);
    const holder = parent.addChild({
      name: 'H',
      class: 'Control',
      properties: { size: new Vector2(100, 50) },
    });
    const late = holder.addChild({ name: 'L', class: 'Control', properties: { anchor_right: 1 } });
    holder.remove();
    late.set('size', new Vector2(30, 20));
    expect(late.get('offset_right')).toBe(30);
  });

  test('global_skew and global_rotation_degrees', () => {
    const parent = make('Node2D');
    parent.set('rotation', 1);
    parent.set('scale', new Vector2(2, 2));
    const node = parent.addChild({ name: 'C', class: 'Node2D' });
    node.set('global_skew', 0.5);
    near(node.get('global_skew'), 0.5, 1e-6);
    near(node.get('skew'), 0.5, 1e-6);
    near(node.get('global_rotation'), 1, 1e-6);
    const solid = make('Node3D');
    solid.set('rotation_degrees', new Vector3(0, 30, 0));
    const inner = solid.addChild({ name: 'C', class: 'Node3D' });
    inner.set('global_rotation_degrees', new Vector3(0, 90, 0));
    near(inner.get('rotation_degrees'), new Vector3(0, 60, 0), 1e-4);
    near(inner.get('global_rotation_degrees'), new Vector3(0, 90, 0), 1e-4);
  });

  test('a Node2D moves with a Control, which turns around its pivot', () => {
    const control = make('Control');
    control.set('position', new Vector2(10, 20));
    const node = control.addChild({ name: 'C', class: 'Node2D' });
    expect(node.get('global_position')).toEqual(new Vector2(10, 20));
    control.set('pivot_offset', new Vector2(4, 0));
    control.set('rotation_degrees', 180);
    near(node.get('global_position'), new Vector2(18, 20), 1e-5);
    node.set('global_position', new Vector2(0, 20));
    near(node.get('position'), new Vector2(18, 0), 1e-5);
    const layer = control.addChild({ name: 'L', class: 'CanvasLayer' });
    expect(layer.addChild({ name: 'N', class: 'Node2D' }).get('global_position')).toEqual(new Vector2(0, 0));
  });

  test('parents that have no inverse do not make numbers infinite', () => {
    const parent = make('Node3D');
    parent.set('scale', new Vector3(0, 1, 1));
    const node = parent.addChild({ name: 'C', class: 'Node3D' });
    node.set('global_position', new Vector3(1, 2, 3));
    expect(Object.values(node.get('position') as Vector3).every(Number.isFinite)).toBe(true);
    const flat = make('Node2D');
    flat.set('transform', new Transform2D(new Vector2(0, 0), new Vector2(0, 1), new Vector2(5, 5)));
    const child = flat.addChild({ name: 'C', class: 'Node2D' });
    child.set('global_position', new Vector2(1, 2));
    expect(child.get('position')).toEqual(new Vector2(5, 7));
  });

  test('reparenting to the same parent works the place out once more', () => {
    const parent = make('Node2D');
    const node = parent.addChild({ name: 'C', class: 'Node2D' });
    node.set('rotation', 7);
    node.reparent(parent, false);
    expect(node.get('rotation')).toBe(7);
    node.reparent(parent);
    near(node.get('rotation'), 7 - 2 * Math.PI, 1e-5);
  });

  test('a tree of any depth', () => {
    let node = make('Node2D');
    for (let i = 0; i < 20_000; i++) {
      node.set('position', new Vector2(1, 0));
      node = node.addChild({ name: 'N', class: 'Node2D' });
    }
    expect(node.get('global_position')).toEqual(new Vector2(20_000, 0));
  });
});
