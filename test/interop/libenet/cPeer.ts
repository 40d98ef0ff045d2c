/** Starts `peer.c`, which does with the C library libenet what it is told, and speaks with it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileC } from '../../support/cc.ts';
import { type Actor, type ActorEvent, type Args, Inbox, type Verb } from './actor.ts';

/** A process that runs libenet. */
export class CPeer implements Actor {
  readonly name: string;
  readonly inbox: Inbox;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers = new Map<number, Answer>();
  readonly #exit: Promise<void>;
  #version = '';
  #lastId = 0;
  #ended: Error | undefined;

  /**
   * Compiles (when needed) and starts the program.
   *
   * @param lifeSeconds the process kills itself after this time, whatever happens to us.
   */
  static async start(name: string, lifeSeconds: number = 60): Promise<CPeer> {
    const peer = new CPeer(name, spawn(compileC(SOURCE, ['enet']), [String(lifeSeconds)], { stdio: 'pipe' }));
    peer.#version = (await peer.inbox.wait('ready')).version;
    return peer;
  }

  private constructor(name: string, child: ChildProcessWithoutNullStreams) {
    this.name = name;
    this.inbox = new Inbox(name);
    this.#child = child;
    this.#exit = new Promise((resolve) => child.once('close', () => resolve()));
    child.once('error', (error) => this.#onEnd(error));
    child.once('close', (code, signal) => this.#onEnd(new Error(`${name} ended: ${signal ?? code}`)));
    child.stderr.on('data', (text: Buffer) => this.#onEnd(new Error(`${name}: ${text.toString().trim()}`)));
    // A write to a process that has just ended; its end is what gets reported.
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.#onLine(line));
  }

  get isLibenet1317(): boolean {
    return this.#version === '1.3.17';
  }

  /** The process id. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  run(verb: Verb, args: Args = {}): Promise<Args> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    const fields = Object.entries(args).map(([key, value]) => ` ${key}=${value}`);
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.stdin.write(`${id} ${verb}${fields.join('')}\n`);
    });
  }

  async close(): Promise<void> {
    // The program ends with its input; the alarm it set at its start is the last resort.
    this.#child.stdin.end();
    await this.#exit;
  }

  #onLine(line: string): void {
    const message: ActorEvent | Reply = JSON.parse(line);
    if (!('re' in message)) {
      this.inbox.push(message);
      return;
    }
    const { re, error, ...values } = message;
    const answer = this.#answers.get(re);
    this.#answers.delete(re);
    if (error !== undefined) answer?.reject(new Error(`${this.name}: ${error}`));
    else answer?.resolve(values as Args);
  }

  #onEnd(error: Error): void {
    this.#ended ??= error;
    this.inbox.fail(error);
    for (const answer of this.#answers.values()) answer.reject(error);
    this.#answers.clear();
  }
}

interface Answer {
  readonly resolve: (reply: Args) => void;
  readonly reject: (error: Error) => void;
}

/** What `peer.c` answers to a command: its id, and either an error or named integers. */
interface Reply {
  readonly re: number;
  readonly error?: string;
}

const SOURCE = fileURLToPath(new URL('peer.c', import.meta.url));
