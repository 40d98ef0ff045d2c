/**
 * The arena (`examples/arena`) with the real engine: two browsers at `/play`, with keys and mouse, and a bot over ENet that comes late,
 * against the server. What happens is read from the server's state, and from what the games print. `ARENA_SCREENSHOTS=DIR` keeps pictures
 * of both pages there.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Vector2 } from '../../../codec/index.ts';
import type { Arena } from '../../../examples/arena/Arena.ts';
import { ArenaServer } from '../../../examples/arena/ArenaServer.ts';
import { seededRandom } from '../../../examples/arena/Bot.ts';
import type { Fighter } from '../../../examples/arena/Fighter.ts';
import { COOLDOWN_SEC, ROOM_PLAYERS, SPEED, TICK_HZ } from '../../../examples/arena/rules.ts';
import { peer } from '../../support/peers.ts';
import { isOfSlowPage, launchChromium } from './engine.ts';

const engine = peer('godot4');
/** The window of the project is three times as large. */
const SIZE = { width: 320, height: 180 };
const SCALE = 1 / 3;
const PATIENCE_MS = 60_000;
/** How long they play freely. */
const PLAY_MS = 20_000;
/** Frames a second that each game draws: in software, beside the others. */
const FPS = 15;
const PICTURES = process.env['ARENA_SCREENSHOTS'];

/** A game in a browser. */
class Player {
  readonly lines: string[] = [];
  page: Page;
  readonly name: string;

  private constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
    this.#listen();
  }

  /** Closes the page, and opens it in another one of the same browser. */
  async reopen(url: string): Promise<void> {
    const context = this.page.context();
    await this.page.close();
    this.page = await context.newPage();
    this.#listen();
    await this.page.goto(`${url}play?fps=${FPS}&name=${this.name}`);
  }

  #listen(): void {
    this.page.on('console', (message) => this.lines.push(message.text()));
    this.page.on('pageerror', (error) => this.lines.push(`ERROR: ${error.message}`));
  }

  static async join(browser: Browser, url: string, name: string, byMenu: boolean): Promise<Player> {
    const context = await browser.newContext({ viewport: SIZE });
    const player = new Player(await context.newPage(), name);
    const { page } = player;
    await page.goto(`${url}play?fps=${FPS}${byMenu ? '' : `&name=${name}`}`);
    if (!byMenu) return player;
    await page.locator('#wait').waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+a');
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    return player;
  }

  async aimAt({ x, y }: Vector2): Promise<void> {
    await this.page.mouse.move(x * SCALE, y * SCALE);
  }

  /** A picture of its page, which is kept where `ARENA_SCREENSHOTS` says. */
  async picture(title: string): Promise<Buffer> {
    if (PICTURES === undefined) return this.page.screenshot();
    mkdirSync(PICTURES, { recursive: true });
    return this.page.screenshot({ path: join(PICTURES, `${title}-${this.name}.png`) });
  }

  get errors(): string[] {
    return this.lines.filter((line) => /^(SCRIPT |USER )?ERROR:/.test(line));
  }
}

/** A player who runs about. */
class Runner {
  readonly player: Player;
  readonly fighter: Fighter;
  /** How far it has run, in pixels. */
  way = 0;
  /** Where it was at the last tick; `undefined` while it is down. */
  last: Vector2 | undefined;

  constructor(player: Player, fighter: Fighter) {
    this.player = player;
    this.fighter = fighter;
  }
}

/** Looks at each tick how far players run; `wrong` gets what is against the rules. */
function watch(arena: Arena, runners: readonly Runner[]): { wrong: string[]; unwatch: () => void } {
  const wrong: string[] = [];
  const unwatch = arena.multiplayer.mirror.watchTree({
    processed: () => {
      for (const runner of runners) {
        const { position, isUp, name } = runner.fighter;
        const { last } = runner;
        // Who was down comes back anywhere.
        runner.last = isUp ? position : undefined;
        if (!arena.field.isFree(position.x, position.y)) wrong.push(`${name} in a wall, at ${position}`);
        if (last === undefined || !isUp) continue;
        const step = Math.hypot(position.x - last.x, position.y - last.y);
        if (step > SPEED / TICK_HZ + 1e-3) wrong.push(`${name} runs ${step} in a tick`);
        runner.way += step;
      }
    },
  });
  return { wrong, unwatch };
}

