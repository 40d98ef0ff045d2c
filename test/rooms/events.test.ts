/** Players who speak the protocol of ENetServer, in the same rooms as stock clients. */
import { describe, expect, test } from 'vitest';
import type { VariantInput } from '../../codec/index.ts';
import { SceneFollower, SceneMirror } from '../../schema/index.ts';
import { createCompressor } from '../../src/io/compression.ts';
import type { Login, Player, ReturnInfo, RoomServerOptions } from '../../src/rooms/index.ts';
import { ENetClient, ENetServer } from '../../src/server/index.ts';
import { RoomClient, RoomGame, TaggedRoom } from './roomGame.ts';

const SERVER_IP = '10.0.0.1';

class MixedRoom extends TaggedRoom {
  readonly said: string[] = [];

  override onCreate(options: { readonly tag: number } | undefined): void {
    super.onCreate(options);
    this.onEvent('say', (player: Player, payload) => {
      this.said.push(`${player.id}: ${String(payload.get('text'))}`);
      this.broadcastEvent('said', { tag: this.tag, text: String(payload.get('text')) });
      this.mirror.getNode('/root/Main')?.rpc('told', this.tag);
    });
    this.replicate({ rate: 50 });
  }
}

class EventClient {
  readonly client: ENetClient;
  readonly mirror = new SceneMirror();
  readonly events: string[] = [];
  readonly #follower = new SceneFollower(this.mirror);

