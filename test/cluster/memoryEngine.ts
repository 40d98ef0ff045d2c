/** The bus in memory under virtual time, for the suite of all engines. */
import { setImmediate } from 'node:timers/promises';
import { MemoryHub, type MemorySnapshot } from '../../src/cluster/index.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { Engine } from './conformance/engine.ts';

export async function openMemoryEngine(delayMs = 0): Promise<Engine> {
  const network = new SimNetwork({ seed: 1 });
  const reported: unknown[] = [];
  const leaseMs = 1000;
  let saved: MemorySnapshot | undefined;
  const hub = new MemoryHub({
    leaseMs,
    delayMs,
    onError: (error) => void reported.push(error),
    runtime: network.createRuntime('10.0.0.1'),
  });
  return {
    leaseMs,
    reported,
    connect: async () => hub.connect(),
    // Listeners are asynchronous: what they wait for has to come about between two timers.
    later: async (ms) => {
      const end = network.time + ms;
      do {
        network.advance(Math.min(1, end - network.time));
        await setImmediate();
      } while (network.time < end);
    },
    pause: async () => hub.pause(),
    resume: async () => hub.resume(),
    save: async () => {
      saved = hub.save();
    },
    restart: async (data) => hub.restart(data === 'none' ? undefined : data === 'kept' ? hub.save() : saved),
    close: async () => undefined,
  };
}
