/** Multiplayer peers on the virtual network, and the tick of a game, for the tests of ENetMultiplayerPeer. */
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import type { ENetMultiplayerPeerOptions } from '../../src/godot/multiplayer/multiplayerOptions.ts';
import { createCompressor } from '../../src/io/compression.ts';
import type { SimNetwork, SimNetworkOptions } from '../../src/testing/SimNetwork.ts';
import { World } from '../support/world.ts';
import { text } from './support.ts';

export const PORT = 7777;
export const SERVER_IP = '10.0.0.1';

/** A received packet, in short. */
export type Got = readonly [from: number, text: string, channel: number, mode: number];

/** A multiplayer peer and what it told. */
export class Player {
  readonly peer: ENetMultiplayerPeer;
  readonly ip: string;
  readonly lines: string[] = [];
  /** `+id` for peerConnected, `-id` for peerDisconnected. */
  readonly signals: string[] = [];
  readonly got: Got[] = [];
  /** What listeners threw, failed expectations among it. */
  readonly failures: unknown[] = [];
  /** Set to leave packets in the queue. */
  keepsPackets = false;

  constructor(network: SimNetwork, ip: string, options: ENetMultiplayerPeerOptions = {}) {
    this.ip = ip;
    this.peer = new ENetMultiplayerPeer({
      runtime: network.createRuntime(ip),
      createCompressor,
      onTrace: (line) => this.lines.push(line),
      onError: (error) => this.failures.push(error),
      ...options,
    });
    this.peer.on('peerConnected', (id) => this.signals.push(`+${id}`));
    this.peer.on('peerDisconnected', (id) => this.signals.push(`-${id}`));
  }

  get status(): number {
    return this.peer.getConnectionStatus();
  }

  get id(): number {
    return this.peer.getUniqueId();
  }

  /** What a game does in a tick. */
  tick(): void {
    if (this.status !== 0) this.peer.poll();
    if (this.keepsPackets) return;
    while (this.peer.getAvailablePacketCount() > 0) {
      const from = this.peer.getPacketPeer();
      const channel = this.peer.getPacketChannel();
      const mode = this.peer.getPacketMode();
      this.got.push([from, text(this.peer.getPacket()), channel, mode]);
    }
  }

  put(message: string | Uint8Array, target = 0, mode: 0 | 1 | 2 = 2, channel = 0): number {
    this.peer.setTargetPeer(target);
    this.peer.transferMode = mode;
    this.peer.transferChannel = channel;
    return this.peer.putPacket(typeof message === 'string' ? new TextEncoder().encode(message) : message);
  }

  /** Forgets what was told so far. */
  forget(): void {
    this.lines.length = 0;
    this.signals.length = 0;
    this.got.length = 0;
  }
}

/** A world of players; each has a tick every 10 ms. */
export class PlayerWorld extends World<Player> {
  constructor(options: SimNetworkOptions = {}) {
    super(options, 10);
  }

  /** A player with an address of its own, which has created nothing. */
  player(options: ENetMultiplayerPeerOptions = {}): Player {
    return this.join(new Player(this.net, this.nextIp(), options));
  }

  /** The first player as a server, and clients that are connected to it. What they told so far is forgotten. */
  crowd(clients: number, maxClients = Math.max(clients, 1)): { server: Player; clients: Player[] } {
    const server = this.player();
    const error = server.peer.createServer(PORT, maxClients);
    if (error !== 0) throw new Error(`createServer: ${error}`);
    const list = Array.from({ length: clients }, () => this.client());
    this.run(200);
    for (const player of this.members) player.forget();
    return { server, clients: list };
  }

  /** A client that begins to connect to the first player. */
  client(options: ENetMultiplayerPeerOptions = {}): Player {
    const client = this.player(options);
    const error = client.peer.createClient(SERVER_IP, PORT);
    if (error !== 0) throw new Error(`createClient: ${error}`);
    return client;
  }

  /** A client whose CONNECT carries any id, as a hostile one may; below it there is nothing but ENet. */
  stranger(id: number): { connection: ENetConnection; events: number[] } {
    const connection = new ENetConnection({ runtime: this.net.createRuntime(this.nextIp()) });
    connection.createHost(1);
    connection.connectToHost(SERVER_IP, PORT, 0, id);
    return { connection, events: [] };
  }

  /** Two connected hosts, for a mesh. */
  link(first: Player, second: Player): [ENetConnection, ENetConnection] {
    const one = new ENetConnection({ runtime: this.net.createRuntime(first.ip) });
    const two = new ENetConnection({ runtime: this.net.createRuntime(second.ip) });
    one.createHostBound('*', 0, 2);
    two.createHost(1);
    two.connectToHost(first.ip, one.getLocalPort());
    const done = [false, false];
    for (let turn = 0; turn < 20 && !(done[0] && done[1]); turn++) {
      this.net.advance(5);
      for (const [index, host] of [one, two].entries()) {
        for (let event = host.service(); event[0] !== 0; event = host.service()) done[index] = true;
      }
    }
    return [one, two];
  }

  /** Players in a mesh, with the ids 1, 2, 3 ... What they told so far is forgotten. */
  mesh(count: number): Player[] {
    const players = Array.from({ length: count }, () => this.player());
    for (const [index, player] of players.entries()) player.peer.createMesh(index + 1);
    for (const [i, first] of players.entries()) {
      for (const [j, second] of players.entries()) {
        if (i >= j) continue;
        const [one, two] = this.link(first, second);
        const errors = [first.peer.addMeshPeer(j + 1, one), second.peer.addMeshPeer(i + 1, two)];
        if (errors.some((error) => error !== 0)) throw new Error(`addMeshPeer: ${errors.join(', ')}`);
      }
    }
    return players;
  }
}
