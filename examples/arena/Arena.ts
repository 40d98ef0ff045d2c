/**
 * The arena on the server: who plays, where everybody is, who hits whom, who says what. Clients say what they want, and nothing else
 * counts: a name when they log in, the direction and the angle of their node `Input`, the shots that they send with `NetworkTime`, and
 * lines of chat. It is a room: there may be several.
 */
import type { Vector2 } from 'godot-enet/codec';
import { NetworkTime, type NetworkTimeOptions, WorldHistory } from 'godot-enet/multiplayer';
import { type Player, Room, type RoomMultiplayerOptions } from 'godot-enet/rooms';
import { type MirrorNode, SceneMirror } from 'godot-enet/schema';
import { Chat } from './chat.ts';
import { Field, type Target } from './Field.ts';
import { Fighter, isAngle, isInput } from './Fighter.ts';
import { PROJECT } from './project.ts';
import { cleanLine, cleanName, MAX_NOTICE, ROOM_PLAYERS, TICK_HZ } from './rules.ts';
import { inputOf, MainScript, PlayerScript } from './scripts.ts';

/** How an arena is made. */
export interface ArenaOptions {
  /** Takes a line for everything that happens. */
  readonly log?: ((line: string) => void) | undefined;
  /** Numbers from 0 up to 1: where players appear, and their colors. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Players in it, 1..4095. Default 16. */
  readonly players?: number | undefined;
  /** The clock. Default: the process's. */
  readonly runtime?: NetworkTimeOptions['runtime'];
}

/** A shot that the server has judged. */
export interface Shot {
  readonly shooter: number;
  /** Who was hit; 0 nobody. */
  readonly victim: number;
  /** How many ticks ago the shooter saw what it shot at. */
  readonly ticksAgo: number;
}

/** One arena, with a world of its own. */
export class Arena extends Room<ArenaOptions> {
  override tickHz: number = TICK_HZ;
  /** The node of `main.tscn`. */
  main!: MirrorNode;
  /** Everybody who plays, those who are away among them. */
  readonly fighters: Map<Player, Fighter> = new Map();
  /** The walls. */
  field!: Field;
  /** What was said. */
  readonly chat: Chat = new Chat((line) => this.main.rpc('chat', ...line));
  /** Is called for each shot. */
  onShot: ((shot: Shot) => void) | undefined;
  #title = '';
  #log: (line: string) => void = () => {};
  #random: () => number = Math.random;
  #time!: NetworkTime<{ readonly aim: number | null }>;
  #history!: WorldHistory;
  #places = 0;

  override makeMirror(): SceneMirror {
    const mirror = new SceneMirror({ resources: PROJECT.files });
    const arena = this;
    class Main extends MainScript {
      say(text: string): void {
        arena.#say(this.multiplayer.getRemoteSenderId(), text);
      }
    }
    PROJECT.register(mirror).registerScript(Main).registerScript(PlayerScript);
    return mirror;
  }

  override multiplayerOptions(): RoomMultiplayerOptions {
    // Nothing of the clients goes to other clients but by the server.
    return { serverRelay: false };
  }

