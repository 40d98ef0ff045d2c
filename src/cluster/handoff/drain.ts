/** A node gives all its rooms to others. Pure but for what it is given. */
import { HandoffError } from './handoffErrors.ts';
import type { OtherNode } from './handoffNode.ts';

/** What became of the rooms of a node. */
export interface DrainResult {
  /** Rooms that are at other nodes now, each with its node. */
  readonly moved: ReadonlyMap<string, string>;
  /** Rooms that are here still, each with why. */
  readonly failed: ReadonlyMap<string, unknown>;
}

/** What a drain does its work with. */
export interface DrainActs {
  /** The rooms that are here. */
  rooms(): readonly string[];
  /** The nodes that take rooms. @throws (as rejection) when nobody can tell. */
  others(): Promise<readonly OtherNode[]>;
  /** @throws (as rejection) when it stays. */
  move(room: string, to: string): Promise<void>;
}

/**
 * Moves all rooms, several at once, each to the node with the least load; one that does not go is tried at two more nodes. Rooms that come about
 * meanwhile are moved, too.
 */
export async function drainRooms(acts: DrainActs, parallel: number): Promise<DrainResult> {
  const moved = new Map<string, string>();
  const failed = new Map<string, unknown>();
  const busy = new Set<string>();
  const given = new Map<string, number>();
  const next = (): string | undefined => acts.rooms().find((room) => !busy.has(room) && !failed.has(room));
  const one = async (room: string): Promise<void> => {
    const tried = new Set<string>();
    let reason: unknown;
    while (tried.size < MOST_NODES) {
      const others = (await acts.others()).filter(({ id }) => !tried.has(id));
      const loadOf = ({ id, load }: OtherNode): number => load + (given.get(id) ?? 0);
      const best = others.toSorted((a, b) => loadOf(a) - loadOf(b) || (a.id < b.id ? -1 : 1))[0];
      if (best === undefined) break;
      tried.add(best.id);
      given.set(best.id, (given.get(best.id) ?? 0) + 1);
      try {
        await acts.move(room, best.id);
        moved.set(room, best.id);
        return;
      } catch (error) {
        reason = error;
        if (!acts.rooms().includes(room)) return;
      }
    }
    failed.set(room, reason ?? new HandoffError('NO_NODE', `no node takes room ${room}`));
  };
  const worker = async (): Promise<void> => {
    for (let room = next(); room !== undefined; room = next()) {
      busy.add(room);
      try {
        await one(room);
      } catch (error) {
        failed.set(room, error);
      }
      busy.delete(room);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return { moved, failed };
}

/** Nodes that are tried for one room. */
const MOST_NODES = 3;
