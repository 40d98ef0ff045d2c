/** A server with rooms for engines in pages and for clients over ENet, with tokens; and who is in it. */
import { ENetMultiplayerPeer } from '../../../../src/godot.ts';
import { type Player, RoomServer, SessionTokens } from '../../../../src/rooms.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../../../src/websocket.ts';
import { until } from '../player.ts';
import { type Dump, differences } from '../replication/dump.ts';
import type { Guest } from './guests.ts';
import { Hall, type HallOptions } from './Hall.ts';

/** How long everybody has to come to the same tree, in ms. */
const PATIENCE = 15_000;

/** The server. */
export class RoomsGame {
  readonly rooms: RoomServer;
  /** Trace lines, and what was thrown. */
  readonly lines: string[] = [];
  readonly #web: WebSocketMultiplayerPeer;
  readonly #enet: ENetMultiplayerPeer;
  #dumps = 0;

  private constructor(web: WebSocketMultiplayerPeer, enet: ENetMultiplayerPeer, roomClass: typeof Hall) {
    this.#web = web;
    this.#enet = enet;
    const tokens = new SessionTokens({
      keys: [{ id: '1', algorithm: 'HS256', secret: 'a secret of 32 bytes for this test' }],
    });
    this.rooms = new RoomServer({
      transport: new JoinedMultiplayerPeer([enet, web]),
      entry: 'lobby',
      graceMs: 60_000,
      auth: async ({ text, reply }) => {
        // A name is a login; everything else has to be a token.
        const session = /^[a-z]+$/.test(text) ? await tokens.issue(text) : await tokens.verify(text);
        if ('ok' in session && !session.ok) return false;
        if ('token' in session) reply(session.token);
        else reply('again');
        const { player, sessionId } = 'token' in session ? session.session : session;
        return { player, session: sessionId };
      },
      onTrace: (line) => this.lines.push(line),
      onError: (error, where) => this.lines.push(`${where}: ${String(error)}`),
    });
    this.rooms.define('lobby', roomClass).define('match', roomClass);
    this.rooms.start({ pollHz: 120 });
  }

  /** Opens it, on ports that the system chooses. @param roomClass of all its rooms. */
  static async open(roomClass: typeof Hall = Hall): Promise<RoomsGame> {
    const web = new WebSocketMultiplayerPeer();
    const enet = new ENetMultiplayerPeer();
    enet.setBindIp('127.0.0.1');
    const errors = [web.createServer(0, '127.0.0.1'), await web.whenListening(), enet.createServer(0)];
    if (errors.some((error) => error !== 0)) throw new Error(`the server does not open: ${errors.join()}`);
    return new RoomsGame(web, enet, roomClass);
  }

  get ports(): { readonly tcp: number; readonly udp: number } {
    return { tcp: this.#web.localPort, udp: this.#enet.host?.getLocalPort() ?? 0 };
  }

  /** Makes a room. */
  async room(kind: 'lobby' | 'match', options: HallOptions): Promise<Hall> {
    const room = await this.rooms.create(kind, options);
    if (!(room instanceof Hall)) throw new Error(`${kind} is another class`);
    return room;
  }

  /** The player of a client. */
  playerOf(guest: Guest): Player {
    const player = this.rooms.playerOf(guest.id);
    if (player === undefined) throw new Error(`${guest.name} is no player`);
    return player;
  }

  /** Waits until clients are in a room, and have its tree: every node, authority and value, bit for bit; and its peers alone. */
  async agree(room: Hall, guests: readonly Guest[]): Promise<void> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const number = ++this.#dumps;
      room.main.rpc('dump', number);
      const problems: string[] = [];
      for (const guest of guests) {
        await until(
          () => room.told.get(guest.id) === number,
          () =>
            `the tree ${number} of ${guest.name}\n${this.lines.join('\n')}\n${guest.complaints().join('\n')}`,
        );
        const dump: Dump = await guest.tree(number);
        problems.push(...differences(room.tree(), dump).map((line) => `${guest.name}: ${line}`));
        const peers = [1, ...guests.map(({ id }) => id).filter((id) => id !== guest.id)].sort();
        const known = (await guest.peers()).sort();
        if (known.join() !== peers.join()) problems.push(`${guest.name} knows ${known}, not ${peers}`);
      }
      if (problems.length === 0) return;
      if (Date.now() > end) throw new Error(`the trees differ:\n${problems.slice(0, 30).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): Promise<void> {
    return this.rooms.close();
  }
}
