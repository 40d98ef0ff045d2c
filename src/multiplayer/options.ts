/** The options of a SceneMultiplayer: everything that Godot's class does not have. */
import {
  checkBooleans,
  checkFunctions,
  checkList,
  checkOptions as checkNames,
  isIntegerIn,
  type OptionNames,
} from '../../options/internal.ts';
import { type MirrorNode, SceneMirror } from '../../schema/index.ts';
import type { ErrorReporter } from '../godot/index.ts';
import { describe, INT32_MAX } from '../godot/internal.ts';
import type { MultiplayerDiagnosis } from './diagnosis.ts';
import { checkDialect, type DialectOption } from './peerDialects.ts';
import { REPLICATION_OPTION_NAMES, type SceneReplicationOptions } from './replication/settings.ts';

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
  /** Seconds that authentication may take, 0..2147483; 0 for any time. Default 3. */
  readonly authTimeout?: number | undefined;
  /**
   * The most bytes that a peer may send before it is admitted, all its packets together; then it is disconnected, and counted as
   * `auth-bytes`. Default 65,536; no bound with `compatibility: 'engine'`.
   */
  readonly maxAuthBytes?: number | undefined;
  /**
   * `'safe'`: what docs/guide/scene-multiplayer.md lists is done better than the engine does it. `'engine'`: everything as the
   * engine, byte for byte. Default `'safe'`.
   */
  readonly compatibility?: 'safe' | 'engine' | undefined;
  /**
   * The version of Godot that all peers have, or a function that says it for one (`undefined`: it does not know). Default:
   * found out for each, as far as that can be, see {@link SceneMultiplayer.dialectOf}.
   */
  readonly dialect?: DialectOption | undefined;
  /** Give INT as bigint and FLOAT as `Float` to handlers, so that nothing is lost. Default false. */
  readonly exact?: boolean | undefined;
  /** The most node numbers that one peer may announce. Default 4096. */
  readonly maxPathsPerPeer?: number | undefined;
  /**
   * The most bytes per second that the server relays for one peer; twice as many at once. A packet counts once for each receiver,
   * with its header of 6 bytes and with 384 that it holds in memory. What is beyond is dropped and counted as `relay-budget`.
   * Default 4 MiB; `Infinity` for no budget, as with `compatibility: 'engine'`.
   */
  readonly maxRelayedBytesPerSec?: number | undefined;
  /**
   * The most calls per second that one peer may make here; twice as many at once. What is beyond is dropped before it is looked at,
   * reliable or not, and counted as `call-budget`. Default 10,000; `Infinity` for no budget, as with `compatibility: 'engine'`.
   */
  readonly maxCallsPerSec?: number | undefined;
  /**
   * The most states of synchronizers, and spawns, per second that one peer may send here; twice as many at once. What is beyond is
   * dropped and counted as `state-budget`. Default 10,000; `Infinity` for no budget, as with `compatibility: 'engine'`.
   */
  readonly maxStatesPerSec?: number | undefined;
  /**
   * What becomes of reliable calls into a subtree that is closed by {@link SceneMultiplayer.gate}: `'queue'` lets them wait for
   * `open`, `'refuse'` sends them to nobody. Others are dropped. Default `'queue'`.
   */
  readonly gatedCalls?: 'queue' | 'refuse' | undefined;
  /**
   * What is closed for a peer from the beginning, as by {@link SceneMultiplayer.gate}: absolute paths, or a function that says them for
   * one. `peerConnected` is too late for nodes that are spawned: those leave before it. When the function throws, or says something else,
   * `onError` hears of it and the root is closed for that peer. Default: nothing.
   */
  readonly initialGates?: readonly string[] | ((peer: number) => readonly string[]) | undefined;
  /** The most calls that wait per peer, for a gate, and as many until its version is known. Default 1024. */
  readonly maxHeldCalls?: number | undefined;
  /** The most bytes of such calls; each counts 256 beside its arguments in three forms. Default 1 MiB. */
  readonly maxHeldBytes?: number | undefined;
  /** The most nodes that one peer may have spawned here. Default 4096. */
  readonly maxSpawnsPerPeer?: number | undefined;
  /**
   * Makes the node of a scene that a peer spawns, without parent. Default: `mirror.instantiate`, which reads the scenes of the
   * option `resources` of the mirror. What it throws refuses the spawn.
   */
  readonly instantiate?: ((path: string) => MirrorNode) | undefined;
  /** How spawned nodes and states are sent, beyond what Godot's nodes say: interest, a budget. */
  readonly replication?: SceneReplicationOptions | undefined;
  /** Takes one line for everything that was refused or is strange. Default: nobody listens. */
  readonly onTrace?: ((line: string) => void) | undefined;
  /**
   * Gets each mismatch with a peer once, with what helps: see docs/guide/doctor.md. It must be quick, and what it throws goes to
   * `onError`. Default: nobody; `ops.diagnoses()` has the latest in any case.
   */
  readonly onDiagnosis?: ((diagnosis: MultiplayerDiagnosis) => void) | undefined;
  /** Takes what handlers, scripts and listeners throw, and where. Default: it becomes an uncaught exception. */
  readonly onError?: ErrorReporter | undefined;
  /** The clock. The Node entry brings one. */
  readonly runtime?: MultiplayerRuntime | undefined;
}

