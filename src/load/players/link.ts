/** A player and its connection, as the run sees them. */
import type { CompressionMode, TLSOptions } from '../../godot/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { LoadTarget } from '../target.ts';
import type { PlayerParts } from './LoadPlayer.ts';
import type { MeterParts, TransportMeter } from './meter.ts';
import type { ScenePlayer } from './ScenePlayer.ts';
import type { ServerPlayer } from './ServerPlayer.ts';

/** A player of either protocol; its `protocol` tells them apart. */
export type AnyPlayer = ScenePlayer | ServerPlayer;

/** What a connection tells the run. After `failed` and `lost` nothing more. */
export interface LinkEvents {
  /** The server has admitted the player. */
  joined(): void;
  /** It could not join. */
  failed(reason: string): void;
  /** It had joined, and its connection ended by itself. */
  lost(reason: string): void;
  /** What the script threw where this room does not call it itself. */
  threw(where: string, error: unknown): void;
}

/** What every connection is made of. */
export interface LinkParts {
  readonly target: LoadTarget;
  readonly runtime: Runtime;
  /** With DTLS or TLS. */
  readonly tls: TLSOptions | undefined;
  /** Of ENet's datagrams. */
  readonly compression: CompressionMode;
  /** Ticks of a player per second. */
  readonly tickHz: number;
  readonly player: PlayerParts;
  readonly meter: MeterParts;
  readonly events: LinkEvents;
  /** Is called before anything happens, and in a mirror before there are nodes: scripts are registered here. */
  readonly setUp: (player: AnyPlayer) => void;
}

/** One player with its connection. */
export interface PlayerLink {
  /** What the script sees. */
  readonly player: AnyPlayer;
  readonly meter: TransportMeter;
  /** Begins to connect. One of the events follows, also for what is refused at once. */
  connect(): void;
  /** Calls a function in each tick from now on, with the seconds since the last one. */
  eachTick(callback: (deltaSec: number) => void): void;
  /** How far it has come, for one that does not join in time. */
  progress(): string;
  /** Ends it: no event follows. */
  close(): void;
}

/** Whether what a transport reports was thrown by a listener or a callback, and so by the script; anything else has failed itself. */
export function isOfScript(where: string): boolean {
  return /^(signal|event) /.test(where);
}

/** What a cause of the end of a connection means, in words. */
export function causeText(cause: string | undefined, detail: string): string {
  const text = CAUSES[cause ?? ''] ?? 'the connection failed';
  return `${cause ?? 'FAILURE'}: ${text}${detail === '' ? '' : ` (${detail})`}`;
}

const CAUSES: Readonly<Record<string, string>> = {
  GOODBYE: 'the server ended it',
  TIMEOUT: 'the server stopped answering',
  NO_ANSWER: 'nobody answered',
  PROTOCOL: 'the server answered with something else',
  DTLS: 'the encrypted session failed',
  REFUSED: 'nobody listens there',
  UNRESOLVED: 'the name has no address',
  LIMIT: 'a limit was exceeded',
};
