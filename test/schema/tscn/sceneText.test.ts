/** Text scenes (variant-codec 9.5): the files in `scenes/` with their expected documents, and malformed ones. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Float, StringName } from '../../../codec/index.ts';
import {
  buildSceneTree,
  readSceneText,
  SceneTextError,
  type SceneTextIssue,
  sceneTextToDocument,
} from '../../../schema/tscn/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { expectedScene, SCENE_FILES, sceneFile, sceneOptions } from './sceneFiles.ts';

describe('the scenes', () => {
  test('there are at least 20', () => expect(SCENE_FILES.length).toBeGreaterThanOrEqual(20));

  test.each(SCENE_FILES)('%s gives the expected document', (name) => {
    const issues: string[] = [];
    const { root } = sceneTextToDocument(sceneFile(name), sceneOptions(name, issues));
    const expected = expectedScene(name);
    expect(root).toEqual(expected.root);
    // The order of properties and metadata is that of the file.
    expect(JSON.stringify(root)).toBe(JSON.stringify(expected.root));
    expect(issues).toEqual(expected.issues);
  });

  test.each(SCENE_FILES)('%s with other line ends has the same nodes', (name) => {
    const text = sceneFile(name);
    const other = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n');
    const without = (json: string): unknown => JSON.parse(json.replaceAll('\\r', ''));
    const { root } = sceneTextToDocument(other, sceneOptions(name));
    expect(without(JSON.stringify(root))).toEqual(without(JSON.stringify(expectedScene(name).root)));
  });

  test.each(SCENE_FILES)('%s cut off anywhere is read or refused with a place', (name) => {
    const text = sceneFile(name);
    for (let length = 0; length < text.length; length++) {
      try {
        sceneTextToDocument(text.slice(0, length), sceneOptions(name));
      } catch (error) {
        if (!(error instanceof SceneTextError)) throw error;
        expect(error.file).toMatch(/^res:/);
        expect(error.offset).toBeLessThanOrEqual(length);
      }
    }
  });
});

describe('what the document of a file says', () => {
  test('headings, resources, connections', () => {
    const scene = readSceneText(sceneFile('sub_resources.tscn'), { file: 'a.tscn' });
    expect(scene).toMatchObject({
      kind: 'scene',
      file: 'a.tscn',
      format: 3,
      uid: 'uid://dvl20xo3iqhml',
      loadSteps: 4,
    });
    expect(scene.extResources.get('1_k3a2c')).toMatchObject({
      type: 'Texture2D',
      path: 'res://icon.svg',
      uid: 'uid://c4k3x5w8b2yvd',
      place: { file: 'a.tscn', line: 3, column: 1 },
    });
    const shape = scene.subResources.get('CircleShape2D_x1y2z');
    expect(shape).toMatchObject({ type: 'CircleShape2D', place: { line: 5 } });
    expect([...(shape?.properties ?? [])]).toEqual([['radius', new Float(12.5)]]);

    const { connections, editable } = readSceneText(sceneFile('connections.tscn'));
    expect(connections).toMatchObject([
      { signal: 'pressed', from: 'Button', to: '.', method: '_on_pressed', flags: 2, unbinds: 0, binds: [] },
      { signal: 'resized', flags: 3, unbinds: 1, binds: [1n, 'a', [{ x: 1, y: 2 }]] },
    ]);
    expect(editable).toEqual([]);
    expect(readSceneText(sceneFile('instances.tscn')).editable).toEqual(['Changed']);
  });

  test('what 4.6 adds to nodes', () => {
    const { nodes } = readSceneText(sceneFile('ids46.tscn'));
    expect(nodes[2]).toMatchObject({
      name: 'Left',
      type: undefined,
      parent: 'Enemy/Arms',
      parentIdPath: [55, 7],
      index: 0,
      uniqueId: 902,
    });
    expect(nodes[3]).toMatchObject({ owner: 'Enemy', ownerIdPath: [55] });
  });

  test('the tree counts its nodes and knows where each was described', () => {
    const tree = buildSceneTree(sceneFile('instances.tscn'), sceneOptions('instances.tscn'));
    expect(tree.size).toBe(13);
    const [plain, changed] = tree.root.children;
    expect(plain?.children[0]?.place).toMatchObject({ file: 'res://enemy.tscn', line: 9 });
    expect(changed?.place).toMatchObject({ file: 'res://instances.tscn', line: 9 });
    const { root } = buildSceneTree(sceneFile('script.tscn'));
    expect(root.nodePaths).toEqual(['target', 'others']);
  });

  test('keys lose their blanks unless they are quoted; the last of two values counts', () => {
    const { properties } = buildSceneTree(sceneFile('keys.tscn')).root;
    expect([...properties]).toEqual([
      ['metadata/with space', 1n],
      ['metadata/with=sign', 2n],
      ['metadata/with "quote"', 3n],
      ['metadata/日本', 4n],
      ['metadata/split_key', 5n],
      ['metadata/indented', 6n],
      ['metadata/tab', 7n],
      ['metadata/twice', 9n],
    ]);
  });

  test('a text resource', () => {
    const text = `[gd_resource type="Resource" script_class="Item" load_steps=3 format=3 uid="uid://x"]

[ext_resource type="Script" path="res://item.gd" id="1"]

[sub_resource type="Gradient" id="g"]

[resource]
script = ExtResource("1")
name = &"Sword"
gradient = SubResource("g")
`;
    const resource = readSceneText(text);
    expect(resource).toMatchObject({ kind: 'resource', type: 'Resource', scriptClass: 'Item', nodes: [] });
    expect([...resource.properties.keys()]).toEqual(['script', 'name', 'gradient']);
    expect(resource.properties.get('name')).toEqual(new StringName('Sword'));
    expect(() => buildSceneTree(text)).toThrow(expect.objectContaining({ code: 'ERR_TSCN_FORMAT' }));
  });
});

const HEAD = '[gd_scene format=3]\n';
const ROOT = `${HEAD}[node name="R" type="Node"]\n`;

describe('malformed scenes', () => {
  test.each([
    ['an empty file', '', 'ERR_TSCN_FORMAT', 1, 1],
    ['no heading', 'a = 1', 'ERR_TEXT_SYNTAX', 1, 1],
    ['another first heading', '[node name="R" type="Node"]', 'ERR_TSCN_FORMAT', 1, 1],
    ['a newer format', '\n[gd_scene format=5]', 'ERR_TSCN_FORMAT', 2, 1],
    ['a format that is no int', '[gd_scene format="3"]', 'ERR_TSCN_FIELD', 1, 11],
    ['a heading without an end', '[gd_scene format=3', 'ERR_TEXT_SYNTAX', 1, 19],
    ['a heading without a name', '[]', 'ERR_TEXT_SYNTAX', 1, 2],
    ['a field without a value', '[gd_scene format]', 'ERR_TEXT_SYNTAX', 1, 17],
    ['a field without a sign', '[gd_scene format 3]', 'ERR_TEXT_SYNTAX', 1, 18],
    ['no node', HEAD, 'ERR_TSCN_HEADING', 2, 1],
    ['a resource heading in a scene', `${HEAD}[resource]`, 'ERR_TSCN_HEADING', 2, 1],
    ['an unknown heading', `${ROOT}\n  [nodes]`, 'ERR_TSCN_HEADING', 4, 3],
    ['properties of the file heading', `${HEAD}a = 1\n`, 'ERR_TEXT_SYNTAX', 2, 1],
    [
      'properties of an ext_resource',
      `${HEAD}[ext_resource type="A" path="b" id="1"]\na = 1`,
      'ERR_TEXT_SYNTAX',
      3,
      1,
    ],
    [
      'properties of a connection',
      `${ROOT}[connection signal="a" from="." to="." method="b"]\na = 1`,
      'ERR_TEXT_SYNTAX',
      4,
      1,
    ],
    [
      'an ext_resource behind a sub_resource',
      `${HEAD}[sub_resource type="A" id="1"]\n[ext_resource type="A" path="b" id="1"]`,
      'ERR_TSCN_HEADING',
      3,
      1,
    ],
    ['a sub_resource behind a node', `${ROOT}[sub_resource type="A" id="1"]`, 'ERR_TSCN_HEADING', 3, 1],
    ['an ext_resource without a path', `${HEAD}[ext_resource type="A" id="1"]`, 'ERR_TSCN_FIELD', 2, 1],
    ['a sub_resource without an id', `${HEAD}[sub_resource type="A"]`, 'ERR_TSCN_FIELD', 2, 1],
    [
      'an id that is taken',
      `${HEAD}[sub_resource type="A" id="1"]\n[sub_resource type="A" id="1"]`,
      'ERR_TSCN_RESOURCE',
      3,
      1,
    ],
    ['an unknown ext_resource', `${ROOT}a = ExtResource("1")`, 'ERR_TSCN_RESOURCE', 3, 5],
    [
      'a sub_resource that comes later',
      `${HEAD}[sub_resource type="A" id="1"]\na = SubResource("2")\n[sub_resource type="A" id="2"]`,
      'ERR_TSCN_RESOURCE',
      3,
      5,
    ],
    ['a root with a parent', `${HEAD}[node name="R" type="Node" parent="."]`, 'ERR_TSCN_PARENT', 2, 1],
    ['a second root', `${ROOT}[node name="S" type="Node"]`, 'ERR_TSCN_PARENT', 3, 1],
    ['a root without type and instance', `${HEAD}[node name="R"]`, 'ERR_TSCN_FIELD', 2, 1],
    [
      'an instance that is no resource',
      `${ROOT}[node name="a" parent="." instance="res://a.tscn"]`,
      'ERR_TSCN_FIELD',
      3,
      27,
    ],
    [
      'a connection without a method',
      `${ROOT}[connection signal="a" from="." to="."]`,
      'ERR_TSCN_FIELD',
      3,
      1,
    ],
    ['a value that is cut off', `${ROOT}a = [1,\n2`, 'ERR_TEXT_SYNTAX', 4, 2],
    ['a missing value', `${ROOT}a =\n[node name="b"]`, 'ERR_TEXT_SYNTAX', 4, 2],
    ['an unterminated string', `${ROOT}a = "b\n\nc`, 'ERR_TEXT_SYNTAX', 5, 2],
    ['an unknown constructor', `${ROOT}a = Vector5(1)`, 'ERR_TEXT_SYNTAX', 3, 5],
    ['too deep a value', `${ROOT}a = ${'['.repeat(600)}`, 'ERR_TEXT_TOO_DEEP', 3, 518],
  ])('%s', (_name, text, code, line, column) => {
    const read = (): unknown => buildSceneTree(text, { file: 'res://a.tscn' });
    expect(read).toThrow(SceneTextError);
    expect(read).toThrow(expect.objectContaining({ code, line, column, file: 'res://a.tscn' }));
    expect(read).toThrow(`res://a.tscn:${line}:${column}: `);
  });

  test('codes are in docs/errors.md', () => {
    const documented = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const source = readFileSync(new URL('../../../schema/tscn/SceneTextError.ts', import.meta.url), 'utf8');
    const codes = [...source.matchAll(/'(ERR_TSCN_[A-Z_]+)'/g)].map(([, code]) => code);
    expect(codes).toHaveLength(8);
    for (const code of codes) expect(documented).toContain(`\n| \`${code}\` |`);
  });
});

describe('scenes in scenes', () => {
  const scene = (path: string, name = 'A'): string =>
    `[gd_scene format=3]\n[ext_resource type="PackedScene" path="${path}" id="1"]\n[node name="${name}" type="Node"]\n[node name="B" parent="." instance=ExtResource("1")]\n`;

  test('a scene that contains itself, directly or not, is refused where it does', () => {
    const files = new Map([
      ['res://a', scene('res://b')],
      ['res://b', scene('res://c')],
      ['res://c', scene('res://a')],
      ['res://self', scene('res://self')],
    ]);
    const build = (file: string): unknown =>
      buildSceneTree(files.get(file) ?? '', { file, resolve: (path) => files.get(path) });
    expect(() => build('res://a')).toThrow(
      expect.objectContaining({ code: 'ERR_TSCN_INSTANCE', file: 'res://c', line: 4 }),
    );
    expect(() => build('res://a')).toThrow('res://a -> res://b -> res://c -> res://a');
    expect(() => build('res://self')).toThrow(expect.objectContaining({ code: 'ERR_TSCN_INSTANCE' }));
  });

  test('depth, nodes and tree depth are limited', () => {
    const resolve = (path: string): string => scene(`${path}x`);
    const code = (options: object): unknown => {
      try {
        return buildSceneTree(scene('res://x'), { resolve, ...options });
      } catch (error) {
        return error instanceof SceneTextError ? error.code : error;
      }
    };
    expect(code({})).toBe('ERR_TSCN_INSTANCE');
    expect(code({ maxInstances: 2 })).toBe('ERR_TSCN_INSTANCE');
    expect(code({ maxNodes: 20 })).toBe('ERR_TSCN_TOO_LARGE');
    const chain = Array.from({ length: 10 }, (_item, index) => {
      const parent = index === 0 ? '.' : Array.from({ length: index }, () => 'n').join('/');
      return `[node name="n" type="Node" parent="${parent}"]\n`;
    }).join('');
    expect(buildSceneTree(ROOT + chain, { maxTreeDepth: 10 }).size).toBe(11);
    expect(() => buildSceneTree(ROOT + chain, { maxTreeDepth: 9 })).toThrow(
      expect.objectContaining({ code: 'ERR_TSCN_TOO_LARGE' }),
    );
  });

  test('scenes that double at every level end at the limit of nodes', () => {
    const double = (path: string): string =>
      `${scene(path)}[node name="C" parent="." instance=ExtResource("1")]\n`;
    const resolve = (path: string): string => (path.length > 30 ? ROOT : double(`${path}x`));
    expect(() => buildSceneTree(double('res://x'), { resolve })).toThrow(
      expect.objectContaining({ code: 'ERR_TSCN_TOO_LARGE' }),
    );
  });

  test('so do the properties of nodes that are instanced many times', () => {
    const instances = Array.from(
      { length: 100 },
      (_item, index) => `[node name="i${index}" parent="." instance=ExtResource("1")]\n`,
    ).join('');
    const inner = ROOT + Array.from({ length: 100 }, (_item, index) => `metadata/p${index} = 1\n`).join('');
    const build = (maxElements: number): unknown =>
      buildSceneTree(scene('res://e') + instances, { resolve: () => inner, maxElements });
    expect(build(10_200)).toMatchObject({ size: 102 });
    expect(() => build(10_000)).toThrow(expect.objectContaining({ code: 'ERR_TSCN_TOO_LARGE' }));
  });

  test('each scene is fetched once', () => {
    const asked: string[] = [];
    const text = `${scene('res://e')}[node name="C" parent="." instance=ExtResource("1")]\n`;
    buildSceneTree(text, {
      resolve: (path, uid) => {
        asked.push(path + uid);
        return ROOT;
      },
    });
    expect(asked).toEqual(['res://e']);
  });

  test('an error in an instanced scene names that file', () => {
    expect(() => buildSceneTree(scene('res://e'), { resolve: () => `${ROOT}a = ?` })).toThrow(
      expect.objectContaining({ code: 'ERR_TEXT_SYNTAX', file: 'res://e', line: 3, column: 5 }),
    );
    expect(() =>
      buildSceneTree(scene('res://e'), { resolve: () => '[gd_resource type="A" format=3]\n[resource]' }),
    ).toThrow(expect.objectContaining({ code: 'ERR_TSCN_FORMAT', file: 'res://e' }));
  });
});

describe('arguments and hostile text', () => {
  test('bad arguments are refused by name', () => {
    expect(() => readSceneText(1 as never)).toThrow('"text" expected a string');
    expect(() => buildSceneTree(ROOT, { maxNodes: -1 })).toThrow('"maxNodes" expected an integer');
    expect(() => buildSceneTree(ROOT, { maxTreeDepth: 0.5 })).toThrow('"maxTreeDepth" expected an integer');
    expect(() => readSceneText(ROOT, { maxLength: -1 })).toThrow('"maxLength" expected an integer');
    const resolve = (): string => 5 as never;
    const text = `${HEAD}[ext_resource type="P" path="p" id="1"]\n[node name="R" instance=ExtResource("1")]`;
    expect(() => buildSceneTree(text, { resolve })).toThrow('"resolve" expected to return a string');
  });

  test('names of JavaScript objects are names like any other', () => {
    const text = `${ROOT}metadata/__proto__ = 1\nmetadata/constructor = 2\n[node name="__proto__" type="Node" parent="."]\n`;
    const document = sceneTextToDocument(text);
    expect(Object.entries(document.root.metadata ?? {})).toEqual([
      ['__proto__', 'i:1'],
      ['constructor', 'i:2'],
    ]);
    expect(document.root.children?.[0]?.name).toBe('__proto__');
  });

  test('any text is read or refused with a place', () => {
    const pieces = fc.constantFrom(
      ...[
        '[gd_scene format=3]\n',
        '[node name="R" type="Node"]\n',
        '[node name="a" parent="."]\n',
        'a = 1\n',
      ],
      ...[
        '[',
        ']',
        '=',
        '"',
        '\\',
        ';',
        '\n',
        ' ',
        'a',
        'parent=',
        '"."',
        '[connection ',
        'ExtResource("1")',
      ],
      ...[
        '[ext_resource type="A" path="b" id="1"]\n',
        '[sub_resource type="A" id="1"]\n',
        '[editable path="a"]',
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), fc.boolean(), (parts, hasHead) => {
        const issues: SceneTextIssue[] = [];
        try {
          const text = (hasHead ? ROOT : '') + parts.join('');
          sceneTextToDocument(text, { onIssue: (issue) => issues.push(issue) });
        } catch (error) {
          if (!(error instanceof SceneTextError)) throw error;
        }
      }),
      fcParameters(2000),
    );
  });

  test.each([
    ['headings in one line', `${ROOT}${'[node name="a" parent="."]'.repeat(20_000)}`],
    ['properties', `${ROOT}${'a=1\n'.repeat(300_000)}`],
    ['issues', `${ROOT}${'a=#1 \n'.repeat(100_000)}`],
    ['keys without an end', `${ROOT}${'a '.repeat(500_000)}`],
    ['comments in a key', `${ROOT}${'a;\n'.repeat(300_000)}= 1`],
  ])(
    'many %s take no more than their length',
    (_name, text) => {
      let issues = 0;
      const onIssue = (): void => {
        issues++;
      };
      expect(buildSceneTree(text, { onIssue }).size).toBe(1);
      expect(issues).toBeGreaterThanOrEqual(0);
    },
    10_000,
  );
});
