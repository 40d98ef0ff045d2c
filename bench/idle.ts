/**
 * The CPU time that an ENetServer uses while nobody plays: without a peer, and with idle ones (only pings are due). Beside it
 * a host of libenet that is serviced for each datagram and every 10 ms.
 * Linux only.
 *
 *   npx tsx bench/idle.ts [--ms=5000] [--peers=100]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ENetClient } from '../src/server.ts';
import { buildServers, startServer } from './childServer.ts';
import { startTheirs } from './servers.ts';

const { values } = parseArgs({
  options: { ms: { type: 'string', default: '5000' }, peers: { type: 'string', default: '100' } },
});
const ms = Number(values.ms);
const peers = Number(values.peers);
const SETTLE_MS = 2_000;

buildServers();
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]}`);
for (const transport of ['dgram', 'mmsg']) {
  for (const mode of ['inline', 'thread']) {
    for (const count of [0, peers]) {
      const perSecond = await measure(transport, mode, count);
      console.log(`${transport}, ${mode}, ${count} idle peers: ${perSecond.toFixed(2)} ms of CPU per second`);
    }
  }
}

for (const count of [0, peers]) {
  const perSecond = await measureServer(await startTheirs(Math.max(1, count)), count);
  console.log(`libenet, ${count} idle peers: ${perSecond.toFixed(2)} ms of CPU per second`);
}

async function measure(transport: string, mode: string, count: number): Promise<number> {
  // The server takes it from its environment.
  process.env['GODOT_ENET_TRANSPORT'] = transport;
  return measureServer(await startServer('threadServer', [String(Math.max(1, count)), mode]), count);
}

interface Measured {
  readonly port: number;
  usage(): Promise<{ readonly cpuUs: number }>;
  close(): Promise<void>;
}

async function measureServer(server: Measured, count: number): Promise<number> {
  const clients = Array.from({ length: count }, () => new ENetClient());
  for (const client of clients) client.connectToServer('127.0.0.1', server.port);
  await Promise.all(clients.map((client) => client.connected()));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const before = await server.usage();
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = await server.usage();
  const seconds = (performance.now() - start) / 1000;
  for (const client of clients) await client[Symbol.asyncDispose]();
  await server.close();
  return (after.cpuUs - before.cpuUs) / 1000 / seconds;
}
