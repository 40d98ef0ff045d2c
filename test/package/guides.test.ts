/**
 * The commands of docs/guide/stock-game.md and docs/guide/ten-minutes-enet-server.md, in an empty folder with the packed package: what they
 * install, and the programs that they start. The steps of docs/guide/from-headless.md with another game. Only port numbers are others.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { built } from '../support/built.ts';
import { blocksOf, filesOf, textOf } from '../support/pages.ts';
import { type Program, startProgram } from '../support/program.ts';

const STOCK = 'docs/guide/stock-game.md';
const TEN_MINUTES = 'docs/guide/ten-minutes-enet-server.md';
const HEADLESS = 'docs/guide/from-headless.md';
const SLOW = { timeout: 300_000 };

let home = '';
/** Where the archive is. */
const packed = (): string => join(home, 'packed');
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'godot-enet-guides-'));
  mkdirSync(packed());
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', packed()], {
    cwd: dirname(built('.')),
    stdio: 'ignore',
  });
}, 120_000);
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const commandsOf = (page: string): string[] =>
  blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ source }) => source.trimEnd().split('\n'));
const isProgram = (command: string): boolean => command.startsWith('npx tsx ');

/** Runs the commands of a page that install something, one shell for all of them. */
async function install(page: string, folder: string): Promise<void> {
  mkdirSync(folder);
  const commands = commandsOf(page).filter((command) => !isProgram(command));
  const script = ['set -e', ...commands.map((command) => command.replace('PATH/', `${packed()}/`))].join(
    '\n',
  );
  await promisify(execFile)('sh', ['-c', script], {
    cwd: folder,
    env: { ...process.env, npm_config_audit: 'false' },
  });
}

/** Writes the files of a page, with changes. */
function write(
  page: string,
  folder: string,
  changes: readonly (readonly [file: string, from: string, to: string])[],
): void {
  for (const [path, text] of filesOf(page)) {
    const content = changes.reduce((all, [file, from, to]) => {
      if (file !== path) return all;
      expect(all).toContain(from);
      return all.replace(from, to);
    }, text);
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Starts a program by its command, `npx tsx FILE`; npx would do no more, once tsx is installed. */
function start(page: string, command: string, folder: string): Program {
  expect(commandsOf(page)).toContain(command);
  const program = startProgram([join(folder, 'node_modules/.bin/tsx'), command.replace('npx tsx ', '')], {
    cwd: folder,
  });
  onTestFinished(() => {
    program.child.kill('SIGKILL');
  });
  return program;
}

test('the archive has the name that the pages say', () => {
  const { version } = JSON.parse(readFileSync(join(dirname(built('.')), 'package.json'), 'utf8'));
  for (const page of [STOCK, TEN_MINUTES])
    expect(
      commandsOf(page).some((command) => command.includes(`PATH/godot-enet-${version}.tgz`)),
      page,
    ).toBe(true);
});

test('a stock game: its server starts, and ends', SLOW, async () => {
  const folder = join(home, 'stock-game');
  await install(STOCK, folder);
  write(STOCK, folder, [
    ['server.ts', 'PORT = 7777', 'PORT = 0'],
    ['server.ts', 'WEB_PORT = 7778', 'WEB_PORT = 0'],
  ]);
  const server = start(STOCK, 'npx tsx server.ts', folder);
  await server.sees(/^UDP port \d+, WebSockets on port \d+\n$/);
  expect(await server.end()).toEqual([0, null]);
});

test(
  'ten minutes with ENetServer: the server and the player in TypeScript print what the page says',
  SLOW,
  async () => {
    await install(TEN_MINUTES, join(home, 'ten-minutes'));
    const folder = join(home, 'ten-minutes/ball-game');
    expect(existsSync(join(folder, 'game/addons/godot_enet/godot_enet_client.gd'))).toBe(true);
    write(TEN_MINUTES, folder, [['server.ts', 'PORT = 7777', 'PORT = 0']]);
    const server = start(TEN_MINUTES, 'npx tsx server.ts', folder);
    const port = /^UDP port (\d+)\n/.exec(await server.sees(/^UDP port \d+\n/))?.[1];
    write(TEN_MINUTES, folder, [['player.ts', 'PORT = 7777', `PORT = ${port}`]]);
    const player = start(TEN_MINUTES, 'npx tsx player.ts', folder);
    const [, shown = ''] = /It says\n\n```text\n(.*?)```/s.exec(textOf(TEN_MINUTES)) ?? [];
    await player.sees(shown);
    expect(await player.end('SIGINT')).toEqual([0, null]);
    expect(player.output()).toBe(`${shown}it is over: bye\n`);
    await server.sees(/eve is in\neve is gone: Connection lost\n$/);
    expect(await server.end('SIGINT')).toEqual([0, null]);
  },
);

test('from a headless server: the first steps, with the project of the arena', SLOW, async () => {
  const run = promisify(execFile);
  // The command of README, from beside the archive.
  const command = commandsOf('README.md').find((line) => line.includes(' init ../my-game ')) ?? '';
  const init = command.replace('dist/src/cli/main.js', `"${built('src/cli/main.js')}"`);
  await run('sh', ['-c', init], { cwd: packed() });
  const folder = join(home, 'my-game');
  rmSync(join(folder, 'game'), { recursive: true });
  cpSync(join(dirname(built('.')), 'examples/arena/godot'), join(folder, 'game'), { recursive: true });
  write(HEADLESS, folder, [['src/main.ts', 'createServer(7777', 'createServer(0']]);
  for (const file of ['src/game.ts', 'test/game.test.ts']) {
    expect(textOf(HEADLESS)).toContain(`\`${file}\``);
    rmSync(join(folder, file));
  }
  await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder });
  const { stdout } = await run('npm', ['run', 'build'], { cwd: folder });
  expect(stdout).toContain('src/types/godot.ts');
  const server = startProgram(['dist/main.js'], { cwd: folder });
  onTestFinished(() => {
    server.child.kill('SIGKILL');
  });
  await server.sees(/^UDP port \d+\n$/);
  expect(await server.end('SIGINT')).toEqual([0, null]);
});
