/**
 * The way of a newcomer, whole: `npm create` makes a project of the packed packages, it is installed, tested by its own test, put into a
 * container (by hand), and its server started; then the real engine plays its game, with a player over ENet who is the project's own.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Godot4, isOfSlowPage } from '../interop/godot4/engine.ts';
import { portsIn, StockGame, withPorts } from '../interop/godot4/StockGame.ts';
import { built } from '../support/built.ts';
import { buildByHand, instructionsOf } from '../support/dockerfile.ts';
import { peer } from '../support/peers.ts';
import { type Program, type ProgramOptions, startProgram } from '../support/program.ts';

const execute = promisify(execFile);
const engine = peer('godot4');
const ROOT = dirname(built('.'));
const SLOW = { timeout: 300_000 };
/** Ports that the system chooses. */
const ANY_PORT = { PORT: '0', WEB_PORT: '0' };

let folder = '';
/** The new project. */
let project = '';
/** The archive of this package. */
let archive = '';
const programs: Program[] = [];

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await execute('npm', [...args], { cwd, maxBuffer: 2 ** 26 });
  return stdout;
}

/** Packs a folder. @returns the archive. */
async function pack(from: string): Promise<string> {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  return join(folder, (await npm(args, from)).trim());
}

function start(args: readonly string[], options: ProgramOptions): Program {
  const program = startProgram(args, options);
  programs.push(program);
  return program;
}

