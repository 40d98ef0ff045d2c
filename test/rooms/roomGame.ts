/**
 * Rooms on the virtual network, and clients as games in Godot are: one tree with a spawner, a synchronizer of their own, and RPCs. All
 * that a room says has its tag in it, so that whoever hears something of another room can tell.
 */
import { Vector2 } from '../../codec/index.ts';
import { RpcMode, SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { SceneMultiplayer, type SceneMultiplayerOptions } from '../../src/multiplayer/index.ts';
import {
  type LeaveReason,
  type Player,
  type ReturnInfo,
  Room,
  RoomServer,
  type RoomServerOptions,
} from '../../src/rooms/index.ts';
import { SimNetwork, type SimNetworkOptions } from '../../src/testing/SimNetwork.ts';
import { playerScenes } from '../support/playerScenes.ts';

const PORT = 7777;
const SERVER_IP = '10.0.0.1';
/** Ticks of the tests. */
const STEP_MS = 10;

const FILES = playerScenes({ mode: 1, hasInput: true });

/** The tree that every client has, and every room. */
export function newMirror(): SceneMirror {
  const mirror = new SceneMirror({ resources: (path) => FILES[path] });
  const main = mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  main.rpcConfig('say', { rpcMode: RpcMode.RPC_MODE_ANY_PEER, transferMode: 2 });
  main.rpcConfig('shout', { rpcMode: RpcMode.RPC_MODE_ANY_PEER, transferMode: 0 });
  for (const name of ['told', 'news', 'kept'])
    main.rpcConfig(name, { rpcMode: RpcMode.RPC_MODE_AUTHORITY, transferMode: 2 });
  return mirror;
}

/** A room whose every word has its tag. */
export class TaggedRoom extends Room<{ readonly tag: number } | undefined> {
  tag = 0;
  /** What was heard, and from whom. */
  readonly heard: string[] = [];
  readonly hooks: string[] = [];
  override maxPlayers = 16;
  override endsWhenEmpty = false;

  override makeMirror(): SceneMirror {
    return newMirror();
  }

  override onCreate(options: { readonly tag: number } | undefined): void {
    this.tag = options?.tag ?? 0;
    const main = this.mirror.getNode('/root/Main');
    main?.onRpc('say', (sender, tag: number, text: string) =>
      this.heard.push(`${sender} says ${tag} ${text}`),
    );
    main?.onRpc('shout', (sender, tag: number) => this.heard.push(`${sender} shouts ${tag}`));
  }

  override onJoin(player: Player): void {
    this.hooks.push(`join ${player.id}`);
    this.tell(player);
    this.spawn(player);
  }

  override onDrop(player: Player): void {
    this.hooks.push(`drop ${player.id}`);
  }

  override onReturn(player: Player, _info: ReturnInfo): void {
    this.hooks.push(`return ${player.id}`);
    this.tell(player);
  }

  override onLeave(player: Player, reason: LeaveReason): void {
    this.hooks.push(`leave ${player.id} ${reason}`);
    this.nodeOf(player)?.free();
  }

  override onDispose(): void {
    this.hooks.push('dispose');
  }

  /** Says to a player, by a call, where it is. */
  tell(player: Player): void {
    this.mirror.getNode('/root/Main')?.rpcId(player.peerId, 'told', this.tag);
  }

  /** Where the node of a player is. */
  nodeOf(player: Player): ReturnType<SceneMirror['getNode']> {
    return this.mirror.getNode(`/root/Main/Players/${player.peerId}`);
  }

  protected spawn(player: Player): void {
    const node = this.mirror.instantiate('res://player.tscn', { name: String(player.peerId) });
    node.set('position', new Vector2(this.tag, this.players.size));
    node.getNode('Input')?.setMultiplayerAuthority(player.peerId);
    this.mirror.getNode('/root/Main/Players')?.addChild(node);
  }
}

/** A client. */
export class RoomClient {
  readonly ip: string;
  readonly mirror: SceneMirror = newMirror();
  readonly multiplayer: SceneMultiplayer;
  readonly peer: ENetMultiplayerPeer;
  /** The tags that it was told, the last is where it is. */
  readonly told: number[] = [];
  readonly lines: string[] = [];
  readonly errors: unknown[] = [];
  readonly peers = new Set<number>();
  /** What its auth_callback got. */
  readonly replies: string[] = [];
  readonly #network: SimNetwork;

  constructor(
    network: SimNetwork,
    ip: string,
    options: Partial<SceneMultiplayerOptions> = {},
    token: string | undefined = undefined,
  ) {
    this.#network = network;
    this.ip = ip;
    // What its version offers.
    const isOld = typeof options.dialect === 'string' && options.dialect < '4.2';
    this.peer = this.#newPeer(isOld ? 1400 : 1392);
    this.multiplayer = new SceneMultiplayer({
      mirror: this.mirror,
      runtime: network.createRuntime(ip),
      onTrace: (line) => this.lines.push(line),
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.mirror.getNode('/root/Main')?.onRpc('told', (_sender, tag: number) => this.told.push(tag));
    if (token !== undefined) {
      // As in the guide: the token goes first, and the answer ends it.
      this.multiplayer.on('peerAuthenticating', (id) => this.multiplayer.sendAuth(id, encoder.encode(token)));
      this.multiplayer.authCallback = (id, data) => {
        this.replies.push(decoder.decode(data));
        this.multiplayer.completeAuth(id);
      };
    }
    this.multiplayer.on('peerConnected', (id) => this.peers.add(id));
    this.multiplayer.on('peerDisconnected', (id) => this.peers.delete(id));
    this.mirror.watchTree({
      entered: (node) => {
        // What its script does in _enter_tree.
        if (node.getParent()?.name === 'Players')
          node.getNode('Input')?.setMultiplayerAuthority(Number(node.name));
      },
    });
  }

  connect(): void {
    this.peer.createClient(SERVER_IP, PORT);
    this.multiplayer.multiplayerPeer = this.peer;
  }

  /** Its process ends without a word. */
  vanish(): void {
    this.#network.partition([this.ip], [SERVER_IP]);
  }

  /** Calls the server. */
  call(method: 'say' | 'shout', ...args: readonly unknown[]): void {
    this.mirror.getNode('/root/Main')?.rpcId(1, method, ...args);
  }

  /** The nodes of players that it has: names with their tags. */
  get nodes(): string[] {
    const players = this.mirror.getNode('/root/Main/Players')?.getChildren() ?? [];
    return players.map((node) => `${node.name}@${(node.get('position') as Vector2).x}`).sort();
  }

  #newPeer(mtuBytes: number): ENetMultiplayerPeer {
    const runtime = this.#network.createRuntime(this.ip);
    return new ENetMultiplayerPeer({ runtime, createCompressor, host: { mtuBytes } });
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A server with rooms, and its clients. */
export class RoomGame {
  readonly network: SimNetwork;
  readonly server: ENetMultiplayerPeer;
  readonly rooms: RoomServer;
  readonly clients: RoomClient[] = [];
  readonly lines: string[] = [];
  readonly errors: unknown[] = [];

  /** @param makeOptions options, or what makes them on the network. */
  constructor(
    makeOptions: Partial<RoomServerOptions> | ((network: SimNetwork) => Partial<RoomServerOptions>) = {},
    network: SimNetworkOptions = { seed: 1 },
  ) {
    this.network = new SimNetwork(network);
    const options = typeof makeOptions === 'function' ? makeOptions(this.network) : makeOptions;
    const runtime = this.network.createRuntime(SERVER_IP);
    this.server = new ENetMultiplayerPeer({ runtime, createCompressor });
    this.server.createServer(PORT, 4000);
    this.rooms = new RoomServer({
      transport: this.server,
      entry: 'lobby',
      runtime,
      onTrace: (line) => this.lines.push(line),
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.rooms.define('lobby', TaggedRoom).define('match', TaggedRoom);
  }

  join(token?: string, options: Partial<SceneMultiplayerOptions> = {}): RoomClient {
    const number = this.clients.length + 1;
    const client = new RoomClient(
      this.network,
      `10.0.${1 + (number >> 7)}.${1 + (number & 127)}`,
      options,
      token,
    );
    this.clients.push(client);
    client.connect();
    return client;
  }

  /** The player of a client. */
  playerOf(client: RoomClient): Player {
    const player = this.rooms.playerOf(client.multiplayer.getUniqueId());
    if (player === undefined) throw new Error('this client is no player');
    return player;
  }

  /** Virtual time goes by, and promises are kept. */
  async run(ticks: number): Promise<void> {
    for (let i = 0; i < ticks; i++) {
      this.network.advance(STEP_MS);
      this.rooms.poll();
      for (const client of this.clients) client.multiplayer.poll();
      // As the loop of a process does: all that promises have to say, before the next.
      await new Promise(setImmediate);
    }
  }
}
