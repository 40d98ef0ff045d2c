/** Clients of the rooms: real engines in pages, and one of ours over ENet. */
import type { VariantValue } from '../../../../codec/index.ts';
import type { PackFiles } from '../../../../examples/arena/packFile.ts';
import type { MirrorNode } from '../../../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../../../src/godot.ts';
import { SceneMultiplayer } from '../../../../src/multiplayer.ts';
import type { Godot4 } from '../engine.ts';
import { until } from '../player.ts';
import { BrowserGame } from '../replication/BrowserGame.ts';
import { type Dump, dumpOf, readDump } from '../replication/dump.ts';
import { chat, type GameHost, type Note, newMirror, newPiece, ROOMS_FILES } from './game.ts';

/** A client. */
export interface Guest {
  readonly name: string;
  readonly id: number;
  /** `connected ID`, `token TEXT`, `welcome TAG`, `+ID`, `-ID`, `lost`, and, of engines, `spawned PATH`, `despawned NAME`. */
  readonly log: readonly string[];
  /** Connects, and shows a token. */
  join(ports: { readonly tcp: number; readonly udp: number }, token: string): Promise<void>;
  /** Whether it calls its room, and everybody in it, in each frame. */
  chat(isOn: boolean): Promise<void>;
  /** What it heard since it was asked last. */
  takeNotes(): Promise<Note[]>;
  /** The tree that an RPC of this number asked for; the room knows when it is there. */
  tree(number: number): Promise<Dump>;
  /** The peers that it knows. */
  peers(): Promise<number[]>;
  /** How often it has said something. */
  said(): Promise<number>;
  /** Sets a property of a node that it owns. */
  set(path: string, property: string, value: VariantValue): Promise<void>;
  /** What it has complained of since it was asked last. */
  complaints(): string[];
  /** Waits for a line of the log, at `from` or later. */
  until(line: string, from?: number): Promise<void>;
  close(): Promise<void>;
}

/** An engine in a page. */
export class EngineGuest implements Guest {
  readonly name: string;
  readonly #game: BrowserGame;
  #read = 0;

  private constructor(name: string, game: BrowserGame) {
    this.name = name;
    this.#game = game;
    this.#read = game.output.length;
  }

  static async open(name: string, godot: Godot4, others: PackFiles = {}): Promise<EngineGuest> {
    return new EngineGuest(name, await BrowserGame.open(name, godot, { ...ROOMS_FILES, ...others }));
  }

  get id(): number {
    return this.#game.id;
  }

  get log(): readonly string[] {
    return this.#game.log;
  }

  async join({ tcp }: { readonly tcp: number }, token: string): Promise<void> {
    const from = this.log.length;
    await this.#game.ask('.', '_join_as', `ws://127.0.0.1:${tcp}`, token);
    await this.#game.until(() => this.log.slice(from).some((line) => line.startsWith('welcome ')));
  }

  async chat(isOn: boolean): Promise<void> {
    await this.#game.ask('.', 'set', '_chatty', isOn);
  }

  async takeNotes(): Promise<Note[]> {
    const notes = await this.#game.ask('.', '_take_notes');
    return [...(notes as Iterable<Iterable<VariantValue>>)].map((note) => {
      const [what, ...numbers] = note;
      const [sender = 0, tag = 0, number = 0, here = 0] = numbers.map(Number);
      return { what: String(what), sender, tag, number, here };
    });
  }

  tree(number: number): Promise<Dump> {
    return this.#game.dumped(number);
  }

  async peers(): Promise<number[]> {
    const peers = await this.#game.ask('@api', 'get_peers');
    return [...(peers as Iterable<number>)].map(Number);
  }

  async said(): Promise<number> {
    return Number(await this.#game.ask('.', 'get', '_said'));
  }

  async set(path: string, property: string, value: VariantValue): Promise<void> {
    await this.#game.ask(path, 'set', property, value);
  }

  /** Whether it makes calls that are done once, in each frame. */
  async mark(isOn: boolean): Promise<void> {
    await this.#game.ask('.', 'set', '_marking', isOn);
  }

  /** How many it has made, and how many have no answer yet. */
  async marks(): Promise<{ readonly made: number; readonly unanswered: number }> {
    const made = await this.#game.ask('.', 'get', '_marks');
    const unanswered = await this.#game.ask('/root/GodotEnetHandoff', 'get_marked_count');
    return { made: Number(made), unanswered: Number(unanswered) };
  }

  /** How often the static synchronizer has set a whole state, and changes. */
  async boardCounts(): Promise<{ readonly states: number; readonly changes: number }> {
    const [states, changes] = await Promise.all(
      ['_states', '_changes'].map((name) => this.#game.ask('.', 'get', name)),
    );
    return { states: Number(states), changes: Number(changes) };
  }

  /** Whatever the engine has printed: errors, warnings, and where they come from. */
  complaints(): string[] {
    const lines = this.#game.output.slice(this.#read);
    this.#read = this.#game.output.length;
    return lines.filter((line) => /error|warning|:\d+\)/i.test(line)).map((line) => `${this.name}: ${line}`);
  }

  until(line: string, from = 0): Promise<void> {
    return this.#game.until(() => this.log.indexOf(line, from) >= 0);
  }

  close(): Promise<void> {
    return this.#game.close();
  }
}

/** A client of ours. */
export class NativeGuest implements Guest, GameHost {
  readonly name: string;
  readonly log: string[] = [];
  readonly #multiplayer: SceneMultiplayer;
  readonly #main: MirrorNode;
  readonly #dumps = new Map<number, Dump>();
  readonly #timer: NodeJS.Timeout;
  #notes: Note[] = [];
  #complaints: string[] = [];
  #isChatty = false;
  #said = 0;
  #here = 0;