  override onCreate({ log, random, players = ROOM_PLAYERS, runtime }: ArenaOptions = {}): void {
    const taken = new Set(this.server.list({ kind: this.kind }).map(({ metadata }) => metadata['number']));
    let number = 1;
    while (taken.has(number)) number++;
    this.metadata = { number };
    this.maxPlayers = players;
    // One is always open.
    this.endsWhenEmpty = number > 1;
    this.#title = `arena ${number}`;
    this.#log = log ?? this.#log;
    this.#random = random ?? this.#random;
    const { mirror, multiplayer } = this;
    this.main = mirror.root.addChild(mirror.instantiate(PROJECT.mainScene));
    this.field = new Field(this.main);
    this.#time = new NetworkTime(multiplayer, {
      tickHz: TICK_HZ,
      runtime,
      // In each frame of a client: where it shoots, or null.
      readInput: (value) => (value === null || isAngle(value) ? { aim: value } : undefined),
    });
    this.#history = new WorldHistory(multiplayer, this.#time, {
      nodes: 'players',
      properties: ['health'],
      toleranceMs: 300,
    });
    this.#time.on('input', ({ peer, tick, value: { aim } }) => {
      if (aim !== null) this.#shoot(peer, tick, aim);
    });
  }

  override onDispose(): void {
    this.#history.close();
    this.#time.close();
  }

  override onStep(deltaSec: number): void {
    for (const fighter of this.fighters.values()) fighter.step(deltaSec);
  }

  override onJoin(player: Player): void {
    const name = this.#freeName(cleanName(String(player.user)));
    this.#tellChat(player);
    const node = this.mirror.instantiate('res://player.tscn', { name: String(player.peerId) });
    const players = this.main.getNode('Players');
    if (players === undefined) throw new Error('main.tscn needs Players');
    node.set('player_name', name);
    // The golden ratio: neighbours differ.
    node.set('hue', (this.#places++ * 0.618) % 1);
    const fighter = new Fighter(node, this.field, this.#random);
    this.fighters.set(player, fighter);
    // With all that it has: others are told now.
    players.addChild(node);
    const wishes = this.multiplayer.synchronizer(inputOf(node));
    wishes.validate = (values, sender) => sender === player.peerId && isInput(values);
    wishes.on('synchronized', () => fighter.heard());
    this.#announce(`${name} joins`);
  }

  override onDrop(player: Player): void {
    this.#announce(`${this.fighters.get(player)?.name} is away`);
  }

  /** Its node is where it was, with its score, and belongs to the new connection. */
  override onReturn(player: Player): void {
    this.#tellChat(player);
    this.#announce(`${this.fighters.get(player)?.name} is back`);
  }

  override onLeave(player: Player): void {
    const fighter = this.fighters.get(player);
    if (fighter === undefined) return;
    this.fighters.delete(player);
    this.chat.forget(player.seat);
    fighter.node.free();
    this.#announce(`${fighter.name} leaves`);
  }

  /** Whoever runs the server says something to one player, as the server does in the chat. Newcomers do not hear of it. */
  tell(peerId: number, text: string): void {
    const line = cleanLine(text, MAX_NOTICE);
    this.#log(`${this.#title}: the operator tells ${peerId}: ${line}`);
    this.main.rpcId(peerId, 'chat', '', line);
  }

  #announce(text: string): void {
    this.#log(`${this.#title}: ${text}`);
    this.chat.announce(text);
  }

  #tellChat(player: Player): void {
    for (const line of this.chat.history) this.main.rpcId(player.peerId, 'chat', ...line);
  }

  #say(id: number, text: string): void {
    const player = this.playerOf(id);
    const fighter = player && this.fighters.get(player);
    if (
      fighter !== undefined &&
      this.chat.say(player?.seat ?? '', fighter.name, text, this.#time.tick / TICK_HZ)
    )
      this.#log(`${this.#title}: ${fighter.name}: ${this.chat.history.at(-1)?.[1]}`);
  }

  /** Judges a shot in the world as the shooter saw it. */
  #shoot(id: number, tick: number, aim: number): void {
    const player = this.playerOf(id);
    const shooter = player && this.fighters.get(player);
    if (shooter === undefined || !shooter.shoots()) return;
    const then = this.#history.rewind(id, tick);
    const placeOf = (node: MirrorNode): Vector2 | undefined => {
      const place = then.positionOf(node);
      return place !== undefined && !('z' in place) ? place : undefined;
    };
    const targets: Target<[Player, Fighter]>[] = [];
    for (const entry of this.fighters) {
      const [, { node, isUp }] = entry;
      const at = placeOf(node);
      const wasUp = Number(then.propertyOf(node, 'health')) > 0;
      if (at !== undefined && node !== shooter.node && isUp && wasUp) targets.push({ who: entry, at });
    }
    const from = placeOf(shooter.node) ?? shooter.position;
    const { to, who } = this.field.shoot(from, aim, targets);
    this.main.rpc('shot', id, from, to, who !== undefined);
    this.onShot?.({ shooter: id, victim: who?.[0].peerId ?? 0, ticksAgo: this.#time.tick - then.tick });
    if (who === undefined) return;
    const [, victim] = who;
    if (!victim.isHit()) return;
    shooter.scores();
    this.#announce(`${shooter.name} hits ${victim.name} down`);
  }

  /** A name that nobody has. */
  #freeName(name: string): string {
    const taken = new Set(Array.from(this.fighters.values(), (fighter) => fighter.name));
    if (!taken.has(name)) return name;
    for (let i = 2; ; i++) if (!taken.has(`${name} ${i}`)) return `${name} ${i}`;
  }
}
