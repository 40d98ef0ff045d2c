/** A mirror that was told of a project: RPCs, variables, and classes of ours beside them. */
import { describe, expect, test } from 'vitest';
import { ResourceReference, SceneMirror } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { confirmId, idOf, WireRoom } from '../multiplayer/wireRoom.ts';
import { projectOf } from './projectOf.ts';

const PLAYER = `extends "base.gd"
@export var name_of := "a"
var speed: float = 2
var hidden
static var shared := 1
@rpc("any_peer") func hit(damage: int, by := "x"): pass
@rpc func all(...rest): pass
`;
const FILES = {
  'project.godot': 'config_version=5\n',
  'player.gd': PLAYER,
  'base.gd': 'extends Node2D\n@export var hp := 5\n@rpc func die(): pass\n',
  'broken.gd': 'extends Node\n@rpc func f(): pass\nprint()\n',
  'player.tscn': `[gd_scene load_steps=3 format=3]

[ext_resource type="Script" path="res://player.gd" id="1"]

[sub_resource type="SceneReplicationConfig" id="2"]
properties/0/path = NodePath(".:hp")
properties/0/spawn = true
properties/0/replication_mode = 1
properties/1/path = NodePath(".:speed")
properties/1/spawn = false
properties/1/replication_mode = 1

[node name="Player" type="Node2D"]
script = ExtResource("1")
hp = 7
name_of = "b"

[node name="Sync" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("2")
`,
};
const PATH = 'res://player.gd';
const project = projectOf(FILES);
const mirrorOf = (): SceneMirror => project.register(new SceneMirror({ resources: project.files }));

describe('variables', () => {
  test('of the script, with types, defaults and in the order of the engine', () => {
    const node = mirrorOf().root.addChild({ name: 'P', class: 'Node2D', script: PATH });
    expect(node.scriptVariables().map(({ name }) => name)).toEqual(['name_of', 'speed', 'hidden', 'hp']);
    expect([node.get('hp'), node.get('speed'), node.get('name_of'), node.get('hidden')]).toEqual([
      5,
      2,
      'a',
      null,
    ]);
    expect(() => node.set('hp', 'x')).toThrow('"hp" expected int');
    expect(node.has('shared')).toBe(false);
  });

  test('of a scene: what it sets has the type of the script', () => {
    const mirror = mirrorOf();
    const node = mirror.root.addChild(mirror.instantiate('res://player.tscn'));
    expect([node.get('hp'), node.get('speed'), node.get('name_of')]).toEqual([7, 2, 'b']);
    expect(node.scriptVariables().map(({ name }) => name)).toEqual(['name_of', 'speed', 'hidden', 'hp']);
    expect(node.propertyInfo('speed')?.type).toBe(3);
  });

  test('only those with @export are in packets and files', () => {
    const node = mirrorOf().root.addChild({ name: 'P', class: 'Node2D', script: PATH });
    const names = [...node.properties()].map(([name]) => name);
    expect(names.filter((name) => ['hp', 'speed', 'name_of', 'hidden'].includes(name))).toEqual([
      'name_of',
      'hp',
    ]);
  });

  test('what does not convert to the type of the script is its default', () => {
    const mirror = new SceneMirror();
    const node = mirror.root.addChild({
      name: 'P',
      class: 'Node2D',
      properties: { hp: 'many', speed: 3 },
      script: PATH,
    });
    node.set('extra', 1);
    expect(node.get('hp')).toBe('many');
    project.register(mirror);
    expect([node.get('hp'), node.get('speed')]).toEqual([5, 3]);
    expect(node.scriptVariables().at(-1)?.name).toBe('extra');
  });

  test('a script that is given as a reference, or changed later', () => {
    const node = mirrorOf().root.addChild({ name: 'P', class: 'Node2D' });
    node.set('script', new ResourceReference('ExtResource', '1', { path: PATH, className: 'Script' }));
    expect(node.get('hp')).toBe(5);
  });

  test.each([
    ['with the project', true],
    ['without it there is nothing to send', false],
  ])('a synchronizer finds them: %s', (_, isRegistered) => {
    const room = new WireRoom({ dialect: '4.6' });
    if (isRegistered) project.register(room.mirror);
    const scene = new SceneMirror({ resources: project.files }).instantiate('res://player.tscn');
    const node = room.mirror.root.addChild({ name: 'P', class: 'Node2D', script: PATH });
    node.addChild({
      name: 'Sync',
      class: 'MultiplayerSynchronizer',
      properties: { replication_config: scene.getNode('Sync')?.get('replication_config') },
    });
    room.peer.join(2);
    room.wait(300);
    const [, announced] = room.sent().find(([, hex]) => hex.startsWith('01')) ?? [];
    room.receive(2, confirmId(idOf(announced ?? '')));
    room.wait(300);
    // SYNC is the command 6.
    const states = room.sent().filter(([, hex]) => (Number.parseInt(hex.slice(0, 2), 16) & 7) === 6);
    expect(states.length > 0).toBe(isRegistered);
  });
});

