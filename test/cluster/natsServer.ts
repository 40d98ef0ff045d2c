/** A real `nats-server` with JetStream, started by tests in a folder of its own on a port that is free. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What a {@link NatsServer} is started with. */
export interface NatsServerOptions {
  /** Its configuration besides port, JetStream and where its data are. */
  readonly config?: string;
  /** Files to lay beside that, by name: certificates. The configuration names them as `./name`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Without it there is a server for messages, and no JetStream. */
  readonly hasJetStream?: boolean;
}

export class NatsServer {
  /** Chosen by the system at the first start. */
  port = -1;
  readonly #options: NatsServerOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'nats-'));
  #process: ChildProcess | undefined;

  private constructor(options: NatsServerOptions) {
    this.#options = options;
  }

  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(options);
    await server.start();
    return server;
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts it, again on the same port. Done when it answers. */
  async start(): Promise<void> {
    const { config = '', files = {}, hasJetStream = true } = this.#options;
    mkdirSync(this.#data, { recursive: true });
    for (const [name, text] of Object.entries({ ...files, 'server.conf': config }))
      writeFileSync(join(this.#folder, name), text);
    const jetStream = hasJetStream ? ['-js', '-sd', this.#data] : [];
    const started = spawn(
      'nats-server',
      [
        '-a',
        '127.0.0.1',
        '-p',
        String(this.port),
        '--ports_file_dir',
        this.#folder,
        ...jetStream,
        '-c',
        'server.conf',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder },
    );
    this.#process = started;
    let said = '';
    started.stderr.on('data', (text: Buffer) => {
      said += text.toString();
    });
    const ports = join(this.#folder, `nats-server_${started.pid}.ports`);
    for (let i = 0; !existsSync(ports) || readFileSync(ports, 'utf8') === ''; i++) {
      if (started.exitCode !== null || i > 1000) throw new Error(`nats-server does not start: ${said}`);
      await setTimeout(10);
    }
    const found = /:(\d+)"/.exec(readFileSync(ports, 'utf8'));
    this.port = Number(found?.[1]);
  }

  /** It answers nobody, and keeps what it has. Done when all its threads have stopped. */
  async pause(): Promise<void> {
    this.#process?.kill('SIGSTOP');
    const tasks = `/proc/${this.#process?.pid}/task`;
    const isStopped = (task: string): boolean =>
      readFileSync(`${tasks}/${task}/stat`, 'utf8').includes(') T ');
    while (!readdirSync(tasks).every(isStopped)) await setTimeout(1);
  }

  /** It goes on. */
  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it as a machine ends that loses its power. */
  async kill(): Promise<void> {
    const { exitCode = 0 } = this.#process ?? {};
    if (exitCode !== null || this.#process?.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** Notes what it has on the disk: a backup of now. */
  async save(name: string): Promise<void> {
    await this.pause();
    rmSync(join(this.#folder, name), { recursive: true, force: true });
    cpSync(this.#data, join(this.#folder, name), { recursive: true });
    this.resume();
  }

  /** Gives it other data, while it does not run. @param name what was saved; none: nothing. */
  load(name?: string): void {
    rmSync(this.#data, { recursive: true, force: true });
    if (name !== undefined) cpSync(join(this.#folder, name), this.#data, { recursive: true });
  }

  /** Ends it and removes its folder. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }
}
