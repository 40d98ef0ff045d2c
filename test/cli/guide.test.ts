/**
 * The commands of README.md and the guides: those that can run here do, one after the other, and print what the page says; those that
 * cannot are listed with the reason, and the lists are exact.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CompressionMode, ENetConnection } from '../../src/godot.ts';
import { built } from '../support/built.ts';
import { bytes } from '../support/hex.ts';
import { type Block, blocksOf, filesOf, PAGES } from '../support/pages.ts';
import { peer } from '../support/peers.ts';
import { ethernet, ipv4, pcap, udp } from './captureFiles.ts';

/** Commands that no test runs as they stand here, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm start':
    'opens the arena, after a build; its programs run in test/examples, its game in test/interop/godot4',
  'npm test': 'is this run itself',
  'npm pack': 'test/package/guides.test.ts does it',
  'node dist/src/cli/main.js init ../my-game --package ./godot-enet-0.2.0.tgz':
    'test/package/guides.test.ts does it',
  'tcpdump -i any -w game.pcap udp port 7777':
    'wants the rights to read a network interface, and a game on it',
  'docker build -f examples/lobby/Dockerfile -t lobby .':
    'wants a Docker daemon; test/examples reads the file',
  'docker run --rm --read-only --name lobby -p 7777:7777/udp lobby': 'wants a Docker daemon',
  'docker stop lobby': 'wants a Docker daemon',
  'godot --headless --path YOUR_PROJECT --script class_table.gd -- classes.json':
    'wants an editor of Godot; golden/classes is what it wrote',
  'FC_RUNS=50000 npx vitest run test/sim': 'takes hours',
  'FUZZ_DATAGRAMS=10000000 FC_SEED=12 npx vitest run test/enet/hostile.test.ts': 'takes hours',
  'node scripts/installGodot4.mjs': 'fetches 12 MB; `bash .ci/run` does it',
  'npx vitest run test/interop/godot4': 'is a part of this run',
  'GODOT_ENET_TRANSPORT=dgram node server.js':
    'server.js is the program of whoever reads it; test/io sets the variable',
  'GODOT_ENET_TRANSPORT=mmsg node server.js':
    'server.js is the program of whoever reads it; test/io sets the variable',
  'nats-server -js -sd /var/lib/nats': 'test/cluster starts servers with folders of their own',
  'npx godot-enet dissect game.pcap --key-log keys.log':
    'wants a capture of DTLS with its keys; test/cli/inputs.test.ts has one',
  'npm install ws': 'test/package/guides.test.ts does it, with the package',
};
/** Pages whose commands are run by another test. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/guide/stock-game.md': 'test/package/guides.test.ts',
  'docs/guide/ten-minutes-enet-server.md': 'test/package/guides.test.ts',
  'docs/guide/load.md': 'test/cli/loadGuide.test.ts',
  'docs/guide/deployment.md': 'test/fleet/deployGuide.test.ts',
};

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// Inside of the package, so that programs can import it by its name.
const FOLDER = join(ROOT, '.build', `commands-${process.pid}`);
const BLOCKS = PAGES.flatMap((page) => blocksOf(page)).filter(({ language }) => language === 'sh');
const linesOf = ({ source }: Block): string[] =>
  source
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, ''));
const jq = peer('jq');
const xxd = peer('xxd');
const NOTHING = { isMissing: false, note: '' };
const isHere = ({ page }: Block): boolean => !(page in ELSEWHERE);

/** Where a page's commands run. Those of pages that are not here do not: they have to be in the list above. */
const FOLDERS: Readonly<Record<string, string>> = {
  'docs/guide/dissect.md': join(FOLDER, 'dissect'),
  'docs/guide/doctor.md': FOLDER,
  'docs/guide/scene-files.md': join(FOLDER, 'scenes'),
  'docs/guide/project.md': join(FOLDER, 'project/server'),
};
/** Two datagrams, the second with a command that there is not. */
const CAPTURED = ['000049000000000100 0d01050000000000c03f000000c0', '8000022a85ff0003ee11'];
/** A module with a class, as the page says. */
const SCRIPTS = `import { NodeScript, rpc } from 'godot-enet/multiplayer';

export class Player extends NodeScript {
  static override readonly path: string = 'res://other.gd';
  static override readonly rpcs = { hit: rpc('any_peer').args('int') };
  hit(damage: number): void {
    console.log(damage);
  }
}
`;

