/** Scripts in GDScript for classes in TypeScript: what the command `gdscript` writes. */
import { variantTypeByString } from '../../../codec/internal.ts';
import type { ScriptRpc } from '../../../schema/index.ts';

/** A class whose RPCs are written. */
export interface StubSource {
  /** The `res://` path of its script. */
  readonly path: string;
  /** Its RPCs, inherited ones included. */
  readonly rpcs: ReadonlyMap<string, ScriptRpc>;
  /** The names of a method's arguments, as far as they are known. */
  argumentNames(method: string): readonly string[];
}

/**
 * Writes a script with the same RPCs: the same numbers, the same checksum.
 *
 * @throws RangeError for what GDScript cannot say: an RPC that nobody may call, a name that is none, a path of more than a line.
 */
export function writeGdscript({ path, rpcs, argumentNames }: StubSource): string {
  if (/\p{Cc}/u.test(path)) throw new RangeError(`${JSON.stringify(path)} is no path of a script`);
  const parts = [...rpcs].map(([name, rpc]) => {
    if (!isName(name) || name === '_static_init')
      throw new RangeError(`${path}: ${JSON.stringify(name)} is no name in GDScript`);
    if (rpc.rpcMode !== 1 && rpc.rpcMode !== 2)
      throw new RangeError(`${path}: ${name}: GDScript has no word for an RPC that nobody may call`);
    const words = [
      rpc.rpcMode === 1 ? 'any_peer' : 'authority',
      rpc.callLocal ? 'call_local' : 'call_remote',
      TRANSFER_MODES[rpc.transferMode],
    ].map((word) => JSON.stringify(word));
    // The channel is the fourth argument, behind all words.
    const args = rpc.channel === 0 ? words : [...words, rpc.channel];
    return `@rpc(${args.join(', ')})\nfunc ${name}(${parametersOf(rpc, argumentNames(name)).join(', ')}):\n\tpass\n`;
  });
  return `# The RPCs of ${path}, as they are declared in TypeScript. Written by \`godot-enet gdscript\`.\nextends Node\n\n${parts.join('\n')}`;
}

function parametersOf(rpc: ScriptRpc, names: readonly string[]): string[] {
  const { argumentTypes: types, leastArguments: least, mostArguments: most } = rpc;
  const isOpen = most === Number.POSITIVE_INFINITY;
  const count = isOpen ? Math.max(least, types.length) : most;
  const used = new Set<string>();
  const parameters = Array.from({ length: count }, (_, i) => {
    const wanted = names[i] ?? '';
    // A parameter may not be called as a type of the engine, a function may.
    const isFree = isName(wanted) && variantTypeByString(wanted) === undefined && !used.has(wanted);
    let name = isFree ? wanted : `arg${i}`;
    while (used.has(name)) name += '_';
    used.add(name);
    const type = types[i] ?? 'Variant';
    const value =
      i < least
        ? ''
        : ` = ${EMPTY.get(type) ?? (/^(?:Array|Dictionary)\b/.test(type) ? containerOf(type) : emptyOf(type))}`;
    return `${name}${type === 'Variant' ? '' : `: ${type}`}${value}`;
  });
  // GDScript has this since 4.5.
  return isOpen ? [...parameters, '...rest: Array'] : parameters;
}

function containerOf(type: string): string {
  return type.startsWith('Array') ? '[]' : '{}';
}

/** `Vector2()`; null for objects. */
function emptyOf(type: string): string {
  return BUILT_IN.test(type) ? `${type}()` : 'null';
}

function isName(text: string): boolean {
  return NAME.test(text) && !KEYWORDS.has(text);
}

/** Words that are no names in GDScript; `match`, `when` and `PI` are. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  'if elif else for while break continue pass return class class_name extends is in as self super signal func static const enum var await preload assert breakpoint yield void and or not namespace trait true false null _'.split(
    ' ',
  ),
);

const NAME = /^[_\p{XID_Start}]\p{XID_Continue}*$/u;
const TRANSFER_MODES = ['unreliable', 'unreliable_ordered', 'reliable'] as const;
const EMPTY: ReadonlyMap<string, string> = new Map([
  ['bool', 'false'],
  ['int', '0'],
  ['float', '0.0'],
  ['String', '""'],
  ['StringName', '&""'],
  ['NodePath', '^""'],
  ['Variant', 'null'],
]);
const BUILT_IN =
  /^(?:Vector[234]i?|Rect2i?|Transform[23]D|Plane|Quaternion|AABB|Basis|Projection|Color|RID|Callable|Signal|Packed\w+Array)$/;
