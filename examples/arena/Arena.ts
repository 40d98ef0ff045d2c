/**
 * The arena on the server: who plays, where everybody is, who hits whom, who says what. Clients say what they want, and nothing else
 * counts: the direction and the angle of their node `Input`, the shots that they send with `NetworkTime`, a name, and lines of chat.
 */
import type { Vector2 } from 'godot-enet/codec';
import {
  NetworkTime,
  type NetworkTimeOptions,
  SceneMultiplayer,
  type SceneMultiplayerOptions,
  WorldHistory,
} from 'godot-enet/multiplayer';
import { type MirrorNode, SceneMirror } from 'godot-enet/schema';
import { Chat } from './chat.ts';
import { Field, type Target } from './Field.ts';
import { Fighter, isAngle, isInput } from './Fighter.ts';
import { PROJECT } from './project.ts';
import { cleanName, INTRODUCE_SEC, TICK_HZ } from './rules.ts';
import { inputOf, MainScript, PlayerScript } from './scripts.ts';

/** How an arena is made. */
export interface ArenaOptions {
  /** Takes a line for everything that happens. */
  readonly log?: ((line: string) => void) | undefined;
  /** Numbers from 0 up to 1: where players appear, and their colors. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** The clock. Default: the process's. */
  readonly runtime?: NetworkTimeOptions['runtime'] & SceneMultiplayerOptions['runtime'];
  /** Takes what is refused, in words. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/** A shot that the server has judged. */
export interface Shot {
  readonly shooter: number;
  /** Who was hit; 0 nobody. */
  readonly victim: number;
  /** How many ticks ago the shooter saw what it shot at. */
  readonly ticksAgo: number;
}

/** The game, without transports: give it one by `arena.multiplayer.multiplayerPeer`. */
export class Arena {
  /** Speaks with the clients. */
  readonly multiplayer: SceneMultiplayer;
  /** The node of `main.tscn`. */
  readonly main: MirrorNode;
  /** Everybody who plays, by the id of the client. */
  readonly fighters: Map<number, Fighter> = new Map();
  /** The walls. */
  readonly field: Field;
  /** What was said. */
  readonly chat: Chat;
  /** Is called for each shot. */
  onShot: ((shot: Shot) => void) | undefined;
  readonly #log: (line: string) => void;
  readonly #random: () => number;
  readonly #time: NetworkTime<{ readonly aim: number | null }>;
  readonly #history: WorldHistory;
  /** Until when each client that has not said its name has to, in seconds. */
  readonly #nameless = new Map<number, number>();
  #places = 0;

