/** Connections on the virtual network, and the polling loop of a game, for the tests of src/godot. */
import type { ENetConnectionOptions } from '../../src/godot/connectionOptions.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import type { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import type { ServiceEvent } from '../../src/godot/eventStream.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { SimNetwork, type SimNetworkOptions } from '../../src/testing/SimNetwork.ts';

export const SERVER_IP = '10.0.0.1';
export const CLIENT_IP = '10.0.0.2';
export const RELIABLE = 1;

/** A virtual network with connections that note their trace lines and events. */
export class World {
  readonly network: SimNetwork;
  readonly #probes: Probe[] = [];

  constructor(options: SimNetworkOptions = {}) {
    this.network = new SimNetwork({ latencyMs: 5, ...options });
  }

  /** A connection without a host. */
  connection(ip: string, options: ENetConnectionOptions = {}): Probe {
    const probe = new Probe(this.network, ip, options);
    this.#probes.push(probe);
    return probe;
  }

  /** Lets time pass; every connection is polled every 5 ms until EVENT_NONE. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 5) {
      this.network.advance(5);
      for (const probe of this.#probes) probe.poll();
    }
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

  poll(): void {
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
