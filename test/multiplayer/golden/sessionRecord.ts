/** Recorded sessions (golden/multiplayer/README.md, "sessions"): who was there, what each process did, saw and sent. */
import { readFileSync } from 'node:fs';
import { parseDatagram } from '../../../src/enet/commands.ts';
import type { SessionDatagram } from '../../../src/testing/session.ts';
import { assemblePackets, type RecordedPacket } from '../../support/recordedSession.ts';

/** What a process said: when, what, and about what. */
export type SessionEvent = readonly [ms: number, what: string, ...about: unknown[]];

/** What the processes were told to do. */
export interface SessionPlan {
  readonly auth?: readonly string[];
  readonly auth_timeout?: number;
  readonly hello?: Readonly<Record<string, string>>;
  readonly relay?: boolean;
  readonly players?: boolean;
  readonly board?: boolean;
  readonly order: readonly string[];
}

/** One connection of a session. */
export interface SessionClient {
  readonly name: string;
  /** The peer id that the client has given itself in its CONNECT. */
  readonly id: number;
  /** The packets of both sides, those of ENet left out. */
  readonly packets: readonly RecordedPacket[];
  /** When the other side must have heard of the end, by who ended it; undefined: nobody did. */
  readonly end: { readonly ms: number; readonly by: 'client' | 'server' } | undefined;
}

/** One session. */
export interface Session {
  readonly plan: SessionPlan;
  /** The player's scene in the form of the version; of 4.6 that of the generator. */
  readonly playerScene: string;
  readonly events: Readonly<Record<string, readonly SessionEvent[]>>;
  readonly clients: readonly SessionClient[];
}

const SCENE = new URL('../../../golden/generate/multiplayer/sessions/player.tscn', import.meta.url);

/** Reads a session. */
export function readSession(file: string): Session {
  const { scenario, events, datagrams, player_scene } = JSON.parse(readFileSync(file, 'utf8')) as {
    scenario: SessionPlan;
    events: Record<string, SessionEvent[]>;
    datagrams: Record<string, SessionDatagram[]>;
    player_scene?: string;
  };
  return {
    plan: scenario,
    playerScene: player_scene ?? readFileSync(SCENE, 'utf8'),
    events,
    clients: Object.entries(datagrams).map(([name, list]) => clientOf(name, list)),
  };
}

function clientOf(name: string, datagrams: readonly SessionDatagram[]): SessionClient {
  const parsed = datagrams.map(([ms, side, hex]) => {
    const one = parseDatagram(Buffer.from(hex, 'hex'));
    if (one === undefined) throw new Error(`${name}: a datagram cannot be taken apart`);
    return { ms, side, parsed: one };
  });
  const connect = parsed[0]?.parsed.commands[0];
  if (connect?.name !== 'CONNECT') throw new Error(`${name}: the session does not begin with CONNECT`);
  const last = parsed.find(({ parsed: { commands } }) => commands.some((one) => one.name === 'DISCONNECT'));
  return {
    name,
    id: 'data' in connect ? Number(connect.data) : 0,
    packets: assemblePackets(parsed),
    end: last && { ms: last.ms, by: last.side },
  };
}
