/** ENetServer, unchanged, over a network that is neither ENet nor a thread: what is above the link depends on neither. */
import { describe, expect, test } from 'vitest';
import { Packet } from '../../src/enet/packet.ts';
import { PacketFlag } from '../../src/enet/protocol.ts';
import { GodotError } from '../../src/godot/errors.ts';
import { AuthMode } from '../../src/server/constants.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import type { ENetServerOptions } from '../../src/server/options.ts';
import {
  decodePacket,
  encodePacket,
  isEncodeFailure,
  type PacketInput,
  preparePacketReading,
} from '../../src/server/packets.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { type MemoryClient, MemoryLink } from './memoryTransport.ts';
import { type Emission, logServer, plain } from './world.ts';

interface Scene {
  readonly net: SimNetwork;
  readonly server: ENetServer;
  readonly log: Emission[];
  readonly link: MemoryLink;
}

function scene(options: ENetServerOptions = {}): Scene {
  const net = new SimNetwork({});
  let link: MemoryLink | undefined;
  const server = new ENetServer(
    { runtime: net.createRuntime('10.0.0.1'), ...options },
    {
      check: () => undefined,
      open: (request, listener) => {
        link = new MemoryLink(request, listener);
        return link;
      },
    },
  );
  const log = logServer(server);
  expect(server.createServer(4321, 8, 2)).toBe(GodotError.OK);
  if (link === undefined) throw new Error('the server has not asked for a network');
  return { net, server, log, link };
}

function packetOf(value: PacketInput, flags: number = PacketFlag.RELIABLE): Packet {
  const bytes = encodePacket(value, undefined);
  if (isEncodeFailure(bytes)) throw new Error(bytes.message);
  return new Packet(bytes, flags);
}

/** What a client has received, as values. */
function valuesOf({ received }: MemoryClient): unknown[] {
  const reading = preparePacketReading(undefined);
  return received.map((bytes) => plain(decodePacket(bytes, reading)));
}

function join(link: MemoryLink, ip: string, data = 0): MemoryClient {
  const client = link.connect(ip, data);
  if (client === undefined) throw new Error('the door is closed');
  return client;
}

