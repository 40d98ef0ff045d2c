/** A server with rooms and its clients, by a seed: who moves, drops, returns, is kicked; which rooms come, end and fail. */
import type { Dialect } from '../../../codec/index.ts';
import { type EnterOptions, type LeaveReason, type Player, RoomError } from '../../../src/rooms/index.ts';
import { Prng } from '../../../src/testing/prng.ts';
import type { SimNetwork } from '../../../src/testing/SimNetwork.ts';
import { RoomGame } from '../roomGame.ts';
import { differencesOf, seatFaultsOf } from './compare.ts';
import { CountedTimers } from './countedTimers.ts';
import { LaneWatch } from './LaneWatch.ts';
import { bytesOfTag, SimBot } from './SimBot.ts';
import { Planned, type SimLog, SimRoom } from './SimRoom.ts';

const TICK_MS = 50;
const VERSIONS: readonly Dialect[] = ['4.0', '4.1', '4.2', '4.3', '4.4', '4.6'];

/** How large a simulation is. */
export interface SimSize {
  readonly rooms: number;
  readonly clientsPerRoom: number;
  /** How much happens in each tick, of each kind. */
  readonly eventsPerTick: number;
}

export class RoomSim implements SimLog {
  readonly game: RoomGame;
  readonly watch: LaneWatch;
  readonly bots: SimBot[] = [];
  readonly faults: string[] = [];
  readonly counts = new Map<string, number>();
  #timers: CountedTimers | undefined;
  readonly #size: SimSize;
  readonly #random: Prng;
  readonly #network: SimNetwork;
  readonly #waiting: ((isIn: boolean) => void)[] = [];
  /** Who is to come (again), and when. */
  #coming: { readonly name: string; readonly tick: number }[] = [];
  /** Which calls of clients were executed. */
  readonly #heard = new Set<number>();
  /** Of each player who is away: the calls that are kept for it. */
  readonly #kept = new Map<Player, number[]>();
  #tick = 0;
  #tags = 0;
  #calls = 0;
  #addresses = 0;
  #underWay = 0;

