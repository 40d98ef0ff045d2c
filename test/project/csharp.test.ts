/** Scripts in C#: their `[Rpc]` methods, exports and signals. */
import { describe, expect, test } from 'vitest';
import { Float } from '../../codec/index.ts';
import { issuesOf, projectOf } from './projectOf.ts';

const PLAYER = `using Godot;
using System.Collections.Generic;

namespace My.Game;

/* [Rpc] public void NotThis() {} */
// [Rpc]
public partial class Player : Actor, IHittable
{
    [Signal] public delegate void HitEventHandler(Node by, int damage);
    [Export] public int Health { get; set; } = 100;
    [Export(PropertyHint.Range, "0,1")] public float Speed = 5.5f;
    [Export] private Node3D _target;
    public string Title = "a ] } [Rpc]";
    private static int _count = 3;
    public Godot.Collections.Array<int> List { get; } = new();
    private Dictionary<string, List<int>> _cache = new Dictionary<string, List<int>>();

    [Rpc]
    public void Bare() { if (true) { return; } }

    [Rpc(MultiplayerApi.RpcMode.AnyPeer, CallLocal = true, TransferMode = MultiplayerPeer.TransferModeEnum.UnreliableOrdered, TransferChannel = 2)]
    public void Full(Vector3 to, double speed, string name = "x", params int[] rest)
    {
        var text = @"[Rpc] ""public void"" {";
        var other = $"{text} {{ }}";
        char c = '}';
    }

    [Export, Rpc(MultiplayerApi.RpcMode.Authority)] private int Both(State state, byte[] data) => 1;
    [Rpc(TransferChannel = CHANNEL)] void Odd(Godot.Collections.Dictionary<string, int> d, Unknown u) { }
    public override void _Ready() { }
    enum State { Idle, Run }
}
`;
const FILES = {
  'Player.cs': PLAYER,
  'Player.Parts.cs':
    'public partial class Player { [Rpc(mode: MultiplayerApi.RpcMode.AnyPeer)] public void Part() {} }\n',
  'Actor.cs':
    'public abstract partial class Actor : CharacterBody3D { [Rpc] protected void FromBase() {} [Rpc] void Bare() {} }',
  'Plain.cs': 'public class Plain { [Rpc] public void F() {} }',
  'Tool.cs': '#if TOOLS\n[Tool, GlobalClass]\npublic partial class Tool : GodotObject {}\n#endif\n',
};
const project = projectOf(FILES);
const player = project.scripts.get('res://Player.cs');

describe('a class', () => {
  test('is the script of the file that has its name; what extends nothing of the engine is none', () => {
    expect([...project.scripts.keys()]).toEqual(['res://Player.cs', 'res://Actor.cs', 'res://Tool.cs']);
    expect(player).toMatchObject({
      language: 'C#',
      className: 'Player',
      base: 'res://Actor.cs',
      native: 'CharacterBody3D',
      isAbstract: false,
      isValid: true,
    });
    expect(project.scripts.get('res://Actor.cs')).toMatchObject({
      isAbstract: true,
      base: 'CharacterBody3D',
    });
    expect(project.scripts.get('res://Tool.cs')).toMatchObject({ isTool: true, native: 'Object' });
  });

  test('has RPCs with their configuration, of all its parts and of its bases', () => {
    const rpcs = [...(player?.rpcs.values() ?? [])].map(
      ({ name, id, rpcMode, callLocal, transferMode, channel, declaredIn }) => [
        name,
        id,
        rpcMode,
        callLocal,
        transferMode,
        channel,
        declaredIn,
      ],
    );
    expect(rpcs).toEqual([
      ['FromBase', 2, 'authority', undefined, undefined, undefined, 'res://Actor.cs'],
      ['Bare', 0, 'authority', undefined, undefined, undefined, 'res://Player.cs'],
      ['Full', 3, 'any_peer', true, 'unreliable_ordered', 2, 'res://Player.cs'],
      ['Both', 1, 'authority', undefined, undefined, undefined, 'res://Player.cs'],
      ['Odd', 4, 'authority', undefined, undefined, undefined, 'res://Player.cs'],
      ['Part', 5, 'any_peer', undefined, undefined, undefined, 'res://Player.Parts.cs'],
    ]);
    expect(issuesOf(project)).toEqual([
      '31: The argument TransferChannel of [Rpc] is not known here: taken as not given',
    ]);
  });

  test('has signatures; the engine passes every argument, whatever C# may leave out', () => {
    const parameters = (name: string): unknown =>
      player?.functions
        .get(name)
        ?.parameters.map((each) => [each.name, each.type, each.isOptional, each.isRest]);
    expect(parameters('Full')).toEqual([
      ['to', 'Vector3', false, false],
      ['speed', 'float', false, false],
      ['name', 'String', false, false],
      ['rest', 'PackedInt32Array', false, false],
    ]);
    expect(parameters('Both')).toEqual([
      ['state', 'int', false, false],
      ['data', 'PackedByteArray', false, false],
    ]);
    expect(parameters('Odd')).toEqual([
      ['d', 'Dictionary[String, int]', false, false],
      ['u', 'Variant', false, false],
    ]);
    expect(player?.signals.get('Hit')?.parameters.map(({ type }) => type)).toEqual(['Node', 'int']);
  });

  test('has variables with types and literal defaults', () => {
    const variables = [...(player?.variables.values() ?? [])].map((each) => [
      each.name,
      each.type,
      each.default,
      each.isExported,
      each.isStatic,
    ]);
    expect(variables).toEqual([
      ['Health', 'int', 100n, true, false],
      ['Speed', 'float', new Float(5.5), true, false],
      ['_target', 'Node3D', undefined, true, false],
      ['Title', 'String', 'a ] } [Rpc]', false, false],
      ['_count', 'int', 3n, false, true],
      ['List', 'Array[int]', undefined, false, false],
      ['_cache', 'Variant', undefined, false, false],
    ]);
  });
});
