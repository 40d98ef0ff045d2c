/** The server's side of `childServer.ts`. CPU time of the main thread comes from `/proc`, so this is Linux only. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ENetServer } from '../src/server.ts';

/** What runs here. */
export type Measured = Pick<ENetServer, 'getLocalPort' | 'stopServer'> &
  Partial<Pick<ENetServer, 'getThreadCounters'>>;

/**
 * Prints the port, answers each line of input with what was used so far, and stops with the input.
 *
 * @param calls how many calls were handled so far, where there are any.
 */
export function answerUsage(server: Measured, calls: () => number = () => 0): void {
  console.log(JSON.stringify({ port: server.getLocalPort() }));
  const input = createInterface({ input: process.stdin });
  input.on('line', () => {
    const { user, system } = process.cpuUsage();
    const [nanoseconds = '0'] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    const { wakes = 0, pings = 0 } = server.getThreadCounters?.() ?? {};
    console.log(
      JSON.stringify({
        cpuUs: user + system,
        mainUs: Number(nanoseconds) / 1000,
        messages: wakes + pings,
        rssBytes: process.memoryUsage.rss(),
        calls: calls(),
      }),
    );
  });
  input.on('close', () => server.stopServer());
}
