/** ENet over DTLS on the virtual network: the methods of ENetConnection. godot-enet-classes 2.2 and 6. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { GodotError } from '../../src/godot/errors.ts';
import { TLSOptions } from '../../src/godot/tlsOptions.ts';
import { type Issued, issue } from '../support/certificates.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { bytes, CLIENT_IP, ConnectionWorld, type Probe, RELIABLE, SERVER_IP, text } from './support.ts';

expectDiagnoses('ends in the clear, on either side, meet ends with DTLS, and raw datagrams are sent');

const { ERR_INVALID_PARAMETER, ERR_UNCONFIGURED, FAILED, OK } = GodotError;
const NAME = 'game.example';

let root: Issued;
let own: Issued;
let renewed: Issued;
let serverOptions: TLSOptions;
let clientOptions: TLSOptions;
beforeAll(async () => {
  root = await issue({ name: 'Root', ca: true });
  own = await issue({ name: NAME, issuer: root, to: new Date('2030-01-02T03:04:05Z') });
  renewed = await issue({ name: NAME, to: new Date('2031-01-02T03:04:05Z') });
  serverOptions = TLSOptions.server(own.key, own.certificate);
  clientOptions = TLSOptions.client(root.certificate);
});

function serverIn(world: ConnectionWorld): Probe {
  const server = world.connection(SERVER_IP);
  expect(server.enet.createHostBound('*', 4000, 8)).toBe(OK);
  expect(server.enet.dtlsServerSetup(serverOptions)).toBe(OK);
  expect(server.enet.getLocalPort()).toBe(4000);
  return server;
}

function clientIn(world: ConnectionWorld, options = clientOptions, name = NAME, ip = CLIENT_IP): Probe {
  const errors: unknown[] = [];
  const client = world.connection(ip, { onError: (error) => errors.push(error) });
  client.enet.createHost(1);
  expect(client.enet.dtlsClientSetup(name, options)).toBe(OK);
  expect(client.enet.connectToHost(SERVER_IP, 4000, 2, 7)).not.toBeNull();
  return Object.assign(client, { errors });
}

/** The codes of what a client's `onError` got. */
function errorsOf(client: Probe): Set<unknown> {
  const { errors } = client as Probe & { readonly errors: readonly { readonly code: unknown }[] };
  return new Set(errors.map(({ code }) => code));
}

describe('the methods', () => {
  test('they return what Godot returns', () => {
    const { enet } = new ConnectionWorld().connection(SERVER_IP);
    expect(enet.dtlsServerSetup(serverOptions)).toBe(ERR_UNCONFIGURED);
    expect(enet.dtlsClientSetup(NAME)).toBe(ERR_UNCONFIGURED);
    expect(enet.reloadCertificate(serverOptions)).toBe(ERR_UNCONFIGURED);
    enet.createHost(1);
    expect(enet.dtlsServerSetup(clientOptions)).toBe(ERR_INVALID_PARAMETER);
    expect(enet.dtlsClientSetup(NAME, serverOptions)).toBe(ERR_INVALID_PARAMETER);
    expect(enet.dtlsServerSetup(serverOptions)).toBe(OK);
    expect(enet.dtlsServerSetup(serverOptions)).toBe(FAILED);
    expect(enet.dtlsClientSetup(NAME)).toBe(FAILED);
    enet.destroy();
    expect(enet.getDtlsCounters()).toBeUndefined();
    expect(enet.dtlsServerSetup(serverOptions)).toBe(ERR_UNCONFIGURED);
    // A new host is plain UDP again.
    enet.createHost(1);
    expect(enet.getDtlsCounters()).toBeUndefined();
    expect(enet.dtlsClientSetup(NAME, null)).toBe(OK);
  });

  test('a bad key or chain: FAILED, the reason in the trace, no secret in it, and plain UDP as before', () => {
    const world = new ConnectionWorld();
    const probe = world.connection(SERVER_IP);
    probe.enet.createHost(1);
    expect(probe.enet.dtlsServerSetup(TLSOptions.server(renewed.key, own.certificate))).toBe(FAILED);
    expect(probe.lines.at(-1)).toContain('ERR_DTLS_KEY_MISMATCH');
    expect(probe.lines.join('\n')).not.toContain(renewed.key.split('\n')[1]);
    expect(probe.enet.dtlsClientSetup(NAME, TLSOptions.client(''))).toBe(FAILED);
    expect(probe.lines.at(-1)).toContain('ERR_DTLS_PEM');
    expect(probe.enet.getDtlsCounters()).toBeUndefined();
    expect(probe.enet.dtlsServerSetup(serverOptions)).toBe(OK);
  });

  test('limits are checked when the connection is made', () => {
    const runtime = new ConnectionWorld().net.createRuntime(SERVER_IP);
    expect(() => new ENetConnection({ runtime, dtls: { maxHandshakes: 0 } })).toThrow(
      '"dtls.maxHandshakes" expected integer',
    );
  });
});

