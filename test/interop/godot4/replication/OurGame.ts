/** The game on our side: the server, or a native client. Its scenes come from the files that the engine runs. */
import { fileURLToPath } from 'node:url';
import type { Dialect, VariantValue } from '../../../../codec/index.ts';
import { type MirrorNode, SceneMirror } from '../../../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../../../src/godot.ts';
import {
  type MultiplayerSpawner,
  type MultiplayerSynchronizer,
  readFromFolder,
  SceneMultiplayer,
} from '../../../../src/multiplayer.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../../../src/websocket.ts';
import { type Dump, dumpOf, readDump } from './dump.ts';
import { scripts } from './scripts.ts';
import { VALUES_FILES } from './values.ts';

/** The files of the project; those of `values.ts` are made. */
export const PROJECT = readFromFolder(fileURLToPath(new URL('project', import.meta.url)));

/** One side of the game. */
export class OurGame {
  readonly mirror: SceneMirror;
  readonly multiplayer: SceneMultiplayer;
  /** `Main`. */
  readonly main: MirrorNode;
  /** What was traced and thrown. */
  readonly complaints: string[] = [];
  /** Trees that were asked for, by number. */
  readonly dumps = new Map<number, Dump>();
  /** Which tree each client has told last. */
  readonly told = new Map<number, number>();
  #transport: ENetMultiplayerPeer | undefined;

  /** @param dialect what all clients speak; `undefined`: they are asked. */
  constructor(dialect?: Dialect) {
    this.mirror = new SceneMirror({
      resources: (path) => VALUES_FILES[path.replace('res://', '')] ?? PROJECT(path),
      onSceneIssue: (issue) => this.complaints.push(`${issue.file}: ${issue.message}`),
    });
    const host = {
      dump: (number: number) => this.dumps.set(number, this.dump()),
      dumped: (number: number, sender: number) => this.told.set(sender, number),
    };
    for (const script of scripts(host)) this.mirror.registerScript(script);
    this.main = this.mirror.root.addChild(this.mirror.instantiate('res://main.tscn'));
    this.multiplayer = new SceneMultiplayer({
      mirror: this.mirror,
      dialect,
      onTrace: (line) => this.complaints.push(line),
      onError: (error, where) => this.complaints.push(`${where}: ${String(error)}`),
    });
    this.spawner('Custom').spawnFunction = (data) => {
      const [name, value] = data as VariantValue[];
      const piece = this.mirror.createNode({ name: String(name), class: 'Node', script: 'res://piece.gd' });
      piece.declareVariable({ name: 'data', value });
      return piece;
    };
    this.multiplayer.start({ tickHz: 60 });
  }

  /** A node by its path below `Main`. */
  at(path: string): MirrorNode {
    const node = this.main.getNode(path);
    if (node === undefined) throw new Error(`there is no node ${path}`);
    return node;
  }

  spawner(path: string): MultiplayerSpawner {
    return this.multiplayer.spawner(this.at(path));
  }

  sync(path: string): MultiplayerSynchronizer {
    return this.multiplayer.synchronizer(this.at(path));
  }

  /** Adds a scene. */
  add(scene: string, parent: string, name: string, properties: Record<string, unknown> = {}): MirrorNode {
    return this.at(parent).addChild(this.mirror.instantiate(`res://${scene}.tscn`, { name, properties }));
  }

  /** What the tree looks like. */
  dump(): Dump {
    return readDump(dumpOf(this.main));
  }

  /** Connects over ENet. */
  join(port: number): Promise<void> {
    this.#transport = new ENetMultiplayerPeer();
    this.#transport.createClient('127.0.0.1', port);
    this.multiplayer.multiplayerPeer = this.#transport;
    return new Promise((resolve) => this.multiplayer.once('connectedToServer', () => resolve()));
  }

  /** Ends the connection. */
  leave(): void {
    this.#transport?.close();
  }

  close(): void {
    this.multiplayer.close();
  }
}

/** Where a server listens. */
export interface Ports {
  readonly tcp: number;
  readonly udp: number;
}

/** The server, for browsers and native clients. */
export class OurServer extends OurGame {
  readonly #web = new WebSocketMultiplayerPeer();
  readonly #enet = new ENetMultiplayerPeer();

  /** @param ports of a server that was there before, which comes again; 0: any. */
  static async open(ports: Ports = { tcp: 0, udp: 0 }, dialect?: Dialect): Promise<OurServer> {
    const server = new OurServer(dialect);
    server.#enet.setBindIp('127.0.0.1');
    const errors = [
      server.#web.createServer(ports.tcp, '127.0.0.1'),
      await server.#web.whenListening(),
      server.#enet.createServer(ports.udp),
    ];
    if (errors.some((error) => error !== 0)) throw new Error(`the server does not open: ${errors.join()}`);
    server.multiplayer.multiplayerPeer = new JoinedMultiplayerPeer([server.#enet, server.#web]);
    return server;
  }

  get ports(): Ports {
    return { tcp: this.#web.localPort, udp: this.#enet.host?.getLocalPort() ?? 0 };
  }
}
