/** The options of a SceneMultiplayer: everything that Godot's class does not have. */
import type { Dialect } from '../../codec/index.ts';
import type { SceneMirror } from '../../schema/index.ts';
import type { ErrorReporter } from '../godot/internal.ts';

/** A timer that can be called off. */
export interface MultiplayerTimer {
  /** Calls the timer off. Harmless when it has fired. */
  cancel(): void;
}

/** The clock and the timers that a SceneMultiplayer needs. */
export interface MultiplayerRuntime {
  /** Milliseconds of a clock that may wrap at 2^32. */
  now(): number;
  /** Calls a function once after some milliseconds. */
  startTimer(delayMs: number, callback: () => void): MultiplayerTimer;
}

/** What a SceneMultiplayer can be told at creation. */
export interface SceneMultiplayerOptions {
  /** The tree that it belongs to. */
  readonly mirror: SceneMirror;
  /** The node that all paths begin at. Default `/root`. */
  readonly rootPath?: string | undefined;
  /** Whether clients reach each other through the server. Default true. */
  readonly serverRelay?: boolean | undefined;
  /** Seconds that authentication may take; 0 for any time. Default 3. */
  readonly authTimeout?: number | undefined;
  /**
   * `'safe'`: what docs/guide/scene-multiplayer.md lists is done better than the engine does it. `'engine'`: everything as the
   * engine, byte for byte. Default `'safe'`.
   */
  readonly compatibility?: 'safe' | 'engine' | undefined;
  /** The version of Godot that all peers have. Default: found out for each. */
  readonly dialect?: Dialect | undefined;
  /** Give INT as bigint and FLOAT as `Float` to handlers, so that nothing is lost. Default false. */
  readonly exact?: boolean | undefined;
  /** The most node numbers that one peer may announce. Default 4096. */
  readonly maxPathsPerPeer?: number | undefined;
  /** Takes one line for everything that was refused or is strange. Default: nobody listens. */
  readonly onTrace?: ((line: string) => void) | undefined;
  /** Takes what handlers, scripts and listeners throw, and where. Default: it becomes an uncaught exception. */
  readonly onError?: ErrorReporter | undefined;
  /** The clock. The Node entry brings one. */
  readonly runtime?: MultiplayerRuntime | undefined;
}

/** The differences from the engine, one by one. Every one is a row of docs/guide/scene-multiplayer.md. */
export interface Behaviour {
  /** A call with a damaged argument is refused; the engine calls with nulls. */
  readonly refusesDamage: boolean;
  /** Paths lead nowhere outside of the root. */
  readonly confinesPaths: boolean;
  /** One empty PackedByteArray arrives as such; the engine sends a call without arguments. */
  readonly keepsEmptyBytes: boolean;
  /** A call that cannot be encoded is an error number; the engine answers OK and sends nothing. */
  readonly tellsUnsent: boolean;
  /** Ids in ADD_PEER that no peer can have are refused. */
  readonly checksPeerIds: boolean;
}

/** The differences that an option value stands for. */
export function behaviourOf(compatibility: SceneMultiplayerOptions['compatibility']): Behaviour {
  if (compatibility !== undefined && compatibility !== 'safe' && compatibility !== 'engine')
    throw new RangeError(`"compatibility" expected 'safe' or 'engine', got ${String(compatibility)}`);
  const isSafe = compatibility !== 'engine';
  return {
    refusesDamage: isSafe,
    confinesPaths: isSafe,
    keepsEmptyBytes: isSafe,
    tellsUnsent: isSafe,
    checksPeerIds: isSafe,
  };
}

/** The defaults that hold when the options name no others. */
export const SCENE_MULTIPLAYER_DEFAULTS = {
  /** Seconds that authentication may take. */
  authTimeout: 3,
  /** Node numbers of one peer. */
  maxPathsPerPeer: 4096,
} as const;
