/** A virtual network with one ENetServer and any number of ENetClients, and logs of their signals. */
import { afterEach, beforeEach, describe } from 'vitest';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { CompressionMode } from '../../src/godot/constants.ts';
import { createCompressor, prepareZstd } from '../../src/io/compression.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { ENetServerPeer } from '../../src/server/ENetServerPeer.ts';
import type { ENetClientOptions, ENetServerOptions } from '../../src/server/options.ts';
import type { SimNetwork, SimNetworkOptions } from '../../src/testing/SimNetwork.ts';
import { type ThreadedRuntime, withThreads } from '../support/simThread.ts';
import { World } from '../support/world.ts';

/** The address of the server. */
export const SERVER_IP = '10.0.0.1';
/** Its port. */
export const PORT = 7777;

/** Where the host of the server runs, and how datagrams are compressed. */
export interface ServerMode {
  /** Whether the host has a thread of its own: the real one, but under virtual time. */
  readonly thread: boolean;
  /** What the server and every client set. */
  readonly compression: CompressionMode;
}

const INLINE: ServerMode = { thread: false, compression: CompressionMode.COMPRESS_NONE };
const COMPRESSIONS = [
  ['none', CompressionMode.COMPRESS_NONE],
  ['range coder', CompressionMode.COMPRESS_RANGE_CODER],
  ['FastLZ', CompressionMode.COMPRESS_FASTLZ],
  ['zlib', CompressionMode.COMPRESS_ZLIB],
  ['zstd', CompressionMode.COMPRESS_ZSTD],
] as const;

/** The mode of the worlds that are made now: tests of one file run one after the other. */
let mode = INLINE;

// WebAssembly, which brings zstd to Node 20, cannot start synchronously. Where it is missing, the tests say so.
const zstdProblem = await prepareZstd().then(
  () => undefined,
  (error: unknown) => String(error),
);

/** Which modes {@link eachMode} takes. */
export interface ModeChoice {
  /** Default: inline (`false`) and thread (`true`). */
  readonly threads?: readonly boolean[];
  /** Default: all five. */
  readonly compressions?: 'all' | 'none';
}

/**
 * Declares the same tests for every mode: the host of the server inline and in a thread, each with all five compressions.
 * The body makes its worlds with {@link createWorld} as if there were no modes.
 */
export function eachMode(body: (mode: ServerMode) => void, choice: ModeChoice = {}): void {
  const { threads = [false, true], compressions = 'all' } = choice;
  for (const thread of threads) {
    for (const [name, compression] of COMPRESSIONS.slice(0, compressions === 'all' ? undefined : 1)) {
      const title = `${thread ? 'thread' : 'inline'}, ${name}`;
      const isMissing = compression === CompressionMode.COMPRESS_ZSTD && zstdProblem !== undefined;
      const here: ServerMode = { thread, compression };
      describe.skipIf(isMissing)(isMissing ? `${title} (missing: ${zstdProblem})` : title, () => {
        beforeEach(() => {
          mode = here;
        });
        afterEach(() => {
          mode = INLINE;
        });
        body(here);
      });
    }
  }
}

/** Makes worlds of a mode for as long as a function takes. */
export async function inMode<Result>(here: ServerMode, run: () => Promise<Result>): Promise<Result> {
  const outer = mode;
  mode = here;
  try {
    return await run();
  } finally {
    mode = outer;
  }
}

/** One emission: the signal's name and its arguments, peers as their ids, Dictionaries as plain objects. */
export type Emission = readonly unknown[];

/** What the tests play with. */
export interface ServerWorld {
  readonly net: SimNetwork;
  readonly server: ENetServer;
  /** The application's side of the network thread; `undefined` when the host runs inline. */
  readonly thread: ThreadedRuntime | undefined;
  /** The signals of the server in their order. */
  readonly log: Emission[];
  /** What `onError` got. */
  readonly errors: { error: unknown; where: string }[];
  /** What `onTrace` got. */
  readonly traces: string[];
  /** Makes another server, which is not active yet, in the same mode. */
  createServer(ip: string, options?: ENetServerOptions): LoggedServer;
  /** Makes a client with an address of its own. */
  createClient(options?: ENetClientOptions): LoggedClient;
  /** Makes a client and lets time pass until it is connected. */
  connect(options?: ENetClientOptions): LoggedClient;
  /** The names in the log, without `serverStarted`. */
  names(): string[];
}

