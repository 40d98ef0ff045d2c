/** Server and clients over real sockets: ids, packets, targets, ends. docs/protocol/websocket-multiplayer-peer.md */
import { createServer, get } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  client,
  fetched,
  put,
  raw,
  refused,
  sendText,
  server,
  side,
  tcp,
  tidy,
  until,
  ws,
} from './support.ts';

/** A server of the package `ws` alone, that does with its client what it is told. */
async function rawServer(
  onConnection: (socket: InstanceType<typeof ws.WebSocket>) => void,
): Promise<{ url: string }> {
  const http = createServer();
  const sockets = new ws.WebSocketServer({ noServer: true, handleProtocols: () => false });
  http.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on('error', () => undefined);
      onConnection(opened);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  tidy({ close: () => void http.close() });
  return { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/` };
}

const id = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
};

describe('joining', () => {
  test('the server is 1 and connected at once; the client gets an id, and both tell of it', async () => {
    const room = await server();
    expect([room.peer.getUniqueId(), room.peer.getConnectionStatus(), room.peer.isServer()]).toEqual([
      1,
      2,
      true,
    ]);
    const player = side();
    expect(player.peer.createClient(room.url)).toBe(0);
    expect([player.peer.getUniqueId(), player.peer.getConnectionStatus()]).toEqual([0, 1]);
    expect(player.peer.putPacket(Uint8Array.of(1))).toBe(3);
    await until([room.peer, player.peer], () => player.signals.length > 0 && room.signals.length > 0);
    const own = player.peer.getUniqueId();
    expect(own).toBeGreaterThan(1);
    expect(player.signals).toEqual(['+1']);
    expect(room.signals).toEqual([`+${own}`]);
    expect([player.peer.isServer(), player.peer.getConnectionStatus()]).toEqual([false, 2]);
    expect(room.peer.getPeerAddress(own)).toBe('127.0.0.1');
    expect(room.peer.getPeerPort(own)).toBeGreaterThan(0);
    expect([room.peer.getPeerAddress(7), room.peer.getPeerPort(7)]).toEqual(['', 0]);
  });

  test('the first message is the id: 4 bytes, little-endian, 2 and more', async () => {
    const room = await server();
    const one = raw(room.url);
    expect(await one.opened).toBe('open');
    await until([room.peer], () => room.signals.length > 0 && one.messages.length > 0);
    const [first = new Uint8Array()] = one.messages;
    expect(first).toHaveLength(4);
    const own = new DataView(first.buffer, first.byteOffset).getInt32(0, true);
    expect(room.signals).toEqual([`+${own}`]);
  });

  test.each<[string, (socket: InstanceType<typeof ws.WebSocket>) => void]>([
    ['the id 1', (socket) => socket.send(id(1))],
    ['the id 0', (socket) => socket.send(id(0))],
    ['a negative id', (socket) => socket.send(id(-7))],
    ['three bytes', (socket) => socket.send(Uint8Array.of(7, 0, 0))],
    ['nothing', (socket) => socket.send(new Uint8Array(0))],
  ])('a client that is given %s closes with 1000 and is not connected', async (_, greet) => {
    let code = 0;
    const { url } = await rawServer((socket) => {
      socket.on('close', (told) => {
        code = told;
      });
      greet(socket);
    });
    const player = side();
    player.peer.createClient(url);
    await until([player.peer], () => player.peer.getConnectionStatus() === 0 && code !== 0);
    expect(code).toBe(1000);
    expect(player.signals).toEqual([]);
    expect(player.peer.disconnectCause).toBe('PROTOCOL');
    expect(refused(player)).toEqual({ PROTOCOL_ERROR: 1 });
  });

  test('a client takes text as a packet, even the id', async () => {
    const { url } = await rawServer((socket) => {
      // U+0001 is one byte: the id is 0x01010101.
      sendText(socket, '\u0001\u0001\u0001\u0001');
      sendText(socket, 'hi');
    });
    const player = side();
    player.peer.createClient(url);
    await until([player.peer], () => player.peer.getAvailablePacketCount() > 0);
    expect(player.peer.getUniqueId()).toBe(0x01010101);
    expect(fetched(player.peer)).toEqual([[1, 104, 105]]);
  });

  test('a server that never says an id is given up after handshakeTimeout', async () => {
    const { url } = await rawServer(() => undefined);
    const player = side();
    player.peer.handshakeTimeout = 0.1;
    player.peer.createClient(url);
    await until([player.peer], () => player.peer.getConnectionStatus() === 0);
    expect(player.peer.disconnectCause).toBe('NO_ANSWER');
    expect(refused(player)).toEqual({ HANDSHAKE_TIMEOUT: 1 });
  });

  test('a closed port: REFUSED, and the next server can be tried', async () => {
    const taken = createTcpServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await new Promise((resolve) => taken.close(resolve));
    const player = side();
    player.peer.createClient(`ws://127.0.0.1:${port}`);
    await until([player.peer], () => player.peer.getConnectionStatus() === 0);
    expect([player.peer.disconnectCause, player.signals]).toEqual(['REFUSED', []]);
    const room = await server();
    expect(player.peer.createClient(room.url)).toBe(0);
    await until([room.peer, player.peer], () => player.signals.length > 0);
  });
});

