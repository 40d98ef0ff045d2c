/**
 * Custom events from ENetClients to an ENetServer and back, typed (each payload checked by a schema) and untyped, inline
 * and with a network thread. Linux only.
 *
 *   npx tsx bench/events.ts [--repeats=3] [--ms=2000] [--peers=16] [--inflight=16] [--json]
 *
 * "events/s" is what reached the server's handlers, each answered by another event; "of 100" is the ratio to the 100 per
 * second that the documentation of the reference states for its default poll rate. "main" is the CPU time of the server's
 * application thread for an event and its answer, "process" that of all its threads. The clients share one process.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ENetClient } from '../src/server.ts';
import { buildServers, median, startServer } from './childServer.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '3' },
    ms: { type: 'string', default: '2000' },
    peers: { type: 'string', default: '16' },
    inflight: { type: 'string', default: '16' },
  },
});
const [repeats, ms, peers, inflight] = [values.repeats, values.ms, values.peers, values.inflight].map(Number);
const REFERENCE_PER_SECOND = 100;
const WARM_UP_MS = 1000;

interface Sample {
  readonly perSecond: number;
  readonly mainUs: number;
  readonly cpuUs: number;
}

buildServers();
const settings = (['inline', 'thread'] as const).flatMap((mode) =>
  (['untyped', 'typed'] as const).map((kind) => ({ mode, kind, samples: [] as Sample[] })),
);
for (let round = 0; round < (repeats ?? 0); round++) {
  for (const setting of settings) setting.samples.push(await measure(setting.mode, setting.kind));
}
const rows = settings.map(({ mode, kind, samples }) => {
  const pick = (key: keyof Sample): number => median(samples.map((sample) => sample[key]));
  const perSecond = pick('perSecond');
  const ofReference = perSecond / REFERENCE_PER_SECOND;
  return { mode, kind, perSecond, ofReference, mainUs: pick('mainUs'), cpuUs: pick('cpuUs') };
});
const [load = 0] = loadavg();
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, load };
if (values.json) {
  console.log(JSON.stringify({ bench: 'events', machine, repeats, ms, peers, inflight, rows }));
} else {
  for (const { mode, kind, perSecond, ofReference, mainUs, cpuUs } of rows) {
    console.log(
      `${mode.padEnd(6)} ${kind.padEnd(7)} ${Math.round(perSecond).toLocaleString('en').padStart(8)} events/s  ` +
        `${ofReference.toFixed(0).padStart(5)} of 100  main ${mainUs.toFixed(2).padStart(6)} us/event  ` +
        `process ${cpuUs.toFixed(2).padStart(6)} us/event`,
    );
  }
  console.log(machine);
}

/** Events for `ms` after a warm-up, with a server and clients of its own. */
async function measure(mode: string, kind: string): Promise<Sample> {
  const server = await startServer('eventServer', [mode, kind, 'open']);
  const clients = Array.from({ length: peers ?? 0 }, () => new ENetClient());
  let count = 0;
  try {
    for (const [player, client] of clients.entries()) {
      const ask = (): void => {
        client.triggerEvent('ask', { sent: count, player });
      };
      client.registerEvent('answer', () => {
        count++;
        ask();
      });
      client.connectToServer('127.0.0.1', server.port);
      await client.connected();
      for (let i = 0; i < (inflight ?? 0); i++) ask();
    }
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    const [before, startCount, start] = [await server.usage(), count, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, ms));
    const [after, events, elapsedMs] = [await server.usage(), count - startCount, performance.now() - start];
    return {
      perSecond: (events / elapsedMs) * 1000,
      mainUs: (after.mainUs - before.mainUs) / events,
      cpuUs: (after.cpuUs - before.cpuUs) / events,
    };
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
    await server.close();
  }
}
