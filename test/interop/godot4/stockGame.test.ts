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
import { Godot4, type Godot4Client } from './engine.ts';
import { until } from './player.ts';
import { completeProject } from './project.ts';

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

/** Reports all players, when they are others than before. */
const PROBE = `extends Node

var told := ""

func _process(_delta: float) -> void:
	var seen := []
	for player in get_node("/root/Main/Players").get_children():
		seen.append("%s %d %d %d" % [player.name, player.position.x, player.position.y, player.score])
	var text := "players " + ";".join(seen)
	if text != told:
		told = text
		Harness.report(text)
`;

/** A player, as somebody sees it. */
interface Seen {
  readonly x: number;
  readonly y: number;
  readonly score: number;
}

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
  let ports = { udp: 0, tcp: 0 };
  let godot: Godot4;
  let a: Godot4Client;
  let b: Godot4Client;

  /** The files of the game with the server's ports. */
  const gameFiles = (): [path: string, text: string][] =>
    [...FILES]
      .filter(([path]) => path.startsWith('game/'))
      .map(([path, text]) => [
        path.slice('game/'.length),
        text.replace('7777', String(ports.udp)).replace('7778', String(ports.tcp)),
      ]);

  const startGame = (): Promise<Godot4Client> => {
    const files = Object.fromEntries(gameFiles());
    const autoloads = '[autoload]\nHarness="*res://harness.gd"\nProbe="*res://probe.gd"\n';
    return godot.start({
      files: completeProject({
        ...files,
        'project.godot': `${files['project.godot']}\n${autoloads}`,
        'probe.gd': PROBE,
      }),
      args: [],
      timeoutMs: 100_000,
    });
  };
  /** What a game sees, by the names of players. */
  const seenBy = ({ reports }: { readonly reports: readonly string[] }): Map<string, Seen> => {
    const list = reports.findLast((line) => line.startsWith('players '))?.slice('players '.length) ?? '';
    return new Map(
      list
        .split(';')
        .filter((entry) => entry !== '')
        .map((entry) => {
          const [name = '', ...numbers] = entry.split(' ');
          const [x = 0, y = 0, score = 0] = numbers.map(Number);
          return [name, { x, y, score }];
        }),
    );
  };
  const idOf = ({ output }: Godot4Client): string =>
    output
      .findLast((line) => line.startsWith('joined as '))
      ?.split(' ')
      .at(-1) ?? '';

  beforeAll(async () => {
    mkdirSync(join(folder, 'game'), { recursive: true });
    const server = (FILES.get('server.ts') ?? '')
      .replace('PORT = 7777', 'PORT = 0')
      .replace('WEB_PORT = 7778', 'WEB_PORT = 0')
      .replace("readFromFolder('game')", `readFromFolder(${JSON.stringify(join(folder, 'game'))})`);
    writeFileSync(join(folder, 'server.ts'), server);
    for (const [path, text] of gameFiles()) writeFileSync(join(folder, 'game', path), text);
    const lines: unknown[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line));
    vi.spyOn(console, 'error').mockImplementation((line) => errors.push(String(line)));
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
    const [, udp, tcp] = /^UDP port (\d+), WebSockets on port (\d+)$/.exec(String(lines[0])) ?? [];
    ports = { udp: Number(udp), tcp: Number(tcp) };
    godot = await Godot4.open();
    [a, b] = await Promise.all([startGame(), startGame()]);
    await Promise.all([a, b].map((client) => client.until(() => seenBy(client).size === 2)));
  }, 60_000);
  afterAll(async () => {
    close();
    await godot?.close();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  test('two players, who see each other walk and wave', async () => {
    expect([...seenBy(a)]).toEqual([...seenBy(b)]);
    const start = seenBy(b).get(idOf(a));
    // Keys go to what has the focus.
    for (const { page } of [a, b]) await page.click('canvas');
    await a.page.keyboard.down('ArrowRight');
    await b.until(() => (seenBy(b).get(idOf(a))?.x ?? 0) > (start?.x ?? 0) + 20);
    await a.page.keyboard.up('ArrowRight');
    await b.page.keyboard.press('Enter');
    await a.until(() => seenBy(a).get(idOf(b))?.score === 1);
    expect(seenBy(a).get(idOf(a))?.score).toBe(0);
    expect(seenBy(b).get(idOf(a))?.y).toBe(start?.y);
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
    await a.until(() => seenBy(a).size === 3);
    expect(players?.getNode(idOf(b))?.get('score')).toBe(1);
    const input = bot.synchronizer(`/root/Main/Players/${own()}/Input`);
    input.setVisibilityFor(1, true);
    const there = seenBy(a).get(own());
    players?.getNode(own())?.set('direction', new Vector2(0, 1));
    await a.until(() => (seenBy(a).get(own())?.y ?? 0) > (there?.y ?? 0) + 20);
    expect(errors).toEqual([]);
    players?.getNode(own())?.set('direction', new Vector2(0, 100));
    await until(
      () => errors.some((line) => line.includes('state-refused')),
      () => 'a refusal',
    );
    mirror.getNode('/root/Main')?.rpcId(1, 'wave');
    await b.until(() => seenBy(b).get(own())?.score === 1);
    const id = own();
    bot.close();
    await a.until(() => seenBy(a).size === 2 && !seenBy(a).has(id));
    for (const line of errors) expect(line).toContain('state-refused');
    expect([a.errors, b.errors]).toEqual([[], []]);
  });

  test('the games hear of the end of the server', async () => {
    close();
    await Promise.all(
      [a, b].map((client) => client.until(({ output }) => output.includes('the server has gone'))),
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
