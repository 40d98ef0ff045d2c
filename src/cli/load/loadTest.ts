/** What the command `load` does, without the program around it. */
import { lookup } from 'node:dns/promises';
import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { CompressionMode, TLSOptions } from '../../godot/index.ts';
import { prepareZstd } from '../../io/internal.ts';
import {
  BotScriptError,
  findListener,
  htmlReport,
  isLoopback,
  isPrivate,
  type LoadReport,
  LoadRun,
  type LoadRunOptions,
  type LoadTarget,
  loadBotScript,
  probeGenerator,
  probeProcess,
  readLoadTarget,
  type ServerProbe,
  textReport,
  watchThread,
} from '../../load/internal.ts';
import { nodeRuntime } from '../../node/internal.ts';
import { isPackageUnavailable } from '../../ops/internal.ts';
import { loadProject, PackError } from '../../project/internal.ts';
import { loadWs } from '../../websocket/internal.ts';
import { UsageError } from '../commandLine/index.ts';
import { type TellerOutput, table } from '../look/index.ts';
import { ProgressTeller } from './ProgressTeller.ts';

/** How a server may compress its datagrams. */
type CompressionName = 'none' | 'range-coder' | 'fastlz' | 'zlib' | 'zstd';

/** What the options of the command give. */
export interface LoadFlags {
  readonly players: string;
  readonly ramp: number;
  readonly hold: number;
  readonly script: string | undefined;
  readonly protocol: 'scene' | 'enet-server';
  readonly project: string | undefined;
  readonly compression: CompressionName;
  readonly ca: string | undefined;
  readonly insecure: boolean;
  readonly tickHz: number;
  readonly joinTimeout: number;
  readonly seed: number;
  readonly pid: number | undefined;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly maxRttP50: number | undefined;
  readonly maxRttP95: number | undefined;
  readonly maxRttP99: number | undefined;
  readonly maxLoss: number | undefined;
  readonly maxFailed: number | undefined;
  readonly maxScriptErrors: number | undefined;
  readonly maxCpu: number | undefined;
  readonly maxMemory: number | undefined;
  readonly maxMeasure: readonly (readonly [name: string, ms: number])[] | undefined;
  readonly iOwnThisServer: boolean;
}

/** Where the command writes while it runs, and what ends it. */
export interface LoadSurroundings extends TellerOutput {
  /** Is aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface LoadResult {
  readonly report: LoadReport;
  /** The report as text. */
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** A file or a name that cannot be used; the message is for people and names it. */
export class LoadInputError extends Error {
  override readonly name: string = 'LoadInputError';
}

/**
 * Runs a load test.
 *
 * @throws UsageError for options that do not go together; LoadInputError and errors of the file system for what cannot be read.
 */
export async function loadTest(
  text: string,
  flags: LoadFlags,
  { signal, ...output }: LoadSurroundings,
): Promise<LoadResult> {
  const target = readLoadTarget(text);
  if (typeof target === 'string') throw new UsageError(target);
  checkTogether(target, flags);
  const stages = readStages(flags.players);
  for (const file of [flags.json, flags.html]) if (file !== undefined && file !== '-') checkWritable(file);
  const addresses = await addressesOf(target.host);
  checkOwner(target, addresses, flags.iOwnThisServer);
  const tls = tlsOf(target, flags);
  const project = flags.project === undefined ? undefined : await readProject(flags.project);
  const script = flags.script === undefined ? undefined : await readScript(flags.script);
  if (flags.insecure) output.tell(`godot-enet: ${INSECURE}\n`);
  if (flags.compression === 'zstd') await loadZstd();
  const teller = new ProgressTeller(output);
  const generator = probeGenerator();
  const run = new LoadRun({
    target,
    protocol: flags.protocol,
    stages,
    rampMs: flags.ramp * 1000,
    holdMs: flags.hold * 1000,
    seed: flags.seed,
    tickHz: flags.tickHz,
    joinTimeoutMs: flags.joinTimeout * 1000,
    compression: COMPRESSIONS[flags.compression],
    script,
    project,
    tls,
    thresholds: { ...flags, maxMeasures: Object.fromEntries(flags.maxMeasure ?? []) },
    server: serverProbe(target, addresses, flags.pid),
    generator,
    runtime: nodeRuntime,
    nowMs: () => performance.now(),
    startedAt: new Date().toISOString(),
    warnings: flags.insecure ? [INSECURE] : [],
    signal,
    onSample: (sample, soFar) => teller.sample(sample, soFar),
    onProblem: (what, message) => teller.problem(what, message),
  });
  const unwatch = script === undefined ? async () => undefined : watchScript(run);
  const report = await run.run();
  await unwatch();
  generator.close();
  teller.end();
  if (flags.json !== undefined && flags.json !== '-')
    writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
  if (flags.html !== undefined) writeFileSync(flags.html, htmlReport(report));
  return { report, lines: textReport(report, (rows) => table(rows)), exitCode: exitCodeOf(report) };
}

/** 0 only for a run that went as planned, with all limits kept. */
function exitCodeOf({ outcome, thresholds }: LoadReport): number {
  if (outcome === 'interrupted') return INTERRUPTED;
  return outcome === 'done' && thresholds.every(({ isKept }) => isKept) ? 0 : NOT_GOOD;
}

function checkTogether(target: LoadTarget, flags: LoadFlags): void {
  const { protocol, project, compression, ca, insecure } = flags;
  if (target.transport === 'websocket') {
    if (protocol === 'enet-server')
      throw new UsageError('--protocol enet-server speaks ENet: expected enet:// or enets://');
    if (compression !== 'none')
      throw new UsageError('--compression is of ENet: expected enet:// or enets://');
    try {
      loadWs('godot-enet load over WebSocket');
    } catch (error) {
      if (isPackageUnavailable(error)) throw new LoadInputError(error.message);
      throw error;
    }
  }
  if (project !== undefined && protocol === 'enet-server')
    throw new UsageError('--project is for --protocol scene');
  if (!target.isEncrypted && (ca !== undefined || insecure)) {
    throw new UsageError(`--ca and --insecure are for enets:// and wss://, got ${target.url}`);
  }
}

function readStages(text: string): number[] {
  const stages = text.split(',').map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : Number.NaN));
  const isRising = stages.every((players, index) => players > (stages[index - 1] ?? 0));
  if (!isRising)
    throw new UsageError(`--players expected a number from 1 on, or rising ones as 50,100, got ${text}`);
  const most = stages.at(-1) ?? 0;
  if (most > MOST_PLAYERS) {
    throw new UsageError(
      `--players expected at most ${MOST_PLAYERS} in one process, got ${most}: start it several times`,
    );
  }
  return stages;
}

