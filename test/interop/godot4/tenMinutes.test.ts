/**
 * The game of docs/guide/ten-minutes-enet-server.md, taken out of the page: its server and its player in TypeScript over UDP, its games
 * in Godot 4.6, with the add-on and with a stand-in for Blazium's ENetClient. Only the port is another.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NodePath, type VariantValue, Vector2, varToStr } from '../../../codec/index.ts';
import { ENetClient } from '../../../src/server.ts';
import { runPageProgram } from '../../support/pageProgram.ts';
import { filesOf, textOf } from '../../support/pages.ts';
import { peer } from '../../support/peers.ts';
import { AddonGame } from './addon/AddonGame.ts';
import { BLAZIUM_SETTINGS } from './addon/files.ts';

const engine = peer('godot4');
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = 'docs/guide/ten-minutes-enet-server.md';
const FILES = filesOf(PAGE);

/** A file of the page; changes have to be possible. */
function file(path: string, ...changes: readonly [from: string, to: string][]): string {
  let text = FILES.get(path) ?? '';
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  return text;
}

test('the page has all files', () => {
  expect([...FILES.keys()].sort()).toEqual([
    'blazium/main.gd',
    'game/main.gd',
    'game/main.tscn',
    'game/project.godot',
    'player.ts',
    'server.ts',
  ]);
});

