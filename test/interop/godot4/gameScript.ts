/** The script of every node of a live game, in GDScript and in TypeScript: one list of RPCs. */
import { type VariantValue, varToBytes } from '../../../codec/index.ts';
import type { ScriptClass } from '../../../schema/index.ts';
import { NodeScript, type RpcWord, rpc } from '../../../src/multiplayer.ts';
import { hex } from '../../support/hex.ts';
import type { Player } from './player.ts';
import { TYPES, typedName } from './typedCalls.ts';

/** Where both say that it is. */
export const GAME_PATH = 'res://game.gd';

/** The RPCs of every node: the words of `@rpc`. All take any arguments. Those of `typedCalls.ts` are there, too. */
export const RPCS = {
  say: ['any_peer'],
  both: ['any_peer', 'call_local'],
  order: ['authority'],
  orderBoth: ['authority', 'call_local'],
  mark: ['any_peer'],
  loose: ['any_peer', 'unreliable'],
  loose3: ['any_peer', 'unreliable', 3],
  ordered: ['any_peer', 'unreliable_ordered'],
  ordered2: ['any_peer', 'unreliable_ordered', 2],
  sure9: ['any_peer', 'reliable', 9],
  Upper: ['any_peer'],
  _under: ['any_peer'],
  lower_case: ['any_peer'],
  lowerCase: ['any_peer'],
  z2: ['any_peer'],
  z10: ['any_peer'],
} as const satisfies Record<string, readonly (RpcWord | number)[]>;

/** Functions of the script that are no RPCs; nodes may configure them. */
export const PLAIN = ['plain', 'Plain', '_plain'] as const;

/** The script of a player of ours: calls become lines of its log. */
export function scriptOf(player: Player): ScriptClass {
  class Game extends NodeScript {
    static override readonly path: string = GAME_PATH;
    static override readonly rpcs = Object.fromEntries([
      ...Object.entries(RPCS).map(([name, words]) => [name, rpc(...words)]),
      ...TYPES.map((type) => [typedName(type), rpc('any_peer').args(type, 'int')]),
    ]);
  }
  for (const name of [...Object.keys(RPCS), ...PLAIN, ...TYPES.map(typedName)])
    Object.defineProperty(Game.prototype, name, {
      value(this: Game, ...args: VariantValue[]): void {
        const at = this.node.getPath().toString().replace('/root/', '');
        player.heard(at, name, this.multiplayer.getRemoteSenderId(), hex(varToBytes(args)));
      },
    });
  return Game;
}

/** The script of the players in the engine. */
export function gameScript(): string {
  const functions = [...Object.entries(RPCS), ...PLAIN.map((name) => [name, undefined] as const)].map(
    ([name, words]) =>
      `${words === undefined ? '' : `@rpc(${annotation(words)})\n`}func ${name}(...args: Array) -> void:\n\theard("${name}", args)\n`,
  );
  const typed = TYPES.map(
    (type) =>
      `@rpc("any_peer")\nfunc ${typedName(type)}(value: ${type}, number: int) -> void:\n\theard("${typedName(type)}", [value, number])\n`,
  );
  return `extends Node

var player: Node

# A node that was taken out of the tree is called, too; it has no path and no \`multiplayer\` then.
func heard(method: String, args: Array) -> void:
	var at := str(player.get_path_to(self)) if is_inside_tree() else "(%s)" % name
	player.say("call %s %s %d %s" % [at, method, player.api.get_remote_sender_id(), var_to_bytes(args).hex_encode()])

${[...functions, ...typed].join('\n')}`;
}

/** The channel is the fourth argument, whatever comes before. */
function annotation(words: readonly (RpcWord | number)[]): string {
  const texts = words.filter((word) => typeof word === 'string');
  const channel = words.find((word) => typeof word === 'number');
  if (channel !== undefined && texts.length < 3) texts.push('call_remote');
  return [...texts.map((word) => `"${word}"`), ...(channel === undefined ? [] : [channel])].join(', ');
}