/** Before the run, and not after it. */
function checkWritable(file: string): void {
  const isThere = statSync(file, { throwIfNoEntry: false }) !== undefined;
  accessSync(isThere ? file : dirname(file), constants.W_OK);
  if (isThere && statSync(file).isDirectory()) throw new LoadInputError(`${file} is a folder`);
}

async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new LoadInputError(
      `${host} has no address (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

function checkOwner({ host }: LoadTarget, addresses: readonly string[], isOwn: boolean): void {
  const elsewhere = addresses.find((address) => !isPrivate(address));
  if (elsewhere === undefined || isOwn) return;
  throw new UsageError(
    `${host} (${elsewhere}) is neither this machine nor in a private network. Load only servers that are yours: ` +
      '--i-own-this-server says that this one is',
  );
}

function tlsOf({ isEncrypted }: LoadTarget, { ca, insecure }: LoadFlags): TLSOptions | undefined {
  if (!isEncrypted) return undefined;
  if (insecure) return TLSOptions.clientUnsafe();
  return TLSOptions.client(ca === undefined ? null : readFileSync(ca, 'utf8'));
}

/** Before the run: what has to be loaded for it cannot be when a player connects. */
async function loadZstd(): Promise<void> {
  try {
    await prepareZstd();
  } catch (error) {
    throw new LoadInputError(error instanceof Error ? error.message : String(error));
  }
}

async function readProject(path: string): Promise<Awaited<ReturnType<typeof loadProject>>> {
  try {
    return await loadProject(path);
  } catch (error) {
    if (error instanceof PackError || error instanceof RangeError) throw new LoadInputError(error.message);
    throw error;
  }
}

async function readScript(path: string): Promise<NonNullable<LoadRunOptions['script']>> {
  try {
    return { name: path, make: await loadBotScript(path) };
  } catch (error) {
    if (error instanceof BotScriptError) throw new LoadInputError(`${path}: ${error.message}`);
    throw error;
  }
}

/** The process of a server on this machine, or why it is not measured. */
function serverProbe(
  target: LoadTarget,
  addresses: readonly string[],
  pid: number | undefined,
): ServerProbe | string {
  if (process.platform !== 'linux')
    return `processes are measured on Linux only, this is ${process.platform}`;
  if (pid !== undefined) {
    const probe = probeProcess(pid);
    if (typeof probe === 'string') throw new LoadInputError(`--pid: ${probe}`);
    return probe;
  }
  const own = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  if (!addresses.every((address) => isLoopback(address) || own.includes(address))) {
    return 'the server is not on this machine';
  }
  const found = findListener(target.port, target.transport === 'enet' ? 'udp' : 'tcp');
  return typeof found === 'number' ? probeProcess(found) : found;
}

/** What the script throws where nobody else can catch it is counted; what blocks the process ends it. @returns what ends this. */
function watchScript(run: LoadRun): () => Promise<void> {
  const rejected = (error: unknown): void => run.threw('unhandled rejection', error);
  const uncaught = (error: unknown): void => run.threw('uncaught exception', error);
  process.on('unhandledRejection', rejected);
  process.on('uncaughtException', uncaught);
  const watchdog = watchThread(BLOCKED_MS);
  return async () => {
    process.off('unhandledRejection', rejected);
    process.off('uncaughtException', uncaught);
    await watchdog.close();
  };
}

const COMPRESSIONS: Readonly<Record<CompressionName, CompressionMode>> = {
  none: CompressionMode.COMPRESS_NONE,
  'range-coder': CompressionMode.COMPRESS_RANGE_CODER,
  fastlz: CompressionMode.COMPRESS_FASTLZ,
  zlib: CompressionMode.COMPRESS_ZLIB,
  zstd: CompressionMode.COMPRESS_ZSTD,
};
const INSECURE = '--insecure: no certificate was checked, anybody may have answered in place of the server';
const MOST_PLAYERS = 2000;
const BLOCKED_MS = 60_000;
const NOT_GOOD = 5;
const INTERRUPTED = 130;