describe('RPCs', () => {
  test('a call that comes in is checked against the script, without a class', () => {
    const room = new WireRoom({ dialect: '4.6' });
    project.register(room.mirror);
    const node = room.mirror.root.addChild({ name: 'P', class: 'Node2D', script: PATH });
    const calls: unknown[][] = [];
    node.onRpc('hit', (sender: number, ...args: unknown[]) => calls.push([sender, ...args]));
    expect(
      [...room.mirror.scriptRpcsOf(node)].map(([name, each]) => [
        name,
        each.leastArguments,
        each.mostArguments,
      ]),
    ).toEqual([
      ['die', 0, 0],
      ['hit', 1, 2],
      ['all', 0, Number.POSITIVE_INFINITY],
    ]);
    expect(node.rpc('hit', 'not a number')).toBe(0);
    expect(node.rpc('nothing')).not.toBe(0);
  });

  test('a class without a list of its own has that of its script', () => {
    class Player extends NodeScript {
      static override readonly path = PATH;
    }
    const mirror = mirrorOf().registerScript(Player);
    const node = mirror.root.addChild({ name: 'P', class: 'Node2D', script: PATH });
    expect([...mirror.scriptRpcsOf(node).keys()]).toEqual(['die', 'hit', 'all']);
    expect(mirror.scriptOf(node)).toBeInstanceOf(Player);
  });

  test('a class with another list is told so, whichever comes first', () => {
    class Player extends NodeScript {
      static override readonly path = PATH;
      static override readonly rpcs = { die: rpc(), heal: rpc() };
    }
    const expected =
      '"rpcs" of the class for res://player.gd expected those of the script: it lacks hit, all; it has heal, too';
    expect(() => mirrorOf().registerScript(Player)).toThrow(expected);
    const mirror = new SceneMirror().registerScript(Player);
    expect(() => project.register(mirror)).toThrow(expected);
  });

  test('a class with the same names says more of them', () => {
    class Player extends NodeScript {
      static override readonly path = PATH;
      static override readonly rpcs = { die: rpc(), hit: rpc('any_peer').args('int'), all: rpc() };
    }
    const mirror = mirrorOf().registerScript(Player);
    const node = mirror.root.addChild({ name: 'P', class: 'Node2D', script: PATH });
    expect(mirror.scriptRpcsOf(node).get('hit')?.mostArguments).toBe(1);
  });

  test('a script that the engine refuses declares nothing', () => {
    const mirror = mirrorOf();
    const node = mirror.root.addChild({ name: 'B', class: 'Node', script: 'res://broken.gd' });
    expect(mirror.scriptRpcsOf(node).size).toBe(0);
  });
});

test.each([
  ['path', () => new SceneMirror().declareScript('', {})],
  ['declaration', () => new SceneMirror().declareScript('res://a.gd', 5 as never)],
  ['rpcs', () => new SceneMirror().declareScript('res://a.gd', { rpcs: 5 as never })],
  ['variables', () => new SceneMirror().declareScript('res://a.gd', { variables: 5 as never })],
  [
    'isStored',
    () => new SceneMirror().declareScript('res://a.gd', { variables: [{ name: 'a', isStored: 1 as never }] }),
  ],
  [
    'x',
    () =>
      new SceneMirror().declareScript('res://a.gd', {
        variables: [{ name: 'x', type: 'int', default: 'a' }],
      }),
  ],
])('a bad %s is told by name', (name, action) => {
  expect(action).toThrow(`${name}`);
  expect(action).toThrow(/expected/);
});
