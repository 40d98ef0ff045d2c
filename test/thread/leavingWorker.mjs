// The program of a network thread that ends itself once a packet has come.
import { workerData } from 'node:worker_threads';

await import('../../dist/src/node/worker.js');
const control = new Int32Array(workerData.control);
const EVENT_TAIL = 3;
const start = Atomics.load(control, EVENT_TAIL);
setInterval(() => {
  // A CONNECT alone is shorter.
  if (Atomics.load(control, EVENT_TAIL) - start > 200) process.exit(7);
}, 20);
