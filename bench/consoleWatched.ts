/**
 * The server process of `bench/console.ts`: an ENetServer that sends every packet back to who has sent it. Argument: `bare`, or `console`: with an
 * Inspector that watches it. It prints one line of JSON with its UDP port and the URL of its page,
 * for each line on its input one with its datagrams so far, and ends with its input.
 */
import { createInterface } from 'node:readline';
import { Inspector } from '../src/inspector.ts';
import { ENetServer } from '../src/server.ts';

const hasConsole = process.argv[2] === 'console';
const inspector = new Inspector();
const server = new ENetServer({
  bindAddress: '127.0.0.1',
  ...(hasConsole && { host: { trace: inspector.trace } }),
  limits: {
    packetsPerSec: 0,
    bytesPerSec: 0,
    maxPeersPerAddress: 1000,
    connectsPerSecPerAddress: 0,
    maxHalfOpenPerAddress: 1000,
  },
});
server.on('packetReceived', (peer, packet, channel) => peer.sendPacket(packet, channel, false));
const error = server.createServer(0, 1000);
if (error !== 0) throw new Error(`createServer: ${error}`);
if (hasConsole) inspector.watch(server, 'bench');
const url = hasConsole ? await inspector.listen(0) : '';
console.log(JSON.stringify({ port: server.getLocalPort(), url }));
const input = createInterface({ input: process.stdin });
input.on('line', () => {
  const { datagramsReceived, datagramsSent } = server.ops.metrics();
  console.log(JSON.stringify({ datagrams: datagramsReceived + datagramsSent }));
});
input.on('close', () => {
  server.stopServer();
  void inspector.close();
});
