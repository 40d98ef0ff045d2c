/** When the listeners of a mirror hear of changes, and what becomes of changes when they throw. */
import { describe, expect, test } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import { encodeNode, NodeSyncFlags, SceneMirror } from '../../schema/index.ts';

function world(): SceneMirror {
  const mirror = new SceneMirror();
  mirror.root.addChild({ name: 'A', class: 'Node2D' }).addChild({ name: 'B', class: 'Node2D' });
  return mirror;
}

function throwing(): never {
  throw new Error('a listener');
}

const EVENTS = ['changed', 'nodeAdded', 'nodeRemoved', 'nodeRenamed', 'nodeMoved'] as const;

describe('a listener that throws', () => {
  test('leaves no packet half applied, and the others hear of it', () => {
    const mirror = world();
    const remote = world();
    remote.getNode('A')?.set('position', new Vector2(1, 2));
    remote.getNode('A')?.set('scale', new Vector2(3, 4));
    const heard: string[] = [];
    mirror.on('changed', throwing);
    mirror.on('changed', (_node, name) => heard.push(name));
    const packet = encodeNode(remote.getNode('A') ?? null, NodeSyncFlags.SYNC_TRANSFORM_ONLY);
    expect(() => mirror.apply(packet, { paths: ['/root/A'], properties: ['*'] })).toThrow(AggregateError);
    expect(heard).toEqual(['position', 'scale']);
    expect(mirror.getNode('A')?.get('position')).toEqual(new Vector2(1, 2));
    expect(mirror.getNode('A')?.get('scale')).toEqual(new Vector2(3, 4));
  });

  test('comes out as it is when it is the only one', () => {
    const mirror = world();
    mirror.on('changed', throwing);
    expect(() => mirror.getNode('A')?.set('position', Vector2.ONE)).toThrow(new Error('a listener'));
    expect(mirror.getNode('A')?.get('position')).toEqual(Vector2.ONE);
  });

  test('stops no change of the tree on its way', () => {
    const mirror = world();
    const heard: string[] = [];
    for (const event of EVENTS) {
      mirror.on(event, throwing);
      mirror.on(event, () => heard.push(event));
    }
    const told = (change: () => unknown): string[] => {
      heard.length = 0;
      expect(change).toThrow();
      return [...new Set(heard)];
    };
    const a = mirror.getNode('A');
    const b = mirror.getNode('A/B');
    expect(told(() => a?.set('transform', a.get('transform')))).toEqual(['changed']);
    expect(told(() => b?.reparent(mirror.root))).toEqual(['changed', 'nodeMoved']);
    expect(mirror.getNode('B')).toBe(b);
    expect(told(() => b?.rename('C'))).toEqual(['changed', 'nodeRenamed']);
    expect(told(() => b?.remove())).toEqual(['changed', 'nodeRemoved']);
    expect(mirror.getNode('C')).toBeUndefined();
    expect(told(() => a?.addChild({ name: 'D', class: 'Node' }))).toEqual(['changed', 'nodeAdded']);
    expect(mirror.getNode('A/D')?.getParent()).toBe(a);
  });
});

describe('events', () => {
  test('come when the change is whole', () => {
    const mirror = world();
    const node = mirror.getNode('A');
    const seen: unknown[] = [];
    mirror.on('changed', () => seen.push([node?.get('position'), node?.get('scale')]));
    const remote = world().getNode('A');
    remote?.set('position', Vector2.ONE);
    remote?.set('scale', new Vector2(2, 2));
    mirror.apply(encodeNode(remote ?? null, NodeSyncFlags.SYNC_TRANSFORM_ONLY), {
      paths: ['/root/A'],
      properties: ['*'],
    });
    expect(seen).toEqual([
      [Vector2.ONE, new Vector2(2, 2)],
      [Vector2.ONE, new Vector2(2, 2)],
    ]);
  });

  test('of a Range come when its value is inside its ends', () => {
    const mirror = new SceneMirror();
    const range = mirror.root.addChild({ name: 'R', class: 'HSlider', properties: { value: 50 } });
    const seen: unknown[] = [];
    mirror.on('changed', (node, name) => seen.push([name, node.get('value')]));
    range.set('max_value', 20);
    expect(seen).toEqual([
      ['max_value', 20],
      ['value', 20],
    ]);
  });

  test('of changes that a listener makes come too', () => {
    const mirror = world();
    const heard: string[] = [];
    mirror.on('changed', (node, name) => {
      heard.push(name);
      if (name === 'visible') node.setMeta('seen', true);
    });
    mirror.getNode('A')?.set('visible', false);
    expect(heard).toEqual(['visible', 'metadata/seen']);
  });
});

describe('what a mirror tells has happened', () => {
  /** Everything that plain JavaScript can call, `@internal` and protected methods as well. */
  const methodsOf = (object: object): string[] => {
    const names: string[] = [];
    for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
        if (typeof value === 'function' && name !== 'constructor') names.push(name);
    }
    return names;
  };
  const calls = ['mirror', 'node'].flatMap((kind) => {
    const mirror = world();
    const object = kind === 'mirror' ? mirror : mirror.getNode('A');
    return methodsOf(object ?? {}).map((name) => [kind, name] as const);
  });

  test('there are methods to look at', () => {
    expect(calls.map(([, name]) => name)).toEqual(
      expect.arrayContaining(['addChild', 'set', 'rpc', 'on', 'process']),
    );
  });

  test.each(calls)('%s.%s tells nothing without a change', (kind, name) => {
    for (const event of [...EVENTS, 'position']) {
      for (const order of ['event first', 'node first']) {
        const mirror = world();
        const node = mirror.getNode('A');
        const before = JSON.stringify(mirror);
        let heard = 0;
        for (const told of EVENTS) mirror.on(told, () => heard++);
        const object = (kind === 'mirror' ? mirror : node) as unknown as Record<
          string,
          (...args: unknown[]) => unknown
        >;
        try {
          object[name]?.(...(order === 'event first' ? [event, node, node] : [node, event]));
        } catch (error) {
          // What it was given is most often nothing that it takes.
          expect(error).toBeInstanceOf(Error);
        }
        if (JSON.stringify(mirror) === before) expect(heard).toBe(0);
      }
    }
  });
});

test('a node whose owner does not lie above is not added', () => {
  const mirror = world();
  const a = mirror.getNode('A');
  const b = mirror.getNode('A/B');
  expect(() => mirror.root.addChild({ name: 'X', class: 'Node', owner: b })).toThrow(
    '"owner" expected a node above this one',
  );
  expect(mirror.getNode('X')).toBeUndefined();
  expect(a?.addChild({ name: 'Y', class: 'Node', owner: a }).owner).toBe(a);
  expect(a?.addChild({ name: 'Z', class: 'Node', owner: mirror.root }).owner).toBe(mirror.root);
});
