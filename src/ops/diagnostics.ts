/** What a server does, on channels of `node:diagnostics_channel`, for monitoring that knows nothing of the program. */
import { channel } from 'node:diagnostics_channel';
import type { OperatedServer } from './operatedServer.ts';

/** The names of the channels. Messages are objects with `server` and, where there is one, `peer`: an `OperatedPeer`, of an ENetServer an `ENetServerPeer`. */
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
 * Publishes what happens to a server of any kind on these channels; without a subscriber it costs next to nothing.
 *
 * @returns a function that ends it.
 */
export function publishDiagnostics(server: OperatedServer): () => void {
  const publishing = (name: string): ((message?: object) => void) => {
    const told = channel(name);
    return (message) => {
      if (told.hasSubscribers) told.publish({ server, ...message });
    };
  };
  const started = publishing(DiagnosticsChannel.SERVER_STARTED);
  const connected = publishing(DiagnosticsChannel.PEER_CONNECTED);
  const authenticated = publishing(DiagnosticsChannel.PEER_AUTHENTICATED);
  const disconnected = publishing(DiagnosticsChannel.PEER_DISCONNECTED);
  const stopped = publishing(DiagnosticsChannel.SERVER_STOPPED);
  return server.ops.observe({
    started: (port) => started({ port }),
    stopped: () => stopped(),
    connected: (peer) => connected({ peer }),
    authenticated: (peer) => authenticated({ peer }),
    disconnected: (peer, reason) => disconnected({ peer, reason }),
  });
}
