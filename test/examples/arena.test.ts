/**
 * The arena on the virtual network: bots over ENet with latency, jitter and loss play for a minute. They move, hit, score, talk, one
 * comes late and one leaves; whatever is played, the rules hold, and every client sees what the server says.
 */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { type VariantValue, Vector2 } from '../../codec/index.ts';
import { Arena, type Shot } from '../../examples/arena/Arena.ts';
import { openArenas } from '../../examples/arena/arenas.ts';
import { Bot, type BotOptions, seededRandom } from '../../examples/arena/Bot.ts';
import { isInput } from '../../examples/arena/Fighter.ts';
import { PROJECT } from '../../examples/arena/project.ts';
import {
  COOLDOWN_SEC,
  cleanName,
  FULL_HEALTH,
  INTRODUCE_SEC,
  MAX_CHAT,
  MAX_NAME,
  ROOM_PLAYERS,
  SPEED,
} from '../../examples/arena/rules.ts';
import { type MirrorNode, SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot.ts';
import { SceneMultiplayer } from '../../src/multiplayer.ts';
import type { Player, RoomServer } from '../../src/rooms.ts';
import { SimNetwork } from '../../src/testing.ts';

const SEED = Number(process.env['FC_SEED'] ?? 1);
const SERVER = '10.0.0.1';
const PORT = 7777;

/** Arenas and bots on a network of their own. */
class Match {
  readonly network = new SimNetwork({ seed: SEED, latencyMs: 60, jitterMs: 15, loss: 0.03 });
  readonly server: ENetMultiplayerPeer;
  readonly rooms: RoomServer;
  readonly bots: Bot[] = [];
  readonly log: string[] = [];
  readonly traces: string[] = [];
  readonly shots: Shot[] = [];
  #addresses = 0;

  private constructor() {
    const runtime = this.network.createRuntime(SERVER);
    this.server = new ENetMultiplayerPeer({ runtime });
    expect(this.server.createServer(PORT)).toBe(0);
    this.rooms = openArenas(this.server, {
      runtime,
      random: seededRandom(SEED),
      log: (line) => this.log.push(line),
      onTrace: (line) => this.traces.push(line),
    });
    this.rooms.start();
  }

  static async open(): Promise<Match> {
    const made = new Match();
    await made.rooms.create('arena');
    made.arena.onShot = (shot) => made.shots.push(shot);
    return made;
  }

  get arena(): Arena {
    return this.arenas[0] ?? expect.fail('no arena');
  }

  get arenas(): Arena[] {
    return this.rooms.rooms.filter((room) => room instanceof Arena);
  }

  join(name: string, more: Partial<BotOptions> = {}): Bot {
    const runtime = this.network.createRuntime(`10.0.1.${++this.#addresses}`);
    const peer = new ENetMultiplayerPeer({ runtime });
    peer.createClient(SERVER, PORT);
    const random = seededRandom(SEED * 1000 + this.bots.length);
    const onTrace = (line: string): number => this.traces.push(`${name}: ${line}`);
    const bot = new Bot({ name, peer, random, runtime, onTrace, ...more });
    this.bots.push(bot);
    return bot;
  }

  /** Lets time pass; rooms keep promises. */
  async advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      this.network.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Waits until clients see of the players what the server says, but for what is under way. */
  async settle(bots: readonly Bot[]): Promise<void> {
    const seenIn = (nodes: readonly MirrorNode[]): string[] =>
      nodes.map((node) => [node.name, node.get('player_name'), node.get('score')].join()).toSorted();
    const said = (): string[] => seenIn([...this.arena.fighters.values()].map(({ node }) => node));
    const isSettled = (): boolean => {
      const expected = said().join(';');
      return bots.every((bot) => seenIn(bot.players).join(';') === expected);
    };
    for (let i = 0; i < 100 && !isSettled(); i++) await this.advance(20);
    for (const bot of bots) expect(seenIn(bot.players)).toEqual(said());
  }

  async close(): Promise<void> {
    for (const bot of this.bots) bot.close();
    await this.rooms.close();
  }
}

let match: Match | undefined;
afterEach(async () => {
  await match?.close();
  match = undefined;
});

test(`a minute of bots, seed ${SEED}`, { timeout: 120_000 }, async () => {
  match = await Match.open();
  const { arena, bots, log, shots } = match;
  const heard: string[] = [];
  match.join('Ada', { onChat: (who, text) => heard.push(`${who}: ${text}`) });
  match.join('Bob');
  match.join('Bob');
  match.join(' Cleo\n with a name that is too long ');

  const last = new Map<Player, Vector2>();
  const wrong: string[] = [];
  let far = 0;
  let steps = 0;
  arena.multiplayer.mirror.watchTree({
    processed: () => {
      for (const [id, fighter] of arena.fighters) {
        const { position, node, isUp, name } = fighter;
        const health = Number(node.get('health'));
        if (!arena.field.isFree(position.x, position.y)) wrong.push(`${name} in a wall, at ${position}`);
        if (!(health >= 0 && health <= FULL_HEALTH)) wrong.push(`${name} has ${health}`);
        const before = last.get(id);
        if (isUp) last.set(id, position);
        else last.delete(id);
        // Who has just appeared comes from anywhere.
        if (before === undefined || !isUp) continue;
        const way = Math.hypot(position.x - before.x, position.y - before.y);
        if (way > SPEED / 30 + 1e-3) wrong.push(`${name} runs ${way} in a tick`);
        far += way;
        steps++;
      }
    },
  });

  await match.advance(30_000);
  const names = [...arena.fighters.values()].map(({ name }) => name);
  expect(names.toSorted()).toEqual(['Ada', 'Bob', 'Bob 2', 'Cleo with a name'].toSorted());
  const late = match.join('Late');
  await match.advance(2000);
  expect(late.players).toHaveLength(5);
  await match.settle([late]);
  const [ada, bob] = bots;
  ada?.say('x'.repeat(1000));
  const bobId = bob?.multiplayer.getUniqueId() ?? 0;
  const player = arena.playerOf(bobId);
  const leaver = player && arena.fighters.get(player)?.name;
  bob?.close();
  await match.advance(28_000);

  expect(leaver).toBeDefined();
  expect(arena.playerOf(bobId)).toBeUndefined();
  expect(arena.fighters.size).toBe(4);
  for (const bot of bots) if (bot !== bob) expect(bot.players).toHaveLength(4);
  expect(log).toContain(`arena 1: ${leaver} leaves`);
  expect(far / steps).toBeGreaterThan(SPEED / 30 / 2);
  expect(wrong).toEqual([]);
  const hits = shots.filter(({ victim }) => victim !== 0);
  expect(hits.length).toBeGreaterThan(20);
  // 60 ms there and back, and a frame or two.
  expect(shots.every(({ ticksAgo }) => ticksAgo >= 2 && ticksAgo < 15)).toBe(true);
  expect(shots.length).toBeLessThan((5 * 60) / COOLDOWN_SEC);
  const scores = [...arena.fighters.values()].reduce((sum, { score }) => sum + score, 0);
  expect(log.filter((line) => / hits .* down/.test(line)).length).toBeGreaterThanOrEqual(scores);
  expect(scores).toBeGreaterThan(5);
  expect(heard).toContain(`Ada: ${'x'.repeat(MAX_CHAT)}`);
  expect(heard).toContain(`: ${leaver} leaves`);
  expect(names.every((name) => name.length <= MAX_NAME)).toBe(true);

  await match.settle(bots.filter((bot) => bot !== bob));
  // What a client sent before it left may come after its end.
  expect(match.traces.filter((line) => !line.includes(`peer ${bobId}: it is not admitted`))).toEqual([]);
});

test('who says nothing is disconnected, and who talks too much is not heard', async () => {
  match = await Match.open();
  const { network, rooms } = match;
  const heard: string[] = [];
  const ada = match.join('Ada', { onChat: (_who, text) => heard.push(text) });
  await match.advance(1000);
  for (let i = 0; i < 50; i++) ada.say(`line ${i}`);
  ada.say(' \u0000\n ');
  const runtime = network.createRuntime('10.0.9.9');
  const silent = new ENetMultiplayerPeer({ runtime });
  silent.createClient(SERVER, PORT);
  const mirror = new SceneMirror();
  const multiplayer = new SceneMultiplayer({ mirror, runtime });
  multiplayer.multiplayerPeer = silent;
  multiplayer.start({ tickHz: 30 });
  await match.advance(2000);
  expect([rooms.metrics().peers, rooms.metrics().authenticatedPeers]).toEqual([2, 1]);
  const lines = heard.filter((text) => text.startsWith('line'));
  expect(lines.slice(0, 4)).toEqual([0, 1, 2, 3].map((i) => `line ${i}`));
  // Five at once, and one more for each second that they took.
  expect(lines.length).toBeLessThan(8);
  await match.advance(INTRODUCE_SEC * 1000);
  expect(rooms.metrics().peers).toBe(1);
  multiplayer.close();
});

test('a full arena, a second one, and a player who drops and comes back with place and score', async () => {
  match = await Match.open();
  const { rooms, network, log } = match;
  for (let i = 0; i <= ROOM_PLAYERS; i++) match.join(`Bot ${i}`);
  await match.advance(2000);
  expect(match.arenas.map(({ players }) => players.size)).toEqual([ROOM_PLAYERS, 1]);
  expect(log.filter((line) => line.startsWith('arena 2: '))).toEqual([
    expect.stringMatching(/Bot \d+ joins$/),
  ]);
  const idOf = (bot: Bot | undefined): number => bot?.multiplayer.getUniqueId() ?? 0;
  const index = match.bots.findIndex((bot) => match?.arena.playerOf(idOf(bot)) !== undefined);
  const first = match.bots[index];
  const player = match.arena.playerOf(idOf(first));
  const fighter = player && match.arena.fighters.get(player);
  if (first === undefined || fighter === undefined) throw new Error('nobody is there');
  fighter.scores();
  const { score, name } = fighter;
  network.partition([`10.0.1.${index + 1}`], [SERVER]);
  match.server.getPeer(idOf(first))?.setTimeout(32, 1000, 1000);
  for (let i = 0; i < 50 && player?.isAway !== true; i++) await match.advance(100);
  first.close();
  expect(log).toContain(`arena 1: ${name} is away`);
  // Nobody gets its place: a made-up secret is none, nor is the id, which is no secret.
  expect(player?.id).toMatch(/^[0-9a-f]{32}$/);
  expect(first.secret).not.toContain(player?.id);
  const other = match.join('Other', { secret: player?.id });
  const again = match.join(name, { secret: first.secret });
  const areIn = (): boolean => [other, again].every((bot) => rooms.playerOf(idOf(bot))?.room !== undefined);
  for (let i = 0; i < 100 && !areIn(); i++) await match.advance(100);
  await match.advance(500);
  expect(rooms.playerOf(idOf(other))?.room).toBe(match.arenas[1]);
  expect(rooms.playerOf(idOf(again))).toBe(player);
  expect(log).toContain(`arena 1: ${name} is back`);
  expect(fighter.node.name).toBe(String(idOf(again)));
  expect([fighter.name, fighter.score >= score]).toEqual([name, true]);
  const { position } = fighter;
  await match.advance(3000);
  // It is its client that moves it.
  expect(fighter.position).not.toEqual(position);
  expect(again.players).toHaveLength(ROOM_PLAYERS);
  const secrets = match.bots.map((bot) => bot.secret);
  expect(match.traces.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
});

test('what a client says it wants is looked at', () => {
  const said = (move: unknown, aim: unknown): boolean =>
    isInput(
      new Map([
        ['.:move', move as VariantValue],
        ['.:aim', aim as VariantValue],
      ]),
    );
  expect(said(new Vector2(0.6, -0.8), -3.1)).toBe(true);
  expect(said(new Vector2(3, 0), 0)).toBe(false);
  expect(said(new Vector2(Number.NaN, 0), 0)).toBe(false);
  expect(said(new Vector2(0, 0), Number.NaN)).toBe(false);
  expect(said(new Vector2(0, 0), 'up')).toBe(false);
  expect(cleanName('  \u202e\u0007 ')).toBe('Player');
  expect(cleanName('🦊'.repeat(30))).toBe('🦊'.repeat(MAX_NAME));
});

test(`nobody walks or shoots through a wall, seed ${SEED}`, async () => {
  match = await Match.open();
  const { field } = match.arena;
  const random = seededRandom(SEED);
  for (let i = 0; i < 2000; i++) {
    let at = field.freePlace(random);
    const aim = 2 * Math.PI * random();
    const { to } = field.shoot(at, aim, []);
    // A pixel before the end nothing is in the way of a shot, and a player who walks stays where players can be.
    expect(Math.hypot(to.x - at.x, to.y - at.y)).toBeGreaterThanOrEqual(12);
    for (let step = 0; step < 20; step++) {
      at = field.step(at, new Vector2(9 * Math.cos(aim), 9 * Math.sin(aim)));
      expect(field.isFree(at.x, at.y), `${at}`).toBe(true);
    }
  }
  // The wall in the middle, 330..390 x 240..300: from the left, and who stands behind it.
  const behind = { who: 'behind', at: new Vector2(450, 270) };
  expect(field.shoot(new Vector2(250, 270), 0, [behind])).toEqual({
    to: new Vector2(330, 270),
    who: undefined,
  });
  const before = { who: 'before', at: new Vector2(300, 270) };
  expect(field.shoot(new Vector2(250, 270), 0, [behind, before])).toEqual({
    to: new Vector2(288, 270),
    who: 'before',
  });
});

test('its project is read as it is, and its copy of the helper is the helper', () => {
  expect(PROJECT.issues).toEqual([]);
  const text = (path: string): string =>
    readFileSync(new URL(`../../examples/${path}`, import.meta.url), 'utf8');
  expect(text('arena/godot/network_time.gd')).toBe(text('netcode/godot/network_time.gd'));
});
