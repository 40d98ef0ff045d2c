/** What must compile for users of ENetServer and ENetClient, and what must not. Checked by tsc. */
import { ENetClient, ENetServer, type ENetServerPeer, type ReceivedDictionary } from '../../src/server.ts';

const server = new ENetServer();
const client = new ENetClient({ onError: (error: unknown, where: string) => console.log(error, where) });

server
  .on('serverStarted', (port: number) => port)
  .on('peerConnecting', (peer: ENetServerPeer, data: number) => peer.reject(String(data)))
  .on('peerPrelogin', async (peer, login: ReceivedDictionary) => {
    if (login.get('token') === 'secret') peer.authenticate();
  })
  .on('packetReceived', (peer, packet, channel) => peer.sendPacket(packet, channel, true))
  .once('serverStopped', () => undefined);
client.on('customEventReceived', (name: string, payload, channel: number) => [
  name,
  payload.get('x'),
  channel,
]);
client.on('connectionFailed', (reason: string) => reason);

server.setCustomAuthenticator((peer, login) => login.get('id') === peer.peerId);
server.setCustomAuthenticator(async () => true);
server.registerEvent('jump', (peer, payload, channel) => {
  server.triggerEvent(peer.peerId, 'jumped', payload, channel);
});
server.triggerEventToAll('spawn', { at: [1, 2], deep: { x: null } }, 0, false, new Set([1]));
server.sendPacketToMultiple([1, 2], new Map([['a', 1n]]));
server.sendPacket(1, { _toPacket: () => new Uint8Array(1) });

// @ts-expect-error there is no such signal
server.on('peerConnected', () => undefined);
// @ts-expect-error the second argument is a number
server.on('peerConnecting', (peer: ENetServerPeer, data: string) => [peer, data]);
// @ts-expect-error serverStopped has no arguments
server.on('serverStopped', (port: number) => port);
// @ts-expect-error a client's packetReceived begins with the packet
client.on('packetReceived', (peer: ENetServerPeer) => peer);
// @ts-expect-error a symbol has no Variant
server.sendPacket(1, Symbol('x'));
// @ts-expect-error a payload is no text
client.triggerEvent('jump', 'text');
// @ts-expect-error peers are made by the server
server.getPeer(1).peerId = 5;
// @ts-expect-error getPeer may give null
server.getPeer(1).disconnectPeer();
