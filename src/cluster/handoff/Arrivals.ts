/** Rooms and players that come from other nodes. */
import { isIntegerIn } from '../../../options/internal.ts';
import type { EnterOptions, Player } from '../../rooms/index.ts';
import type { RoomCore } from '../../rooms/internal.ts';
import type { Timer } from '../../runtime/index.ts';
import { Deferred } from './deferred.ts';
import { HandoffError } from './handoffErrors.ts';
import type { HandoffParts } from './handoffParts.ts';
import { decodePlayer, decodeRoom, type PlayerImage, type RoomImage } from './image.ts';
import { MarkedCalls } from './markedCalls.ts';
import { restoreRoom } from './roomState.ts';
import type { Coming } from './ticketDesk.ts';
import { Ask, answer, ask, type Message, Pieces } from './wire.ts';

/** What is said of every one first. */
interface Head {
  readonly transfer: string;
  readonly from: string;
  readonly room: string;
  readonly epoch: number;
}

/** What comes. */
interface Arrival extends Head {
  readonly coming: Coming;
  readonly pieces: Pieces;
  /** Becomes what is done with the pieces when all are there. */
  activate(bytes: Uint8Array): Promise<Message>;
  /** It does not come. */
  abandon(): void;
  stage: 'waiting' | 'taking' | 'claiming' | 'there' | 'over';
  /** Kept when what was begun with it is done. */
  readonly settled: Deferred<void>;
  /** When it is forgotten. */
  readonly timer: Timer;
}

/** Those of one node. */
export class Arrivals {
  readonly #parts: HandoffParts;
  readonly #arrivals = new Map<string, Arrival>();
  /** Those who come alone, by id. */
  readonly #alone = new Map<string, { readonly arrival: Arrival; readonly image: PlayerImage }>();

  constructor(parts: HandoffParts) {
    this.#parts = parts;
    const { node } = parts;
    answer(node, Ask.PREPARE, (message) => this.#prepare(message));
    answer(node, Ask.PIECE, async (message) => {
      this.#arrivalOf(message).pieces.add(message);
      parts.rooms.hurry(HURRY_MS);
      return {};
    });
    answer(node, Ask.ACTIVATE, (message) => this.#activate(message));
    answer(node, Ask.ABORT, (message) => this.#abort(message));
    parts.roomServer.on('playerJoined', (player) => this.#joined(player));
    parts.roomServer.on('playerReturned', (player) => this.#joined(player));
  }

  /** What has come is forgotten; what is under way goes on. */
  close(): void {
    for (const [transfer, { stage, timer }] of this.#arrivals) {
      if (stage !== 'there') continue;
      timer.cancel();
      this.#arrivals.delete(transfer);
    }
  }

  async #prepare(message: Message): Promise<Message> {
    const { settings, node, isClosed } = this.#parts;
    if (isClosed()) throw new HandoffError('REFUSED', `${node.id} takes nothing any more`);
    if (this.#arrivals.size >= settings.maxArrivals)
      throw new HandoffError('REFUSED', `${this.#arrivals.size} are on their way to ${node.id} already`);
    const { transfer, from, room, epoch } = message;
    const isGood =
      typeof transfer === 'string' &&
      typeof from === 'string' &&
      typeof room === 'string' &&
      isIntegerIn(epoch, 0, Number.MAX_SAFE_INTEGER);
    if (!isGood || this.#arrivals.has(transfer))
      throw new HandoffError('MALFORMED', 'what came is no handoff');
    const head = { transfer, from, room, epoch };
    const refused =
      message['player'] === undefined ? await this.#room(head, message) : this.#player(head, message);
    return { refused, addresses: node.addresses };
  }

  /** A room is made, and waits for what it is to be. @returns the players that it cannot take. */
  async #room(head: Head, { kind, code, options, players }: Message): Promise<string[]> {
    const { rooms, node, settings } = this.#parts;
    if (typeof kind !== 'string' || typeof code !== 'string' || !Array.isArray(players))
      throw new HandoffError('MALFORMED', 'what came is no room');
    if (!rooms.isDefined(kind))
      throw new HandoffError('REFUSED', `${node.id} has no rooms of the kind ${kind}`);
    if (rooms.hasRoom(head.room))
      throw new HandoffError('REFUSED', `${node.id} has a room ${head.room} already`);
    const image = new Deferred<RoomImage>();
    const ready = new Deferred<void>();
    const arrival = this.#begin(head, {
      activate: async (bytes) => {
        const decoded = decodeRoom(bytes);
        for (const { id, user, session } of decoded.players)
          arrival.coming.logins.set(id, { player: id, user, session });
        image.resolve(decoded);
        await made;
        await node.opened(head.room);
        return { epoch: node.epochOf(head.room) ?? 0 };
      },
      abandon: () => image.reject(new HandoffError('FAILED', 'the other node keeps the room')),
    });
    const take = async (core: RoomCore): Promise<void> => {
      const whole = await image.promise;
      const refused = await restoreRoom(rooms, this.#parts.door, core, whole, settings.graceMs);
      for (const id of refused) arrival.coming.logins.delete(id);
      if (arrival.stage !== 'taking') throw new HandoffError('FAILED', 'the other node keeps the room');
      arrival.stage = 'claiming';
      await node.takeRoom(head.room, head.epoch);
      arrival.stage = 'there';
    };
    const restore = async (core: RoomCore): Promise<void> => {
      ready.resolve();
      try {
        await take(core);
      } catch (error) {
        // Nobody comes.
        for (const player of [...core.players.values()]) rooms.players.depart(player, false);
        throw error;
      }
    };
    const made = rooms.restore(kind, head.room, options ?? undefined, { code, restore });
    made.then(
      () => {
        arrival.coming.isOpen.resolve(true);
        arrival.settled.resolve();
      },
      (error: unknown) => {
        ready.reject(error);
        this.#over(arrival);
      },
    );
    await ready.promise;
    const ids = players.filter((id) => typeof id === 'string');
    return ids.filter((id) => rooms.players.byId(id).length > 0 && !rooms.players.allowsSeconds);
  }

  /** A seat is kept for a player. */
  #player(head: Head, message: Message): string[] {
    const { rooms, settings } = this.#parts;
    const { player, as = 'player', reservation, options } = message;
    if (typeof player !== 'string' || (as !== 'player' && as !== 'spectator'))
      throw new HandoffError('MALFORMED', 'what came is no player');
    if (reservation !== undefined && typeof reservation !== 'string')
      throw new HandoffError('MALFORMED', 'what came is no reservation');
    const core = rooms.coreOf(head.room);
    if (!core.isOpen || core.isSealed)
      throw new HandoffError('REFUSED', `room ${head.room} takes nobody now`);
    const known = rooms.players.byId(player);
    const isExpected = known.some((one) => one.isAway && one.room === core.room);
    if (known.length > 0 && !isExpected && !rooms.players.allowsSeconds)
      throw new HandoffError('REFUSED', `${player} is here already`);
    const forMs = settings.prepareMs + settings.drainMs + settings.ticketMs;
    const name = reservation ?? (isExpected ? undefined : core.reserve({ players: [player], as, forMs }));
    const enter: EnterOptions = { as, reservation: name, options };
    const arrival = this.#begin(head, {
      activate: async (bytes) => {
        const image = decodePlayer(bytes);
        if (image.id !== player) throw new HandoffError('MALFORMED', 'another player came');
        const { user, session } = image;
        arrival.coming.logins.set(player, { player, user, session });
        this.#alone.set(player, { arrival, image });
        if (!isExpected) rooms.players.send(player, head.room, enter, image.data);
        arrival.stage = 'there';
        arrival.coming.isOpen.resolve(true);
        arrival.settled.resolve();
        return {};
      },
      abandon: () => {
        if (name !== undefined && reservation === undefined) core.seats.cancel(name);
        this.#alone.delete(player);
        rooms.players.unsend(player);
      },
    });
    return [];
  }

  async #activate(message: Message): Promise<Message> {
    const arrival = this.#arrivalOf(message);
    if (arrival.stage !== 'waiting') throw new HandoffError('BUSY', 'it is taken already');
    arrival.pieces.add(message);
    // Those who come stand at the door.
    this.#parts.rooms.hurry(HURRY_MS);
    arrival.stage = 'taking';
    try {
      return await arrival.activate(arrival.pieces.take());
    } catch (error) {
      this.#over(arrival);
      throw error;
    }
  }

