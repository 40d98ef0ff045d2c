/** createHost, createHostBound and destroy. godot-enet-classes 2.2. */
import { expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { GodotError } from '../../src/godot/errors.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { bytes, ConnectionWorld, SERVER_IP } from './support.ts';

const { OK, ERR_ALREADY_IN_USE, ERR_CANT_CREATE, ERR_INVALID_PARAMETER } = GodotError;

type HostArguments = Parameters<ENetConnection['createHost']>;

const BAD_HOST_ARGUMENTS: [name: string, args: HostArguments][] = [
  ['maxPeers', [0]],
  ['maxPeers', [-1]],
  ['maxPeers', [4096]],
  ['maxPeers', [Number.NaN]],
  ['maxPeers', [Number.POSITIVE_INFINITY]],
  ['maxChannels', [1, -1]],
  ['maxChannels', [1, 256]],
  ['inBandwidth', [1, 0, -1]],
  ['inBandwidth', [1, 0, 2 ** 31]],
  ['outBandwidth', [1, 0, 0, -1]],
  ['outBandwidth', [1, 0, 0, Number.NaN]],
  // The first bad one in the order of the checks is named.
  ['maxPeers', [0, -1, -1, -1]],
  ['maxChannels', [1, -1, -1, -1]],
  ['inBandwidth', [1, 0, -1, -1]],
];

test.each(BAD_HOST_ARGUMENTS)('createHost: bad %s %j is refused', (name, args) => {
  const probe = new ConnectionWorld().connection(SERVER_IP);
  expect(probe.enet.createHost(...args)).toBe(ERR_INVALID_PARAMETER);
  expect(probe.lines).toEqual([expect.stringMatching(`^ENetConnection.createHost: ${name} expected`)]);
  expect(probe.lines[0]).toContain('ERR_INVALID_PARAMETER');
  expect(probe.enet.createHost()).toBe(OK);
});

test.each(BAD_HOST_ARGUMENTS)('createHostBound: bad %s %j is refused', (name, args) => {
  const probe = new ConnectionWorld().connection(SERVER_IP);
  expect(probe.enet.createHostBound('*', 0, ...args)).toBe(ERR_INVALID_PARAMETER);
  expect(probe.lines).toEqual([expect.stringMatching(`^ENetConnection.createHostBound: ${name} expected`)]);
});

test.each<HostArguments>([[], [1], [4095], [32, 0], [32, 255], [32, 0, 2 ** 31 - 1, 2 ** 31 - 1], [4095.9]])(
  'createHost(%j, %j, %j, %j) is accepted',
  (...args) => {
    const { enet } = new ConnectionWorld().connection(SERVER_IP);
    expect(enet.createHost(...args)).toBe(OK);
  },
);

test.each([
  ['', 0, 'bindAddress'],
  ['localhost', 0, 'bindAddress'],
  ['1.2.3', 0, 'bindAddress'],
  ['1.2.3.256', 0, 'bindAddress'],
  [':', 0, 'bindAddress'],
  // The address is checked before the port, the port before the rest.
  ['nowhere', -1, 'bindAddress'],
  ['*', -1, 'bindPort'],
  ['*', 65536, 'bindPort'],
  ['*', Number.NaN, 'bindPort'],
])('createHostBound(%j, %j) is refused for its %s', (address, port, name) => {
  const probe = new ConnectionWorld().connection(SERVER_IP);
  expect(probe.enet.createHostBound(address, port, 0)).toBe(ERR_INVALID_PARAMETER);
  expect(probe.lines).toEqual([expect.stringMatching(`^ENetConnection.createHostBound: ${name} expected`)]);
});

test('createHostBound: address and port are checked before "already active", the rest after', () => {
  const { enet } = new ConnectionWorld().connection(SERVER_IP);
  expect(enet.createHost()).toBe(OK);
  expect(enet.createHostBound('nowhere', 1)).toBe(ERR_INVALID_PARAMETER);
  expect(enet.createHostBound('*', -1)).toBe(ERR_INVALID_PARAMETER);
  expect(enet.createHostBound('*', 1, 0)).toBe(ERR_ALREADY_IN_USE);
  expect(enet.createHost(0)).toBe(ERR_ALREADY_IN_USE);
});

test('createHostBound: a taken port and a foreign address give ERR_CANT_CREATE, and the object can be used again', () => {
  const world = new ConnectionWorld();
  const first = world.connection(SERVER_IP);
  const second = world.connection(SERVER_IP);
  expect(first.enet.createHostBound(SERVER_IP, 4000)).toBe(OK);
  expect(second.enet.createHostBound('*', 4000)).toBe(ERR_CANT_CREATE);
  expect(second.enet.createHostBound('10.9.9.9', 0)).toBe(ERR_CANT_CREATE);
  expect(second.lines).toEqual([
    expect.stringContaining('EADDRINUSE'),
    expect.stringContaining('EADDRNOTAVAIL'),
  ]);
  expect(second.enet.createHostBound('*', 4001)).toBe(OK);
  expect(second.enet.getLocalPort()).toBe(4001);
});

test('createHost binds at once, as the class page says', () => {
  const { enet } = new ConnectionWorld().connection(SERVER_IP);
  expect(enet.createHost()).toBe(OK);
  expect(enet.getLocalPort()).toBeGreaterThan(0);
});

test('destroy: peers become inactive, nothing is sent, the port is free again', () => {
  const world = new ConnectionWorld();
  const { server, client, toClient } = world.pair();
  const port = server.enet.getLocalPort();
  let sent = 0;
  world.net.onDatagram(({ from }) => {
    if (from.ip === SERVER_IP) sent++;
  });
  server.enet.destroy();
  expect(toClient.isActive()).toBe(false);
  expect(toClient.getState()).toBe(0);
  expect(server.enet.getPeers()).toEqual([]);
  expect(server.enet.createHostBound('*', port)).toBe(OK);
  expect(sent).toBe(0);
  world.run(1000);
  expect(client.events).toEqual([]);
});

test('destroy: everything on an inactive connection is refused with a line, and nothing throws', () => {
  const probe = new ConnectionWorld().connection(SERVER_IP);
  const { enet, lines } = probe;
  enet.destroy();
  expect(enet.connectToHost('10.0.0.2', 5)).toBeNull();
  expect(enet.service()).toEqual([-1, null, 0, 0]);
  enet.flush();
  enet.bandwidthLimit();
  enet.channelLimit(3);
  enet.broadcast(0, bytes('x'), 0);
  enet.compress(ENetConnection.COMPRESS_ZLIB);
  enet.refuseNewConnections(true);
  expect(enet.popStatistic(0)).toBe(0);
  expect(enet.getMaxChannels()).toBe(0);
  expect(enet.getLocalPort()).toBe(0);
  expect(enet.getPeers()).toEqual([]);
  enet.socketSend('10.0.0.2', 5, bytes('x'));
  expect(lines.map((line) => line.replace(/^ENetConnection\.(\w+): there is no host; .*/, '$1'))).toEqual([
    'destroy',
    'connectToHost',
    'service',
    'flush',
    'bandwidthLimit',
    'channelLimit',
    'broadcast',
    'compress',
    'refuseNewConnections',
    'popStatistic',
    'getMaxChannels',
    'getLocalPort',
    'getPeers',
    'socketSend',
  ]);
});

test('a connection can be created again after destroy', () => {
  const world = new ConnectionWorld();
  const { server } = world.pair();
  server.enet.destroy();
  server.enet.destroy();
  expect(server.lines).toHaveLength(1);
  expect(server.enet.createHostBound('*', 0)).toBe(OK);
  expect(server.enet.service()).toEqual([0, null, 0, 0]);
});

test('options: a missing runtime and a bad number throw at once', () => {
  expect(() => new ENetConnection()).toThrow(/"runtime" expected a Runtime.*godot-enet\/godot/);
  const runtime = new SimNetwork().createRuntime(SERVER_IP);
  for (const maxBufferedEvents of [0, -1, 1.5, 65_537, Number.NaN]) {
    expect(() => new ENetConnection({ runtime, maxBufferedEvents })).toThrow(RangeError);
  }
});
