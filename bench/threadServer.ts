/**
 * The server process of `bench/thread.ts`: an ENetServer that sends every packet back to whom it came from, through its
 * public methods. Arguments: number of slots, `inline` or `thread`. It prints one line of JSON with its port. Each line
 * on its input is answered with the CPU time so far in microseconds, of the process and of the application's thread
 * (`/proc/self/task/PID/schedstat`, Linux only). It ends with its input.
 */
// Named so that the program of the thread is compiled, too.

import type {} from '../src/node/worker.ts';
import { ENetServer } from '../src/server.ts';
import { answerUsage } from './answerUsage.ts';

const [, , peerCount = '64', mode = 'inline'] = process.argv;
const server = new ENetServer({
  bindAddress: '127.0.0.1',
  thread: mode === 'thread',
  // The rates of a flood are what is measured here.
  limits: { packetsPerSec: 0, bytesPerSec: 0 },
});
server.on('rawPacketReceived', (peer, data, channel) => {
  peer.sendRawPacket(data, channel, true);
});
const error = server.createServer(0, Number(peerCount));
if (error !== 0) throw new Error(`createServer gave ${error}`);

answerUsage(server);
