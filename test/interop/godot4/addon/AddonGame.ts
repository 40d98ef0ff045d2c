/**
 * A game with the add-on's client in a real Godot 4.6. The browser has no UDP: a stand-in for ENetConnection (`carrier.gd`) tells
 * this side what the client does, and a connection of ours does it.
 */
import { bytesToVar, type VariantValue, varToBytes, varToStr } from '../../../../codec/index.ts';
import {
  type CompressionMode,
  ENetConnection,
  type ENetPacketPeer,
  TLSOptions,
} from '../../../../src/godot.ts';
import { bytes, hex } from '../../../support/hex.ts';
import { blocksOf } from '../../../support/pages.ts';
import { Godot4, type Godot4Client } from '../engine.ts';
import { addonFiles, standInFiles } from './files.ts';

/** The first block of GDScript in the guide. */
function guideScript(): string {
  return blocksOf('docs/guide/godot-client.md').find(({ language }) => language === 'gdscript')?.source ?? '';
}

/** The game, and the network between it and a server. */
export class AddonGame {
  /** Where connections go, whatever the game asks for; 0: nobody is there; -1: whoever is there does not answer. */
  port = 0;
  /** Every signal of the client: its name and its arguments as `var_to_str` writes them. */
  readonly signals: string[] = [];
  /** What the client did to its connections, without packets: `compress 1`, `connect game.test 7777 2 0` ... */
  readonly calls: string[] = [];
  /** What the game's own callbacks reported. */
  readonly heard: string[] = [];
  readonly #godot: Godot4;
  readonly #client: Godot4Client;
  readonly #links = new Map<string, Link>();
  readonly #answers = new Map<string, (value: VariantValue) => void>();
  readonly #untold: string[] = [];
  #telling: Promise<void> = Promise.resolve();
  #asked = 0;
  #read = 0;
  #wake = (): void => {};

  private constructor(godot: Godot4, client: Godot4Client) {
    this.#godot = godot;
    this.#client = client;
  }

  /**
   * Starts the browser and the engine.
   *
   * @param files - further files of the project.
   */
  static async open(files: Readonly<Record<string, string>> = {}): Promise<AddonGame> {
    const godot = await Godot4.open();
    try {
      const client = await godot.start({
        files: { ...standInFiles(), ...addonFiles(), 'guide.gd': guideScript(), ...files },
        timeoutMs: 100_000,
      });
      await client.until(({ reports, errors }) => reports.includes('ready') || errors.length > 0);
      const game = new AddonGame(godot, client);
      if (client.errors.length > 0) throw game.#problem('the add-on does not load');
      game.#listen();
      return game;
    } catch (error) {
      await godot.close();
      throw error;
    }
  }

  /** What the engine printed as errors so far. */
  get errors(): readonly string[] {
    return this.#client.errors;
  }

  /** Lines that the engine printed so far. */
  get output(): readonly string[] {
    return this.#client.output;
  }

