/** ENetMultiplayerPeer, method by method: arguments, checks in their order, error numbers. godot-enet-classes 4. */
import { describe, expect, test } from 'vitest';
import { parseDatagram } from '../../src/enet/commands.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { PlayerWorld, PORT, SERVER_IP } from './multiplayerSupport.ts';
import { bytes, text } from './support.ts';

const OK = 0;
const FAILED = 1;
const UNAVAILABLE = 2;
const UNCONFIGURED = 3;
const CANT_CREATE = 20;
const IN_USE = 22;
const INVALID = 31;

describe('4.1 MultiplayerPeer', () => {
  test('an onTrace that throws is reported, and harms nobody', () => {
    const errors: string[] = [];
    const { net } = new PlayerWorld();
    const peer = new ENetMultiplayerPeer({
      runtime: net.createRuntime('10.0.9.9'),
      onTrace: () => {
        throw new Error('trace');
      },
      onError: (error, where) => errors.push(`${where}: ${String(error)}`),
    });
    expect(peer.putPacket(bytes('x'))).toBe(UNCONFIGURED);
    expect(errors).toEqual(['onTrace: Error: trace']);
    // What its connection traces, too.
    new ENetMultiplayerPeer({ runtime: net.createRuntime('10.0.9.9') }).createServer(PORT);
    expect(peer.createServer(PORT)).toBe(CANT_CREATE);
    expect(new Set(errors)).toEqual(new Set(['onTrace: Error: trace']));
    expect(errors.length).toBeGreaterThan(1);
  });

  test('constants', () => {
    expect([
      ENetMultiplayerPeer.CONNECTION_DISCONNECTED,
      ENetMultiplayerPeer.CONNECTION_CONNECTING,
      ENetMultiplayerPeer.CONNECTION_CONNECTED,
    ]).toEqual([0, 1, 2]);
    expect([
      ENetMultiplayerPeer.TRANSFER_MODE_UNRELIABLE,
      ENetMultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED,
      ENetMultiplayerPeer.TRANSFER_MODE_RELIABLE,
    ]).toEqual([0, 1, 2]);
    expect([ENetMultiplayerPeer.TARGET_PEER_BROADCAST, ENetMultiplayerPeer.TARGET_PEER_SERVER]).toEqual([
      0, 1,
    ]);
  });

  test('defaults, and the state of one that has created nothing', () => {
    const { peer, lines } = new PlayerWorld().player();
    expect([peer.transferMode, peer.transferChannel, peer.refuseNewConnections]).toEqual([2, 0, false]);
    expect([peer.getTransferMode(), peer.getTransferChannel(), peer.isRefusingNewConnections()]).toEqual([
      2,
      0,
      false,
    ]);
    expect([peer.getConnectionStatus(), peer.getUniqueId(), peer.isServer()]).toEqual([0, 0, false]);
    expect(peer.isServerRelaySupported()).toBe(false);
    expect(peer.getMaxPacketSize()).toBe(16_777_216);
    expect(lines).toEqual([]);
    expect([peer.host, peer.getPeer(1)]).toEqual([null, null]);
    peer.poll();
    peer.disconnectPeer(1);
    peer.close();
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'ENetMultiplayerPeer.host',
      'ENetMultiplayerPeer.getPeer',
      'ENetMultiplayerPeer.poll',
      'ENetMultiplayerPeer.disconnectPeer',
    ]);
  });

  test('setters, and what they refuse', () => {
    const { peer, lines } = new PlayerWorld().player();
    peer.setTransferMode(0);
    peer.setTransferChannel(-7);
    peer.setRefuseNewConnections(true);
    expect([peer.transferMode, peer.transferChannel, peer.refuseNewConnections]).toEqual([0, -7, true]);
    expect(lines).toEqual([]);
    peer.transferMode = 3 as 2;
    peer.transferChannel = 2 ** 31;
    peer.transferChannel = Number.NaN;
    peer.setTargetPeer(2 ** 31);
    expect([peer.transferMode, peer.transferChannel]).toEqual([0, -7]);
    expect(lines).toEqual([
      'ENetMultiplayerPeer.transferMode: expected 0..2, got 3',
      'ENetMultiplayerPeer.transferChannel: expected an integer of 32 bits, got 2147483648',
      'ENetMultiplayerPeer.transferChannel: expected an integer of 32 bits, got NaN',
      'ENetMultiplayerPeer.setTargetPeer: id expected an integer of 32 bits, got 2147483648',
    ]);
  });

  test('generateUniqueId clears bit 31 and draws 0 and 1 again', () => {
    const draws = [0, 1, 0x8000_0000, 0x8000_0001, 2, 0xffff_ffff, 0x7fff_ffff];
    const runtime = new PlayerWorld().net.createRuntime('10.0.0.1');
    const scripted = Object.create(runtime, { random32: { value: () => draws.shift() ?? 99 } });
    const peer = new ENetMultiplayerPeer({ runtime: scripted });
    expect([peer.generateUniqueId(), peer.generateUniqueId(), peer.generateUniqueId()]).toEqual([
      2, 0x7fff_ffff, 0x7fff_ffff,
    ]);
    expect(draws).toEqual([]);
  });

  test('without a runtime the constructor says what to import', () => {
    expect(() => new ENetMultiplayerPeer()).toThrow(
      new TypeError(
        '"runtime" expected a Runtime, got undefined: import ENetMultiplayerPeer from "godot-enet/godot", which brings one',
      ),
    );
  });
});

