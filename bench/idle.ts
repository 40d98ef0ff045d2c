/**
 * The CPU time that servers use while nobody plays: without a peer, and with idle ones (only pings are due). Beside them
 * a host of libenet that is serviced for each datagram and every 10 ms. What a Node uses that waits for its input alone is
 * taken off where there is no peer: `inline` and `thread` are an ENetServer, `rooms` a RoomServer without rooms.
 * Linux only. A server without peers wakes every 8 s or so for some ms of CPU: `--ms` is a multiple of that, or chance decides.
 *
 *   npx tsx bench/idle.ts [--ms=8000] [--peers=100] [--json] [--only=PART]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
    ms: { type: 'string', default: '8000' },
    peers: { type: 'string', default: '100' },
  },
});
const ms = Number(values.ms);
const peers = Number(values.peers);
/** V8 collects once more some 8 s after the last work. */
const SETTLE_MS = 12_000;
/** Without peers a collection was seen 18 to 22 s after the start, and it would be all that is measured. */
const SETTLE_EMPTY_MS = 24_000;

buildServers();
say(JSON.stringify(describeMachine()));
await measureEmptyServers();
await measureWithPeers();

/** All of them rest at the same time, beside an empty Node: what they use is little. */
async function measureEmptyServers(): Promise<void> {
  const names = namesOf('no peer', ['inline', 'thread', 'rooms']);
  if (names.length === 0) return;
  const emptyNode = startEmptyNode();
  const theirs = await startLibenet(1);
  const ours: Measured[] = [];
  for (const { transport, mode } of names) ours.push(await startOurs(transport, mode, 1));
  const all = [emptyNode, ...(theirs === undefined ? [] : [theirs]), ...ours];
  const used = await perSecondOf(all, SETTLE_EMPTY_MS);
  for (const server of all) await server.close();
  const nodeFigure = used.get(emptyNode) ?? Number.NaN;
  say(`a Node that waits for its input: ${nodeFigure.toFixed(2)} ms/s`);
  for (const [index, { name }] of names.entries()) {
    const server = ours[index];
    const figure = Math.max(0, ((server && used.get(server)) ?? Number.NaN) - nodeFigure);
    print(name, figure, theirs && used.get(theirs));
  }
}

/** One after the other. */
async function measureWithPeers(): Promise<void> {
  const names = namesOf(`${peers} peers`, ['inline', 'thread']);
  if (names.length === 0) return;
  const theirs = await startLibenet(peers);
  const peerFigure = theirs && (await measureServer(theirs));
  for (const { name, transport, mode } of names) {
    print(name, await measureServer(await startOurs(transport, mode, peers)), peerFigure);
  }
}

interface Named {
  readonly name: string;
  readonly transport: string;
  readonly mode: string;
}

/** The rows that are wanted. */
function namesOf(load: string, modes: readonly string[]): Named[] {
  return TRANSPORTS.flatMap((transport) =>
    modes.map((mode) => ({ name: `idle, ${load}, ${transport}, ${mode}`, transport, mode })),
  ).filter(({ name }) => isWanted(name));
}

function print(name: string, figure: number, peerFigure: number | undefined): void {
  printRow({ name, figure, unit: 'ms/s', peer: 'libenet', peerFigure, repeats: 1 });
}

interface Process {
  readonly pid: number;
  close(): Promise<void>;
}

interface Measured extends Process {
  readonly port: number;
}

async function startLibenet(slots: number): Promise<Measured | undefined> {
  return livePeer('libenet').isMissing ? undefined : await startTheirs(slots);
}

async function startOurs(transport: string, mode: string, slots: number): Promise<Measured> {
  if (mode === 'rooms') return startServer('roomsServer', [transport]);
  // The server takes it from its environment.
  process.env['GODOT_ENET_TRANSPORT'] = transport;
  return startServer('threadServer', [String(slots), mode]);
}

function startEmptyNode(): Process {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'close');
  return {
    pid: child.pid ?? 0,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** What a server uses with all peers. */
async function measureServer(server: Measured): Promise<number> {
  const clients = Array.from({ length: peers }, () => new ENetClient());
  for (const client of clients) client.connectToServer('127.0.0.1', server.port);
  await Promise.all(clients.map((client) => client.connected()));
  const used = await perSecondOf([server], SETTLE_MS);
  for (const client of clients) await client[Symbol.asyncDispose]();
  await server.close();
  return used.get(server) ?? Number.NaN;
}

/** Milliseconds of CPU in a second, when the processes have settled: the mean, since a median of short times leaves out what is rare. */
async function perSecondOf(processes: readonly Process[], settleMs: number): Promise<Map<Process, number>> {
  await sleep(settleMs);
  const starts = processes.map((each) => ({ each, before: cpuUsOf(each.pid), start: performance.now() }));
  await sleep(ms);
  return new Map(
    starts.map(({ each, before, start }) => [
      each,
      (cpuUsOf(each.pid) - before) / (performance.now() - start),
    ]),
  );
}
