/** The public entry over real sockets on the loopback interface, without any option that Godot does not have. */
import { afterEach, describe, expect, test } from 'vitest';
import { ENetClient, ENetServer, ENetServerPeer } from '../../src/server.ts';
import { logClient, logServer } from './world.ts';

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A server on a free port of the loopback interface. */
function startServer(): ENetServer {
  const server = new ENetServer({ bindAddress: '127.0.0.1' });
  open.push(server);
  return server;
}

function newClient(): ENetClient {
  const client = new ENetClient();
  open.push(client);
  return client;
}

describe('over real sockets', () => {
  test('login, packets, events and a kick', async () => {
    const server = startServer();
    const log = logServer(server);
    server.setAuthenticationMode(ENetServer.AUTH_CUSTOM);
    server.setCustomAuthenticator(async (_peer, login) => {
      await new Promise((resolve) => setImmediate(resolve));
      return login.get('token') === 'secret';
    });
    server.registerEvent('jump', (peer, payload) => {
      server.triggerEvent(peer.peerId, 'jumped', payload);
      server.sendPacket(peer.peerId, new Uint8Array(100_000).fill(7));
      server.kickPeer(peer.peerId, 'enough');
    });
    expect(server.createServer(0)).toBe(0);
    const port = server.getLocalPort();

    const client = newClient();
    const clientLog = logClient(client);
    expect(client.connectToServer('127.0.0.1', port)).toBe(0);
    await client.connected();
    client.sendPacket({ token: 'secret' });
    client.triggerEvent('jump', { height: 2 });
    await new Promise((resolve) => server.once('peerDisconnected', resolve));
    await new Promise((resolve) => setImmediate(resolve));

    // The callback kicked the peer, so customEventReceived does not follow.
    expect(log).toEqual([
      ['serverStarted', port],
      ['peerConnecting', 1, 0],
      ['peerAuthenticated', 1],
      ['peerDisconnected', 1, 'enough'],
    ]);
    expect(clientLog.filter(([name]) => name !== 'rawPacketReceived')).toEqual([
      ['connectedToServer'],
      ['unknownEventReceived', 'jumped', { height: 2 }, 0],
      ['packetReceived', { height: 2, _event: 'jumped' }, 0],
      ['packetReceived', new Uint8Array(100_000).fill(7), 0],
      ['disconnectedFromServer', 'Connection lost'],
    ]);
  });

  test('stopServer tells the clients before the socket closes', async () => {
    const server = startServer();
    server.createServer(0);
    const client = newClient();
    client.connectToServer('localhost', server.getLocalPort());
    await client.connected();
    await new Promise((resolve) => server.once('peerAuthenticated', resolve));
    const left = new Promise((resolve) => client.once('disconnectedFromServer', resolve));
    server.stopServer();
    await expect(left).resolves.toBe('Connection lost');
  });

  test('a busy port gives 20, and after stopServer it is free again', async () => {
    const [first, second] = [startServer(), startServer()];
    first.createServer(0);
    const port = first.getLocalPort();
    expect(second.createServer(port)).toBe(20);
    first.stopServer();
    expect(second.createServer(port)).toBe(0);
  });

  test('two servers in one process, with compression', async () => {
    const [first, second] = [startServer(), startServer()];
    const logs = [first, second].map((server) => logServer(server));
    first.setCompressionMode(1);
    first.createServer(0);
    second.createServer(0);
    const clients = [newClient(), newClient()] as const;
    clients[0].setCompressionMode(1);
    for (const [index, client] of clients.entries()) {
      client.connectToServer('127.0.0.1', [first, second][index]?.getLocalPort() ?? 0);
      await client.connected();
      client.sendPacket(`${'hello '.repeat(100)}${index}`);
      const server = [first, second][index];
      await new Promise((resolve) => server?.once('rawPacketReceived', resolve));
    }
    expect(logs.map((log) => log.find(([name]) => name === 'packetReceived')?.[2])).toEqual([
      `${'hello '.repeat(100)}0`,
      `${'hello '.repeat(100)}1`,
    ]);
    expect(first.getPeers()[0]).toBeInstanceOf(ENetServerPeer);
  });
});
