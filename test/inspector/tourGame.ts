/** Servers of several kinds, with players, for the tour of the console: all over real sockets of this machine. */

import { openArenas } from '../../examples/arena/arenas.ts';
import { Bot, seededRandom } from '../../examples/arena/Bot.ts';
import { ClusterNode, MemoryHub } from '../../src/cluster.ts';
import { ENetMultiplayerPeer } from '../../src/godot.ts';
import { Inspector } from '../../src/inspector.ts';
import { createSelfSignedCertificate } from '../../src/ops/selfSignedCertificate.ts';
import { Room, type RoomServer } from '../../src/rooms.ts';
import { ENetClient, ENetServer, TLSOptions } from '../../src/server.ts';

/** What the console of the tour asks for. */
export const TOKEN = 'a token for the tour';

interface Parts {
  readonly inspector: Inspector;
  readonly transport: ENetMultiplayerPeer;
  readonly rooms: RoomServer;
  readonly node: ClusterNode;
  readonly accounts: ENetServer;
  readonly told: string[];
}

/** A room that stays when nobody is in it. */
class Hall extends Room {
  override endsWhenEmpty = false;
}

/** An arena with bots, and a hall, on a node of a cluster, and an ENetServer with DTLS, all watched by one console. */
export class TourGame {
  /** What bots have heard in the chat. */
  readonly heard: string[] = [];
  /** What the clients of the ENetServer were told. */
  readonly messages: unknown[] = [];
  readonly url: string;
  readonly #parts: Parts;
  readonly #bots: Bot[] = [];
  readonly #clients: ENetClient[] = [];
  readonly #timer: NodeJS.Timeout;

  private constructor(url: string, parts: Parts) {
    this.url = url;
    this.#parts = parts;
    this.#timer = setInterval(() => {
      for (const [number, client] of this.#clients.entries())
        client.triggerEvent('ask', { number, name: `client ${number}`, at: [number, 2.5] });
    }, 200);
  }

  /** What players in rooms were told: the room, the peer, the text. */
  get told(): readonly string[] {
    return this.#parts.told;
  }

  static async open(): Promise<TourGame> {
    const told: string[] = [];
    const inspector = new Inspector({ title: 'Tour', token: TOKEN });
    const transport = new ENetMultiplayerPeer({ host: { trace: inspector.trace } });
    transport.setBindIp('127.0.0.1');
    if (transport.createServer(0, 32) !== 0) throw new Error('no port for the arenas');
    const rooms = openArenas(transport, {}).define('hall', Hall);
    rooms.start();
    const node = new ClusterNode({
      bus: new MemoryHub().connect(),
      rooms,
      id: 'ulm',
      region: 'eu',
      version: '1.4',
    });
    await node.start();
    await node.create('arena', undefined, { id: 'north', on: 'here' });
    await node.create('hall', undefined, { id: 'south', on: 'here' });
    const { key, certificate } = await createSelfSignedCertificate({ names: ['127.0.0.1'], days: 400 });
    const accounts = new ENetServer({
      bindAddress: '127.0.0.1',
      tls: TLSOptions.server(key, certificate),
      host: { trace: inspector.trace },
    });
    accounts.registerEvent('ask', (peer, asked) => {
      accounts.triggerEvent(peer.peerId, 'answer', { to: asked, text: 'x'.repeat(3000) });
    });
    if (accounts.createServer(0, 32) !== 0) throw new Error('no port for the accounts');
    inspector.watch(rooms, {
      name: 'arenas',
      message: (text, to) => told.push(`${to.room ?? ''} ${to.peerId ?? 'all'} ${text}`),
    });
    inspector.watch(accounts, 'accounts');
    inspector.watch(node, 'node ulm');
    const game = new TourGame(await inspector.listen(0), {
      inspector,
      transport,
      rooms,
      node,
      accounts,
      told,
    });
    for (let number = 0; number < 4; number++) await game.#addClient(certificate);
    for (const name of ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil', 'Finn']) game.#addBot(name);
    return game;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const bot of this.#bots) bot.close();
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    const { inspector, node, accounts, transport } = this.#parts;
    await inspector.close();
    await node.close();
    await accounts[Symbol.asyncDispose]();
    transport.close();
  }

  #addBot(name: string): void {
    const peer = new ENetMultiplayerPeer();
    peer.createClient('127.0.0.1', this.#parts.transport.getLocalPort());
    const onChat = (who: string, text: string): number => this.heard.push(`${who}: ${text}`);
    this.#bots.push(new Bot({ name, peer, random: seededRandom(this.#bots.length + 1), onChat }));
  }

  async #addClient(certificate: string): Promise<void> {
    const client = new ENetClient({ tls: TLSOptions.client(certificate) });
    client.registerEvent('operator_message', (message) => this.messages.push(message.get('text')));
    client.connectToServer('127.0.0.1', this.#parts.accounts.getLocalPort());
    await client.connected();
    this.#clients.push(client);
  }
}
