/** A server as the functions of this entry see it, whatever its kind. */
import type { MultiplayerMetrics } from '../multiplayer/index.ts';
import type { Timer } from '../runtime/index.ts';
import type { ServerMetrics } from '../server/index.ts';

/** What every kind of server offers its operator, besides its numbers. */
export interface OperatorControls {
  /** Whether new connections are taken. `false` leaves the present peers alone. */
  acceptsPeers: boolean;
  /** The server's clock: ms, a u32 that wraps. */
  now(): number;
  /** Calls `callback` once after `delayMs`, on the server's clock. */
  startTimer(delayMs: number, callback: () => void): Timer;
}

/** The operator's side of an `ENetServer`. */
export interface ServerOperator extends OperatorControls {
  /** Whose numbers `metrics()` has. */
  readonly kind: 'server';
  /** All numbers. */
  metrics(): ServerMetrics;
}

/** The operator's side of a `SceneMultiplayer`. */
export interface MultiplayerOperator extends OperatorControls {
  /** Whose numbers `metrics()` has. */
  readonly kind: 'multiplayer';
  /** All numbers. */
  metrics(): MultiplayerMetrics;
}

/** What the functions of this entry ask of a server: an `ENetServer` is one, and a `SceneMultiplayer`. */
export interface OperatedServer {
  /** Its operator's side. */
  readonly ops: ServerOperator | MultiplayerOperator;
  /** The UDP port; 0 when stopped. Missing where the transport below has the port. */
  getLocalPort?(): number;
  /** Stops it. */
  [Symbol.asyncDispose](): Promise<void>;
}
