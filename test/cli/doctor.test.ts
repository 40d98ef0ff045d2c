/** `godot-enet doctor` against servers of every kind, over UDP on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type ProbeReport, probeServer } from '../../src/cli/doctor/probe.ts';
import { readTarget, type Target } from '../../src/cli/doctor/target.ts';
import { crc32 } from '../../src/enet/crc32.ts';
import {
  type CompressionMode,
  ENetConnection,
  ENetMultiplayerPeer,
  GodotThreeMultiplayerPeer,
  type MultiplayerPeer,
} from '../../src/godot.ts';
import { prepareZstd } from '../../src/io/compression.ts';
import { nodeRuntime } from '../../src/node/nodeRuntime.ts';
import { createSelfSignedCertificate } from '../../src/ops/selfSignedCertificate.ts';
import { AuthMode, ENetServer, TLSOptions } from '../../src/server.ts';
import { built } from '../support/built.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { peer } from '../support/peers.ts';

expectDiagnoses('servers of this process are asked in ways that they do not speak');

const main = built('src/cli/main.js');
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function probe(port: number, host = '127.0.0.1', timeoutMs = 700): Promise<ProbeReport> {
  return probeServer({ runtime: nodeRuntime, host, port, timeoutMs, watchMs: 400 });
}

function openServer(
  compression: CompressionMode = 0,
  options: ConstructorParameters<typeof ENetServer>[0] = {},
): ENetServer {
  const server = new ENetServer({ bindAddress: '127.0.0.1', ...options });
  server.setCompressionMode(compression);
  expect(server.createServer(0)).toBe(0);
  cleanups.push(() => server.stopServer());
  return server;
}

/** A UDP socket that nobody answers at. */
async function silentSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = await silentSocket();
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  cleanups.push(() => child.kill('SIGKILL'));
  return child;
}

describe('an ENetServer', () => {
  test.each<[CompressionMode, string]>([
    [0, 'none'],
    [1, 'range coder'],
    [2, 'FastLZ'],
    [3, 'zlib'],
    [4, 'zstd'],
  ])('with compression %i', async (mode, name) => {
    await prepareZstd();
    const server = openServer(mode);
    const left: string[] = [];
    server.on('peerDisconnected', (_peer, reason) => left.push(reason));
    const report = await probe(server.getLocalPort());
    expect(report).toMatchObject({ verdict: 'ENET', compression: name });
    expect(report.answer).toMatchObject({
      channels: 2,
      mtuBytes: 1392,
      stays: true,
      disconnectData: undefined,
    });
    expect(report.lines.join('\n')).toContain('an ENetServer');
    // It left with a DISCONNECT, so the server knows at once.
    expect(left).toHaveLength(1);
    expect(server.getPeerCount()).toBe(0);
  });

  test('that waits for a login is still an ENetServer', async () => {
    const server = openServer();
    server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    expect((await probe(server.getLocalPort())).answer?.stays).toBe(true);
  });

  test('with checksums', async () => {
    const server = openServer(0, { host: { checksum: crc32 } });
    const report = await probe(server.getLocalPort());
    expect(report.verdict).toBe('ENET_WITH_CHECKSUM');
    expect(report.lines[0]).toContain('checksums');
  });

  test('that refuses this address', async () => {
    const server = openServer(0, { deny: ['127.0.0.0/8'] });
    const report = await probe(server.getLocalPort());
    expect(report.verdict).toBe('NO_ANSWER');
    expect(report.lines.join('\n')).toContain('refuses this address');
  });
});

test('a multiplayer server that turns away who has no id', async () => {
  const host = new ENetConnection({
    onWake: () => {
      for (let event = host.service(); event[0] > 0; event = host.service()) {
        if (event[0] === ENetConnection.EVENT_CONNECT) event[1].reset();
      }
    },
  });
  expect(host.createHostBound('127.0.0.1', 0, 4, 0)).toBe(0);
  cleanups.push(() => host.destroy());
  const four = await probe(host.getLocalPort());
  expect(four).toMatchObject({ verdict: 'ENET', answer: { channels: 255, stays: false } });
  expect(four.lines.join('\n')).toContain("probably Godot 4's ENetMultiplayerPeer");
  host.channelLimit(3);
  expect((await probe(host.getLocalPort())).lines.join('\n')).toContain("probably Godot 3's");
});

test('an ENetServer with DTLS', async () => {
  const { key, certificate } = await createSelfSignedCertificate({ names: ['127.0.0.1'] });
  const told: string[] = [];
  const tls = TLSOptions.server(key, certificate);
  const server = openServer(0, { tls, onDiagnosis: (one) => told.push(one.code) });
  const report = await probe(server.getLocalPort());
  expect(report).toMatchObject({ verdict: 'ENET_OVER_DTLS', compression: 'none', answer: { stays: true } });
  const text = report.lines.join('\n');
  expect(text).toContain('dtls_client_setup');
  expect(text).toMatch(/Its certificate is for 127\.0\.0\.1\. It is valid until \d{4}-/);
  expect(text).toContain('ERR_DTLS_PEER_UNTRUSTED');
  expect(text).toContain('an ENetServer');
  // It said goodbye, and was never taken for a client with checksums.
  await expect.poll(() => server.ops.metrics().dtls, { timeout: 3000 }).toMatchObject({ handshakes: 0 });
  expect(told).toEqual(['PLAIN_ON_DTLS_HOST']);
});

