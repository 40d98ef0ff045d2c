/** The network thread as it ships, which also tells the size of its heap. */
import '../../dist/src/node/worker.js';
import { BroadcastChannel } from 'node:worker_threads';

const channel = new BroadcastChannel(`heap of the thread of ${process.pid}`);
channel.onmessage = ({ data }) => {
  if (data !== 'size?') return;
  globalThis.gc?.();
  channel.postMessage({ heapBytes: process.memoryUsage().heapUsed });
};
channel.unref();
