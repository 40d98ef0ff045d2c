/**
 * What the console costs a server: CPU time of a server with players who send, bare, with a console that nobody looks at, and with one viewer of each
 * section, in % of a core at 5,000 datagrams per second. The viewer is a stream over HTTP, without a browser (`consolePage.ts` has one). Linux only.
 *
 *   npx tsx bench/console.ts [--players=500] [--rate=5] [--seconds=4] [--json] [--only=PART]
 */
import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { View } from '../src/inspector/protocol.ts';
import { ENetClient } from '../src/server.ts';
import { buildServers, cpuUsOf, median } from './childServer.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    players: { type: 'string', default: '500' },
    rate: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
  },
});
const players = Number(values.players);
const rate = Number(values.rate);
const seconds = Number(values.seconds);

const REPEATS = 3;
/** Datagrams per second of each measurement. */
const rates: number[] = [];
const DATAGRAMS_PER_SECOND = 5000;
const VIEWS: readonly (readonly [name: string, view: View])[] = [
  ['overview', { section: 'overview' }],
  ['peers', { section: 'peers', sort: 'roundTripMs', limit: 50 }],
  ['charts', { section: 'charts' }],
  ['traffic', { section: 'traffic', limit: 50 }],
  ['traffic filtered', { section: 'traffic', filter: 'in "score"', limit: 50 }],
];

buildServers();
say(JSON.stringify(describeMachine()));
const bare = await startServer('bare');
const bareFigure = await withPlayers(bare, () => medianOf(() => percentOf(bare)));
bare.close();
say(`bare: ${bareFigure.toFixed(2)} % of a core`);
const watched = await startServer('console');
await withPlayers(watched, async () => {
  if (isWanted('nobody looks'))
    print('nobody looks', await medianOf(() => percentOf(watched)), 'bare', bareFigure);
  for (const [name, view] of VIEWS) {
    if (!isWanted(name)) continue;
    const rounds: { readonly nobody: number; readonly viewer: number }[] = [];
    for (let i = 0; i < REPEATS; i++) {
      const nobody = await percentOf(watched);
      const end = look(watched.url, view);
      await sleep(500);
      rounds.push({ nobody, viewer: await percentOf(watched) });
      end();
    }
    print(
      name,
      median(rounds.map((round) => round.viewer)),
      'nobody',
      median(rounds.map((round) => round.nobody)),
    );
  }
});
watched.close();
say(`${Math.round(median(rates)).toLocaleString('en')} datagrams per second`);
process.exit(0);

interface Started {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Received and sent so far. */
  datagrams(): Promise<number>;
  close(): void;
}

async function startServer(mode: string): Promise<Started> {
  const script = fileURLToPath(new URL('../.build/bench/bench/consoleWatched.js', import.meta.url));
  const child = spawn(process.execPath, [script, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<{ port: number; url: string; datagrams: number }> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the server ended early');
    return JSON.parse(value);
  };
  const { port, url } = await next();
  return {
    pid: child.pid ?? 0,
    port,
    url,
    datagrams: async () => {
      child.stdin.write('\n');
      return (await next()).datagrams;
    },
    close: () => child.stdin.end(),
  };
}

/** Players who send `rate` packets per second each, and get as many. */
async function withPlayers<Result>({ port }: Started, measure: () => Promise<Result>): Promise<Result> {
  const clients: ENetClient[] = [];
  for (let i = 0; i < players; i++) {
    const client = new ENetClient();
    client.connectToServer('127.0.0.1', port);
    clients.push(client);
    if (i % 20 === 19) await sleep(40);
  }
  for (let waits = 0; clients.some((client) => !client.isConnectedToServer()); waits++) {
    if (waits > 200) throw new Error('not everybody is connected');
    await sleep(100);
  }
  let next = 0;
  let owed = 0;
  const timer = setInterval(() => {
    owed += (players * rate) / 100;
    for (; owed >= 1; owed--) {
      const client = clients[next++ % players];
      client?.sendPacket({ name: 'player', score: next, at: [next % 100, 7] }, 0, false);
    }
  }, 10);
  // Until the hot paths are compiled.
  await sleep(6000);
  try {
    return await measure();
  } finally {
    clearInterval(timer);
    for (const client of clients) client.disconnectFromServer();
    await sleep(500);
  }
}

/** CPU time by datagram, as % of a core at 5,000 datagrams per second: on a busy machine players send less than they should. */
async function percentOf(server: Started): Promise<number> {
  const [cpuUs, datagrams] = [cpuUsOf(server.pid), await server.datagrams()];
  await sleep(seconds * 1000);
  const count = (await server.datagrams()) - datagrams;
  rates.push(count / seconds);
  return ((cpuUsOf(server.pid) - cpuUs) / count) * DATAGRAMS_PER_SECOND * 1e-4;
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < REPEATS; i++) samples.push(await measure());
  return median(samples);
}

/** @returns a function that ends it. */
function look(url: string, view: View): () => void {
  const request = get(
    new URL(`events?view=${encodeURIComponent(JSON.stringify(view))}`, url),
    { agent: false },
    (response) => {
      response.resume();
      response.on('error', () => undefined);
    },
  );
  request.on('error', () => undefined);
  return () => request.destroy();
}

function print(name: string, figure: number, peer: string, peerFigure: number): void {
  const unit = '% of a core';
  printRow({
    name: `console server, ${players} players, ${name}`,
    figure,
    unit,
    peer,
    peerFigure,
    repeats: REPEATS,
  });
}
