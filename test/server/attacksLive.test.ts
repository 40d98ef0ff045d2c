/**
 * Attacks over UDP on 127.0.0.1, with the host inline and in its thread, over node:dgram and koffi, and with the work they
 * cost: while one goes on, the median of the players' round trips stays below 250 ms, everybody stays connected, and the
 * server holds a bounded number of peers and bytes. `bench/attack.ts` measures how much slower it gets; attacker and
 * players share this process.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuthMode, type ENetClient, type ENetServer } from '../../src/server.ts';
import { blindAcknowledge, connectDatagram, disconnectDatagram } from './datagrams.ts';
import { eachTransport, Live, until } from './live.ts';
import { answerQuestions, playOn, ROUND_TRIPS, roundTrips, stranger } from './livePlay.ts';

const PLAYERS = 5;

eachTransport('median round trip below 250 ms, heap below 48 MiB more', (mode) => {
  let live: Live;
  let server: ENetServer;
  let port: number;
  let players: ENetClient[];
  beforeEach(async () => {
    live = new Live(mode);
    ({ server, port } = live.start({ limits: { packetsPerSec: 500, packetBurst: 1000 } }));
    server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
    server.setAuthenticationTimeout(1);
    server.setCustomAuthenticator((_peer, login) => login.get('token') === 'secret');
    answerQuestions(server);
    players = [];
    for (let i = 0; i < PLAYERS; i++) players.push(await login());
  });
  afterEach(async () => {
    await live[Symbol.asyncDispose]();
  });

  async function login(): Promise<ENetClient> {
    const { client } = await live.connect(port);
    const before = server.getAuthenticatedPeerCount();
    client.sendPacket({ token: 'secret' });
    await until(() => server.getAuthenticatedPeerCount() > before);
    return client;
  }

  const play = (attack: () => void): Promise<void> => playOn(live, players, attack);

  test('login flood, and a reconnect storm with it', async () => {
    const attackers = Array.from({ length: 20 }, () => live.client(port).client);
    await play(() => {
      for (const client of attackers) {
        if (client.getConnectionStatus() === 0) client.connectToServer('127.0.0.1', port);
        for (let i = 0; i < 5; i++) client.sendPacket({ token: `guess ${i}` });
      }
    });
    expect(server.ops.refusals().get('REJECTED')).toBeGreaterThan(0);
    expect(server.getAuthenticatedPeerCount()).toBe(PLAYERS);
    expect(server.getPeerCount()).toBeLessThanOrEqual(PLAYERS + 20);
  });

  test('slow logins and giant ones', async () => {
    const attackers: ENetClient[] = [];
    for (let i = 0; i < 12; i++) attackers.push((await live.connect(port)).client);
    for (const client of attackers.slice(0, 4)) client.sendRawPacket(new Uint8Array(4 * 1024 * 1024));
    await play(() => undefined);
    await until(() => server.getPeerCount() === PLAYERS);
    const { refusals, drops } = server.ops.metrics();
    expect((refusals.get('LOGIN_TIMEOUT') ?? 0) + (refusals.get('PRE_LOGIN_DATA') ?? 0)).toBe(12);
    expect(drops.get('BAD_FRAGMENT')).toBeGreaterThan(0);
  });

  test('invalid Variants and thousands of event names, __proto__ among them', async () => {
    const attacker = await login();
    const huge = new Uint8Array([1, 28, 0, 0, 0, 255, 255, 255, 127]);
    let count = 0;
    await play(() => {
      attacker.sendRawPacket(huge, 0, false);
      attacker.triggerEvent('__proto__', { ['__proto__']: 1 }, 1, false);
      attacker.triggerEvent(`name ${count++}`, {}, 1, false);
    });
    expect(server.hasEvent('name 0')).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(attacker.isConnectedToServer()).toBe(true);
  });

  test('packet flood: a peer that sends ten times what it may is cut off', async () => {
    const attacker = await login();
    await play(() => {
      for (let i = 0; i < 50; i++) attacker.sendPacket(i);
    });
    await until(() => server.getPeerCount() === PLAYERS);
    expect(server.ops.refusals().get('RATE_EXCEEDED')).toBe(1);
  });

  test('forged disconnects and connects from a stranger', async () => {
    const socket = await stranger();
    let connectId = 0;
    await play(() => {
      for (let slot = 0; slot < PLAYERS; slot++) {
        for (let session = 0; session < 4; session++)
          socket.send(disconnectDatagram(slot, session), port, '127.0.0.1');
      }
      for (let i = 0; i < 20; i++) socket.send(connectDatagram(++connectId), port, '127.0.0.1');
    });
    socket.close();
    expect(server.ops.metrics().drops.get('WRONG_ADDRESS')).toBeGreaterThan(100);
    expect(server.ops.metrics().connections).toBe(PLAYERS);
    expect(server.getPeerCount()).toBe(PLAYERS);
  });

  test('blind handshakes: whoever knows the clock of the server from an own connection, and does not read, is not connected', async () => {
    const [reader, blind] = [await stranger(), await stranger()];
    let [clock, seenAt, connectId] = [0, 0, 0];
    reader.on('message', (bytes) => {
      clock = bytes.readUInt16BE(2);
      seenAt = performance.now();
    });
    await play(() => {
      reader.send(connectDatagram(++connectId), port, '127.0.0.1');
      blind.send(connectDatagram(++connectId), port, '127.0.0.1');
      for (let guess = 0; guess < 18; guess++) {
        const slot = PLAYERS + (guess % 3);
        const echo = clock + Math.round(performance.now() - seenAt) + 3 - (guess % 6);
        blind.send(blindAcknowledge(slot, guess & 3, echo), port, '127.0.0.1');
      }
    });
    for (const socket of [reader, blind]) socket.close();
    expect(seenAt).toBeGreaterThan(0);
    expect(server.ops.metrics().connections).toBe(PLAYERS);
    expect(server.getPeerCount()).toBe(PLAYERS);
  });

  test('replayed datagrams: what a player sent, again from the same address and from another', async () => {
    // A relay on the path: the player's datagrams come from its address, and so do the repeated ones.
    const [inside, outside, other] = [await stranger(), await stranger(), await stranger()];
    const recorded: Uint8Array[] = [];
    let playerPort = 0;
    inside.on('message', (bytes, { port: from }) => {
      playerPort = from;
      if (recorded.length < 300) recorded.push(new Uint8Array(bytes));
      outside.send(bytes, port, '127.0.0.1');
    });
    outside.on('message', (bytes) => inside.send(bytes, playerPort, '127.0.0.1'));
    const { client } = await live.connect(inside.address().port);
    client.sendPacket({ token: 'secret' });
    await until(() => server.getAuthenticatedPeerCount() === PLAYERS + 1);
    const before = server.ops.metrics().eventsReceived;
    await roundTrips(client);
    expect(server.ops.metrics().eventsReceived - before).toBe(ROUND_TRIPS);
    let next = 0;
    const count = recorded.length;
    await play(() => {
      for (let i = 0; i < 20; i++) {
        const bytes = recorded[next++ % count] ?? new Uint8Array(4);
        outside.send(bytes, port, '127.0.0.1');
        other.send(bytes, port, '127.0.0.1');
      }
    });
    expect(client.isConnectedToServer()).toBe(true);
    // The players' own and those of the relayed one before, and not one more.
    expect(server.ops.metrics().eventsReceived - before).toBe((PLAYERS + 1) * ROUND_TRIPS);
    expect(server.ops.metrics().repeats).toBeGreaterThan(0);
    expect(server.getPeerCount()).toBe(PLAYERS + 1);
    client.disconnectFromServer();
    for (const socket of [inside, outside, other]) socket.close();
  });
});
