/** Whether the room of a match came about: asked by whoever was promised one and has heard nothing. */

import type { Match } from '../../matchmaking/index.ts';
import { RoomError } from '../../rooms/index.ts';
import { sleep } from '../../runtime/internal.ts';
import { BusError } from '../busErrors.ts';
import { ClusterError } from '../node/clusterErrors.ts';
import type { NodeInside } from '../node/inside.ts';
import type { RoomPlace } from '../node/roomRecord.ts';

/**
 * The record of the room decides. There is one: the match was made, and seats in it are kept once more, which changes nothing. There is
 * none: its key is taken for a minute, so that a leader who comes late cannot make it any more.
 *
 * @returns where the room is; `undefined` when there is none and will be none. Asks until it knows.
 * @throws ClusterError NOT_RUNNING (as rejection) when the node was closed.
 */
export async function outcomeOf(
  inside: NodeInside,
  roomId: string,
  match: Match,
  forMs: number,
): Promise<RoomPlace | undefined> {
  for (;;) {
    try {
      const room = await inside.calls.find(roomId);
      if (room !== undefined) {
        const { place } = await inside.calls.reserve(roomId, seatsOf(match, roomId, forMs), ASK_MS);
        return place;
      }
      if (await inside.records.bar(roomId, BARRED, BAR_MS)) return undefined;
    } catch (error) {
      // The room has ended, or has given its seats to others: that match is over.
      if (error instanceof RoomError && error.code !== 'FENCED') return undefined;
      const mayPass = [RoomError, BusError, ClusterError].some((kind) => error instanceof kind);
      if (!mayPass) throw error;
    }
    inside.checkRunning();
    await sleep(inside.clock.runtime, PAUSE_MS);
  }
}

/** The seats of a match, kept under the name of its room. */
export function seatsOf(
  { teams }: Match,
  roomId: string,
  forMs: number,
): { readonly name: string; readonly players: readonly string[]; readonly forMs: number } {
  return { name: roomId, players: teams.flatMap(({ players }) => players), forMs };
}

/** What the record of a room says that must not be made. */
const BARRED = '{"isBarred":true}';
const BAR_MS = 60_000;
const PAUSE_MS = 250;
const ASK_MS = 5000;
