/** Key logs: both sides write the same secret, and with it captured datagrams can be read; without it they cannot. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CapturedSessions } from '../../src/dtls/capturedSessions.ts';
import { DtlsClientEndpoint } from '../../src/dtls/clientEndpoint.ts';
import { keyLogLine, readKeyLog } from '../../src/dtls/handshake/keyLogLine.ts';
import type { ServerCredentials } from '../../src/dtls/identity/credentials.ts';
import { openKeyLog } from '../../src/dtls/keyLog.ts';
import { DTLS_SUITES, findSuite } from '../../src/dtls/record/cipherSuites.ts';
import { DtlsServerEndpoint } from '../../src/dtls/serverEndpoint.ts';
import type { Address } from '../../src/enet/address.ts';
import { checkSecureLimits } from '../../src/runtime/secureLimits.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { connect, makeCredentials, Node, SERVER } from './network.ts';

const CLIENT: Address = { ip: '10.0.0.2', port: 1000 };
const nameOf = ({ ip, port }: Address): string => `${ip}:${port}`;

let ec: ServerCredentials;
let rsa: ServerCredentials;
let folder = '';
beforeAll(async () => {
  ec = await makeCredentials('P-256');
  rsa = await makeCredentials('RSA-2048');
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-keys-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A session with a few words in both directions, as it was captured, and what both sides logged. */
function played(suite: number = DTLS_SUITES[0] ?? 0) {
  const network = new SimNetwork({ latencyMs: 5 });
  const logged: { server: string[]; client: string[] } = { server: [], client: [] };
  const captured: { bytes: Uint8Array; from: string; to: string }[] = [];
  const credentials = findSuite(suite)?.keyType === 'ec' ? ec : rsa;
  const tap = (from: Address) => (bytes: Uint8Array, to: Address) => {
    captured.push({ bytes: Uint8Array.from(bytes), from: nameOf(from), to: nameOf(to) });
  };
  const server = new Node(network, SERVER, (world) => {
    const seen = tap(SERVER);
    const transmit: typeof world.transmit = (bytes, to) => {
      seen(bytes, to);
      world.transmit(bytes, to);
    };
    const logKeys = (line: string): unknown => logged.server.push(line);
    return new DtlsServerEndpoint({ world: { ...world, transmit, logKeys, randomBytes }, credentials });
  });
  const client = new Node(network, CLIENT, (world) => {
    const seen = tap(CLIENT);
    const transmit: typeof world.transmit = (bytes, to) => {
      seen(bytes, to);
      world.transmit(bytes, to);
    };
    const logKeys = (line: string): unknown => logged.client.push(line);
    const all = { ...world, transmit, logKeys, randomBytes };
    return new DtlsClientEndpoint({ world: all, verifyServer: () => undefined, suites: [suite] });
  });
  connect(network, client);
  client.send('ping', SERVER);
  network.advance(10);
  server.send('pong', CLIENT);
  network.advance(10);
  return { captured, logged };
}

/** The texts that can be read, and why others cannot. */
function read(captured: ReturnType<typeof played>['captured'], log: string, isNamed = true): string[] {
  const sessions = new CapturedSessions(readKeyLog(log));
  return captured
    .flatMap(({ bytes, from, to }) => sessions.open(bytes, isNamed ? from : '', isNamed ? to : '') ?? [])
    .filter(({ kind }) => kind !== 'session')
    .map((record) =>
      record.kind === 'data'
        ? Buffer.from(record.bytes).toString()
        : record.kind === 'sealed'
          ? record.reason
          : '',
    );
}

describe('what was captured', () => {
  test.each(DTLS_SUITES)('suite %i: both sides log one secret, which opens both directions', (suite) => {
    const { captured, logged } = played(suite);
    expect(logged.client).toEqual([expect.stringMatching(/^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/)]);
    expect(logged.server).toEqual(logged.client);
    expect(read(captured, logged.client.join('\n'))).toEqual(['ping', 'pong']);
    // A capture that does not say who received what.
    expect(read(captured, logged.client.join('\n'), false)).toEqual(['ping', 'pong']);
  });

  test('of several sessions between the same two each has its own key', () => {
    const [first, second] = [played(), played()];
    const log = `# a comment\n${first.logged.server[0]}\r\nSERVER_HANDSHAKE_TRAFFIC_SECRET 00 11\n${second.logged.server[0]}\n`;
    const all = [...first.captured, ...second.captured];
    expect(read([...all, ...first.captured.slice(-2)], log)).toEqual([
      'ping',
      'pong',
      'ping',
      'pong',
      'ping',
      'pong',
    ]);
  });

  test('without its key nothing can be read, and it is said why', () => {
    const { captured, logged } = played();
    const sealed = 'the key log has no key of its session';
    expect(read(captured, played().logged.server.join('\n'))).toEqual(Array(4).fill(sealed));
    const late = 'its handshake was not captured';
    expect(read(captured.slice(-2), logged.server.join('\n'))).toEqual([late, late]);
    const changed = captured.at(-1);
    if (changed === undefined) throw new Error('nothing was captured');
    const bytes = Uint8Array.from(changed.bytes);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(read([...captured, { ...changed, bytes }], logged.server.join('\n')).at(-1)).toMatch(
      /^it was changed/,
    );
  });

  test('what is no DTLS, or damaged, is none and harms nothing', () => {
    const sessions = new CapturedSessions(new Map());
    expect(sessions.open(new Uint8Array(0), 'a', 'b')).toBe(undefined);
    expect(sessions.open(Uint8Array.of(0x80, 0, 0, 1, 0x85, 0xff, 0, 3), 'a', 'b')).toBe(undefined);
    const { captured } = played();
    for (const { bytes, from, to } of captured) {
      for (let length = 0; length < bytes.length; length += 7) {
        sessions.open(bytes.subarray(0, length), from, to);
        const other = Uint8Array.from(bytes);
        other[length] = (other[length] ?? 0) ^ 0xff;
        sessions.open(other, from, to);
      }
    }
  });
});

describe('the file', () => {
  test('lines are added, its owner alone may read it, and a warning tells of it once', async () => {
    const file = join(folder, 'keys.log');
    const warnings: (Error & { code?: string })[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    const line = keyLogLine(new Uint8Array(32).fill(1), new Uint8Array(48).fill(2));
    openKeyLog(file)(line);
    openKeyLog(file)(line);
    const bad = openKeyLog(join(folder, 'none', 'keys.log'));
    bad(line);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(readFileSync(file, 'utf8')).toBe(`${line}\n${line}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readKeyLog(readFileSync(file, 'utf8'))).toEqual(new Map([['01'.repeat(32), Buffer.alloc(48, 2)]]));
    expect(warnings.map(({ code }) => code)).toEqual(['GODOT_ENET_KEY_LOG', 'GODOT_ENET_KEY_LOG']);
    expect(warnings[0]?.message).toContain('passwords');
    expect(warnings[1]?.message).toContain('no key log is written: ENOENT');
  });

  test('the option wants a path', () => {
    checkSecureLimits('dtls', { keyLogFile: 'keys.log' });
    for (const value of ['', 5, null]) {
      expect(() => checkSecureLimits('dtls', { keyLogFile: value } as object)).toThrow(
        `"dtls.keyLogFile" expected the path of a file, got ${JSON.stringify(value)}`,
      );
    }
  });
});