function write(path: string, content: string | Uint8Array): void {
  const file = join(FOLDER, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

// As the engine's ENetMultiplayerPeer: who brings no id is forgotten without a word.
const server = new ENetConnection({
  onWake: () => {
    for (let event = server.service(); event[0] > 0; event = server.service())
      if (event[0] === ENetConnection.EVENT_CONNECT) event[1].reset();
  },
});

beforeAll(() => {
  const frames = CAPTURED.map((text, seconds) => ({
    seconds,
    fraction: 0,
    bytes: ethernet(ipv4(udp(bytes(text.replaceAll(' ', ''))))),
  }));
  write('dissect/game.pcap', pcap(1, frames));
  symlinkSync(join(ROOT, 'golden'), join(FOLDER, 'dissect/golden'));
  for (const [path, text] of filesOf('docs/guide/scene-files.md')) write(`scenes/${path}`, text);
  for (const [path, text] of filesOf('docs/guide/stock-game.md')) write(`project/${path}`, text);
  write('project/server/src/scripts.ts', SCRIPTS);
  expect(server.createHostBound('127.0.0.1', 0, 4, 0)).toBe(0);
  server.compress(CompressionMode.COMPRESS_RANGE_CODER);
});
afterAll(() => {
  server.destroy();
  rmSync(FOLDER, { recursive: true, force: true });
});

/** Runs a command as a user would, with the built program. Both outputs are one. */
function run(command: string, page: string): Promise<{ code: number; out: string }> {
  const line = command
    .replaceAll('npx godot-enet', `"${process.execPath}" "${built('src/cli/main.js')}"`)
    .replace('game.example 7777', `127.0.0.1 ${server.getLocalPort()}`);
  // What the page says of modules in TypeScript, which Node 20 does not read.
  const readsTypeScript = command.includes('godot-enet gdscript');
  return new Promise((resolve) => {
    const child = execFile(
      'sh',
      ['-c', `{ ${line}; } 2>&1`],
      {
        cwd: FOLDERS[page],
        env: { ...process.env, NODE_OPTIONS: readsTypeScript ? '--import tsx' : '' },
      },
      (_error, out) => resolve({ code: child.exitCode ?? -1, out }),
    );
  });
}

/** What differs from machine to machine. */
const settled = (text: string): string =>
  text.replace(/^[\d.]+:\d+: /, 'ADDRESS: ').replace(/handshake in \d+ ms/, 'handshake in N ms');

test('every command runs here, or in the test that is named, or the list says why not', () => {
  const pages = new Set(BLOCKS.map(({ page }) => page));
  for (const [page, file] of Object.entries(ELSEWHERE)) {
    expect(pages).toContain(page);
    expect(readFileSync(join(ROOT, file), 'utf8')).toContain(page);
  }
  const others = BLOCKS.filter((block) => isHere(block) && !(block.page in FOLDERS));
  expect(others.flatMap(linesOf).filter((line) => !(line in NOT_RUN))).toEqual([]);
  const lines = BLOCKS.filter(isHere).flatMap(linesOf);
  expect(Object.keys(NOT_RUN).filter((line) => !lines.includes(line))).toEqual([]);
  expect(lines.filter((line) => !(line in NOT_RUN)).length).toBeGreaterThan(12);
});

test('files of the package that are named in commands that do not run are there', () => {
  const paths = Object.keys(NOT_RUN).flatMap(
    (line) => line.match(/\b(?:test|scripts|examples)\/[\w./]+/g) ?? [],
  );
  expect(paths.length).toBeGreaterThan(3);
  for (const path of paths) expect(existsSync(join(ROOT, path)), path).toBe(true);
});

const RUN = BLOCKS.filter(({ page }) => page in FOLDERS).flatMap((block) => {
  const lines = linesOf(block).filter((line) => !(line in NOT_RUN));
  // What the page shows is the output of the block.
  return lines.map((line) => ({
    line,
    page: block.page,
    output: lines.length > 1 ? undefined : block.output,
  }));
});

for (const { line, page, output } of RUN) {
  const { isMissing, note } = line.includes('| jq ') ? jq : line.includes('| xxd') ? xxd : NOTHING;
  test.skipIf(isMissing)(`${page}: ${line}${note}`, async () => {
    const { code, out } = await run(line, page);
    if (output === undefined) expect(code, out).toBe(0);
    else expect(settled(out)).toBe(settled(output));
  });
}