/** The defaults that hold when the options name no others. */
export const SCENE_MULTIPLAYER_DEFAULTS = {
  /** Seconds that authentication may take. */
  authTimeout: 3,
  /** Bytes of a peer that is not admitted. */
  maxAuthBytes: 65_536,
  /** Node numbers of one peer. */
  maxPathsPerPeer: 4096,
  /** Nodes that one peer has spawned. */
  maxSpawnsPerPeer: 4096,
  /** Bytes per second that are relayed for one peer. */
  maxRelayedBytesPerSec: 4_194_304,
  /** Calls per second of one peer. */
  maxCallsPerSec: 10_000,
  /** States and spawns per second of one peer. */
  maxStatesPerSec: 10_000,
  /** Calls that wait, per peer. */
  maxHeldCalls: 1024,
  /** Bytes of calls that wait, per peer. */
  maxHeldBytes: 1_048_576,
} as const;

/** @throws TypeError or RangeError naming the option. */
export function checkOptions(options: SceneMultiplayerOptions): void {
  checkNames(options, OPTION_NAMES);
  checkFunctions(options, ['instantiate', 'onTrace', 'onError', 'onDiagnosis']);
  checkBooleans(options, ['serverRelay', 'exact']);
  if (!(options.mirror instanceof SceneMirror))
    throw new TypeError(`"mirror" expected a SceneMirror, got ${describe(options.mirror)}`);
  const { rootPath, authTimeout, dialect, gatedCalls } = options;
  if (rootPath !== undefined && (typeof rootPath !== 'string' || !rootPath.startsWith('/')))
    throw new RangeError(`"rootPath" expected an absolute path, got ${describe(rootPath)}`);
  for (const name of [
    'maxAuthBytes',
    'maxPathsPerPeer',
    'maxSpawnsPerPeer',
    'maxHeldCalls',
    'maxHeldBytes',
  ] as const) {
    const value = options[name];
    if (value !== undefined && !isIntegerIn(value, 1, Number.MAX_SAFE_INTEGER))
      throw new RangeError(`"${name}" expected an integer from 1 on, got ${describe(value)}`);
  }
  for (const name of ['maxRelayedBytesPerSec', 'maxCallsPerSec', 'maxStatesPerSec'] as const) {
    const value = options[name];
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      throw new RangeError(`"${name}" expected a number above 0, got ${describe(value)}`);
  }
  if (authTimeout !== undefined && !isAuthTimeout(authTimeout))
    throw new RangeError(`"authTimeout" expected seconds from 0 to 2147483, got ${describe(authTimeout)}`);
  if (gatedCalls !== undefined && gatedCalls !== 'queue' && gatedCalls !== 'refuse')
    throw new RangeError(`"gatedCalls" expected 'queue' or 'refuse', got ${describe(gatedCalls)}`);
  const { initialGates } = options;
  if (initialGates !== undefined && typeof initialGates !== 'function') {
    checkList('initialGates', initialGates, 'paths');
    for (const path of initialGates) gatePath(path, 'initialGates');
  }
  if (dialect !== undefined && typeof dialect !== 'function') checkDialect(dialect);
}

const OPTION_NAMES: OptionNames<SceneMultiplayerOptions> = {
  mirror: true,
  rootPath: true,
  serverRelay: true,
  authTimeout: true,
  maxAuthBytes: true,
  compatibility: true,
  dialect: true,
  exact: true,
  maxPathsPerPeer: true,
  maxSpawnsPerPeer: true,
  instantiate: true,
  replication: REPLICATION_OPTION_NAMES,
  gatedCalls: true,
  initialGates: true,
  maxHeldCalls: true,
  maxHeldBytes: true,
  maxRelayedBytesPerSec: true,
  maxCallsPerSec: true,
  maxStatesPerSec: true,
  onTrace: true,
  onDiagnosis: true,
  onError: true,
  runtime: true,
};

/** A path without a slash at its end. @throws TypeError naming the option for what is no absolute path. */
export function gatePath(path: unknown, name = 'path'): string {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new TypeError(`"${name}" expected an absolute path, got ${describe(path)}`);
  return withoutFinalSlash(path);
}

/** The same node, as a NodePath names it. */
export function withoutFinalSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Whether this is a time that authentication may take: seconds, 0 for any. */
export function isAuthTimeout(seconds: unknown): seconds is number {
  return typeof seconds === 'number' && seconds >= 0 && seconds <= INT32_MAX / 1000;
}