describe('packets', () => {
  test('0 is everybody, a number one, a negative one all others; a client always reaches the server', async () => {
    const room = await server();
    const [a, b, c] = [await client(room), await client(room), await client(room)];
    const ids = [a, b, c].map(({ peer }) => peer.getUniqueId());
    expect(put(room.peer, 0, 1)).toBe(0);
    expect(put(room.peer, ids[1] ?? 0, 2)).toBe(0);
    expect(put(room.peer, -(ids[0] ?? 0), 3)).toBe(0);
    expect(put(room.peer, 12_345, 4)).toBe(31);
    expect(put(a.peer, ids[2] ?? 0, 5)).toBe(0);
    const all = [room, a, b, c].map(({ peer }) => peer);
    await until(
      all,
      () => b.peer.getAvailablePacketCount() === 3 && room.peer.getAvailablePacketCount() === 1,
    );
    await until(all, () => c.peer.getAvailablePacketCount() === 2 && a.peer.getAvailablePacketCount() === 1);
    expect([a, b, c].map(({ peer }) => fetched(peer))).toEqual([
      [[1, 1]],
      [
        [1, 1],
        [1, 2],
        [1, 3],
      ],
      [
        [1, 1],
        [1, 3],
      ],
    ]);
    expect(fetched(room.peer)).toEqual([[ids[0], 5]]);
  });

  test('everything arrives reliable and on channel 0; nothing is not sent; bytes belong to who fetches them', async () => {
    const room = await server();
    const player = await client(room);
    room.peer.transferMode = 0;
    room.peer.transferChannel = 5;
    const bytes = Uint8Array.of(1, 2, 3);
    room.peer.setTargetPeer(0);
    expect([room.peer.putPacket(new Uint8Array(0)), room.peer.putPacket(bytes)]).toEqual([0, 0]);
    bytes.fill(9);
    await until([player.peer], () => player.peer.getAvailablePacketCount() > 0);
    expect([player.peer.getPacketMode(), player.peer.getPacketChannel()]).toEqual([2, 0]);
    const got = player.peer.getPacket();
    expect([...got]).toEqual([1, 2, 3]);
    expect(got.buffer.byteLength).toBe(3);
  });

  test('65,535 bytes go both ways; more is refused here, and ends who sends it', async () => {
    const room = await server();
    const player = await client(room);
    const largest = new Uint8Array(65_535).fill(7);
    player.peer.setTargetPeer(1);
    expect([player.peer.putPacket(largest), player.peer.putPacket(new Uint8Array(65_536))]).toEqual([0, 6]);
    await until([room.peer], () => room.peer.getAvailablePacketCount() > 0);
    expect(Buffer.compare(room.peer.getPacket(), largest)).toBe(0);
    room.peer.setTargetPeer(0);
    expect([room.peer.putPacket(largest), room.peer.putPacket(new Uint8Array(65_536))]).toEqual([0, 6]);
    await until([player.peer], () => player.peer.getAvailablePacketCount() > 0);
    player.peer.outboundBufferSize = 70_000;
    expect(player.peer.putPacket(new Uint8Array(70_000))).toBe(0);
    await until([room.peer, player.peer], () => room.signals.length === 2 && player.signals.length === 2);
    expect(refused(room)).toEqual({ TOO_LARGE: 1 });
    expect(room.peer.disconnectCause).toBe('LIMIT');
  });

  test('an empty message is skipped and counted, text ends a client with 1003', async () => {
    const room = await server();
    const one = raw(room.url);
    await one.opened;
    one.socket.send(new Uint8Array(0));
    one.socket.send(Uint8Array.of(8));
    sendText(one.socket, 'text');
    one.socket.send(Uint8Array.of(9));
    expect(await one.closed).toBe(1003);
    await until([room.peer], () => room.signals.length > 0);
    expect(fetched(room.peer).map(([, ...bytes]) => bytes)).toEqual([[8]]);
    await until([room.peer], () => room.signals.length === 2);
    expect(refused(room)).toEqual({ EMPTY_MESSAGE: 1, TEXT_MESSAGE: 1 });
    for (const line of room.lines) expect(line).toMatch(/^WebSocketMultiplayerPeer\.\w+: /);
    expect(room.peer.disconnectCause).toBe('PROTOCOL');
  });

  test('fragments are put together', async () => {
    const room = await server();
    const one = raw(room.url);
    await one.opened;
    const send = one.socket.send as (data: Uint8Array, options: { fin: boolean }) => void;
    send.call(one.socket, Uint8Array.of(1), { fin: false });
    send.call(one.socket, Uint8Array.of(2), { fin: false });
    send.call(one.socket, Uint8Array.of(3), { fin: true });
    await until([room.peer], () => room.peer.getAvailablePacketCount() > 0);
    expect([...room.peer.getPacket()]).toEqual([1, 2, 3]);
  });
});

