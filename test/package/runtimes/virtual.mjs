import { ENetClient, ENetServer } from 'godot-enet/server';
import { SimNetwork } from 'godot-enet/testing';

const network = new SimNetwork({ seed: 7, latencyMs: 40, loss: 0.1 });
const server = new ENetServer({ runtime: network.createRuntime('10.0.0.1') });
const client = new ENetClient({ runtime: network.createRuntime('10.0.0.2') });
let isIn = false;
server.on('peerAuthenticated', () => {
  isIn = true;
});
server.createServer(4433);
client.connectToServer('10.0.0.1', 4433);
network.runUntil(() => isIn, 10_000, 'the client is in');
client.disconnectFromServer();
server.stopServer();
console.log('ok');
