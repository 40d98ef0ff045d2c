/** Rooms and players that go to other nodes. */

import { describe } from '../../../options/internal.ts';
import type { EnterOptions, Player, Room } from '../../rooms/index.ts';
import type { RoomCore } from '../../rooms/internal.ts';
import { sleep } from '../../runtime/internal.ts';
import type { Directions } from './clientDoor.ts';
import { Deferred } from './deferred.ts';
import { Gathering } from './Gathering.ts';
import { HandoffError } from './handoffErrors.ts';
import type { HandoffParts } from './handoffParts.ts';
import { encodePlayer, encodeRoom, isTable, isTellableId, type MarkedImage } from './image.ts';
import { imageOfPlayer, imageOfRoom } from './roomState.ts';
import { Ask, answer, ask, type Message, sendPieces } from './wire.ts';

/** A handoff that is under way. */
interface Departure {
  readonly transfer: string;
  /** Who was asked to go. */
  readonly asked: Set<Player>;
  /** Who can reach the other node. */
  readonly prepared: Set<Player>;
  /** Who says nothing more here. */
  readonly left: Set<Player>;
  /** Whose answers are waited for. */
  gathering: Gathering | undefined;
  /** Kept when a player who goes alone has come. */
  readonly arrived: Deferred<void>;
}

/** Where somebody is to go who comes here, since its room is elsewhere now. */
export interface Forward {
  readonly node: string;
  readonly room: string;
  readonly untilMs: number;
  readonly marked: MarkedImage;
}

/** Those of one node. */
export class Departures {
  readonly #parts: HandoffParts;
  readonly #departures = new Map<string, Departure>();
  readonly #forwards = new Map<string, Forward>();

  constructor(parts: HandoffParts) {
    this.#parts = parts;
    answer(parts.node, Ask.ARRIVED, async ({ transfer }) => {
      if (typeof transfer === 'string') this.#departures.get(transfer)?.arrived.resolve();
      return {};
    });
  }

  /** A client can reach the other node, or cannot. */
  prepared(player: Player, transfer: string, isReady: boolean): void {
    const departure = this.#departures.get(transfer);
    if (departure?.asked.has(player) !== true) return;
    if (isReady) departure.prepared.add(player);
    else departure.prepared.delete(player);
    departure.gathering?.answered(player.seat);
  }

  /** A client says nothing more here. */
  left(player: Player, transfer: string): void {
    const departure = this.#departures.get(transfer);
    if (departure?.asked.has(player) !== true) return;
    departure.left.add(player);
    departure.gathering?.answered(player.seat);
  }

