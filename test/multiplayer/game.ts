/** A game over ENet on the virtual network: one server, some clients, the same tree and scripts everywhere. */
import { SceneMirror, type ScriptClass } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { createCompressor } from '../../src/io/compression.ts';
import type { SceneMultiplayerOptions } from '../../src/multiplayer/options.ts';
import { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { SimNetwork, type SimNetworkOptions } from '../../src/testing/SimNetwork.ts';

const PORT = 7777;
const SERVER_IP = '10.0.0.1';

/** One side of a game. */
export interface Side {
  readonly ip: string;
  /** What its version offers: docs/protocol/scene-multiplayer 12. */
  readonly mtuBytes: number;
  readonly mirror: SceneMirror;
  readonly multiplayer: SceneMultiplayer;
  /** The transport of now. */
  peer: ENetMultiplayerPeer;
  readonly signals: string[];
  readonly lines: string[];
  readonly errors: unknown[];
}

/** The whole game. */
export class Game {
  readonly network: SimNetwork;
  readonly server: Side;
  readonly clients: Side[] = [];
  #joined = 0;
  readonly #scripts: readonly ScriptClass[];
  readonly #grow: (mirror: SceneMirror) => void;
  /** The texts of the project, by `res://` path. */
  readonly #files: Readonly<Record<string, string>>;

  constructor(
    scripts: readonly ScriptClass[],
    grow: (mirror: SceneMirror) => void,
    options: Partial<SceneMultiplayerOptions> = {},
    network: SimNetworkOptions = { seed: 1 },
    files: Readonly<Record<string, string>> = {},
  ) {
    this.#files = files;
    this.network = new SimNetwork(network);
    this.#scripts = scripts;
    this.#grow = grow;
    this.server = this.#side(SERVER_IP, options);
    this.server.peer.createServer(PORT, 64);
    this.server.multiplayer.multiplayerPeer = this.server.peer;
  }

  join(options: Partial<SceneMultiplayerOptions> = {}): Side {
    const number = ++this.#joined;
    const client = this.#side(`10.0.${1 + (number >> 7)}.${1 + (number & 127)}`, options);
    this.#connect(client);
    this.clients.push(client);
    return client;
  }

  /** A client whose connection has ended, or ends now, connects again, with the same tree. */
  joinAgain(client: Side): void {
    client.peer.close();
    client.multiplayer.poll();
    client.peer = this.#peer(client);
    this.#connect(client);
  }

  /** Ticks of 10 ms. */
  run(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      this.network.advance(10);
      for (const side of [this.server, ...this.clients]) side.multiplayer.poll();
    }
  }

  #connect(client: Side): void {
    client.peer.createClient(SERVER_IP, PORT);
    client.multiplayer.multiplayerPeer = client.peer;
  }

  #peer({ ip, mtuBytes }: Pick<Side, 'ip' | 'mtuBytes'>): ENetMultiplayerPeer {
    const runtime = this.network.createRuntime(ip);
    return new ENetMultiplayerPeer({ runtime, createCompressor, host: { mtuBytes } });
  }

  #side(ip: string, options: Partial<SceneMultiplayerOptions>): Side {
    const mirror = new SceneMirror({ resources: (path) => this.#files[path] });
    for (const script of this.#scripts) mirror.registerScript(script);
    this.#grow(mirror);
    const runtime = this.network.createRuntime(ip);
    const lines: string[] = [];
    const errors: unknown[] = [];
    const signals: string[] = [];
    const mtuBytes = typeof options.dialect === 'string' && options.dialect < '4.2' ? 1400 : 1392;
    const peer = this.#peer({ ip, mtuBytes });
    const multiplayer = new SceneMultiplayer({
      mirror,
      runtime,
      onTrace: (line) => lines.push(line),
      onError: (error) => errors.push(error),
      ...options,
    });
    for (const name of [
      'peerConnected',
      'peerDisconnected',
      'peerAuthenticating',
      'peerAuthenticationFailed',
    ] as const)
      multiplayer.on(name, (id) => signals.push(`${name} ${id === 1 ? 1 : 'client'}`));
    for (const name of ['connectedToServer', 'connectionFailed', 'serverDisconnected'] as const)
      multiplayer.on(name, () => signals.push(name));
    return { ip, mtuBytes, mirror, multiplayer, peer, signals, lines, errors };
  }
}
