/**
 * More attacks over UDP on 127.0.0.1, inline and in the thread, over node:dgram and koffi: on DTLS, and on memory and time.
 * Exact counts in virtual time are in attacksDtls.test.ts and attackLoad.test.ts.
 */
import type { Socket as UdpSocket } from 'node:dgram';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DtlsClientEndpoint } from '../../src/dtls/clientEndpoint.ts';
import { HandshakeType } from '../../src/dtls/protocol.ts';
import type { Address } from '../../src/enet/address.ts';
import { CompressionMode } from '../../src/godot/constants.ts';
import {
  createSelfSignedCertificate,
  type SelfSignedCertificate,
} from '../../src/ops/selfSignedCertificate.ts';
import { AuthMode, type ENetClient, type ENetClientOptions, TLSOptions } from '../../src/server.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { GAP_TRAFFIC, gapDatagram } from '../support/gapTraffic.ts';
import { connectDatagram } from './datagrams.ts';
import { eachTransport, Live, until } from './live.ts';
import { answerQuestions, playOn, stranger } from './livePlay.ts';
import { type Relay, startRelay } from './liveRelay.ts';
import { commandsOf, packetsAsAnybody } from './takeover.ts';

expectDiagnoses('hostile traffic is what it is about');

const PLAYERS = 3;
const ROUNDS = 20;
/** Another address of the loopback interface, where the system has one without being told. */
const CROWD_IP = process.platform === 'darwin' ? '127.0.0.1' : '127.0.0.2';

let own: SelfSignedCertificate;
beforeAll(async () => {
  own = await createSelfSignedCertificate({ names: ['game.example'] });
});

