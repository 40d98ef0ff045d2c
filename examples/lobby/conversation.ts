/** Two scripted players who join the lobby over UDP, so that a newcomer sees it work. */
import { LobbyClient } from './lobbyClient.ts';

/**
 * Ada and Bob meet, talk and move; Ada kicks Bob and leaves.
 *
 * @param print takes a speaker and a line.
 * @throws Error when something that must happen does not within seconds.
 */
export async function runConversation(
  address: string,
  port: number,
  print: (speaker: string, line: string) => void,
): Promise<void> {
  const ada = new LobbyClient('Ada', (line) => print('Ada', line));
  const bob = new LobbyClient('Bob', (line) => print('Bob', line));
  try {
    ada.join(address, port);
    await ada.sees('welcome');
    bob.join(address, port);
    await Promise.all([bob.sees('welcome'), ada.sees('Bob joined')]);
    ada.say('Hello Bob!');
    await bob.sees('<Ada> Hello Bob!');
    bob.say('Hi Ada. Watch me run.');
    await ada.sees('Watch me run');
    bob.moveTo(12.5, -3);
    await ada.sees(`player ${bob.id} is at (12.5, -3)`);
    bob.say('/kick Ada');
    await bob.sees('Only the host may kick.');
    ada.say('/kick Bob');
    await Promise.all([bob.sees('disconnected'), ada.sees('Bob left')]);
  } finally {
    ada.leave();
    bob.leave();
  }
}
