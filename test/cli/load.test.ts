/** `godot-enet load` as a program, against servers of this process: every transport, both protocols, and each way to end. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer, type MultiplayerPeer, TLSOptions } from '../../src/godot.ts';
import type { LoadReport } from '../../src/load/report/report.ts';
import { SceneMultiplayer } from '../../src/multiplayer.ts';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '../../src/ops.ts';
import { ENetServer } from '../../src/server.ts';
import { WebSocketMultiplayerPeer } from '../../src/websocket.ts';
import { built } from '../support/built.ts';
import { type LoadProgramRun, runLoad, runLongEnough } from './loadProgram.ts';

const FEW = ['--players', '3', '--ramp', '0.2'];
/** All have joined, and each had a round trip. */
const havePlayed = ({ out }: LoadProgramRun): boolean =>
  out.includes('3 joined, 0 failed, 0 lost; 3 at once') && !out.includes('rtt        not measured');

let folder = '';
let own: SelfSignedCertificate;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-load-'));
  own = await createSelfSignedCertificate({ names: ['127.0.0.1'] });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function enetServer(tls?: TLSOptions): ENetServer {
  const server = new ENetServer({ bindAddress: '127.0.0.1', ...(tls === undefined ? {} : { tls }) });
  expect(server.createServer(0, 64)).toBe(0);
  open.push(() => server.stopServer());
  return server;
}

/** A SceneMultiplayer, whose node Main answers `ask`. */
function game(peer: MultiplayerPeer): SceneMultiplayer {
  const mirror = new SceneMirror();
  const node = mirror.root.addChild({ name: 'Main', class: 'Node' });
  node.rpcConfig('ask', { rpcMode: 'any_peer' });
  node.rpcConfig('answer', { rpcMode: 'authority' });
  node.onRpc('ask', (sender: number) => void node.rpcId(sender, 'answer', 42));
  const multiplayer = new SceneMultiplayer({ mirror });
  multiplayer.multiplayerPeer = peer;
  multiplayer.start({ tickHz: 100 });
  open.push(() => multiplayer.close());
  return multiplayer;
}

function enetGame(): { port: number; multiplayer: SceneMultiplayer } {
  const peer = new ENetMultiplayerPeer();
  peer.setBindIp('127.0.0.1');
  expect(peer.createServer(0, 64)).toBe(0);
  return { port: peer.getLocalPort(), multiplayer: game(peer) };
}

const ASKING = `
export default async function bot(player) {
  const main = player.mirror.root.addChild({ name: 'Main', class: 'Node' });
  main.rpcConfig('ask', { rpcMode: 'any_peer' });
  main.rpcConfig('answer', { rpcMode: 'authority' });
  do {
    const answer = player.nextRpc('/root/Main', 'answer');
    player.rpc('/root/Main', 'ask');
    const [number] = await player.measure('ask', answer);
    player.count('answers ' + number);
  } while (await player.sleep(100));
}
`;

