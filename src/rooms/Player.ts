/** Somebody who plays: known by an id of the game, not by the connection of now. */
import type { TransportPeer } from '../godot/index.ts';
import type { PlayerProtocol } from './connection.ts';
import type { Room } from './Room.ts';
import type { SeatKind } from './seats.ts';

/** How a player comes into a room. */
export interface EnterOptions {
  /** Handed to `onAuth` and `onJoin` of the room. Default undefined. */
  readonly options?: unknown;
  /** What seat it takes. Default `'player'`; with a reservation what that is for. */
  readonly as?: SeatKind | undefined;
  /** The name of a reservation, see `Room.reserve`. It opens locked rooms, too. */
  readonly reservation?: string | undefined;
}

/** What a player may have done. */
export interface PlayerActions {
  enter(player: Player, room: Room | string, options: EnterOptions): Promise<void>;
  leave(player: Player): Promise<void>;
  kick(player: Player): void;
  transportPeer(player: Player): TransportPeer | undefined;
}

/** What changes of a player. */
export interface PlayerState {
  peerId: number;
  protocol: PlayerProtocol;
  isAway: boolean;
  room: Room | undefined;
  user: unknown;
}

/** A player of a `RoomServer`, from its login until it is gone for good. */
export class Player {
  /** Its id: what `auth` said; without `auth` one that is made up. A player who returns has it again. */
  readonly id: string;
  /** Its seat: the id, or, where a second login has a seat of its own, one that nobody else has. The key of `Room.players`. */
  readonly seat: string;
  /** For the game: whatever it wants to know of the player in every room. */
  readonly data: Map<string, unknown> = new Map();
  readonly #state: PlayerState;
  readonly #actions: PlayerActions;

  /** @internal Players are made by a `RoomServer`. */
  constructor(id: string, seat: string, state: PlayerState, actions: PlayerActions) {
    this.id = id;
    this.seat = seat;
    this.#state = state;
    this.#actions = actions;
  }

  /** What `auth` said beside the id; of one who has come back, at its last login. */
  get user(): unknown {
    return this.#state.user;
  }

  /**
   * The id of its connection, for RPCs and authority. While it is away, and when it is gone, that of the last one: its nodes have it as
   * owner and as name still. Another one after each return.
   */
  get peerId(): number {
    return this.#state.peerId;
  }

  /** What its client speaks: `'scene'`, RPCs and spawners of stock Godot, or `'events'`, the protocol of `ENetServer`. */
  get protocol(): PlayerProtocol {
    return this.#state.protocol;
  }

  /** Whether it has no connection: its seat is kept, or it is gone. */
  get isAway(): boolean {
    return this.#state.isAway;
  }

  /** Where it is; `undefined` between its login and its first room. */
  get room(): Room | undefined {
    return this.#state.room;
  }

  /** What is known of its connection; `undefined` while it is away. */
  get connection(): TransportPeer | undefined {
    return this.#actions.transportPeer(this);
  }

  /**
   * Goes to another room: it frees what it had from the old one, its connection stays. Until `onAuth` of the new room has answered
   * it is in the old one.
   *
   * @param room the room, or its id.
   * @throws (as rejection) RoomError when it does not get in; it stays where it is then. TypeError or RangeError for bad options.
   */
  moveTo(room: Room | string, options: EnterOptions = {}): Promise<void> {
    return this.#actions.enter(this, room, options);
  }

  /**
   * Goes to the room where newcomers go; to another one of these, if that ends or is full meanwhile.
   *
   * @throws RoomError (as rejection) as {@link Player.moveTo}.
   */
  leaveRoom(): Promise<void> {
    return this.#actions.leave(this);
  }

  /** Ends its connection; its seat is free at once. */
  kick(): void {
    this.#actions.kick(this);
  }
}
