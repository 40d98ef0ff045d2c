/**
 * A game with players in a real Godot 4.6 and players of ours: one page of one browser holds all players of the engine, each in a
 * branch of the tree with a SceneMultiplayer of its own (`players.gd`). Every player and the server have the nodes `Game` and
 * `Mark` with one script (`RPCS`), and note what happens to them in one form:
 *
 * `connected ID`, `failed`, `lost`, `+ID`, `-ID` (peers), `?ID` (authenticating), `!ID` (authentication failed), `auth ID HEX`,
 * `bytes ID SIZE MD5`, `PATH.METHOD SENDER ARGUMENTS` (a call; arguments as `var_to_str` writes them).
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bytesToVar, type VariantValue, varToBytes, varToStr } from '../../../codec/index.ts';
import { SceneMirror, type ScriptClass } from '../../../schema/index.ts';
import { ENetMultiplayerPeer, type MultiplayerPeer } from '../../../src/godot.ts';
import {
  NodeScript,
  type RpcWord,
  rpc,
  SceneMultiplayer,
  type SceneMultiplayerOptions,
} from '../../../src/multiplayer.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../../src/websocket.ts';
import { bytes, hex } from '../../support/hex.ts';
import { Godot4, type Godot4Client } from './engine.ts';

/** The RPCs of every node: the words of `@rpc`. All take any arguments. */
export const RPCS = {
  say: ['any_peer'],
  both: ['any_peer', 'call_local'],
  order: ['authority'],
  orderBoth: ['authority', 'call_local'],
  mark: ['any_peer'],
  loose: ['any_peer', 'unreliable'],
  loose3: ['any_peer', 'unreliable', 3],
  ordered: ['any_peer', 'unreliable_ordered'],
  ordered2: ['any_peer', 'unreliable_ordered', 2],
  sure9: ['any_peer', 'reliable', 9],
  Upper: ['any_peer'],
  _under: ['any_peer'],
  lower_case: ['any_peer'],
  lowerCase: ['any_peer'],
  z2: ['any_peer'],
  z10: ['any_peer'],
} as const satisfies Record<string, readonly (RpcWord | number)[]>;

/** Functions of the script that are no RPCs; nodes may configure them. */
export const PLAIN = ['plain', 'Plain', '_plain'] as const;

/** A call that arrived, before it became a line. */
export interface HeardCall {
  readonly method: string;
  readonly sender: number;
  /** The arguments, an Array, as bytes. */
  readonly args: string;
}

/** What all players note. */
abstract class Noting {
  readonly name: string;
  readonly log: string[] = [];
  readonly calls: HeardCall[] = [];
  /** Which marks came from whom: `SENDER NUMBER`. */
  readonly marks = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** The id it was given last; 0 before. */
  get id(): number {
    return Number(this.log.findLast((line) => line.startsWith('connected '))?.split(' ')[1] ?? 0);
  }

  /** Notes a call. */
  heard(at: string, method: string, sender: number, args: string): void {
    const values = bytesToVar(bytes(args), { exact: true });
    if (method === 'mark') this.marks.add(`${sender} ${varToStr(values)}`);
    else {
      this.calls.push({ method, sender, args });
      this.log.push(`${at}.${method} ${sender} ${varToStr(values)}`);
    }
  }

  /** Waits until a line was noted, at `from` or later. */
  async until(line: string, from = 0): Promise<void> {
    await until(
      () => this.log.indexOf(line, from) >= 0,
      () => `${this.name}: ${line}; it noted\n${this.log.slice(from).join('\n')}`,
    );
  }

  /** Waits until so many lines were noted since `from`, and gives them. */
  async lines(from: number, count: number): Promise<string[]> {
    await until(
      () => this.log.length >= from + count,
      () => `${this.name}: ${count} lines; it noted\n${this.log.slice(from).join('\n')}`,
    );
    return this.log.slice(from);
  }

  /** Calls `rpc_id` of a node; 0 stands for all. */
  abstract rpc(
    path: string,
    target: number,
    method: string,
    ...args: readonly VariantValue[]
  ): Promise<number>;
  /** Calls a method of the SceneMultiplayer by the engine's name. */
  abstract api(method: string, ...args: readonly VariantValue[]): Promise<VariantValue>;
  /** Connects to a server in a browser's way. */
  abstract join(url: string): Promise<number>;
  /** Closes the connection. */
  abstract leave(): Promise<void>;
  /** Takes an auth callback. */
  abstract ask(): Promise<void>;
}

export type Player = Noting;

