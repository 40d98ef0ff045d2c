/** Players and whole rooms go from node to node, without being lost on the way. */

import { checkInteger, checkOptions, type OptionNames } from '../../../options/internal.ts';
import { SignalEmitter } from '../../godot/index.ts';
import type { EnterOptions, Player, Room } from '../../rooms/index.ts';
import { type RoomServerParts, roomServerAccess } from '../../rooms/internal.ts';
import { sleep } from '../../runtime/internal.ts';
import { Arrivals } from './Arrivals.ts';
import { ClientDoor } from './clientDoor.ts';
import { Departures } from './Departures.ts';
import { type DrainResult, drainRooms } from './drain.ts';
import { HandoffError } from './handoffErrors.ts';
import { type HandoffOptions, readHandoffOptions } from './handoffOptions.ts';
import type { HandoffParts } from './handoffParts.ts';
import { MarkedCalls } from './markedCalls.ts';
import { nodeOfCluster } from './nodeOfCluster.ts';
import { TicketDesk } from './ticketDesk.ts';
import { Tickets } from './tickets.ts';

/** A room or a player that goes to another node. */
export interface HandoffMove {
  /** The id of the room: which goes, or into which the player goes. */
  readonly room: string;
  /** The player; `undefined` when the room goes. */
  readonly player: Player | undefined;
  /** The id of the node. */
  readonly to: string;
}

/** The signals of a {@link Handoff} with their arguments. `tookMs`: since it was asked for. */
export interface HandoffSignals {
  /** The room is the other node's, or the player has arrived there. */
  readonly moved: [move: HandoffMove, tookMs: number];
  /** It is here still; the promise of the call is rejected with `error` as well. */
  readonly stayed: [move: HandoffMove, error: unknown, tookMs: number];
}

/** How a node gives its rooms away. */
export interface DrainRoomsOptions {
  /** How many rooms are on their way at once, 1..64. Default 4. */
  readonly parallel?: number | undefined;
}

/**
 * The handoffs of one process: what goes from its rooms to other nodes, and what comes from there. Every node has one, with the same keys.
 *
 * ```ts
 * const handoff = new Handoff({ node, keys });
 * await handoff.moveRoom('match-1', 'node-b');
 * await handoff.drain(); // all rooms, before this process ends
 * ```
 *
 * A room stands still while it goes: its tree, its players with their seats and `data`, reservations, and what `Room.onSnapshot` gives are at the
 * other node then, where `onReturn` follows for each player who arrives. Until the other node has the key of the room it can be given up, and
 * the room goes on here. Clients need the add-on `examples/addons/godot_enet`; who has none is disconnected, and its seat is kept there.
 */
export class Handoff extends SignalEmitter<HandoffSignals> {
  readonly #parts: HandoffParts;
  readonly #departures: Departures;
  readonly #arrivals: Arrivals;
  #isClosed = false;
  readonly #opened = (room: Room): void => this.#parts.door.install(this.#parts.rooms.coreOf(room));
  readonly #joined = (player: Player): void => this.#forward(player);