  constructor(name: string) {
    this.name = name;
    const mirror = newMirror(this, (line) => this.#complaints.push(line));
    this.#multiplayer = new SceneMultiplayer({
      mirror,
      onTrace: (line) => this.#complaints.push(line),
      onError: (error, where) => this.#complaints.push(`${where}: ${String(error)}`),
    });
    const { log } = this;
    const multiplayer = this.#multiplayer;
    const main = mirror.getNode('/root/Main');
    const custom = main?.getNode('Custom');
    const players = main?.getNode('PlayerSpawner');
    if (main === undefined || custom === undefined || players === undefined)
      throw new Error('the scene of the game is another one');
    this.#main = main;
    multiplayer.spawner(custom).spawnFunction = (data) => newPiece(mirror, data);
    multiplayer.spawner(players).on('despawned', (node) => {
      if (node.name === String(this.id)) this.#here = 0;
    });
    multiplayer.on('connectedToServer', () => log.push(`connected ${this.id}`));
    multiplayer.on('serverDisconnected', () => log.push('lost'));
    multiplayer.on('peerConnected', (id) => log.push(`+${id}`));
    multiplayer.on('peerDisconnected', (id) => log.push(`-${id}`));
    multiplayer.start({ tickHz: 60 });
    this.#timer = setInterval(() => this.#frame(), 16);
  }

  get id(): number {
    return this.#multiplayer.getUniqueId();
  }

  async join({ udp }: { readonly udp: number }, token: string): Promise<void> {
    const peer = new ENetMultiplayerPeer();
    const multiplayer = this.#multiplayer;
    multiplayer.authCallback = (id, data) => {
      this.log.push(`token ${new TextDecoder().decode(data)}`);
      multiplayer.completeAuth(id);
    };
    multiplayer.on('peerAuthenticating', (id) => multiplayer.sendAuth(id, new TextEncoder().encode(token)));
    peer.createClient('127.0.0.1', udp);
    multiplayer.multiplayerPeer = peer;
    await until(
      () => this.log.some((line) => line.startsWith('welcome ')),
      () => `${this.name} in a room\n${this.#complaints.join('\n')}`,
    );
  }

  chat(isOn: boolean): Promise<void> {
    this.#isChatty = isOn;
    return Promise.resolve();
  }

  takeNotes(): Promise<Note[]> {
    const notes = this.#notes;
    this.#notes = [];
    return Promise.resolve(notes);
  }

  async tree(number: number): Promise<Dump> {
    await until(
      () => this.#dumps.has(number),
      () => `the tree ${number} of ${this.name}`,
    );
    const dump = this.#dumps.get(number);
    this.#dumps.clear();
    return dump ?? new Map();
  }

  peers(): Promise<number[]> {
    return Promise.resolve(this.#multiplayer.getPeers());
  }

  said(): Promise<number> {
    return Promise.resolve(this.#said);
  }

  set(path: string, property: string, value: VariantValue): Promise<void> {
    this.#main.getNode(path)?.set(property, value);
    return Promise.resolve();
  }

  complaints(): string[] {
    return this.#complaints.splice(0).map((line) => `${this.name}: ${line}`);
  }

  async until(line: string, from = 0): Promise<void> {
    await until(
      () => this.log.indexOf(line, from) >= 0,
      () => `${this.name}: ${line}; it noted\n${this.log.slice(from).join('\n')}`,
    );
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    this.#multiplayer.close();
    return Promise.resolve();
  }

  note(what: string, sender: number, tag: number, number: number): void {
    this.#notes.push({ what, sender, tag, number, here: this.#here });
  }

  welcome(tag: number): void {
    this.#here = tag;
    this.log.push(`welcome ${tag}`);
  }

  dump(number: number): void {
    this.#dumps.set(number, readDump(dumpOf(this.#main)));
  }

  dumped(): void {}

  #frame(): void {
    if (!this.#isChatty || this.#multiplayer.getPeers().length === 0) return;
    chat(this.#main, this.id, this.#here, ++this.#said);
  }
}
