/** The class table of the package against the engine's, and tables of users. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesToVar, Float, varToBytes } from '../../codec/index.ts';
import { GODOT_4_6 } from '../../schema/classes/godot46.ts';
import { ClassTable, SceneMirror } from '../../schema/index.ts';
import { bytes, hex } from '../support/hex.ts';

interface Table {
  readonly engine: string;
  readonly classes: {
    readonly [name: string]: {
      readonly inherits: string;
      readonly properties: readonly (readonly [string, string])[] | null;
    };
  };
}

function golden(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../golden/classes/${name}.json`, import.meta.url), 'utf8'));
}

const file = golden('godot-4.6') as Table;
const dev = golden('godot-4.6-dev') as Table;
const states = golden('godot-4.6-states');
const hidden = golden('godot-4.6-hidden');
const classes = Object.entries(file.classes);

function unpadded(text: string): string {
  return hex(varToBytes(bytesToVar(bytes(text), { exact: true })));
}

test('the table holds every class, and is small', () => {
  expect(ClassTable.GODOT_4_6.names().sort()).toEqual(Object.keys(file.classes).sort());
  expect(ClassTable.GODOT_4_6.engine).toBe(file.engine);
  expect(GODOT_4_6.length).toBeLessThan(100_000);
  expect(classes.length).toBeGreaterThan(200);
});

test('the packed table is what the script makes of the golden files', async () => {
  const { pack } = (await import('../../scripts/classTable.mjs' as string)) as {
    pack: (...tables: unknown[]) => unknown;
  };
  expect(GODOT_4_6).toBe(JSON.stringify(pack(file, states, hidden)));
});

test('a default node of a table without what nodes store only in some states', () => {
  const mirror = new SceneMirror({ classes: ClassTable.from(dev) });
  for (const [name, { properties }] of Object.entries(dev.classes)) {
    if (properties === null) continue;
    const node = mirror.root.addChild({ name, class: name });
    const stored = node.listed().map((info) => info.name);
    expect(stored).toEqual(properties.map(([property]) => property));
  }
  const particles = mirror.root.addChild({ name: 'P', class: 'CPUParticles2D' });
  particles.set('emission_shape', 1);
  expect(particles.listed().map((info) => info.name)).toContain('emission_sphere_radius');
});

describe('a default node', () => {
  const mirror = new SceneMirror();
  test.each(classes)('%s', (name, { inherits, properties }) => {
    const info = ClassTable.GODOT_4_6.get(name);
    expect(info?.inherits).toBe(inherits);
    expect(info?.isInstantiable).toBe(properties !== null);
    if (properties === null) {
      expect(() => mirror.root.addChild({ name, class: name })).toThrow(RangeError);
      return;
    }
    const node = mirror.root.addChild({ name, class: name });
    const stored = node
      .listed()
      .map((property) => [property.name, hex(varToBytes(node.storedValue(property) as Float))]);
    // Padding of NodePaths is not initialised in the engine; one of the table's is not zero.
    expect(stored).toEqual(properties.map(([property, value]) => [property, unpadded(value)]));
    expect([...node.properties()].map(([property]) => property)).toEqual(
      properties.map(([property]) => property),
    );
    for (const [property] of properties) expect(node.isStored(property)).toBe(true);
  });

  test.each(classes.filter(([, { properties }]) => properties !== null))(
    '%s takes its own defaults',
    (name) => {
      const node = mirror.root.addChild({ name: 'Again', class: name });
      const before = JSON.stringify(
        [...node.properties()].map(([property, value]) => [property, String(value)]),
      );
      for (const [property, value] of node.properties()) node.set(property, value);
      expect(
        JSON.stringify([...node.properties()].map(([property, value]) => [property, String(value)])),
      ).toBe(before);
      expect(node.changesSince(0).filter((change) => change !== 'value')).not.toContain('$children');
    },
  );
});

test('a parent’s property that a class hides can be set, and is not sent', () => {
  const camera = new SceneMirror().root.addChild({ name: 'C', class: 'Camera2D' });
  camera.set('clip_children', 1);
  expect(camera.get('clip_children')).toBe(1);
  expect(camera.isStored('clip_children')).toBe(false);
});

describe('ClassTable.from', () => {
  const json = {
    engine: '4.9',
    classes: {
      Base: {
        inherits: 'Node',
        properties: [
          ['a', hex(varToBytes(1))],
          ['script', hex(varToBytes(null))],
        ],
      },
      Child: {
        inherits: 'Base',
        properties: [
          ['b', hex(varToBytes(new Float(2)))],
          ['b', '00000000'],
        ],
      },
      Abstract: { inherits: 'Node', properties: null },
    },
    scripts: {
      'res://player.gd': {
        properties: [
          ['health', hex(varToBytes(100))],
          ['target', '00000000', 24],
        ],
      },
    },
  } as const;

  test('own classes and scripts above the package’s table', () => {
    const table = ClassTable.from(json, ClassTable.GODOT_4_6);
    expect(table.has('Child') && table.has('Node2D')).toBe(true);
    expect(table.get('Child')?.is('Node')).toBe(true);
    expect(table.get('Child')?.properties.map(({ name }) => name)).toEqual(['b']);
    expect(table.get('Child')?.property('a')?.isStored).toBe(false);
    const mirror = new SceneMirror({ classes: table });
    const node = mirror.root.addChild({ name: 'P', class: 'Node2D', script: 'res://player.gd' });
    expect([...node.properties()].slice(-3).map(([name]) => name)).toEqual(['script', 'health', 'target']);
    expect(node.get('health')).toBe(100);
    expect(() => node.set('health', 'many')).toThrow('"health" expected int, got String');
    expect(node.propertyInfo('health')?.width).toBeUndefined();
  });

  test('numbers of Godot’s classes are as wide in a table of another engine', () => {
    const table = ClassTable.from(file);
    expect(table.get('Node2D')?.property('rotation')?.width).toBe('f32');
    expect(table.get('Timer')?.property('wait_time')?.width).toBeUndefined();
    expect(table.get('Area2D')?.property('collision_mask')?.width).toBe('u32');
    const own = ClassTable.from(
      {
        classes: {
          Own: {
            inherits: 'Node2D',
            properties: [
              ['rotation', '0300000000000000'],
              ['mine', '0300000000000000'],
            ],
          },
        },
      },
      ClassTable.GODOT_4_6,
    );
    expect(own.get('Own')?.property('rotation')?.width).toBe('f32');
    expect(own.get('Own')?.property('mine')?.width).toBeUndefined();
  });

  test('a table that goes round in circles', () => {
    const table = ClassTable.from({
      classes: { A: { inherits: 'B', properties: [] }, B: { inherits: 'A', properties: [] } },
    });
    expect(table.get('A')?.is('B')).toBe(true);
    expect(table.get('A')?.is('C')).toBe(false);
  });

  test.each<[string, unknown]>([
    ['"json" expected', null],
    ['"json.classes" expected', { classes: [] }],
    ['"json.classes.A" expected', { classes: { A: 5 } }],
    ['"json.classes.A.inherits" expected', { classes: { A: { properties: [] } } }],
    ['"json.classes.A.properties" expected', { classes: { A: { inherits: 'B', properties: 5 } } }],
    ['"json.classes.A.properties[0]" expected', { classes: { A: { inherits: 'B', properties: [5] } } }],
    [
      '"json.classes.A.properties[0][0]" expected',
      { classes: { A: { inherits: 'B', properties: [[5, '']] } } },
    ],
    [
      '"json.classes.A.properties[0][1]" expected',
      { classes: { A: { inherits: 'B', properties: [['a', 'x']] } } },
    ],
    [
      '"json.classes.A.properties[0][2]" expected',
      { classes: { A: { inherits: 'B', properties: [['a', '', 99]] } } },
    ],
    ['"json.scripts" expected', { scripts: 5 }],
    ['"json.engine" expected', { engine: 5 }],
  ])('refuses %s', (message, table) => {
    expect(() => ClassTable.from(table as never)).toThrow(message);
  });
});
