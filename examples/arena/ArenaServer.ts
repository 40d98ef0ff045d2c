/** The arena on the network: ENet for native players, the page, the game in the browser and its WebSockets on one HTTP server. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENetMultiplayerPeer, type GodotError, godotErrorName, type MultiplayerPeer } from 'godot-enet/godot';
import { Inspector } from 'godot-enet/inspector';
import type { RoomServer } from 'godot-enet/rooms';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from 'godot-enet/websocket';
import { Arena } from './Arena.ts';
import { type ArenasOptions, openArenas } from './arenas.ts';
import { Bot, seededRandom } from './Bot.ts';
import { isFromHere, PlayPage, SOCKET_PATH } from './PlayPage.ts';
import { MAX_CLIENTS } from './rules.ts';
import type { WebEngine } from './webEngine.ts';

/** Where it listens. */
export interface ArenaServerOptions extends ArenasOptions {
  /** UDP port, 0 for any. */
  readonly port: number;
  /** The address of the UDP port; default all of this machine. */
  readonly address?: string | undefined;
  /** TCP port of the page, of the game in the browser and of its WebSockets, on 127.0.0.1, 0 for any; `undefined` for none. */
  readonly pagePort: number | undefined;
  /** What operators log in to the page with, at least 16 characters; without it they need none, and cannot call methods by hand. */
  readonly token?: string | undefined;
  /** Clients at once over each transport, 1..4095. Default 32. */
  readonly clients?: number | undefined;
  /** Whether there is the game in the browser. Default true. */
  readonly hasPlay?: boolean | undefined;
  /** The engine of the game in the browser. Default: the one of this checkout. */
  readonly engine?: WebEngine | undefined;
}

/** A port that cannot be had. */
export class PortError extends Error {
  /** Which of the options. */
  readonly option: 'port' | 'pagePort';

  constructor(option: 'port' | 'pagePort', message: string) {
    super(message);
    this.option = option;
  }
}

/** The running server. */
export class ArenaServer {
  /** All arenas, and who is in them. */
  readonly rooms: RoomServer;
  /** The game in the browser; `undefined` without. */
  readonly play: PlayPage | undefined;
  /** The bots that play. */
  readonly bots: Bot[] = [];
  readonly #enet: ENetMultiplayerPeer;
  readonly #web: WebSocketMultiplayerPeer | undefined;
  readonly #inspector: Inspector | undefined;
  readonly #http: Server | undefined;

  private constructor(options: ArenaServerOptions, http: Server | undefined) {
    const { log = () => {}, hasPlay = true, clients = MAX_CLIENTS } = options;
    this.#http = http;
    const inspector = http && new Inspector({ title: 'godot-enet arena', token: options.token });
    this.#inspector = inspector;
    this.#enet = new ENetMultiplayerPeer(inspector && { host: { trace: inspector.trace } });
    if (options.address !== undefined) this.#enet.setBindIp(options.address);
    const error = this.#enet.createServer(options.port, clients);
    if (error !== 0) throw new PortError('port', godotErrorName(error));
    const transports: MultiplayerPeer[] = [this.#enet];
    if (http !== undefined) {
      this.#web = new WebSocketMultiplayerPeer({
        path: SOCKET_PATH,
        // The page, and programs; no page of somebody else.
        origins: (_origin, request) => isFromHere(request),
        limits: { maxPeers: clients },
      });
      const webError: GodotError = this.#web.createServerOn(http);
      if (webError !== 0)
        throw new Error(`WebSockets: ${godotErrorName(webError)}; they need the package ws`);
      transports.push(this.#web);
      if (hasPlay) this.play = new PlayPage(log, options.engine);
      http.on('request', (request, response) => {
        if (this.play !== undefined && /^\/play(?![^/?])/.test(request.url ?? ''))
          this.play.answer(request, response);
        else this.#inspector?.handler(request, response);
      });
    }
    this.rooms = openArenas(new JoinedMultiplayerPeer(transports), options);
    this.rooms.start();
  }

  /**
   * Starts.
   *
   * @throws PortError for a port that cannot be had.
   */
  static async open(options: ArenaServerOptions): Promise<ArenaServer> {
    const { pagePort } = options;
    const http = pagePort === undefined ? undefined : createServer();
    if (http !== undefined) await listening(http, pagePort);
    try {
      const server = new ArenaServer(options, http);
      await server.rooms.create('arena');
      server.#inspector?.watch(server.rooms, {
        name: 'Arenas',
        message: (text, { peerId, room }) => {
          const arena = server.rooms.get(room ?? '');
          if (arena instanceof Arena && peerId !== undefined) arena.tell(peerId, text);
        },
      });
      server.#inspector?.watch(server.#enet, 'ENet');
      if (server.#web !== undefined) server.#inspector?.watch(server.#web, 'WebSockets');
      return server;
    } catch (error) {
      http?.close();
      throw error;
    }
  }

  /** The first arena. It is always open. */
  get arena(): Arena {
    const [arena] = this.rooms.rooms;
    if (!(arena instanceof Arena)) throw new Error('there is no arena');
    return arena;
  }

  /** The UDP port. */
  get port(): number {
    return this.#enet.getLocalPort();
  }

  /** The address of the page; `undefined` without. */
  get url(): string | undefined {
    const address = this.#http?.address();
    return address === undefined ? undefined : `http://127.0.0.1:${(address as AddressInfo).port}/`;
  }

  /** Adds a bot: every second one over WebSocket, if there are WebSockets. */
  addBot(name: string): Bot {
    const number = this.bots.length;
    const { url } = this;
    let peer: MultiplayerPeer;
    if (number % 2 === 1 && url !== undefined) {
      const web = new WebSocketMultiplayerPeer();
      web.createClient(new URL(SOCKET_PATH, url.replace('http', 'ws')).href);
      peer = web;
    } else {
      const enet = new ENetMultiplayerPeer();
      enet.createClient('127.0.0.1', this.port);
      peer = enet;
    }
    const bot = new Bot({ name, peer, random: seededRandom(number + 1) });
    this.bots.push(bot);
    return bot;
  }

  /** Disconnects everybody and stops. */
  async close(): Promise<void> {
    for (const bot of this.bots) bot.close();
    await this.rooms.close();
    await this.#inspector?.close();
    const http = this.#http;
    if (http === undefined) return;
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  }
}

function listening(http: Server, port: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => reject(new PortError('pagePort', error.message)));
    http.listen(port, '127.0.0.1', resolve);
  });
}