describe('4.2 create_server', () => {
  test.each([
    ['port -1', INVALID, [-1]],
    ['port 65536', INVALID, [65536]],
    ['port 0', OK, [0]],
    ['max_clients 0', INVALID, [PORT, 0]],
    ['max_clients 4095', OK, [PORT, 4095]],
    ['max_clients 4096', INVALID, [PORT, 4096]],
    ['max_channels -1: as many as there are', OK, [PORT, 32, -1]],
    ['max_channels 255: cut', OK, [PORT, 32, 255]],
    ['max_channels NaN', INVALID, [PORT, 32, Number.NaN]],
    ['in_bandwidth -1', INVALID, [PORT, 32, 0, -1]],
    ['out_bandwidth -1', INVALID, [PORT, 32, 0, 0, -1]],
    ['everything', OK, [PORT, 32, 3, 5000, 6000]],
  ] as const)('%s: %i', (_what, error, args) => {
    const { peer } = new PlayerWorld().player();
    peer.refuseNewConnections = true;
    expect(peer.createServer(...(args as unknown as Parameters<typeof peer.createServer>))).toBe(error);
    expect(peer.refuseNewConnections).toBe(false);
    const isOpen = error === OK;
    expect([peer.getConnectionStatus(), peer.getUniqueId(), peer.isServer()]).toEqual(
      isOpen ? [2, 1, true] : [0, 0, false],
    );
    expect(peer.isServerRelaySupported()).toBe(isOpen);
    expect(peer.host instanceof ENetConnection).toBe(isOpen);
  });

  test('something open: 22, before anything else is looked at, and nothing changes', () => {
    const { peer } = new PlayerWorld().player();
    expect(peer.createServer(PORT)).toBe(OK);
    peer.refuseNewConnections = true;
    expect([peer.createServer(-1), peer.createClient('', -1), peer.createMesh(5)]).toEqual([
      IN_USE,
      IN_USE,
      IN_USE,
    ]);
    expect(peer.createMesh(0)).toBe(INVALID);
    expect([peer.refuseNewConnections, peer.getUniqueId()]).toEqual([true, 1]);
  });

  test('a taken port: 20, and the peer can be used for another', () => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(0);
    const again = new ENetMultiplayerPeer({ runtime: arena.net.createRuntime(server.ip) });
    expect(again.createServer(PORT)).toBe(CANT_CREATE);
    expect(again.createServer(PORT + 1)).toBe(OK);
  });

  // The reference passes them one place further (section 4.2); documented behaviour counts.
  test.each([
    [0, 255],
    [-5, 255],
    [1, 3],
    [3, 5],
    [253, 255],
    [1000, 255],
  ])('max_channels %i gives a channel limit of %i', (maxChannels, limit) => {
    const { peer } = new PlayerWorld().player();
    peer.createServer(PORT, 32, maxChannels);
    expect(peer.host?.getMaxChannels()).toBe(limit);
  });

  test('the bandwidths are announced as given, not shifted', () => {
    const arena = new PlayerWorld();
    const server = arena.player();
    server.peer.createServer(PORT, 32, 3, 5000, 6000);
    const verify: Uint8Array[] = [];
    arena.net.onDatagram(({ from, fate, bytes: datagram }) => {
      if (from.ip === SERVER_IP && fate === 'sent') verify.push(datagram);
    });
    arena.client();
    arena.run(50);
    const view = new DataView(verify[0]?.slice().buffer ?? new ArrayBuffer(0));
    // Datagram header 4, command header 4; VERIFY_CONNECT: peer 2, sessions 2, mtu 4, window 4, channels 4, in 4, out 4.
    expect(view.getUint8(4) & 0x0f).toBe(3);
    expect(view.getUint32(20)).toBe(5);
    expect([view.getUint32(24), view.getUint32(28)]).toEqual([5000, 6000]);
  });
});

