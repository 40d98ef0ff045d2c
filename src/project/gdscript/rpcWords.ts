/** What `@rpc` says. docs/protocol/scene-multiplayer 11.2 (29). */
import type { RpcConfigInput } from '../../../schema/index.ts';
import { type Constant, numberOf, textOf } from './constant.ts';

/** Only what was written; `rpcMode` is always there. */
export interface WrittenRpc extends RpcConfigInput {
  readonly rpcMode: 'any_peer' | 'authority';
  readonly transferMode?: 'unreliable' | 'unreliable_ordered' | 'reliable';
}

/** What an annotation says, and what is wrong with it. */
export interface RpcReading {
  readonly config: WrittenRpc;
  /** Why the engine refuses the script. */
  readonly error: string | undefined;
  /** Which arguments are no constants that are known here, from 1. */
  readonly unread: readonly number[];
}

/** The configuration that the arguments of `@rpc` make; `undefined` stands for an argument that could not be read. */
export function readRpc(args: readonly (Constant | undefined)[]): RpcReading {
  const found: { -readonly [K in keyof WrittenRpc]: WrittenRpc[K] } = { rpcMode: 'authority' };
  const unread: number[] = [];
  const kinds = new Set<string>();
  const fail = (error: string): RpcReading => ({ config: { rpcMode: 'authority' }, error, unread: [] });
  if (args.length > 4) return fail(`@rpc takes 4 arguments at most, got ${args.length}`);
  for (const [i, arg] of args.entries()) {
    if (arg === undefined) {
      unread.push(i + 1);
      continue;
    }
    if (i === 3) {
      const channel = numberOf(arg);
      if (channel === undefined) return fail('the fourth argument of @rpc is the channel, a number');
      found.channel = Math.trunc(channel) | 0;
      continue;
    }
    const word = textOf(arg);
    if (word === undefined) return fail(`argument ${i + 1} of @rpc is no text`);
    const kind = KINDS.get(word);
    if (kind === undefined) return fail(`@rpc has no word ${JSON.stringify(word.slice(0, 40))}`);
    if (kinds.has(kind)) return fail(`@rpc says twice ${kind}: ${word}`);
    kinds.add(kind);
    Object.assign(found, WORDS[word as keyof typeof WORDS]);
  }
  return { config: found, error: undefined, unread };
}

const WORDS = {
  any_peer: { rpcMode: 'any_peer' },
  authority: { rpcMode: 'authority' },
  call_local: { callLocal: true },
  call_remote: { callLocal: false },
  reliable: { transferMode: 'reliable' },
  unreliable: { transferMode: 'unreliable' },
  unreliable_ordered: { transferMode: 'unreliable_ordered' },
} as const;

const KINDS: ReadonlyMap<string, string> = new Map([
  ['any_peer', 'who may call'],
  ['authority', 'who may call'],
  ['call_local', 'where it runs'],
  ['call_remote', 'where it runs'],
  ['reliable', 'how it travels'],
  ['unreliable', 'how it travels'],
  ['unreliable_ordered', 'how it travels'],
]);
