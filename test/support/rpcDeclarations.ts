/** Any RPCs that a class in TypeScript can declare and GDScript can say. */
import fc from 'fast-check';
import {
  type RpcDeclarations,
  RpcMode,
  SceneMirror,
  type ScriptClass,
  type ScriptRpc,
} from '../../schema/index.ts';
import { NodeScript } from '../../src/multiplayer/NodeScript.ts';
import { KEYWORDS } from '../../src/project/write/writeGdscript.ts';

const name = fc
  .stringMatching(/^[a-zA-Z_é][a-zA-Z0-9_]{0,8}$/u)
  .filter((each) => !/^_+$/.test(each) && !KEYWORDS.has(each));
const type = fc.constantFrom(
  ...['int', 'float', 'String', 'Variant', 'Vector2', 'Array[int]', 'Dictionary[String, int]'],
  ...['Node', 'PackedByteArray', 'Color'],
);
const declaration = fc
  .record({
    rpcMode: fc.constantFrom(RpcMode.RPC_MODE_ANY_PEER, RpcMode.RPC_MODE_AUTHORITY),
    transferMode: fc.constantFrom(0 as const, 1 as const, 2 as const),
    callLocal: fc.boolean(),
    channel: fc.integer({ min: 0, max: 200 }),
    argumentTypes: fc.array(type, { maxLength: 5 }),
    least: fc.nat(5),
    isOpen: fc.boolean(),
  })
  .map(({ least, isOpen, ...rest }) => ({
    ...rest,
    leastArguments: Math.min(least, rest.argumentTypes.length),
    ...(isOpen ? { mostArguments: Number.POSITIVE_INFINITY } : {}),
  }));

/** Declarations by name. */
export const rpcDeclarations: fc.Arbitrary<RpcDeclarations> = fc.dictionary(name, declaration, {
  maxKeys: 12,
});

/** A class with them. */
export function scriptWith(rpcs: RpcDeclarations, path: string): ScriptClass {
  return class extends NodeScript {
    static override readonly path = path;
    static override readonly rpcs = rpcs;
  };
}

/** The RPCs of a class, as a mirror has them. */
export function rpcsOf(script: ScriptClass): ReadonlyMap<string, ScriptRpc> {
  const mirror = new SceneMirror().registerScript(script);
  return mirror.scriptRpcsOf(mirror.createNode({ name: 'N', class: 'Node', script: script.path }));
}
