/** A room of the game. All that it has and says has its number in it. */
import { Vector2 } from '../../../../codec/index.ts';
import type { MirrorNode, SceneMirror } from '../../../../schema/index.ts';
import type { RoomMultiplayerOptions } from '../../../../src/rooms/Room.ts';
import { type LeaveReason, type Player, type ReturnInfo, Room } from '../../../../src/rooms.ts';
import { type Dump, dumpOf, readDump } from '../replication/dump.ts';
import { type GameHost, type Note, newMirror, newPiece } from './game.ts';

/** How a room is made. */
export interface HallOptions {
  readonly tag: number;
  readonly seats?: number;
}

/** A room. */
export class Hall extends Room<HallOptions> implements GameHost {
  override tickHz = 60;
  override endsWhenEmpty = false;
  tag = 0;
  /** Whether it calls all its players in each step. */
  isChatty = false;
  /** Whether its next step throws. */
  breaks = false;
  /** Whether who comes first owns the desk. */
  deskIsForFirst = false;
  /** What it heard. */
  readonly notes: Note[] = [];
  /** What its hooks were told. */
  readonly hooks: string[] = [];
  /** Which tree each client has told last. */
  readonly told = new Map<number, number>();
  #said = 0;

  override makeMirror(): SceneMirror {
    return newMirror(this, (line) => {
      throw new Error(line);
    });
  }

  override multiplayerOptions(): RoomMultiplayerOptions {
    return { exact: false };
  }

  override onCreate({ tag, seats = 16 }: HallOptions): void {
    this.tag = tag;
    this.maxPlayers = seats;
    const custom = this.multiplayer.spawner(this.at('Custom'));
    custom.spawnFunction = (data) => newPiece(this.mirror, data);
    custom.spawn(['piece', tag]);
    this.add('mover', 'World', 'Mover', { position: new Vector2(tag, 1), hp: tag, kind: `of ${tag}` });
    this.add('nest', 'World', 'Nest', { rank: tag });
    this.add('mover', 'World/Nest/Items', 'Inner', { hp: 10 * tag });
    this.at('Board').set('ticks', tag);
    this.at('Board').set('title', `room ${tag}`);
    this.at('Board/Hand').set('position', new Vector2(0, tag));
  }

  override onJoin(player: Player): void {
    this.hooks.push(`join ${player.id}`);
    if (this.deskIsForFirst && this.deskOwner === 1) this.giveDesk(player.peerId);
    this.#greet(player);
    this.add('player', 'Players', String(player.peerId), {
      score: this.tag,
      position: new Vector2(0, this.tag),
    });
  }

  override onDrop(player: Player): void {
    this.hooks.push(`drop ${player.id}`);
  }

  override onReturn(player: Player, info: ReturnInfo): void {
    this.hooks.push(`return ${player.id} ${info.lostCalls}`);
    // The others know the owner by the old id.
    if (this.deskOwner === player.peerId) this.giveDesk(player.peerId);
    this.#greet(player);
  }

  override onLeave(player: Player, reason: LeaveReason): void {
    this.hooks.push(`leave ${player.id} ${reason}`);
    this.main.getNode(`Players/${player.peerId}`)?.free();
    if (this.deskOwner === player.peerId) this.giveDesk(1);
  }

  override onStep(): void {
    if (this.breaks) throw new Error('this room breaks');
    if (!this.isChatty) return;
    const number = ++this.#said;
    this.at('Bell').rpc('rung', this.tag, number);
    this.at('Bell').rpc('blink', this.tag, number);
    for (const player of this.players.values())
      if (!player.isAway)
        this.main.getNode(`Players/${player.peerId}`)?.rpcId(player.peerId, 'answer', this.tag, number);
  }

  note(what: string, sender: number, tag: number, number: number): void {
    this.notes.push({ what, sender, tag, number, here: this.tag });
  }

  welcome(): void {}

  dump(): void {}

  dumped(number: number, sender: number): void {
    this.told.set(sender, number);
  }

  /** Lets a client own what is on the desk; 1: the room itself. */
  giveDesk(id: number): void {
    this.main.rpc('own', 'Desk/Sync', id);
  }

  /** Who owns it. */
  get deskOwner(): number {
    return this.at('Desk/Sync').getMultiplayerAuthority();
  }

  get main(): MirrorNode {
    return this.node('/root/Main');
  }

  at(path: string): MirrorNode {
    return this.node(`/root/Main/${path}`);
  }

  /** What the tree looks like. */
  tree(): Dump {
    return readDump(dumpOf(this.main));
  }

  add(scene: string, parent: string, name: string, properties: Record<string, unknown> = {}): MirrorNode {
    return this.at(parent).addChild(this.mirror.instantiate(`res://${scene}.tscn`, { name, properties }));
  }

  node(path: string): MirrorNode {
    const node = this.mirror.getNode(path);
    if (node === undefined) throw new Error(`there is no node ${path}`);
    return node;
  }

  #greet(player: Player): void {
    this.main.rpcId(player.peerId, 'own', 'Desk/Sync', this.deskOwner);
    this.at('Bell').rpcId(player.peerId, 'welcome', this.tag);
  }
}
