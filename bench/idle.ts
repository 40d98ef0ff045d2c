/**
 * The CPU time that an ENetServer uses while nobody plays: without a peer, and with idle ones (only pings are due). Beside it
 * a host of libenet that is serviced for each datagram and every 10 ms.
 * Linux only.
 *
 *   npx tsx bench/idle.ts [--ms=5000] [--peers=100] [--json] [--only=PART]
 */
import { parseArgs } from 'node:util';
import { ENetClient } from '../src/server.ts';
import { peer as livePeer } from '../test/support/peers.ts';
import { buildServers, startServer } from './childServer.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine, startTheirs, TRANSPORTS } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    ms: { type: 'string', default: '5000' },
    peers: { type: 'string', default: '100' },
  },
});
const ms = Number(values.ms);
const peers = Number(values.peers);
const SETTLE_MS = 2_000;

buildServers();
say(JSON.stringify(describeMachine()));
for (const count of [0, peers]) {
  const peerFigure = livePeer('libenet').isMissing
    ? undefined
    : await measureServer(await startTheirs(Math.max(1, count)), count);
  for (const transport of TRANSPORTS) {
    for (const mode of ['inline', 'thread']) {
      const name = `idle, ${count === 0 ? 'no peer' : `${count} peers`}, ${transport}, ${mode}`;
      if (!isWanted(name)) continue;
      const figure = await measure(transport, mode, count);
      printRow({ name, figure, unit: 'ms/s', peer: 'libenet', peerFigure, repeats: 1 });
    }
  }
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
