/**
 * A seeded game over ENet on the virtual network: 8 clients, 20 ticks a second, and per tick and client 6 reliable calls of
 * 2 ints from the server; also with watched properties that change, and with spawned nodes that move. Counted: everything that
 * leaves the server, with IP and UDP headers, acknowledgements and pings.
 */
import { Vector2 } from '../codec/index.ts';
import { type MirrorNode, SceneMirror, SceneReplicationConfig } from '../schema/index.ts';
import { ENetMultiplayerPeer } from '../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { NodeScript, rpc } from '../src/multiplayer/NodeScript.ts';
import { SceneMultiplayer } from '../src/multiplayer/SceneMultiplayer.ts';
import { SimNetwork } from '../src/testing/SimNetwork.ts';

/** What one game came to. */
export interface BusyGame {
  readonly calls: number;
  readonly datagrams: number;
  readonly bytes: number;
}

class Units extends NodeScript {
  static override readonly path: string = 'res://units.gd';
  static override readonly rpcs = { moved: rpc('authority').args('int', 'int') };
  received = 0;

  moved(): void {
    this.received++;
  }
}

/** Plays it. @throws Error when a call got lost, or a value did not arrive. */
export function playBusyGame(
  compatibility: 'safe' | 'engine',
  {
    ticks = 200,
    clients = 8,
    callsPerClient = 6,
    tickMs = 50,
    seed = 1,
    watched = 0,
    nodes = 0,
    moving = 0,
    hasTurns = false,
  } = {},
): BusyGame {
  const network = new SimNetwork({ seed, latencyMs: 20 });
  let [datagrams, bytes] = [0, 0];
  network.onDatagram((datagram) => {
    if (datagram.from.ip !== SERVER_IP || datagram.fate !== 'sent') return;
    datagrams++;
    bytes += datagram.bytes.length + HEADER_BYTES;
  });
  const sides = Array.from({ length: clients + 1 }, (_, i) => {
    const mirror = new SceneMirror();
    mirror.registerScript(Units);
    const node = mirror.root.addChild({ name: 'Units', class: 'Node', script: 'res://units.gd' });
    const runtime = network.createRuntime(i === 0 ? SERVER_IP : `10.0.1.${i}`);
    const peer = new ENetMultiplayerPeer({ runtime });
    if (i === 0) peer.createServer(PORT, clients);
    else peer.createClient(SERVER_IP, PORT);
    // The clients are as stock ones.
    const multiplayer = new SceneMultiplayer({
      mirror,
      runtime,
      compatibility: i === 0 ? compatibility : 'engine',
      serverRelay: false,
      instantiate: (path) => unit(mirror, path),
    });
    multiplayer.multiplayerPeer = peer;
    const level = mirror.root.addChild({ name: 'Level', class: 'Node' });
    const spawner = multiplayer.spawner(
      mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' }),
    );
    spawner.addSpawnableScene('res://unit.tscn');
    spawner.addSpawnableScene('res://sign.tscn');
    spawner.spawnPath = '../Level';
    return { multiplayer, node, level, script: mirror.scriptOf(node) as Units };
  });
  const [server] = sides;
  if (server === undefined) throw new Error('there is no server');
  const run = (count: number, play: () => void): void => {
    for (let i = 0; i < count; i++) {
      // Clients run at 60 Hz or so, not in step with the server.
      for (let part = 0; part < 4; part++) {
        network.advance(tickMs / 4);
        for (const side of sides.slice(1)) side.multiplayer.poll();
      }
      // As `start` does it: the game, then what it has changed, then everything leaves together.
      play();
      server.multiplayer.poll();
    }
  };
  const signs = Array.from({ length: watched }, () =>
    server.level.addChild(unit(server.multiplayer.mirror, 'res://sign.tscn'), true),
  );
  const units = Array.from({ length: nodes }, () =>
    server.level.addChild(unit(server.multiplayer.mirror, 'res://unit.tscn'), true),
  );
  // What rests has arrived for certain.
  run(60, () => undefined);
  [datagrams, bytes] = [0, 0];
  let tick = 0;
  run(ticks, () => {
    tick++;
    for (const sign of signs) sign.set('position', new Vector2(tick, -tick));
    const count = Math.round(nodes * moving);
    const first = hasTurns ? (tick * count) % Math.max(1, nodes) : 0;
    for (const one of units.slice(first, first + count)) one.set('position', new Vector2(tick, tick));
    for (const id of server.multiplayer.getPeers())
      for (let call = 0; call < callsPerClient; call++) server.node.rpcId(id, 'moved', call, 1000 * call);
  });
  const result = { calls: ticks * clients * callsPerClient, datagrams, bytes };
  run(20, () => undefined);
  const received = sides.slice(1).reduce((sum, { script }) => sum + script.received, 0);
  if (received !== result.calls) throw new Error(`${received} of ${result.calls} calls arrived`);
  for (const { level } of sides.slice(1))
    for (const one of server.level.getChildren())
      if (String(level.findChild(one.name)?.get('position')) !== String(one.get('position')))
        throw new Error(`${one.name} has not arrived`);
  return result;
}

/** A node with one Vector2: sent always, or on change. */
function unit(mirror: SceneMirror, path: string): MirrorNode {
  const config = new SceneReplicationConfig();
  config.addProperty('.:position');
  if (path === 'res://sign.tscn') config.propertySetReplicationMode('.:position', 2);
  return mirror.createNode({
    name: 'Unit',
    class: 'Node2D',
    instance: path,
    children: [
      { name: 'Sync', class: 'MultiplayerSynchronizer', properties: { replication_config: config } },
    ],
  });
}

const SERVER_IP = '10.0.0.1';
const PORT = 7777;
/** IPv4 and UDP. */
const HEADER_BYTES = 28;
