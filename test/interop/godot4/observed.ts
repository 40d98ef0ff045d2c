/** What comes of an action in a live game. */
import type { Arena } from './Arena.ts';
import type { EnginePlayers } from './enginePlayers.ts';
import type { Player } from './player.ts';

/** What everybody noted, by name, and what was turned away. */
export interface Observed {
  readonly noted: Readonly<Record<string, readonly string[]>>;
  /** Errors that the engine printed. */
  readonly errors: readonly string[];
  /** What the server refused meanwhile, by reason. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** Does something, and waits until all that was sent has arrived at everybody who is `present`. */
export async function observed(
  server: Arena,
  engine: EnginePlayers,
  present: readonly Player[],
  action: () => Promise<unknown>,
): Promise<Observed> {
  const all = [server, ...present];
  const froms = all.map(({ log }) => log.length);
  const before: Record<string, number> = { ...server.multiplayer.refusals() };
  const errors = await engine.errorsOf(async () => {
    await action();
    await server.settle(present);
  });
  return {
    noted: Object.fromEntries(all.map((one, i) => [one.name, one.log.slice(froms[i])])),
    errors: errors.map((line) => line.replace('ERROR: ', '')),
    refusals: Object.fromEntries(
      Object.entries(server.multiplayer.refusals())
        .map(([reason, count]): [string, number] => [reason, count - (before[reason] ?? 0)])
        .filter(([, count]) => count !== 0),
    ),
  };
}