describe('traffic', () => {
  test('it arrives, and nothing of it can be read on the way', () => {
    const world = new ConnectionWorld();
    const secret = bytes('the treasure is under the old tree');
    let seen = 0;
    world.net.onDatagram(({ bytes: datagram }) => {
      seen += 1;
      expect(Buffer.from(datagram).includes(Buffer.from(secret.subarray(0, 12)))).toBe(false);
      // Every datagram is made of DTLS records: content type 20 to 23, version 1.2 (or 1.0 in a first hello).
      expect([20, 21, 22, 23]).toContain(datagram[0]);
      expect(datagram[1]).toBe(0xfe);
    });
    const server = serverIn(world);
    const client = clientIn(world);
    // Three round trips of 10 ms for DTLS and one and a half for ENet, whose CONNECT need not be sent again.
    world.run(100);
    expect(server.summary).toEqual([[1, 7, 0]]);
    expect(client.summary).toEqual([[1, 0, 0]]);
    client.enet.getPeers()[0]?.send(0, secret, RELIABLE);
    world.run(100);
    expect(text(server.enet.getPeers()[0]?.getPacket() ?? new Uint8Array())).toBe(text(secret));
    expect(seen).toBeGreaterThanOrEqual(8);
    expect(server.enet.getDtlsCounters()).toMatchObject({
      sessions: 1,
      handshakes: 0,
      completed: 1,
      cookiesSent: 1,
      certificateNotAfterMs: Date.parse('2030-01-02T03:04:05Z'),
    });
    expect(client.enet.getDtlsCounters()).toMatchObject({ sessions: 1, certificateNotAfterMs: undefined });
    // Statistics count the plaintext: what left is more.
    expect(client.enet.popStatistic(ENetConnection.HOST_TOTAL_SENT_PACKETS)).toBeGreaterThan(1);
  });

  test.each([1, 2, 3, 4, 5, 6])('20 % loss, duplicates and reordering, seed %i', (seed) => {
    const world = new ConnectionWorld({
      seed,
      loss: 0.2,
      duplicate: 0.1,
      reorder: 0.2,
      latencyMs: 20,
      jitterMs: 10,
    });
    const server = serverIn(world);
    const clients = [1, 2, 3].map((n) => clientIn(world, clientOptions, NAME, `10.0.1.${n}`));
    for (let second = 0; second < 60; second += 1) {
      // ENet by itself gives up now and then when a fifth of everything is lost, with and without DTLS.
      for (const { enet } of [server, ...clients]) {
        for (const peer of enet.getPeers()) peer.setTimeout(4096, 200_000, 400_000);
      }
      world.run(1000);
    }
    expect(clients.map(({ summary }) => summary)).toEqual(new Array(3).fill([[1, 0, 0]]));
    for (const [n, client] of clients.entries()) {
      const [peer] = client.enet.getPeers();
      for (let i = 0; i < 100; i += 1) peer?.send(0, bytes(`${n}:${i}${'.'.repeat(i * 20)}`), RELIABLE);
    }
    world.run(30_000);
    for (const peer of server.enet.getPeers()) {
      expect(peer.getAvailablePacketCount()).toBe(100);
      for (let i = 0; i < 100; i += 1) expect(text(peer.getPacket())).toMatch(new RegExp(`^\\d:${i}\\.*$`));
    }
    expect(server.enet.getDtlsCounters()?.failures.size).toBe(0);
  });

  test('an event stream instead of polling: deadlines of the handshake are kept without traffic', async () => {
    const world = new ConnectionWorld({ lossNext: 2 });
    const server = serverIn(world);
    const runtime = world.net.createRuntime(CLIENT_IP);
    const client = new ENetConnection({ runtime });
    client.createHost(1);
    client.dtlsClientSetup(NAME, clientOptions);
    client.connectToHost(SERVER_IP, 4000);
    const events = client.events();
    const first = events.next();
    world.run(10_000);
    expect((await first).value?.[0]).toBe(ENetConnection.EVENT_CONNECT);
    expect(server.summary).toHaveLength(1);
    await events.return?.();
  });
});