/** A player in the engine. */
export class EnginePlayer extends Noting {
  readonly #engine: EnginePlayers;

  constructor(engine: EnginePlayers, name: string) {
    super(name);
    this.#engine = engine;
  }

  /** Calls a method of a node. */
  node(path: string, method: string, ...args: readonly VariantValue[]): Promise<VariantValue> {
    return this.#engine.ask(this.name, path, method, args);
  }

  async rpc(path: string, target: number, method: string, ...args: readonly VariantValue[]): Promise<number> {
    return Number(await this.node(path, 'rpc_id', target, method, ...args));
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

  async ask(): Promise<void> {
    await this.node('.', 'ask');
  }
}

/** The server, or a player of ours. */
export class OwnPlayer extends Noting {
  readonly mirror = new SceneMirror();
  readonly multiplayer: SceneMultiplayer;
  /** Trace lines. */
  readonly traces: string[] = [];

  constructor(name: string, options: Partial<SceneMultiplayerOptions> = {}) {
    super(name);
    this.mirror.registerScript(scriptOf(this));
    this.grow('.', 'Game');
    this.grow('.', 'Mark');
    this.multiplayer = new SceneMultiplayer({
      mirror: this.mirror,
      exact: true,
      onTrace: (line) => this.traces.push(line),
      ...options,
    });
    const { multiplayer, log } = this;
    multiplayer.on('connectedToServer', () => log.push(`connected ${multiplayer.getUniqueId()}`));
    multiplayer.on('connectionFailed', () => log.push('failed'));
    multiplayer.on('serverDisconnected', () => log.push('lost'));
    multiplayer.on('peerConnected', (id) => log.push(`+${id}`));
    multiplayer.on('peerDisconnected', (id) => log.push(`-${id}`));
    multiplayer.on('peerAuthenticating', (id) => log.push(`?${id}`));
    multiplayer.on('peerAuthenticationFailed', (id) => log.push(`!${id}`));
    multiplayer.on('peerPacket', (id, data) => log.push(`bytes ${id} ${data.length} ${md5(data)}`));
    multiplayer.start({ tickHz: 200 });
  }

  override get id(): number {
    return this.multiplayer.getUniqueId();
  }

  /** A node by its path below the root. */
  at(path: string): NonNullable<ReturnType<SceneMirror['getNode']>> {
    const node = this.mirror.root.getNode(path);
    if (node === undefined) throw new Error(`${this.name} has no node ${path}`);
    return node;
  }

  /** Adds a node with the script of the game. */
  grow(parent: string, name: string): void {
    this.at(parent).addChild({ name, class: 'Node', script: GAME_PATH });
  }

  rpc(path: string, target: number, method: string, ...args: readonly VariantValue[]): Promise<number> {
    return Promise.resolve(this.at(path).rpcId(target, method, ...args));
  }

  api(method: string, ...args: readonly VariantValue[]): Promise<VariantValue> {
    const name = method.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const called: unknown = Reflect.get(this.multiplayer, name);
    if (typeof called !== 'function') throw new Error(`SceneMultiplayer has no ${name}`);
    const result: unknown = Reflect.apply(called, this.multiplayer, args);
    return Promise.resolve(typeof result === 'number' || typeof result === 'boolean' ? result : null);
  }

  join(url: string): Promise<number> {
    const peer = new WebSocketMultiplayerPeer();
    const error = peer.createClient(url);
    this.multiplayer.multiplayerPeer = peer;
    return Promise.resolve(error);
  }

  /** Connects over ENet. */
  joinNatively(port: number): void {
    const peer = new ENetMultiplayerPeer();
    peer.createClient('127.0.0.1', port);
    this.multiplayer.multiplayerPeer = peer;
  }

  leave(): Promise<void> {
    this.multiplayer.multiplayerPeer?.close();
    return Promise.resolve();
  }

  ask(): Promise<void> {
    this.multiplayer.authCallback = (id, data) => this.log.push(`auth ${id} ${hex(data)}`);
    return Promise.resolve();
  }

  close(): void {
    this.multiplayer.close();
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
    const ended = this.#client.exited.then(() => {
      throw new Error('the engine ended');
    });
    return Promise.race([answer, ended]);
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

/** A server of ours for browsers and native players. */
export class Arena extends OwnPlayer {
  readonly web = new WebSocketMultiplayerPeer();
  readonly enet = new ENetMultiplayerPeer();
  #marks = 0;

  private constructor(options: Partial<SceneMultiplayerOptions>) {
    super('server', options);
  }

