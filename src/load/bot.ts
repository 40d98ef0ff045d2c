/** What a bot script is: a function, a class or an object with hooks, the default export of a module. */
import type { AnyPlayer } from './players/link.ts';

/** What a bot script may know of the run. */
export interface LoadContext {
  /** The server, as it was given. */
  readonly target: string;
  /** How many players there are in the end. */
  readonly players: number;
  /** What the random numbers of all players hang on. */
  readonly seed: number;
  /** How long the run takes, in ms. */
  readonly durationMs: number;
}

/** What a bot does. All hooks are optional, and may be async. What they throw is counted, and the player goes on. */
export interface LoadBot<Player extends AnyPlayer = AnyPlayer> {
  /** Before the player connects; in a mirror before there are nodes. Register scripts and set an `authCallback` here. Not async. */
  onSetup?(player: Player, context: LoadContext): void;
  /** The server has admitted the player. */
  onJoin?(player: Player, context: LoadContext): unknown;
  /** Each tick of the player. One that answers a promise is not called again until that is settled. */
  onTick?(player: Player, deltaSec: number): unknown;
  /** The player leaves, or was lost. */
  onLeave?(player: Player): unknown;
}

/** A bot as a function: called when the player has joined. */
export type BotFunction<Player extends AnyPlayer = AnyPlayer> = (
  player: Player,
  context: LoadContext,
) => unknown;

/** A bot as a class: one object for each player, made before it connects. */
export type BotClass<Player extends AnyPlayer = AnyPlayer> = new (
  player: Player,
  context: LoadContext,
) => LoadBot<Player>;

/** Makes the bot of a player. */
export type MakeBot = (player: AnyPlayer, context: LoadContext) => LoadBot;

/** A module that is no bot script. */
export class BotScriptError extends Error {
  override readonly name: string = 'BotScriptError';
}

/**
 * Makes bots of the default export of a module.
 *
 * @throws BotScriptError when it is none.
 */
export function botMaker(exported: unknown): MakeBot {
  if (isClass(exported)) return (player, context) => checkHooks(new exported(player, context));
  if (typeof exported === 'function') {
    const run = exported as BotFunction;
    return () => ({ onJoin: (player, context) => run(player, context) });
  }
  if (typeof exported === 'object' && exported !== null) {
    const bot = checkHooks(exported);
    return () => bot;
  }
  throw new BotScriptError(
    `its default export expected a function, a class or an object with hooks, got ${exported === undefined ? 'none' : typeof exported}`,
  );
}

function checkHooks(bot: object): LoadBot {
  const hooks = bot as { readonly [name: string]: unknown };
  const given = HOOKS.filter((name) => hooks[name] !== undefined);
  if (given.length === 0) throw new BotScriptError(`it has none of the hooks ${HOOKS.join(', ')}`);
  for (const name of given) {
    if (typeof hooks[name] !== 'function')
      throw new BotScriptError(`${name} expected a function, got ${typeof hooks[name]}`);
  }
  return bot as LoadBot;
}

/** A class cannot be called, and its text says that it is one. */
function isClass(value: unknown): value is BotClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

const HOOKS = ['onSetup', 'onJoin', 'onTick', 'onLeave'] as const;