describe('who does not belong', () => {
  test.each([
    ['another name', () => TLSOptions.client(root.certificate), 'other.example', 'ERR_DTLS_PEER_NAME'],
    ['an override', () => TLSOptions.client(root.certificate, 'x'), NAME, 'ERR_DTLS_PEER_NAME'],
    ['another authority', () => TLSOptions.client(renewed.certificate), NAME, 'ERR_DTLS_PEER_UNTRUSTED'],
    ['the system', () => TLSOptions.client(), NAME, 'ERR_DTLS_PEER_UNTRUSTED'],
    [
      'unsafe, but with a chain',
      () => TLSOptions.clientUnsafe(renewed.certificate),
      NAME,
      'ERR_DTLS_PEER_UNTRUSTED',
    ],
  ])('%s: EVENT_ERROR, a clear reason, and no peer at the server', (_title, options, name, code) => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const client = clientIn(world, options(), name);
    // The alert of the client is in the clear: the server waits four seconds for somebody who says otherwise.
    world.run(4500);
    expect(client.events.at(-1)).toEqual([-1, null, 0, 0]);
    expect(client.events.some(([type]) => type === 1)).toBe(false);
    expect([...errorsOf(client)]).toEqual([code]);
    expect(server.events).toEqual([]);
    expect(server.enet.getPeers()).toEqual([]);
    expect(server.enet.getDtlsCounters()).toMatchObject({ sessions: 0, handshakes: 0, completed: 0 });
    // It stays an error, and destroying is all that helps. It was told once.
    for (let i = 0; i < 5; i++) expect(client.enet.service()[0]).toBe(-1);
    expect((client as Probe & { readonly errors: readonly unknown[] }).errors).toHaveLength(1);
    client.enet.destroy();
  });

  test('a client whose handshake failed is told once, and then rests', () => {
    const world = new ConnectionWorld();
    serverIn(world);
    let wakes = 0;
    const errors: unknown[] = [];
    const client: ENetConnection = new ENetConnection({
      runtime: world.net.createRuntime(CLIENT_IP),
      onError: (error) => errors.push(error),
      onWake: () => {
        wakes += 1;
        while (client.service()[1] !== null);
      },
    });
    client.createHost(1);
    client.dtlsClientSetup('other.example', clientOptions);
    client.connectToHost(SERVER_IP, 4000);
    world.run(1000);
    expect(errors).toMatchObject([{ code: 'ERR_DTLS_PEER_NAME' }]);
    const before = wakes;
    world.run(60_000);
    expect(wakes).toBe(before);
    client.destroy();
  });

  test('an iteration over its events rejects with the reason', async () => {
    const world = new ConnectionWorld();
    serverIn(world);
    const client = new ENetConnection({ runtime: world.net.createRuntime(CLIENT_IP) });
    client.createHost(1);
    client.dtlsClientSetup('other.example', clientOptions);
    client.connectToHost(SERVER_IP, 4000);
    const first = client.events().next();
    const outcome = first.catch((error: unknown) => error);
    world.run(1000);
    expect(await outcome).toMatchObject({ code: 'ERR_DTLS_PEER_NAME' });
    client.destroy();
  });

  test.each([
    ['an override', () => TLSOptions.client(root.certificate, NAME), '10.0.0.1'],
    ['unsafe', () => TLSOptions.clientUnsafe(), 'other.example'],
    ['unsafe with the chain', () => TLSOptions.clientUnsafe(root.certificate), 'other.example'],
  ])('%s is let in', (_title, options, name) => {
    const world = new ConnectionWorld();
    serverIn(world);
    const client = clientIn(world, options(), name);
    world.run(3000);
    expect(client.summary).toEqual([[1, 0, 0]]);
  });

  test('a client without DTLS gets no answer', () => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const client = world.connection(CLIENT_IP);
    client.enet.createHost(1);
    client.enet.connectToHost(SERVER_IP, 4000);
    let answers = 0;
    world.net.onDatagram(({ from }) => {
      if (from.ip === SERVER_IP) answers += 1;
    });
    world.run(3000);
    expect(answers).toBe(0);
    expect(server.events).toEqual([]);
  });

  test('a server without DTLS: the handshake runs out of time', () => {
    const world = new ConnectionWorld();
    const server = world.connection(SERVER_IP);
    server.enet.createHostBound('*', 4000);
    const client = clientIn(world);
    world.run(90_000);
    expect(client.events.at(-1)?.[0]).toBe(-1);
    expect(server.events).toEqual([]);
  });

  test('refuseNewConnections: strangers wait, peers go on', () => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const first = clientIn(world);
    world.run(3000);
    server.enet.refuseNewConnections(true);
    const second = clientIn(world, clientOptions, NAME, '10.0.0.3');
    world.run(3000);
    expect(second.events).toEqual([]);
    first.enet.getPeers()[0]?.send(0, bytes('still here'), RELIABLE);
    world.run(100);
    expect(server.enet.getPeers()[0]?.getAvailablePacketCount()).toBe(1);
    expect(server.enet.getDtlsCounters()?.drops.get('refused')).toBeGreaterThan(0);
    server.enet.refuseNewConnections(false);
    world.run(10_000);
    expect(second.summary).toEqual([[1, 0, 0]]);
  });
});

