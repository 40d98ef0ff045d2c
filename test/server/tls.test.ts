/** ENetServer and ENetClient over DTLS, over real sockets, with the host in this thread and in one of its own. */
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mmsgProblem } from '../../src/io/mmsg.ts';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import {
  createSelfSignedCertificate,
  type SelfSignedCertificate,
} from '../../src/ops/selfSignedCertificate.ts';
import { ENetClient, ENetServer, type SecureSuite, TLSOptions } from '../../src/server.ts';
import { issue } from '../support/certificates.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { Live, MODES, saw, until } from './live.ts';

expectDiagnoses('a client in the clear knocks at a server with DTLS');

const TRANSPORTS = mmsgProblem() === undefined ? (['dgram', 'mmsg'] as const) : (['dgram'] as const);

let own: SelfSignedCertificate;
let next: SelfSignedCertificate;
let tls: TLSOptions;
beforeAll(async () => {
  own = await createSelfSignedCertificate({ names: ['127.0.0.1'] });
  next = await createSelfSignedCertificate({ names: ['127.0.0.1'], days: 700 });
  tls = TLSOptions.server(own.key, own.certificate);
});

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

describe.each(MODES)('$name', { timeout: 30_000 }, (mode) => {
  const start = (): Live => {
    const live = new Live(mode);
    open.push(live);
    return live;
  };

  test('packets in both directions, of all sizes', async () => {
    const live = start();
    const { server, port } = live.start({ tls });
    server.on('packetReceived', (peer, packet) => {
      peer.sendPacket(packet, 0, true);
    });
    const { client } = await live.connect(port, { tls: TLSOptions.client(own.certificate) });
    const back: unknown[] = [];
    client.on('packetReceived', (packet) => back.push(packet));
    const sent = [1, 10, 1000, 1400, 50_000, 300_000].map((size) => 'x'.repeat(size));
    for (const text of sent) expect(client.sendPacket(text)).toBe(0);
    await until(() => back.length === sent.length);
    expect(back).toEqual(sent);
    expect(live.errors).toEqual([]);
  });

  test('a client that does not trust: connectionFailed, the reason in onError, nobody at the server', async () => {
    const live = start();
    const { server, port, log } = live.start({ tls });
    const errors: unknown[] = [];
    const { client, log: clientLog } = live.client(port, {
      tls: TLSOptions.client(next.certificate),
      onError: (error) => errors.push(error),
    });
    await expect(client.connected()).rejects.toThrow('not connected');
    await saw(clientLog, 'connectionFailed');
    expect(errors).toMatchObject([{ code: 'ERR_DTLS_PEER_UNTRUSTED' }]);
    await until(() => (server.ops.metrics().dtls?.failures.size ?? 0) > 0);
    expect(server.ops.metrics().dtls?.failures).toEqual(new Map([['ERR_DTLS_ALERT', 1]]));
    expect(log.map(([name]) => name)).toEqual(['serverStarted']);
  });

  test('a client in the clear is not heard', async () => {
    const live = start();
    const { server, port } = live.start({ tls });
    live.client(port);
    const { client } = await live.connect(port, { tls: TLSOptions.clientUnsafe() });
    expect(client.isConnectedToServer()).toBe(true);
    await until(() => server.getPeerCount() > 0);
    expect(server.getPeerCount()).toBe(1);
  });

  test('another certificate without dropping anybody', async () => {
    const live = start();
    const { server, port } = live.start({ tls });
    const first = await live.connect(port, { tls: TLSOptions.client(own.certificate) });
    await until(() => server.ops.metrics().dtls?.sessions === 1);
    expect(server.ops.metrics().dtls?.certificateNotAfterMs).toBe(own.notAfter.getTime());
    expect(server.ops.reloadCertificate(TLSOptions.client())).toBe(31);
    const mixed = TLSOptions.server(own.key, next.certificate);
    expect(server.ops.reloadCertificate(mixed)).toBe(1);
    expect(live.traces.at(-1)).toContain('ERR_DTLS_KEY_MISMATCH');
    expect(live.errors).toEqual([]);
    expect(server.ops.reloadCertificate(TLSOptions.server(next.key, next.certificate))).toBe(0);
    await until(() => server.ops.metrics().dtls?.certificateNotAfterMs === next.notAfter.getTime());
    const second = await live.connect(port, { tls: TLSOptions.client(next.certificate) });
    expect(first.client.isConnectedToServer()).toBe(true);
    expect(second.client.isConnectedToServer()).toBe(true);
    // The next run has the new one from its beginning on.
    server.stopServer();
    expect(server.createServer(0)).toBe(0);
    await until(() => server.ops.metrics().dtls?.certificateNotAfterMs === next.notAfter.getTime());
  });

  test('another certificate before anything has happened; a bad one leaves what there was', async () => {
    const live = start();
    const { server, port } = live.start({ tls });
    expect(server.ops.reloadCertificate(TLSOptions.server(next.key, next.certificate))).toBe(0);
    expect(server.ops.reloadCertificate(TLSOptions.server(own.key, 'no certificate'))).toBe(1);
    await until(() => server.ops.metrics().dtls?.certificateNotAfterMs === next.notAfter.getTime());
    await live.connect(port, { tls: TLSOptions.client(next.certificate) });
    server.stopServer();
    expect(server.createServer(0)).toBe(0);
  });

  test('no inspection shows the key', async () => {
    const live = start();
    const { server, port } = live.start({ tls });
    const { client } = await live.connect(port, { tls: TLSOptions.client(own.certificate) });
    const secret = own.key.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(40);
    const metrics = server.ops.metrics();
    for (const thing of [server, client, server.ops, server.getPeers(), metrics, tls, live]) {
      const text = inspect(thing, { depth: 12, showHidden: true }) + JSON.stringify(inspect(thing));
      expect(text).not.toContain(secret);
    }
  });

  test('a key that cannot be used: ERR_CANT_CREATE, and no server in the clear', () => {
    const live = start();
    const { server } = live.server({ tls: TLSOptions.server(next.key, own.certificate) });
    expect(server.createServer(0)).toBe(20);
    expect(server.isServerActive()).toBe(false);
    expect(live.traces.join('\n')).toContain('ERR_DTLS_KEY_MISMATCH');
    expect(live.traces.join('\n')).not.toContain('PRIVATE KEY');
  });

  test('the numbers for Prometheus', async () => {
    const live = start();
    const { server, port } = live.start({ tls });
    await live.connect(port, { tls: TLSOptions.clientUnsafe() });
    await until(() => server.ops.metrics().dtls?.sessions === 1);
    const text = await (await createPrometheusMetrics(server)).text();
    expect(text).toContain(
      `godot_enet_dtls_certificate_not_after_seconds ${own.notAfter.getTime() / 1000}\n`,
    );
    expect(text).toContain('godot_enet_dtls_sessions 1\n');
    expect(text).toContain('godot_enet_dtls_completed_total 1\n');
    expect(text).toMatch(/godot_enet_dtls_drops_total\{reason="replay"\} 0\n/);
  });
});

