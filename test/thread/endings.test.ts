/**
 * However a process with a server ends, it ends as it was told to: never by SIGSEGV or SIGABRT. Each way is a process of its
 * own. By default each runs once where most can go wrong, in the thread over the batched transport (else over dgram), and some
 * elsewhere; with `GODOT_ENET_ENDINGS=20` every way runs 20 times, inline and in the thread, over every transport.
 */
import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { TRANSPORTS } from '../server/live.ts';
import { onBuilt } from '../support/built.ts';

const PROGRAM = onBuilt(new URL('endings.mjs', import.meta.url));
const REPEATS = process.env['GODOT_ENET_ENDINGS'];
const TIMES = Number(REPEATS ?? 1);
/** For one process; a busy machine takes its time. */
const LIMIT_MS = 60_000;

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

const CALM: Ending = { code: 0, signal: null, output: '' };
const FAILED: Ending = { code: 1, signal: null, output: '' };
const SURVIVED: Ending = { code: 0, signal: null, output: 'survived\n' };

const EVERYWHERE: readonly (readonly [way: string, Ending])[] = [
  ['exitAtOnce', CALM],
  ['exit', CALM],
  ['exitOfSeveral', CALM],
  ['exitUnderTraffic', CALM],
  ['exitInHandler', CALM],
  ['uncaught', FAILED],
  ['rejection', FAILED],
  ['sigterm', { code: null, signal: 'SIGTERM', output: '' }],
  ['stopUnderTraffic', CALM],
  ['stopUnderConnects', CALM],
  ['stopUnderHellos', CALM],
];
const IN_THE_THREAD: readonly (readonly [way: string, Ending])[] = [
  ['workerOutOfMemory', SURVIVED],
  ['workerThrows', SURVIVED],
  ['workerLeaves', SURVIVED],
];

/** What also runs by default where the others do not. */
const SOME: ReadonlySet<string> = new Set(['exitUnderTraffic', 'uncaught', 'workerOutOfMemory']);

describe.concurrent.each(TRANSPORTS)('%s', (transport) => {
  describe.each(['inline', 'thread'])('%s', (mode) => {
    const all = mode === 'thread' ? [...EVERYWHERE, ...IN_THE_THREAD] : EVERYWHERE;
    const isWhole = REPEATS !== undefined || (mode === 'thread' && transport === TRANSPORTS.at(-1));
    const ways = isWhole ? all : all.filter(([way]) => SOME.has(way));
    test.each(ways)('%s', { timeout: LIMIT_MS * TIMES }, async (way, wanted) => {
      for (let time = 0; time < TIMES; time++) expect(await run(way, transport, mode)).toEqual(wanted);
    });
  });
});

describe.concurrent('a worker of the application in which a server runs', () => {
  // Terminated with koffi in it Node aborts, so `auto` does without.
  test.each(['inline', 'thread'])('%s: terminated', { timeout: LIMIT_MS * TIMES }, async (mode) => {
    for (let time = 0; time < TIMES; time++) expect(await run('terminated', 'auto', mode)).toEqual(SURVIVED);
  });
});

/** Runs the program, which is killed when it does not end in time. */
function run(...args: string[]): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}