  constructor(options: ArenaOptions = {}) {
    const { runtime, onTrace } = options;
    this.#log = options.log ?? (() => {});
    this.#random = options.random ?? Math.random;
    const mirror = new SceneMirror({ resources: PROJECT.files });
    PROJECT.register(mirror).registerScript(this.#mainScript()).registerScript(PlayerScript);
    // Nothing of the clients goes to other clients but by the server.
    this.multiplayer = new SceneMultiplayer({ mirror, serverRelay: false, runtime, onTrace });
    this.main = mirror.root.addChild(mirror.instantiate(PROJECT.mainScene));
    this.field = new Field(this.main);
    this.chat = new Chat((line) => this.main.rpc('chat', ...line));
    this.#time = new NetworkTime(this.multiplayer, {
      tickHz: TICK_HZ,
      runtime,
      // In each frame of a client: where it shoots, or null.
      readInput: (value) => (value === null || isAngle(value) ? { aim: value } : undefined),
    });
    this.#history = new WorldHistory(this.multiplayer, this.#time, {
      nodes: 'players',
      properties: ['health'],
      toleranceMs: 300,
    });
    this.#time.on('input', ({ peer, tick, value: { aim } }) => {
      if (aim !== null) this.#shoot(peer, tick, aim);
    });
    this.multiplayer.on('peerConnected', (id) => this.#nameless.set(id, this.#nowSec + INTRODUCE_SEC));
    this.multiplayer.on('peerDisconnected', (id) => this.#leave(id));
  }

  /** Begins to play, on the transport that `multiplayer` has. */
  start(): void {
    this.multiplayer.start({ tickHz: TICK_HZ });
  }

  /** Ends it, and the transport. */
  close(): void {
    this.#history.close();
    this.#time.close();
    this.multiplayer.close();
  }

  /** Seconds of the game. */
  get #nowSec(): number {
    return this.#time.tick / TICK_HZ;
  }

  /** `main.gd` on the server. */
  #mainScript(): typeof MainScript {
    const arena = this;
    return class extends MainScript {
      introduce(name: string): void {
        arena.#introduce(this.multiplayer.getRemoteSenderId(), name);
      }
      say(text: string): void {
        arena.#say(this.multiplayer.getRemoteSenderId(), text);
      }
      override _process(delta: number): void {
        arena.#step(delta);
      }
    };
  }

  #step(deltaSec: number): void {
    for (const fighter of this.fighters.values()) fighter.step(deltaSec);
    for (const [id, untilSec] of this.#nameless) {
      if (this.#nowSec < untilSec) continue;
      this.#nameless.delete(id);
      this.multiplayer.disconnectPeer(id);
    }
  }

  #introduce(id: number, wanted: string): void {
    if (!this.#nameless.delete(id)) return;
    const name = this.#freeName(cleanName(wanted));
    for (const line of this.chat.history) this.main.rpcId(id, 'chat', ...line);
    const { mirror } = this.multiplayer;
    const node = mirror.instantiate('res://player.tscn', { name: String(id) });
    const players = this.main.getNode('Players');
    if (players === undefined) throw new Error('main.tscn needs Players');
    node.set('player_name', name);
    // The golden ratio: neighbours differ.
    node.set('hue', (this.#places++ * 0.618) % 1);
    const fighter = new Fighter(node, this.field, this.#random);
    this.fighters.set(id, fighter);
    // With all that it has: others are told now.
    players.addChild(node);
    const wishes = this.multiplayer.synchronizer(inputOf(node));
    wishes.validate = (values, sender) => sender === id && isInput(values);
    wishes.on('synchronized', () => fighter.heard());
    this.#log(`${name} joins`);
    this.chat.announce(`${name} joins`);
  }

  #leave(id: number): void {
    this.#nameless.delete(id);
    const fighter = this.fighters.get(id);
    if (fighter === undefined) return;
    this.fighters.delete(id);
    this.chat.forget(id);
    fighter.node.free();
    this.#log(`${fighter.name} leaves`);
    this.chat.announce(`${fighter.name} leaves`);
  }

  #say(id: number, text: string): void {
    const fighter = this.fighters.get(id);
    if (fighter !== undefined && this.chat.say(id, fighter.name, text, this.#nowSec))
      this.#log(`${fighter.name}: ${this.chat.history.at(-1)?.[1]}`);
  }

  /** Judges a shot in the world as the shooter saw it. */
  #shoot(id: number, tick: number, aim: number): void {
    const shooter = this.fighters.get(id);
    if (shooter === undefined || !shooter.shoots()) return;
    const then = this.#history.rewind(id, tick);
    const placeOf = (node: MirrorNode): Vector2 | undefined => {
      const place = then.positionOf(node);
      return place !== undefined && !('z' in place) ? place : undefined;
    };
    const targets: Target<[number, Fighter]>[] = [];
    for (const entry of this.fighters) {
      const [, { node, isUp }] = entry;
      const at = placeOf(node);
      const wasUp = Number(then.propertyOf(node, 'health')) > 0;
      if (at !== undefined && node !== shooter.node && isUp && wasUp) targets.push({ who: entry, at });
    }
    const from = placeOf(shooter.node) ?? shooter.position;
    const { to, who } = this.field.shoot(from, aim, targets);
    this.main.rpc('shot', id, from, to, who !== undefined);
    this.onShot?.({ shooter: id, victim: who?.[0] ?? 0, ticksAgo: this.#time.tick - then.tick });
    if (who === undefined) return;
    const [, victim] = who;
    if (!victim.isHit()) return;
    shooter.scores();
    this.#log(`${shooter.name} hits ${victim.name} down (${shooter.score})`);
    this.chat.announce(`${shooter.name} hits ${victim.name} down`);
  }

  /** A name that nobody has. */
  #freeName(name: string): string {
    const taken = new Set(Array.from(this.fighters.values(), (fighter) => fighter.name));
    if (!taken.has(name)) return name;
    for (let i = 2; ; i++) if (!taken.has(`${name} ${i}`)) return `${name} ${i}`;
  }
}
