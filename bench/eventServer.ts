/**
 * The server of `events.ts` and `attack.ts`: answers the event `ask` with `answer`. Arguments: `inline` or `thread`;
 * `typed` (declared once and checked by a schema) or `untyped`; `open` (no login, no rates) or `login`.
 */
import { number, object } from 'valibot';
// Named so that the program of the thread is compiled, too.
import type {} from '../src/node/worker.ts';
import { AuthMode, defineEvents, ENetServer, payload, TypedServerEvents } from '../src/server.ts';
import { answerUsage } from './answerUsage.ts';

const [, , mode = 'inline', kind = 'untyped', door = 'open'] = process.argv;
const server = new ENetServer({
  bindAddress: '127.0.0.1',
  thread: mode === 'thread',
  limits: door === 'open' ? { packetsPerSec: 0, bytesPerSec: 0 } : {},
});
if (door === 'login') {
  server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
  server.setCustomAuthenticator((_peer, login) => login.get('token') === 'secret');
}
if (kind === 'typed') {
  const contract = defineEvents({
    toServer: { ask: object({ sent: number(), player: number() }) },
    toClient: { answer: payload<{ sent: number; player: number }>() },
  });
  const events = new TypedServerEvents(server, contract);
  events.registerEvent('ask', (peer, asked) => {
    events.triggerEvent(peer.peerId, 'answer', asked);
  });
} else {
  server.registerEvent('ask', (peer, asked) => {
    server.triggerEvent(peer.peerId, 'answer', asked);
  });
}
const error = server.createServer(0, 256);
if (error !== 0) throw new Error(`createServer gave ${error}`);
answerUsage(server);
