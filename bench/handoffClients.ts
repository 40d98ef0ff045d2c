/**
 * The clients of `handoff.ts`, in a process of their own. Arguments: the port of the first node; how many. It prints a line when all are in, and
 * answers `gaps` with how long each was away, in ms, when all have arrived.
 */
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { createNodeRuntime } from '../src/node/nodeRuntime.ts';
import { HandoffClient } from '../test/cluster/handoff/HandoffClient.ts';
import { newMirror } from './handoffGame.ts';

const [, , port = '0', count = '1'] = process.argv;
/** Frames of a game. */
const FRAME_MS = 16;
const world = {
  get time() {
    return performance.now();
  },
  createRuntime: () => createNodeRuntime(),
};
const clients = Array.from(
  { length: Number(count) },
  (_, i) => new HandoffClient(world, '', `p${i}`, newMirror()),
);
let frame = 0;
const timer = setInterval(() => {
  frame++;
  for (const [i, client] of clients.entries()) {
    client.poll();
    if (client.isIn && (frame + i) % 30 === 0) client.callMarked('/root/Main', 'add', frame);
  }
}, FRAME_MS);

async function until(isTrue: () => boolean): Promise<void> {
  for (const end = performance.now() + 60_000; !isTrue(); await setTimeout(5)) {
    if (performance.now() < end) continue;
    const missing = clients.filter(({ stage, isIn }) => stage !== 'playing' || !isIn);
    throw new Error(
      missing
        .slice(0, 5)
        .map(({ name, stage, log }) => `${name} is ${stage}: ${log}`)
        .join('; '),
    );
  }
}

for (const client of clients) {
  client.join(`127.0.0.1:${port}`);
  await setTimeout(2);
}
await until(() => clients.every(({ isIn }) => isIn));
await setTimeout(500);
console.log('{}');
let rounds = 0;
for await (const _line of createInterface({ input: process.stdin })) {
  rounds++;
  await until(() => clients.every(({ gaps, stage }) => gaps.length === rounds && stage === 'playing'));
  console.log(JSON.stringify({ gaps: clients.map(({ gaps }) => Math.round(gaps.at(-1) ?? 0)) }));
}
clearInterval(timer);
for (const client of clients) client.close();