describe.skipIf(engine.isMissing)(`the game of the guide${engine.note}`, { timeout: 60_000 }, () => {
  const folder = join(ROOT, '.build', `ten-minutes-${process.pid}`);
  const printed: string[] = [];
  const stops: (() => void)[] = [];
  let port = 0;
  let stock: AddonGame;
  let blazium: AddonGame;

  const start = async (name: string, from: string, to: string): Promise<() => void> => {
    writeFileSync(join(folder, name), file(name, [from, to]));
    const stop = await runPageProgram(join(folder, name));
    stops.push(stop);
    return stop;
  };
  const said = (game: AddonGame, line: string): Promise<void> =>
    game.until(() => game.output.includes(line), line);
  const says = (line: string): Promise<void> =>
    stock.until(() => printed.includes(line), `${line} among\n${printed.join('\n')}`);
  /** Properties of the nodes of the level in a game, by their names. */
  const look = async (game: AddonGame, ...properties: string[]): Promise<Map<string, string>> => {
    const told = await game.do('look', new NodePath('/root/Game'), properties);
    const lines: readonly VariantValue[] = Array.isArray(told) ? told : [];
    return new Map(
      lines.flatMap((line) => {
        const [path = null, , , , values = null] = Array.isArray(line) ? line : [];
        const [, name] = /^Level\/(\w+)$/.exec(String(path)) ?? [];
        return name === undefined ? [] : [[name, varToStr(values).replaceAll(/\s/g, '')] as const];
      }),
    );
  };
  const places = (game: AddonGame): Promise<Map<string, string>> => look(game, 'position');
  const seesAt = async (game: AddonGame, name: string, x: number, y: number): Promise<void> => {
    const wanted = `{"position":Vector2(${x},${y})}`;
    const end = Date.now() + 10_000;
    let at = await places(game);
    while (at.get(name) !== wanted && Date.now() < end) at = await places(game);
    expect(at.get(name), [...at].join('\n')).toBe(wanted);
  };

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    vi.spyOn(console, 'log').mockImplementation((line) => printed.push(String(line)));
    await start('server.ts', 'PORT = 7777', 'PORT = 0');
    port = Number(/^UDP port (\d+)$/.exec(printed[0] ?? '')?.[1]);
    const scene = (script: string): string => file('game/main.tscn', ['res://main.gd', `res://${script}`]);
    [stock, blazium] = await Promise.all([
      AddonGame.open({
        'ball.tscn': scene('ball.gd'),
        'ball.gd': file('game/main.gd'),
        'wrong.tscn': scene('wrong.gd'),
        'wrong.gd': file('game/main.gd', ['"secret"', '"guess"']),
      }),
      AddonGame.open({
        'project.godot': BLAZIUM_SETTINGS,
        'ball.tscn': scene('ball.gd'),
        'ball.gd': file('blazium/main.gd'),
        'wrong.tscn': scene('wrong.gd'),
        'wrong.gd': file('blazium/main.gd', ['"hunter2"', '"guess"']),
      }),
    ]);
    stock.port = blazium.port = port;
  }, 60_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) stop();
    await Promise.all([stock?.close(), blazium?.close()]);
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  test('who has another password, or none, is not let in, and hears why', async () => {
    for (const game of [stock, blazium]) {
      await game.do('open_scene', 'res://wrong.tscn');
      await said(game, 'not let in: wrong name or password');
      await game.do('close_scene', 'Game');
    }
    for (const login of [{}, { name: 'nobody' }, { name: 'ann' }, { password: 'secret' }]) {
      const client = new ENetClient();
      const reason = new Promise((resolve) =>
        client.registerEvent('kicked', (payload) => resolve(payload.get('reason'))),
      );
      client.connectToServer('127.0.0.1', port);
      await client.connected();
      client.sendPacket(login);
      expect(await reason).toBe('wrong name or password');
      client.disconnectFromServer('', 0);
    }
    expect(printed.filter((line) => line.endsWith(' is in'))).toEqual([]);
  });

  test('stock Godot, Blazium and TypeScript in one game', async () => {
    await stock.do('open_scene', 'res://ball.tscn');
    await says('ann is in');
    await seesAt(stock, 'Ball', 300, 200);

    const stop = await start('player.ts', 'PORT = 7777', `PORT = ${port}`);
    await said(stock, 'eve pushes the ball');
    await says('the ball is at (300.0, 180.0)');
    // What the page says that it prints.
    const shown = /It says\n\n```text\n(.*?)```/s.exec(textOf(PAGE))?.[1];
    const own = (line: string): boolean => !/^UDP port| is in$| is gone: /.test(line);
    expect(printed.filter(own)).toEqual(shown?.trimEnd().split('\n'));

    await blazium.do('open_scene', 'res://ball.tscn');
    await says('bob is in');
    await stock.do('press', 'ui_accept');
    await Promise.all([stock, blazium].map((game) => said(game, 'ann pushes the ball')));
    await says('the ball is at (320.0, 180.0)');
    await blazium.do('press', 'ui_accept');
    await Promise.all([stock, blazium].map((game) => said(game, 'bob pushes the ball')));
    const flags = [...(await places(stock)).keys()].filter((name) => name.startsWith('Flag'));
    expect(flags).toHaveLength(3);
    const [annsFlag = '', evesFlag = '', bobsFlag = ''] = flags;
    await stock.do('click', new Vector2(40, 50));
    await blazium.do('click', new Vector2(60, 70));
    for (const game of [stock, blazium]) {
      await seesAt(game, 'Ball', 340, 180);
      await seesAt(game, annsFlag, 40, 50);
      await seesAt(game, evesFlag, 200, 250);
      await seesAt(game, bobsFlag, 60, 70);
    }

    // What there is to see of them.
    for (const game of [stock, blazium]) {
      const seen = await look(game, 'polygon', 'color');
      expect(seen.get('Ball')).toBe(
        '{"color":Color(1,0.6,0.2,1),"polygon":PackedVector2Array(-20,-20,20,-20,20,20,-20,20)}',
      );
      expect(seen.get(annsFlag)).toBe(
        '{"color":Color(0.3,0.7,1,1),"polygon":PackedVector2Array(-8,-8,8,-8,8,8,-8,8)}',
      );
    }

    stop();
    await says('eve is gone: Connection lost');
    await stock.until(() => printed.includes('it is over: bye'), 'the end of the player');
    let left = await places(blazium);
    while (left.has(evesFlag)) left = await places(blazium);
    expect([...left.keys()].sort()).toEqual(['Ball', annsFlag, bobsFlag].sort());
    expect(printed.filter((line) => line.startsWith('refused'))).toEqual([]);
  });

  test('who leaves is told of, and the engine prints no error', async () => {
    await blazium.do('close_scene', 'Game');
    await says('bob is gone: Connection lost');
    await stock.do('close_scene', 'Game');
    await says('ann is gone: Connection lost');
    expect([stock.errors, blazium.errors]).toEqual([[], []]);
  });
});
