/**
 * What attacks cost: the round trip of honest clients and the CPU of the server, as ratios to the same run without one,
 * inline and with a network thread. Everything on one machine, so the attackers' own work is in the latency. Linux only.
 *
 *   npx tsx bench/attack.ts [--repeats=3] [--ms=2000] [--rate=2000] [--json]
 *
 * `--rate` is how many hostile datagrams or packets a second the attackers send together.
 */
import { createSocket } from 'node:dgram';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ENetClient } from '../src/server.ts';
import { connectDatagram, disconnectDatagram } from '../test/server/datagrams.ts';
import { buildServers, type ChildServer, median, startServer } from './childServer.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '3' },
    ms: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '2000' },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);
const rate = Number(values.rate);
const PLAYERS = 10;
const STEP_MS = 5;

/** Sends `count` hostile datagrams or packets. */
type Attack = (count: number) => void;

interface Sample {
  readonly roundTripMs: number;
  readonly worstMs: number;
  readonly cpuMsPerSec: number;
  readonly rssMiB: number;
}

const ATTACKS = ['none', 'login flood', 'invalid Variants', 'event names', 'reconnects', 'forged datagrams'];

buildServers();
const rows = [];
for (const mode of ['inline', 'thread']) {
  const samples = new Map(ATTACKS.map((name) => [name, [] as Sample[]]));
  for (let round = 0; round < repeats; round++) {
    for (const [name, list] of samples) list.push(await measure(mode, name));
  }
  const pick = (name: string, key: keyof Sample): number =>
    median((samples.get(name) ?? []).map((sample) => sample[key]));
  for (const attack of ATTACKS) {
    const row = {
      mode,
      attack,
      roundTripMs: pick(attack, 'roundTripMs'),
      worstMs: pick(attack, 'worstMs'),
      roundTripRatio: pick(attack, 'roundTripMs') / pick('none', 'roundTripMs'),
      cpuMsPerSec: pick(attack, 'cpuMsPerSec'),
      cpuRatio: pick(attack, 'cpuMsPerSec') / pick('none', 'cpuMsPerSec'),
      rssMiB: pick(attack, 'rssMiB'),
    };
    rows.push(row);
    if (!values.json) {
      console.log(
        `${mode.padEnd(6)} ${attack.padEnd(17)} round trip ${row.roundTripMs.toFixed(2).padStart(6)} ms ` +
          `(${row.roundTripRatio.toFixed(2)}), 99% ${row.worstMs.toFixed(1).padStart(5)} ms, ` +
          `server ${row.cpuMsPerSec.toFixed(0).padStart(4)} ms CPU/s (${row.cpuRatio.toFixed(2)}), ` +
          `rss ${row.rssMiB.toFixed(0)} MiB`,
      );
    }
  }
}
const [load = 0] = loadavg();
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, load };
console.log(values.json ? JSON.stringify({ bench: 'attack', machine, repeats, ms, rate, rows }) : machine);

/** Ten players ask 20 times a second each while the attack goes on. */
async function measure(mode: string, name: string): Promise<Sample> {
  const server = await startServer('eventServer', [mode, 'untyped', 'login']);
  const open: AsyncDisposable[] = [];
  try {
    const players: ENetClient[] = [];
    const times: number[] = [];
    for (let i = 0; i < PLAYERS; i++) {
      const player = await join(server, open);
      player.registerEvent('answer', (asked) => {
        times.push(performance.now() - Number(asked.get('sent')));
      });
      players.push(player);
    }
    const attack = await prepare(name, server, open);
    const [before, start] = [await server.usage(), performance.now()];
    let steps = 0;
    while (performance.now() - start < ms) {
      attack((rate * STEP_MS) / 1000);
      if (steps++ % 10 === 0) {
        for (const [player, client] of players.entries())
          client.triggerEvent('ask', { sent: performance.now(), player });
      }
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
    const [after, elapsedMs] = [await server.usage(), performance.now() - start];
    times.sort((a, b) => a - b);
    if (!players.every((player) => player.isConnectedToServer()))
      throw new Error(`${name}: a player was lost`);
    return {
      roundTripMs: median(times),
      worstMs: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
      cpuMsPerSec: (after.cpuUs - before.cpuUs) / elapsedMs,
      rssMiB: after.rssBytes / 1048576,
    };
  } finally {
    for (const one of open) await one[Symbol.asyncDispose]();
    await server.close();
  }
}

async function join(server: ChildServer, open: AsyncDisposable[], token = 'secret'): Promise<ENetClient> {
  const client = new ENetClient();
  open.push(client);
  client.connectToServer('127.0.0.1', server.port);
  await client.connected();
  client.sendPacket({ token });
  return client;
}

async function prepare(name: string, server: ChildServer, open: AsyncDisposable[]): Promise<Attack> {
  if (name === 'none') return () => undefined;
  if (name === 'forged datagrams') {
    const socket = createSocket('udp4');
    open.push({ [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(resolve)) });
    let next = 0;
    return (count) => {
      for (let i = 0; i < count; i++) {
        next++;
        const bytes = next % 2 === 0 ? connectDatagram(next) : disconnectDatagram(next % PLAYERS, next % 4);
        socket.send(bytes, server.port, '127.0.0.1');
      }
    };
  }
  if (name === 'invalid Variants' || name === 'event names') {
    const client = await join(server, open);
    const huge = new Uint8Array([1, 28, 0, 0, 0, 255, 255, 255, 127]);
    let next = 0;
    return (count) => {
      for (let i = 0; i < count; i++) {
        if (name === 'event names') client.triggerEvent(next++ % 2 ? `${next}` : '__proto__', {}, 1, false);
        else client.sendRawPacket(huge, 0, false);
      }
    };
  }
  // Both come with 20 clients that are thrown out and come back.
  const clients = Array.from({ length: 20 }, () => new ENetClient());
  open.push(...clients);
  return (count) => {
    for (const client of clients) {
      if (name === 'reconnects' && client.isConnectedToServer()) client.disconnectFromServer();
      if (client.getConnectionStatus() === 0) client.connectToServer('127.0.0.1', server.port);
      else if (name === 'login flood')
        for (let i = 0; i < count / clients.length; i++) client.sendPacket({ token: `guess ${i}` });
    }
  };
}