  /** Has a method of the client, or of the game, called. */
  async do(method: string, ...args: readonly VariantValue[]): Promise<VariantValue> {
    const number = String(++this.#asked);
    const answer = new Promise<VariantValue>((resolve) => this.#answers.set(number, resolve));
    await this.#client.send(`do ${number} ${hex(varToBytes([method, [...args]]))}`);
    return await this.#within(answer, method);
  }

  /** Waits until something is true; it is looked at whenever the game has told something. */
  async until(isTrue: () => boolean, what: string): Promise<void> {
    const end = Date.now() + 10_000;
    while (!isTrue()) {
      if (Date.now() > end) throw this.#problem(`not within 10 s: ${what}`);
      await new Promise<void>((resolve) => {
        // Servers do not wake this side.
        const timer = setTimeout(resolve, 20);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Waits for a signal, from a place in `signals` on. */
  async saw(text: string, from = 0): Promise<void> {
    await this.until(
      () => this.signals.slice(from).some((line) => line.startsWith(text)),
      `the signal ${text}`,
    );
  }

  async close(): Promise<void> {
    await this.#godot.close();
    for (const { connection } of this.#links.values()) connection.destroy();
  }

  async #within<Value>(answer: Promise<Value>, what: string): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#problem(`no answer to ${what}`)), 10_000);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #problem(what: string): Error {
    return new Error(
      [what, ...this.signals.slice(-20), ...this.calls.slice(-10), ...this.#client.output.slice(-20)].join(
        '\n',
      ),
    );
  }

  #listen(): void {
    this.#client
      .until(({ reports }) => {
        while (this.#read < reports.length) this.#take(reports[this.#read++] ?? '');
        this.#wake();
        return false;
      })
      .catch(() => {
        // The page is gone: whoever still asks hears that there is no answer.
      });
  }

  #take(report: string): void {
    const [first, second = '', ...words] = report.split(' ');
    if (first === '=') {
      this.#answers.get(second)?.(bytesToVar(bytes(words[0] ?? ''), LOOSE));
      this.#answers.delete(second);
    } else if (first === '!') {
      const args = bytesToVar(bytes(words[0] ?? ''), { exact: true, ...LOOSE });
      this.signals.push(`${second}${varToStr(args).replace(/^\[(.*)\]$/s, '($1)')}`);
    } else if (first === '@') {
      this.#carry(second, words);
    } else if (report !== 'ready') {
      this.heard.push(report);
    }
  }

  #carry(number: string, words: readonly string[]): void {
    const [what, ...rest] = words;
    let link = this.#links.get(number);
    if (link === undefined) {
      link = { connection: new ENetConnection(), peer: null };
      link.connection.createHost(1);
      this.#links.set(number, link);
    }
    if (what === 'send') {
      link.peer?.send(Number(rest[0]), bytes(rest[2] ?? ''), Number(rest[1]));
      return;
    }
    this.calls.push(words.join(' '));
    if (what === 'compress') link.connection.compress(Number(rest[0]) as CompressionMode);
    else if (what === 'dtls') link.connection.dtlsClientSetup(rest[0] ?? '', TLSOptions.clientUnsafe());
    else if (what === 'connect') this.#connect(number, link, Number(rest[2]));
    else if (what === 'later') link.peer?.peerDisconnectLater();
    else if (what === 'now') link.peer?.peerDisconnectNow();
    else if (what === 'destroy') {
      link.connection.destroy();
      this.#links.delete(number);
    }
  }

  #connect(number: string, link: Link, channels: number): void {
    if (this.port === 0) {
      this.#tell(`@ ${number} disconnect`);
      return;
    }
    if (this.port < 0) return;
    link.peer = link.connection.connectToHost('127.0.0.1', this.port, channels);
    // As the engine does: a host that fails, e.g. because the encryption has ended, is an event.
    this.#relay(number, link).catch(() => this.#tell(`@ ${number} error`));
  }

  async #relay(number: string, { connection }: Link): Promise<void> {
    for await (const [type, peer, , channel] of connection) {
      if (type === ENetConnection.EVENT_CONNECT) this.#tell(`@ ${number} connect`);
      else if (type === ENetConnection.EVENT_DISCONNECT) this.#tell(`@ ${number} disconnect`);
      else this.#tell(`@ ${number} receive ${channel} ${hex(peer.getPacket())}`);
    }
  }

  /** What comes while one message is under way goes with the next. */
  #tell(text: string): void {
    if (this.#untold.push(text) === 1) this.#telling = this.#telling.then(() => this.#tellAll());
  }

  async #tellAll(): Promise<void> {
    const texts = JSON.stringify(this.#untold.splice(0));
    try {
      await this.#client.page.evaluate(`for (const text of ${texts}) harness.put(text)`);
    } catch (error) {
      this.heard.push(`not told: ${error}`);
    }
  }
}

interface Link {
  readonly connection: ENetConnection;
  peer: ENetPacketPeer | null;
}

const LOOSE = { strictTypedContainers: false } as const;
