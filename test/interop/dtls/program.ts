/** Runs a program of others, reads its lines, and ends it for certain. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compileC } from '../../support/cc.ts';

/** A running program. */
export class Program {
  readonly lines: string[] = [];
  /** What was written to standard error. */
  errors = '';
  readonly #child: ChildProcessWithoutNullStreams;
  #hasEnded = false;
  #listeners: (() => void)[] = [];

  constructor(file: string, args: readonly string[]) {
    this.#child = spawn(file, args, { stdio: 'pipe' });
    let rest = '';
    this.#child.stdout.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString('latin1')).split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
      this.#changed();
    });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('latin1');
      this.#changed();
    });
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('error', (error) => {
      this.errors += error.message;
    });
    this.#child.once('close', () => {
      this.#hasEnded = true;
      this.#changed();
    });
  }

  /** The mbedTLS peer of `peer.c`. */
  static mbedtls(role: 'client' | 'server', args: Readonly<Record<string, string | number>>): Program {
    const source = fileURLToPath(new URL('./peer.c', import.meta.url));
    const file = compileC(source, ['mbedtls', 'mbedx509', 'mbedcrypto']);
    return new Program(file, [role, ...Object.entries(args).map(([key, value]) => `${key}=${value}`)]);
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits for a line that contains a text. */
  async line(part: string, timeoutMs = 20_000): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.includes(part));
    await this.#until(`"${part}"`, () => find() !== undefined || this.#hasEnded, timeoutMs);
    const found = find();
    if (found === undefined) throw new Error(`it ended without "${part}": ${this.#said()}`);
    return found;
  }

  /** Waits for an event of `peer.c`. */
  async event(name: string): Promise<Record<string, unknown>> {
    const event: Record<string, unknown> = JSON.parse(await this.line(`"ev":"${name}"`));
    return event;
  }

  /** Waits for a text anywhere in the output. */
  async output(part: string, timeoutMs = 20_000): Promise<void> {
    const has = (): boolean => `${this.lines.join('\n')}${this.errors}`.includes(part);
    await this.#until(`"${part}"`, () => has() || this.#hasEnded, timeoutMs);
    if (!has()) throw new Error(`it ended without "${part}": ${this.#said()}`);
  }

  async ended(): Promise<void> {
    await this.#until('its end', () => this.#hasEnded, 20_000);
  }

  async close(): Promise<void> {
    if (!this.#hasEnded) this.#child.kill('SIGKILL');
    await this.#until('its end', () => this.#hasEnded, 5000);
  }

  #until(what: string, isTrue: () => boolean, timeoutMs: number): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners = this.#listeners.filter((one) => one !== look);
        reject(new Error(`${what}: not within ${timeoutMs} ms: ${this.#said()}`));
      }, timeoutMs);
      const look = (): void => {
        if (!isTrue()) return;
        clearTimeout(timer);
        this.#listeners = this.#listeners.filter((one) => one !== look);
        resolve();
      };
      this.#listeners.push(look);
    });
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #said(): string {
    return `${this.lines.slice(-8).join(' | ')} ${this.errors.slice(-400)}`;
  }
}
