/**
 * The package `ws`, as far as it is used here. Its shapes are written down, not imported: the declarations of this package need
 * none of its.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { loadOptional } from '../io/internal.ts';

/** A `WebSocket`. */
export interface WsSocket {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that wait to be taken by the system. */
  readonly bufferedAmount: number;
  send(data: Uint8Array): void;
  ping(): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  on(event: 'message', listener: (data: Uint8Array, isBinary: boolean) => void): unknown;
  on(event: 'close', listener: (code: number, reason: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'ping' | 'pong', listener: () => void): unknown;
  on(event: 'upgrade', listener: (response: IncomingMessage) => void): unknown;
  removeAllListeners(): unknown;
}

/** A `WebSocketServer` without a server of its own. */
export interface WsServer {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    done: (socket: WsSocket) => void,
  ): void;
  on(event: 'headers', listener: (headers: string[]) => void): unknown;
  on(event: 'wsClientError', listener: (error: Error, socket: Duplex) => void): unknown;
  removeAllListeners(): unknown;
}

/** The module. */
export interface WsModule {
  readonly WebSocket: new (
    url: string,
    protocols: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ) => WsSocket;
  readonly WebSocketServer: new (options: Readonly<Record<string, unknown>>) => WsServer;
}

/** `readyState` of a socket on which something can be sent. */
export const OPEN = 1;

/**
 * Loads the package, the first time from the disk.
 *
 * @throws PackageUnavailableError when it is not there.
 */
export function loadWs(className: string): WsModule {
  return loadOptional(className, 'ws') as WsModule;
}