/** A server and its signals. */
export interface LoggedServer {
  readonly server: ENetServer;
  readonly thread: ThreadedRuntime | undefined;
  readonly log: Emission[];
}

/** A client and its signals. */
export interface LoggedClient {
  readonly client: ENetClient;
  readonly log: Emission[];
}

/** Options of {@link createWorld}. */
export interface ServerWorldOptions {
  readonly net?: SimNetworkOptions;
  readonly server?: ENetServerOptions;
  /** Arguments of createServer; `false` leaves the server inactive. */
  readonly create?: readonly [port: number, maxPeers?: number, maxChannels?: number] | false;
}

/** Makes a network with a server in it. */
export function createWorld(options: ServerWorldOptions = {}): ServerWorld {
  const { net } = new World({ latencyMs: 10, ...options.net });
  const errors: { error: unknown; where: string }[] = [];
  const traces: string[] = [];
  const createServer = (ip: string, serverOptions: ENetServerOptions = {}): LoggedServer => {
    const runtime = net.createRuntime(ip);
    const threaded = mode.thread ? withThreads(runtime) : undefined;
    const made = new ENetServer({
      runtime: threaded ?? runtime,
      thread: mode.thread,
      createCompressor,
      ...serverOptions,
    });
    made.setCompressionMode(mode.compression);
    return { server: made, thread: threaded, log: logServer(made) };
  };
  const { server, thread, log } = createServer(SERVER_IP, {
    onError: (error, where) => errors.push({ error, where }),
    onTrace: (line) => traces.push(line),
    ...options.server,
  });
  if (options.create !== false) server.createServer(...(options.create ?? [PORT]));
  let clients = 0;
  const createClient = (clientOptions: ENetClientOptions = {}): LoggedClient => {
    clients++;
    const client = new ENetClient({
      runtime: net.createRuntime(`10.0.1.${clients}`),
      createCompressor,
      ...clientOptions,
    });
    client.setCompressionMode(mode.compression);
    return { client, log: logClient(client) };
  };
  return {
    net,
    server,
    thread,
    log,
    errors,
    traces,
    createClient,
    createServer,
    connect: (clientOptions) => {
      const logged = createClient(clientOptions);
      logged.client.connectToServer(SERVER_IP, PORT);
      net.runUntil(() => logged.client.isConnectedToServer(), 1000, 'the connection');
      // The server learns of it one way later.
      net.advance(50);
      return logged;
    },
    names: () => log.map(([name]) => String(name)).filter((name) => name !== 'serverStarted'),
  };
}

/** Notes every signal of a server. */
export function logServer(server: ENetServer): Emission[] {
  const log: Emission[] = [];
  for (const name of SERVER_SIGNALS)
    server.on(name, (...args: unknown[]) => log.push([name, ...args.map(plain)]));
  return log;
}

/** Notes every signal of a client. */
export function logClient(client: ENetClient): Emission[] {
  const log: Emission[] = [];
  for (const name of CLIENT_SIGNALS)
    client.on(name, (...args: unknown[]) => log.push([name, ...args.map(plain)]));
  return log;
}

/** Lets pending promises settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** A value for comparisons: peers as ids, Dictionaries as plain objects. */
export function plain(value: unknown): unknown {
  if (value instanceof ENetServerPeer) return value.peerId;
  if (value instanceof Dictionary) return { ...value.toObject() };
  return value;
}

const SERVER_SIGNALS = [
  'serverStarted',
  'serverStopped',
  'peerConnecting',
  'peerPrelogin',
  'peerAuthenticated',
  'peerDisconnected',
  'packetReceived',
  'rawPacketReceived',
  'customEventReceived',
  'unknownEventReceived',
] as const;
const CLIENT_SIGNALS = [
  'connectedToServer',
  'disconnectedFromServer',
  'connectionFailed',
  'packetReceived',
  'rawPacketReceived',
  'customEventReceived',
  'unknownEventReceived',
] as const;