describe.each(TRANSPORTS)('the transport %s', { timeout: 30_000 }, (transport) => {
  test('IPv4 and IPv6 on one socket, large packets', async () => {
    const live = new Live({ name: 'inline', options: { runtime: createNodeRuntime({ transport }) } });
    open.push(live);
    const { server, port } = live.start({ tls, bindAddress: '*' });
    server.on('packetReceived', (peer, packet) => {
      peer.sendPacket(packet, 0, true);
    });
    const runtime = createNodeRuntime({ transport });
    for (const address of ['127.0.0.1', '::1']) {
      const client = new ENetClient({ tls: TLSOptions.client(own.certificate, '127.0.0.1'), runtime });
      open.push(client);
      const back = new Promise((resolve) => client.on('packetReceived', resolve));
      client.connectToServer(address, port);
      await client.connected();
      client.sendPacket('y'.repeat(100_000));
      expect(await back).toBe('y'.repeat(100_000));
    }
    expect(server.ops.metrics().dtls).toMatchObject({ completed: 2, failures: new Map() });
  });

  test('a flight with a long chain in one datagram, and the largest MTU of ENet', async () => {
    const runtime = createNodeRuntime({ transport });
    const live = new Live({ name: 'inline', options: { runtime } });
    open.push(live);
    const root = await issue({ name: 'root', key: 'RSA-2048', ca: true });
    let issuer = root;
    const chain: string[] = [];
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) {
      issuer = await issue({ name, key: 'RSA-2048', ca: true, issuer });
      chain.unshift(issuer.certificate);
    }
    const leaf = await issue({ name: 'game.example', key: 'RSA-2048', issuer });
    expect(chain.join('').length * (3 / 4)).toBeGreaterThan(4096);
    const { server, port } = live.start({
      tls: TLSOptions.server(leaf.key, [leaf.certificate, ...chain].join('\n')),
      dtls: { mtuBytes: 16_384 },
      host: { mtuBytes: 4096 },
    });
    server.on('packetReceived', (peer, packet) => {
      peer.sendPacket(packet, 0, true);
    });
    const { client } = await live.connect(port, {
      tls: TLSOptions.client(root.certificate, 'game.example'),
      host: { mtuBytes: 4096 },
      runtime,
    });
    const back = new Promise((resolve) => client.on('packetReceived', resolve));
    client.sendPacket('z'.repeat(200_000));
    expect(await back).toBe('z'.repeat(200_000));
    // Nothing had to be sent twice, as it has when something does not fit.
    expect(server.ops.metrics().dtls).toMatchObject({
      completed: 1,
      retransmissions: 0,
      failures: new Map(),
    });
  });
});

