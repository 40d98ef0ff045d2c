/** A server of a bench in a process of its own, compiled by tsc as it ships, and what it uses. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { numberOf } from '../test/interop/libenet/numberOf.ts';

/** What the server has used since its start. */
export interface Usage {
  /** CPU time of all its threads, in microseconds. */
  readonly cpuUs: number;
  /** CPU time of the application's thread, in microseconds. */
  readonly mainUs: number;
  /** Messages between its threads. */
  readonly messages: number;
  /** Its resident set in bytes. */
  readonly rssBytes: number;
  /** Calls that it has handled, where it counts them. */
  readonly calls: number;
}

/** A server that runs. */
export interface ChildServer {
  /** Its process. */
  readonly pid: number;
  /** Its UDP port. */
  readonly port: number;
  /** Asks what it has used. */
  usage(): Promise<Usage>;
  /** Ends it. */
  close(): Promise<void>;
}

/** Compiles the servers of the benches. @throws Error with the output of tsc. */
export function buildServers(): void {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  const config = fileURLToPath(new URL('tsconfig.json', import.meta.url));
  const result = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`tsc failed:\n${result.stdout}`);
}

/** Starts a compiled server, e.g. `threadServer`. */
export async function startServer(name: string, args: readonly string[]): Promise<ChildServer> {
  const script = fileURLToPath(new URL(`../.build/bench/bench/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, number>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the server ended early');
    return JSON.parse(value);
  };
  const port = numberOf(await next(), 'port');
  return {
    pid: child.pid ?? 0,
    port,
    usage: async () => {
      child.stdin.write('usage\n');
      const answer = await next();
      return {
        cpuUs: numberOf(answer, 'cpuUs'),
        mainUs: numberOf(answer, 'mainUs'),
        messages: numberOf(answer, 'messages'),
        rssBytes: numberOf(answer, 'rssBytes'),
        calls: numberOf(answer, 'calls'),
      };
    },
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** CPU time of all threads of a process so far, in microseconds, without asking it: an answer costs it more than a second of rest. */
export function cpuUsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((id) => readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]);
  return ns.reduce((sum, each) => sum + Number(each), 0) / 1000;
}

/** The middle of some numbers. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
