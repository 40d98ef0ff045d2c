/** The getters that golden cases ask. */
import type { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';

/** What a getter of the engine's name answers. */
export function ask(multiplayer: SceneMultiplayer, method: string): unknown {
  switch (method) {
    case 'get_unique_id':
      return multiplayer.getUniqueId();
    case 'get_peers':
      return multiplayer.getPeers();
    case 'get_authenticating_peers':
      return multiplayer.getAuthenticatingPeers();
    case 'get_auth_timeout':
      return multiplayer.authTimeout;
    case 'is_server':
      return multiplayer.isServer();
    case 'get_remote_sender_id':
      return multiplayer.getRemoteSenderId();
    case 'has_multiplayer_peer':
      return multiplayer.hasMultiplayerPeer();
    case 'get_max_sync_packet_size':
      return multiplayer.maxSyncPacketSize;
    case 'get_max_delta_packet_size':
      return multiplayer.maxDeltaPacketSize;
    default:
      throw new Error(`a question that this runner does not know: ${method}`);
  }
}
