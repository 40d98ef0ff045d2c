/** The server: native players over ENet, players in browsers over WebSockets, in one game. */
import { ENetMultiplayerPeer } from 'godot-enet/godot';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from 'godot-enet/websocket';
import { createGame, serve } from './game.js';

const PORT = Number(process.env['PORT'] ?? 7777);
const WEB_PORT = Number(process.env['WEB_PORT'] ?? 7778);

const game = createGame({ onTrace: (line) => console.error(line) });
serve(game);
const enet = new ENetMultiplayerPeer();
const web = new WebSocketMultiplayerPeer();
if (enet.createServer(PORT) !== 0 || web.createServer(WEB_PORT) !== 0 || (await web.whenListening()) !== 0)
  throw new Error(`UDP port ${PORT} or TCP port ${WEB_PORT} is taken`);
game.multiplayer.multiplayerPeer = new JoinedMultiplayerPeer([enet, web]);
game.multiplayer.start({ tickHz: 30 });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => game.multiplayer.close());
console.log(`UDP port ${enet.getLocalPort()}, WebSockets on port ${web.getLocalPort()}`);
console.log('Open the folder "game" in Godot 4 and play it, in as many windows as you like.');
