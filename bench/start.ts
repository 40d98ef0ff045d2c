/**
 * What it takes to start: the CPU time of an import of the built package above that of an empty Node, and how long `npm start` in a
 * checkout that is installed and built takes until the first player has its node.
 *
 *   npx tsx bench/start.ts [--repeats=20] [--starts=3] [--json] [--only=PART]
 *
 * CPU of a whole process (user and system, all threads), the empty one's median taken off: other work on the machine makes it
 * longer, but less than the time that passes. `npm start` is the time that passes, with everything: npm, the look whether the build
 * is fresh, the arena, a player that joins over ENet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Bot, seededRandom } from '../examples/arena/Bot.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine, median } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    repeats: { type: 'string', default: '20' },
    starts: { type: 'string', default: '3' },
  },
});
const ENTRIES = ['server', 'codec', 'enet', 'multiplayer', 'rooms'];
const START = 'start, npm start to the first player';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PATIENCE_MS = 60_000;

const setup = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: ROOT, encoding: 'utf8' });
if (setup.status !== 0) throw new Error(`setup failed:\n${setup.stdout}${setup.stderr}`);
say(JSON.stringify(describeMachine()));
importAll(Number(values.repeats));
if (isWanted(START)) {
  const starts: number[] = [];
  for (let round = 0; round < Number(values.starts); round++) starts.push(await startArena());
  printRow({ name: START, figure: median(starts), unit: 'ms', repeats: starts.length });
}

/** All entries in turns. */
function importAll(repeats: number): void {
  const wanted = ENTRIES.filter((entry) => isWanted(nameOf(entry)));
  if (wanted.length === 0) return;
  const programs = new Map(wanted.map((entry) => [entry, `import 'godot-enet/${entry}';`]));
  const samples = new Map(['', ...wanted].map((entry) => [entry, [] as number[]]));
  for (let round = 0; round < repeats; round++) {
    for (const [entry, times] of samples) times.push(run(programs.get(entry) ?? ''));
  }
  const empty = median(samples.get('') ?? []);
  for (const entry of wanted) {
    const figure = median(samples.get(entry) ?? []) - empty;
    printRow({ name: nameOf(entry), figure, unit: 'ms', peer: 'empty Node', peerFigure: empty, repeats });
  }
}

function nameOf(entry: string): string {
  return `start, import godot-enet/${entry}`;
}

/** The CPU time in ms of a Node that runs a program. */
function run(program: string): number {
  const tell = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);';
  // In the checkout the package finds itself by its name.
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `${program}${tell}`],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

/** Milliseconds from `npm start` until a player has its node. */
async function startArena(): Promise<number> {
  const start = performance.now();
  const program = spawn('npm', ['start', '--', '--port', '0', '--page-port', '0'], {
    cwd: ROOT,
    // A group of its own: a signal reaches what npm starts.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(program, 'close');
  try {
    let text = '';
    program.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await until(() => /joins UDP port \d+/.test(text) || program.exitCode !== null);
    const port = Number(/joins UDP port (\d+)/.exec(text)?.[1]);
    if (Number.isNaN(port)) throw new Error(`npm start ended:\n${text}`);
    const peer = new ENetMultiplayerPeer();
    peer.createClient('127.0.0.1', port);
    const player = new Bot({ name: 'First', peer, random: seededRandom(1) });
    try {
      await until(() => player.player !== undefined);
      return performance.now() - start;
    } finally {
      player.close();
    }
  } finally {
    if (program.pid !== undefined && program.exitCode === null) process.kill(-program.pid, 'SIGINT');
    await closed;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
