/** The same game, unmodified, in a real Godot 4.6: a page of a browser. */

import { bytesToVar, type VariantInput, type VariantValue, varToBytes } from '../../../../codec/index.ts';
import type { PackFiles } from '../../../../examples/arena/packFile.ts';
import { bytes, hex } from '../../../support/hex.ts';
import type { Godot4, Godot4Client } from '../engine.ts';
import { type Dump, readDump } from './dump.ts';
import { PROJECT } from './OurGame.ts';
import { VALUES_FILES } from './values.ts';

/** A client in a page. */
export class BrowserGame {
  readonly name: string;
  /** What it said, but answers. */
  readonly log: string[] = [];
  readonly #client: Godot4Client;
  readonly #answers = new Map<number, Uint8Array>();
  #asked = 1_000_000;
  #read = 0;

  private constructor(name: string, client: Godot4Client) {
    this.name = name;
    this.#client = client;
  }

  /** @param others files in place of those of the project, or beside them. */
  static async open(name: string, godot: Godot4, others: PackFiles = {}): Promise<BrowserGame> {
    const files = Object.fromEntries(
      [...PROJECT.list()].map((path) => [path.replace('res://', ''), PROJECT(path) ?? '']),
    );
    const client = await godot.start({ files: { ...files, ...VALUES_FILES, ...others }, timeoutMs: 170_000 });
    const game = new BrowserGame(name, client);
    await game.until(() => game.log.includes('ready'));
    return game;
  }

  /** What the engine printed as errors. */
  get errors(): string[] {
    return this.#client.errors;
  }

  /** The id that it was given last; 0 before. */
  get id(): number {
    return Number(this.log.findLast((line) => line.startsWith('connected '))?.split(' ')[1] ?? 0);
  }

  /** Waits until something is true of what it said. */
  until(isTrue: () => boolean): Promise<void> {
    return this.#client.until(() => {
      this.#take();
      return isTrue();
    });
  }

  /** Calls a method of a node below `Main`, or of the `@api`, by the engine's name. */
  async ask(path: string, method: string, ...args: readonly VariantInput[]): Promise<VariantValue> {
    const number = ++this.#asked;
    await this.#client.send(`${number} ${hex(varToBytes([path, method, [...args]]))}`);
    return bytesToVar(await this.#answer(number), { exact: true, strictTypedContainers: false });
  }

  /** The tree that an RPC of this number asked for. */
  async dumped(number: number): Promise<Dump> {
    return readDump(await this.#answer(number));
  }

  /** Connects. */
  async join(tcp: number): Promise<void> {
    const from = this.log.length;
    await this.ask('.', '_join', `ws://127.0.0.1:${tcp}`);
    await this.until(() => this.log.slice(from).some((line) => line.startsWith('connected ')));
  }

  async leave(): Promise<void> {
    await this.ask('.', '_leave');
  }

  /** Closes the page, without a word. */
  close(): Promise<void> {
    return this.#client.close();
  }

  /** Everything that the engine has printed. */
  get output(): readonly string[] {
    return this.#client.output;
  }

  async #answer(number: number): Promise<Uint8Array> {
    await this.until(() => this.#answers.has(number));
    const answer = this.#answers.get(number) ?? new Uint8Array(0);
    this.#answers.delete(number);
    return answer;
  }

  #take(): void {
    const { reports } = this.#client;
    for (; this.#read < reports.length; this.#read++) {
      const report = reports[this.#read] ?? '';
      const [first = '', number, text = ''] = report.split(' ');
      if (first === '=') this.#answers.set(Number(number), bytes(text));
      else this.log.push(report);
    }
  }
}
