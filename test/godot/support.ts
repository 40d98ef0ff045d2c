/** Connections on the virtual network, and the polling loop of a game, for the tests of src/godot. */
import type { ENetConnectionOptions } from '../../src/godot/connectionOptions.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import type { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import type { ServiceEvent } from '../../src/godot/eventStream.ts';
import { createCompressor } from '../../src/io/compression.ts';
import type { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { World } from '../support/world.ts';

export const SERVER_IP = '10.0.0.1';
export const CLIENT_IP = '10.0.0.2';
export const RELIABLE = 1;

/** A world of connections, which note their trace lines and events; each is polled every 5 ms until EVENT_NONE. */
export class ConnectionWorld extends World<Probe> {
  /** A connection without a host. */
  connection(ip: string, options: ENetConnectionOptions = {}): Probe {
    return this.join(new Probe(this.net, ip, options));
  }

  /** A server and a client that are connected. Their events so far are forgotten. */
  pair(options: PairOptions = {}): Pair {
    const server = this.connection(SERVER_IP, options.server);
    server.enet.createHostBound('*', 0, 4, options.serverChannels ?? 0);
    const client = this.connection(CLIENT_IP, options.client);
    client.enet.createHost(1);
    const toServer = client.enet.connectToHost(
      SERVER_IP,
      server.enet.getLocalPort(),
      options.channels ?? 4,
      7,
    );
    this.run(100);
    const [toClient] = server.enet.getPeers();
    if (!toServer || !toClient) throw new Error('the pair did not connect');
    for (const probe of [server, client]) {
      probe.events.length = 0;
      probe.lines.length = 0;
    }
    return { server, client, toServer, toClient };
  }
}

export interface PairOptions {
  readonly server?: ENetConnectionOptions;
  readonly client?: ENetConnectionOptions;
  readonly channels?: number;
  readonly serverChannels?: number;
}

export interface Pair {
  readonly server: Probe;
  readonly client: Probe;
  /** The client's peer. */
  readonly toServer: ENetPacketPeer;
  /** The server's peer. */
  readonly toClient: ENetPacketPeer;
}

/** A connection and what it told. */
export class Probe {
  readonly enet: ENetConnection;
  readonly lines: string[] = [];
  readonly events: ServiceEvent[] = [];

  constructor(network: SimNetwork, ip: string, options: ENetConnectionOptions) {
    this.enet = new ENetConnection({
      runtime: network.createRuntime(ip),
      createCompressor,
      onTrace: (line) => this.lines.push(line),
      ...options,
    });
  }

  /** The events as `[type, data, channel]`. */
  get summary(): number[][] {
    return this.events.map(([type, , data, channel]) => [type, data, channel]);
  }

  tick(): void {
    if (this.enet.getLocalPort() === 0) return;
    for (let event = this.enet.service(); event[0] !== 0; event = this.enet.service()) {
      this.events.push(event);
      if (event[0] === -1) return;
    }
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}
