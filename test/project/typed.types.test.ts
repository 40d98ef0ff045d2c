/** What must compile of the types of projects, and what must not. Checked by the type check, never run. */
import { PackedStringArray, Vector2, Vector3 } from '../../codec/index.ts';
import { SceneMirror } from '../../schema/index.ts';
import { asScene, type GodotValue, type TypedNode, TypedScript } from '../../src/project.ts';

/** As `godot-enet types` writes them. */
interface PlayerTypes {
  rpcs: {
    hit: [damage: 'int', by?: 'String'];
    move: [to: 'Vector2'];
    say: [lines: 'Array[String]', ...rest: 'Variant'[]];
    die: [];
  };
  variables: { hp: 'int'; speed: 'float'; names: 'Array[String]'; any: 'Variant' };
}
interface PlayerScene {
  '.': TypedNode<'CharacterBody2D', PlayerTypes>;
  Sync: TypedNode<'MultiplayerSynchronizer'>;
}
abstract class PlayerScript extends TypedScript<'CharacterBody2D', PlayerTypes> {
  static override readonly path: string = 'res://player.gd';
  abstract hit(damage: GodotValue<'int'>, by?: GodotValue<'String'>): void;
  move?(to: GodotValue<'Vector2'>): void;
}

const mirror = new SceneMirror();
const player = asScene<PlayerScene>(mirror.instantiate('res://player.tscn'));
mirror.root.addChild(player);

// What the script declares.
player.rpc('hit', 5);
player.rpc('hit', 5n, 'me');
player.rpcId(2, 'move', new Vector2(1, 2));
player.rpc('say', ['a', 'b'], 1, 'anything');
player.rpc('die');
const hp: number | bigint = player.get('hp');
const speed: number = player.get('speed');
const names: string[] = player.get('names');
const className: 'CharacterBody2D' = player.class;
const sync: TypedNode<'MultiplayerSynchronizer'> = player.getNode('Sync');
player.set('hp', 3);
player.set('position', new Vector2(0, 0));
player.set('any', { x: [1] });
const other = player.getNode('Not/Of/The/Scene')?.name;

// @ts-expect-error a text is no int
player.rpc('hit', '5');
// @ts-expect-error an argument is missing
player.rpc('hit');
// @ts-expect-error an argument too many
player.rpc('hit', 5, 'me', 1);
// @ts-expect-error the second one is a text
player.rpc('hit', 5, 6);
// @ts-expect-error the script has no such method
player.rpc('heal', 5);
// @ts-expect-error no list of numbers
player.rpc('say', [1]);
// @ts-expect-error the peer comes first
player.rpcId('move', new Vector2(1, 2));
// @ts-expect-error a vector is meant
player.rpcId(2, 'move', 1);
// @ts-expect-error a text is no int
player.set('hp', 'many');
// @ts-expect-error hp is no text
const wrong: string = player.get('hp');
// @ts-expect-error a node without a script has no RPCs
sync.rpc('hit', 5);
// @ts-expect-error it is no Node3D
const otherClass: 'Node3D' = player.class;

class Good extends PlayerScript {
  hit(damage: number, by = ''): void {
    this.rpc('hit', damage, by);
    this.node.set('hp', damage);
  }
  override move(to: Vector2): void {
    this.rpcId(1, 'move', to);
    // @ts-expect-error a vector is meant
    this.rpcId(1, 'move', to.x);
    // @ts-expect-error no such method
    this.rpc('heal');
  }
}
mirror.registerScript(Good);

// @ts-expect-error hit is not there
class Lacks extends PlayerScript {}

class Other extends PlayerScript {
  // @ts-expect-error the argument is an int
  hit(damage: Vector2): void {
    void damage;
  }
}

