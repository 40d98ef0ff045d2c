/** What the other rooms of this package may do with a RoomServer that nobody else may. */
import type { MultiplayerPeer } from '../godot/index.ts';
import type { ENetServer, ReceivedDictionary } from '../server/index.ts';
import type { TicketReader } from './front.ts';
import type { Player } from './Player.ts';
import type { Players } from './players.ts';
import type { Room } from './Room.ts';
import type { RoomCore } from './roomCore.ts';
import type { RoomsContext } from './roomsContext.ts';
import type { RoomRestoring } from './roomTable.ts';

/** The parts of a RoomServer. */
export interface RoomServerParts {
  readonly context: RoomsContext;
  readonly players: Players;
  /** Of the players who speak RPCs. */
  readonly transport: MultiplayerPeer;
  readonly eventServer: ENetServer | undefined;
  /** Whether connections are asked who they are. */
  readonly hasAuth: boolean;
  /** @throws RoomError ROOM_UNKNOWN */
  coreOf(room: Room | string): RoomCore;
  /** All rooms, those that are being made among them. */
  cores(): RoomCore[];
  /** Whether there is a room of an id, open or not. */
  hasRoom(id: string): boolean;
  /** Whether there are rooms of a kind. */
  isDefined(kind: string): boolean;
  /** An id that no peer has. */
  newPeerId(): number;
  /** Whether a peer has an id, or a player who is away had it. */
  isPeerIdTaken(id: number): boolean;
  /** Makes a room that was one elsewhere. @throws RoomError (as rejection) */
  restore(kind: string, id: string, options: unknown, restoring: RoomRestoring): Promise<Room>;
  /** Who reads what a client sends first; `undefined`: nobody. */
  setTickets(reader: TicketReader | undefined): void;
  /** Who hears events of players before their rooms do; it says whether it was meant. */
  setEvents(
    listener: ((player: Player, name: string, payload: ReceivedDictionary) => boolean) | undefined,
  ): void;
  /** For so long the network is looked at every few milliseconds: players wait for each answer. Without a loop of its own: nothing. */
  hurry(forMs: number): void;
}