  /** Opens the server on ports that the system chooses. */
  static async open(
    options: Partial<SceneMultiplayerOptions> = {},
    join = (parts: readonly MultiplayerPeer[]): MultiplayerPeer => new JoinedMultiplayerPeer(parts),
  ): Promise<Arena> {
    const arena = new Arena(options);
    const { web, enet } = arena;
    enet.setBindIp('127.0.0.1');
    const errors = [web.createServer(0, '127.0.0.1'), await web.whenListening(), enet.createServer(0)];
    if (errors.some((error) => error !== 0)) throw new Error(`the server does not open: ${errors.join()}`);
    arena.multiplayer.multiplayerPeer = join([enet, web]);
    return arena;
  }

  /** Where browsers connect to. */
  get url(): string {
    return `ws://127.0.0.1:${this.web.localPort}`;
  }

  /** Where native players connect to. */
  get port(): number {
    return this.enet.host?.getLocalPort() ?? 0;
  }

  /** Lets players join, and waits until everybody knows everybody. */
  async gather(browsers: readonly Player[], natives: readonly OwnPlayer[] = []): Promise<void> {
    const all = [...browsers, ...natives];
    const froms = all.map(({ log }) => log.length);
    const from = this.log.length;
    for (const one of browsers) await one.join(this.url);
    for (const one of natives) one.joinNatively(this.port);
    for (const [i, one] of all.entries()) {
      await one.until('+1', froms[i]);
      await this.until(`+${one.id}`, from);
    }
    for (const [i, one] of this.multiplayer.serverRelay ? all.entries() : [])
      for (const other of all) if (one !== other) await one.until(`+${other.id}`, froms[i]);
  }

  /**
   * Waits until whatever was sent so far has arrived everywhere: each tells all others a number, behind everything else.
   *
   * @param players who is connected, but the server.
   */
  async settle(players: readonly Player[]): Promise<void> {
    const number = ++this.#marks;
    const all = [this, ...players];
    await Promise.all(all.map((one) => one.rpc('Mark', 0, 'mark', number)));
    const isRelayed = this.multiplayer.serverRelay;
    for (const one of all)
      for (const other of all) {
        if (one === other || (!isRelayed && one !== this && other !== this)) continue;
        const mark = `${other.id} [${number}]`;
        await until(
          () => one.marks.has(mark),
          () => `mark ${mark} at ${one.name}`,
        );
      }
  }
}

/** Waits for something that the network will bring. */
export async function until(isTrue: () => boolean, what: () => string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within 10 s: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What `bytes` lines say of some bytes: the MD5 of their hex text. */
export function md5(data: Uint8Array): string {
  return createHash('md5').update(hex(data)).digest('hex');
}

function scriptOf(player: OwnPlayer): ScriptClass {
  class Game extends NodeScript {
    static override readonly path: string = GAME_PATH;
    static override readonly rpcs = Object.fromEntries(
      Object.entries(RPCS).map(([name, words]) => [name, rpc(...words)]),
    );
  }
  for (const name of [...Object.keys(RPCS), ...PLAIN])
    Object.defineProperty(Game.prototype, name, {
      value(this: Game, ...args: VariantValue[]): void {
        const at = this.node.getPath().toString().replace('/root/', '');
        player.heard(at, name, this.multiplayer.getRemoteSenderId(), hex(varToBytes(args)));
      },
    });
  return Game;
}

function gameScript(): string {
  const functions = [...Object.entries(RPCS), ...PLAIN.map((name) => [name, undefined] as const)].map(
    ([name, words]) =>
      `${words === undefined ? '' : `@rpc(${annotation(words)})\n`}func ${name}(...args: Array) -> void:\n\theard("${name}", args)\n`,
  );
  return `extends Node

var player: Node

func heard(method: String, args: Array) -> void:
	player.say("call %s %s %d %s" % [player.get_path_to(self), method, multiplayer.get_remote_sender_id(), var_to_bytes(args).hex_encode()])

${functions.join('\n')}`;
}

/** The channel is the fourth argument, whatever comes before. */
function annotation(words: readonly (RpcWord | number)[]): string {
  const texts = words.filter((word) => typeof word === 'string');
  const channel = words.find((word) => typeof word === 'number');
  if (channel !== undefined && texts.length < 3) texts.push('call_remote');
  return [...texts.map((word) => `"${word}"`), ...(channel === undefined ? [] : [channel])].join(', ');
}

const source = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const GAME_PATH = 'res://game.gd';
