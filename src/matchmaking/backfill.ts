/** Players for the free seats of a running room. */

import { Company } from './company.ts';
import type { Teams } from './search.ts';
import type { Room } from './seeker.ts';
import type { Span, Steps } from './sortedOrder.ts';

/**
 * Gives a room players, the nearest first, each party into the team with most free seats, as many as come one after the other; all accept
 * the room and each other. It need not become full.
 *
 * @returns the parties of each team, `undefined` when nobody comes. The room's seats are taken.
 */
export function fillRoom(room: Room, span: Span, steps: Steps): Teams | undefined {
  const { seats } = room;
  const teams: Teams = seats.map(() => []);
  const company = new Company();
  let isAnybody = false;
  const next = span.order.nearest(span, room, steps);
  for (let found = next(); found !== undefined; found = next()) {
    const team = seats.indexOf(Math.max(...seats));
    if (seats[team] === 0) break;
    if (found.size > seats[team]! || !company.join(found)) continue;
    teams[team]!.push(found);
    seats[team]! -= found.size;
    isAnybody = true;
  }
  return isAnybody ? teams : undefined;
}