function read(path: string): string {
  return readFileSync(join(project, path), 'utf8');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-first-'));
  project = join(folder, 'first-game');
  archive = await pack(ROOT);
}, 180_000);
afterAll(() => {
  for (const { child } of programs) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('a new project', () => {
  test('`npm create` makes it, of the two packages alone', SLOW, async () => {
    const create = await pack(fileURLToPath(new URL('../../create-godot-enet', import.meta.url)));
    // An empty cache and no registry: nothing else is asked for.
    const offline = ['--offline', '--yes', '--cache', join(folder, 'cache')];
    const packages = ['--package', create, '--package', archive];
    const command = ['create-godot-enet', basename(project), '--package', `./${basename(archive)}`];
    expect(await npm(['exec', ...offline, ...packages, '--', ...command], folder)).toContain(
      `Made ${basename(project)}`,
    );
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const own = JSON.parse(readFileSync(join(ROOT, 'create-godot-enet/package.json'), 'utf8'));
    expect(own).toMatchObject({ version, dependencies: { 'godot-enet': version } });
    // What it is told reaches `init`, and so does its end.
    await expect(
      npm(['exec', ...offline, ...packages, '--', 'create-godot-enet', basename(project)], folder),
    ).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('has files already') });
  });

  test('passes its own test, and builds', SLOW, async () => {
    await npm(['install', '--no-audit', '--no-fund'], project);
    expect(await npm(['test'], project)).toMatch(/2 passed/);
    await npm(['run', 'build'], project);
    // As it was: it came with the types of its game.
    expect(read('src/types/godot.ts')).toBe(
      readFileSync(join(ROOT, 'templates/project/src/types/godot.ts'), 'utf8'),
    );
  });

  test(
    'takes what changes in the game from there, and says where the server does not fit',
    SLOW,
    async () => {
      const changed = join(folder, 'changed');
      cpSync(project, changed, { recursive: true, verbatimSymlinks: true });
      const change = (path: string, from: string, to: string): void => {
        const text = readFileSync(join(changed, path), 'utf8');
        expect(text).toContain(from);
        writeFileSync(join(changed, path), text.replaceAll(from, to));
      };
      // Another RPC before the one that there is, which has another number then, and a variable of another type.
      change('game/main.gd', '# The server does it.\n', '@rpc\nfunc applaud() -> void:\n\tpass\n\n\n');
      change('game/player.gd', 'var score := 0', 'var score := 0.0');
      await expect(npm(['test'], changed)).rejects.toMatchObject({
        stdout: expect.stringContaining('changed: res://main.gd, res://player.gd'),
      });
      await npm(['run', 'build'], changed);
      expect(await npm(['test'], changed)).toMatch(/2 passed/);
      expect(readFileSync(join(changed, 'src/types/godot.ts'), 'utf8')).toContain("score: 'float'");

      change('game/main.gd', 'func wave()', 'func greet(loudly: bool)');
      await expect(npm(['run', 'build'], changed)).rejects.toMatchObject({
        stdout: expect.stringMatching(/src\/game\.ts.*abstract member greet/),
      });
    },
  );

  test('runs in its container, with what it needs to run and nothing else', SLOW, async () => {
    // As git has it: what is built or installed is not there.
    const clone = join(folder, 'clone');
    mkdirSync(clone);
    for (const name of readdirSync(project))
      if (!read('.gitignore').split('\n').includes(`${name}/`))
        cpSync(join(project, name), join(clone, name), { recursive: true });
    const into = join(folder, 'image');
    mkdirSync(into);
    const image = await buildByHand(clone, into);

    expect(readdirSync(image.folder).sort()).toEqual(['dist', 'game', 'node_modules', 'package.json']);
    const { dependencies, scripts } = JSON.parse(read('package.json'));
    // npm leaves the empty folders of scopes.
    const installed = readdirSync(join(image.folder, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^(@[^/]+\/)?[^/]+\/package\.json$/.test(path))
      .map((path) => dirname(path));
    expect(installed.sort()).toEqual(Object.keys(dependencies).sort());
    expect(image.command.join(' ')).toBe(scripts.start);
    for (const { name, rest } of instructionsOf(read('Dockerfile')))
      for (const [, script = ''] of name === 'RUN' ? rest.matchAll(/npm run (\S+)/g) : [])
        expect(scripts).toHaveProperty(script);

    // What README says of it, and what the program does.
    const readme = read('README.md');
    expect(readme).toContain(`as the user \`${image.user}\``);
    expect(image.user).not.toBe('root');
    const published = [...readme.matchAll(/-p (\d+):(\d+\/\w+)/g)].map(([, , port]) => port);
    expect(published).toEqual(image.ports);
    const main = read('src/main.ts');
    for (const port of image.ports) expect(main).toContain(`?? ${port.split('/')[0]})`);
    for (const port of image.ports) expect(read('game/main.gd')).toContain(`:= ${port.split('/')[0]}\n`);

    const [, ...args] = image.command;
    const server = start(args, { cwd: image.folder, env: { ...image.env, ...ANY_PORT } });
    await server.sees(/^UDP port \d+, WebSockets on port \d+$/m);
    expect(await server.end()).toEqual([0, null]);
  });

  test.skipIf(engine.isMissing)(
    `is played, by the real engine and over ENet${engine.note}`,
    SLOW,
    async () => {
      const server = start(['dist/main.js'], { cwd: project, env: ANY_PORT });
      const ports = portsIn(await server.sees(/^UDP port \d+, WebSockets on port \d+$/m));
      writeFileSync(join(project, 'player.mjs'), PLAYER);
      const own = start(['player.mjs', String(ports.udp)], { cwd: project });
      const godot = await Godot4.open();
      try {
        const files = readdirSync(join(project, 'game')).map(
          (name) => [name, withPorts(read(`game/${name}`), ports)] as const,
        );
        const game = await StockGame.start(godot, Object.fromEntries(files));
        await game.until(({ seen }) => seen.size === 2);
        const { id, seen } = game;
        const ownId = [...seen.keys()].find((name) => name !== id) ?? '';
        const [from, ownFrom] = [seen.get(id), seen.get(ownId)];
        expect([from?.x, ownFrom?.x].sort()).toEqual([100, 250]);

        // What the engine's player does the server does, and the other one sees.
        await game.client.page.click('canvas');
        await game.client.page.keyboard.down('ArrowDown');
        await game.until((now) => (now.seen.get(id)?.y ?? 0) > (from?.y ?? 0) + 20);
        await game.client.page.keyboard.up('ArrowDown');
        await own.sees(new RegExp(`^sees ${id} ${from?.x} (?!${from?.y} )\\d+ 0$`, 'm'));
        await game.client.page.keyboard.press('Enter');
        await own.sees(new RegExp(`^sees ${id} \\d+ \\d+ 1$`, 'm'));
        await game.until((now) => now.seen.get(id)?.score === 1);

        // And the other way.
        own.say('walk');
        await game.until((now) => (now.seen.get(ownId)?.x ?? 0) > (ownFrom?.x ?? 0) + 20);
        own.say('wave');
        await game.until((now) => now.seen.get(ownId)?.score === 1);
        own.say('leave');
        await game.until((now) => now.seen.size === 1 && now.seen.has(id));

        expect(await server.end()).toEqual([0, null]);
        await game.until(({ client }) => client.output.includes('the server has gone'));
        expect(game.client.errors).toEqual([]);
        // Its two lines, and no refusal.
        const lines = server.output().trim().split('\n');
        expect(lines.filter((line) => !isOfSlowPage(line))).toEqual([
          expect.stringMatching(/^UDP port/),
          expect.stringMatching(/^Open the folder/),
        ]);
      } finally {
        await godot.close();
      }
    },
  );
});

/** A player of the project's own code, over ENet: prints what it sees, does what it is told. */
const PLAYER = `import { createInterface } from 'node:readline';
import { Vector2 } from 'godot-enet/codec';
import { ENetMultiplayerPeer } from 'godot-enet/godot';
import { createGame } from './dist/game.js';

const { multiplayer, main } = createGame();
const peer = new ENetMultiplayerPeer();
peer.createClient('127.0.0.1', Number(process.argv[2]));
multiplayer.multiplayerPeer = peer;
multiplayer.start({ tickHz: 30 });
const players = main.getNode('Players');
const told = new Map();
multiplayer.mirror.watchTree({
  processed() {
    for (const player of players.getChildren()) {
      const { x, y } = player.get('position');
      const text = [player.name, Math.trunc(x), Math.trunc(y), player.get('score')].join(' ');
      if (told.get(player.name) !== text) console.log('sees ' + text);
      told.set(player.name, text);
    }
  },
});
const own = () => players.findChild(String(multiplayer.getUniqueId()));
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'walk') own().set('direction', new Vector2(1, 0));
  else if (line === 'wave') main.rpcId(1, 'wave');
  else multiplayer.close();
});
`;
