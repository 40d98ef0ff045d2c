/**
 * Which of several servers answers. The client leaves a socket open for ever when it gives up a server that takes connections and says
 * nothing, as a frozen one does: it is only shown servers that have said something.
 */
import { connect } from 'node:net';
import type { ClusterRuntime } from '../clock.ts';

/**
 * Tries one after the other, in random order.
 *
 * @param timeoutMs how long each may take.
 * @returns one of them.
 * @throws (as rejection) why the last one did not answer.
 */
export async function firstToAnswer(
  servers: readonly string[],
  timeoutMs: number,
  runtime: ClusterRuntime,
): Promise<string> {
  const left = [...servers];
  for (;;) {
    const [server = ''] = left.splice(runtime.random32() % left.length, 1);
    try {
      await greeting(server, timeoutMs, runtime);
      return server;
    } catch (error) {
      if (left.length === 0) throw error;
    }
  }
}

/** Waits for the first bytes: a server speaks first, in the clear. */
async function greeting(server: string, timeoutMs: number, runtime: ClusterRuntime): Promise<void> {
  const { hostname, port } = new URL(`tcp://${server.replace(/^\w+:\/\//, '')}`);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({ host, port: port === '' ? DEFAULT_PORT : Number(port) });
  const timer = runtime.startTimer(timeoutMs, () =>
    socket.destroy(new Error(`${server} says nothing within ${timeoutMs} ms`)),
  );
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('data', () => resolve());
      socket.once('error', reject);
      socket.once('close', () => reject(new Error(`${server} hangs up`)));
    });
  } finally {
    timer.cancel();
    socket.destroy();
  }
}

const DEFAULT_PORT = 4222;