  /** @param name with which it logs in, if the server asks. */
  constructor(game: RoomGame, ip: string, name: string | undefined = undefined) {
    this.client = new ENetClient({ runtime: game.network.createRuntime(ip), createCompressor });
    this.client.on('rawPacketReceived', (bytes) => this.#follower.receive(bytes));
    this.client.on('unknownEventReceived', (name, payload) => {
      if (name.startsWith('node_')) return;
      this.events.push(`${name} ${String(payload.get('tag') ?? payload.get('kind'))}`);
      if (name === 'room_joined')
        this.client.triggerEvent('room_ready', { move: Number(payload.get('move')) });
    });
    if (name !== undefined) this.client.on('connectedToServer', () => this.client.sendPacket({ name }));
    this.client.connectToServer(SERVER_IP, PORT);
  }

  say(text: string): void {
    this.client.triggerEvent('say', { text });
  }

  get nodes(): number {
    return this.mirror.getNode('Main/Players')?.getChildCount() ?? -1;
  }
}

const PORT = 7778;

function gameWithEvents(): RoomGame {
  return new RoomGame((network) => {
    const server = new ENetServer({ runtime: network.createRuntime(SERVER_IP), createCompressor });
    server.createServer(PORT);
    return { events: { server } };
  });
}

test('a login that answers nothing lets nobody in, and a stock client cannot take the id of another player', async () => {
  let answer: unknown;
  const game = new RoomGame((network) => {
    const server = new ENetServer({ runtime: network.createRuntime(SERVER_IP), createCompressor });
    server.createServer(PORT);
    return { events: { server, login: () => answer as Login } };
  });
  await game.rooms.create('lobby', { tag: 9 });
  const log = (ip: string): ENetClient => {
    const client = new ENetClient({ runtime: game.network.createRuntime(ip), createCompressor });
    client.on('connectedToServer', () => client.sendPacket({ name: 'ada' }));
    client.connectToServer(SERVER_IP, PORT);
    return client;
  };
  for (const [i, nobody] of [undefined, null, true, {}].entries()) {
    answer = nobody;
    log(`10.0.8.${i + 1}`);
    await game.run(50);
  }
  expect(game.rooms.players).toEqual([]);
  answer = { player: 'ada' };
  log('10.0.8.9');
  await game.run(50);
  const [ada] = game.rooms.players;
  expect(ada?.protocol).toBe('events');
  const thief = new RoomClient(game.network, '10.0.8.10');
  thief.peer.generateUniqueId = () => ada?.peerId ?? 0;
  game.clients.push(thief);
  thief.connect();
  await game.run(50);
  expect(game.rooms.players).toEqual([ada]);
  expect(game.rooms.metrics().refusals.get('login')).toBe(1);
});

describe('in one room', () => {
  test('both kinds of players hear each other, and each has the tree', async () => {
    const game = gameWithEvents();
    game.rooms.define('mixed', MixedRoom);
    const a = (await game.rooms.create('mixed', { tag: 1 })) as MixedRoom;
    const b = (await game.rooms.create('mixed', { tag: 2 })) as MixedRoom;
    await game.rooms.create('lobby', { tag: 9 });
    const stock = game.join();
    const other = new EventClient(game, '10.0.9.1');
    await game.run(100);
    const player = game.rooms.players.find(({ protocol }) => protocol === 'events');
    if (player === undefined) throw new Error('nobody speaks events');
    await game.playerOf(stock).moveTo(a);
    await player.moveTo(a);
    await game.run(100);
    expect(other.events).toEqual(['room_joined lobby', 'room_joined mixed']);
    expect(other.nodes).toBe(2);
    expect(stock.nodes).toHaveLength(2);
    other.say('hello');
    await game.run(50);
    expect(a.said).toEqual([`${player.id}: hello`]);
    expect(other.events.at(-1)).toBe('said 1');
    expect(stock.told.at(-1)).toBe(1);
    // What is under way while it moves is for the old room.
    other.say('late');
    await player.moveTo(b);
    await game.run(100);
    other.say('here');
    await game.run(50);
    expect(a.said).toHaveLength(1);
    expect(b.said).toEqual([`${player.id}: here`]);
    expect(game.rooms.metrics().refusals.get('late')).toBe(1);
    expect(other.nodes).toBe(1);
    expect(stock.nodes).toHaveLength(1);
    other.client.disconnectFromServer();
    await game.run(50);
    expect(b.hooks.at(-1)).toBe(`leave ${player.id} goodbye`);
    expect(game.errors).toEqual([]);
  });
});

describe('while one is away', () => {
  /** A server with two doors and one login; a client of events by its name. */
  function gameWithNames(more: Partial<RoomServerOptions> = {}): RoomGame {
    const game: RoomGame = new RoomGame((network) => {
      const server = new ENetServer({ runtime: network.createRuntime(SERVER_IP), createCompressor });
      server.createServer(PORT);
      return {
        events: { server, login: (_peer, data) => ({ player: String(data.get('name')) }) },
        auth: ({ text, reply }) => {
          reply('in');
          return { player: text };
        },
        ...more,
      };
    });
    return game;
  }

  class Note extends TaggedRoom {
    readonly returns: string[] = [];
    override onReturn(player: Player, { lostCalls, lostEvents }: ReturnInfo): void {
      this.returns.push(`${player.id} ${player.protocol} ${lostCalls} ${lostEvents}`);
    }
  }

  async function adaOver(game: RoomGame, ip: string): Promise<{ client: EventClient; ada: Player }> {
    const client = new EventClient(game, ip, 'ada');
    await game.run(80);
    const ada = game.rooms.player('ada');
    if (ada === undefined) throw new Error('nobody');
    return { client, ada };
  }

  async function dropped(more: Partial<RoomServerOptions> = {}): Promise<{
    game: RoomGame;
    room: Note;
    ada: Player;
  }> {
    const game = gameWithNames({ entry: 'note', ...more });
    const room = await game.rooms.define('note', Note).create(Note, { tag: 1 });
    const { ada } = await adaOver(game, '10.0.9.1');
    expect(ada.room).toBe(room);
    game.network.partition(['10.0.9.1'], [SERVER_IP]);
    await game.run(4500);
    expect(ada.isAway).toBe(true);
    return { game, room, ada };
  }

  test('events that are kept come when it is back, after room_joined, as they were; others do not', async () => {
    const { game, room, ada } = await dropped();
    const payload = new Map<string, VariantInput>([['tag', 5]]);
    expect(room.sendEvent(ada, 'gone', { tag: 1 })).toBe(33);
    room.broadcastEvent('gone', { tag: 2 });
    expect(room.sendEvent(ada, 'gift', payload, { kept: true })).toBe(0);
    payload.set('tag', 6);
    room.broadcastEvent('news', payload, { kept: true });
    payload.set('tag', 7);
    // Calls are for those who speak calls.
    room.rpcKept('/root/Main', 'kept', 1);
    const { client } = await adaOver(game, '10.0.9.2');
    expect(client.events).toEqual(['room_joined note', 'gift 5', 'news 6']);
    expect(room.returns).toEqual(['ada events 0 0']);
    // Who is there gets it at once, and once.
    room.broadcastEvent('news', { tag: 8 }, { kept: true });
    await game.run(20);
    expect(client.events.slice(3)).toEqual(['news 8']);
    expect(game.errors).toEqual([]);
  });

  test('more than may be kept are lost, the oldest first, and counted', async () => {
    const { game, room, ada } = await dropped({ maxKeptEvents: 3 });
    for (let i = 1; i <= 5; i++) room.sendEvent(ada, 'gift', { tag: i }, { kept: true });
    const { client } = await adaOver(game, '10.0.9.2');
    expect(client.events.slice(1)).toEqual(['gift 3', 'gift 4', 'gift 5']);
    expect(room.returns).toEqual(['ada events 0 2']);
  });

  test('what its client does not speak any more is lost, and counted', async () => {
    const { game, room, ada } = await dropped();
    for (let i = 1; i <= 2; i++) room.sendEvent(ada, 'gift', { tag: i }, { kept: true });
    const stock = game.join('ada');
    await game.run(80);
    expect([ada.protocol, room.returns]).toEqual(['scene', ['ada scene 0 2']]);
    stock.vanish();
    await game.run(4500);
    room.rpcKept('/root/Main', 'kept', 1);
    expect(room.sendEvent(ada, 'gift', { tag: 3 }, { kept: true })).toBe(33);
    const { client } = await adaOver(game, '10.0.9.2');
    expect(client.events).toEqual(['room_joined note']);
    expect(room.returns.slice(1)).toEqual(['ada events 1 0']);
  });
});
