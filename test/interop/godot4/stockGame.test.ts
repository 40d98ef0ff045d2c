/**
 * The game of docs/guide/stock-game.md, taken out of the page: its server, two games in the official Godot 4.6 whose keys are pressed, and
 * a player of ours over ENet. Only the port numbers are others, and an autoload tells what the games see.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Vector2 } from '../../../codec/index.ts';
import { SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../../src/godot.ts';
import { NodeScript, readFromFolder, rpc, SceneMultiplayer } from '../../../src/multiplayer.ts';
import { peer } from '../../support/peers.ts';
import { Godot4, isOfSlowPage } from './engine.ts';
import { until } from './player.ts';
import { portsIn, StockGame, type StockPorts, withPorts } from './StockGame.ts';

const engine = peer('godot4');
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The files of the page by their paths. */
const FILES = new Map(
  [
    ...readFileSync(join(ROOT, 'docs/guide/stock-game.md'), 'utf8').matchAll(
      /^\*\*`([\w./]+)`\*\*(?:[^\n]|\n(?!\n))*\n\n```\w+\n(.*?)^```$/gms,
    ),
  ].map(([, path = '', text = '']) => [path, text]),
);

test('the page has all files', () => {
  expect([...FILES.keys()].sort()).toEqual([
    'game/main.gd',
    'game/main.tscn',
    'game/player.gd',
    'game/player.tscn',
    'game/project.godot',
    'server.ts',
  ]);
});

describe.skipIf(engine.isMissing)(`the game of the guide${engine.note}`, { timeout: 60_000 }, () => {
  const folder = join(ROOT, '.build', `stock-game-${process.pid}`);
  const errors: string[] = [];
  let close: () => void = () => {};
  let ports: StockPorts = { udp: 0, tcp: 0 };
  let godot: Godot4;
  let a: StockGame;
  let b: StockGame;

  /** The files of the game with the server's ports. */
  const gameFiles = (): [path: string, text: string][] =>
    [...FILES]
      .filter(([path]) => path.startsWith('game/'))
      .map(([path, text]) => [path.slice('game/'.length), withPorts(text, ports)]);
  const startGame = (): Promise<StockGame> => StockGame.start(godot, Object.fromEntries(gameFiles()));

  beforeAll(async () => {
    mkdirSync(join(folder, 'game'), { recursive: true });
    const server = (FILES.get('server.ts') ?? '')
      .replace('PORT = 7777', 'PORT = 0')
      .replace('WEB_PORT = 7778', 'WEB_PORT = 0')
      .replace("loadProject('game')", `loadProject(${JSON.stringify(join(folder, 'game'))})`);
    writeFileSync(join(folder, 'server.ts'), server);
    for (const [path, text] of gameFiles()) writeFileSync(join(folder, 'game', path), text);
    const lines: unknown[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line));
    vi.spyOn(console, 'error').mockImplementation((line) => {
      if (!isOfSlowPage(String(line))) errors.push(String(line));
    });
    const before = new Set(process.listeners('SIGTERM'));
    try {
      await import(join(folder, 'server.ts'));
    } finally {
      log.mockRestore();
    }
    // What a signal would do; the process of the test is not to get one.
    close = () => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        for (const listener of process.listeners(signal))
          if (!before.has(listener) && String(listener).includes('multiplayer.close')) {
            listener(signal);
            process.off(signal, listener);
          }
    };
    ports = portsIn(String(lines[0]));
    godot = await Godot4.open();
    [a, b] = await Promise.all([startGame(), startGame()]);
    await Promise.all([a, b].map((game) => game.until(({ seen }) => seen.size === 2)));
  }, 60_000);
  afterAll(async () => {
    close();
    await godot?.close();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  test('two players, who see each other walk and wave', async () => {
    expect([...a.seen]).toEqual([...b.seen]);
    const start = b.seen.get(a.id);
    // Keys go to what has the focus.
    for (const { client } of [a, b]) await client.page.click('canvas');
    await a.client.page.keyboard.down('ArrowRight');
    await b.until(() => (b.seen.get(a.id)?.x ?? 0) > (start?.x ?? 0) + 20);
    await a.client.page.keyboard.up('ArrowRight');
    await b.client.page.keyboard.press('Enter');
    await a.until(() => a.seen.get(b.id)?.score === 1);
    expect(a.seen.get(a.id)?.score).toBe(0);
    expect(b.seen.get(a.id)?.y).toBe(start?.y);
  });

  test('a player over ENet, which is late; a cheat is refused; who leaves is gone', async () => {
    const mirror = new SceneMirror({ resources: readFromFolder(join(folder, 'game')) });
    mirror.registerScript(BotPlayer).registerScript(BotMain);
    const players = mirror.root.addChild(mirror.instantiate('res://main.tscn')).getNode('Players');
    const bot = new SceneMultiplayer({ mirror });
    const link = new ENetMultiplayerPeer();
    link.createClient('127.0.0.1', ports.udp);
    bot.multiplayerPeer = link;
    bot.start({ tickHz: 60 });
    const own = (): string => String(bot.getUniqueId());
    await until(
      () => players?.getChildCount() === 3,
      () => 'three players',
    );
    await a.until(() => a.seen.size === 3);
    expect(players?.getNode(b.id)?.get('score')).toBe(1);
    const input = bot.synchronizer(`/root/Main/Players/${own()}/Input`);
    input.setVisibilityFor(1, true);
    const there = a.seen.get(own());
    players?.getNode(own())?.set('direction', new Vector2(0, 1));
    await a.until(() => (a.seen.get(own())?.y ?? 0) > (there?.y ?? 0) + 20);
    expect(errors).toEqual([]);
    players?.getNode(own())?.set('direction', new Vector2(0, 100));
    await until(
      () => errors.some((line) => line.includes('state-refused')),
      () => 'a refusal',
    );
    mirror.getNode('/root/Main')?.rpcId(1, 'wave');
    await b.until(() => b.seen.get(own())?.score === 1);
    const id = own();
    bot.close();
    await a.until(() => a.seen.size === 2 && !a.seen.has(id));
    for (const line of errors) expect(line).toContain('state-refused');
    expect([a.client.errors, b.client.errors]).toEqual([[], []]);
  });

  test('the games hear of the end of the server', async () => {
    close();
    await Promise.all(
      [a, b].map((game) => game.until(({ client }) => client.output.includes('the server has gone'))),
    );
  });
});

class BotPlayer extends NodeScript {
  static override readonly path: string = 'res://player.gd';

  override _enterTree(): void {
    this.node.declareVariable({ name: 'direction', type: 'Vector2' });
    this.node.declareVariable({ name: 'score', type: 'int' });
    this.node.getNode('Input')?.setMultiplayerAuthority(Number(this.node.name));
  }
}

class BotMain extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = { wave: rpc('any_peer').args() };
}
