/** What happens to an ENetServer, for its operator: its signals under the names that all kinds of servers have. */
import type { OperatorEvents } from '../godot/index.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import type { ENetServerSignals } from './serverSignals.ts';
import type { SignalEmitter } from './signals.ts';

/** Tells of a server from now on. @returns a function that ends it. */
export function observeServer(server: SignalEmitter<ENetServerSignals>, events: OperatorEvents): () => void {
  const started = (port: number): void => events.started?.(port);
  const stopped = (): void => events.stopped?.();
  const connected = (peer: ENetServerPeer): void => events.connected?.(peer);
  const authenticated = (peer: ENetServerPeer): void => events.authenticated?.(peer);
  const disconnected = (peer: ENetServerPeer, reason: string): void =>
    events.disconnected?.(peer, reason, peer.disconnectCause);
  server.on('serverStarted', started).on('serverStopped', stopped);
  server.on('peerConnecting', connected).on('peerAuthenticated', authenticated);
  server.on('peerDisconnected', disconnected);
  return () => {
    server.off('serverStarted', started).off('serverStopped', stopped);
    server.off('peerConnecting', connected).off('peerAuthenticated', authenticated);
    server.off('peerDisconnected', disconnected);
  };
}
