/** The soak on the virtual network. */
import { setImmediate } from 'node:timers/promises';
import type { Runtime, Timer } from '../../src/runtime/index.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SoakGround } from './soak.ts';

/** A server and clients with addresses of their own; `errors` gets what must not happen. */
export function createVirtualGround(count: number, errors: unknown[]): SoakGround {
  const net = new SimNetwork({ seed: 5, latencyMs: 15, queueBytes: 100_000_000 });
  const timers = new Set<Timer>();
  const runtime = countTimers(net.createRuntime('10.0.0.1'), timers);
  const server = new ENetServer({
    runtime,
    onError: (error) => errors.push(error),
    limits: {
      connectsPerSec: 200,
      connectBurst: 300,
      connectsPerSecPerAddress: 5,
      connectBurstPerAddress: 10,
    },
  });
  server.createServer(7777, count);
  const clients = Array.from({ length: count }, (_, index) => {
    const home = net.createRuntime(`10.${1 + (index >> 8)}.1.${index & 255}`);
    const client = new ENetClient({ runtime: countTimers(home, timers) });
    // Idle clients need not wake a hundred times a second of virtual time.
    client.setPollRate(1000);
    return client;
  });
  return {
    server,
    clients,
    address: '10.0.0.1',
    port: 7777,
    until: async (condition, limitMs, what) => {
      for (let waited = 0; !condition(); waited += 20) {
        if (waited > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
        net.advance(20);
        await setImmediate();
      }
    },
    resources: () => Promise.resolve(timers.size),
    threadHeap: () => Promise.resolve(0),
  };
}

/** The same runtime, with every timer in `timers` that has neither fired nor been called off. */
function countTimers(runtime: Runtime, timers: Set<Timer>): Runtime {
  return {
    now: () => runtime.now(),
    random32: () => runtime.random32(),
    attach: (host, bind) => runtime.attach(host, bind),
    resolve: (name, done) => runtime.resolve(name, done),
    startTimer: (delayMs, callback) => {
      const timer = runtime.startTimer(delayMs, () => {
        timers.delete(counted);
        callback();
      });
      const counted: Timer = {
        cancel: () => {
          timers.delete(counted);
          timer.cancel();
        },
      };
      timers.add(counted);
      return counted;
    },
  };
}