describe('what may be agreed on', { timeout: 30_000 }, () => {
  const open128 = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
  const open256 = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';

  test.each(MODES)('$name: only the suites of both sides', async (mode) => {
    const live = new Live(mode);
    open.push(live);
    const { server, port } = live.start({ tls, dtls: { suites: [open256] } });
    const trusting = TLSOptions.client(own.certificate);
    const errors: unknown[] = [];
    const { client } = live.client(port, {
      tls: trusting,
      dtls: { suites: [open128] },
      onError: (error) => errors.push(error),
    });
    await expect(client.connected()).rejects.toThrow('not connected');
    expect(errors).toMatchObject([{ code: 'ERR_DTLS_ALERT' }]);
    await until(() => (server.ops.metrics().dtls?.failures.size ?? 0) > 0);
    expect(server.ops.metrics().dtls?.failures).toEqual(new Map([['ERR_DTLS_NO_COMMON', 1]]));
    await live.connect(port, { tls: trusting, dtls: { suites: [open128, open256] } });
    await until(() => server.ops.metrics().dtls?.completed === 1);
    await until(() => server.getPeerCount() === 1);
  });

  test('names that do not exist are refused at once', () => {
    const bad = ['TLS_RSA_WITH_RC4_128_MD5'] as unknown as SecureSuite[];
    expect(() => new ENetServer({ dtls: { suites: bad } })).toThrow('"dtls.suites" expected some of');
    expect(() => new ENetServer({ dtls: { suites: [] } })).toThrow(TypeError);
    expect(() => new ENetClient({ dtls: { suites: 'x' as unknown as SecureSuite[] } })).toThrow(TypeError);
  });
});

describe('options', () => {
  test('the wrong kind is refused at once', () => {
    expect(() => new ENetServer({ tls: TLSOptions.client() })).toThrow('"tls" expected TLSOptions.server');
    expect(() => new ENetClient({ tls: TLSOptions.server('', '') })).toThrow(
      '"tls" expected TLSOptions.client',
    );
    expect(() => new ENetServer({ tls: { key: 'x' } as unknown as TLSOptions })).toThrow(TypeError);
    expect(() => new ENetServer({ dtls: { mtuBytes: 1 } })).toThrow(
      '"dtls.mtuBytes" expected integer 200..16384',
    );
  });

  test('a trusted chain that is none: ERR_CANT_CONNECT, and no connection in the clear', () => {
    const traces: string[] = [];
    const client = new ENetClient({ tls: TLSOptions.client('x'), onTrace: (line) => traces.push(line) });
    expect(client.connectToServer('127.0.0.1', 7777)).toBe(25);
    expect(traces.join('\n')).toContain('ERR_DTLS_PEM');
  });

  test('the recommended alert leaves servers without DTLS alone', async () => {
    const text = await (await createPrometheusMetrics(new ENetServer())).text();
    const value = Number(/^godot_enet_dtls_certificate_not_after_seconds (.*)$/m.exec(text)?.[1]);
    const guide = readFileSync(new URL('../../docs/guide/dtls.md', import.meta.url), 'utf8');
    const alert = /`\((godot_enet_\w+) > (\d+)\) - time\(\) < 14 \* 86400`/.exec(guide);
    expect(alert?.[1]).toBe('godot_enet_dtls_certificate_not_after_seconds');
    expect(value > Number(alert?.[2])).toBe(false);
  });

  test('without DTLS there are no numbers, and no certificate to change', () => {
    const server = new ENetServer();
    expect(server.ops.metrics().dtls).toBeUndefined();
    expect(server.ops.reloadCertificate(tls)).toBe(3);
  });
});
