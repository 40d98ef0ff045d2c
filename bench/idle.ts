/**
 * The CPU time that servers use while nobody plays: without a peer, and with idle ones (only pings are due). Beside them
 * a host of libenet that is serviced for each datagram and every 10 ms. What a Node uses that waits for its input alone is
 * taken off where there is no peer: `inline` and `thread` are an ENetServer, `rooms` a RoomServer without rooms.
 * Linux only.
 *
 *   npx tsx bench/idle.ts [--ms=5000] [--peers=100] [--json] [--only=PART]
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ENetClient } from '../src/server.ts';
import { peer as livePeer } from '../test/support/peers.ts';
import { buildServers, cpuUsOf, startServer } from './childServer.ts';
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
/** V8 collects once more some 8 s after the last work. */
const SETTLE_MS = 12_000;

buildServers();
say(JSON.stringify(describeMachine()));
const emptyNode = await measureEmpty();
say(`a Node that waits for its input: ${emptyNode.toFixed(2)} ms/s`);
for (const count of [0, peers]) {
  const peerFigure = livePeer('libenet').isMissing
    ? undefined
    : await measureServer(await startTheirs(Math.max(1, count)), count);
  for (const transport of TRANSPORTS) {
    for (const mode of count === 0 ? ['inline', 'thread', 'rooms'] : ['inline', 'thread']) {
      const name = `idle, ${count === 0 ? 'no peer' : `${count} peers`}, ${transport}, ${mode}`;
      if (!isWanted(name)) continue;
      const used = await measure(transport, mode, count);
      const figure = count === 0 ? Math.max(0, used - emptyNode) : used;
      printRow({ name, figure, unit: 'ms/s', peer: 'libenet', peerFigure, repeats: 1 });
    }
  }
}

async function measure(transport: string, mode: string, count: number): Promise<number> {
  if (mode === 'rooms') return measureServer(await startServer('roomsServer', [transport]), count);
  // The server takes it from its environment.
  process.env['GODOT_ENET_TRANSPORT'] = transport;
  return measureServer(await startServer('threadServer', [String(Math.max(1, count)), mode]), count);
}

interface Measured {
  readonly pid: number;
  readonly port: number;
  close(): Promise<void>;
}

async function measureServer(server: Measured, count: number): Promise<number> {
  const clients = Array.from({ length: count }, () => new ENetClient());
  for (const client of clients) client.connectToServer('127.0.0.1', server.port);
  await Promise.all(clients.map((client) => client.connected()));
  const perSecond = await perSecondOf(server.pid);
  for (const client of clients) await client[Symbol.asyncDispose]();
  await server.close();
  return perSecond;
}

async function measureEmpty(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const perSecond = await perSecondOf(child.pid ?? 0);
  child.stdin.end();
  return perSecond;
}

/** Milliseconds of CPU in a second, when the process has settled. */
async function perSecondOf(pid: number): Promise<number> {
  await sleep(SETTLE_MS);
  const before = cpuUsOf(pid);
  const start = performance.now();
  await sleep(ms);
  return (cpuUsOf(pid) - before) / (performance.now() - start);
}
