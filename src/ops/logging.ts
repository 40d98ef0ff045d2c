/** Structured logs: one line per thing that happened, through a logger with the methods of pino. */

import type { Diagnosis } from '../doctor/index.ts';
import type { ErrorReporter } from '../godot/index.ts';
import type { ENetServer, ENetServerPeer } from '../server/index.ts';

/** What a logger must have: pino's own signature, which bunyan and others share. */
export interface Logger {
  /** Fine detail. */
  debug(fields: object, message: string): void;
  /** What an operator wants to see. */
  info(fields: object, message: string): void;
  /** Something was refused. */
  warn(fields: object, message: string): void;
  /** Something is wrong with the application. */
  error(fields: object, message: string): void;
}

/** Options for the constructor of a server, that send what it reports to a logger. */
export interface LoggingOptions {
  /** For `ENetServerOptions.onError`: level error, fields `err` and `where`. */
  readonly onError: ErrorReporter;
  /** For `ENetServerOptions.onTrace`: level debug. */
  readonly onTrace: (line: string) => void;
  /** For `ENetServerOptions.onDiagnosis`: level warn, fields `code`, `address` and `peerPort`. */
  readonly onDiagnosis: (diagnosis: Diagnosis) => void;
}

/** Makes `onError`, `onTrace` and `onDiagnosis` of a server: `new ENetServer({ ...loggingOptions(logger) })`. */
export function loggingOptions(logger: Logger): LoggingOptions {
  return {
    onError: (error, where) => logger.error({ err: error, where }, 'application code failed'),
    onTrace: (line) => logger.debug({}, line),
    onDiagnosis: ({ code, address, message }) =>
      logger.warn({ code, address: address.ip, peerPort: address.port }, message),
  };
}

/**
 * Logs the life of a server and of its peers: info for start, stop, authentication and end, debug for connections.
 * Fields: `port`, `peerId`, `address`, `peerPort`, `reason`, `cause` (a `DisconnectCause`), `seconds`. Payloads and logins are never logged.
 *
 * @returns a function that ends it.
 */
export function logServer(server: ENetServer, logger: Logger): () => void {
  const onStarted = (port: number): void => logger.info({ port }, 'server started');
  const onStopped = (): void => logger.info({}, 'server stopped');
  const onConnecting = (peer: ENetServerPeer): void => logger.debug(fieldsOf(peer), 'peer connected');
  const onAuthenticated = (peer: ENetServerPeer): void => logger.info(fieldsOf(peer), 'peer authenticated');
  const onDisconnected = (peer: ENetServerPeer, reason: string): void =>
    logger.info(
      {
        ...fieldsOf(peer),
        reason,
        cause: peer.disconnectCause,
        seconds: peer.getConnectionTime(),
      },
      'peer disconnected',
    );
  server.on('serverStarted', onStarted);
  server.on('serverStopped', onStopped);
  server.on('peerConnecting', onConnecting);
  server.on('peerAuthenticated', onAuthenticated);
  server.on('peerDisconnected', onDisconnected);
  return () => {
    server.off('serverStarted', onStarted);
    server.off('serverStopped', onStopped);
    server.off('peerConnecting', onConnecting);
    server.off('peerAuthenticated', onAuthenticated);
    server.off('peerDisconnected', onDisconnected);
  };
}

function fieldsOf(peer: ENetServerPeer): { peerId: number; address: string; peerPort: number } {
  return { peerId: peer.peerId, address: peer.remoteAddress, peerPort: peer.remotePort };
}
