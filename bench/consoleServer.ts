/**
 * The server of `consolePage.ts`, with its console: an ENetServer that sends an event to each player so many times per second. Arguments: that number,
 * and the most players. It prints its port and the URL of the page, answers each line of input with what it has used and done so far, and ends
 * with its input. Node runs it from the sources, which find the page in `dist`.
 */
import { createInterface } from 'node:readline';
import { Vector2 } from '../codec/index.ts';
import { Inspector } from '../src/inspector.ts';
import { ENetServer } from '../src/server.ts';

const [, , rate = '3', most = '500'] = process.argv;
/** Between two steps: players get their events one part after the other, as from a game with a clock. */
const STEP_MS = 20;

const inspector = new Inspector({ title: 'consolePage' });
const server = new ENetServer({
  bindAddress: '127.0.0.1',
  limits: { packetsPerSec: 0, bytesPerSec: 0 },
  host: { trace: inspector.trace },
});
const error = server.createServer(0, Number(most));
if (error !== 0) throw new Error(`createServer gave ${error}`);
let events = 0;
server.registerEvent('move', () => {
  events++;
});
inspector.watch(server);
console.log(JSON.stringify({ port: server.getLocalPort(), url: await inspector.listen(0) }));

let due = 0;
let next = 0;
const timer = setInterval(() => {
  const peers = server.getPeers();
  due += (peers.length * Number(rate) * STEP_MS) / 1000;
  for (; due >= 1 && peers.length > 0; due--) {
    const peer = peers[next++ % peers.length];
    if (peer !== undefined)
      server.triggerEvent(peer.peerId, 'state', { at: new Vector2(next, 7), health: next % 100 });
  }
}, STEP_MS);

const input = createInterface({ input: process.stdin });
input.on('line', () => {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(
    JSON.stringify({
      cpuUs: user + system,
      rssBytes: rss,
      heapBytes: heapUsed + external,
      peers: server.getPeers().length,
      events,
    }),
  );
});
input.on('close', () => {
  clearInterval(timer);
  server.stopServer();
  void inspector.close();
});
