import { WebSocketMultiplayerPeer } from 'godot-enet/websocket';

const server = new WebSocketMultiplayerPeer({
  onWake() {
    server.poll();
    while (server.getAvailablePacketCount() > 0) {
      server.setTargetPeer(server.getPacketPeer());
      server.putPacket(server.getPacket());
    }
  },
});
const error = server.createServer(0, '127.0.0.1');
if (error !== 0) throw new Error(`createServer returned ${error}`);
await server.whenListening();
const client = new WebSocketMultiplayerPeer({
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
client.createClient(`ws://127.0.0.1:${server.localPort}`);
