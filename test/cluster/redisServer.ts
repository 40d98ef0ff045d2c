/** A real Redis on a free port, with its data in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What a {@link RedisServer} is started with. */
export interface RedisServerOptions {
  /** Arguments besides those for port and folder: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /** Files to lay into the folder before the start, by name: certificates. Arguments name them as `./name`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Only TLS on the port. */
  readonly isSecure?: boolean;
}

export class RedisServer {
  readonly port: number;
  readonly #options: RedisServerOptions;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, options: RedisServerOptions) {
    this.port = port;
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), 'redis-'));
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.begin();
    return server;
  }

  /** `redis://127.0.0.1:port`. */
  get url(): string {
    return `redis${this.#options.isSecure === true ? 's' : ''}://127.0.0.1:${this.port}`;
  }

  /** Starts it, with the data that are in its folder. */
  async begin(): Promise<void> {
    const { args = [], files = {}, isSecure = false } = this.#options;
    mkdirSync(join(this.#folder, 'data'), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#folder, 'data', name), text);
    const port = String(this.port);
    this.#process = spawn(
      'redis-server',
      [
        ...(isSecure ? ['--port', '0', '--tls-port', port] : ['--port', port]),
        ...['--bind', '127.0.0.1', '--dir', join(this.#folder, 'data'), '--unixsocket', this.#socket],
        ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--loglevel', 'warning'],
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: join(this.#folder, 'data') },
    );
    let output = '';
    this.#process.stdout?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-2000);
    });
    for (let i = 0; ; i++) {
      if (/^(\+PONG|-NOAUTH)/.test(await this.#ask('PING').catch(() => ''))) return;
      if (this.#process.exitCode !== null || i > 400)
        throw new Error(`redis-server did not start: ${output}`);
      await setTimeout(25);
    }
  }

  /** Runs one command over its socket file: `CONFIG SET maxmemory 1mb`. What it answers, as it is on the wire. */
  async command(text: string): Promise<string> {
    const answer = await this.#ask(text);
    if (answer.startsWith('-')) throw new Error(`${text}: ${answer}`);
    return answer;
  }

  /** Ends it at once; its data stay. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Freezes it. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Copies its data. */
  save(): void {
    rmSync(join(this.#folder, 'saved'), { recursive: true, force: true });
    cpSync(join(this.#folder, 'data'), join(this.#folder, 'saved'), { recursive: true });
  }

  async restart(data: 'none' | 'kept' | 'saved'): Promise<void> {
    await this.kill();
    if (data !== 'kept') rmSync(join(this.#folder, 'data'), { recursive: true, force: true });
    if (data === 'saved')
      cpSync(join(this.#folder, 'saved'), join(this.#folder, 'data'), { recursive: true });
    await this.begin();
  }

  /** Ends it, and takes its folder away. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.#folder, 'socket');
  }

  /** One command in the inline form of the protocol. */
  async #ask(command: string): Promise<string> {
    const socket = createConnection(this.#socket);
    try {
      socket.write(`${command}\r\n`);
      const [chunk]: Buffer[] = await once(socket, 'data', { signal: AbortSignal.timeout(2000) });
      return String(chunk);
    } finally {
      socket.destroy();
    }
  }
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a socket without a port');
  return address.port;
}
