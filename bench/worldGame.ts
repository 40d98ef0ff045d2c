/**
 * The recorded game golden/multiplayer/sessions/world.json, played by SceneMultiplayer itself: the same tree, the same scenes, the same
 * acts at the same times (golden/generate/multiplayer/sessions), on the virtual network with 60 frames a second. Counted: everything
 * that leaves the server, with IP and UDP headers, acknowledgements and pings.
 */
import { Vector2 } from '../codec/index.ts';
import { type MirrorNode, SceneMirror, SceneReplicationConfig } from '../schema/index.ts';
import { ENetMultiplayerPeer } from '../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { NodeScript, rpc } from '../src/multiplayer/NodeScript.ts';
import { SceneMultiplayer } from '../src/multiplayer/SceneMultiplayer.ts';
import { SimNetwork } from '../src/testing/SimNetwork.ts';
import type { Sent } from './recordedGame.ts';

const FRAME_MS = 1000 / 60;
const END_MS = 6400;
const SERVER_IP = '10.0.0.1';
const PORT = 7777;
/** IPv4 and UDP. */
const HEADER_BYTES = 28;
const NAMES = ['c1', 'c2', 'c3'] as const;
type Name = (typeof NAMES)[number];

class Game extends NodeScript {
  static override readonly path: string = 'res://game.gd';
  static override readonly rpcs = {
    chat: rpc('any_peer', 'call_local', 'reliable'),
    whisper: rpc('any_peer', 'call_remote', 'reliable'),
    tick: rpc('any_peer', 'call_remote', 'unreliable_ordered', 1),
    state: rpc('authority', 'call_remote', 'unreliable', 2),
    announce: rpc('authority', 'call_local'),
    roster: rpc('authority'),
  };
  roster(): void {}
}

class Player extends NodeScript {
  static override readonly path: string = 'res://player.gd';
  static override readonly rpcs = { hurt: rpc('any_peer', 'call_local') };
  override _enterTree(): void {
    this.node.getNode('Input')?.setMultiplayerAuthority(Number(this.node.name));
  }
  hurt(): void {}
}

/** One process of the game. */
class Side {
  readonly mirror = new SceneMirror();
  readonly peer: ENetMultiplayerPeer;
  readonly multiplayer: SceneMultiplayer;
  readonly game: MirrorNode;
  readonly level: MirrorNode;

  constructor(network: SimNetwork, ip: string, compatibility: 'safe' | 'engine') {
    const { mirror } = this;
    mirror.registerScript(Game).registerScript(Player);
    const runtime = network.createRuntime(ip);
    this.peer = new ENetMultiplayerPeer({ runtime });
    this.multiplayer = new SceneMultiplayer({
      mirror,
      runtime,
      compatibility,
      ...(compatibility === 'engine' ? { dialect: '4.6' } : {}),
      instantiate: (path) => this.instantiate(path),
    });
    this.game = mirror.root.addChild({ name: 'Game', class: 'Node', script: 'res://game.gd' });
    this.level = this.game.addChild({ name: 'Level', class: 'Node' });
    const spawner = this.multiplayer.spawner(
      this.game.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' }),
    );
    for (const path of ['res://player.tscn', 'res://ball.tscn']) spawner.addSpawnableScene(path);
    spawner.spawnFunction = (data) => {
      const given = data as ReadonlyMap<unknown, unknown>;
      const made = mirror.createNode({ name: String(given.get('name')), class: 'Node2D' });
      made.set('position', given.get('at'));
      return made;
    };
    spawner.spawnPath = '../Level';
  }

  instantiate(path: string): MirrorNode {
    const { mirror, multiplayer } = this;
    if (path === 'res://ball.tscn') {
      const ball = mirror.createNode({ name: 'Ball', class: 'Node2D' });
      ball.instance = path;
      return ball;
    }
    const player = mirror.createNode({
      name: 'Player',
      class: 'Node2D',
      script: 'res://player.gd',
      scriptVariables: [
        { name: 'hp', type: 'Variant', value: 100 },
        { name: 'label', type: 'Variant', value: 'new' },
        { name: 'aim', type: 'Variant', value: new Vector2(0, 0) },
      ],
    });
    player.instance = path;
    const lists = { State: { '.:position': 1, '.:hp': 2, '.:label': 2 }, Input: { '.:aim': 1 } } as const;
    for (const [name, properties] of Object.entries(lists)) {
      const sync = multiplayer.synchronizer(player.addChild({ name, class: 'MultiplayerSynchronizer' }));
      const config = new SceneReplicationConfig();
      for (const [property, mode] of Object.entries(properties)) {
        config.addProperty(property);
        config.propertySetReplicationMode(property, mode);
      }
      sync.replicationConfig = config;
      sync.replicationInterval = 0.1;
      if (name === 'State') sync.deltaInterval = 0.1;
    }
    return player;
  }

  player(id: number): MirrorNode | undefined {
    return this.level.getNode(String(id));
  }

  frame(): void {
    this.multiplayer.poll();
    this.mirror.process(FRAME_MS / 1000);
  }
}

/**
 * Plays it.
 *
 * @param compatibility of the server; the clients are as stock ones.
 * @throws Error when something did not arrive.
 */