describe('sendsAtOnce = false', () => {
  test.each(['server', 'client'])(
    '%s: what is put waits for flush() or poll(), and leaves together',
    async (who) => {
      const room = await server();
      const player = await client(room);
      const [from, to] = who === 'server' ? [room.peer, player.peer] : [player.peer, room.peer];
      const got = async (count: number): Promise<void> =>
        await until([to], () => to.getAvailablePacketCount() >= count);
      from.sendsAtOnce = false;
      for (let i = 0; i < 20; i++) expect(put(from, 0, i)).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 30));
      to.poll();
      expect(to.getAvailablePacketCount()).toBe(0);
      from.flush();
      await got(20);
      put(from, 0, 20);
      from.poll();
      await got(21);
      expect(fetched(to).map(([, byte]) => byte)).toEqual(Array.from({ length: 21 }, (_, i) => i));
    },
  );

  test('what waits to leave together is no backlog, and goes before a goodbye', async () => {
    const room = await server({ limits: { maxBacklogBytes: 10_000 } });
    const player = await client(room);
    room.peer.sendsAtOnce = false;
    room.peer.setTargetPeer(0);
    for (let i = 0; i < 20; i++) expect(room.peer.putPacket(new Uint8Array(1000))).toBe(0);
    room.peer.disconnectPeer(player.peer.getUniqueId());
    await until([player.peer], () => player.peer.getAvailablePacketCount() === 20);
    expect(refused(room)).toEqual({});
  });
});

