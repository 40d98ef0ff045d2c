/** What a server does, on channels of `node:diagnostics_channel`, for monitoring that knows nothing of the program. */
import { channel } from 'node:diagnostics_channel';
import type { ENetServer, ENetServerPeer } from '../server/index.ts';

/** The names of the channels. Messages are objects with `server` and, where there is one, `peer`. */
export const DiagnosticsChannel = {
  /** `{ server, port }` */
  SERVER_STARTED: 'godot-enet:server.started',
  /** `{ server }` */
  SERVER_STOPPED: 'godot-enet:server.stopped',
  /** `{ server, peer }` */
  PEER_CONNECTED: 'godot-enet:peer.connected',
  /** `{ server, peer }` */
  PEER_AUTHENTICATED: 'godot-enet:peer.authenticated',
  /** `{ server, peer, reason }` */
  PEER_DISCONNECTED: 'godot-enet:peer.disconnected',
} as const;

/**
 * Publishes the signals of a server on these channels; without a subscriber it costs next to nothing.
 *
 * @returns a function that ends it.
 */
export function publishDiagnostics(server: ENetServer): () => void {
  const started = channel(DiagnosticsChannel.SERVER_STARTED);
  const stopped = channel(DiagnosticsChannel.SERVER_STOPPED);
  const connected = channel(DiagnosticsChannel.PEER_CONNECTED);
  const authenticated = channel(DiagnosticsChannel.PEER_AUTHENTICATED);
  const disconnected = channel(DiagnosticsChannel.PEER_DISCONNECTED);
  const onStarted = (port: number): void => {
    if (started.hasSubscribers) started.publish({ server, port });
  };
  const onStopped = (): void => {
    if (stopped.hasSubscribers) stopped.publish({ server });
  };
  const onConnected = (peer: ENetServerPeer): void => {
    if (connected.hasSubscribers) connected.publish({ server, peer });
  };
  const onAuthenticated = (peer: ENetServerPeer): void => {
    if (authenticated.hasSubscribers) authenticated.publish({ server, peer });
  };
  const onDisconnected = (peer: ENetServerPeer, reason: string): void => {
    if (disconnected.hasSubscribers) disconnected.publish({ server, peer, reason });
  };
  server.on('serverStarted', onStarted);
  server.on('serverStopped', onStopped);
  server.on('peerConnecting', onConnected);
  server.on('peerAuthenticated', onAuthenticated);
  server.on('peerDisconnected', onDisconnected);
  return () => {
    server.off('serverStarted', onStarted);
    server.off('serverStopped', onStopped);
    server.off('peerConnecting', onConnected);
    server.off('peerAuthenticated', onAuthenticated);
    server.off('peerDisconnected', onDisconnected);
  };
}
