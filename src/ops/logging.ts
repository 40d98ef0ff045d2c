/** Structured logs: one line per thing that happened, through a logger with the methods of pino. */

import type { Diagnosis } from '../doctor/index.ts';
import type { ErrorReporter, OperatedPeer } from '../godot/index.ts';
import type { MultiplayerDiagnosis } from '../multiplayer/index.ts';
import type { OperatedServer } from './operatedServer.ts';

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
  /**
   * For `ENetServerOptions.onDiagnosis`: level warn, fields `code`, `address` and `peerPort`; for that of a `SceneMultiplayer`: `code`,
   * `peerId`, `nodePath`, `method`, `detail` and `remedy`.
   */
  readonly onDiagnosis: (diagnosis: Diagnosis | MultiplayerDiagnosis) => void;
}

/** Makes `onError`, `onTrace` and `onDiagnosis` of a server of any kind: `new ENetServer({ ...loggingOptions(logger) })`. */
export function loggingOptions(logger: Logger): LoggingOptions {
  return {
    onError: (error, where) => logger.error({ err: error, where }, 'application code failed'),
    onTrace: (line) => logger.debug({}, line),
    onDiagnosis: (diagnosis) => logger.warn(diagnosisFields(diagnosis), diagnosis.message),
  };
}

/**
 * Logs the life of a server of any kind and of its peers: info for start, stop, authentication and end, debug for connections.
 * Fields: `port`, `peerId`, `address`, `peerPort` (of a peer whose address is known), `reason`, `cause` (a `DisconnectCause`), `seconds`.
 * Payloads and logins are never logged.
 *
 * @returns a function that ends it.
 */
export function logServer(server: OperatedServer, logger: Logger): () => void {
  return server.ops.observe({
    started: (port) => logger.info({ port }, 'server started'),
    stopped: () => logger.info({}, 'server stopped'),
    connected: (peer) => logger.debug(fieldsOf(peer), 'peer connected'),
    authenticated: (peer) => logger.info(fieldsOf(peer), 'peer authenticated'),
    disconnected: (peer, reason, cause) =>
      logger.info(
        { ...fieldsOf(peer), reason, cause, seconds: peer.getConnectionTime() },
        'peer disconnected',
      ),
  });
}

function diagnosisFields(diagnosis: Diagnosis | MultiplayerDiagnosis): object {
  if ('address' in diagnosis) {
    const { code, address } = diagnosis;
    return { code, address: address.ip, peerPort: address.port };
  }
  const { code, peer, nodePath, method, detail, remedy } = diagnosis;
  return { code, peerId: peer, nodePath, method, detail, remedy };
}

function fieldsOf({ peerId, remoteAddress, remotePort }: OperatedPeer): object {
  return remoteAddress === '' ? { peerId } : { peerId, address: remoteAddress, peerPort: remotePort };
}
