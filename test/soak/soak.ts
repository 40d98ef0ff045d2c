/** Many clients join, log in, chat and leave, again and again; afterwards nothing may be left of them. */
import { AuthMode } from '../../src/server/constants.ts';
import type { ENetClient } from '../../src/server/ENetClient.ts';
import type { ENetServer } from '../../src/server/ENetServer.ts';

/** What a soak runs on. */
export interface SoakGround {
  /** The server, listening. */
  readonly server: ENetServer;
  /** All clients; they are used in every round. */
  readonly clients: readonly ENetClient[];
  /** Where the clients find the server. */
  readonly address: string;
  /** Its port. */
  readonly port: number;
  /** Lets time pass until the condition holds. @throws Error when it takes longer than `limitMs`. */
  until(condition: () => boolean, limitMs: number, what: string): Promise<void>;
  /** Timers and sockets that exist now, as far as the ground can count them. */
  resources(): Promise<number>;
  /** Bytes of the heap of the network thread, after a collection; 0 without one. */
  threadHeap(): Promise<number>;
}

/** The state after a round. */
export interface SoakRound {
  readonly heapBytes: number;
  /** The heap of the network thread; 0 without one. */
  readonly threadHeapBytes: number;
  readonly rssBytes: number;
  readonly resources: number;
  readonly listeners: number;
}

/** Runs the rounds. */
export async function soak(ground: SoakGround, rounds: number): Promise<SoakRound[]> {
  const { server, clients } = ground;
  server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
  server.setCustomAuthenticator(async (_peer, login) => login.get('token') === 'secret');
  let chats = 0;
  let answers = 0;
  server.registerEvent('chat', (peer, payload) => {
    chats++;
    server.triggerEvent(peer.peerId, 'said', payload);
  });
  for (const client of clients) {
    client.on('connectedToServer', () => {
      client.sendPacket({ token: 'secret' });
    });
    client.registerEvent('said', () => {
      answers++;
    });
  }
  const results: SoakRound[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const client of clients) client.connectToServer(ground.address, ground.port);
    await ground.until(
      () => {
        // A client that was over a limit for half a minute begins anew, as a player would.
        for (const client of clients)
          if (client.getConnectionStatus() === 0) client.connectToServer(ground.address, ground.port);
        return server.getAuthenticatedPeerCount() === clients.length;
      },
      120_000,
      `all logged in (round ${round})`,
    );
    [chats, answers] = [0, 0];
    for (let line = 0; line < CHAT_LINES; line++) {
      for (const [index, client] of clients.entries())
        client.triggerEvent('chat', { text: `line ${line} of ${index}` });
    }
    const wanted = CHAT_LINES * clients.length;
    await ground.until(() => chats === wanted && answers === wanted, 60_000, `chat (round ${round})`);
    for (const client of clients) client.disconnectFromServer('bye');
    await ground.until(() => server.getPeerCount() === 0, 60_000, `all gone (round ${round})`);
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    results.push({
      heapBytes: heapUsed,
      threadHeapBytes: await ground.threadHeap(),
      rssBytes: rss,
      resources: await ground.resources(),
      listeners: SIGNALS.reduce((sum, name) => sum + server.listenerCount(name), 0),
    });
  }
  return results;
}

/** One line per round. */
export function describeRounds(rounds: readonly SoakRound[]): string {
  const mib = (bytes: number): string => (bytes / 1048576).toFixed(1);
  return rounds
    .map(
      ({ heapBytes, threadHeapBytes, rssBytes, resources, listeners }, index) =>
        `round ${index + 1}: heap ${mib(heapBytes)} MiB, thread ${mib(threadHeapBytes)} MiB, rss ${mib(rssBytes)} MiB, resources ${resources}, listeners ${listeners}`,
    )
    .join('\n');
}

/** Lines that each client says in a round. */
export const CHAT_LINES = 3;
const SIGNALS = [
  'serverStarted',
  'serverStopped',
  'peerConnecting',
  'peerAuthenticated',
  'peerDisconnected',
] as const;
