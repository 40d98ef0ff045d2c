/** Starts Godot 3 on the scripts of test/interop/godot3/project, and ends what was started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One running engine. Its lines of output come as they are printed. */
export class Engine {
  /** Every line so far, errors of the engine included. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #rest = '';
  #hasEnded = false;
  #exitCode: number | null = null;

  /** @param environment what the script reads with OS.get_environment. */
  constructor(script: string, environment: Readonly<Record<string, string>>) {
    this.#child = spawn('godot3-server', ['--path', PROJECT, '-s', script], {
      env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'C.UTF-8', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    }
    const end = (code: number | null): void => {
      this.#hasEnded = true;
      this.#exitCode = code;
      this.#wake();
    };
    this.#child.on('error', (error) => {
      this.lines.push(String(error));
      end(null);
    });
    this.#child.on('close', end);
  }

  /** Whether the process is gone. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Waits for the end of the process. @throws Error when it takes longer, or ends with another code than 0. */
  async finished(timeoutMs = 30_000): Promise<void> {
    await this.#until('the end', () => this.#hasEnded, timeoutMs);
    if (this.#exitCode !== 0) throw new Error(`the engine ended with ${this.#exitCode}\n${this.#tail()}`);
  }

  /** Waits for a line that begins with a text, and gives what follows it. */
  async line(start: string, timeoutMs = 20_000): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.startsWith(start));
    await this.#until(start, () => find() !== undefined || this.#hasEnded, timeoutMs);
    const found = find();
    if (found === undefined) throw new Error(`the engine ended without "${start}"\n${this.#tail()}`);
    return found.slice(start.length);
  }

  /** Waits until as many lines begin with a text. */
  async many(start: string, count: number, timeoutMs = 20_000): Promise<void> {
    const isDone = (): boolean => this.all(start).length >= count || this.#hasEnded;
    await this.#until(`${count} times ${start}`, isDone, timeoutMs);
  }

  /** The rests of all lines so far that begin with a text. */
  all(start: string): string[] {
    return this.lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#hasEnded || this.#child.pid === undefined) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    this.lines.push(...lines);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async #until(what: string, isDone: () => boolean, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!isDone()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no ${what} within ${timeoutMs} ms\n${this.#tail()}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
  }

  #tail(): string {
    return this.lines.slice(-30).join('\n');
  }
}

const PROJECT = fileURLToPath(new URL('project', import.meta.url));
