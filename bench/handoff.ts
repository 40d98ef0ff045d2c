/**
 * How long a player is in no room while its room goes to another node: two nodes and the clients, each a process, on loopback; the bus is Redis.
 * The gap is what a client sees: from the frame in which it lets go of the old connection until it is admitted at the other node.
 *
 * `npx tsx bench/handoff.ts [players per room, 40] [rooms, 2] [times there and back, 5] [rooms at once, 4]`; needs
 * `redis-server`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RedisServer } from '../test/cluster/redisServer.ts';
import { buildServers } from './childServer.ts';

const [, , perRoom = '40', roomCount = '2', rounds = '5', atOnce = '4'] = process.argv;
const total = Number(perRoom) * Number(roomCount);

/** A process that answers each line with one. */
class Child {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(name: string, args: readonly string[]) {
    const script = fileURLToPath(new URL(`../.build/bench/bench/${name}.js`, import.meta.url));
    const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async next(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('a process ended early');
    return JSON.parse(value);
  }

  ask(line: string): Promise<Record<string, unknown>> {
    this.#process.stdin?.write(`${line}\n`);
    return this.next();
  }

  close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#process.once('close', () => resolve()));
    this.#process.stdin?.end();
    return ended;
  }
}

buildServers();
const redis = await RedisServer.start();
const nodes = ['a', 'b'].map((id) => new Child('handoffNode', [id, redis.url]));
const [first] = await Promise.all(nodes.map((node) => node.next()));
for (let i = 0; i < Number(roomCount); i++) await nodes[0]?.ask(`room ${perRoom}`);
const clients = new Child('handoffClients', [String(first?.['port']), String(total)]);
await clients.next();
const gaps: number[] = [];
const slowest: number[] = [];
for (let round = 0; round < 2 * Number(rounds); round++) {
  const to = round % 2 === 0 ? 'b' : 'a';
  const { slowestMs } = (await nodes[round % 2]?.ask(`move ${to},${atOnce}`)) ?? {};
  slowest.push(Number(slowestMs));
  const answer = await clients.ask('gaps');
  gaps.push(...(answer['gaps'] as number[]));
  const { players } = (await nodes[(round + 1) % 2]?.ask('players')) ?? {};
  if (players !== total) throw new Error(`${players} of ${total} players are at ${to}`);
}
gaps.sort((x, y) => x - y);
const at = (share: number): number =>
  Math.round(gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))] ?? 0);
console.log(
  `${gaps.length} handoffs of players, ${roomCount} rooms of ${perRoom}: gap p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms; ` +
    `a room is there after ${Math.max(...slowest)} ms at most`,
);
await clients.close();
for (const node of nodes) await node.close();
await redis.close();
