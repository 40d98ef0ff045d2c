/** The scripts of the project in TypeScript: the same RPCs and variables as its GDScript. */
import { strToVar, type VariantValue } from '../../../../codec/index.ts';
import type { MirrorNode, ScriptClass, VariableInput } from '../../../../schema/index.ts';
import { NodeScript, rpc } from '../../../../src/multiplayer.ts';
import { TYPED_VALUES } from './values.ts';

/** A script that does nothing but have variables. */
function variablesOnly(file: string, variables: readonly VariableInput[]): ScriptClass {
  return class extends NodeScript {
    static override readonly path: string = `res://${file}.gd`;
    constructor(node: MirrorNode) {
      super(node);
      for (const variable of variables) node.declareVariable(variable);
    }
  };
}

class Mover extends NodeScript {
  static override readonly path: string = 'res://mover.gd';
  static override readonly rpcs = { hit: rpc('any_peer', 'call_local').args('int') };

  constructor(node: MirrorNode) {
    super(node);
    for (const variable of MOVER) node.declareVariable(variable);
  }

  hit(by: VariantValue): void {
    const hits = this.node.get('hits');
    this.node.set('hits', [...(hits as Iterable<VariantValue>), by]);
  }
}

/** The script of players. */
export class Player extends NodeScript {
  static override readonly path: string = 'res://player.gd';

  constructor(node: MirrorNode) {
    super(node);
    node.declareVariable({ name: 'score', type: 'int' });
  }

  override _enterTree(): void {
    this.node.getNode('Input')?.setMultiplayerAuthority(Number(this.node.name));
  }
}

/** What `Main` tells the game. */
export interface MainHost {
  /** Somebody asks for the tree. */
  dump(number: number): void;
  /** A client has told its tree; whatever it sent before is here. */
  dumped(number: number, sender: number): void;
}

/** The script of `Main`. */
export function mainScript(host: MainHost): ScriptClass {
  return class Main extends NodeScript {
    static override readonly path: string = 'res://main.gd';
    static override readonly rpcs = {
      dump: rpc('authority').args('int'),
      dumped: rpc('any_peer').args('int'),
      own: rpc('authority', 'call_local').args('String', 'int'),
    };
    dump(number: number): void {
      host.dump(number);
      this.rpcId(1, 'dumped', number);
    }
    dumped(number: number): void {
      host.dumped(number, this.multiplayer.getRemoteSenderId());
    }
    own(path: string, id: number): void {
      this.node.getNode(path)?.setMultiplayerAuthority(id);
    }
  };
}

/** All scripts for a game of ours. */
export function scripts(host: MainHost): ScriptClass[] {
  return [
    mainScript(host),
    Mover,
    Player,
    variablesOnly('board', [
      { name: 'ticks', type: 'int' },
      { name: 'title', type: 'String' },
    ]),
    variablesOnly('nest', [{ name: 'rank', type: 'int' }]),
    variablesOnly('input', [
      { name: 'move', type: 'Vector2' },
      { name: 'action', type: 'int' },
    ]),
    variablesOnly('piece', [{ name: 'data' }]),
    variablesOnly(
      'values',
      ['', 'always_'].flatMap((prefix) =>
        TYPED_VALUES.map(({ name, type, first }) => ({ name: prefix + name, type, default: first })),
      ),
    ),
  ];
}

const MOVER: readonly VariableInput[] = [
  { name: 'hp', type: 'int', default: 10 },
  { name: 'kind', type: 'String', default: 'plain' },
  { name: 'secret', type: 'int' },
  { name: 'hits', type: 'Array[int]', default: strToVar('Array[int]([])') },
];