describe('ends', () => {
  test('a disconnect comes before the goodbye of DTLS', () => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const client = clientIn(world);
    world.run(3000);
    server.enet.getPeers()[0]?.peerDisconnectNow(9);
    server.enet.destroy();
    world.run(100);
    expect(client.summary.slice(0, 2)).toEqual([
      [1, 0, 0],
      [2, 9, 0],
    ]);
    expect([...errorsOf(client)]).toEqual(['ERR_DTLS_CLOSED']);
  });

  test('a client that leaves takes its session with it', () => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const client = clientIn(world);
    world.run(3000);
    client.enet.getPeers()[0]?.peerDisconnectNow(3);
    client.enet.destroy();
    world.run(100);
    expect(server.summary.at(-1)).toEqual([2, 3, 0]);
    expect(server.enet.getDtlsCounters()?.sessions).toBe(0);
  });

  test('a client that vanishes: ENet times out, and the session is forgotten after that', () => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const client = clientIn(world);
    world.run(3000);
    expect(client.summary).toHaveLength(1);
    world.net.partition([CLIENT_IP], [SERVER_IP]);
    world.run(80_000);
    expect(server.summary.at(-1)).toEqual([2, 0, 0]);
    expect(server.enet.getDtlsCounters()).toMatchObject({ sessions: 0, handshakes: 0 });
  });

  test('300 clients connect, play and vanish: nothing of them stays', { timeout: 60_000 }, () => {
    const world = new ConnectionWorld();
    const server = world.connection(SERVER_IP, { dtls: { maxHandshakes: 400 } });
    server.enet.createHostBound('*', 4000, 300);
    expect(server.enet.dtlsServerSetup(serverOptions)).toBe(OK);
    const ips = Array.from({ length: 300 }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
    const clients = ips.map((ip) => clientIn(world, TLSOptions.clientUnsafe(), NAME, ip));
    for (let ms = 0; ms < 20_000 && server.enet.getPeers().length < 300; ms += 100) world.run(100);
    expect(server.enet.getDtlsCounters()).toMatchObject({ sessions: 300, handshakes: 0 });
    for (const { enet } of clients) enet.getPeers()[0]?.send(0, bytes('hello'), RELIABLE);
    world.run(200);
    expect(server.events.filter(([type]) => type === ENetConnection.EVENT_RECEIVE)).toHaveLength(300);
    world.net.partition([SERVER_IP], ips);
    // They are not asked any more: nobody says goodbye.
    for (let second = 0; second < 130; second += 1) {
      world.net.advance(1000);
      server.tick();
    }
    expect(server.enet.getPeers()).toEqual([]);
    expect(server.enet.getDtlsCounters()).toMatchObject({ sessions: 0, handshakes: 0, completed: 300 });
  });

  test('a session without a peer is forgotten, whatever is sent on it', () => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const stays = clientIn(world);
    const talks = clientIn(world, clientOptions, NAME, '10.0.0.3');
    world.run(3000);
    expect(server.enet.getDtlsCounters()?.sessions).toBe(2);
    talks.enet.getPeers()[0]?.peerDisconnect(0);
    world.run(1000);
    expect(server.enet.getPeers()).toHaveLength(1);
    let heard = 0;
    for (let second = 0; second < 60; second += 1) {
      talks.enet.socketSend(SERVER_IP, 4000, bytes('let me stay'));
      world.run(1000);
      heard = server.enet.popStatistic(ENetConnection.HOST_TOTAL_RECEIVED_DATA);
    }
    expect(heard).toBeGreaterThan(0);
    expect(server.enet.getDtlsCounters()?.sessions).toBe(1);
    expect([...errorsOf(talks)]).toEqual(['ERR_DTLS_CLOSED']);
    expect(stays.enet.getPeers()).toHaveLength(1);
    expect(stays.summary).toEqual([[1, 0, 0]]);
  });

  test('another certificate: who is there stays, who comes sees the new one', () => {
    const world = new ConnectionWorld();
    const server = serverIn(world);
    const first = clientIn(world);
    world.run(3000);
    expect(server.enet.reloadCertificate(TLSOptions.server(own.key, renewed.certificate))).toBe(FAILED);
    expect(server.enet.reloadCertificate(clientOptions)).toBe(ERR_INVALID_PARAMETER);
    expect(server.enet.getDtlsCounters()?.certificateNotAfterMs).toBe(Date.parse('2030-01-02T03:04:05Z'));
    expect(server.enet.reloadCertificate(TLSOptions.server(renewed.key, renewed.certificate))).toBe(OK);
    expect(server.enet.getDtlsCounters()?.certificateNotAfterMs).toBe(Date.parse('2031-01-02T03:04:05Z'));
    const second = clientIn(world, TLSOptions.client(renewed.certificate), NAME, '10.0.0.3');
    const third = clientIn(world, clientOptions, NAME, '10.0.0.4');
    world.run(3000);
    expect(second.summary).toEqual([[1, 0, 0]]);
    expect([...errorsOf(third)]).toEqual(['ERR_DTLS_PEER_UNTRUSTED']);
    first.enet.getPeers()[0]?.send(0, bytes('still here'), RELIABLE);
    world.run(100);
    expect(server.enet.getPeers()[0]?.getAvailablePacketCount()).toBe(1);
  });
});
