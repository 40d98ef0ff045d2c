/** The options of a WebSocketMultiplayerPeer: everything that Godot's class does not have. */

import type { IncomingMessage } from 'node:http';
import {
  checkFunctions,
  checkInteger,
  checkList,
  checkOptions,
  type OptionNames,
} from '../../options/internal.ts';
import { ConnectGate, type ConnectRules } from '../enet/index.ts';
import type { ErrorReporter } from '../godot/index.ts';
import { checkLinger, describe } from '../godot/internal.ts';
import type { Runtime } from '../runtime/index.ts';
import { requireRuntime } from '../runtime/internal.ts';
import { checkWebSocketLimits, type WebSocketLimits } from './limits.ts';

/** Says whether a page of this origin may connect; `undefined`: no browser, or an old one. */
export type OriginCheck = (origin: string | undefined, request: IncomingMessage) => boolean;

/** What a `WebSocketMultiplayerPeer` can be told at creation. All of it is optional in the Node entry. */
export interface WebSocketMultiplayerPeerOptions {
  /** Clock, timers and randomness. The Node entry brings it. */
  readonly runtime?: Runtime | undefined;
  /** Takes one line for every refused call and every refused client, in words for a human. Default: nobody listens. */
  readonly onTrace?: ((line: string) => void) | undefined;
  /** Takes what listeners, `origins` and `clientAddress` throw. Default: it becomes an uncaught exception. */
  readonly onError?: ErrorReporter | undefined;
  /** Called when there is something to `poll()` for, once until the next `poll()`. Default: poll once per tick. */
  readonly onWake?: (() => void) | undefined;
  /** How many bytes of received packets may wait to be fetched, from 1 on, see `ENetMultiplayerPeerOptions`. Default 64 MiB. */
  readonly maxQueuedBytes?: number | undefined;
  /**
   * Server: which pages may connect: origins (`https://game.example`) or a function. A request without an origin, as native
   * clients make it, passes a list. Default: all.
   */
  readonly origins?: readonly string[] | OriginCheck | undefined;
  /** Server: the only addresses that may connect, e.g. `10.0.0.0/8`. Default: all. */
  readonly allow?: readonly string[] | undefined;
  /** Server: addresses that may not connect; it wins over `allow`. Default none. */
  readonly deny?: readonly string[] | undefined;
  /** Server: the only path that is served, e.g. `/game`. Default: every path. */
  readonly path?: string | undefined;
  /**
   * Server behind a proxy: the client's address, e.g. from a header that the proxy sets. What is no address, or `undefined`, leaves that
   * of the connection, which is the default. Without it, on a port of its own, addresses, rates and numbers are looked at before TLS and
   * HTTP; with it only when the request is there, and before TLS only how many connections come.
   */
  readonly clientAddress?: ((request: IncomingMessage) => string | undefined) | undefined;
  /** How many, how fast, how much. */
  readonly limits?: Partial<WebSocketLimits> | undefined;
  /**
   * Server: what happens to a client that takes too little of what is sent to it (`limits.maxBacklogBytes`). `'disconnect'`, the
   * default: it is disconnected by the next reliable packet, unreliable ones are refused. `'refuse'`: every packet is refused
   * until there is room (ERR_OUT_OF_MEMORY). A client never disconnects its server for it.
   */
  readonly whenBacklogged?: 'disconnect' | 'refuse' | undefined;
  /** After how much silence the other side is asked for a sign of life, in ms; 0: never. Default 15000. */
  readonly pingIntervalMs?: number | undefined;
  /** After how much silence a connection is ended, in ms; 0: never. Default 45000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How long `close()` lets arrive what was sent before, in ms, 0..2147483647; everything else of `close()` happens at once.
   * Default 0: what the system has not taken yet is lost.
   */
  readonly lingerMs?: number | undefined;
  /** The package `ws`, for programs whose bundle it is in. Default: it is loaded at first use. */
  readonly ws?: object | undefined;
}

/** The options with everything filled in that has a default. */
export interface WebSocketSettings {
  readonly runtime: Runtime;
  readonly limits: WebSocketLimits;
  readonly isAllowedOrigin: OriginCheck;
  /** Of addresses and rates. */
  readonly connectRules: ConnectRules;
  readonly path: string | undefined;
  /** Given: connections are those of a proxy, and only a request says whose it is. */
  readonly clientAddress: ((request: IncomingMessage) => string | undefined) | undefined;
  readonly refusesWhenBacklogged: boolean;
  readonly pingIntervalMs: number;
  readonly timeoutMs: number;
  readonly lingerMs: number;
}

