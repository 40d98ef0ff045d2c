/** A game of a player in a test: its tree, its connection, what it was told. One from a connection to its end. */
import type { SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer, GodotError, godotErrorName } from '../../godot/index.ts';
import { createCompressor } from '../../io/internal.ts';
import { SceneMultiplayer } from '../../multiplayer/index.ts';
import type { SimNetwork } from '../SimNetwork.ts';
import { nodesOf, plain, type SeenCall, type Sight } from './sees.ts';

/** Where a client lives. */
export interface ClientPlace {
  readonly network: SimNetwork;
  /** Its address. */
  readonly ip: string;
  readonly serverIp: string;
  readonly port: number;
  /** Takes what its scripts and handlers throw. */
  readonly report: (error: unknown, where: string) => void;
  /** Takes what it refuses, in words. */
  readonly trace: (line: string) => void;
}

/** A client. */
export class TestClient {
  readonly mirror: SceneMirror;
  readonly multiplayer: SceneMultiplayer;
  /** What the server answered with `reply`, as text. */
  readonly replies: string[] = [];
  readonly #calls: SeenCall[] = [];

  constructor(place: ClientPlace, mirror: SceneMirror, token: string) {
    const { network, ip, serverIp, port, report, trace } = place;
    const runtime = network.createRuntime(ip);
    this.mirror = mirror;
    // A call reaches a method only where there is one; here all of them are heard.
    const hear = (node: typeof mirror.root): void => {
      for (const name of [...node.getNodeRpcConfig().keys(), ...mirror.scriptRpcsOf(node).keys()])
        node.onRpc(name, () => undefined);
    };
    for (const node of mirror.root.walk()) hear(node);
    mirror.watchTree({ entered: hear });
    this.multiplayer = new SceneMultiplayer({ mirror, runtime, onTrace: trace, onError: report });
    this.multiplayer.ops.watchCalls(({ direction, peer, node, method, args }) => {
      if (direction === 'in')
        this.#calls.push({ from: peer, path: node.getPath().toString(), method, args: args.map(plain) });
    });
    this.multiplayer.on('peerAuthenticating', (id) =>
      this.multiplayer.sendAuth(id, new TextEncoder().encode(token)),
    );
    this.multiplayer.authCallback = (_id, data) => this.replies.push(new TextDecoder().decode(data));
    const peer = new ENetMultiplayerPeer({ runtime, createCompressor });
    const error = peer.createClient(serverIp, port);
    if (error !== GodotError.OK) throw new Error(`the client cannot connect: ${godotErrorName(error)}`);
    this.multiplayer.multiplayerPeer = peer;
    this.multiplayer.start({ tickHz: CLIENT_HZ });
  }

  /** Whether it believes to be connected, and admitted. */
  get isConnected(): boolean {
    return this.multiplayer.getPeers().includes(1);
  }

  /** The server knows who it is. */
  completeAuth(): void {
    this.multiplayer.completeAuth(1);
  }

  sees(): Sight {
    return {
      isConnected: this.isConnected,
      peers: [...this.multiplayer.getPeers()].sort((a, b) => a - b),
      nodes: nodesOf(this.mirror),
      calls: [...this.#calls],
    };
  }

  /** It says goodbye, if it still can. */
  close(): void {
    this.multiplayer.close();
  }
}

/** Frames of a game per second. */
const CLIENT_HZ = 60;