describe('4.2 create_client', () => {
  test.each([
    ['an address and a port', OK, [SERVER_IP, PORT]],
    ['IPv6', OK, ['::1', PORT]],
    ['a name, which is looked up later', OK, ['server.example', PORT]],
    ['no address', CANT_CREATE, ['', PORT]],
    ['port 0', CANT_CREATE, [SERVER_IP, 0]],
    ['port 65536', CANT_CREATE, [SERVER_IP, 65536]],
    ['channels -1', OK, [SERVER_IP, PORT, -1]],
    ['channels 1000', OK, [SERVER_IP, PORT, 1000]],
    ['in_bandwidth -1, checked before the port', INVALID, [SERVER_IP, 0, 0, -1]],
    ['out_bandwidth -1', INVALID, [SERVER_IP, PORT, 0, 0, -1]],
    ['local_port -1, checked before the address', INVALID, ['', PORT, 0, 0, 0, -1]],
    ['local_port 65536', INVALID, [SERVER_IP, PORT, 0, 0, 0, 65536]],
    ['local_port 5555', OK, [SERVER_IP, PORT, 0, 0, 0, 5555]],
  ] as const)('%s: %i', (_what, error, args) => {
    const { peer } = new PlayerWorld().player();
    peer.refuseNewConnections = true;
    expect(peer.createClient(...(args as unknown as Parameters<typeof peer.createClient>))).toBe(error);
    expect(peer.refuseNewConnections).toBe(false);
    const isOpen = error === OK;
    expect([peer.getConnectionStatus(), peer.isServer()]).toEqual([isOpen ? 1 : 0, false]);
    expect(peer.getUniqueId() > 1).toBe(isOpen);
    expect(peer.isServerRelaySupported()).toBe(isOpen);
    expect(peer.getPeer(1)?.getState()).toBe(isOpen ? 1 : undefined);
    expect(peer.getPeer(2)).toBe(null);
  });

  test.each([
    [0, 255],
    [-5, 255],
    [1, 3],
    [253, 255],
    [300, 255],
  ])('channel_count %i asks for %i channels', (count, asked) => {
    const { peer } = new PlayerWorld().player();
    peer.createClient(SERVER_IP, PORT, count);
    expect(peer.getPeer(1)?.getChannels()).toBe(asked);
  });

  test('local_port and the bind address are used', () => {
    const arena = new PlayerWorld();
    arena.crowd(0);
    const { peer } = arena.player();
    peer.setBindIp('10.0.0.2');
    expect(peer.createClient(SERVER_IP, PORT, 0, 0, 0, 5555)).toBe(OK);
    expect(peer.host?.getLocalPort()).toBe(5555);
    const froms = new Set<string>();
    arena.net.onDatagram(({ from }) => froms.add(`${from.ip}:${from.port}`));
    arena.run(50);
    expect([...froms].sort()).toEqual(['10.0.0.1:7777', '10.0.0.2:5555']);
  });

  test('a name without an address: the status falls, and no signal tells of it', () => {
    const arena = new PlayerWorld();
    const client = arena.player();
    expect(client.peer.createClient('nowhere.example', PORT)).toBe(OK);
    expect(client.status).toBe(1);
    arena.run(20);
    expect([client.status, client.id, client.signals]).toEqual([0, 0, []]);
  });

  test('a server that does not answer: the status falls after the timeouts, without a signal', () => {
    const arena = new PlayerWorld();
    const client = arena.client();
    arena.run(4000);
    expect(client.status).toBe(1);
    arena.run(40_000);
    expect([client.status, client.signals]).toEqual([0, []]);
  });
});