  constructor(seed: number, size: SimSize) {
    this.#size = size;
    this.#random = Prng.labelled(seed, 'rooms');
    const network = {
      seed,
      latencyMs: 20,
      jitterMs: 15,
      loss: 0.05,
      duplicate: 0.05,
      reorder: 0.05,
      reorderMs: 40,
    };
    this.game = new RoomGame((world) => {
      this.#timers = new CountedTimers(world.createRuntime('10.0.0.1'));
      return {
        entry: 'hall',
        secondLogin: 'takeOver',
        graceMs: 6000,
        runtime: this.#timers,
        auth: ({ text, reply }) => {
          reply('in');
          return { player: text };
        },
      };
    }, network);
    this.#network = this.game.network;
    const { rooms, server } = this.game;
    // Classes of this simulation alone.
    const log: SimLog = this;
    const nextTag = (): number => this.#nextTag();
    class Arena extends SimRoom {
      override log = log;
    }
    class Hall extends Arena {
      override maxPlayers = 6;
      // Others come when they are needed.
      override endsWhenEmpty = true;
      override emptyMs = 1000;
      override onCreate(): void {
        super.onCreate({ tag: nextTag() });
      }
    }
    rooms.define('hall', Hall).define('arena', Arena);
    const hasten = ({ peerId }: Player): void => server.getPeer(peerId)?.setTimeout(8, 1500, 4000);
    rooms.on('playerJoined', hasten).on('playerReturned', hasten);
    rooms.on('playerLeft', (player) => this.#kept.delete(player));
    this.watch = new LaneWatch(rooms);
    this.watch.watch(server);
  }

  // --- What rooms tell ----------------------------------------------------------------------------------------

  fault(what: string): void {
    if (this.faults.length < 10) this.faults.push(`tick ${this.#tick}: ${what}`);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  heard(room: SimRoom, sender: number, tag: number, number: number): void {
    this.count('heard');
    if (tag !== room.tag) this.fault(`a call of ${sender} for ${tag} is heard in ${room.tag}`);
    if (this.#heard.has(number)) this.fault(`call ${number} is heard twice`);
    this.#heard.add(number);
    // Handlers do this and that with who calls.
    if (number % 11 === 0) {
      const player = room.playerOf(sender);
      if (player !== undefined) this.#move(player);
    }
  }

  waits(answer: (isIn: boolean) => void): void {
    this.#waiting.push(answer);
  }

  returned(room: SimRoom, player: Player): void {
    const kept = this.#kept.get(player) ?? [];
    this.#kept.delete(player);
    const bot = this.bots.find(({ id, isOver }) => !isOver && id === player.peerId);
    if (bot !== undefined) bot.keptBefore = { tag: room.tag, numbers: kept };
    this.counts.set('kept', (this.counts.get('kept') ?? 0) + kept.length);
  }

  left(player: Player, reason: LeaveReason): void {
    if (reason !== 'moved') this.#kept.delete(player);
    const bot = this.bots.find(({ id }) => id === player.peerId);
    // It has heard nothing there yet: what was kept is said to nobody, also if it comes back to that room.
    if (bot?.stays.length === 0) bot.keptBefore = undefined;
  }

  // --- Time ---------------------------------------------------------------------------------------------------

  async begin(): Promise<void> {
    const { rooms, clientsPerRoom } = this.#size;
    for (let i = 1; i < rooms; i++) await this.#create();
    for (let i = 0; i < rooms * clientsPerRoom; i++)
      this.#coming.push({ name: `p${i}`, tick: this.#roll(20) });
    this.game.rooms.start({ pollHz: 20 });
  }

  async play(ticks: number): Promise<void> {
    for (let i = 0; i < ticks; i++) {
      for (let e = 0; e < this.#size.eventsPerTick; e++) await this.#happen();
      await this.#run();
    }
  }

  /** Nothing more happens; who is not there comes, and everything arrives. */
  async settle(): Promise<void> {
    this.#network.setLink('*', '*', { loss: 0, duplicate: 0, reorder: 0 });
    const isDone = (): boolean =>
      this.#coming.length === 0 && this.#waiting.length === 0 && this.#underWay === 0;
    for (let i = 0; i < 300 && !(isDone() && i > 60); i++) {
      this.#answer();
      await this.#run();
    }
    for (let i = 0; i < 100; i++) await this.#run();
  }

  async #run(): Promise<void> {
    this.#tick++;
    for (const { name } of this.#coming.filter(({ tick }) => tick <= this.#tick)) this.#join(name);
    this.#coming = this.#coming.filter(({ tick }) => tick > this.#tick);
    this.#network.advance(TICK_MS);
    for (const bot of this.bots) if (!bot.isSilent) bot.multiplayer.poll();
    for (let i = 0; i < 4; i++) await Promise.resolve();
    this.#notice();
    for (const fault of seatFaultsOf(this.#open())) this.fault(fault);
  }

  // --- What happens -------------------------------------------------------------------------------------------

  async #happen(): Promise<void> {
    const rooms = this.#open();
    const room = this.#one(rooms);
    const player = this.#one(this.game.rooms.players);
    const bot = this.#one(this.#present());
    const dice = this.#roll(100);
    if (bot !== undefined) for (let i = this.#roll(4); i > 0; i--) this.#speak(bot);
    if (room === undefined || player === undefined) return;
    if (dice < 36) this.#move(player);
    else if (dice < 42) room.place(player, this.#roll(1000));
    else if (dice < 50) room.mirror.getNode('/root/Main')?.rpc('news', room.tag);
    else if (dice < 58) this.#keep(room);
    else if (dice < 60) player.kick();
    else if (dice < 65) this.#end(bot, 'vanish');
    else if (dice < 67) this.#end(bot, 'goodbye');
    else if (dice < 70 && bot !== undefined) this.#comes(bot.name, 1);
    else if (dice < 72 && rooms.length > 2) void room.end();
    else if (dice < 73) room.fails = this.#one(['step', 'join', 'join later', 'leave'] as const);
    else if (dice < 79 && rooms.length < this.#size.rooms) await this.#create();
    else if (dice < 81 && room.kind !== 'hall') room.isLocked = !room.isLocked;
    else if (dice < 84) this.#reserve(room, player);
    else if (dice < 88) this.#moveByCode(player, room);
    else this.#answer();
  }

  #speak(bot: SimBot): void {
    const { tag, multiplayer } = bot;
    const stay = bot.stays.at(-1);
    if (stay === undefined || bot.isUnsure) return;
    const main = bot.mirror.getNode('/root/Main');
    const other = this.#one(multiplayer.getPeers()) ?? 1;
    switch (this.#roll(6)) {
      case 0:
        main?.rpcId(other, 'shout', tag);
        return;
      case 1:
        multiplayer.sendBytes(bytesOfTag(tag), this.#one([0, other, -other]));
        return;
      case 2:
        bot.turn(this.#roll(8));
        return;
      case 3:
        if (other !== 1) main?.rpcId(other, 'say', tag, 0);
        return;
      default: {
        const number = ++this.#calls;
        if (main?.rpcId(1, 'say', tag, number) === 0) stay.calls.push(number);
      }
    }
  }

  #move(player: Player, room = this.#one(this.#open()), more: EnterOptions = {}): void {
    if (room === undefined) return;
    const plan = this.#one(['yes', 'yes', 'yes', 'slow', 'no', 'throw']);
    const as = this.#roll(6) === 0 ? 'spectator' : 'player';
    const isThere = player.room === room;
    this.#underWay++;
    player
      .moveTo(room, { options: plan, as, ...more })
      .then(
        () => {
          this.count('moved');
          if (!isThere && (plan === 'no' || plan === 'throw')) this.fault('somebody is in who was refused');
        },
        (error: unknown) => {
          if (error instanceof RoomError) this.count(error.code);
          else this.fault(`a move ends with ${String(error)}`);
        },
      )
      .finally(() => this.#underWay--);
  }

  #moveByCode(player: Player, room: SimRoom): void {
    try {
      const found = this.game.rooms.byCode(player, this.#roll(8) === 0 ? 'nothing' : room.code);
      if (found !== room) this.fault('a code leads elsewhere');
      this.#move(player, room);
    } catch (error) {
      if (error instanceof RoomError) this.count(error.code);
      else throw error;
    }
  }

  #reserve(room: SimRoom, player: Player): void {
    try {
      const reservation = room.reserve({ players: [player.id], forMs: 500 + this.#roll(3000) });
      const isCancelled = this.#roll(6) === 0;
      if (isCancelled && !room.cancelReservation(reservation)) this.fault('a reservation is not there');
      // The name of one that is cancelled is good for nothing.
      if (isCancelled || this.#roll(6) > 0) this.#move(player, room, { reservation });
    } catch (error) {
      if (error instanceof RoomError) this.count(error.code);
      else throw error;
    }
  }

  #keep(room: SimRoom): void {
    const number = ++this.#calls;
    for (const player of room.players.values()) {
      if (!player.isAway) continue;
      const list = this.#kept.get(player);
      if (list !== undefined) list.push(number);
      else this.#kept.set(player, [number]);
    }
    room.rpcKept('/root/Main', 'kept', room.tag, number);
  }

  #end(bot: SimBot | undefined, how: 'vanish' | 'goodbye'): void {
    if (bot === undefined) return;
    this.count(how);
    bot.isOver = true;
    bot.isSilent = true;
    if (how === 'vanish') bot.vanish();
    else bot.multiplayer.close();
    this.#comes(bot.name, 1 + this.#roll(110));
  }

  #answer(): void {
    const index = this.#roll(this.#waiting.length);
    this.#waiting.splice(index, 1)[0]?.(this.#roll(4) > 0);
  }

  async #create(): Promise<void> {
    this.count('create');
    await this.game.rooms.create('arena', { tag: this.#nextTag() });
  }

  #comes(name: string, ticks: number): void {
    if (!this.#coming.some((one) => one.name === name)) this.#coming.push({ name, tick: this.#tick + ticks });
  }

  #join(name: string): void {
    const number = ++this.#addresses;
    const ip = `10.${1 + (number >> 14)}.${1 + ((number >> 7) & 127)}.${1 + (number & 127)}`;
    const version = this.#one(VERSIONS);
    const isStock = this.#roll(2) === 0 && version !== undefined;
    for (const old of this.bots) if (old.name === name) old.isOver = true;
    const bot = new SimBot(
      this.#network,
      ip,
      isStock ? { compatibility: 'engine', dialect: version } : {},
      name,
    );
    this.bots.push(bot);
    bot.connect();
  }

  /** Whoever is no player any more comes again. */
  #notice(): void {
    for (let i = this.bots.length - 1; i >= 0; i--) {
      const bot = this.bots[i];
      if (bot === undefined) continue;
      const isPlayer = this.game.rooms.playerOf(bot.id) !== undefined;
      if (!bot.isOver && bot.stays.length > 0 && !isPlayer) bot.isOver = true;
      if (!bot.isOver) continue;
      const isLast = !this.bots.some((other) => other.name === bot.name && !other.isOver);
      if (isLast && !this.#coming.some(({ name }) => name === bot.name))
        this.#comes(bot.name, 1 + this.#roll(40));
    }
  }

  // --- What must be so ----------------------------------------------------------------------------------------

  /** What is otherwise than it has to be, once all is quiet. */
  differences(): string[] {
    return differencesOf(this.bots, this.game.rooms, this.#heard);
  }

  /** What is not as it was before the first room. */
  async close(): Promise<string[]> {
    const { rooms, server, errors } = this.game;
    for (const bot of this.bots) if (!bot.isOver) bot.multiplayer.close();
    for (let i = 0; i < 20 && rooms.metrics().authenticatedPeers > 0; i++) {
      this.#network.advance(TICK_MS);
      await Promise.resolve();
    }
    const found: string[] = [];
    await rooms.close();
    const { authenticatedPeers, away, peers, rooms: left } = rooms.metrics();
    if (authenticatedPeers + away + peers + left + rooms.players.length > 0)
      found.push(`something is left: ${JSON.stringify(rooms.metrics())}`);
    if (this.#timers?.running !== 0) found.push(`${this.#timers?.running} timers run`);
    for (const signal of ['peerConnected', 'peerDisconnected'] as const)
      if (server.listenerCount(signal) > 0) found.push(`somebody listens to ${signal}`);
    for (const error of errors) if (!(error instanceof Planned)) found.push(String(error));
    for (const bot of this.bots) found.push(...bot.errors.map(String));
    return found;
  }

  #nextTag(): number {
    return ++this.#tags;
  }

  #open(): SimRoom[] {
    return this.game.rooms.rooms.filter((room) => room instanceof SimRoom);
  }

  #present(): SimBot[] {
    return this.bots.filter((bot) => !bot.isOver);
  }

  #roll(count: number): number {
    return Math.floor(this.#random.unit() * count);
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[this.#roll(list.length)];
  }
}
