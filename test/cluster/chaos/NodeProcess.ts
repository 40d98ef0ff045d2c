/** A node in a process of its own, which may be stopped, let go on, and killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Order } from './orders.ts';

/** The error of a node. */
export class NodeError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

export class NodeProcess {
  readonly id: string;
  /** What it has printed. */
  output = '';
  /** Whether it neither was killed nor ended by itself. */
  isAlive = true;
  isStopped = false;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #number = 0;

  constructor(id: string, url: string, historyFile: string) {
    this.id = id;
    const program = fileURLToPath(new URL('nodeProgram.ts', import.meta.url));
    this.#child = fork(program, [id, url, historyFile], { execArgv: ['--import', 'tsx'], stdio: 'pipe' });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        if (this.output.length < MOST_OUTPUT) this.output += text;
      });
    this.#child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.number)?.(answer);
      this.#waiting.delete(answer.number);
    });
    this.#child.once('exit', () => {
      this.isAlive = false;
      for (const [number, answer] of this.#waiting) answer({ number, code: 'EXIT', message: 'it has ended' });
      this.#waiting.clear();
    });
  }

  /** Resolves when it is in the cluster. */
  async ready(): Promise<void> {
    const answer = await new Promise<Answer>((resolve) => this.#waiting.set(0, resolve));
    if (answer.code !== undefined) throw new Error(`${this.id} did not begin:\n${this.output}`);
  }

  /** @throws NodeError (as rejection) */
  async ask(order: Order, timeoutMs = 20_000): Promise<unknown> {
    if (!this.isAlive) throw new NodeError('EXIT', 'it has ended');
    const number = ++this.#number;
    const answer = await new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => resolve({ number, code: 'SILENT', message: 'no answer' }), timeoutMs);
      this.#waiting.set(number, (got) => {
        clearTimeout(timer);
        resolve(got);
      });
      this.#child.send({ number, order }, (error) => {
        if (error !== null) resolve({ number, code: 'EXIT', message: error.message });
      });
    });
    this.#waiting.delete(number);
    if (answer.code !== undefined) throw new NodeError(answer.code, answer.message ?? '');
    return answer.value;
  }

  stop(): void {
    this.isStopped = true;
    this.#child.kill('SIGSTOP');
  }

  continue(): void {
    this.isStopped = false;
    this.#child.kill('SIGCONT');
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    if (!this.isAlive) return;
    this.isAlive = false;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

const MOST_OUTPUT = 20_000;
