/** Checked by the compiler only: bot scripts of either protocol have the types of their players, and only those. */
import type { BotClass, BotFunction, LoadBot, ScenePlayer, ServerPlayer } from '../../src/load.ts';

export const forServer: BotFunction<ServerPlayer> = async (player, context) => {
  player.trigger('ask', { at: context.players });
  const answer = await player.measure('ask', player.nextEvent('answer'));
  player.count(String(answer.get('to')));
  // @ts-expect-error -- an ENetServer knows no nodes
  player.rpc('/root/Main', 'ask');
};

export const forScene: LoadBot<ScenePlayer> = {
  onSetup: (player) => void player.mirror.root,
  onTick: (player, deltaSec) => player.rpc('/root/Main', 'move', deltaSec),
  // @ts-expect-error -- ticks come with seconds
  onLeave: (player, deltaSec: number) => player.leave(deltaSec),
};

class Bot implements LoadBot<ScenePlayer> {
  readonly #player: ScenePlayer;
  constructor(player: ScenePlayer) {
    this.#player = player;
  }
  async onJoin(): Promise<void> {
    while (await this.#player.sleep(100)) this.#player.count('steps');
  }
}
export const asClass: BotClass<ScenePlayer> = Bot;

export const forBoth: BotFunction = (player) => {
  player.count('joined');
  if (player.protocol === 'scene') player.rpc('/root/Main', 'ask');
  else player.send('ask');
  // @ts-expect-error -- which of them it is has to be asked
  player.send('ask');
};
