/**
 * The clients of `syncStep.ts --enet`: they acknowledge, and throw away what they get. Arguments: the port, how many.
 * Ends when its standard input does.
 */
import { ENetMultiplayerPeer } from '../src/godot.ts';

const [, , port = '0', count = '100'] = process.argv;
const peers = Array.from({ length: Number(count) }, () => {
  const peer = new ENetMultiplayerPeer();
  peer.createClient('127.0.0.1', Number(port));
  return peer;
});
const timer = setInterval(() => {
  for (const peer of peers) {
    peer.poll();
    while (peer.getAvailablePacketCount() > 0) peer.getPacket();
  }
}, 10);
process.stdin.resume().once('end', () => {
  clearInterval(timer);
  for (const peer of peers) peer.close();
});
