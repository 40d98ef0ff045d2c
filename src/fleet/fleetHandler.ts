/** How a server is, over plain HTTP, and a way to end it: for those who run it without Agones. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkFunctions, checkOptions, describe, type OptionNames } from '../../options/internal.ts';
import { drain, type Health, healthHandler, healthOf, type PrometheusMetrics } from '../ops/internal.ts';
import { CAPACITY_NAMES, checkCapacity, type FleetCapacity, useOf } from './fleetReport.ts';
import type { FleetServer } from './fleetServer.ts';

/** Options of {@link fleetHandler}. */
export interface FleetHandlerOptions {
  /** The version of the game, for `/status`. Default: none. */
  readonly version?: string | undefined;
  /** How many the server takes, for `/status`. Default: nobody knows. */
  readonly capacity?: FleetCapacity | undefined;
  /** Who sends this may drain, 16 characters or more. Default: nobody may. */
  readonly drainToken?: string | undefined;
  /** What a drain is. Default: `drain(server)`. With Agones: `() => fleet.drain()`. */
  readonly onDrain?: (() => unknown) | undefined;
  /** For `/metrics`, as {@link healthHandler} takes it. */
  readonly metrics?: PrometheusMetrics | undefined;
  /** Takes what `onDrain` throws. Default: it is printed to the console. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** What `GET /status` answers, as JSON. */
export interface FleetStatus {
  /** `ok`: it takes players; `draining`, `fenced`: it takes no new ones, for good or for now; `stopped`: it does not listen. */
  readonly status: Health['status'];
  /** Players now, those whose seat is kept among them. */
  readonly players: number;
  /** Rooms now; 0 where there are none. */
  readonly rooms: number;
  /** What the option has; `null` for what nobody has said. */
  readonly capacity: {
    /** Players. */
    readonly players: number | null;
    /** Rooms. */
    readonly rooms: number | null;
  };
  /** What the option has; `null` without one. */
  readonly version: string | null;
}

/**
 * A handler for `node:http`: what {@link healthHandler} answers (`/healthz`, `/readyz`, `/metrics`), `GET /status` with a
 * {@link FleetStatus}, and `POST /drain`, which begins to drain the server and answers 202 with the same. That asks for
 * `authorization: Bearer TOKEN`, answers 401 without it, and 404 when there is no `drainToken`. Bind it to an inner address: the rest asks
 * for nothing.
 *
 * @throws TypeError or RangeError naming the option.
 */
export function fleetHandler(
  server: FleetServer,
  options: FleetHandlerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  checkOptions(options, OPTION_NAMES);
  checkFunctions(options, ['onDrain', 'onError']);
  const { version, capacity = {}, drainToken, onDrain = () => drain(server), onError = tell } = options;
  if (version !== undefined && typeof version !== 'string')
    throw new TypeError(`"version" expected a string, got ${describe(version)}`);
  checkCapacity(capacity);
  if (drainToken !== undefined && !(typeof drainToken === 'string' && drainToken.length >= LEAST_TOKEN))
    throw new RangeError(`"drainToken" expected ${LEAST_TOKEN} characters or more`);
  const health = healthHandler(server, options.metrics);
  let isDraining = false;

  const sendStatus = (response: ServerResponse, code: number): void => {
    const status: FleetStatus = {
      status: healthOf(server).status,
      ...useOf(server),
      capacity: { players: capacity.players ?? null, rooms: capacity.rooms ?? null },
      version: version ?? null,
    };
    response
      .writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(`${JSON.stringify(status)}\n`);
  };
  const beginDrain = async (): Promise<void> => {
    try {
      await onDrain();
    } catch (error) {
      onError(error);
    }
  };

  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/status' && request.method === 'GET') sendStatus(response, 200);
    else if (path !== '/drain' || drainToken === undefined) health(request, response);
    else if (request.method !== 'POST') response.writeHead(405, { allow: 'POST' }).end();
    else if (!isBearer(request.headers.authorization, drainToken))
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    else {
      if (!isDraining) void beginDrain();
      isDraining = true;
      sendStatus(response, 202);
    }
  };
}

/** In a time that says nothing of the token. */
function isBearer(header: string | undefined, token: string): boolean {
  const [, got = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(got), digest(token));
}

function tell(error: unknown): void {
  console.error('godot-enet: onDrain:', error);
}

const LEAST_TOKEN = 16;
const OPTION_NAMES: OptionNames<FleetHandlerOptions> = {
  version: true,
  capacity: CAPACITY_NAMES,
  drainToken: true,
  onDrain: true,
  metrics: true,
  onError: true,
};
