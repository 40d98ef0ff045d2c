/** A room of the simulation: what it hears has its tag, and it does what the simulation asks of it. */
import { Vector2 } from '../../../codec/index.ts';
import type { LeaveReason, Player, ReturnInfo } from '../../../src/rooms/index.ts';
import { TaggedRoom } from '../roomGame.ts';
import { tagOfBytes } from './SimBot.ts';

/** What a room throws because it was asked to. */
export class Planned extends Error {}

/** What `onAuth` is to do. */
export type AuthPlan = 'yes' | 'no' | 'throw' | 'slow';

/** What all rooms of a simulation tell. */
export interface SimLog {
  fault(what: string): void;
  count(what: string): void;
  /** A reliable call of a client was executed. */
  heard(room: SimRoom, sender: number, tag: number, number: number): void;
  /** `onAuth` waits: what lets it go on. */
  waits(answer: (isIn: boolean) => void): void;
  returned(room: SimRoom, player: Player): void;
  left(player: Player, reason: LeaveReason): void;
}

export class SimRoom extends TaggedRoom {
  /** What throws next. */
  fails: 'step' | 'join' | 'join later' | 'leave' | undefined;
  override tickHz = 10;
  #steps = 0;
  override maxPlayers = 8;
  override maxSpectators = 2;
  override graceMs: number | undefined = 4000;
  /** By player: what its node is to have. */
  readonly positions = new Map<Player, Vector2>();
  /** Set by the class of a simulation. */
  declare log: SimLog;

  override onCreate(options: { readonly tag: number } | undefined): void {
    this.tag = options?.tag ?? 0;
    const main = this.mirror.getNode('/root/Main');
    main?.onRpc('say', (sender, tag: number, number: number) => this.log.heard(this, sender, tag, number));
    main?.onRpc('shout', (_sender, tag: number) => this.#mustBeMine('shout', tag));
    this.multiplayer.on('peerPacket', (_sender, bytes) => this.#mustBeMine('bytes', tagOfBytes(bytes)));
  }

  override onAuth(_player: Player, options: unknown): boolean | Promise<boolean> {
    if (options === 'no') return false;
    if (options === 'throw') throw new Error('not today');
    if (options === 'slow') return new Promise((resolve) => this.log.waits(resolve));
    return true;
  }

  override onJoin(player: Player): void | Promise<void> {
    this.#fail('join');
    this.tell(player);
    if (!this.isSpectator(player)) {
      this.spawn(player);
      this.place(player, 0);
    }
    if (this.fails === 'join later') return Promise.reject(new Planned('join later'));
  }

  override onReturn(player: Player, info: ReturnInfo): void {
    this.log.count('return');
    this.tell(player);
    const node = this.nodeOf(player);
    const wanted = this.positions.get(player);
    const position = node?.get('position');
    if (wanted !== undefined && !(position instanceof Vector2 && position.y === wanted.y))
      this.log.fault(`${player.id} is back, and its node is not as it was`);
    if (node !== undefined && node.getNode('Input')?.getMultiplayerAuthority() !== player.peerId)
      this.log.fault(`${player.id} is back, and its node is not its own`);
    const old = this.mirror.getNode(`/root/Main/Players/${info.oldPeerId}`);
    if (old !== undefined && info.oldPeerId !== player.peerId)
      this.log.fault(`${player.id} is back, and its old node is there`);
    this.log.returned(this, player);
  }

  override onDrop(player: Player): void {
    this.log.count('drop');
    if (!player.isAway) this.log.fault(`${player.id} has dropped, and is not away`);
  }

  override onLeave(player: Player, reason: LeaveReason): void {
    this.log.count(`leave ${reason}`);
    this.positions.delete(player);
    this.nodeOf(player)?.free();
    this.log.left(player, reason);
    this.#fail('leave');
  }

  override onStep(): void {
    this.#fail('step');
    if (++this.#steps % this.tickHz === 0)
      for (const player of this.players.values()) if (!player.isAway) this.tell(player);
    for (const node of this.mirror.getNode('/root/Main/Players')?.getChildren() ?? []) {
      const rotation = node.get('rotation');
      if (rotation !== 0) this.#mustBeMine(`rotation of ${node.name}`, Math.floor(Number(rotation)));
    }
  }

  /** Puts the node of a player somewhere. */
  place(player: Player, y: number): void {
    const node = this.nodeOf(player);
    if (node === undefined) return;
    const position = new Vector2(this.tag, y);
    node.set('position', position);
    this.positions.set(player, position);
  }

  #fail(when: SimRoom['fails']): void {
    if (this.fails !== when) return;
    this.fails = undefined;
    throw new Planned(when);
  }

  #mustBeMine(what: string, tag: number): void {
    if (tag !== this.tag) this.log.fault(`${what} of ${tag} is heard in ${this.tag}`);
  }
}
