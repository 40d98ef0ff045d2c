/** What is read from scripts, beyond what the golden files of the engine have. */
import { describe, expect, test } from 'vitest';
import { Dictionary, Float, StringName, Vector2, Vector3 } from '../../codec/index.ts';
import { ResourceReference } from '../../schema/index.ts';
import type { ProjectScript } from '../../src/project.ts';
import { issuesOf, projectOf } from './projectOf.ts';

function script(text: string, others: Readonly<Record<string, string>> = {}): ProjectScript {
  const found = projectOf({ 'a.gd': text, ...others }).scripts.get('res://a.gd');
  if (found === undefined) throw new Error('no script');
  return found;
}

function errors(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  return issuesOf(projectOf({ 'a.gd': text, ...others }), 'error');
}

/** The value of a constant expression, as the default of a variable. */
function value(expression: string, before = ''): unknown {
  return script(`extends Node\n${before}\nvar x = ${expression}\n`).variables.get('x')?.default;
}

describe('constant expressions', () => {
  test.each([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['-2 ** 2', -4n],
    ['7 / 2', 3n],
    ['-7 / 2', -3n],
    ['-7 % 3', -1n],
    ['1 << 4 | 1', 17n],
    ['6 & 3 ^ 1', 3n],
    ['~0', -1n],
    ['9223372036854775807 + 1', -(2n ** 63n)],
    ['0xff', 255n],
    ['0b101', 5n],
    ['1_000', 1000n],
    ['7 / 2.0', new Float(3.5)],
    ['.5', new Float(0.5)],
    ['1e3', new Float(1000)],
    ['2.', new Float(2)],
    ['PI', new Float(Math.PI)],
    ['"a" + \'b\'', 'ab'],
    ['"""a\n"b" """', 'a\n"b" '],
    ['r"\\n"', '\\n'],
    ['"\\u00e9\\U01F600\\t"', 'é😀\t'],
    ['"a\\\nb"', 'ab'],
    ['&"name"', new StringName('name')],
    ['not true', false],
    ['1 < 2 and not 2 < 1', true],
    ['3 if 1 > 2 else 4', 4n],
    ['[1, "a", [2],]', [1n, 'a', [2n]]],
    ['[10, 20][1]', 20n],
    ['{"k": 5}["k"]', 5n],
    ['{k = 6}.k', 6n],
    ['"abc"[-1]', 'c'],
    ['float(2)', new Float(2)],
    ['int(2.9)', 2n],
    ['deg_to_rad(180)', new Float(Math.PI)],
    ['Vector2(1, 2)', new Vector2(1, 2)],
    ['Vector2.ONE * 3', new Vector2(3, 3)],
    ['-Vector3.UP', new Vector3(-0, -1, -0)],
    ['Vector2(1, 2) + Vector2(3, 4)', new Vector2(4, 6)],
    ['Vector2(5, 6).y', new Float(6)],
    [
      'preload("res://b.tscn")',
      new ResourceReference('ExtResource', '', { path: 'res://b.tscn', className: 'PackedScene' }),
    ],
    ['PackedInt32Array()', new Int32Array(0)],
    ['load_me()', undefined],
    ['1 / 0', undefined],
    ['1 << 64', undefined],
    ['func(): return 1', undefined],
    ['$Node', undefined],
    ['a.b.c', undefined],
    ['A', 3n],
    ['A + B', 7n],
    ['E.TWO', 6n],
    ['FREE', 1n],
    ['Loop', undefined],
    ['E', undefined],
  ])('%s', (expression, expected) => {
    const before = `const A = B - 1
const B = 4
const Loop = Loop + 1
enum E { ONE = 5, TWO, THREE = ONE * 2 }
enum { ZERO, FREE }`;
    expect(value(expression, before)).toEqual(expected);
  });

  test('a dictionary keeps its order', () => {
    const found = value('{"b": 1, "a": 2}');
    expect(found instanceof Dictionary && [...found]).toEqual([
      ['b', 1n],
      ['a', 2n],
    ]);
  });

  test('constants of other scripts, of bases and of inner classes', () => {
    const found = script(
      `extends "lib/base.gd"
const Lib = preload("lib/other.gd")
var a = OWN
var b = Lib.Inner.DEEP
var c = Named.Kind.SECOND
var d = Lib.new()
`,
      {
        'lib/base.gd': 'extends Node\nconst OWN = 1\n',
        'lib/other.gd': 'class Inner:\n\tconst DEEP = OUTER + 1\nconst OUTER = 1\n',
        'named.gd': 'class_name Named\nenum Kind { FIRST, SECOND }\n',
      },
    );
    expect(['a', 'b', 'c', 'd'].map((name) => found.variables.get(name)?.default)).toEqual([
      1n,
      2n,
      1n,
      undefined,
    ]);
  });
});