/** Two players press keys, and hold the button where the other one is: for a while, and until something is true. */
async function play(runners: readonly [Runner, Runner], isEnough: () => boolean): Promise<void> {
  const random = seededRandom(2);
  const [one, two] = runners;
  const sides = [
    [one.player, two.fighter],
    [two.player, one.fighter],
  ] as const;
  for (const [{ page }] of sides) await page.mouse.down();
  const start = performance.now();
  const isOver = (): boolean => {
    const ms = performance.now() - start;
    return ms > PLAY_MS && (isEnough() || ms > PATIENCE_MS);
  };
  for (let round = 0; !isOver(); round++) {
    const keys = sides.map(() => 'wasd'[Math.floor(4 * random())] ?? 'w');
    for (const [i, [player, other]] of sides.entries()) {
      await player.page.keyboard.down(keys[i] ?? '');
      await player.aimAt(other.position);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (round === 5) for (const [player] of sides) await player.picture('3-play');
    for (const [i, [{ page }]] of sides.entries()) await page.keyboard.up(keys[i] ?? '');
  }
  for (const [{ page }] of sides) await page.mouse.up();
}

const DOWN = / hits .* down$/;

describe.skipIf(engine.isMissing)(`the arena in two browsers${engine.note}`, { timeout: 300_000 }, () => {
  let server: ArenaServer;
  let browser: Browser;
  const traces: string[] = [];
  const log: string[] = [];

  beforeAll(async () => {
    server = await ArenaServer.open({
      port: 0,
      address: '127.0.0.1',
      pagePort: 0,
      random: seededRandom(1),
      log: (line) => log.push(line),
      onTrace: (line) => traces.push(line),
    });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Waits for something that shall become true. */
  async function until(isTrue: () => boolean, what: () => string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!isTrue()) {
      if (performance.now() > end) throw new Error(`it never came that ${what()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const find = (name: string): Fighter | undefined =>
    [...server.arena.fighters.values()].find((fighter) => fighter.name === name);
  async function fighter(name: string): Promise<Fighter> {
    await until(
      () => find(name) !== undefined,
      () => `${name} plays; there are ${server.arena.multiplayer.getPeers().join()}`,
    );
    const found = find(name);
    if (found === undefined) throw new Error(`${name} is gone`);
    return found;
  }
  const prints = (player: Player, line: string): Promise<void> =>
    until(
      () => player.lines.includes(line),
      () => `${player.name} prints ${line}; it printed\n${player.lines.join('\n')}`,
    );

  test('they move, hit, score, talk and leave, and a bot comes late', async () => {
    const { arena } = server;
    const url = server.url ?? '';
    const ann = await Player.join(browser, url, 'Ann', false);
    const annFighter = await fighter('Ann');
    const ben = await Player.join(browser, url, 'Ben', true);
    const benFighter = await fighter('Ben');
    await prints(ann, 'scores: Ann 0, Ben 0');
    for (const player of [ann, ben]) await player.picture('1-start');

    // Movement: a key of the client, a place of the server.
    annFighter.node.set('position', new Vector2(60, 480));
    benFighter.node.set('position', new Vector2(300, 480));
    await ann.page.keyboard.down('d');
    await until(
      () => annFighter.position.x > 120,
      () => `Ann runs to the right; she is at ${annFighter.position}`,
    );
    await ann.page.keyboard.up('d');
    expect(annFighter.position.y).toBe(480);
    expect(benFighter.position).toEqual(new Vector2(300, 480));

    // Hits: Ann holds the button where she sees Ben, until he is down.
    const shots: { victim: number; ticksAgo: number }[] = [];
    arena.onShot = (shot) => shots.push(shot);
    await ann.aimAt(benFighter.position);
    await ann.page.mouse.down();
    await until(
      () => annFighter.score === 1,
      () => `Ben is down; he has ${benFighter.node.get('health')}, ${shots.length} shots`,
    );
    await ann.picture('2-shot');
    await ben.picture('2-shot');
    await ann.page.mouse.up();
    expect(shots.filter(({ victim }) => victim === Number(benFighter.node.name))).toHaveLength(3);
    // As Ann saw it: at least the tick between whose two states she draws.
    expect(shots.every(({ ticksAgo }) => ticksAgo >= 1 && ticksAgo < 40)).toBe(true);
    for (const player of [ann, ben]) {
      await prints(player, 'Ann hits Ben down');
      await prints(player, 'scores: Ann 1, Ben 0');
    }
    await until(
      () => benFighter.isUp,
      () => 'Ben is back',
    );

    // Chat, with what could be read as markup; its letters are no steps.
    const { position } = benFighter;
    await ben.page.keyboard.press('Enter');
    await ben.page.keyboard.type('[b]wasd');
    await ben.page.keyboard.press('Enter');
    for (const player of [ann, ben]) await prints(player, 'Ben: [b]wasd');
    expect(arena.chat.history).toContainEqual(['Ben', '[b]wasd']);
    expect(benFighter.position).toEqual(position);

    // A while of play: both run about, and shoot where the other one is.
    const downs = (): number => log.filter((line) => DOWN.test(line)).length;
    const downsBefore = downs();
    shots.length = 0;
    const started = performance.now();
    const pair = [new Runner(ann, annFighter), new Runner(ben, benFighter)] as const;
    const { wrong, unwatch } = watch(arena, pair);
    await play(pair, () => downs() > downsBefore);
    const playedSec = (performance.now() - started) / 1000;
    unwatch();
    expect(wrong).toEqual([]);
    for (const { way, player } of pair) expect(way, player.name).toBeGreaterThan(SPEED);
    expect(shots.length).toBeGreaterThan(20);
    expect(shots.length).toBeLessThanOrEqual(2 * (1 + playedSec / COOLDOWN_SEC));
    expect(downs()).toBeGreaterThan(downsBefore);
    expect(annFighter.score + benFighter.score).toBe(downs());
    const scores = pair
      .map(({ fighter: { name, score } }) => ({ name, score }))
      .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
      .map(({ name, score }) => `${name} ${score}`)
      .join(', ');
    for (const player of [ann, ben])
      await until(
        () => player.lines.findLast((line) => line.startsWith('scores: ')) === `scores: ${scores}`,
        () => `${player.name} prints ${scores}; it printed\n${player.lines.join('\n')}`,
      );
    await ben.picture('4-end');
    const annScore = annFighter.score;

    // Late, over ENet: it sees who was there, and both see it.
    const bot = server.addBot('Late');
    await fighter('Late');
    await until(
      () => bot.players.length === 3,
      () => `the bot sees all; it sees ${bot.players.length}`,
    );
    const seen = bot.players.map((node) => [node.get('player_name'), node.get('score')]);
    expect(seen).toEqual(expect.arrayContaining([['Ann', annScore]]));
    await until(
      () => ann.lines.some((line) => line.startsWith('scores: ') && line.includes('Late')),
      () => `Ann sees the bot; she printed\n${ann.lines.join('\n')}`,
    );

    // A page that is closed, and opened again: the same player, with place and score.
    const benScore = benFighter.score;
    const benId = benFighter.node.name;
    await ben.reopen(url);
    await prints(ann, 'Ben is away');
    await prints(ann, 'Ben is back');
    expect(find('Ben')).toBe(benFighter);
    expect(benFighter.node.name).not.toBe(benId);
    const back = new Runner(ben, benFighter);
    const watched = watch(arena, [back]);
    await ben.page.keyboard.down('d');
    await ben.page.keyboard.down('s');
    await until(
      () => back.way > 20,
      () => `Ben runs on; he printed\n${ben.lines.join('\n')}`,
    );
    watched.unwatch();
    expect(benFighter.score).toBeGreaterThanOrEqual(benScore);
    expect(log.filter((line) => line.endsWith(': Ben joins'))).toEqual(['arena 1: Ben joins']);

    // Leave.
    const picture = await ann.picture('5-late');
    expect(picture.length).toBeGreaterThan(1000);
    await ben.page.close();
    await until(
      () =>
        arena.freeSeats() === ROOM_PLAYERS - 3 &&
        log.filter((line) => line.endsWith(': Ben is away')).length === 2,
      () => `Ben is away, and his place is kept\n${log.join('\n')}`,
    );
    await prints(ann, 'Ben leaves');
    expect(find('Ben')).toBeUndefined();
    await server.close();
    await prints(ann, 'The server has ended the connection.');
    await prints(ann, 'scores: ');
    await ann.picture('6-menu');
    expect([...ann.errors, ...ben.errors]).toEqual([]);
    expect(traces.filter((line) => !isOfSlowPage(line))).toEqual([]);
  });
});
