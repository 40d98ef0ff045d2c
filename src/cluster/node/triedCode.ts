/** Codes of rooms that players type: each may try some that are none, here and with `RoomServer.byCode` together. */
import { type Player, RoomError, type RoomServer } from '../../rooms/index.ts';
import { roomServerAccess } from '../../rooms/internal.ts';
import type { ClusterRoom } from './roomRecord.ts';

/**
 * Looks for a room by its code. A try counts from the beginning, so that many at once are not more, and not if the room is found.
 *
 * @throws (as rejection) RoomError ROOM_UNKNOWN, TOO_MANY_TRIES; what `find` rejects with.
 */
export async function triedCode(
  rooms: RoomServer,
  player: Player,
  code: string,
  find: () => Promise<ClusterRoom | undefined>,
): Promise<ClusterRoom> {
  const { players } = roomServerAccess.partsOf(rooms);
  if (!players.tryCode(player))
    throw new RoomError('TOO_MANY_TRIES', `${player.id} has tried too many codes`);
  let isWrong = false;
  try {
    const room = typeof code === 'string' && code.length <= MOST_CODE ? await find() : undefined;
    isWrong = room === undefined;
    if (room !== undefined) return room;
  } finally {
    if (!isWrong) players.forgetTry(player);
  }
  throw new RoomError('ROOM_UNKNOWN', 'there is no room with this code');
}

const MOST_CODE = 32;
