import { ENetMultiplayerPeer } from 'godot-enet/godot';

const server = new ENetMultiplayerPeer({
  onWake() {
    server.poll();
    while (server.getAvailablePacketCount() > 0) {
      server.setTargetPeer(server.getPacketPeer());
      server.putPacket(server.getPacket());
    }
  },
});
if (server.createServer(0) !== 0) throw new Error('no server');
const client = new ENetMultiplayerPeer({
  onWake() {
    client.poll();
    while (client.getAvailablePacketCount() > 0) {
      console.log(new TextDecoder().decode(client.getPacket()));
      client.close();
      server.close();
    }
  },
});
client.on('peerConnected', () => client.putPacket(new TextEncoder().encode('ok')));
client.createClient('127.0.0.1', server.host.getLocalPort());
