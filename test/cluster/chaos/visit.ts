/** A player who comes with a reservation, stays a moment, and goes: a client over ENet, as games have one. */
import { SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../../src/godot.ts';
import { SceneMultiplayer } from '../../../src/multiplayer.ts';

/**
 * Comes and goes.
 *
 * @param address `host:port`.
 * @returns whether it was let in at the door; whether it got into the room its node writes down.
 */
export async function visit(address: string, text: string, stayMs: number): Promise<boolean> {
  const peer = new ENetMultiplayerPeer();
  const multiplayer = new SceneMultiplayer({ mirror: new SceneMirror() });
  const [host = '', port = ''] = address.split(':');
  peer.createClient(host, Number(port));
  let isIn = false;
  let isOver = false;
  multiplayer.on('peerAuthenticating', (id) => multiplayer.sendAuth(id, new TextEncoder().encode(text)));
  multiplayer.authCallback = (id) => {
    multiplayer.completeAuth(id);
  };
  multiplayer.on('connectedToServer', () => {
    isIn = true;
  });
  for (const signal of ['connectionFailed', 'serverDisconnected', 'peerAuthenticationFailed'] as const)
    multiplayer.on(signal, () => {
      isOver = true;
    });
  multiplayer.multiplayerPeer = peer;
  const endMs = performance.now() + stayMs;
  while (!isOver && performance.now() < endMs) {
    multiplayer.poll();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  multiplayer.multiplayerPeer = null;
  peer.close();
  return isIn;
}

const POLL_MS = 20;