describe('4.2 create_mesh, add_mesh_peer, set_bind_ip, host, get_peer', () => {
  test.each([
    [1, OK],
    [2 ** 31 - 1, OK],
    [0, INVALID],
    [-1, INVALID],
    [2 ** 31, INVALID],
    [Number.NaN, INVALID],
  ])('create_mesh(%i): %i', (id, error) => {
    const { peer } = new PlayerWorld().player();
    expect(peer.createMesh(id)).toBe(error);
    expect([peer.getUniqueId(), peer.getConnectionStatus()]).toEqual(error === OK ? [id, 2] : [0, 0]);
    expect([peer.host, peer.isServerRelaySupported()]).toEqual([null, false]);
  });

  test('add_mesh_peer: the host first, then the mode, then its peers', () => {
    const arena = new PlayerWorld();
    const [first, second] = [arena.player(), arena.player()];
    const [one, two] = arena.link(first, second);
    const nothing = null as unknown as ENetConnection;
    expect(first.peer.addMeshPeer(2, nothing)).toBe(INVALID);
    expect(first.peer.addMeshPeer(2, one)).toBe(UNCONFIGURED);
    first.peer.createMesh(1);
    expect(first.peer.addMeshPeer(2, nothing)).toBe(INVALID);
    const empty = new ENetConnection({ runtime: arena.net.createRuntime('10.0.0.9') });
    expect(first.peer.addMeshPeer(2, empty)).toBe(INVALID);
    empty.createHost(1);
    expect(first.peer.addMeshPeer(2, empty)).toBe(INVALID);
    empty.connectToHost(SERVER_IP, PORT);
    expect(first.peer.addMeshPeer(2, empty)).toBe(INVALID);
    expect(first.signals).toEqual([]);
    expect(first.peer.addMeshPeer(2 ** 31, one)).toBe(INVALID);
    expect(first.peer.addMeshPeer(2, one)).toBe(OK);
    expect(first.signals).toEqual(['+2']);
    expect(first.peer.getPeer(2)).toBe(one.getPeers()[0]);
    two.destroy();
  });

  test('add_mesh_peer with an id that is there replaces it without a signal, and tells the one that was there', () => {
    const arena = new PlayerWorld();
    const [first, second] = [arena.player(), arena.player()];
    first.peer.createMesh(1);
    second.peer.createMesh(2);
    const [one, two] = arena.link(first, second);
    first.peer.addMeshPeer(2, one);
    second.peer.addMeshPeer(1, two);
    const [three, four] = arena.link(first, second);
    expect(first.peer.addMeshPeer(2, three)).toBe(OK);
    expect(first.signals).toEqual(['+2', '+2']);
    expect(one.getLocalPort()).toBe(0);
    arena.run(50);
    expect(second.signals).toEqual(['+1', '-1']);
    second.peer.addMeshPeer(1, four);
    first.put('hello', 2);
    arena.run(50);
    expect(second.got).toEqual([[1, 'hello', 0, 2]]);
  });

  test('add_mesh_peer: packets that nobody fetched before are not taken for those of the mesh', () => {
    const arena = new PlayerWorld();
    const [first, second] = [arena.player(), arena.player()];
    first.peer.createMesh(1);
    second.peer.createMesh(2);
    const [one, two] = arena.link(first, second);
    one.getPeers()[0]?.send(3, bytes('before'), 0);
    arena.net.advance(20);
    one.service();
    arena.net.advance(20);
    expect(two.service()[0]).toBe(3);
    second.peer.addMeshPeer(1, two);
    first.peer.addMeshPeer(2, one);
    first.put('after', 2);
    arena.run(50);
    expect(second.got).toEqual([[1, 'after', 0, 2]]);
  });

  test('set_bind_ip takes literal addresses and "*"', () => {
    const arena = new PlayerWorld();
    const { peer, lines } = arena.player();
    for (const ip of ['localhost', '', '1.2.3', 5 as unknown as string]) peer.setBindIp(ip);
    expect(lines).toHaveLength(4);
    peer.setBindIp('10.9.9.9');
    expect(peer.createServer(PORT)).toBe(CANT_CREATE);
    peer.setBindIp('10.0.0.1');
    expect(peer.createServer(PORT)).toBe(OK);
    peer.close();
    peer.setBindIp('*');
    expect(peer.createServer(PORT)).toBe(OK);
  });
});

