/** The game in rooms, for both sides: the project of `replication` with a few files of its own, and its scripts in TypeScript. */
import { fileURLToPath } from 'node:url';
import { type VariantValue, Vector2 } from '../../../../codec/index.ts';
import { type MirrorNode, SceneMirror, type ScriptClass } from '../../../../schema/index.ts';
import { NodeScript, readFromFolder, rpc } from '../../../../src/multiplayer.ts';
import { PROJECT } from '../replication/OurGame.ts';
import { mainScript, Player, scripts } from '../replication/scripts.ts';

const OWN = readFromFolder(fileURLToPath(new URL('project', import.meta.url)));

/** A static node with RPCs, and a static one whose synchronizer clients own. */
const MORE_NODES = `
[node name="Bell" type="Node" parent="."]
script = ExtResource("bell")

[node name="Desk" type="Node" parent="."]
script = ExtResource("desk")

[node name="Sync" type="MultiplayerSynchronizer" parent="Desk"]
replication_config = SubResource("desk")
`;
const MORE_RESOURCES = `[ext_resource type="Script" path="res://bell.gd" id="bell"]
[ext_resource type="Script" path="res://desk.gd" id="desk"]

[sub_resource type="SceneReplicationConfig" id="desk"]
properties/0/path = NodePath(".:words")
properties/0/spawn = true
properties/0/replication_mode = 1
properties/1/path = NodePath(".:stamp")
properties/1/spawn = true
properties/1/replication_mode = 2

`;

/** What is not as in the project of `replication`. */
export const ROOMS_FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...OWN.list()].map((path) => [path.replace('res://', ''), OWN(path) ?? ''])),
  'main.tscn': `${(PROJECT('res://main.tscn') ?? '')
    .replace('res://main.gd', 'res://rooms.gd')
    .replace('[sub_resource', `${MORE_RESOURCES}[sub_resource`)}${MORE_NODES}`,
  'player.tscn': (PROJECT('res://player.tscn') ?? '').replace('res://player.gd', 'res://guest.gd'),
};

/** What was heard: which RPC, from whom, of which room, the number of it, and where the hearer believed to be. */
export interface Note {
  readonly what: string;
  readonly sender: number;
  readonly tag: number;
  readonly number: number;
  readonly here: number;
}

/** What the scripts tell. */
export interface GameHost {
  note(what: string, sender: number, tag: number, number: number): void;
  welcome(tag: number): void;
  /** Somebody tells that it has its tree of a number, and so whatever was sent before. */
  dumped(number: number, sender: number): void;
  /** Somebody asks for the tree. */
  dump(number: number): void;
}

/** The tree of the game. `complain` takes what is wrong with scenes. */
export function newMirror(host: GameHost, complain: (line: string) => void): SceneMirror {
  const mirror = new SceneMirror({
    resources: (path) => ROOMS_FILES[path.replace('res://', '')] ?? PROJECT(path),
    onSceneIssue: (issue) => complain(`${issue.file}: ${issue.message}`),
  });
  for (const script of [...scripts(host), ...roomScripts(host)]) mirror.registerScript(script);
  mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  return mirror;
}

/** What `spawn(data)` makes. */
export function newPiece(mirror: SceneMirror, data: unknown): MirrorNode {
  const [name, value] = data as VariantValue[];
  const piece = mirror.createNode({ name: String(name), class: 'Node', script: 'res://piece.gd' });
  piece.declareVariable({ name: 'data', value });
  return piece;
}

/** Says what a client says each frame, as `rooms.gd` does. */
export function chat(main: MirrorNode, id: number, here: number, number: number): void {
  const bell = main.getNode('Bell');
  bell?.rpcId(1, 'ring', here, number);
  bell?.rpc('loud', here, number);
  const mine = main.getNode(`Players/${id}`);
  mine?.rpcId(1, 'ask', here, number);
  const input = mine?.getNode('Input');
  input?.set('action', number);
  input?.set('move', new Vector2(here, 0));
}

function roomScripts(host: GameHost): ScriptClass[] {
  const Main = mainScript(host);
  class Rooms extends Main {
    static override readonly path: string = 'res://rooms.gd';
  }
  class Bell extends NodeScript {
    static override readonly path: string = 'res://bell.gd';
    static override readonly rpcs = {
      ring: rpc('any_peer').args('int', 'int'),
      loud: rpc('any_peer').args('int', 'int'),
      rung: rpc('authority').args('int', 'int'),
      blink: rpc('authority', 'unreliable').args('int', 'int'),
      welcome: rpc('authority').args('int'),
    };
    ring(tag: number, number: number): void {
      host.note('ring', this.multiplayer.getRemoteSenderId(), tag, number);
    }
    loud(tag: number, number: number): void {
      host.note('loud', this.multiplayer.getRemoteSenderId(), tag, number);
    }
    rung(tag: number, number: number): void {
      host.note('rung', this.multiplayer.getRemoteSenderId(), tag, number);
    }
    blink(tag: number, number: number): void {
      host.note('blink', this.multiplayer.getRemoteSenderId(), tag, number);
    }
    welcome(tag: number): void {
      host.welcome(tag);
    }
  }
  class Guest extends Player {
    static override readonly path: string = 'res://guest.gd';
    static override readonly rpcs = {
      ask: rpc('any_peer').args('int', 'int'),
      answer: rpc('authority').args('int', 'int'),
    };
    ask(tag: number, number: number): void {
      host.note('ask', this.multiplayer.getRemoteSenderId(), tag, number);
    }
    answer(tag: number, number: number): void {
      host.note('answer', this.multiplayer.getRemoteSenderId(), tag, number);
    }
  }
  class Desk extends NodeScript {
    static override readonly path: string = 'res://desk.gd';
    constructor(node: MirrorNode) {
      super(node);
      node.declareVariable({ name: 'words', type: 'String' });
      node.declareVariable({ name: 'stamp', type: 'int' });
    }
  }
  return [Rooms, Bell, Guest, Desk];
}
