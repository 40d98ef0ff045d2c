/** `npm run test:soak`: the full soak, with figures. Fails when something is left over or memory grows. */
import { createLoopbackGround } from './loopback.ts';
import { describeRounds, type SoakGround, type SoakRound, soak } from './soak.ts';
import { createVirtualGround } from './virtual.ts';

const errors: unknown[] = [];
await run('virtual network, 1000 clients', createVirtualGround(1000, errors), 20);
await run('UDP on 127.0.0.1, 200 clients', createLoopbackGround(200, errors), 10);

async function run(title: string, ground: SoakGround, count: number): Promise<void> {
  const start = performance.now();
  const rounds = await soak(ground, count);
  console.log(`${title}: ${count} rounds in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log(describeRounds(rounds));
  await ground.server[Symbol.asyncDispose]();
  if (errors.length > 0) throw new Error(`errors: ${String(errors[0])}`);
  const problem = growthOf(rounds);
  if (problem !== undefined) throw new Error(`${title}: ${problem}`);
}

/** What has grown between the first rounds, in which everything warms up, and the last ones. */
function growthOf(rounds: readonly SoakRound[]): string | undefined {
  const quarter = Math.max(1, rounds.length >> 2);
  const median = (part: readonly SoakRound[], read: (round: SoakRound) => number): number =>
    part.map(read).sort((a, b) => a - b)[part.length >> 1] ?? 0;
  const early = rounds.slice(quarter, 2 * quarter);
  const late = rounds.slice(-quarter);
  const heap = median(late, (round) => round.heapBytes) - median(early, (round) => round.heapBytes);
  const rss = median(late, (round) => round.rssBytes) - median(early, (round) => round.rssBytes);
  if (heap > 4 * 1048576) return `the heap grew by ${heap} bytes`;
  if (rss > 48 * 1048576) return `the resident set grew by ${rss} bytes`;
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first?.resources !== last?.resources) return `resources ${first?.resources} became ${last?.resources}`;
  if (first?.listeners !== last?.listeners) return `listeners ${first?.listeners} became ${last?.listeners}`;
  return undefined;
}
