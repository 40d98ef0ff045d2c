/** Runs the case tables of `cases/` with any two actors: a server and a client. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { peer } from '../../support/peers.ts';
import type { Actor, ActorEvent, Args, DisconnectEvent } from './actor.ts';
import { numberOf } from './numberOf.ts';

/** The two sides of a case. Hosts do not exist yet. */
export interface Pair {
  readonly server: Actor;
  readonly client: Actor;
}

/** One row of a case table. */
export interface Case {
  /** Says what must hold; begins with the section of enet-protocol. */
  readonly title: string;
  /** Does it, in whichever pairing. */
  readonly run: (pair: Pair) => Promise<void>;
}

/** Who plays in a set of tests. */
export interface Pairing {
  readonly title: string;
  readonly startServer: () => Promise<Actor>;
  readonly startClient: () => Promise<Actor>;
}

/**
 * Registers one test per case, each with fresh actors.
 *
 * @param isConcurrent whether cases may run side by side: right for those that mostly wait.
 */
export function runCases(pairing: Pairing, cases: readonly Case[], isConcurrent: boolean): void {
  const { isMissing, note } = peer('libenet');
  describe.skipIf(isMissing)(`${pairing.title}${note}`, { concurrent: isConcurrent }, () => {
    test.each(cases.map((row) => [row.title, row] as const))('%s', async (_title, row) => {
      const server = await pairing.startServer();
      const client = await pairing.startClient();
      try {
        await row.run({ server, client });
      } finally {
        await Promise.all([server.close(), client.close()]);
      }
    });
  });
}

/** What {@link openPair} shall set up. Defaults: 4 server slots, no limits, 2 channels, user data 0. */
export interface OpenOptions {
  readonly server?: Args;
  readonly client?: Args;
  readonly connect?: Args;
}

/** A connection: the server's port and each side's slot for the other. Hosts have number 0 on both sides. */
export interface Connection {
  readonly port: number;
  readonly serverPeer: number;
  readonly clientPeer: number;
}

/** Creates both hosts, connects them and takes the two CONNECT events. */
export async function openPair({ server, client }: Pair, options: OpenOptions = {}): Promise<Connection> {
  const bound = await server.run('host', { bind: 1, peers: 4, ...options.server });
  await client.run('host', { peers: 1, ...options.client });
  const port = numberOf(bound, 'port');
  const reply = await client.run('connect', { port, channels: 2, ...options.connect });
  const clientPeer = numberOf(reply, 'peer');
  const [atServer] = await Promise.all([
    server.inbox.wait('connect'),
    client.inbox.wait('connect', { peer: clientPeer }),
  ]);
  return { port, serverPeer: atServer.peer, clientPeer };
}

/** The two directions of a connection, for cases that must hold both ways. */
export function bothWays(pair: Pair, connection: Connection): readonly Way[] {
  const server: End = { actor: pair.server, peer: connection.serverPeer };
  const client: End = { actor: pair.client, peer: connection.clientPeer };
  return [
    { from: client, to: server },
    { from: server, to: client },
  ];
}

/** An actor and its slot for the other side. */
export interface End {
  readonly actor: Actor;
  readonly peer: number;
}

/** From where to where packets go. */
export interface Way {
  readonly from: End;
  readonly to: End;
}

/** Repeats `info` until it has the wanted values, or fails with the last difference. */
export async function waitForInfo(end: End, wanted: Args, timeoutMs: number = 3_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const info = await end.actor.run('info', { peer: end.peer });
    const isReached = Object.entries(wanted).every(([key, value]) => info[key] === value);
    if (isReached || performance.now() > deadline) {
      expect(info, end.actor.name).toMatchObject(wanted);
      return;
    }
    await sleep(20);
  }
}

/**
 * Takes the round-trip times of a busy machine out of the throttle: without deceleration only bandwidth limits lower
 * it (enet-protocol 6.11).
 */
export async function keepThrottleOpen({ actor, peer }: End): Promise<void> {
  await actor.run('throttle', { peer, interval: 5000, acceleration: 2, deceleration: 0 });
}

/** Lets `quietMs` pass and expects that nothing came which nobody waited for. */
export async function expectQuiet({ server, client }: Pair, quietMs: number = 150): Promise<void> {
  await sleep(quietMs);
  const rest: readonly ActorEvent[] = [...server.inbox.rest(), ...client.inbox.rest()];
  expect(rest).toEqual([]);
}

/** Waits for the end of a connection at one side and checks its user data. */
export async function expectDisconnect(end: End, data: number, timeoutMs?: number): Promise<DisconnectEvent> {
  const event = await end.actor.inbox.wait('disconnect', { peer: end.peer }, timeoutMs);
  expect(event.data, `${end.actor.name}: data of DISCONNECT`).toBe(data);
  return event;
}