describe('variables', () => {
  const text = `extends Node2D
signal hit(by: Node, damage: int)
enum State { IDLE, RUN }
@export var hp := 10
@export_range(0, 1) var ratio = 0.5
@export var state: State = State.RUN
@export var target: Node3D
@export_group("More")
@export var names: Array[String] = ["a"]
@export var table: Dictionary[String, int]
@onready var late := get_node("X")
static var shared := 1
var plain
var typed: Vector2
var inferred := "text"
var loose = 5
var hidden := 3:
	set(value):
		hidden = value
	get:
		return hidden
var short: int = 4: set = set_short, get = get_short
var action = func(x):
	return x
var color := Color.ROYAL_BLUE
var other := Other.new()
var mode: Node.ProcessMode
`;
  const found = script(text, { 'other.gd': 'class_name Other extends Control\n' });
  const types = Object.fromEntries([...found.variables].map(([name, each]) => [name, each.type]));

  test('types, written and inferred', () => {
    expect(types).toEqual({
      hp: 'int',
      ratio: 'float',
      state: 'int',
      target: 'Node3D',
      names: 'Array[String]',
      table: 'Dictionary[String, int]',
      late: 'Variant',
      shared: 'int',
      plain: 'Variant',
      typed: 'Vector2',
      inferred: 'String',
      loose: 'Variant',
      hidden: 'int',
      short: 'int',
      action: 'Variant',
      color: 'Color',
      other: 'Control',
      mode: 'int',
    });
  });

  test('what is exported, static, has a default', () => {
    const all = [...found.variables.values()];
    const exported = all.filter(({ isExported }) => isExported).map(({ name }) => name);
    expect(exported).toEqual(['hp', 'ratio', 'state', 'target', 'names', 'table']);
    expect(all.filter(({ isStatic }) => isStatic).map(({ name }) => name)).toEqual(['shared']);
    expect(found.variables.get('state')?.default).toBe(1n);
    expect(found.variables.get('hidden')?.default).toBe(3n);
    expect(found.variables.get('short')?.default).toBe(4n);
    expect(found.variables.get('hp')).toMatchObject({ line: 4, declaredIn: 'res://a.gd' });
  });

  test('signals have typed parameters', () => {
    const parameters = found.signals.get('hit')?.parameters.map(({ name, type }) => [name, type]);
    expect(parameters).toEqual([
      ['by', 'Node'],
      ['damage', 'int'],
    ]);
  });

  test('those of the most derived script come first', () => {
    const derived = script('extends "b.gd"\nvar c: int\n', {
      'b.gd': 'extends Node\nvar a: int\nvar b: int\n',
    });
    expect([...derived.variables.keys()]).toEqual(['c', 'a', 'b']);
  });
});

describe('functions', () => {
  test('signatures, with what may be left out', () => {
    const found = script(`extends Node
@rpc("any_peer") func hit(damage: int, by := "x", f = func(a, b): return a, list: Array[Vector2] = []) -> void: pass
func rest(first, ...others: Array): return 1
static func s(a: Error, b: Unknown.Thing) -> Dictionary[int, String]: return {}
`);
    const parameters = (name: string): unknown =>
      found.functions
        .get(name)
        ?.parameters.map((each) => [each.name, each.type, each.isOptional, each.isRest]);
    expect(parameters('hit')).toEqual([
      ['damage', 'int', false, false],
      ['by', 'String', true, false],
      ['f', 'Variant', true, false],
      ['list', 'Array[Vector2]', true, false],
    ]);
    expect(parameters('rest')).toEqual([
      ['first', 'Variant', false, false],
      ['others', 'Array', false, true],
    ]);
    expect(parameters('s')).toEqual([
      ['a', 'int', false, false],
      ['b', 'int', false, false],
    ]);
    expect(found.functions.get('s')).toMatchObject({ isStatic: true, returns: 'Dictionary[int, String]' });
    expect(found.functions.get('hit')?.returns).toBe('void');
    expect(found.rpcs.get('hit')?.function).toBe(found.functions.get('hit'));
  });
});

