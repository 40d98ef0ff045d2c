/** Who may come in, how much may be sent, and what happens beyond it: over real sockets. */
import { describe, expect, test } from 'vitest';
import { TransferMode } from '../../src/godot/multiplayer/multiplayerConstants.ts';
import { client, fetched, put, raw, refused, server, side, tcp, until } from './support.ts';

const forwarded = (address: string) => ({ headers: { 'x-real-ip': address } });
const behindProxy = {
  clientAddress: (request: { headers: Record<string, string | string[] | undefined> }) =>
    request.headers['x-real-ip'] as string | undefined,
};

describe('who may come in', () => {
  test('maxPeers: the next one is dropped, and comes in when somebody has left', async () => {
    const room = await server({ limits: { maxPeers: 2 } });
    const first = raw(room.url);
    const second = raw(room.url);
    expect([await first.opened, await second.opened]).toEqual(['open', 'open']);
    expect(await raw(room.url).opened).toBe('refused');
    expect(refused(room)).toEqual({ HOST_FULL: 1 });
    first.socket.close();
    await until([room.peer], () => room.signals.length === 3);
    expect(await raw(room.url).opened).toBe('open');
  });

  test('maxPeersPerAddress counts the first 64 bits of an IPv6 address', async () => {
    const room = await server({ ...behindProxy, limits: { maxPeersPerAddress: 2 } });
    const join = (ip: string) => raw(room.url, forwarded(ip)).opened;
    expect(await join('2001:db8::1')).toBe('open');
    expect(await join('2001:db8::2')).toBe('open');
    expect(await join('2001:db8::ffff:3')).toBe(503);
    expect(await join('2001:db8:0:1::1')).toBe('open');
    expect(await join('192.0.2.1')).toBe('open');
    expect(refused(room)).toEqual({ TOO_MANY_FROM_ADDRESS: 1 });
    await until([room.peer], () => room.peer.metrics().peers === 4);
    expect(room.peer.getPeerAddress(Number(room.signals.at(-1)))).toBe('192.0.2.1');
  });

  test('rates: from one address, and from everywhere', async () => {
    const limits = {
      connectsPerSec: 0.001,
      connectBurst: 3,
      connectsPerSecPerAddress: 0.001,
      connectBurstPerAddress: 2,
    };
    const room = await server({ ...behindProxy, limits });
    const join = (ip: string) => raw(room.url, forwarded(ip)).opened;
    const answers: unknown[] = [];
    for (const ip of ['10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.3'])
      answers.push(await join(ip));
    expect(answers).toEqual(['open', 'open', 503, 'open', 503]);
    expect(refused(room)).toEqual({ CONNECT_RATE_ADDRESS: 1, CONNECT_RATE: 1 });
  });

  test('allow and deny', async () => {
    const room = await server({ ...behindProxy, allow: ['10.0.0.0/8'], deny: ['10.6.6.0/24'] });
    const join = (ip: string) => raw(room.url, forwarded(ip)).opened;
    expect([await join('10.1.2.3'), await join('10.6.6.6'), await join('192.0.2.1')]).toEqual([
      'open',
      503,
      503,
    ]);
    expect(refused(room)).toEqual({ ADDRESS_DENIED: 1, ADDRESS_NOT_ALLOWED: 1 });
  });

  test('an address from the application that is none, or an error, leaves that of the connection', async () => {
    const errors: unknown[] = [];
    const answers = ['nonsense', undefined, new Error('broken')];
    const room = await server({
      onError: (error, where) => errors.push([error, where]),
      clientAddress: () => {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer;
      },
    });
    for (let i = 0; i < 3; i++) expect(await raw(room.url).opened).toBe('open');
    await until([room.peer], () => room.signals.length === 3);
    for (const id of room.signals) expect(room.peer.getPeerAddress(Number(id))).toBe('127.0.0.1');
    expect(errors).toEqual([[new Error('broken'), 'clientAddress']]);
  });

  test('origins: a list lets native clients pass, a function decides alone, and one that throws refuses', async () => {
    const origin = (name: string) => ({ headers: { origin: name } });
    const room = await server({ origins: ['https://Game.example'] });
    expect(await raw(room.url, origin('https://game.example')).opened).toBe('open');
    expect(await raw(room.url).opened).toBe('open');
    expect(await raw(room.url, origin('https://evil.example')).opened).toBe(403);
    expect(await raw(room.url, origin('null')).opened).toBe(403);
    expect(refused(room)).toEqual({ ORIGIN_NOT_ALLOWED: 2 });
    const errors: unknown[] = [];
    const picky = await server({
      onError: (error, where) => errors.push([error, where]),
      origins: (name, request) => {
        if (name === 'https://broken.example') throw new Error('broken');
        return request.url === '/' && name === 'https://a.example';
      },
    });
    expect(await raw(picky.url, origin('https://a.example')).opened).toBe('open');
    expect(await raw(picky.url).opened).toBe(403);
    expect(await raw(picky.url, origin('https://broken.example')).opened).toBe(403);
    expect(errors).toEqual([[new Error('broken'), 'origins']]);
  });

  test('sub-protocols: the first of the client’s that the server knows; otherwise nobody', async () => {
    const room = side();
    room.peer.supportedProtocols = ['b', 'a'];
    room.peer.createServer(0, '127.0.0.1');
    await room.peer.whenListening();
    const url = `ws://127.0.0.1:${room.peer.localPort}`;
    const one = raw(url, {}, ['x', 'a', 'b']);
    expect(await one.opened).toBe('open');
    expect((one.socket as unknown as { protocol: string }).protocol).toBe('a');
    expect([await raw(url, {}, ['x']).opened, await raw(url).opened]).toEqual([400, 400]);
    const plain = await server();
    expect(await raw(plain.url, {}, ['a']).opened).toBe(400);
    expect([refused(room), refused(plain)]).toEqual([{ SUBPROTOCOL: 2 }, { SUBPROTOCOL: 1 }]);
    const player = side();
    player.peer.supportedProtocols = ['b'];
    player.peer.createClient(url);
    await until([room.peer, player.peer], () => player.signals.length > 0);
  });

  test('refuseNewConnections drops TCP connections, and lets them in again', async () => {
    const room = await server();
    room.peer.refuseNewConnections = true;
    expect(room.peer.metrics().acceptsPeers).toBe(false);
    expect(await raw(room.url).opened).toBe('refused');
    expect(refused(room)).toEqual({ DRAINING: 1 });
    room.peer.refuseNewConnections = false;
    expect(await raw(room.url).opened).toBe('open');
  });

  test('connections that never become WebSockets: bounded, and ended in time', async () => {
    const room = side({ limits: { maxHalfOpen: 3 } });
    room.peer.handshakeTimeout = 0.2;
    room.peer.createServer(0, '127.0.0.1');
    await room.peer.whenListening();
    const { localPort } = room.peer;
    const idle = [tcp(localPort), tcp(localPort), tcp(localPort)];
    await until([room.peer], () => room.peer.metrics().halfOpen === 3);
    idle[0]?.socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await tcp(localPort).closed;
    expect(refused(room)).toEqual({ TOO_MANY_HALF_OPEN: 1 });
    await Promise.all(idle.map(({ closed }) => closed));
    expect(refused(room)).toEqual({ TOO_MANY_HALF_OPEN: 1, HANDSHAKE_TIMEOUT: 3 });
    await until([room.peer], () => room.peer.metrics().halfOpen === 0);
    expect(await raw(`ws://127.0.0.1:${localPort}`).opened).toBe('open');
    expect(room.peer.metrics().halfOpen).toBe(0);
  });

  test('what is no handshake is refused', async () => {
    const room = await server();
    const broken = tcp(room.peer.localPort);
    broken.socket.write('nonsense\r\n\r\n');
    await broken.closed;
    const keyless = tcp(room.peer.localPort);
    keyless.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await keyless.closed;
    expect(keyless.text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(refused(room)).toEqual({ HANDSHAKE_INVALID: 2 });
  });

  test('more header lines reach the client', async () => {
    const room = side();
    room.peer.handshakeHeaders = ['X-Room: blue'];
    room.peer.createServer(0, '127.0.0.1');
    await room.peer.whenListening();
    const one = tcp(room.peer.localPort);
    one.socket.write(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await until([room.peer], () => one.text().includes('\r\n\r\n'));
    expect(one.text()).toContain('\r\nX-Room: blue\r\n');
  });
});

describe('how much may be sent', () => {
  test.each([
    ['packetsPerSec', { packetsPerSec: 0.001, packetBurst: 3 }, 1],
    ['bytesPerSec', { bytesPerSec: 0.001, byteBurst: 3000 }, 1000],
  ])('%s: what is within it arrives, then the client is disconnected with 1008', async (_, limits, bytes) => {
    const room = await server({ limits });
    const one = raw(room.url);
    await one.opened;
    for (let i = 0; i < 4; i++) one.socket.send(new Uint8Array(bytes).fill(i));
    expect(await one.closed).toBe(1008);
    await until([room.peer], () => room.signals.length > 0);
    expect(fetched(room.peer).map(([, first]) => first)).toEqual([0, 1, 2]);
    await until([room.peer], () => room.signals.length === 2);
    expect([refused(room), room.peer.disconnectCause]).toEqual([{ RATE_EXCEEDED: 1 }, 'LIMIT']);
    expect(room.peer.metrics().disconnectionsByCause.get('LIMIT')).toBe(1);
  });

  test('pings count as messages', async () => {
    const room = await server({ limits: { packetsPerSec: 0.001, packetBurst: 10 } });
    const one = raw(room.url);
    await one.opened;
    for (let i = 0; i < 11; i++) one.socket.ping();
    expect(await one.closed).toBe(1008);
  });

  test('frames against the protocol end the connection', async () => {
    const room = await server();
    const one = raw(room.url);
    await one.opened;
    (one.socket as unknown as { _socket: { write(data: Uint8Array): void } })._socket.write(
      Uint8Array.of(0xff, 0xff),
    );
    expect(await one.closed).toBe(1002);
    await until([room.peer], () => room.signals.length === 2);
    expect([refused(room), room.peer.disconnectCause]).toEqual([{ PROTOCOL_ERROR: 1 }, 'PROTOCOL']);
  });

  test('a message in thousands of fragments ends the connection', async () => {
    const room = await server();
    const one = raw(room.url);
    await one.opened;
    const send = one.socket.send as (data: Uint8Array, options: { fin: boolean }) => void;
    for (let i = 0; i < 1025; i++) send.call(one.socket, Uint8Array.of(1), { fin: false });
    expect(await one.closed).toBe(1008);
    await until([room.peer], () => room.signals.length === 2);
    expect([refused(room), fetched(room.peer)]).toEqual([{ PROTOCOL_ERROR: 1 }, []]);
  });

  test('what waits for poll() is bounded: TCP holds the sender back, and nothing is lost', async () => {
    const room = await server({ limits: { maxWaitingBytes: 10_000, packetsPerSec: 0, bytesPerSec: 0 } });
    const one = raw(room.url);
    await one.opened;
    const count = 400;
    const large = new Uint8Array(60_000);
    for (let i = 0; i < count; i++) {
      large.set([i & 255, i >> 8]);
      one.socket.send(large.slice());
    }
    // Nobody polls: the sender cannot get rid of everything.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(one.socket.bufferedAmount).toBeGreaterThan(0);
    const got: number[] = [];
    await until([room.peer], () => {
      for (const [, low = 0, high = 0] of fetched(room.peer)) got.push(low | (high << 8));
      return got.length === count;
    });
    expect(got).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test('maxQueuedBytes: what is fetched by nobody stays with the sender', async () => {
    const room = await server({ maxQueuedBytes: 10_000, limits: { maxWaitingBytes: 10_000 } });
    const one = raw(room.url);
    await one.opened;
    for (let i = 0; i < 500; i++) one.socket.send(new Uint8Array(1000).fill(i));
    for (let i = 0; i < 50; i++) {
      room.peer.poll();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(room.peer.getAvailablePacketCount()).toBeLessThan(20);
    let total = 0;
    await until([room.peer], () => {
      total += fetched(room.peer).length;
      return total === 500;
    });
  });
});

describe('a client that takes too little', () => {
  /** Sends until something waits that the system does not take. */
  async function backlog(options: Parameters<typeof server>[0]) {
    const room = await server({ ...options, limits: { maxBacklogBytes: 200_000 } });
    const one = raw(room.url);
    await until([room.peer], () => room.signals.length > 0);
    one.socket.pause();
    room.peer.setTargetPeer(0);
    const large = new Uint8Array(50_000);
    let error = 0;
    for (let i = 0; i < 1000 && error === 0; i++) error = room.peer.putPacket(large);
    expect(error).toBe(6);
    expect(room.peer.metrics().backlogBytes).toBeLessThanOrEqual(200_000);
    return { room, one };
  }

  test('is disconnected by a reliable packet', async () => {
    const { room } = await backlog({});
    await until([room.peer], () => room.signals.length === 2);
    expect([refused(room), room.peer.disconnectCause]).toEqual([{ QUEUE_OVERFLOW: 1 }, 'LIMIT']);
  });

  test('keeps its connection with whenBacklogged: refuse, and gets what was not refused', async () => {
    const { room, one } = await backlog({ whenBacklogged: 'refuse' });
    const sent = room.peer.metrics().packetsSent;
    expect(refused(room)).toEqual({ QUEUE_DROPPED: 1 });
    one.socket.resume();
    await until([room.peer], () => one.messages.length === sent + 1);
    expect([put(room.peer, 0, 1), room.signals.length]).toEqual([0, 1]);
  });

  test('misses an unreliable packet', async () => {
    const room = await server({ limits: { maxBacklogBytes: 1 } });
    raw(room.url);
    await until([room.peer], () => room.signals.length > 0);
    room.peer.transferMode = TransferMode.TRANSFER_MODE_UNRELIABLE;
    expect(put(room.peer, 0, 1, 2)).toBe(6);
    expect(refused(room)).toEqual({ QUEUE_DROPPED: 1 });
    expect(put(room.peer, 0, 1)).toBe(0);
  });
});

test('more than a stock client holds between two frames is told of, once in a tick', async () => {
  const room = await server();
  const player = await client(room);
  const own = player.peer.getUniqueId();
  const told = (): number => room.lines.filter((line) => line.includes('inbound_buffer_size')).length;
  room.peer.setTargetPeer(own);
  const half = new Uint8Array(32_768);
  room.peer.poll();
  for (const [bytes, expected] of [
    [half, 0],
    [half, 0],
    [Uint8Array.of(1), 1],
    [half, 1],
  ] as const) {
    expect(room.peer.putPacket(bytes)).toBe(0);
    expect(told()).toBe(expected);
  }
  room.peer.poll();
  room.peer.putPacket(half);
  expect(told()).toBe(1);
  // A server is no stock client.
  for (let i = 0; i < 3; i++) player.peer.putPacket(half);
  expect(player.lines.join()).not.toContain('inbound_buffer_size');
});

describe('options', () => {
  test.each([
    ['limits', 5],
    ['limits.maxPeer', { limits: { maxPeer: 1 } }],
    ['limits.maxPeers', { limits: { maxPeers: 0 } }],
    ['limits.bytesPerSec', { limits: { bytesPerSec: -1 } }],
    ['origins', { origins: 'https://a.example' }],
    ['path', { path: 'game' }],
    ['clientAddress', { clientAddress: 'x-real-ip' }],
    ['whenBacklogged', { whenBacklogged: 'wait' }],
    ['pingIntervalMs', { pingIntervalMs: 0.5 }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['lingerMs', { lingerMs: -1 }],
    ['maxQueuedBytes', { maxQueuedBytes: 0 }],
    ['allow', { allow: ['nonsense'] }],
    ['deny', { deny: ['10.0.0.0/33'] }],
  ])('a bad one is named: %s', (name, options) => {
    const given = (typeof options === 'object' ? options : { [name]: options }) as object;
    expect(() => side(given)).toThrow(`"${name}"`);
  });
});
