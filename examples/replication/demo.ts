/** A scripted player that joins over UDP and tells what it sees, so that a newcomer sees it work. */
import { LevelClient } from './levelClient.ts';

/**
 * Joins, watches a platform, the score and a coin, and leaves.
 *
 * @param print takes one line for everything that the player sees.
 * @throws Error when something that must happen does not within seconds.
 */
export async function runDemo(address: string, port: number, print: (line: string) => void): Promise<void> {
  const player = new LevelClient(print);
  try {
    player.join(address, port);
    await player.until('the level', () => player.mirror.getNode('Level/Score')?.get('text') !== undefined);
    await player.until('the score', () => player.show('Level/Score', 'text')?.startsWith('Coins') === true);
    print(`has the level, ${[...player.mirror.root.walk()].length - 1} nodes`);
    const start = player.show('Level/Platform', 'position');
    await player.until('a move', () => player.show('Level/Platform', 'position') !== start);
    print(`the platform moves: ${start}, ${player.show('Level/Platform', 'position')}`);
    const score = player.show('Level/Score', 'text');
    await player.until('a score', () => player.show('Level/Score', 'text') !== score);
    const coin = player.mirror.getNode('Level/Coins')?.getChild(-1);
    print(`the score says "${player.show('Level/Score', 'text')}", ${coin?.getPath()} is there`);
    await player.until('a coin that goes', () => coin?.isInsideTree() === false);
    print(`${coin?.name} is gone again`);
  } finally {
    player.leave();
  }
}