export function playWorldGame(compatibility: 'safe' | 'engine'): Sent {
  const network = new SimNetwork({ seed: 1, latencyMs: 1 });
  let [datagrams, bytes] = [0, 0];
  network.onDatagram((datagram) => {
    if (datagram.from.ip !== SERVER_IP || datagram.fate !== 'sent') return;
    datagrams++;
    bytes += datagram.bytes.length + HEADER_BYTES;
  });
  const server = new Side(network, SERVER_IP, compatibility);
  const clients = new Map<Name, Side>();
  const ids = new Map<string, number>();
  const id = (name: Name): number => ids.get(name) ?? 0;
  const onServer = (name: Name): MirrorNode | undefined => server.player(id(name));
  const join = (name: Name) => () => {
    const side = new Side(network, `10.0.1.${NAMES.indexOf(name) + 1}`, 'engine');
    clients.set(name, side);
    side.peer.createClient(SERVER_IP, PORT);
    side.multiplayer.multiplayerPeer = side.peer;
  };
  const stateOf = (name: Name) => {
    const node = onServer(name)?.getNode('State');
    if (node === undefined) throw new Error(`${name} has no State`);
    return server.multiplayer.synchronizer(node);
  };
  server.multiplayer.on('peerConnected', (peer) => {
    const name = NAMES[ids.size] ?? 'c3';
    ids.set(name, peer);
    server.game.rpc('roster', ids);
    const player = server.instantiate('res://player.tscn');
    player.rename(String(peer));
    player.set('position', new Vector2(10 * ids.size, 0));
    player.set('label', name);
    server.level.addChild(player);
  });
  const aim = (name: Name, x: number, y: number) => () =>
    clients.get(name)?.player(id(name))?.set('aim', new Vector2(x, y));
  const hurtBy = (name: Name, target: number, amount: number) => () =>
    clients.get(name)?.player(id('c2'))?.rpcId(target, 'hurt', amount);

  const acts: [ms: number, act: () => unknown][] = [
    [100, () => server.peer.createServer(PORT, 8)],
    [101, () => Reflect.set(server.multiplayer, 'multiplayerPeer', server.peer)],
    [1200, join('c1')],
    [1500, join('c2')],
    [
      2200,
      () => {
        server.level.addChild(server.instantiate('res://ball.tscn'));
      },
    ],
    [
      2400,
      () =>
        server.multiplayer.spawner('/root/Game/Spawner').spawn(
          new Map<string, string | Vector2>([
            ['name', 'Flag'],
            ['at', new Vector2(3, 4)],
          ]),
        ),
    ],
    [2500, aim('c1', 1, 0)],
    [2600, () => onServer('c1')?.set('hp', 90)],
    [2800, () => onServer('c2')?.set('position', new Vector2(5, 5))],
    [3000, () => onServer('c2')?.set('label', 'renamed')],
    [3100, () => onServer('c1')?.rpc('hurt', 7)],
    [3200, aim('c1', 0, 1)],
    [3300, aim('c2', -1, 0.5)],
    [3500, hurtBy('c1', 1, 3)],
    [3600, hurtBy('c1', 0, 4)],
    [3800, join('c3')],
    [4400, () => stateOf('c1').setVisibilityFor(id('c2'), true)],
    [4500, () => Reflect.set(stateOf('c1'), 'publicVisibility', false)],
    [4700, aim('c3', 9, 9)],
    [4800, () => onServer('c1')?.set('hp', 55)],
    [5000, () => Reflect.set(stateOf('c1'), 'publicVisibility', true)],
    [5200, () => server.level.getNode('Ball')?.queueFree()],
    [5400, () => clients.get('c2')?.peer.close()],
    [5600, () => onServer('c2')?.queueFree()],
    [6200, () => check(server, clients)],
    [6300, () => server.peer.close()],
  ];
  let lastMs = 0;
  for (let nowMs = 0; nowMs < END_MS; nowMs += FRAME_MS) {
    network.advance(Math.round(nowMs) - lastMs);
    lastMs = Math.round(nowMs);
    for (const side of [...clients.values(), server]) side.frame();
    for (; (acts[0]?.[0] ?? END_MS) <= nowMs; acts.shift()) acts[0]?.[1]();
    for (const side of [...clients.values(), server]) side.multiplayer.flush();
  }
  return { datagrams, bytes };
}

/** Whether everybody sees what is there. */
function check(server: Side, clients: ReadonlyMap<Name, Side>): void {
  const seen = ({ level }: Side): string =>
    level
      .getChildren()
      .map(
        (node) =>
          `${node.name} ${JSON.stringify(node.get('position'))} ${node.has('hp') ? String(node.get('hp')) : ''}`,
      )
      .sort()
      .join();
  const [c1, c3] = [clients.get('c1'), clients.get('c3')];
  const expected = seen(server);
  if (!expected.includes('Flag') || expected.includes('Ball'))
    throw new Error(`the game went otherwise: ${expected}`);
  for (const side of [server, c1, c3]) {
    const { callsRefused = 1, callsReceived = 0 } = side?.multiplayer.metrics() ?? {};
    if (callsRefused > 0 || callsReceived === 0)
      throw new Error(`${callsRefused} of ${callsReceived} calls failed`);
  }
  for (const side of [c1, c3])
    if (side === undefined || seen(side) !== expected)
      throw new Error(`a client sees ${side && seen(side)}, the server ${expected}`);
}