describe.each([
  ['ENetMultiplayerPeer', ENetMultiplayerPeer, 255],
  ['GodotThreeMultiplayerPeer', GodotThreeMultiplayerPeer, 3],
] as const)('our %s', (name, Peer, channels) => {
  test.each([
    [0, 'none'],
    [1, 'range coder'],
  ] as const)('with compression %i says goodbye to who has no id', async (mode, compression) => {
    const told: string[] = [];
    const server = new Peer({ onWake: () => server.poll(), onDiagnosis: ({ code }) => told.push(code) });
    cleanups.push(() => server.close());
    const signals: MultiplayerPeer = server;
    signals.on('peerConnected', (id) => told.push(`+${id}`));
    server.setBindIp('127.0.0.1');
    if (server instanceof GodotThreeMultiplayerPeer) server.compressionMode = mode;
    expect(server.createServer(0)).toBe(0);
    if (server instanceof ENetMultiplayerPeer) server.host?.compress(mode);
    const report = await probe(server.host?.getLocalPort() ?? 0);
    expect(report).toMatchObject({
      verdict: 'ENET',
      compression,
      answer: { channels, stays: false, disconnectData: 0 },
    });
    expect(report.lines.join('\n')).toContain(`disconnects a client without a multiplayer id`);
    expect(report.lines.join('\n')).toContain(`probably the ${name} of godot-enet`);
    // Nobody is announced, and the doctor says what knocked.
    expect(told).toEqual(['NOT_MULTIPLAYER']);
    await expect.poll(() => server.host?.getPeers(), { timeout: 3000 }).toEqual([]);
  });
});

test('a server that turns everybody away with a number of its own', async () => {
  const host = new ENetConnection({
    onWake: () => {
      for (let event = host.service(); event[0] > 0; event = host.service()) {
        if (event[0] === ENetConnection.EVENT_CONNECT) event[1].peerDisconnect(17);
      }
    },
  });
  expect(host.createHostBound('127.0.0.1', 0, 4, 0)).toBe(0);
  cleanups.push(() => host.destroy());
  const report = await probe(host.getLocalPort());
  expect(report.answer?.disconnectData).toBe(17);
  expect(report.lines.at(-1)).toBe(
    'It disconnects a client without a multiplayer id, with 17 as data: a server that turns this client away.',
  );
});

describe('no ENet', () => {
  test('a closed port is told at once', async () => {
    const report = await probe(await freePort());
    expect(report.verdict).toBe('CLOSED');
  });

  test('a port that is silent', async () => {
    const socket = await silentSocket();
    cleanups.push(() => socket.close());
    const heard: number[] = [];
    socket.on('message', (bytes) => heard.push(bytes.length));
    const report = await probe(socket.address().port);
    expect(report.verdict).toBe('NO_ANSWER');
    expect(heard.length).toBeLessThan(12);
  });

  test.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP answer'],
    ['something of its own', '?what?', '6 bytes that begin with 3f 77 68 61 74 3f'],
  ])('a service that answers %s', async (_title, text, expected) => {
    const socket = await silentSocket();
    cleanups.push(() => socket.close());
    socket.on('message', (_bytes, from) => socket.send(text, from.port, from.address));
    const report = await probe(socket.address().port);
    expect(report.verdict).toBe('OTHER_PROTOCOL');
    expect(report.lines[0]).toContain(expected);
  });

  test('a name without an address', async () => {
    const report = await probe(7777, 'no-such-host.invalid');
    expect(report).toMatchObject({ verdict: 'UNKNOWN_HOST', address: 'no-such-host.invalid:7777' });
  });

  const openssl = peer('openssl');
  test.skipIf(openssl.isMissing)(`OpenSSL with DTLS${openssl.note}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'godot-enet-doctor-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = start('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-subj', '/CN=localhost', '-keyout', key, '-out', cert],
    ]);
    expect((await once(made, 'exit'))[0]).toBe(0);
    const port = await freePort();
    const server = start('openssl', [
      ...['s_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`, '-key', key, '-cert', cert],
    ]);
    for await (const chunk of server.stdout ?? []) if (String(chunk).includes('ACCEPT')) break;
    const report = await probe(port);
    expect(report.verdict).toBe('DTLS');
    expect(report.lines.join('\n')).toContain('dtls_client_setup');
  });
});

describe('the command', () => {
  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const child = start(process.execPath, [main, 'doctor', ...args]);
    let [out, err] = ['', ''];
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    const [code] = await once(child, 'close');
    return { code, out, err };
  }

  test('prints a verdict and what it means; exit code 0', async () => {
    const port = openServer().getLocalPort();
    const { code, out } = await run(`127.0.0.1:${port}`);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe(`127.0.0.1:${port}: ENET`);
  });

  test.each<[string, string, Target]>([
    ['game.example:7', '', { host: 'game.example', port: 7 }],
    ['game.example', '7', { host: 'game.example', port: 7 }],
    ['10.0.0.1:65535', '', { host: '10.0.0.1', port: 65_535 }],
    ['[::1]:7', '', { host: '::1', port: 7 }],
    ['[::1]', '7', { host: '::1', port: 7 }],
    ['::1', '7', { host: '::1', port: 7 }],
  ])('takes %s %s', (first, second, target) => {
    expect(readTarget(first, second === '' ? undefined : second)).toEqual(target);
  });

  test('--json prints one object; exit code 3 when nobody is there', async () => {
    const port = await freePort();
    const { code, out } = await run('127.0.0.1', String(port), '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ address: `127.0.0.1:${port}`, verdict: 'CLOSED' });
  });

  test.each([
    [['127.0.0.1', '0'], 'expected 1..65535'],
    [['127.0.0.1', '7777', '--timeout', '5'], 'expected 100..60000'],
    [['127.0.0.1'], 'the port is missing: expected 127.0.0.1:PORT'],
    [['::1'], 'the port is missing: expected [::1]:PORT'],
    [['127.0.0.1:1', '2'], 'the port is there twice'],
    [['a:b'], 'expected 1..65535'],
    [[':1'], 'expected a host'],
  ])('wrong usage %j', async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});
