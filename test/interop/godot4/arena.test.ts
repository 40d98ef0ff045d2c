/**
 * The arena (`examples/arena`) with the real engine: two browsers at `/play`, with keys and mouse, and a bot over ENet that comes late,
 * against the server. What happens is read from the server's state, and from what the games print.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Vector2 } from '../../../codec/index.ts';
import { ArenaServer } from '../../../examples/arena/ArenaServer.ts';
import { seededRandom } from '../../../examples/arena/Bot.ts';
import type { Fighter } from '../../../examples/arena/Fighter.ts';
import { peer } from '../../support/peers.ts';
import { launchChromium } from './engine.ts';

const engine = peer('godot4');
/** The window of the project is three times as large. */
const SIZE = { width: 320, height: 180 };
const SCALE = 1 / 3;
const PATIENCE_MS = 60_000;

/** A game in a browser. */
class Player {
  readonly lines: string[] = [];
  readonly page: Page;
  readonly name: string;

  private constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
    page.on('console', (message) => this.lines.push(message.text()));
    page.on('pageerror', (error) => this.lines.push(`ERROR: ${error.message}`));
  }

  static async join(browser: Browser, url: string, name: string, byMenu: boolean): Promise<Player> {
    const context = await browser.newContext({ viewport: SIZE });
    const player = new Player(await context.newPage(), name);
    const { page } = player;
    await page.goto(byMenu ? `${url}play` : `${url}play?name=${name}`);
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

  get errors(): string[] {
    return this.lines.filter((line) => /^(SCRIPT |USER )?ERROR:/.test(line));
  }
}

describe.skipIf(engine.isMissing)(`the arena in two browsers${engine.note}`, { timeout: 300_000 }, () => {
  let server: ArenaServer;
  let browser: Browser;
  const traces: string[] = [];

  beforeAll(async () => {
    server = await ArenaServer.open({
      port: 0,
      address: '127.0.0.1',
      pagePort: 0,
      random: seededRandom(1),
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

    // Late, over ENet: it sees who was there, and both see it.
    const bot = server.addBot('Late');
    await fighter('Late');
    await until(
      () => bot.players.length === 3,
      () => `the bot sees all; it sees ${bot.players.length}`,
    );
    const seen = bot.players.map((node) => [node.get('player_name'), node.get('score')]);
    expect(seen).toEqual(expect.arrayContaining([['Ann', 1]]));
    await until(
      () => ann.lines.some((line) => line.startsWith('scores: ') && line.includes('Late')),
      () => `Ann sees the bot; she printed\n${ann.lines.join('\n')}`,
    );

    // Leave.
    const picture = await ann.page.screenshot();
    expect(picture.length).toBeGreaterThan(1000);
    await ben.page.close();
    await prints(ann, 'Ben leaves');
    expect(find('Ben')).toBeUndefined();
    await server.close();
    await prints(ann, 'The server has ended the connection.');
    await prints(ann, 'scores: ');
    expect([...ann.errors, ...ben.errors]).toEqual([]);
    // On a busy machine a browser takes its time to confirm a node, and to say its version.
    expect(traces.filter((line) => !/unconfirmed|does not confirm|dialect-/.test(line))).toEqual([]);
  });
});
