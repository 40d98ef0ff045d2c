/** The commands of docs/guide/deployment.md: those that can, run, against `server.ts`; the list below says why others do not. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { built } from '../support/built.ts';
import { blocksOf } from '../support/pages.ts';
import { type PeerName, peer } from '../support/peers.ts';
import { type Program, startProgram } from '../support/program.ts';
import { FOLDER } from './deployFiles.ts';

const ROOT = 'wants the rights of root, and changes the machine';
const DOCKER = 'wants a Docker daemon';
const CLUSTER = 'wants a cluster with Agones';
const FLY = 'wants an account at fly.io';
const REGISTRY = 'wants a project, and the network';
const NOT_RUN: Readonly<Record<string, string>> = {
  'sudo mkdir -p /opt/game': ROOT,
  'sudo cp -r dist node_modules package.json game /opt/game/': ROOT,
  'sudo install -m 644 deploy/game.service /etc/systemd/system/game.service': ROOT,
  'sudo install -m 644 deploy/90-game.conf /etc/sysctl.d/90-game.conf': ROOT,
  'echo "DRAIN_TOKEN=$(openssl rand -hex 24)" | sudo install -m 600 /dev/stdin /etc/game.env': ROOT,
  'sudo sysctl --system': ROOT,
  'sudo systemctl daemon-reload': ROOT,
  'sudo systemctl enable --now game': ROOT,
  'journalctl --unit game --follow': ROOT,
  'npm install redis': REGISTRY,
  'npm install redis jose': REGISTRY,
  'npm install @nats-io/transport-node': REGISTRY,
  'npm install jose': REGISTRY,
  'docker compose up --build --detach': DOCKER,
  'docker compose ps': DOCKER,
  'docker compose stop game-b': DOCKER,
  'kubectl apply -f deploy/fleet.yaml -f deploy/allocator.yaml': CLUSTER,
  'kubectl get gameservers': CLUSTER,
  'kubectl create -o yaml -f deploy/allocation.yaml': CLUSTER,
  'fly launch --copy-config --no-deploy': FLY,
  'fly ips allocate-v4': FLY,
  'fly secrets set DRAIN_TOKEN=$(openssl rand -hex 24)': FLY,
  'fly deploy --ha=false': FLY,
};
/** Whom a command needs, and what it prints; of those that are not here, nothing is expected but that they succeed. */
const SAYS: readonly (readonly [start: string, output: RegExp, needs?: PeerName])[] = [
  ['openssl rand', /^[0-9a-f]{48}\n$/, 'openssl'],
  ['export DRAIN_TOKEN=', /^$/, 'openssl'],
  ['export TOKEN_SECRET=', /^$/, 'openssl'],
  ['export PUBLIC_HOST=', /^$/],
  ['curl --silent --show-error --request POST', /^\{"status":"(draining|stopped)",/, 'curl'],
  ['curl --silent', /^\{"status":"ok","players":0,"rooms":0,/, 'curl'],
  ['systemd-analyze verify', /^$/, 'systemd'],
  ['systemd-analyze security', /Overall exposure level for game\.service/, 'systemd'],
];

const COMMANDS = blocksOf('docs/guide/deployment.md')
  .filter(({ language }) => language === 'sh')
  .flatMap(({ source }) => source.trimEnd().split('\n'));
const RUN = COMMANDS.filter((command) => !(command in NOT_RUN));
const TOKEN = 'x'.repeat(24);

let folder = '';
let server: Program;
let opsPort = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-deployment-'));
  cpSync(FOLDER, join(folder, 'node_modules/godot-enet/examples/deploy'), { recursive: true });
  const unit = join(folder, 'node_modules/godot-enet/examples/deploy/game.service');
  // Node may be somewhere else.
  writeFileSync(unit, readFileSync(unit, 'utf8').replace('/usr/bin/node', process.execPath));
  const env = { PORT: '0', WEB_PORT: '0', OPS_PORT: '0', DRAIN_TOKEN: TOKEN, DRAIN_SECONDS: '600' };
  server = startProgram([built('examples/deploy/server.js')], { env });
  [, opsPort = ''] = /health on port (\d+)/.exec(await server.sees(/health on port \d+\n/)) ?? [];
});
afterAll(() => {
  server.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('every command runs here, or the list says why not', () => {
  expect(Object.keys(NOT_RUN).filter((command) => !COMMANDS.includes(command))).toEqual([]);
  expect(RUN.length).toBeGreaterThan(6);
  for (const [start] of SAYS)
    expect(
      RUN.some((command) => command.startsWith(start)),
      start,
    ).toBe(true);
});

for (const command of RUN) {
  const [, output, needs] = SAYS.find(([start]) => command.startsWith(start)) ?? [];
  const { isMissing, note } = needs === undefined ? { isMissing: false, note: '' } : peer(needs);
  test.skipIf(isMissing)(`${command}${note}`, async () => {
    const line = command.replace('127.0.0.1:9100', `127.0.0.1:${opsPort}`);
    const env = { ...process.env, DRAIN_TOKEN: TOKEN };
    const { code, out } = await new Promise<{ code: number | null; out: string }>((resolve) => {
      const child = execFile('sh', ['-c', `{ ${line}; } 2>&1`], { cwd: folder, env }, (_error, text) =>
        resolve({ code: child.exitCode, out: text }),
      );
    });
    expect(code, out).toBe(0);
    if (output !== undefined) expect(out).toMatch(output);
  });
}
