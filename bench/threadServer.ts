/**
 * The server process of `bench/thread.ts`: an ENetServer that sends every packet back to whom it came from, through its
 * public methods. Arguments: number of slots, `inline` or `thread`. It prints one line of JSON with its port. Each line
 * on its input is answered with the CPU time so far in microseconds, of the process and of the application's thread
 * (`/proc/self/task/PID/schedstat`, Linux only). It ends with its input.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
// Named so that the program of the thread is compiled, too.
import type {} from '../src/io/thread/worker.ts';
import { ENetServer } from '../src/server.ts';

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

console.log(JSON.stringify({ port: server.getLocalPort() }));
const input = createInterface({ input: process.stdin });
input.on('line', () => {
  const { user, system } = process.cpuUsage();
  const [nanoseconds = '0'] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  const { wakes = 0, pings = 0 } = server.getThreadCounters() ?? {};
  console.log(
    JSON.stringify({ cpuUs: user + system, mainUs: Number(nanoseconds) / 1000, messages: wakes + pings }),
  );
});
input.on('close', () => server.stopServer());