eachTransport('attacks', (mode) => {
  let live: Live;
  let sockets: UdpSocket[];
  let relays: Relay[];
  beforeEach(() => {
    live = new Live(mode);
    sockets = [];
    relays = [];
  });
  afterEach(async () => {
    await live[Symbol.asyncDispose]();
    for (const one of [...sockets, ...relays]) one.close();
  });

  async function socketAt(ip: string): Promise<UdpSocket> {
    const socket = await stranger(ip);
    sockets.push(socket);
    return socket;
  }

  async function relayTo(
    port: number,
    forge?: (bytes: Uint8Array) => Uint8Array | undefined,
  ): Promise<Relay> {
    const relay = await startRelay(port, forge);
    relays.push(relay);
    return relay;
  }

  describe('on DTLS', () => {
    const clientTls = TLSOptions.clientUnsafe();
    const serverTls = (): TLSOptions => TLSOptions.server(own.key, own.certificate);

    test('a handshake from the address of a player takes nothing over', async () => {
      const { server, port, log } = live.start({ tls: serverTls() });
      const relay = await relayTo(port);
      await live.connect(relay.port, { tls: clientTls });
      await until(() => server.getPeerCount() === 1);
      const [peer] = server.getPeers();
      relay.cut();
      // The player cannot acknowledge this any more: ENet repeats it.
      for (let i = 0; i < 5; i++) peer?.sendPacket(`secret ${i}`, 0, true);
      const address: Address = { ip: '127.0.0.1', port };
      const contents: Uint8Array[] = [];
      const thief = dtlsClient(relay.outside, port, (content) => contents.push(content));
      relay.outside.on('message', (bytes) => thief.receive(bytes, address));
      thief.send(new Uint8Array(0), address);
      await until(() => {
        thief.service();
        return thief.state === 'open';
      });
      for (const bytes of packetsAsAnybody('as the victim')) thief.send(bytes, address);
      peer?.sendPacket('to the victim', 0, true);
      // Its answer tells that all that came before has been looked at.
      await until(() => {
        thief.send(connectDatagram(7), address);
        return contents.length > 0;
      });
      await until(() => log.some(([name]) => name === 'peerDisconnected'));
      expect(new Set(contents.map(commandsOf))).toEqual(new Set(['VERIFY_CONNECT']));
      expect(log.map(([name]) => name)).toEqual([
        'serverStarted',
        'peerConnecting',
        'peerAuthenticated',
        'peerDisconnected',
      ]);
      expect(live.errors).toEqual([]);
    });

    test('half-open and silent sessions of one address keep nobody out', async () => {
      const { server, port } = live.start({
        tls: serverTls(),
        dtls: { maxSessions: 24, maxSessionsPerIp: 24, maxHandshakesPerIp: 24, handshakeBurstPerIp: 100 },
      });
      const address: Address = { ip: '127.0.0.1', port };
      for (let n = 0; n < 24; n++) {
        const socket = await socketAt(CROWD_IP);
        let received = 0;
        const crowd = dtlsClient(socket, port);
        // Half of them never answer the server's flight, which comes after the cookie.
        socket.on('message', (bytes) => {
          received += 1;
          if (n % 2 === 0 || received === 1) crowd.receive(bytes, address);
        });
        crowd.send(new Uint8Array(0), address);
        await until(() => {
          if (received < 2) crowd.service();
          return crowd.state === 'open' || (n % 2 === 1 && received > 1);
        });
      }
      await until(() => {
        const { sessions = 0, handshakes = 0 } = server.ops.metrics().dtls ?? {};
        return sessions + handshakes === 24;
      });
      const players = Array.from({ length: 4 }, () => live.client(port, { tls: clientTls }).client);
      for (const player of players) await player.connected();
      await until(() => server.getPeerCount() === players.length);
      await until(() => (server.ops.metrics().dtls?.drops.get('evicted') ?? 0) >= players.length);
    });

    test('a stream of hellos with valid cookies: players go on', async () => {
      const { server, port } = live.start({ tls: serverTls() });
      const refused = (): number => {
        const { drops } = server.ops.metrics().dtls ?? {};
        return (drops?.get('handshakeRateOfAddress') ?? 0) + (drops?.get('handshakeTime') ?? 0);
      };
      answerQuestions(server);
      const players = await playersOf(live, port, { tls: clientTls });
      const address: Address = { ip: '127.0.0.1', port };
      const begin: (() => void)[] = [];
      for (let n = 0; n < 8; n++) {
        const socket = await socketAt(CROWD_IP);
        // Each hello is a new one. Only cookies are read, and the answer to the hello with the cookie is not.
        let crowd: DtlsClientEndpoint | undefined;
        socket.on('message', (bytes) => {
          if (bytes[13] !== HandshakeType.HELLO_VERIFY_REQUEST) return;
          crowd?.receive(bytes, address);
          crowd = undefined;
        });
        begin.push(() => {
          if (crowd !== undefined) return;
          crowd = dtlsClient(socket, port);
          crowd.send(new Uint8Array(0), address);
        });
      }
      await playOn(
        live,
        players,
        () => {
          for (const one of begin) one();
        },
        ROUNDS,
      );
      await until(() => {
        for (const one of begin) one();
        return refused() > 50;
      });
      const { completed, handshakes } = server.ops.metrics().dtls ?? {};
      expect(completed).toBe(PLAYERS);
      expect(handshakes).toBeLessThanOrEqual(16);
    });
  });

  describe('on the handshake of DTLS', () => {
    const serverTls = (): TLSOptions => TLSOptions.server(own.key, own.certificate);

    test('many hellos in one datagram: one answer', async () => {
      const { server, port } = live.start({ tls: serverTls() });
      const answers = new Map<UdpSocket, number>();
      const ask = async (times: number): Promise<UdpSocket> => {
        const socket = await socketAt('127.0.0.1');
        socket.on('message', () => answers.set(socket, (answers.get(socket) ?? 0) + 1));
        let hello: Uint8Array | undefined;
        const crowd = dtlsClient(socket, port, undefined, (bytes) => (hello ??= bytes));
        crowd.send(new Uint8Array(0), { ip: '127.0.0.1', port });
        socket.send(Buffer.concat(Array.from({ length: times }, () => hello ?? EMPTY)), port, '127.0.0.1');
        return socket;
      };
      const many = await ask(8);
      // Its answer tells that all that came before has been looked at.
      const one = await ask(1);
      await until(() => answers.get(one) === 1 && answers.has(many));
      expect(answers.get(many)).toBe(1);
      await until(() => server.ops.metrics().dtls?.cookiesSent === 2);
      expect(server.ops.metrics().dtls?.handshakes).toBe(0);
    });

    test('forged key exchanges ahead of the genuine ones: the handshakes complete', async () => {
      const { server, port } = live.start({ tls: serverTls() });
      let forgeries = 0;
      const forge = (bytes: Uint8Array): Uint8Array | undefined => {
        if (bytes[0] !== HANDSHAKE_RECORD || bytes[13] !== HandshakeType.CLIENT_KEY_EXCHANGE)
          return undefined;
        forgeries++;
        const length = ((bytes[11] ?? 0) << 8) | (bytes[12] ?? 0);
        const forged = bytes.slice(0, 13 + length);
        // A record of its own, and one bit of the key.
        forged[10] = (forged[10] ?? 0) + 40;
        forged[13 + 12 + 5] = (forged[13 + 12 + 5] ?? 0) ^ 1;
        return forged;
      };
      for (let n = 1; n <= PLAYERS; n++) {
        const relay = await relayTo(port, forge);
        await live.connect(relay.port, { tls: TLSOptions.clientUnsafe() });
        await until(() => server.getPeerCount() === n);
      }
      expect(forgeries).toBeGreaterThanOrEqual(PLAYERS);
      await until(() => server.ops.metrics().dtls?.completed === PLAYERS);
    });
  });

  describe('on memory and time', () => {
    test('data behind a gap from peers that do not log in: what they hold is bounded, players go on', async () => {
      const { server, port, log } = live.start({
        host: { maxHeldBytes: 8 * MIB, maxStrangerHeldBytes: MIB },
      });
      server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      server.setCustomAuthenticator((_peer, login) => login.get('token') === 'secret');
      answerQuestions(server);
      const players = await playersOf(live, port);
      for (const player of players) player.sendPacket({ token: 'secret' });
      await until(() => server.getAuthenticatedPeerCount() === PLAYERS);
      const traffic = GAP_TRAFFIC['reliable behind a gap'];
      if (traffic === undefined) throw new Error('no traffic');
      const attackers: ((index: number) => void)[] = [];
      for (let n = 0; n < 4; n++) {
        const relay = await relayTo(port);
        await live.connect(relay.port);
        const head = (): number => ((relay.latest[0] ?? 0) << 8) | (relay.latest[1] ?? 0);
        // Its CONNECT says nothing yet of its slot and session.
        await until(() => (head() & 0xfff) !== 0xfff);
        attackers.push((index) => {
          const bytes = gapDatagram(traffic, index, head() & 0xfff, (head() >> 12) & 3);
          relay.outside.send(bytes, port, '127.0.0.1');
        });
      }
      const before = process.memoryUsage().rss;
      let index = 0;
      const attack = (): void => {
        for (let i = 0; i < 6; i++, index++) for (const send of attackers) send(index);
      };
      await playOn(live, players, attack, ROUNDS);
      // 32 packets of a datagram hold at least 12 KiB, of which the budget has room for less than a thousand.
      await until(() => {
        attack();
        return (server.ops.metrics().drops.get('WAITING_DATA_FULL') ?? 0) > 1000;
      });
      expect(process.memoryUsage().rss - before).toBeLessThan(128 * MIB);
      expect(log.filter(([name]) => name === 'packetReceived')).toEqual([]);
      expect(server.getAuthenticatedPeerCount()).toBe(PLAYERS);
    });

    test('damaged compressed datagrams, to no slot and to half-open ones: players go on', async () => {
      const made = live.server();
      made.server.setCompressionMode(CompressionMode.COMPRESS_ZLIB);
      expect(made.server.createServer(0)).toBe(0);
      const { server } = made;
      const port = server.getLocalPort();
      answerQuestions(server);
      const players = await playersOf(live, port, {}, CompressionMode.COMPRESS_ZLIB);
      const socket = await socketAt(CROWD_IP);
      let connectId = 0;
      const attack = (): void => {
        socket.send(connectDatagram(++connectId), port, '127.0.0.1');
        for (let i = 0; i < 20; i++) {
          const header = i & 1 ? 0xcfff : 0xc000 | (PLAYERS + (i % 4));
          const bytes = Uint8Array.of(header >> 8, header & 0xff, 0, 1, 0x78, 0x9c, 0x4b, i, 3, 4, 5, 6);
          socket.send(bytes, port, '127.0.0.1');
        }
      };
      await playOn(live, players, attack, ROUNDS);
      await until(() => {
        attack();
        return (server.ops.metrics().drops.get('TOO_MUCH_TO_UNPACK') ?? 0) > 100;
      });
      expect(server.getPeerCount()).toBe(PLAYERS);
    });
  });
});

const MIB = 1024 * 1024;
const EMPTY = new Uint8Array(0);
/** The type of a record with a part of a handshake. */
const HANDSHAKE_RECORD = 22;

async function playersOf(
  live: Live,
  port: number,
  options: ENetClientOptions = {},
  compression?: CompressionMode,
): Promise<ENetClient[]> {
  const players: ENetClient[] = [];
  for (let n = 0; n < PLAYERS; n++) players.push((await live.connect(port, options, compression)).client);
  return players;
}

/** A client's end of DTLS on a bare socket. It repeats when `service` is called: a server that has no time drops hellos. */
function dtlsClient(
  socket: UdpSocket,
  port: number,
  deliver: (content: Uint8Array) => void = () => undefined,
  transmit: (bytes: Uint8Array) => void = (bytes) => socket.send(bytes, port, '127.0.0.1'),
): DtlsClientEndpoint {
  return new DtlsClientEndpoint({
    verifyServer: () => undefined,
    limits: { retransmitMs: 50 },
    world: {
      now: () => performance.now(),
      transmit,
      deliver,
    },
  });
}
