/** `npm run test:soak`: the full soak, with figures. Fails when something is left over or memory grows. */
import { parseArgs } from 'node:util';
import { growthOf } from './growth.ts';
import { createLoopbackGround } from './loopback.ts';
import { describeRounds, type SoakGround, soak } from './soak.ts';
import { createVirtualGround } from './virtual.ts';

const errors: unknown[] = [];
const { values } = parseArgs({
  options: { clients: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '20' } },
});
const clients = Number(values.clients);
const rounds = Number(values.rounds);
await run('virtual network', createVirtualGround(clients, errors));
await run('UDP on 127.0.0.1, inline', createLoopbackGround(clients, errors));
await run('UDP on 127.0.0.1, thread', createLoopbackGround(clients, errors, true));

async function run(title: string, ground: SoakGround): Promise<void> {
  const start = performance.now();
  const results = await soak(ground, rounds);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${title}, ${clients} clients: ${rounds} rounds in ${seconds} s`);
  console.log(describeRounds(results));
  await ground.server[Symbol.asyncDispose]();
  if (errors.length > 0) throw new Error(`errors: ${String(errors[0])}`);
  const problem = growthOf(results, clients);
  if (problem !== undefined) throw new Error(`${title}: ${problem}`);
}
