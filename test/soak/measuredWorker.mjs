/** The network thread as it ships, which also tells the size of its heap, and of its heap with the memory of its buffers. */
import '../../dist/src/node/worker.js';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const channel = new BroadcastChannel(`heap of the thread of ${process.pid}`);
channel.onmessage = ({ data }) => {
  if (data !== 'size?') return;
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  channel.postMessage({ heapBytes: heapUsed, heldBytes: heapUsed + arrayBuffers });
};
channel.unref();