describe('a run to its end', { timeout: 120_000 }, () => {
  test('an ENetServer: the report as text, JSON and page; the process is found by its port', async () => {
    const server = enetServer();
    const [json, html] = [join(folder, 'enet.json'), join(folder, 'enet.html')];
    const limits = [
      '--max-failed',
      '0',
      '--max-rtt-p99',
      '60000',
      '--max-loss',
      '100',
      '--max-script-errors',
      '0',
    ];
    const target = `enet://127.0.0.1:${server.getLocalPort()}`;
    const { code, out, err } = await runLongEnough(
      [target, '--protocol', 'enet-server', ...FEW, ...limits, '--json', json, '--html', html],
      havePlayed,
    );
    expect([code, out.split('\n')[0]]).toEqual([
      0,
      expect.stringMatching(/^enet:\/\/127\.0\.0\.1:\d+, enet-server, [\d.]+ s: done$/),
    ]);
    expect(out).toContain('kept: failed and lost players 0, at most 0');
    expect(err).toMatch(/^[\d.]+ s \| \d players .*\| 0 failed \| rtt p50 /m);
    const report: LoadReport = JSON.parse(readFileSync(json, 'utf8'));
    expect(report).toMatchObject({
      format: 1,
      target,
      outcome: 'done',
      players: { wanted: 3, joined: 3, failed: 0, lost: 0, most: 3 },
    });
    expect(report.roundTrips?.count).toBeGreaterThanOrEqual(3);
    if (process.platform === 'linux') {
      expect(report.server.pid).toBe(process.pid);
      expect(report.server.mostMemoryBytes).toBeGreaterThan(1_000_000);
    }
    expect(readFileSync(html, 'utf8')).toContain('<svg ');
  });

  test('a SceneMultiplayer over ENet, with a script', async () => {
    const { port } = enetGame();
    const script = file('asking.mjs', ASKING);
    const { code, out } = await runLongEnough(
      [`enet://127.0.0.1:${port}`, ...FEW, '--script', script, '--max-measure', 'ask=60000'],
      (run) => havePlayed(run) && /answers 42: /.test(run.out),
    );
    expect(out).toContain('kept: ask p99');
    expect(out).toMatch(/ {2}answers 42: \d+/);
    expect(out).not.toContain('Errors of the script');
    expect(code).toBe(0);
  });

  test('over WebSocket: round trips of pings, no loss', async () => {
    const peer = new WebSocketMultiplayerPeer();
    expect(peer.createServer(0, '127.0.0.1')).toBe(0);
    await expect.poll(() => peer.localPort).toBeGreaterThan(0);
    game(peer);
    const json = join(folder, 'ws.json');
    const script = file('asking.mjs', ASKING);
    const { code } = await runLongEnough(
      [`ws://127.0.0.1:${peer.localPort}`, ...FEW, '--script', script, '--json', json],
      (run) => havePlayed(run) && /answers 42: \d\d/.test(run.out),
    );
    const report: LoadReport = JSON.parse(readFileSync(json, 'utf8'));
    expect(report).toMatchObject({
      outcome: 'done',
      loss: null,
      scriptErrors: [],
      players: { joined: 3, lost: 0 },
    });
    expect(report.roundTrips?.count).toBeGreaterThan(0);
    expect(report.measures[0]?.times?.count).toBeGreaterThan(3);
    expect(report.traffic.receivedBytes).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  test('over DTLS: with its certificate, without any check and loudly, and with another', async () => {
    const server = enetServer(TLSOptions.server(own.key, own.certificate));
    const args = [`enets://127.0.0.1:${server.getLocalPort()}`, '--protocol', 'enet-server', ...FEW];
    const trusted = await runLongEnough(
      [...args, '--ca', file('own.crt', own.certificate), '--max-failed', '0'],
      havePlayed,
    );
    expect([trusted.code, trusted.out]).toEqual([0, expect.stringContaining('3 wanted, 3 joined')]);
    const insecure = await runLongEnough([...args, '--insecure', '--max-failed', '0'], havePlayed);
    expect([insecure.code, insecure.err.split('\n')[0]]).toEqual([
      0,
      'godot-enet: --insecure: no certificate was checked, anybody may have answered in place of the server',
    ]);
    const other = await createSelfSignedCertificate({ names: ['127.0.0.1'] });
    const untrusted = await runLongEnough(
      [...args, '--ca', file('other.crt', other.certificate)],
      ({ out }) => out.includes('3 x DTLS'),
    );
    expect([untrusted.code, untrusted.out.split('\n')[0]]).toEqual([
      5,
      expect.stringContaining('nobody-joined (none of 3 players could join)'),
    ]);
    expect(untrusted.out).toMatch(
      /3 x DTLS: the encrypted session failed \(DtlsError: nobody who is trusted/,
    );
  });

  test('a limit that is exceeded: exit code 5', async () => {
    const { port } = enetGame();
    const { code, out } = await runLongEnough(
      [`enet://127.0.0.1:${port}`, ...FEW, '--max-rtt-p50', '0', '--max-failed', '0'],
      havePlayed,
    );
    expect(code).toBe(5);
    expect(out).toContain('EXCEEDED: rtt p50');
    expect(out).toContain('kept: failed and lost players');
  });

  test('what a script throws anywhere, also in its own timers, is counted and ends nothing', async () => {
    const { port } = enetGame();
    const script = file(
      'wild.mjs',
      `export default class {
        onJoin(player) {
          setTimeout(() => { throw new Error('in a timer'); }, 10);
          Promise.reject(new Error('of nobody'));
          player.mirror.root.onRpc('x', () => {});
          throw new Error('in a hook');
        }
      }`,
    );
    const { code, out, err } = await runLongEnough(
      [`enet://127.0.0.1:${port}`, ...FEW, '--script', script, '--max-script-errors', '8'],
      ({ out: text }) => text.includes('script errors 9'),
    );
    expect(out).toContain('  3 x onJoin: Error: in a hook\n      at ');
    expect(out).toContain('  3 x uncaught exception: Error: in a timer');
    expect(out).toContain('  3 x unhandled rejection: Error: of nobody');
    expect(err).toContain('the script threw in: onJoin: Error: in a hook');
    expect(out).toContain('EXCEEDED: script errors 9, at most 8');
    expect(code).toBe(5);
  });
});

describe('a run that ends before its time', { timeout: 120_000 }, () => {
  const LONG = ['--players', '2', '--ramp', '0', '--hold', '600'];

  test('Ctrl-C: a report of what was, exit code 130', async () => {
    const { port, multiplayer } = enetGame();
    let hasStopped = false;
    const { code, out } = await runLoad([`enet://127.0.0.1:${port}`, ...LONG], (err, stop) => {
      if (hasStopped || !err.includes('2 players')) return;
      hasStopped = true;
      stop();
    });
    expect([code, out.split('\n')[0]]).toEqual([
      130,
      expect.stringMatching(/: interrupted \(it was stopped\)$/),
    ]);
    expect(out).toContain('2 joined, 0 failed, 0 lost');
    // They said goodbye.
    await expect.poll(() => multiplayer.getPeers()).toEqual([]);
  });

  test('the server goes away: exit code 5', async () => {
    const { port, multiplayer } = enetGame();
    let isClosed = false;
    const { code, out } = await runLoad([`enet://127.0.0.1:${port}`, ...LONG], (err) => {
      if (!isClosed && err.includes('2 players')) multiplayer.close();
      isClosed = err.includes('2 players');
    });
    expect([code, out.split('\n')[0]]).toEqual([
      5,
      expect.stringMatching(/: server-gone \(all players were lost\)$/),
    ]);
    expect(out).toContain('2 x GOODBYE: the server ended it');
  });

  test('nobody is there: exit code 5, each reason once', async () => {
    const server = enetServer();
    const port = server.getLocalPort();
    server.stopServer();
    const { code, out, err } = await runLoad([`enet://127.0.0.1:${port}`, ...LONG, '--join-timeout', '3']);
    expect([code, out.split('\n')[0]]).toEqual([5, expect.stringContaining('nobody-joined')]);
    expect(err.match(/a player did not join: /g)).toHaveLength(1);
    expect(out).toMatch(/ {2}2 x (REFUSED: nobody listens there|not admitted in 3000 ms)/);
  });
});

describe('wrong usage and files', () => {
  const HERE = 'enet://127.0.0.1:9';

  test.each([
    [[], "error: missing required argument 'TARGET'"],
    [
      ['127.0.0.1:9'],
      'error: TARGET expected enet://HOST:PORT, enets://HOST:PORT, ws://HOST or wss://HOST, got "127.0.0.1:9"',
    ],
    [
      [HERE, '--players', '0'],
      'error: --players expected a number from 1 on, or rising ones as 50,100, got 0',
    ],
    [
      [HERE, '--players', '5,5'],
      'error: --players expected a number from 1 on, or rising ones as 50,100, got 5,5',
    ],
    [
      [HERE, '--players', '2001'],
      'error: --players expected at most 2000 in one process, got 2001: start it several times',
    ],
    [[HERE, '--ramp', '-1'], "error: option '--ramp <SEC>' argument '-1' is invalid. expected 0..86400."],
    [
      [HERE, '--pid', '1.5'],
      "error: option '--pid <N>' argument '1.5' is invalid. expected an integer 1..2147483647.",
    ],
    [
      [HERE, '--max-loss', '101'],
      "error: option '--max-loss <PERCENT>' argument '101' is invalid. expected 0..100.",
    ],
    [
      [HERE, '--max-measure', 'ask'],
      "error: option '--max-measure <NAME=MS>' argument 'ask' is invalid. expected NAME=MS.",
    ],
    [[HERE, '--insecure'], `error: --ca and --insecure are for enets:// and wss://, got ${HERE}`],
    [
      ['enets://127.0.0.1:9', '--ca', 'x', '--insecure'],
      "error: option '--ca <FILE>' cannot be used with option '--insecure'",
    ],
    [
      ['ws://127.0.0.1:9', '--protocol', 'enet-server'],
      'error: --protocol enet-server speaks ENet: expected enet:// or enets://',
    ],
    [
      ['ws://127.0.0.1:9', '--compression', 'zlib'],
      'error: --compression is of ENet: expected enet:// or enets://',
    ],
    [[HERE, '--protocol', 'enet-server', '--project', '.'], 'error: --project is for --protocol scene'],
    [
      ['enet://192.0.2.1:9'],
      'error: 192.0.2.1 (192.0.2.1) is neither this machine nor in a private network. Load only servers that are yours: --i-own-this-server says that this one is',
    ],
  ])('%j', async (args, message) => {
    const { code, out, err } = await runLoad(args);
    expect([code, out, err.split('\n')[0]]).toEqual([1, '', message]);
  });

  test.each([
    [
      'a script that is not there',
      () => ['--script', join(folder, 'none.mjs')],
      /none\.mjs: there is no such file/,
    ],
    [
      'a script with an error',
      () => ['--script', file('broken.mjs', 'export default (')],
      /broken\.mjs: it does not load: SyntaxError/,
    ],
    [
      'a script without bots',
      () => ['--script', file('empty.mjs', 'export const a = 1;')],
      /empty\.mjs: its default export expected/,
    ],
    [
      'no script at all',
      () => ['--script', file('bot.txt', '')],
      /bot\.txt: expected a file that ends in \.js, \.mjs/,
    ],
    [
      'a project that is not there',
      () => ['--project', join(folder, 'none')],
      /"path" expected a folder or a pack file that is there/,
    ],
    ['a report that cannot be written', () => ['--json', join(folder, 'none/report.json')], /ENOENT/],
    ['a folder as the report', () => ['--html', folder], /is a folder/],
  ])('%s: exit code 2', async (_what, args, message) => {
    const { code, out, err } = await runLoad([HERE, ...args()]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^godot-enet: [^\n]*\n$/);
  });

  const readsTypes = 'typescript' in process.features && Boolean(process.features.typescript);
  test.skipIf(readsTypes)('a script in TypeScript on a Node that reads none', async () => {
    const { code, err } = await runLoad([
      HERE,
      '--script',
      file('bot.ts', 'export default (player: unknown): void => {};'),
    ]);
    expect([code, err]).toEqual([
      2,
      `godot-enet: ${join(folder, 'bot.ts')}: this is Node ${process.versions.node}, which does not read TypeScript: ` +
        'Node 22.18 and later (or 23.6) do, or compile it to JavaScript\n',
    ]);
  });
});

test('a script that blocks the process is ended, and told of', async () => {
  const program = `
    import { watchThread } from ${JSON.stringify(built('src/load/process/watchdog.js'))};
    watchThread(400);
    setTimeout(() => { for (;;); }, 50);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
  expect([signal, err]).toEqual([
    'SIGKILL',
    'godot-enet: the bot script, or too many players, blocked this process for 0.4 s: it ends here, without a report\n',
  ]);
});