describe('what the engine refuses', () => {
  test.each([
    [
      'two functions of one name',
      'extends Node\nfunc a(): pass\nfunc a(): pass\n',
      '3: There are two members a',
    ],
    ['a string without end', 'extends Node\nvar a = "x\n', '2: A string does not end'],
    ['a bracket without end', 'extends Node\nvar a = [1\n', '3: Expected "]" before the end'],
    ['a bracket too many', 'extends Node\nvar a = 1)\n', '2: ")" has no opening one'],
    ['an unknown character', 'extends Node\nvar a = `x`\n', '2: Unexpected character "`"'],
    ['an unknown escape', 'extends Node\nvar a = "\\q"\n', '2: An unknown escape in a string'],
    ['a statement in a class', 'extends Node\nprint("x")\n', '2: Unexpected "print" in a class'],
    [
      'a word of Godot 3',
      'extends Node\nexport var x = 1\n',
      '2: Unexpected "export" in a class: a script of Godot 3',
    ],
    ['setget', 'extends Node\nvar x = 1 setget a, b\n', '2: Unexpected "setget": a script of Godot 3'],
    [
      'a line that is indented too deep',
      'extends Node\n\tvar x = 1\n',
      '2: A line is indented deeper than the one before',
    ],
    ['@rpc before nothing', 'extends Node\n@rpc\n', '2: @rpc stands before nothing'],
    [
      '@rpc before a signal',
      'extends Node\n@rpc signal a\n',
      '2: @rpc stands before signal, not before a function',
    ],
    ['a function without a body', 'extends Node\nfunc a()\n', '2: Expected ":" and what a does'],
    ['a base that is not there', 'extends "b.gd"\n', '1: It extends b.gd, which is no script of the project'],
    ['itself', 'extends "a.gd"\n', '1: It extends itself'],
  ])('%s', (_, text, expected) => {
    expect(errors(text)).toContain(expected);
    expect(script(text).isValid).toBe(false);
    expect(script(`${text}\n@rpc func z(): pass\n`).rpcs.size).toBe(0);
  });

  test('what extends it is refused, too', () => {
    const found = projectOf({
      'a.gd': 'extends "b.gd"\n@rpc func f(): pass\n',
      'b.gd': 'extends Node\nprint()\n',
    });
    expect(found.scripts.get('res://a.gd')).toMatchObject({ isValid: false });
    expect(issuesOf(found, 'error')).toContain('1: res://b.gd has errors');
    expect(found.scripts.get('res://a.gd')?.rpcs.size).toBe(0);
  });

  test('two classes of one name, and circles', () => {
    expect(errors('class_name X\n', { 'b.gd': 'class_name X\n' })).toEqual([
      '1: The class X is in res://a.gd, too',
    ]);
    expect(errors('class_name X extends Y\n', { 'b.gd': 'class_name Y extends X\n' })).not.toEqual([]);
  });

  test('an error in the middle leaves what follows readable', () => {
    const found = script('extends Node\nvar a = 1 +\nprint()\nvar b: int\n');
    expect([...found.variables.keys()]).toEqual(['a', 'b']);
  });
});

test('what cannot be read is named with its place', () => {
  const project = projectOf({
    'a.gd': `extends Strange
@export var x = compute()
@rpc("any_peer", "call_local", "reliable", channel())
func f(): pass
`,
  });
  expect(issuesOf(project)).toEqual([
    '1: It extends Strange, which no script of the project is: taken as a class of the engine or of an extension',
    '2: The default of x is no constant that is known here',
    '3: Argument 4 of @rpc is no constant that is known here: taken as not given',
  ]);
  const found = project.scripts.get('res://a.gd');
  expect(found?.isValid).toBe(true);
  expect(found?.rpcs.get('f')).toMatchObject({
    rpcMode: 'any_peer',
    callLocal: true,
    transferMode: 'reliable',
  });
  expect(found?.rpcs.get('f')).not.toHaveProperty('channel');
});
