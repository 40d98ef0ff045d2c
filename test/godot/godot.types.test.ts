/** What must compile, and what must not. Checked by the type check, never run. */
import { ENetConnection, ENetPacketPeer, GodotError, type ServiceEvent } from '../../src/godot.ts';

const connection = new ENetConnection();
const error: GodotError = connection.createHostBound('*', 4433, 32, 2);
const isFine: boolean = error === GodotError.OK;

const [type, peer, data, channel] = connection.service();
if (type === ENetConnection.EVENT_RECEIVE) {
  // The event type says that there is a peer.
  const packet: Uint8Array = peer.getPacket();
  peer.send(channel, packet, ENetPacketPeer.FLAG_RELIABLE);
} else if (type === ENetConnection.EVENT_NONE) {
  const nobody: null = peer;
  void nobody;
} else if (type !== ENetConnection.EVENT_ERROR) {
  peer.peerDisconnect(data);
}

async function iterate(): Promise<void> {
  for await (const [kind, from] of connection.events({ signal: new AbortController().signal })) {
    const known: 1 | 2 | 3 = kind;
    from.reset();
    void known;
  }
}

const state: typeof ENetPacketPeer.STATE_CONNECTED = 5;
const mode: 3 = ENetConnection.COMPRESS_ZLIB;
connection.compress(mode);

// @ts-expect-error the constructor is private
new ENetPacketPeer();
// @ts-expect-error no such mode
connection.compress(9);
// @ts-expect-error bytes, not text
connection.broadcast(0, 'text', 0);
// @ts-expect-error an event of service() may have no peer
connection.service()[1].reset();
// @ts-expect-error options are checked
new ENetConnection({ trace: true });
// @ts-expect-error a constant cannot be changed
ENetConnection.COMPRESS_ZLIB = 4;

void [isFine, iterate, state];

export type { ServiceEvent };
