/** Stopping without cutting anybody off: no new peers, tell the present ones, wait for them, stop. */

import { checkFunctions, checkOptions, describe, type OptionNames } from '../../options/internal.ts';
import type { ENetServer, EventPayload } from '../server/index.ts';
import type { OperatedServer } from './operatedServer.ts';

/** An event that tells peers that the server closes. */
export interface DrainEvent {
  /** Its name. */
  readonly name: string;
  /** What goes with it. Default: nothing. */
  readonly payload?: EventPayload;
}

/** Options of {@link drain}. */
export interface DrainOptions {
  /** How long the peers may take to leave, in ms, 0..2147483647. Default 30000. */
  readonly timeoutMs?: number;
  /** An event that tells the authenticated peers to leave. Default: they are not told. */
  readonly event?: DrainEvent;
  /**
   * Kicks the peers with this reason at once, instead of waiting until they leave by themselves: everything that was
   * sent before arrives first, within `kickTimeoutMs`. Default: they are waited for.
   */
  readonly kickReason?: string;
  /**
   * Brings peers elsewhere, once the door is closed: `() => handoff.drain()`. The server is not stopped before its promise is kept, or
   * `timeoutMs` is over; who is there then still is waited for. What it throws is printed to the console. Default: nothing.
   */
  readonly moveAway?: (() => unknown) | undefined;
}

/** What became of the peers. */
export interface DrainResult {
  /** Whether all of them had left before the server stopped. */
  readonly isEmpty: boolean;
  /** How many had to be disconnected when the time was over. */
  readonly disconnected: number;
  /** How long it took, in ms. */
  readonly durationMs: number;
}

/** The defaults of {@link DrainOptions}. */
export const DRAIN_DEFAULTS = {
  /** How long the peers may take. */
  timeoutMs: 30_000,
} as const;

/**
 * Drains a server: refuses new connections, tells the peers, waits until all have left or `timeoutMs` is over, stops the
 * server, and waits for its last signal. The door opens again at the next `createServer` only if the application sets
 * `server.ops.acceptsPeers`. A server that is stopped meanwhile ends the wait. Never rejects.
 *
 * Only an `ENetServer` has events and reasons: a game on a `SceneMultiplayer` tells its players by a call of its own, before or after this
 * one. That, and a multiplayer peer alone, has to be polled meanwhile, as `start()` does; at the end it is closed. Who drains a
 * `SceneMultiplayer` does not drain its transport besides.
 *
 * @throws RangeError for a timeout out of range; TypeError for `event` or `kickReason` with another kind than an `ENetServer`, and for
 * `moveAway` when it is no function.
 */
export function drain(server: OperatedServer, options: DrainOptions = {}): Promise<DrainResult> {
  checkOptions(options, DRAIN_OPTION_NAMES);
  const { timeoutMs, tellPeers } = drainPlan(server, options);
  const startedAt = server.ops.now();
  server.ops.acceptsPeers = false;
  tellPeers();
  const move = startMove(options);
  return waitForEmpty(server, timeoutMs, move).then(async () => {
    const disconnected = server.ops.metrics().peers;
    await server[Symbol.asyncDispose]();
    return {
      isEmpty: disconnected === 0,
      disconnected,
      durationMs: (server.ops.now() - startedAt) >>> 0,
    };
  });
}

/**
 * What a drain will do, checked before it begins.
 *
 * @throws as {@link drain}.
 * @internal
 */
export function drainPlan(
  server: OperatedServer,
  options: DrainOptions,
): { readonly timeoutMs: number; readonly tellPeers: () => void } {
  const { event, kickReason } = options;
  checkFunctions(options, ['moveAway']);
  const timeoutMs = drainTimeout(options);
  if (event === undefined && kickReason === undefined) return { timeoutMs, tellPeers: () => undefined };
  if (!isTelling(server)) {
    const name = event !== undefined ? 'event' : 'kickReason';
    throw new TypeError(`"${name}" is for an ENetServer: let the game tell its players by a call of its own`);
  }
  const tellPeers = (): void => {
    if (event !== undefined) server.triggerEventToAll(event.name, event.payload ?? {});
    if (kickReason !== undefined) for (const peer of server.getPeers()) peer.disconnectPeer(kickReason);
  };
  return { timeoutMs, tellPeers };
}

/**
 * The timeout of the options.
 *
 * @throws RangeError when it is out of range.
 * @internal
 */
export function drainTimeout({ timeoutMs = DRAIN_DEFAULTS.timeoutMs }: DrainOptions): number {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= MAX_TIMER_MS) return timeoutMs;
  throw new RangeError(`"timeoutMs" expected a number of 0..${MAX_TIMER_MS}, got ${describe(timeoutMs)}`);
}

/** A server with events, and with reasons for the ends of connections. */
type TellingServer = OperatedServer & Pick<ENetServer, 'triggerEventToAll' | 'getPeers'>;

function isTelling(server: OperatedServer): server is TellingServer {
  return server.ops.kind === 'server';
}

/** Begins to bring peers elsewhere. @returns whether that is over. */
function startMove({ moveAway }: DrainOptions): () => boolean {
  if (moveAway === undefined) return () => true;
  let isOver = false;
  // What throws at once is a rejection as well.
  (async () => moveAway())()
    .catch((error: unknown) => console.error('godot-enet: moveAway:', error))
    .finally(() => {
      isOver = true;
    });
  return () => isOver;
}

/** Looks every now and then: not every kind of server has a signal for every way in which a peer may leave. */
function waitForEmpty({ ops }: OperatedServer, timeoutMs: number, isMoved: () => boolean): Promise<void> {
  const startedAt = ops.now();
  return new Promise((resolve) => {
    const look = (): void => {
      const { isActive, peers } = ops.metrics();
      const leftMs = timeoutMs - ((ops.now() - startedAt) >>> 0);
      if ((peers === 0 && isMoved()) || !isActive || leftMs <= 0) resolve();
      else ops.startTimer(Math.min(LOOK_EACH_MS, leftMs), look);
    };
    look();
  });
}

const LOOK_EACH_MS = 20;
const MAX_TIMER_MS = 0x7fff_ffff;

/** The names of {@link DrainOptions}. */
export const DRAIN_OPTION_NAMES: OptionNames<DrainOptions> = {
  timeoutMs: true,
  event: { name: true, payload: true } satisfies OptionNames<DrainEvent>,
  kickReason: true,
  moveAway: true,
};