describe('a server over a network of its own', () => {
  test('login, packets and events both ways, a kick with its reason, a goodbye, the end', () => {
    const { net, server, log, link } = scene({ kickReasonEvent: 'kicked' });
    server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
    server.setCustomAuthenticator((_peer, login) => login.get('token') === 'right');
    const called: unknown[] = [];
    server.registerEvent('move', (peer, payload) => called.push([peer.peerId, plain(payload)]));
    net.advance(1);
    const [alice, mallory, bob] = [join(link, '1.1.1.1', 7), join(link, '2.2.2.2'), join(link, '3.3.3.3')];
    alice.send(packetOf({ token: 'right' }));
    mallory.send(packetOf({ token: 'wrong' }));
    bob.send(packetOf({ token: 'right' }));
    net.advance(10);
    expect(log).toEqual([
      ['serverStarted', 4321],
      ['peerConnecting', 1, 7],
      ['peerConnecting', 2, 0],
      ['peerConnecting', 3, 0],
      ['peerAuthenticated', 1],
      ['peerAuthenticated', 3],
      ['peerDisconnected', 2, 'Authentication failed'],
    ]);
    expect(valuesOf(mallory)).toEqual([{ _event: 'kicked', reason: 'Authentication failed' }]);
    expect([alice.hasLoggedIn, mallory.hasLoggedIn, bob.hasLoggedIn]).toEqual([true, false, true]);
    expect(server.getPeer(1)?.remoteAddress).toBe('1.1.1.1');

    log.length = 0;
    alice.send(packetOf('hello'), 1);
    bob.send(packetOf({ _event: 'move', x: 3 }));
    expect(server.sendPacket(1, [1, 2])).toBe(GodotError.OK);
    server.triggerEventToAll('tick', { n: 5 });
    net.advance(5);
    expect(log.map(([name, ...rest]) => [name, rest[0]])).toEqual([
      ['packetReceived', 1],
      ['rawPacketReceived', 1],
      ['customEventReceived', 3],
    ]);
    expect(log[0]).toEqual(['packetReceived', 1, 'hello', 1]);
    expect(called).toEqual([[3, { x: 3 }]]);
    expect(valuesOf(alice)).toEqual([[1, 2], { _event: 'tick', n: 5 }]);
    expect(valuesOf(bob)).toEqual([{ _event: 'tick', n: 5 }]);

    log.length = 0;
    server.kickPeer(1, 'rude');
    bob.leave();
    net.advance(5);
    expect(log).toEqual([
      ['peerDisconnected', 1, 'rude'],
      ['peerDisconnected', 3, 'Connection lost'],
    ]);
    expect(valuesOf(alice).at(-1)).toEqual({ _event: 'kicked', reason: 'rude' });
    expect(server.ops.metrics().disconnectionsByCause.get('KICK')).toBe(1);

    log.length = 0;
    const last = join(link, '4.4.4.4');
    net.advance(2);
    server.stopServer();
    net.advance(5);
    expect(log).toEqual([
      ['peerConnecting', 4, 0],
      ['peerDisconnected', 4, 'Server stopped'],
      ['serverStopped'],
    ]);
    expect(last.isActive()).toBe(false);
    expect(server.getLocalPort()).toBe(0);
  });

  test('the server watches logins, rates and admission itself where the network does not', () => {
    const { net, server, log, link } = scene({
      limits: { packetsPerSec: 1, packetBurst: 2 },
      admit: ({ ip }) => ip !== '6.6.6.6',
    });
    server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    server.setAuthenticationTimeout(1);
    join(link, '1.1.1.1');
    net.advance(1500);
    expect(log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication timeout']);
    server.setAuthenticationMode(AuthMode.AUTH_NONE);
    const talker = join(link, '2.2.2.2');
    for (let i = 0; i < 5; i++) talker.send(packetOf(i, PacketFlag.UNSEQUENCED));
    net.advance(5);
    expect(log.filter(([name]) => name === 'packetReceived').map(([, , value]) => value)).toEqual([0, 1]);
    expect(link.connect('6.6.6.6')).toBeUndefined();
    server.ops.acceptsPeers = false;
    expect(link.connect('3.3.3.3')).toBeUndefined();
    const refused = [...server.ops.refusals()].filter(([, count]) => count > 0);
    expect(Object.fromEntries(refused)).toEqual({ LOGIN_TIMEOUT: 1, RATE_DROPPED: 3, NOT_ADMITTED: 1 });
  });

  test('5,000 packets at once, more than one pass takes, and one wake: all arrive, in order', () => {
    const { net, log, link } = scene();
    const client = join(link, '1.1.1.1');
    net.advance(5);
    log.length = 0;
    const sent = Array.from({ length: 5000 }, (_, index) => index);
    for (const index of sent) client.send(packetOf(index));
    net.advance(2);
    const packets = log.filter(([name]) => name === 'packetReceived');
    expect(packets.map(([, , value]) => value)).toEqual(sent);
  });

  test('a packet that it refuses is an error number; a network that dies ends the server', () => {
    const errors: string[] = [];
    const { net, server, log, link } = scene({ onError: (_error, where) => errors.push(where) });
    const client = join(link, '1.1.1.1');
    net.advance(5);
    client.roomBytes = 4;
    expect(server.sendPacket(1, 'far too long')).toBe(GodotError.FAILED);
    expect(server.sendPacket(1, 'x', 2)).toBe(GodotError.ERR_INVALID_PARAMETER);
    link.fail(new Error('struck by lightning'));
    net.advance(1);
    expect(log.slice(-2).map(([name]) => name)).toEqual(['peerDisconnected', 'serverStopped']);
    expect(server.ops.metrics().disconnectionsByCause.get('FAILURE')).toBe(1);
    expect([server.isServerActive(), errors]).toEqual([false, ['network thread']]);
  });
});
