/** Servers of each kind on 127.0.0.1, with a player each, for the console. */
import { SceneMirror } from '../../schema/index.ts';
import { ClusterNode, MemoryHub } from '../../src/cluster.ts';
import { ENetMultiplayerPeer, type MultiplayerPeer, TLSOptions } from '../../src/godot.ts';
import type { Inspector } from '../../src/inspector.ts';
import { NodeScript, rpc, SceneMultiplayer } from '../../src/multiplayer.ts';
import { createSelfSignedCertificate } from '../../src/ops.ts';
import { Room, RoomServer } from '../../src/rooms.ts';
import { ENetClient, ENetServer } from '../../src/server.ts';
import { WebSocketMultiplayerPeer } from '../../src/websocket.ts';
import { closing } from './support.ts';

/** The script of the game. */
export class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = {
    told: rpc('authority').args('String'),
    say: rpc('any_peer').args('String'),
  };
  readonly heard: string[] = [];
  told(text: string): void {
    this.heard.push(text);
  }
  say(): void {}
}

export function gameMirror(): SceneMirror {
  const mirror = new SceneMirror();
  mirror.registerScript(Main);
  mirror.root.addChild({
    name: 'Main',
    class: 'Node2D',
    script: 'res://main.gd',
    properties: {},
    children: [{ name: 'Child', class: 'Node' }],
  });
  return mirror;
}

class Arena extends Room {
  override endsWhenEmpty = false;
  override makeMirror(): SceneMirror {
    return gameMirror();
  }
}

/** Anything true within some seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`never: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** An ENetServer with a client that has a tree of its own. */
export async function enetServer(
  inspector: Inspector,
  isSecure = false,
): Promise<{ readonly server: ENetServer; readonly client: ENetClient }> {
  const made = isSecure ? await createSelfSignedCertificate({ names: ['127.0.0.1'] }) : undefined;
  const server = new ENetServer({
    bindAddress: '127.0.0.1',
    host: { trace: inspector.trace },
    ...(made && { tls: TLSOptions.server(made.key, made.certificate) }),
  });
  server.createServer(0);
  closing({ close: () => server.stopServer() });
  const client = new ENetClient(made && { tls: TLSOptions.client(made.certificate) });
  closing({ close: () => client.disconnectFromServer() });
  client.connectToServer('127.0.0.1', server.getLocalPort());
  await until(() => server.getAuthenticatedPeerCount() === 1);
  return { server, client };
}

export function enetTransport(inspector: Inspector): ENetMultiplayerPeer {
  const peer = new ENetMultiplayerPeer({ host: { trace: inspector.trace } });
  peer.setBindIp('127.0.0.1');
  peer.createServer(0);
  return peer;
}

/** A client of a SceneMultiplayer. */
export function sceneClient(port: number): { readonly multiplayer: SceneMultiplayer; readonly main: Main } {
  const mirror = gameMirror();
  const multiplayer = new SceneMultiplayer({ mirror });
  const peer = new ENetMultiplayerPeer();
  peer.createClient('127.0.0.1', port);
  multiplayer.multiplayerPeer = peer;
  multiplayer.start({ tickHz: 60 });
  closing(multiplayer);
  const main = mirror.scriptOf(mirror.getNode('/root/Main') as never) as Main;
  return { multiplayer, main };
}

/** A SceneMultiplayer with a player. */
export async function sceneServer(inspector: Inspector): Promise<{
  readonly server: SceneMultiplayer;
  readonly client: ReturnType<typeof sceneClient>;
  readonly transport: MultiplayerPeer;
}> {
  const server = new SceneMultiplayer({ mirror: gameMirror() });
  const transport = enetTransport(inspector);
  server.multiplayerPeer = transport;
  server.start({ tickHz: 60 });
  closing(server);
  const client = sceneClient(transport.getLocalPort());
  await until(() => server.getPeers().length === 1 && client.multiplayer.getPeers().length === 1);
  return { server, client, transport };
}

/** A RoomServer with two rooms and a player in the first. */
export async function roomServer(
  inspector: Inspector,
): Promise<{ readonly rooms: RoomServer; readonly client: ReturnType<typeof sceneClient> }> {
  const transport = enetTransport(inspector);
  const rooms = new RoomServer({ transport, entry: 'arena' }).define('arena', Arena);
  rooms.start();
  closing(rooms);
  await rooms.create('arena', undefined, { id: 'one' });
  const client = sceneClient(transport.getLocalPort());
  await until(() => rooms.players[0]?.room !== undefined && client.multiplayer.getPeers().length === 1);
  await rooms.create('arena', undefined, { id: 'two' });
  return { rooms, client };
}

/** A node of a cluster with a room and a player. */
export async function clusterNode(inspector: Inspector): Promise<ClusterNode> {
  const transport = enetTransport(inspector);
  const rooms = new RoomServer({ transport, entry: 'arena' }).define('arena', Arena);
  rooms.start();
  const node = new ClusterNode({ bus: new MemoryHub().connect(), rooms, id: 'ulm' });
  closing(node);
  await node.start();
  sceneClient(transport.getLocalPort());
  await until(() => rooms.players[0]?.room !== undefined);
  return node;
}

/** A WebSocketMultiplayerPeer that somebody polls, with a client. */
export async function webSocketPeer(): Promise<WebSocketMultiplayerPeer> {
  const server = new WebSocketMultiplayerPeer();
  server.createServer(0, '127.0.0.1');
  await server.whenListening();
  const client = new WebSocketMultiplayerPeer();
  client.createClient(`ws://127.0.0.1:${server.localPort}`);
  const timer = setInterval(() => {
    server.poll();
    client.poll();
  }, 10);
  closing({
    close: () => {
      clearInterval(timer);
      client.close();
      server.close();
    },
  });
  await until(() => server.connectedPeers().length === 1);
  return server;
}
