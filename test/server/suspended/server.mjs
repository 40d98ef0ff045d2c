// A server process that soon gives up. Run by suspensionLive.test.ts; it tells in lines of JSON what it sees, and asks everybody
// something at each line of its input. It ends with its input.
import './impatient.mjs';
import { createInterface } from 'node:readline';
import { createNodeRuntime } from '../../../dist/src/godot.js';
import { ENetServer } from '../../../dist/src/server.js';

const [, , transport, mode] = process.argv;
const threadScript = new URL('impatientWorker.mjs', import.meta.url);
const server = new ENetServer({
  bindAddress: '127.0.0.1',
  runtime: createNodeRuntime({ transport, threadScript }),
  thread: mode === 'thread',
});
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
server.on('peerAuthenticated', () => tell({ peers: server.getAuthenticatedPeerCount() }));
server.on('peerDisconnected', (_, reason) => tell({ lost: reason }));
server.on('packetReceived', () => tell({ answer: true }));
const error = server.createServer(0);
if (error !== 0) throw new Error(`createServer: ${error}`);
tell({ port: server.getLocalPort() });

const lines = createInterface({ input: process.stdin });
lines.on('line', () => server.broadcastPacket('are you there?'));
lines.on('close', () => server.stopServer());
