/** Stopping without cutting anybody off: no new peers, tell the present ones, wait for them, stop. */

import { checkOptions, describe, type OptionNames } from '../../options/internal.ts';
import type { ENetServer, EventPayload } from '../server/index.ts';

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
 * @throws RangeError for a timeout out of range.
 */
export function drain(server: ENetServer, options: DrainOptions = {}): Promise<DrainResult> {
  checkOptions(options, DRAIN_OPTION_NAMES);
  const timeoutMs = drainTimeout(options);
  const startedAt = server.ops.now();
  server.ops.acceptsPeers = false;
  if (options.event !== undefined) {
    server.triggerEventToAll(options.event.name, options.event.payload ?? {});
  }
  if (options.kickReason !== undefined) {
    for (const peer of server.getPeers()) peer.disconnectPeer(options.kickReason);
  }
  return waitForEmpty(server, timeoutMs).then(async () => {
    const disconnected = server.getPeerCount();
    await server[Symbol.asyncDispose]();
    return {
      isEmpty: disconnected === 0,
      disconnected,
      durationMs: (server.ops.now() - startedAt) >>> 0,
    };
  });
}

/**
 * The timeout of the options.
 *
 * @throws RangeError when it is out of range.
 * @internal
 */
export function drainTimeout(options: DrainOptions): number {
  const timeoutMs = options.timeoutMs ?? DRAIN_DEFAULTS.timeoutMs;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= MAX_TIMER_MS) return timeoutMs;
  throw new RangeError(`"timeoutMs" expected a number of 0..${MAX_TIMER_MS}, got ${describe(timeoutMs)}`);
}

function waitForEmpty(server: ENetServer, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (server.getPeerCount() === 0) {
      resolve();
      return;
    }
    const done = (): void => {
      timer.cancel();
      server.off('peerDisconnected', onEnd);
      server.off('serverStopped', done);
      resolve();
    };
    const onEnd = (): void => {
      if (server.getPeerCount() === 0) done();
    };
    const timer = server.ops.startTimer(timeoutMs, done);
    server.on('peerDisconnected', onEnd);
    server.on('serverStopped', done);
  });
}

const MAX_TIMER_MS = 0x7fff_ffff;

/** The names of {@link DrainOptions}. */
export const DRAIN_OPTION_NAMES: OptionNames<DrainOptions> = {
  timeoutMs: true,
  event: { name: true, payload: true } satisfies OptionNames<DrainEvent>,
  kickReason: true,
};