describe('ends', () => {
  test('a kick closes with 1000; both sides tell of it, and what came before can be fetched', async () => {
    const room = await server();
    const one = raw(room.url);
    await until([room.peer], () => room.signals.length > 0 && one.messages.length > 0);
    put(room.peer, 0, 1);
    room.peer.disconnectPeer(Number(room.signals[0]));
    expect(await one.closed).toBe(1000);
    expect(one.messages.slice(1).map((data) => [...data])).toEqual([[1]]);
    await until([room.peer], () => room.signals.length === 2);
    expect(room.peer.disconnectCause).toBe('LOCAL');
  });

  test('with force it is gone at once and without a signal, also for itself', async () => {
    const room = await server();
    const player = await client(room);
    const own = player.peer.getUniqueId();
    room.peer.disconnectPeer(own, true);
    expect(put(room.peer, own, 1)).toBe(31);
    await until([room.peer, player.peer], () => player.signals.length === 2);
    expect(room.signals).toEqual([`+${own}`]);
    expect(player.peer.getConnectionStatus()).toBe(0);
    const other = await client(room);
    other.peer.disconnectPeer(1, true);
    expect([other.peer.getConnectionStatus(), other.signals]).toEqual([0, ['+1']]);
    await until([room.peer], () => room.signals.length === 3);
  });

  test('the last packets before an end are handed out while their sender is known', async () => {
    const room = await server();
    const player = await client(room);
    const own = player.peer.getUniqueId();
    put(player.peer, 1, 7);
    player.peer.close();
    await until([room.peer], () => room.peer.getAvailablePacketCount() > 0);
    expect(room.signals).toEqual([`+${own}`]);
    expect(fetched(room.peer)).toEqual([[own, 7]]);
    await until([room.peer], () => room.signals.length === 2);
    expect(room.peer.disconnectCause).toBe('GOODBYE');
  });

  test('a client is told once when its server goes, whatever the code', async () => {
    const { url } = await rawServer((socket) => {
      socket.send(id(7));
      socket.send(Uint8Array.of(5));
      socket.close(4001, 'enough');
    });
    const player = side();
    player.peer.createClient(url);
    await until([player.peer], () => player.peer.getAvailablePacketCount() > 0);
    expect([player.peer.getConnectionStatus(), fetched(player.peer)]).toEqual([2, [[1, 5]]]);
    await until([player.peer], () => player.peer.getConnectionStatus() === 0);
    expect(player.signals).toEqual(['+1', '-1']);
    expect(player.lines.join('\n')).toContain('closed with 4001 "enough"');
  });

  test('a connection that is dropped without a word has ended', async () => {
    const room = await server();
    const one = raw(room.url);
    await one.opened;
    one.socket.terminate();
    await until([room.peer], () => room.signals.length === 2);
    expect(room.peer.disconnectCause).toBe('GOODBYE');
  });

  test('close() tells everybody, frees the port, and nothing is heard of it later', async () => {
    const room = await server();
    const player = await client(room);
    const port = room.peer.localPort;
    room.peer.close();
    expect([room.peer.getConnectionStatus(), room.peer.getUniqueId(), room.peer.localPort]).toEqual([
      0, 0, 0,
    ]);
    await until([player.peer], () => player.signals.length === 2);
    expect(room.signals).toHaveLength(1);
    expect(room.peer.createServer(port, '127.0.0.1')).toBe(0);
    expect(await room.peer.whenListening()).toBe(0);
  });

  test('close() leaves no socket behind: of players, of half-open connections, of the port', async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((name) => /^TCP(Server|Socket)Wrap$|^TLSWrap$/.test(name))
        .length;
    await until([], () => sockets() === 0);
    const room = await server();
    const player = await client(room);
    const idle = tcp(room.peer.localPort);
    await until([room.peer], () => room.peer.metrics().halfOpen === 1);
    expect(sockets()).toBeGreaterThanOrEqual(5);
    room.peer.close();
    player.peer.close();
    await idle.closed;
    await until([], () => sockets() === 0);
  });

  test('lingerMs: what was sent before close() arrives', async () => {
    const room = await server({ lingerMs: 5000, limits: { maxBacklogBytes: 64 * 1024 * 1024 } });
    const one = raw(room.url);
    await until([room.peer], () => room.signals.length > 0);
    one.socket.pause();
    room.peer.setTargetPeer(0);
    const large = new Uint8Array(65_535);
    for (let i = 0; i < 200; i++) expect(room.peer.putPacket(large)).toBe(0);
    room.peer.close();
    one.socket.resume();
    expect(await one.closed).toBe(1001);
    expect(one.messages).toHaveLength(201);
  });
});

describe('the server underneath', () => {
  test('an HTTP server of the application keeps its other requests, and outlives the peer', async () => {
    const http = createServer((_, response) => response.end('page'));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    tidy({ close: () => void http.close() });
    const { port } = http.address() as AddressInfo;
    const made = side({ path: '/game' });
    expect(made.peer.createServerOn(http)).toBe(0);
    expect([made.peer.localPort, await made.peer.whenListening()]).toEqual([port, 0]);
    const room = { ...made, url: `ws://127.0.0.1:${port}/game?x=1` };
    await client(room);
    expect(await raw(`ws://127.0.0.1:${port}/other`).opened).toBe(404);
    made.peer.close();
    expect(http.listenerCount('upgrade')).toBe(0);
    const page = await new Promise<number | undefined>((resolve) => {
      get(`http://127.0.0.1:${port}/`, { agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(page).toBe(200);
  });

  test('a request that is no handshake is told what is served here', async () => {
    const room = await server();
    const status = await new Promise<number | undefined>((resolve) => {
      get(room.url.replace('ws', 'http'), { agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(status).toBe(426);
    expect(refused(room)).toEqual({ HANDSHAKE_INVALID: 1 });
  });

  test('a port that is taken: at once for "*", at the next poll for an address', async () => {
    const first = side();
    expect(first.peer.createServer(0)).toBe(0);
    const port = first.peer.localPort;
    expect(port).toBeGreaterThan(0);
    const second = side();
    expect(second.peer.createServer(port)).toBe(20);
    expect(second.peer.getConnectionStatus()).toBe(0);
    const room = await server();
    expect(second.peer.createServer(room.peer.localPort, '127.0.0.1')).toBe(0);
    expect(await second.peer.whenListening()).toBe(20);
    second.peer.poll();
    expect([second.peer.getConnectionStatus(), second.peer.disconnectCause]).toEqual([0, 'FAILURE']);
    expect(second.peer.createServer(0)).toBe(0);
  });
});
