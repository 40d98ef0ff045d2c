/** Players who speak the protocol of ENetServer, in the same rooms as stock clients. */
import { describe, expect, test } from 'vitest';
import { SceneFollower, SceneMirror } from '../../schema/index.ts';
import { createCompressor } from '../../src/io/compression.ts';
import type { Login, Player } from '../../src/rooms/index.ts';
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

  constructor(game: RoomGame, ip: string) {
    this.client = new ENetClient({ runtime: game.network.createRuntime(ip), createCompressor });
    this.client.on('rawPacketReceived', (bytes) => this.#follower.receive(bytes));
    this.client.on('unknownEventReceived', (name, payload) => {
      if (name.startsWith('node_')) return;
      this.events.push(`${name} ${String(payload.get('tag') ?? payload.get('kind'))}`);
      if (name === 'room_joined')
        this.client.triggerEvent('room_ready', { move: Number(payload.get('move')) });
    });
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