  /** Where somebody has to go who has come here; asked once. */
  takeForward(playerId: string): Forward | undefined {
    const now = this.#parts.rooms.context.now();
    for (const [id, { untilMs }] of this.#forwards) if (untilMs <= now) this.#forwards.delete(id);
    const forward = this.#forwards.get(playerId);
    this.#forwards.delete(playerId);
    return forward;
  }

  /** A room goes to another node. @throws HandoffError (as rejection): it goes on here. */
  async moveRoom(room: Room | string, to: string): Promise<void> {
    const { rooms, node, settings } = this.#parts;
    const core = rooms.coreOf(room);
    const epoch = node.epochOf(core.id);
    if (!core.isOpen || core.isSealed)
      throw new HandoffError('BUSY', `room ${core.id} is on its way or has ended`);
    if (epoch === undefined)
      throw new HandoffError('BUSY', `${node.id} does not have the key of room ${core.id}`);
    const departure = this.#begin();
    const { transfer } = departure;
    core.isSealed = true;
    let isAsked = false;
    const ids = [...core.players.values()].map(({ id }) => id);
    let refused = ids.filter((id) => !isTellableId(id));
    try {
      const reply = await this.#ask(to, Ask.PREPARE, {
        transfer,
        from: node.id,
        room: core.id,
        epoch,
        kind: core.kind,
        code: core.code,
        options: core.options,
        players: ids.filter((id) => !refused.includes(id)),
      });
      refused = [...refused, ...textsOf(reply['refused'])];
      const going = [...core.players.values()].filter((one) => !one.isAway && !refused.includes(one.id));
      await this.#prepareClients(departure, going, to, addressesOf(reply));
      checkOpen(core);
      core.isFrozen = true;
      await this.#sendAway(departure);
      checkOpen(core);
      const bytes = encodeRoom(imageOfRoom(rooms, this.#parts.door, core), settings.maxRoomBytes);
      const last = await sendPieces(node, to, transfer, bytes, settings.answerMs);
      checkOpen(core);
      isAsked = true;
      node.giving(core.id, true);
      await this.#ask(to, Ask.ACTIVATE, last);
    } catch (error) {
      if (!isAsked || !(await this.#isTaken(transfer, core.id, to))) {
        if (!isAsked) void this.#abort(transfer, core.id, to).catch(() => undefined);
        node.giving(core.id, false);
        this.#stay(departure, core);
        throw asHandoffError(error);
      }
    }
    await this.#finish(departure, core, to, refused);
  }

  /** A player goes to a room of another node. @throws HandoffError (as rejection): it stays, or its seat is kept here for a while. */
  async movePlayer(player: Player, to: string, room: string, enter: EnterOptions = {}): Promise<void> {
    const { rooms, node, settings, door } = this.#parts;
    const core = player.room && rooms.coreOf(player.room);
    if (core === undefined || core.isSealed || player.isAway)
      throw new HandoffError('BUSY', `${player.id} is in no room that it can leave`);
    if (!isTellableId(player.id))
      throw new HandoffError('REFUSED', `no other node can be told of ${describe(player.id)}`);
    const departure = this.#begin();
    const { transfer } = departure;
    let isGone = false;
    try {
      const reply = await this.#ask(to, Ask.PREPARE, {
        transfer,
        from: node.id,
        room,
        epoch: 0,
        player: player.id,
        as: enter.as,
        reservation: enter.reservation,
        options: enter.options,
      });
      await this.#prepareClients(departure, [player], to, addressesOf(reply));
      if (!departure.prepared.has(player))
        throw new HandoffError('UNREACHABLE', `the client of ${player.id} does not reach ${to}`);
      await this.#sendAway(departure);
      const image = imageOfPlayer(rooms, door, core, player);
      isGone = true;
      rooms.players.setLeaving(player, undefined);
      rooms.players.suspend(player, settings.graceMs);
      const bytes = encodePlayer(image, settings.maxRoomBytes);
      const last = await sendPieces(node, to, transfer, bytes, settings.answerMs);
      await this.#ask(to, Ask.ACTIVATE, last);
      await this.#inTime(departure.arrived, settings.ticketMs, player);
      rooms.players.depart(player, true);
    } catch (error) {
      void this.#abort(transfer, '', to).catch(() => undefined);
      if (!isGone && departure.prepared.has(player)) door.cancel(player, transfer);
      this.#parts.desk.letIn(transfer);
      throw asHandoffError(error);
    } finally {
      this.#departures.delete(transfer);
    }
  }

