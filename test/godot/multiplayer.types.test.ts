/** What must compile, and what must not. Checked by the type check, never run. */
import {
  type ENetConnection,
  ENetMultiplayerPeer,
  type GodotError,
  MultiplayerPeer,
  type TransferMode,
  type VersionRange,
} from '../../src/godot.ts';

const peer = new ENetMultiplayerPeer();
peer.on('peerConnected', (id) => id.toFixed()).once('peerDisconnected', () => undefined);
const host: ENetConnection | null = peer.host;
const error: GodotError = peer.createServer(7777, 32, 0, 0, 0);
const mode: TransferMode = peer.transferMode;
const base: MultiplayerPeer = peer;
const hint: VersionRange | undefined = base.versionHintOf(2);
base.setTargetPeer(MultiplayerPeer.TARGET_PEER_BROADCAST);
peer.transferMode = ENetMultiplayerPeer.TRANSFER_MODE_UNRELIABLE;

for (const name of ['peerConnected', 'peerDisconnected'] as const) peer.on(name, (id: number) => void id);

// @ts-expect-error no such signal
peer.on('serverDisconnected', () => undefined);
// @ts-expect-error an id is a number
peer.on('peerConnected', (id: string) => id);
// @ts-expect-error nothing was created yet, perhaps
peer.host.compress(0);
// @ts-expect-error the host is read-only
peer.host = null;
// @ts-expect-error a mode is 0, 1 or 2
peer.transferMode = 3;
// @ts-expect-error the base is abstract
new MultiplayerPeer({ random32: () => 1 });

void [host, error, mode, hint];
