import { readFileSync } from 'node:fs';
import { CompressionMode } from 'godot-enet/godot';
import { ENetClient, ENetServer, TLSOptions } from 'godot-enet/server';

const [, , how] = process.argv;
const isDtls = how === 'dtls';
const tls = isDtls
  ? TLSOptions.server(readFileSync('t.key', 'utf8'), readFileSync('t.crt', 'utf8'))
  : undefined;
const trust = isDtls ? TLSOptions.client(readFileSync('t.crt', 'utf8')) : undefined;
const server = new ENetServer({ thread: how === 'thread', tls, bindAddress: '127.0.0.1' });
const client = new ENetClient({ tls: trust });
const mode = CompressionMode[how];
if (mode !== undefined) for (const side of [server, client]) side.setCompressionMode(mode);
server.on('packetReceived', (peer, packet) => server.sendPacket(peer.peerId, packet));
const error = server.createServer(0);
if (error !== 0) throw new Error(`createServer returned ${error}`);
if (how === 'thread') await new Promise((resolve) => server.once('serverStarted', resolve));
client.connectToServer(isDtls ? 'localhost' : '127.0.0.1', server.getLocalPort());
await client.connected();
const large = 'x'.repeat(5000);
const answer = new Promise((resolve) => client.on('packetReceived', (packet) => resolve(packet)));
client.sendPacket(['hello', 1, large]);
const [word, number, text] = await answer;
console.log(word === 'hello' && number === 1 && text === large ? 'ok' : 'other');
client.disconnectFromServer();
await new Promise((resolve) => server.once('peerDisconnected', resolve));
server.stopServer();
