// The program of a network thread that takes memory without end once a packet has come, until V8 stops it.
import { workerData } from 'node:worker_threads';

await import('../../dist/src/node/worker.js');
const control = new Int32Array(workerData.control);
const EVENT_TAIL = 3;
const start = Atomics.load(control, EVENT_TAIL);
setInterval(() => {
  // A CONNECT alone is shorter.
  if (Atomics.load(control, EVENT_TAIL) - start <= 200) return;
  const eaten = [];
  for (;;) eaten.push(new Array(500_000).fill(eaten.length));
}, 20);
