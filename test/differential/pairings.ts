/** Who talks with whom: libenet and our core in all roles, ours over every transport. */
import type { Actor } from '../interop/libenet/actor.ts';
import { CPeer } from '../interop/libenet/cPeer.ts';
import { OurPeer } from '../interop/libenet/ourPeer.ts';
import type { Pair } from '../interop/libenet/pairing.ts';
import { transports } from '../interop/libenet/transports.ts';

/** A pairing by name. */
export interface DifferentialPairing extends Pair {
  /** Such as `C-C` or `ours(mmsg)-C`: client, then server. */
  readonly name: string;
}

/** All pairings, and the way to end what they hold. */
export interface Cast {
  readonly pairings: readonly DifferentialPairing[];
  close(): Promise<void>;
}

/**
 * Starts two processes of libenet, one with all servers and one with all clients, and two actors of ours per
 * transport. Each may hold any number of connections at once.
 *
 * @param lifeSeconds after which the processes end themselves.
 */
export async function startCast(lifeSeconds: number): Promise<Cast> {
  const cClient = await CPeer.start('C client', lifeSeconds);
  const cServer = await CPeer.start('C server', lifeSeconds);
  const actors: Actor[] = [cClient, cServer];
  const pairings: DifferentialPairing[] = [{ name: REFERENCE, client: cClient, server: cServer }];
  for (const { name, runtime } of transports) {
    const client = new OurPeer(`our client (${name})`, runtime);
    const server = new OurPeer(`our server (${name})`, runtime);
    actors.push(client, server);
    pairings.push(
      { name: `ours(${name})-C`, client, server: cServer },
      { name: `C-ours(${name})`, client: cClient, server },
      { name: `ours(${name})-ours(${name})`, client, server },
    );
  }
  return {
    pairings,
    close: async () => {
      await Promise.all(actors.map((actor) => actor.close()));
    },
  };
}

/** The names of all pairings that {@link startCast} gives. */
export function pairingNames(): readonly string[] {
  return [
    REFERENCE,
    ...transports.flatMap(({ name }) => [
      `ours(${name})-C`,
      `C-ours(${name})`,
      `ours(${name})-ours(${name})`,
    ]),
  ];
}

/** The name of the pairing that all others are compared with. */
export const REFERENCE = 'C-C';
