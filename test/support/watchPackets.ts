/** What a transport is given to send, packet by packet, before it gets it. */
import type { MultiplayerPeer } from '../../src/godot/index.ts';

/** Looks at every packet from now on, with the peer that it is for as `setTargetPeer` was told it. */
export function watchPackets(
  transport: MultiplayerPeer,
  look: (target: number, bytes: Uint8Array) => void,
): void {
  let target = 0;
  const setTarget = transport.setTargetPeer.bind(transport);
  const put = transport.putPacket.bind(transport);
  transport.setTargetPeer = (id) => {
    target = id;
    setTarget(id);
  };
  transport.putPacket = (bytes) => {
    look(target, bytes);
    return put(bytes);
  };
}