  /** @throws TypeError or RangeError naming the option; TypeError for a node whose rooms ask nobody who it is. */
  constructor(options: HandoffOptions) {
    const settings = readHandoffOptions(options);
    const { keys, signer, clockToleranceMs, now, placement = {} } = options;
    const roomServer = options.node.rooms;
    const rooms: RoomServerParts = roomServerAccess.partsOf(roomServer);
    super(rooms.context.report, SIGNAL_NAMES);
    const node = nodeOfCluster(options.node, placement);
    if (!rooms.hasAuth)
      throw new TypeError('"node" expected one whose RoomServer has "auth": who comes has to say who it is');
    const tickets = new Tickets({ keys, signer, clockToleranceMs, now }, node.id, settings.ticketMs, () =>
      rooms.context.now(),
    );
    const door = new ClientDoor({
      parts: rooms,
      prepared: (player, transfer, isReady) => this.#departures.prepared(player, transfer, isReady),
      left: (player, transfer) => this.#departures.left(player, transfer),
    });
    this.#parts = {
      roomServer,
      rooms,
      node,
      settings,
      tickets,
      door,
      desk: new TicketDesk(rooms, tickets),
      isClosed: () => this.#isClosed,
    };
    this.#departures = new Departures(this.#parts);
    this.#arrivals = new Arrivals(this.#parts);
    for (const core of rooms.cores()) if (core.isOpen) door.install(core);
    roomServer.on('roomOpened', this.#opened);
    roomServer.on('playerJoined', this.#joined);
  }

  /**
   * A room goes to another node, with all who are in it. It stands still for as long as the slowest client that could be prepared takes to leave,
   * at most `drainMs`.
   *
   * @param room the room, or its id. @param to the id of the node.
   * @throws (as rejection) HandoffError: the room goes on here, with all who were in it. RoomError ROOM_UNKNOWN.
   */
  async moveRoom(room: Room | string, to: string): Promise<void> {
    this.#checkTarget(to);
    const move = { room: typeof room === 'string' ? room : room.id, player: undefined, to };
    await this.#told(move, this.#departures.moveRoom(room, to));
  }

  /**
   * A player goes to a room of another node. Until it has arrived its seat is kept here.
   *
   * @param to the id of the node. @param room the id of the room there.
   * @param enter how it comes in there; `options` as far as they are plain values.
   * @throws (as rejection) HandoffError: it stays here, or its seat does, for `graceMs`.
   */
  async movePlayer(player: Player, to: string, room: string, enter: EnterOptions = {}): Promise<void> {
    this.#checkTarget(to);
    await this.#told({ room, player, to }, this.#departures.movePlayer(player, to, room, enter));
  }

  /**
   * All rooms go to other nodes, those with the least load first. Nothing comes here any more from now on: `ClusterNode.isDraining` is
   * set. Players are let in still: newcomers, and who comes back to a room that has moved.
   *
   * @returns where each room is; those that could not go are here still.
   */
  async drain(options: DrainRoomsOptions = {}): Promise<DrainResult> {
    checkOptions(options, DRAIN_NAMES);
    const { parallel = 4 } = options;
    checkInteger('parallel', parallel, 1, 64);
    this.#isClosed = true;
    const { roomServer, node } = this.#parts;
    node.drain();
    return drainRooms(
      {
        rooms: () => roomServer.rooms.map(({ id }) => id),
        others: () => node.others(),
        move: (room, to) => this.moveRoom(room, to),
      },
      parallel,
    );
  }

  /** Nothing comes and goes any more. What is under way ends as it will; otherwise no timer is left. */
  close(): void {
    this.#isClosed = true;
    const { roomServer, desk, door } = this.#parts;
    roomServer.off('roomOpened', this.#opened);
    roomServer.off('playerJoined', this.#joined);
    desk.closeAll();
    this.#arrivals.close();
    door.close();
  }

  /** Somebody comes here whose room is elsewhere: it could not get there, or was away when its room went. */
  #forward(player: Player): void {
    const { rooms, door } = this.#parts;
    const forward = this.#departures.takeForward(player.id);
    if (forward === undefined) return;
    door.setMarked(player, new MarkedCalls(forward.marked));
    const go = async (): Promise<void> => {
      // It has a room, by which it is told where to go, in a moment.
      await sleep(rooms.context.runtime, FORWARD_MS);
      await this.movePlayer(player, forward.node, forward.room);
    };
    go().catch((error: unknown) => {
      rooms.context.trace(`handoff: ${player.id} is not sent on to ${forward.node}: ${String(error)}`);
    });
  }

  /** Tells what becomes of a move. */
  async #told(move: HandoffMove, going: Promise<void>): Promise<void> {
    const { context } = this.#parts.rooms;
    const sinceMs = context.now();
    try {
      await going;
    } catch (error) {
      this.emitSignal('stayed', move, error, context.now() - sinceMs);
      throw error;
    }
    this.emitSignal('moved', move, context.now() - sinceMs);
  }

  #checkTarget(to: string): void {
    if (to === this.#parts.node.id) throw new HandoffError('REFUSED', `${to} is this node`);
  }
}

/** After its login. */
const FORWARD_MS = 250;
const SIGNAL_NAMES: OptionNames<HandoffSignals> = { moved: true, stayed: true };
const DRAIN_NAMES: OptionNames<DrainRoomsOptions> = { parallel: true };
