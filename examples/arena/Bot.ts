/** A bot: a client as a game in Godot is one, with the same scenes, over whatever transport it is given. It runs, shoots and talks. */
import { type VariantInput, Vector2 } from 'godot-enet/codec';
import type { MultiplayerPeer } from 'godot-enet/godot';
import { SceneMultiplayer, type SceneMultiplayerOptions } from 'godot-enet/multiplayer';
import { type MirrorNode, SceneMirror } from 'godot-enet/schema';
import { Field } from './Field.ts';
import { PROJECT } from './project.ts';
import { TICK_HZ } from './rules.ts';
import { inputOf, MainScript, PlayerScript } from './scripts.ts';

/** What a bot needs. */
export interface BotOptions {
  readonly name: string;
  /** What the server told it when it was there before. Default: it was not. */
  readonly secret?: string | undefined;
  /** A transport that connects. */
  readonly peer: MultiplayerPeer;
  /** Numbers from 0 up to 1: all that it does hangs on them. */
  readonly random: () => number;
  /** The clock. Default: the process's. */
  readonly runtime?: SceneMultiplayerOptions['runtime'];
  /** Takes what it hears in the chat. */
  readonly onChat?: ((who: string, text: string) => void) | undefined;
  /** Takes what is refused, in words. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/** One bot. */
export class Bot {
  /** What the server has told it: who shows that after a drop is the same player. */
  secret = '';
  /** Its side of the game. */
  readonly multiplayer: SceneMultiplayer;
  readonly #random: () => number;
  readonly #main: MirrorNode;
  readonly #clock: MirrorNode;
  readonly #field: Field;
  /** The newest tick whose state is here. */
  #tick = -1;
  #sequence = 0;
  readonly #inputs: VariantInput[] = [];
  readonly #ticks: number[] = [];
  #move = Vector2.ZERO;
  #untilTurnSec = 0;
  #untilShotSec = 1;
  #untilTalkSec: number;

  constructor({ name, secret = '', peer, random, runtime, onChat, onTrace }: BotOptions) {
    this.#random = random;
    this.#untilTalkSec = 4 + 20 * random();
    const mirror = new SceneMirror({ resources: PROJECT.files });
    class Main extends MainScript {
      chat(who: string, text: string): void {
        onChat?.(who, text);
      }
      shot(): void {}
    }
    PROJECT.register(mirror).registerScript(Main).registerScript(PlayerScript);
    this.#clock = mirror.root.addChild({
      name: 'NetworkTime',
      class: 'Node',
      script: 'res://network_time.gd',
    });
    this.#main = mirror.root.addChild(mirror.instantiate(PROJECT.mainScene));
    this.#field = new Field(this.#main);
    this.#clock.onRpc('tell_tick', (_: number, tick: number) => {
      this.#tick = tick;
    });
    mirror.watchTree({ processed: () => this.#think(1 / TICK_HZ) });
    this.multiplayer = new SceneMultiplayer({ mirror, runtime, onTrace });
    // As in main.gd: the secret by which it can come back, and its name.
    const login = new TextEncoder().encode(`${secret}\n${name}`);
    this.multiplayer.on('peerAuthenticating', (id) => this.multiplayer.sendAuth(id, login));
    this.multiplayer.authCallback = (id, answer) => {
      this.secret = new TextDecoder().decode(answer);
      this.multiplayer.completeAuth(id);
    };
    this.multiplayer.multiplayerPeer = peer;
    this.multiplayer.start({ tickHz: TICK_HZ });
  }

  /** Its player; `undefined` until the server has spawned it. */
  get player(): MirrorNode | undefined {
    return this.#main.getNode(`Players/${this.multiplayer.getUniqueId()}`);
  }

  /** The players that it sees. */
  get players(): MirrorNode[] {
    return this.#main.getNode('Players')?.getChildren() ?? [];
  }

  /** Says something. */
  say(text: string): void {
    this.#main.rpcId(1, 'say', text);
  }

  /** Leaves. */
  close(): void {
    this.multiplayer.close();
  }

  #think(deltaSec: number): void {
    if (!this.multiplayer.hasMultiplayerPeer()) return;
    const player = this.player;
    if (player === undefined) return;
    const input = inputOf(player);
    // As `_ready` of input.gd: nobody but the server has to know.
    const wishes = this.multiplayer.synchronizer(input);
    if (!wishes.getVisibilityFor(1)) wishes.setVisibilityFor(1, true);
    this.#untilTurnSec -= deltaSec;
    this.#untilShotSec -= deltaSec;
    this.#untilTalkSec -= deltaSec;
    const here = placeOf(player);
    this.#turn(here);
    const aim = this.#aim(player, here);
    input.set('move', this.#move);
    if (aim !== undefined) input.set('aim', aim);
    const fires = aim !== undefined && this.#untilShotSec <= 0;
    if (fires) this.#untilShotSec = 0.4 + 0.8 * this.#random();
    this.#sendInput(fires ? aim : null);
    if (this.#untilTalkSec > 0) return;
    this.#untilTalkSec = 20 + 40 * this.#random();
    this.say(LINES[Math.floor(this.#random() * LINES.length)] ?? 'hm');
  }

  /** Now and then, and where a wall is in the way, it takes another direction. */
  #turn(here: Vector2): void {
    const ahead = 24;
    const isBlocked = !this.#field.isFree(here.x + this.#move.x * ahead, here.y + this.#move.y * ahead);
    if (this.#untilTurnSec > 0 && !isBlocked) return;
    this.#untilTurnSec = 0.6 + 1.6 * this.#random();
    const angle = 2 * Math.PI * this.#random();
    this.#move = new Vector2(Math.cos(angle), Math.sin(angle));
  }

  /** At whom it looks: the nearest that no wall hides; a little beside. */
  #aim(player: MirrorNode, here: Vector2): number | undefined {
    let least = Number.POSITIVE_INFINITY;
    let best: number | undefined;
    for (const other of this.players) {
      if (other === player || Number(other.get('health')) <= 0) continue;
      const at = placeOf(other);
      const way = Math.hypot(at.x - here.x, at.y - here.y);
      const angle = Math.atan2(at.y - here.y, at.x - here.x);
      if (way >= least || this.#field.shoot(here, angle, [{ who: other, at }]).who === undefined) continue;
      least = way;
      best = angle;
    }
    return best === undefined ? undefined : best + (this.#random() - 0.5) * 0.2;
  }

  /** `send_input` of network_time.gd. */
  #sendInput(input: VariantInput): void {
    this.#inputs.push(input);
    this.#ticks.push(this.#tick);
    if (this.#inputs.length > REPEATED) {
      this.#inputs.shift();
      this.#ticks.shift();
    }
    const ticks = Float64Array.from(this.#ticks);
    this.#clock.rpcId(1, 'take_inputs', ++this.#sequence, ticks, [...this.#inputs]);
  }
}

function placeOf(node: MirrorNode): Vector2 {
  const { spatial } = node;
  return spatial?.position instanceof Vector2 ? spatial.position : Vector2.ZERO;
}

/** Inputs in each packet, so that some may be lost. */
const REPEATED = 4;
const LINES = ['nice one', 'missed!', 'behind you', 'I am only a bot', 'again', 'that wall saved you'];

/** Numbers from 0 up to 1 that hang on a seed: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
