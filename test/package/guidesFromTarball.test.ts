/**
 * The first program of each guide, as somebody has it who reads it: an empty folder, the packed package, and of the optional packages only
 * those that the page names. Nothing is fetched: those are linked from this checkout. A Node that reads TypeScript runs the programs bare.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENetServer } from '../../src/server.ts';
import { built } from '../support/built.ts';
import { programsOf } from '../support/guide.ts';
import { blocksOf, filesOf } from '../support/pages.ts';
import { startProgram } from '../support/program.ts';

const ROOT = dirname(built('.'));
const pageOf = (guide: string): string => `docs/guide/${guide}.md`;
const GUIDES = readdirSync(join(ROOT, 'docs/guide')).map((name) => name.replace(/\.md$/, ''));

/** What a page needs beside the package, as it says. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  compression: ['@bokuweb/zstd-wasm'],
  dtls: ['@peculiar/x509', 'reflect-metadata'],
  'returning-players': ['jose'],
  'stock-game': ['ws'],
  'web-and-native': ['ws'],
  websocket: ['ws'],
};
/** Servers that end when somebody ends them: that they begin is what is looked at. The system chooses their ports. */
const SERVERS: Readonly<Record<string, string>> = {
  'godot-client': '',
  rooms: 'server.ts',
  'stock-game': 'server.ts',
  'ten-minutes-enet-server': 'server.ts',
};
/** Pages that begin with commands. */
const COMMANDS: readonly string[] = ['deployment', 'dissect', 'load', 'scene-files'];
/** Pages without a program that could run here. */
const WITHOUT: Readonly<Record<string, string>> = {
  runtimes: 'is a table',
  transport: 'its commands start the server of whoever reads it',
  'which-class': 'is a table',
};

let home = '';
/** The package as npm unpacked it. */
let installed = '';
beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'godot-enet-tarball-')));
  const quiet = { stdio: 'pipe' } as const;
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', home], { cwd: ROOT, ...quiet });
  const archive = readdirSync(home).find((name) => name.endsWith('.tgz')) ?? '';
  const first = join(home, 'first');
  mkdirSync(first);
  writeFileSync(join(first, 'package.json'), '{ "private": true }');
  const args = ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', join('..', archive)];
  execFileSync('npm', args, { cwd: first, ...quiet });
  installed = join(first, 'node_modules/godot-enet');
}, 60_000);
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
}, 60_000);

/** Ports of a program that listens for good. */
const withAnyPort = (text: string): string => text.replaceAll(/\b777[78]\b/g, '0');

/** An empty folder with the package, and the files that the page shows. */
function folderOf(guide: string): string {
  const folder = join(home, guide);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  cpSync(installed, join(modules, 'godot-enet'), { recursive: true });
  symlinkSync('../godot-enet/dist/src/cli/main.js', join(modules, '.bin/godot-enet'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of PACKAGES[guide] ?? []) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const [path, text] of filesOf(pageOf(guide))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), guide in SERVERS ? withAnyPort(text) : text);
  }
  return folder;
}

/** What Node runs: a program in TypeScript, or for a Node that does not read it the same in JavaScript, files that it imports included. */
async function runnable(file: string): Promise<string> {
  if ('typescript' in process.features && process.features.typescript !== false) return file;
  const outfile = file.replace(/\.ts$/, '.mjs');
  const options = { bundle: true, packages: 'external', platform: 'node', format: 'esm' } as const;
  await build({ ...options, entryPoints: [file], outfile, target: 'node20', logLevel: 'silent' });
  return outfile;
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; out: string; err: string }> {
  const PATH = `${join(cwd, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`;
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { cwd, timeout: 30_000, env: { ...process.env, PATH } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const PRINTING = GUIDES.filter(
  (guide) => !(guide in SERVERS) && !COMMANDS.includes(guide) && !(guide in WITHOUT),
);

test('every guide is here', () => {
  const known = [...Object.keys(SERVERS), ...COMMANDS, ...Object.keys(WITHOUT), ...Object.keys(PACKAGES)];
  expect(known.filter((guide) => !GUIDES.includes(guide))).toEqual([]);
  expect(PRINTING.length).toBeGreaterThan(20);
});

describe.concurrent('programs that print something and end', () => {
  test.each(PRINTING)('%s', { timeout: 60_000 }, async (guide) => {
    const folder = folderOf(guide);
    const [program] = programsOf(pageOf(guide), folder);
    if (program === undefined) throw new Error(`${guide} has no program: it needs a line in this file`);
    writeFileSync(program.file, program.source);
    const { code, out, err } = await run(process.execPath, [await runnable(program.file)], folder);
    expect([code, out], err).toEqual([0, program.output]);
  });
});

describe.concurrent('servers', () => {
  test.for(Object.entries(SERVERS))('%s', { timeout: 60_000 }, async ([guide, name], { onTestFinished }) => {
    const folder = folderOf(guide);
    const file = join(folder, name === '' ? 'server.ts' : name);
    const [first] = blocksOf(pageOf(guide)).filter(({ language }) => language === 'ts');
    if (name === '') writeFileSync(file, withAnyPort(first?.source ?? ''));
    // Some say nothing when they have begun.
    appendFileSync(file, "\nconsole.log('began');\n");
    const program = startProgram([await runnable(file)], { cwd: folder });
    onTestFinished(() => {
      program.child.kill('SIGKILL');
    });
    await program.sees(/^.+\n/);
  });
});

describe('commands', () => {
  const first = (guide: string): { readonly source: string; readonly output: string | undefined } => {
    const block = blocksOf(pageOf(guide)).find(({ language }) => language === 'sh');
    if (block === undefined) throw new Error(`${guide} has no commands`);
    return block;
  };
  const shell = (guide: string, source: string): ReturnType<typeof run> =>
    run('sh', ['-ec', source.replaceAll('npx godot-enet', 'godot-enet')], folderOf(guide));

  test.each(['dissect', 'scene-files'])('%s', async (guide) => {
    const { source, output } = first(guide);
    expect(await shell(guide, source)).toEqual({ code: 0, out: output, err: '' });
  });

  test('deployment: the files are there', async () => {
    const { code, err } = await shell('deployment', first('deployment').source);
    expect([code, err]).toEqual([0, '']);
    expect(readdirSync(join(home, 'deployment'))).toEqual(
      expect.arrayContaining(['compose.yaml', 'deploy', 'fly.toml']),
    );
  });

  test('load: against a server, for a second in place of forty', async () => {
    const server = new ENetServer({ bindAddress: '127.0.0.1' });
    expect(server.createServer(0)).toBe(0);
    const { source } = first('load');
    const short = source
      .replace('7777', String(server.getLocalPort()))
      .replace(/--players \d+ --ramp \d+ --hold \d+/, '--protocol enet-server --players 2 --ramp 0 --hold 1');
    const { code, out, err } = await shell('load', short);
    server.stopServer();
    expect([code, out], err).toEqual([0, expect.stringContaining('2 wanted, 2 joined')]);
  });
});