describe('4.5 put_packet', () => {
  test('checks in their order', () => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(0);
    const client = arena.player();
    client.peer.setTargetPeer(9);
    expect(client.peer.putPacket(new Uint8Array(0))).toBe(OK);
    expect(client.peer.putPacket(bytes('x'))).toBe(UNCONFIGURED);
    client.peer.createClient(SERVER_IP, PORT);
    expect(client.peer.putPacket(bytes('x'))).toBe(UNCONFIGURED);
    arena.run(100);
    expect(client.peer.putPacket(bytes('x'))).toBe(INVALID);
    for (const [target, error] of [
      [0, OK],
      [1, OK],
      [-1, OK],
      [2, INVALID],
      [-2, INVALID],
      [client.id, INVALID],
    ] as const) {
      expect(client.put('to the server', target), `target ${target}`).toBe(error);
    }
    for (const [target, error] of [
      [0, OK],
      [client.id, OK],
      [-client.id, OK],
      [1, INVALID],
      [-1, INVALID],
      [5, INVALID],
      [-5, INVALID],
    ] as const) {
      expect(server.put('from the server', target), `target ${target}`).toBe(error);
    }
    expect(server.peer.putPacket('x' as unknown as Uint8Array)).toBe(INVALID);
    arena.run(100);
    expect(server.got.filter(([, what]) => what === 'to the server')).toHaveLength(3);
    expect(client.got.filter(([, what]) => what === 'from the server')).toHaveLength(2);
  });

  test('a client whose server is gone, in the listener that tells of it: 47', () => {
    const arena = new PlayerWorld();
    const { clients } = arena.crowd(1);
    const [client] = clients;
    if (!client) throw new Error('no client');
    const errors: number[] = [];
    client.peer.on('peerDisconnected', () => errors.push(client.put('x', 0), client.put('x', 1)));
    client.peer.getPeer(1)?.reset();
    arena.run(10);
    expect(errors).toEqual([47, INVALID]);
    expect([client.status, client.put('x', 0)]).toEqual([0, UNCONFIGURED]);
  });

  // Godot answers 0 in these cases (section 8).
  test('what ENet refuses gives FAILED: a channel that is not there, 32 MiB and a byte, a peer that is going', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    const [client] = clients;
    if (!client) throw new Error('no client');
    expect(server.put('x', 0, 2, 253)).toBe(OK);
    expect(server.put('x', 0, 2, 254)).toBe(FAILED);
    expect(server.lines.at(-1)).toBe(
      'ENetMultiplayerPeer.putPacket: ENet refused 1 bytes on its channel 255 for 1 of 1 peers (FAILED)',
    );
    expect(server.put(new Uint8Array(33_554_433))).toBe(FAILED);
    server.peer.disconnectPeer(client.id);
    expect(server.put('x', client.id)).toBe(FAILED);
    expect(server.put('x', 0)).toBe(OK);
  });

  test('the bytes are copied before the call returns', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(2);
    const message = bytes('first');
    server.put(message);
    message.fill(0x78);
    arena.run(50);
    for (const { got } of clients) expect(got).toEqual([[1, 'first', 0, 2]]);
  });
});