/** Of `boss.gd`, which extends `player.gd`: its RPCs and variables come behind those of the base; one is declared anew. */
interface BossTypes {
  rpcs: {
    hit: [damage: 'int', by?: 'String', twice?: 'bool'];
    move: [to: 'Vector2'];
    say: [lines: 'Array[String]', ...rest: 'Variant'[]];
    die: [];
    roar: [volume: 'float'];
  };
  variables: { rage: 'float'; hp: 'int'; speed: 'float'; names: 'Array[String]'; any: 'Variant' };
}
abstract class BossScript extends TypedScript<'CharacterBody2D', BossTypes> {
  static override readonly path: string = 'res://boss.gd';
  abstract hit(damage: GodotValue<'int'>, by?: GodotValue<'String'>, twice?: GodotValue<'bool'>): void;
  move?(to: GodotValue<'Vector2'>): void;
  abstract roar(volume: GodotValue<'float'>): void;
}
const boss = asScene<{ '.': TypedNode<'CharacterBody2D', BossTypes> }>(mirror.instantiate('res://boss.tscn'));
boss.rpc('move', new Vector2(1, 2));
boss.rpc('hit', 1, 'me', true);
boss.rpc('roar', 0.5);
const rage: number = boss.get('rage');
const inherited: number | bigint = boss.get('hp');
// @ts-expect-error an inherited RPC takes a vector
boss.rpc('move', 'there');
// @ts-expect-error the third one is a bool
boss.rpc('hit', 1, 'me', 2);
// @ts-expect-error the base has no roar
player.rpc('roar', 0.5);
// @ts-expect-error an inherited variable is an int
boss.set('hp', 'many');
// @ts-expect-error the script of the base takes two arguments
player.rpc('hit', 1, 'me', true);

class Boss extends BossScript {
  hit(damage: number, by = '', twice = false): void {
    this.rpc('roar', twice ? damage : 0);
    this.rpc('say', [by], damage);
    // @ts-expect-error a text is no float
    this.rpc('roar', by);
  }
  roar(volume: number): void {
    this.node.set('rage', volume);
  }
}
mirror.registerScript(Boss);
// @ts-expect-error hit is inherited, and not there
class LacksInherited extends BossScript {
  roar(volume: number): void {
    void volume;
  }
}

/** Of `Door.cs`: its methods keep their names, and take all of their parameters. */
interface DoorTypes {
  rpcs: { Open: [key: 'String', force: 'float']; Opened: [by: 'Vector3', names: 'PackedStringArray'] };
  variables: { Keys: 'int' };
}
abstract class DoorScript extends TypedScript<'Node3D', DoorTypes> {
  static override readonly path: string = 'res://Door.cs';
  abstract Open(key: GodotValue<'String'>, force: GodotValue<'float'>): void;
  Opened?(by: GodotValue<'Vector3'>, names: GodotValue<'PackedStringArray'>): void;
}
const door = asScene<{ '.': TypedNode<'Node3D', DoorTypes> }>(mirror.instantiate('res://door.tscn'));
door.rpc('Open', 'red', 1);
door.rpcId(2, 'Opened', new Vector3(1, 2, 3), new PackedStringArray(['a']));
door.set('Keys', 2n);
// @ts-expect-error C# takes every argument
door.rpc('Open', 'red');
// @ts-expect-error a number is no key
door.rpc('Open', 5, 1);
// @ts-expect-error names are those of C#
door.rpc('open', 'red', 1);
// @ts-expect-error one array, not many arguments
door.rpc('Opened', new Vector3(1, 2, 3), 'a', 'b');
// @ts-expect-error an int
door.set('Keys', 'many');

class Door extends DoorScript {
  Open(key: string, force: number): void {
    if (force > 1) this.rpc('Opened', new Vector3(0, 0, 0), new PackedStringArray([key]));
  }
}
mirror.registerScript(Door);
// @ts-expect-error Open is not there
class LacksOpen extends DoorScript {
  open(): void {}
}

void [rage, inherited, LacksInherited, LacksOpen];
void [hp, speed, names, className, sync, other, wrong, otherClass, Lacks, Other];