/** The defaults of the options that are numbers or words. */
export const WEBSOCKET_DEFAULTS = {
  /** A client that takes too little is disconnected. */
  whenBacklogged: 'disconnect',
  /** 15 s. */
  pingIntervalMs: 15_000,
  /** 45 s. */
  timeoutMs: 45_000,
  /** `close()` waits for nothing. */
  lingerMs: 0,
} as const;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError or RangeError naming the option.
 */
export function checkWebSocketOptions(options: WebSocketMultiplayerPeerOptions): WebSocketSettings {
  checkOptions(options, OPTION_NAMES);
  const {
    path,
    clientAddress,
    whenBacklogged = WEBSOCKET_DEFAULTS.whenBacklogged,
    pingIntervalMs = WEBSOCKET_DEFAULTS.pingIntervalMs,
    timeoutMs = WEBSOCKET_DEFAULTS.timeoutMs,
    lingerMs = WEBSOCKET_DEFAULTS.lingerMs,
  } = options;
  const runtime = requireRuntime<Runtime>(options.runtime, 'WebSocketMultiplayerPeer', 'websocket');
  checkLinger(lingerMs);
  checkInteger('pingIntervalMs', pingIntervalMs, 0, MAX_MS, 'an integer');
  checkInteger('timeoutMs', timeoutMs, 0, MAX_MS, 'an integer');
  if (whenBacklogged !== 'disconnect' && whenBacklogged !== 'refuse') {
    throw new RangeError(
      `"whenBacklogged" expected "disconnect" or "refuse", got ${describe(whenBacklogged)}`,
    );
  }
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) {
    throw new RangeError(`"path" expected a path such as "/game", got ${describe(path)}`);
  }
  checkFunctions(options, ['onTrace', 'onError', 'onWake', 'clientAddress']);
  checkList('allow', options.allow, 'prefixes');
  checkList('deny', options.deny, 'prefixes');
  if (options.ws !== undefined && !isWs(options.ws))
    throw new TypeError(`"ws" expected the package ws, got ${describe(options.ws)}`);
  const limits = checkWebSocketLimits(options.limits);
  const connectRules = { ...limits, allow: [...(options.allow ?? [])], deny: [...(options.deny ?? [])] };
  // Each server makes its own; this one only shows bad prefixes.
  new ConnectGate(connectRules);
  return {
    runtime,
    limits,
    connectRules,
    isAllowedOrigin: originCheck(options.origins),
    path,
    clientAddress,
    refusesWhenBacklogged: whenBacklogged === 'refuse',
    pingIntervalMs,
    timeoutMs,
    lingerMs,
  };
}

/** Whether this has what is used of the package, as its namespace and its default export do. */
function isWs(value: unknown): boolean {
  const { WebSocket, WebSocketServer }: Partial<Record<'WebSocket' | 'WebSocketServer', unknown>> =
    Object(value);
  return typeof WebSocket === 'function' && typeof WebSocketServer === 'function';
}

function originCheck(origins: WebSocketMultiplayerPeerOptions['origins']): OriginCheck {
  if (origins === undefined) return () => true;
  if (typeof origins === 'function') return origins;
  if (!Array.isArray(origins) || origins.some((origin) => typeof origin !== 'string')) {
    throw new TypeError('"origins" expected an array of texts such as "https://game.example", or a function');
  }
  const list: ReadonlySet<string> = new Set(origins.map((origin: string) => origin.toLowerCase()));
  return (origin) => origin === undefined || list.has(origin.toLowerCase());
}

/** The clock counts 32 bits, half of which are the past. */
const MAX_MS = 0x7fff_ffff;

const OPTION_NAMES: OptionNames<WebSocketMultiplayerPeerOptions> = {
  runtime: true,
  onTrace: true,
  onError: true,
  onWake: true,
  maxQueuedBytes: true,
  origins: true,
  allow: true,
  deny: true,
  path: true,
  clientAddress: true,
  limits: true,
  whenBacklogged: true,
  pingIntervalMs: true,
  timeoutMs: true,
  lingerMs: true,
  ws: true,
};