describe('4.6 the incoming queue', () => {
  test('empty: count 0, peer 1, channel 1, mode 2, error 2', () => {
    const { peer, lines } = new PlayerWorld().player();
    expect([peer.getAvailablePacketCount(), peer.getPacketPeer()]).toEqual([0, 1]);
    expect([peer.getPacketChannel(), peer.getPacketMode()]).toEqual([1, 2]);
    expect(peer.getPacket()).toEqual(new Uint8Array(0));
    expect(peer.getPacketError()).toBe(UNAVAILABLE);
    expect(lines).toHaveLength(4);
  });

  test('the getters describe the next packet, and poll() leaves it there', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    const [client] = clients;
    if (!client) throw new Error('no client');
    server.keepsPackets = true;
    client.put('one', 1, 2, 4);
    client.put('two', 1, 1, 0);
    arena.run(50);
    expect(server.peer.getAvailablePacketCount()).toBe(2);
    expect([
      server.peer.getPacketPeer(),
      server.peer.getPacketChannel(),
      server.peer.getPacketMode(),
    ]).toEqual([client.id, 4, 2]);
    expect(text(server.peer.getPacket())).toBe('one');
    expect([server.peer.getPacketChannel(), server.peer.getPacketMode()]).toEqual([0, 1]);
    expect(text(server.peer.getPacket())).toBe('two');
    expect(server.peer.getPacketError()).toBe(OK);
  });

  test('putVar and getVar', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    server.keepsPackets = true;
    clients[0]?.peer.setTargetPeer(1);
    expect(clients[0]?.peer.putVar(['a', 1, null])).toBe(OK);
    clients[0]?.put('no Variant', 1);
    arena.run(50);
    expect(server.peer.getVar()).toEqual(['a', 1, null]);
    expect(server.peer.getVar()).toBe(null);
    expect(server.peer.getPacketError()).not.toBe(OK);
  });
});

describe('4.4 modes and channels on the wire', () => {
  const CASES = [
    // mode, transfer channel, ENet channel, channel and mode that the other side reports
    [0, 0, 1, 0, 0],
    [1, 0, 1, 0, 1],
    [2, 0, 0, 0, 2],
    [0, 1, 2, 1, 0],
    [1, 5, 6, 5, 1],
    [2, 253, 254, 253, 2],
    [0, -3, 1, 0, 0],
    [2, 300, 45, 44, 2],
    [2, 255, 0, 0, 2],
  ] as const;

  test.each(CASES)('mode %i on channel %i: ENet channel %i', (mode, channel, enetChannel, seen, seenMode) => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    const sent: unknown[] = [];
    arena.net.onDatagram(({ from, fate, bytes: datagram }) => {
      if (from.ip !== SERVER_IP || fate !== 'sent') return;
      for (const command of parseDatagram(datagram)?.commands ?? []) {
        if ('payload' in command) sent.push(command.name, command.channel);
      }
    });
    expect(server.put('hello', 0, mode, channel)).toBe(OK);
    arena.run(40);
    expect(sent).toEqual([['SEND_UNSEQUENCED', 'SEND_UNRELIABLE', 'SEND_RELIABLE'][mode], enetChannel]);
    expect(clients[0]?.got).toEqual([[1, 'hello', seen, seenMode]]);
  });

  test.each([
    [0, 1],
    [1, 1],
    [2, 2],
  ] as const)('a packet in fragments sent with mode %i is reported with mode %i', (mode, seen) => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    server.put('x'.repeat(5000), 0, mode);
    arena.run(100);
    expect(clients[0]?.got).toEqual([[1, 'x'.repeat(5000), 0, seen]]);
  });
});
