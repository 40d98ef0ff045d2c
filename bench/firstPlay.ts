/**
 * How long it takes to play: from a fresh clone of this repository (what is committed) by `npm start`, until the first bot moves, and until
 * somebody in a browser does. Everything is fetched, with an npm cache that is empty: it needs the network, git, and, for the second part,
 * Chromium. Times are from `npm start` on.
 *
 *   npx tsx bench/firstPlay.ts [--warm]     with --warm: with the npm cache of this machine
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { Vector2 } from '../codec/index.ts';
import { Bot, seededRandom } from '../examples/arena/Bot.ts';
import type { MirrorNode } from '../schema/index.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { launchChromium } from '../test/interop/godot4/engine.ts';
import { peer as livePeer } from '../test/support/peers.ts';

const { values } = parseArgs({ options: { warm: { type: 'boolean', default: false } } });
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NEWCOMER = 'Newcomer';
const PATIENCE_MS = 600_000;

console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]}, npm cache ${values.warm ? 'as it is' : 'empty'}`,
);
const folder = mkdtempSync(join(tmpdir(), 'first-play-'));
try {
  await measure(join(folder, 'clone'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(clone: string): Promise<void> {
  const { status, stderr } = spawnSync('git', ['clone', '--quiet', ROOT, clone], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`git clone: ${stderr}`);
  const start = performance.now();
  const tell = (what: string): void => {
    console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  };
  const program = spawn('npm', ['start', '--', '--port', '0', '--page-port', '0'], {
    cwd: clone,
    // A group of its own: a signal reaches what npm starts.
    detached: true,
    env: { ...process.env, ...(values.warm ? {} : { npm_config_cache: join(folder, 'cache') }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(program, 'close');
  let text = '';
  program.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (chunk.includes('setup: building')) tell('the dependencies are installed');
    text += chunk;
  });
  try {
    await until(() => /Stop +Ctrl-C/.test(text) || program.exitCode !== null);
    const port = Number(/joins UDP port (\d+)/.exec(text)?.[1]);
    if (Number.isNaN(port)) throw new Error(`npm start ended:\n${text}`);
    tell('it is built, and the arena is open');
    await play(port, /Play in the browser +(\S+)/.exec(text)?.[1] ?? '', tell);
  } finally {
    if (program.pid !== undefined && program.exitCode === null) process.kill(-program.pid, 'SIGINT');
    await closed;
  }
}

/** Looks on, as one more bot, how others come and move. */
async function play(port: number, url: string, tell: (what: string) => void): Promise<void> {
  const peer = new ENetMultiplayerPeer();
  peer.createClient('127.0.0.1', port);
  const looker = new Bot({ name: 'Looker', peer, random: seededRandom(1) });
  const others = (): MirrorNode[] => looker.players.filter((node) => node !== looker.player);
  try {
    await moves(others);
    tell('the first bot moves');
    if (livePeer('chromium').isMissing) return;
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 320, height: 180 } });
      await page.goto(`${url}?name=${NEWCOMER}&fps=15`);
      tell('a browser has opened /play');
      await playInBrowser(page, others, tell);
    } finally {
      await browser.close();
    }
  } finally {
    looker.close();
  }
}

async function playInBrowser(
  page: Page,
  others: () => MirrorNode[],
  tell: (what: string) => void,
): Promise<void> {
  await page.getByText('Loading the engine').waitFor({ timeout: PATIENCE_MS });
  tell('the engine is fetched');
  const own = (): MirrorNode[] => others().filter((node) => node.get('player_name') === NEWCOMER);
  await until(() => own().length > 0);
  tell('its player is there');
  // It may stand at a wall: one way is free.
  await page.keyboard.down('d');
  const isMoving = moves(own);
  const timer = setTimeout(() => {
    void page.keyboard.up('d').then(() => page.keyboard.down('a'));
  }, 1000);
  await isMoving;
  clearTimeout(timer);
  tell('it moves by a key');
}

/** Waits until one of some nodes is elsewhere. */
async function moves(nodes: () => MirrorNode[]): Promise<void> {
  const first = new Map<MirrorNode, Vector2>();
  await until(() =>
    nodes().some((node) => {
      const position = node.get('position');
      if (!(position instanceof Vector2)) return false;
      const before = first.get(node);
      if (before === undefined) first.set(node, position);
      return before !== undefined && !before.equals(position);
    }),
  );
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