  #begin(): Departure {
    const transfer = this.#parts.rooms.context.newSecret();
    const departure: Departure = {
      transfer,
      asked: new Set(),
      prepared: new Set(),
      left: new Set(),
      gathering: undefined,
      arrived: new Deferred(),
    };
    this.#departures.set(transfer, departure);
    return departure;
  }

  /** Tells clients where they will go, and waits until each has said whether it can. */
  async #prepareClients(
    departure: Departure,
    players: readonly Player[],
    to: string,
    addresses: Directions['addresses'],
  ): Promise<void> {
    const { node, settings, tickets, desk, door, rooms } = this.#parts;
    const { transfer } = departure;
    const { prepareMs, drainMs, answerMs, ticketMs, graceMs } = settings;
    const home = desk.open(transfer, prepareMs + drainMs + 4 * answerMs + ticketMs + graceMs);
    for (const player of players) {
      const session = rooms.players.departureOf(player)?.session;
      home.logins.set(player.id, { player: player.id, user: player.user, session });
    }
    const issued = await Promise.all(
      players.map(async ({ id }) => [
        await tickets.issue({ player: id, to, transfer }),
        await tickets.issue({ player: id, to: node.id, transfer }),
      ]),
    );
    const { runtime } = rooms.context;
    departure.gathering = new Gathering(
      runtime,
      players.map(({ seat }) => seat),
      prepareMs,
    );
    for (const [i, player] of players.entries()) {
      const [there = '', back = ''] = issued[i] ?? [];
      if (player.isAway) departure.gathering.answered(player.seat);
      else {
        departure.asked.add(player);
        door.prepare(
          player,
          transfer,
          { addresses, ticket: there },
          { addresses: node.addresses, ticket: back },
        );
      }
    }
    await departure.gathering.done;
  }

  /** Tells those who can to go, and waits until they say nothing more. */
  async #sendAway(departure: Departure): Promise<void> {
    const { rooms, settings, door } = this.#parts;
    const going = [...departure.prepared].filter(({ isAway }) => !isAway);
    departure.gathering = new Gathering(
      rooms.context.runtime,
      going.map(({ seat }) => seat),
      settings.drainMs,
    );
    for (const player of going) {
      rooms.players.setLeaving(player, settings.graceMs);
      door.go(player, departure.transfer);
    }
    rooms.hurry(settings.drainMs);
    await departure.gathering.done;
  }

  /** The room is the other node's. */
  async #finish(departure: Departure, core: RoomCore, to: string, refused: readonly string[]): Promise<void> {
    const { rooms, settings, desk, door } = this.#parts;
    const { transfer } = departure;
    core.isMoved = true;
    // Who cannot get there may come back here, and is sent on.
    const untilMs = rooms.context.now() + settings.graceMs;
    const links = [...core.players.values()]
      .filter(({ id }) => !refused.includes(id))
      .map((player) => {
        const marked = door.markedOf(player).image();
        this.#forwards.set(player.id, { node: to, room: core.id, untilMs, marked });
        const wasAway = player.isAway;
        const link = rooms.players.depart(player, false);
        return wasAway ? undefined : link;
      });
    desk.letIn(transfer);
    this.#departures.delete(transfer);
    // Another room would be made for them here, after the last one has gone.
    if (this.#parts.isClosed()) for (const player of [...core.players.values()]) player.kick();
    await core.end();
    for (const link of links) link?.end();
  }

  /** The room goes on here; who has gone comes back. */
  #stay(departure: Departure, core: RoomCore): void {
    const { rooms, settings, desk, door } = this.#parts;
    const { transfer, prepared } = departure;
    const wasFrozen = core.isFrozen;
    core.isSealed = false;
    core.isFrozen = false;
    for (const player of prepared) {
      rooms.players.setLeaving(player, undefined);
      if (player.isAway || !core.isOpen) continue;
      if (wasFrozen) rooms.players.suspend(player, settings.graceMs);
      else door.cancel(player, transfer);
    }
    desk.letIn(transfer);
    this.#departures.delete(transfer);
  }

  /** Whether the other node has the room, when it did not say so. Asks until somebody knows. */
  async #isTaken(transfer: string, room: string, to: string): Promise<boolean> {
    const { node, rooms, settings } = this.#parts;
    for (let tries = 0; ; tries++) {
      try {
        return (await this.#abort(transfer, room, to))['isTaken'] === true;
      } catch {
        // It may be gone: what the bus says counts then.
      }
      try {
        if ((await node.ownerOf(room)) === to) return true;
        if (await node.isGone(to)) return (await node.ownerOf(room)) === to;
      } catch (error) {
        rooms.context.trace(`handoff: nobody knows who has room ${room}: ${String(error)}`);
      }
      if (tries >= MOST_TRIES) return false;
      await sleep(rooms.context.runtime, settings.answerMs);
    }
  }

  #abort(transfer: string, room: string, to: string): Promise<Message> {
    return this.#ask(to, Ask.ABORT, { transfer, room });
  }

  #ask(to: string, name: string, message: Message): Promise<Message> {
    const { node, settings } = this.#parts;
    return ask(node, to, name, message, settings.answerMs);
  }

  async #inTime(arrived: Deferred<void>, ms: number, player: Player): Promise<void> {
    const timer = this.#parts.rooms.context.runtime.startTimer(ms, () =>
      arrived.reject(new HandoffError('UNREACHABLE', `${player.id} did not arrive in ${ms} ms`)),
    );
    await arrived.promise;
    timer.cancel();
  }
}

function checkOpen(core: RoomCore): void {
  if (!core.isOpen) throw new HandoffError('BUSY', `room ${core.id} has ended meanwhile`);
}

function addressesOf({ addresses }: Message): Record<string, string> {
  if (!isTable(addresses)) throw new HandoffError('MALFORMED', 'the other node does not say where it is');
  const texts = Object.entries(addresses).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function asHandoffError(error: unknown): HandoffError {
  if (error instanceof HandoffError) return error;
  return new HandoffError('FAILED', error instanceof Error ? error.message : String(error), { cause: error });
}

/** Looks at the bus before a room goes on whose key nobody knows of. */
const MOST_TRIES = 20;
