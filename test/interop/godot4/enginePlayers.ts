/**
 * Players in a real Godot 4.6: one page of one browser holds them all, each in a branch of the tree with a SceneMultiplayer of its
 * own (`players.gd`, `player.gd`), with the nodes `Game` and `Mark`.
 */
import { readFileSync } from 'node:fs';
import { bytesToVar, float, type VariantValue, varToBytes } from '../../../codec/index.ts';
import { bytes, hex } from '../../support/hex.ts';
import { Godot4, type Godot4Client } from './engine.ts';
import { gameScript } from './gameScript.ts';
import { Player } from './player.ts';

/** A player in the engine. */
export class EnginePlayer extends Player {
  readonly #engine: EnginePlayers;

  constructor(engine: EnginePlayers, name: string) {
    super(name);
    this.#engine = engine;
  }

  node(path: string, method: string, ...args: readonly VariantValue[]): Promise<VariantValue> {
    return this.#engine.ask(this.name, path, method, args);
  }

  async rpc(path: string, target: number, method: string, ...args: readonly VariantValue[]): Promise<number> {
    return Number(await this.node(path, 'rpc_id', target, method, ...args));
  }

  async grow(parent: string, name: string): Promise<void> {
    await this.node('.', 'grow', parent, name);
  }

  api(method: string, ...args: readonly VariantValue[]): Promise<VariantValue> {
    return this.node('@api', method, ...args);
  }

  async join(url: string): Promise<number> {
    return Number(await this.node('.', 'join', url));
  }

  async leave(): Promise<void> {
    await this.node('.', 'leave');
  }

  async ask(asks: boolean, seconds: number): Promise<void> {
    await this.node('.', 'ask', asks, float(seconds));
  }

  async forget(): Promise<void> {
    await this.node('.', 'forget');
  }
}

/** All players of the engine: one browser, one page. */
export class EnginePlayers {
  readonly #godot: Godot4;
  readonly #client: Godot4Client;
  readonly #players = new Map<string, EnginePlayer>();
  readonly #answers = new Map<number, (result: VariantValue) => void>();
  #asked = 0;
  #read = 0;

  private constructor(godot: Godot4, client: Godot4Client) {
    this.#godot = godot;
    this.#client = client;
  }

  /** Starts the browser and the engine. */
  static async open(): Promise<EnginePlayers> {
    const godot = await Godot4.open();
    try {
      const files = {
        'main.gd': source('players.gd'),
        'player.gd': source('player.gd'),
        'game.gd': gameScript(),
      };
      const client = await godot.start({ files, timeoutMs: 120_000 });
      await client.until(({ reports }) => reports.includes('ready'));
      const players = new EnginePlayers(godot, client);
      players.#listen();
      return players;
    } catch (error) {
      await godot.close();
      throw error;
    }
  }

  /** What the engine printed as errors so far. What it printed before it answered is there. */
  get errors(): readonly string[] {
    return this.#client.errors;
  }

  /** Adds a player. */
  async add(name: string): Promise<EnginePlayer> {
    const player = new EnginePlayer(this, name);
    this.#players.set(name, player);
    await this.ask('', '', 'add', [name]);
    return player;
  }

  /** Takes a player out. */
  async remove(player: EnginePlayer): Promise<void> {
    await this.ask('', '', 'remove', [player.name]);
  }

  /** Has a method called, and waits for what it returns. */
  async ask(
    player: string,
    path: string,
    method: string,
    args: readonly VariantValue[],
  ): Promise<VariantValue> {
    const number = ++this.#asked;
    const answer = new Promise<VariantValue>((resolve) => this.#answers.set(number, resolve));
    await this.#client.send(`${number} ${hex(varToBytes([player, path, method, [...args]]))}`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = (): void =>
        reject(
          new Error(`no answer to ${player} ${path}.${method}\n${this.#client.output.slice(-10).join('\n')}`),
        );
      timer = setTimeout(fail, 10_000);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The errors that the engine prints while something is done. */
  async errorsOf(action: () => Promise<unknown>): Promise<string[]> {
    const from = this.errors.length;
    await action();
    return this.errors.slice(from);
  }

  async close(): Promise<void> {
    await this.#godot.close();
  }

  /** Takes every report apart as it comes. */
  #listen(): void {
    this.#client
      .until(({ reports }) => {
        while (this.#read < reports.length) this.#take(reports[this.#read++] ?? '');
        return false;
      })
      .catch(() => {
        // The page is gone: whoever still asks hears of it from `exited`.
      });
  }

  #take(report: string): void {
    const [first = '', ...words] = report.split(' ');
    if (first === '=') {
      const number = Number(words[0]);
      this.#answers.get(number)?.(bytesToVar(bytes(words[1] ?? ''), { strictTypedContainers: false }));
      this.#answers.delete(number);
      return;
    }
    const player = this.#players.get(first);
    if (words[0] !== 'call') player?.log.push(words.join(' '));
    else player?.heard(words[1] ?? '', words[2] ?? '', Number(words[3]), words[4] ?? '');
  }
}

const source = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
