/** Servers over real sockets of the loopback interface, with the host in this thread and in one of its own. */
import { describe } from 'vitest';
import { CompressionMode } from '../../src/godot/constants.ts';
import { mmsgProblem } from '../../src/io/mmsg.ts';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import { ENetClient, type ENetClientOptions, ENetServer, type ENetServerOptions } from '../../src/server.ts';
import { type Emission, logClient, logServer } from './world.ts';

/** Where the host of a server runs, and over which transport. */
export interface Mode {
  readonly name: string;
  readonly options: ENetServerOptions;
}

/** Both of them. The thread runs the program in `dist/`, which `npm test` builds first. */
export const MODES: readonly Mode[] = [
  { name: 'inline', options: {} },
  { name: 'thread', options: { thread: true } },
];

/** The transports that this machine has: without koffi only node:dgram, as `test/io/mmsg.test.ts` says. */
export const TRANSPORTS: readonly ('dgram' | 'mmsg')[] =
  mmsgProblem() === undefined ? ['dgram', 'mmsg'] : ['dgram'];

/** Describes something in both modes over every transport; what this machine does not have is skipped by name. */
export function eachTransport(title: string, define: (mode: Mode) => void): void {
  for (const { name, options } of MODES) {
    for (const transport of ['dgram', 'mmsg'] as const) {
      const problem = transport === 'mmsg' ? mmsgProblem() : undefined;
      const full = `${name}, ${transport}: ${title}`;
      if (problem !== undefined) {
        describe.skip(`${full} (${problem})`, () => define({ name, options }));
      } else {
        const runtime = createNodeRuntime({ transport });
        describe(full, () => define({ name, options: { ...options, runtime } }));
      }
    }
  }
}

/** Servers and clients that are closed together. */
export class Live implements AsyncDisposable {
  readonly errors: { error: unknown; where: string }[] = [];
  readonly traces: string[] = [];
  readonly #mode: Mode;
  readonly #open: AsyncDisposable[] = [];

  constructor(mode: Mode) {
    this.#mode = mode;
  }

  /** A server that is not active yet, and its signals. */
  server(options: ENetServerOptions = {}): { server: ENetServer; log: Emission[] } {
    const server = new ENetServer({
      bindAddress: '127.0.0.1',
      onError: (error, where) => this.errors.push({ error, where }),
      onTrace: (line) => this.traces.push(line),
      ...this.#mode.options,
      ...options,
    });
    this.#open.push(server);
    return { server, log: logServer(server) };
  }

  /** A server on a free port. */
  start(options: ENetServerOptions = {}): { server: ENetServer; log: Emission[]; port: number } {
    const made = this.server(options);
    const error = made.server.createServer(0);
    if (error !== 0) throw new Error(`createServer: ${error}: ${this.traces.join('; ')}`);
    return { ...made, port: made.server.getLocalPort() };
  }

  /** A client that begins to connect, and its signals. @param compression for both of its directions. */
  client(
    port: number,
    options: ENetClientOptions = {},
    compression: CompressionMode = CompressionMode.COMPRESS_NONE,
  ): { client: ENetClient; log: Emission[] } {
    const client = new ENetClient(options);
    client.setCompressionMode(compression);
    this.#open.push(client);
    const log = logClient(client);
    client.connectToServer('127.0.0.1', port);
    return { client, log };
  }

  /** A client that is connected. */
  async connect(
    port: number,
    options: ENetClientOptions = {},
    compression: CompressionMode = CompressionMode.COMPRESS_NONE,
  ): Promise<{ client: ENetClient; log: Emission[] }> {
    const made = this.client(port, options, compression);
    await made.client.connected();
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  }
}

/** Waits until something is true; the runner's own time limit says when it never becomes so. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Waits for an emission with this name. */
export function saw(log: readonly Emission[], name: string, count: number = 1): Promise<void> {
  return until(() => log.filter(([other]) => other === name).length >= count);
}

/** The names in a log, without raw packets. */
export function namesOf(log: readonly Emission[]): string[] {
  return log.map(([name]) => String(name)).filter((name) => name !== 'rawPacketReceived');
}