  async #abort({ transfer, room }: Message): Promise<Message> {
    const arrival = typeof transfer === 'string' ? this.#arrivals.get(transfer) : undefined;
    if (arrival === undefined)
      return { isTaken: typeof room === 'string' && this.#parts.node.epochOf(room) !== undefined };
    if (arrival.stage === 'claiming') await arrival.settled.promise;
    if (arrival.stage === 'there') return { isTaken: true };
    this.#over(arrival);
    return { isTaken: false };
  }

  #begin(head: Head, acts: Pick<Arrival, 'activate' | 'abandon'>): Arrival {
    const { settings, desk, rooms } = this.#parts;
    const { prepareMs, drainMs, ticketMs, answerMs } = settings;
    const forMs = prepareMs + drainMs + ticketMs + 2 * answerMs;
    // Nobody who is told to come comes later, and who has sent it may be no more.
    const timer = rooms.context.runtime.startTimer(forMs, () => {
      if (arrival.stage === 'claiming') return;
      if (arrival.stage === 'there') this.#arrivals.delete(arrival.transfer);
      else this.#over(arrival);
    });
    const arrival: Arrival = {
      ...head,
      ...acts,
      coming: desk.open(head.transfer, forMs),
      pieces: new Pieces(settings.maxRoomBytes),
      stage: 'waiting',
      settled: new Deferred(),
      timer,
    };
    this.#arrivals.set(head.transfer, arrival);
    return arrival;
  }

  #over(arrival: Arrival): void {
    if (arrival.stage === 'over') return;
    arrival.stage = 'over';
    arrival.timer.cancel();
    this.#arrivals.delete(arrival.transfer);
    this.#parts.desk.close(arrival.transfer);
    arrival.abandon();
    arrival.settled.resolve();
  }

  #arrivalOf({ transfer }: Message): Arrival {
    const arrival = typeof transfer === 'string' ? this.#arrivals.get(transfer) : undefined;
    if (arrival === undefined) throw new HandoffError('FAILED', 'nothing is waited for any more');
    return arrival;
  }

  /** Somebody has logged in who may have come alone. */
  #joined(player: Player): void {
    const one = this.#alone.get(player.id);
    if (one === undefined) return;
    this.#alone.delete(player.id);
    const { arrival, image } = one;
    this.#parts.door.setMarked(player, new MarkedCalls(image.marked));
    const { node, settings, rooms } = this.#parts;
    ask(node, arrival.from, Ask.ARRIVED, { transfer: arrival.transfer }, settings.answerMs).catch(
      (error: unknown) =>
        rooms.context.trace(
          `handoff: ${arrival.from} is not told that ${player.id} is here: ${String(error)}`,
        ),
    );
  }
}

/** For how long the door is looked at more often, from when the last ones come. */
const HURRY_MS = 1000;
