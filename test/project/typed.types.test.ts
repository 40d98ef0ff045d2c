/** What must compile of the types of projects, and what must not. Checked by the type check, never run. */
import { Vector2 } from '../../codec/index.ts';
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

void [hp, speed, names, className, sync, other, wrong, otherClass, Lacks, Other];
