/**
 * The servers that the benches with sockets measure: one of libenet (`test/interop/libenet/peer.c`) and ours
 * (`bench/echoServer.ts`, compiled as it ships), each in a process of its own.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { mmsgProblem } from '../src/io/mmsg.ts';
import type { NodeTransport } from '../src/node/nodeRuntime.ts';
import { CPeer } from '../test/interop/libenet/cPeer.ts';
import { numberOf } from '../test/interop/libenet/numberOf.ts';

/** What a server has used and done so far. */
export interface Usage {
  /** CPU time of the process, user and system, in microseconds. */
  readonly cpuUs: number;
  /** Datagrams sent. */
  readonly sentPackets: number;
  /** Datagrams received. */
  readonly receivedPackets: number;
}

/** A server under measurement. It sends back every packet that it gets. */
export interface Server {
  /** Its process. */
  readonly pid: number;
  readonly port: number;
  usage(): Promise<Usage>;
  /** Queues one packet to all peers and sends it. */
  broadcast(size: number, flags: number): Promise<void>;
  close(): Promise<void>;
}

/** Our transports that can be had here. */
export const TRANSPORTS: readonly NodeTransport[] =
  mmsgProblem() === undefined ? ['mmsg', 'dgram'] : ['dgram'];

const OUR_SERVER = fileURLToPath(new URL('../.build/bench/bench/echoServer.js', import.meta.url));

/** Our server is measured as it ships: compiled by tsc. */
export function buildServer(): void {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  const config = fileURLToPath(new URL('tsconfig.json', import.meta.url));
  const result = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`tsc failed:\n${result.stdout}`);
}

/** Starts a server of libenet with so many slots. */
export async function startTheirs(peers: number): Promise<Server> {
  const actor = await CPeer.start('libenet server', 900);
  const port = numberOf(await actor.run('host', { bind: 1, peers }), 'port');
  await actor.run('echo', { on: 1 });
  // The connections are not looked at here.
  return {
    pid: actor.pid ?? 0,
    port,
    usage: async () => {
      const stats = await actor.run('stats');
      return {
        cpuUs: numberOf(await actor.run('cpu'), 'cpuUs'),
        sentPackets: numberOf(stats, 'sentPackets'),
        receivedPackets: numberOf(stats, 'receivedPackets'),
      };
    },
    broadcast: async (size, flags) => {
      await actor.run('broadcast', { size, flags });
    },
    close: () => actor.close(),
  };
}

/** What runs our server. */
export interface OurNode {
  /** The program. Default: the one that runs the bench. */
  readonly node?: string | undefined;
  /** Its options, e.g. `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** See `NodeRuntimeOptions`. Default 0. */
  readonly gatherMs?: number;
}

/** Starts our server. */
export async function startOurs(
  peers: number,
  transport: NodeTransport,
  { node = process.execPath, nodeOptions = [], gatherMs = 0 }: OurNode = {},
): Promise<Server> {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    node,
    [...nodeOptions, OUR_SERVER, String(peers), transport, String(gatherMs)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, number>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('our server ended early');
    const answer: Record<string, number> = JSON.parse(value);
    return answer;
  };
  const ask = (line: string): Promise<Record<string, number>> => {
    child.stdin.write(`${line}\n`);
    return next();
  };
  return {
    pid: child.pid ?? 0,
    port: numberOf(await next(), 'port'),
    usage: async () => {
      const answer = await ask('usage');
      return {
        cpuUs: numberOf(answer, 'cpuUs'),
        sentPackets: numberOf(answer, 'sentPackets'),
        receivedPackets: numberOf(answer, 'receivedPackets'),
      };
    },
    broadcast: async (size, flags) => {
      await ask(`broadcast ${size} ${flags}`);
    },
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** The median of some figures; NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** What the figures were measured on. */
export function describeMachine(): { cpu: string; cores: number; node: string; load: number } {
  const [load = 0] = loadavg();
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, load };
}
