/** GodotThreeMultiplayerPeer on the virtual network: godot-enet-classes appendix A, clause by clause. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import type { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import type { ENetMultiplayerPeerOptions } from '../../src/godot/multiplayer/multiplayerOptions.ts';
import { createCompressor } from '../../src/io/compression.ts';
import type { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes as fromHex, hex } from '../support/hex.ts';
import { World } from '../support/world.ts';
import { bytes, text } from './support.ts';

const SERVER_IP = '10.0.0.1';
const PORT = 7777;
const STATUS = { disconnected: 0, connecting: 1, connected: 2 } as const;
type Mode = 0 | 1 | 2;

/** A peer and what it told. */
class Player {
  readonly peer: GodotThreeMultiplayerPeer;
  readonly signals: string[] = [];
  readonly lines: string[] = [];
  /** `from text mode channel` of each packet. */
  readonly got: string[] = [];

  constructor(network: SimNetwork, ip: string, options: ENetMultiplayerPeerOptions = {}) {
    this.peer = new GodotThreeMultiplayerPeer({
      runtime: network.createRuntime(ip),
      createCompressor,
      onTrace: (line) => this.lines.push(line),
      onError: (error) => {
        throw error;
      },
      ...options,
    });
    this.peer.on('peerConnected', (id) => this.signals.push(`+${id}`));
    this.peer.on('peerDisconnected', (id) => this.signals.push(`-${id}`));
    this.peer.on('connectionSucceeded', () => this.signals.push('succeeded'));
    this.peer.on('connectionFailed', () => this.signals.push('failed'));
    this.peer.on('serverDisconnected', () => this.signals.push('lost'));
  }

  get id(): number {
    return this.peer.getUniqueId();
  }

  tick(): void {
    if (this.peer.getConnectionStatus() !== 0) this.peer.poll();
    while (this.peer.getAvailablePacketCount() > 0) {
      const note = `${this.peer.getPacketMode()} ${this.peer.getPacketChannel()}`;
      this.got.push(`${this.peer.getPacketPeer()} ${text(this.peer.getPacket())} ${note}`);
    }
  }

  put(message: string, target: number, mode: Mode = 2): number {
    this.peer.setTargetPeer(target);
    this.peer.transferMode = mode;
    return this.peer.putPacket(bytes(message));
  }
}

/** A bare ENet client that can send anything. */
class Stranger {
  readonly enet: ENetConnection;
  readonly toServer: ENetPacketPeer | null;
  /** `channel hex` of each packet. */
  readonly got: string[] = [];
  isGone = false;

  constructor(network: SimNetwork, ip: string, id: number, to = SERVER_IP) {
    this.enet = new ENetConnection({ runtime: network.createRuntime(ip) });
    this.enet.createHost(1);
    this.toServer = this.enet.connectToHost(to, PORT, 3, id);
  }

  tick(): void {
    for (let event = this.enet.service(); event[0] > 0; event = this.enet.service()) {
      const [type, peer, , channel] = event;
      if (type === ENetConnection.EVENT_DISCONNECT) this.isGone = true;
      if (type === ENetConnection.EVENT_RECEIVE)
        this.got.push(`${channel} ${hex(peer?.getPacket() ?? bytes(''))}`);
    }
  }

  send(channel: number, wire: string, flags = 1): void {
    this.toServer?.send(channel, fromHex(wire), flags);
  }
}

/** Players of Godot 3, and strangers. */
class PartyWorld extends World {
  player(options?: ENetMultiplayerPeerOptions): Player {
    return this.join(new Player(this.net, this.nextIp(), options));
  }

  stranger(id: number): Stranger {
    return this.join(new Stranger(this.net, this.nextIp(), id));
  }

  /** A server and clients, all connected; what they told so far is forgotten. */
  party(clients: number, setUp: (server: Player) => void = () => undefined): [Player, ...Player[]] {
    const server = this.player();
    setUp(server);
    expect(server.peer.createServer(PORT, 64)).toBe(0);
    const others = Array.from({ length: clients }, () => {
      const player = this.player();
      player.peer.channelCount = server.peer.channelCount;
      expect(player.peer.createClient(SERVER_IP, PORT)).toBe(0);
      this.run(50);
      return player;
    });
    this.run(100);
    for (const player of [server, ...others]) {
      player.signals.length = 0;
      player.lines.length = 0;
    }
    return [server, ...others];
  }
}

let world = new PartyWorld();
afterEach(() => {
  world = new PartyWorld();
});

describe('A.4 and A.5: who is there', () => {
  test('connecting: statuses, ids, the order of the signals', () => {
    const server = world.player();
    expect(server.peer.getConnectionStatus()).toBe(STATUS.disconnected);
    expect(server.peer.getUniqueId()).toBe(0);
    server.peer.createServer(PORT);
    expect([server.id, server.peer.isServer(), server.peer.getConnectionStatus()]).toEqual([1, true, 2]);
    const a = world.player();
    a.peer.createClient(SERVER_IP, PORT);
    expect(a.id).toBeGreaterThan(1);
    expect([a.peer.isServer(), a.peer.getConnectionStatus()]).toEqual([false, STATUS.connecting]);
    expect(a.peer.getPeerIds()).toEqual([]);
    world.run(100);
    const b = world.player();
    b.peer.createClient(SERVER_IP, PORT);
    world.run(100);
    expect(server.signals).toEqual([`+${a.id}`, `+${b.id}`]);
    expect(a.signals).toEqual(['+1', 'succeeded', `+${b.id}`]);
    expect(b.signals).toEqual(['+1', 'succeeded', `+${a.id}`]);
    expect(server.peer.getPeerIds()).toEqual([a.id, b.id]);
    expect(a.peer.getPeerIds()).toEqual([1, b.id]);
    expect(server.peer.getPeer(a.id)?.getChannels()).toBe(3);
    expect([server.peer.getPeerAddress(a.id), server.peer.getPeerPort(a.id) > 0]).toEqual(['10.0.0.2', true]);
    expect([server.peer.getPeerAddress(99), server.peer.getPeerPort(99)]).toEqual(['', 0]);
  });

  test('50 clients know each other, and learn who leaves', () => {
    const [server, ...clients] = world.party(50);
    const ids = clients.map(({ id }) => id);
    expect([...server.peer.getPeerIds()].sort()).toEqual([...ids].sort());
    for (const one of clients) {
      expect([...one.peer.getPeerIds()].sort()).toEqual([1, ...ids.filter((id) => id !== one.id)].sort());
    }
    clients[7]?.peer.close();
    world.run(100);
    expect(server.signals).toEqual([`-${ids[7]}`]);
    for (const [index, one] of clients.entries())
      expect(one.signals).toEqual(index === 7 ? [] : [`-${ids[7]}`]);
  });

  test('without relay nobody is told of others', () => {
    const [server, a, b] = world.party(2, ({ peer }) => peer.setServerRelayEnabled(false));
    expect(server.peer.isServerRelayEnabled()).toBe(false);
    expect(a?.peer.getPeerIds()).toEqual([1]);
    b?.peer.close();
    world.run(100);
    expect(a?.signals).toEqual([]);
    expect(server.signals).toHaveLength(1);
  });

  test('the server closes: everybody loses it at once, and is closed', () => {
    const [server, a, b] = world.party(2);
    server.peer.closeConnection();
    world.run(50);
    for (const one of [a, b]) {
      expect(one?.signals).toEqual(['lost']);
      expect(one?.peer.getConnectionStatus()).toBe(STATUS.disconnected);
    }
    expect(server.signals).toEqual([]);
    server.peer.close();
  });

  test('nobody answers: connectionFailed, and the client is closed', () => {
    const a = world.player();
    a.peer.createClient('10.9.9.9', PORT);
    world.run(35_000);
    expect(a.signals).toEqual(['failed']);
    expect(a.peer.getConnectionStatus()).toBe(STATUS.disconnected);
    expect(a.peer.createClient('10.9.9.9', PORT)).toBe(0);
  });

  test('kicks: now is at once and drops what is queued; later delivers first', () => {
    const [server, a, b] = world.party(2);
    if (!a || !b) throw new Error('two clients');
    const ids = { a: a.id, b: b.id };
    server.put('late', ids.b);
    server.peer.disconnectPeer(ids.b);
    expect(server.signals).toEqual([]);
    world.run(100);
    expect(server.signals).toEqual([`-${ids.b}`]);
    expect([b.got, b.signals]).toEqual([['1 late 2 1'], ['lost']]);
    expect(a.signals).toEqual([`-${ids.b}`]);
    server.peer.disconnectPeer(ids.a, true);
    expect(server.signals).toEqual([`-${ids.b}`, `-${ids.a}`]);
    expect(server.peer.getPeerIds()).toEqual([]);
    world.run(100);
    expect(a.signals).toEqual([`-${ids.b}`, 'lost']);
    expect(server.signals).toHaveLength(2);
    // Nobody there, and a client may not.
    server.peer.disconnectPeer(ids.a);
    const [, c] = [server, world.player()];
    c.peer.createClient(SERVER_IP, PORT);
    world.run(100);
    c.peer.disconnectPeer(1, true);
    expect([server.lines.at(-1), c.lines.at(-1)]).toEqual([
      `GodotThreeMultiplayerPeer.disconnectPeer: no client has the id ${ids.a}`,
      'GodotThreeMultiplayerPeer.disconnectPeer: only a server can',
    ]);
  });

  test('what came before the end can be fetched after it', () => {
    const [server, a] = world.party(1);
    if (!a) throw new Error('a client');
    server.put('last words', a.id);
    server.peer.disconnectPeer(a.id);
    world.members.length = 0;
    for (let turn = 0; turn < 40; turn++) {
      world.net.advance(5);
      server.peer.poll();
      if (turn > 20 && a.peer.getConnectionStatus() !== 0) a.peer.poll();
    }
    expect([a.signals, a.peer.getConnectionStatus()]).toEqual([['lost'], STATUS.disconnected]);
    expect(text(a.peer.getPacket())).toBe('last words');
    a.peer.close();
    expect(a.peer.getAvailablePacketCount()).toBe(0);
  });

  test('connections that are ended behind its back are noticed at the next poll', () => {
    const [server, a, b] = world.party(2);
    if (!a || !b) throw new Error('two clients');
    const { id } = a;
    server.peer.getPeer(id)?.peerDisconnectNow();
    world.run(5);
    expect([server.signals, server.peer.getPeerIds()]).toEqual([[`-${id}`], [b.id]]);
    world.run(50);
    expect([a.signals, b.signals]).toEqual([['lost'], [`-${id}`]]);
    b.peer.getPeer(1)?.reset();
    world.run(5);
    expect([b.signals.at(-1), b.peer.getConnectionStatus()]).toEqual(['lost', STATUS.disconnected]);
  });

  test.each(['peerConnected', 'peerDisconnected'] as const)('a server that closes inside of %s', (signal) => {
    const [server, a] = world.party(2);
    server.peer.on(signal, () => server.peer.close());
    if (signal === 'peerDisconnected') a?.peer.close();
    else world.player().peer.createClient(SERVER_IP, PORT);
    world.run(200);
    expect(server.peer.getConnectionStatus()).toBe(STATUS.disconnected);
  });

  test.each(['peerConnected', 'connectionSucceeded', 'serverDisconnected'] as const)(
    'a client that closes and begins anew inside of %s',
    (signal) => {
      const server = world.player();
      server.peer.createServer(PORT);
      const a = world.player();
      a.peer.once(signal, () => {
        a.peer.close();
        expect(a.peer.createClient(SERVER_IP, PORT)).toBe(0);
      });
      a.peer.createClient(SERVER_IP, PORT);
      world.run(100);
      if (signal === 'serverDisconnected') server.peer.disconnectPeer(a.id, true);
      world.run(300);
      expect(a.peer.getConnectionStatus()).toBe(STATUS.connected);
      expect(server.peer.getPeerIds()).toEqual([a.id]);
    },
  );
});

describe('A.3: who gets what', () => {
  /** Ids by names: what a target is, and who is to get it. */
  const ROWS: readonly (readonly [
    name: string,
    target: 'b' | '-b' | '0' | '1' | '-1',
    relay: string,
    alone: string,
  ])[] = [
    ['one', 'b', 'b', ''],
    ['all', '0', 'bcs', 's'],
    ['all but one', '-b', 'cs', 's'],
    ['all but the server', '-1', 'bc', ''],
    ['the server', '1', 's', 's'],
  ];

  test.each(
    ROWS.flatMap(([name, target, relay, alone]) =>
      ([0, 1, 2] as const).flatMap((mode) => [
        { name, target, mode, isRelay: true, expected: relay },
        { name, target, mode, isRelay: false, expected: alone },
      ]),
    ),
  )(
    'from a client to $name, mode $mode, relay $isRelay: $expected',
    ({ target, mode, isRelay, expected }) => {
      const [server, a, b, c] = world.party(3);
      if (!a || !b || !c) throw new Error('three clients');
      server.peer.serverRelay = isRelay;
      const targets = { b: b.id, '-b': -b.id, 0: 0, 1: 1, '-1': -1 };
      expect(a.put('hello', targets[target], mode)).toBe(0);
      world.run(100);
      const got = { b: b.got, c: c.got, s: server.got };
      const channel = mode === 2 ? 1 : 2;
      for (const [who, packets] of Object.entries(got)) {
        expect(packets).toEqual(expected.includes(who) ? [`${a.id} hello ${mode} ${channel}`] : []);
      }
      expect(a.got).toEqual([]);
    },
  );

  test.each([
    ['one', 'b', 'b'],
    ['all', '0', 'abc'],
    ['all but one', '-b', 'ac'],
  ] as const)('from the server to %s', (_name, target, expected) => {
    const [server, a, b, c] = world.party(3);
    if (!a || !b || !c) throw new Error('three clients');
    const targets = { b: b.id, '-b': -b.id, 0: 0 };
    for (const mode of [0, 1, 2] as const) expect(server.put(`m${mode}`, targets[target], mode)).toBe(0);
    world.run(100);
    for (const [who, { got }] of Object.entries({ a, b, c })) {
      const all = ['1 m0 0 2', '1 m1 1 2', '1 m2 2 1'];
      expect([...got].sort()).toEqual(expected.includes(who) ? all : []);
    }
  });

  test('errors: not connected, nobody of that id', () => {
    const [server, a] = world.party(1);
    expect(world.player().peer.putPacket(bytes('x'))).toBe(3);
    for (const target of [1, -1, 99, -99]) expect(server.put('x', target)).toBe(31);
    expect(a?.put('x', 99)).toBe(31);
    const early = world.player();
    early.peer.createClient(SERVER_IP, PORT);
    expect(early.put('x', 1)).toBe(3);
    expect(server.put('', 0)).toBe(0);
  });

  test.each([0, 1, 2] as const)('a packet of many fragments is relayed whole, mode %i', (mode) => {
    const [server, a, b] = world.party(2);
    if (!a || !b) throw new Error('two clients');
    const long = 'x'.repeat(20_000);
    a.put(long, b.id, mode);
    world.run(2_000);
    // In fragments an unreliable packet is not told from an ordered one.
    const seen = mode === 2 ? '2 1' : '1 2';
    expect(b.got).toEqual([`${a.id} ${long} ${seen}`]);
    expect(server.got).toEqual([]);
  });

  test('channels of our own, and always ordered', () => {
    const [server, a] = world.party(1, ({ peer }) => peer.setChannelCount(6));
    if (!a) throw new Error('a client');
    expect(server.peer.getChannelCount()).toBe(6);
    server.peer.transferChannel = 5;
    server.put('x', 0, 0);
    server.peer.transferChannel = -1;
    server.peer.setAlwaysOrdered(true);
    server.put('y', 0, 0);
    world.run(50);
    expect(a.got).toEqual(['1 x 0 5', '1 y 1 2']);
    expect(a.peer.getLastPacketChannel()).toBe(2);
    expect(a.peer.getPacketChannel()).toBe(-1);
  });

  test('Variants of Godot 3 in packets', () => {
    const [server, a] = world.party(1);
    if (!a) throw new Error('a client');
    world.members.length = 0;
    expect(server.peer.putVar({ hp: [1, 0.5] })).toBe(0);
    for (let turn = 0; turn < 10; turn++) {
      world.net.advance(5);
      a.peer.poll();
    }
    const packet = a.peer.getVar();
    expect(String(packet)).toBe(String(new Map([['hp', [1, 0.5]]])));
    expect(server.peer.putVar(BigInt64Array.of(1n))).toBe(31);
  });
});

describe('hostile clients', () => {
  test('what goes over the wire, byte for byte', () => {
    const [server, a] = world.party(1);
    const raw = world.stranger(77);
    world.run(100);
    if (!a) throw new Error('a client');
    const { id } = a;
    const little = (value: number): string => hex(new Uint8Array(Uint32Array.of(value).buffer));
    expect(raw.got).toEqual([`0 00000000${little(id)}`]);
    server.put('hi', 77);
    server.put('hi', -id, 1);
    a.put('hi', 0, 0);
    world.run(50);
    a.peer.close();
    world.run(50);
    expect(raw.got.slice(1).sort()).toEqual(
      [
        `0 01000000${little(id)}`,
        '1 010000004d0000006869',
        `2 01000000${little(-id)}6869`,
        `2 ${little(id)}000000006869`,
      ].sort(),
    );
    expect(server.signals).toEqual(['+77', `-${id}`]);
  });

  test.each([
    ['a source that is not theirs', 1, '05000000 01000000 68', 'it says that it is from 5'],
    ['no header', 1, '4d000000 010000', 'it has no header'],
    ['nothing at all', 1, '4d', 'it has no header'],
    ['a system message', 0, '00000000 05000000', 'a system message from 77 was dropped'],
    ['a target that nobody is', 1, '4d000000 63000000 68', 'whom nobody knows'],
  ])('%s is dropped, and said', (_name, channel, wire, line) => {
    const [server, a] = world.party(1);
    const raw = world.stranger(77);
    world.run(100);
    raw.send(channel, wire);
    world.run(50);
    expect(server.lines.at(-1)).toContain(line);
    expect([server.got, a?.got]).toEqual([[], []]);
    expect(a?.signals).toEqual(['+77']);
    expect(raw.isGone).toBe(false);
  });

  test.each([
    ['0', 0],
    ['1', 1],
    ['negative', 0xffffffff],
    ['2^31', 0x80000000],
  ])('the id %s is refused, without a signal', (_name, id) => {
    const [server, a] = world.party(1);
    const raw = world.stranger(id);
    world.run(200);
    expect(raw.isGone).toBe(true);
    expect([server.signals, a?.signals]).toEqual([[], []]);
    expect(server.lines.join()).toContain('a client was refused');
  });

  test('an id that is taken is refused; once it is free, it is not', () => {
    const [server] = world.party(0);
    const first = world.stranger(77);
    world.run(100);
    const second = world.stranger(77);
    world.run(200);
    expect([first.isGone, second.isGone]).toEqual([false, true]);
    expect(server.signals).toEqual(['+77']);
    first.toServer?.peerDisconnect();
    world.run(200);
    const third = world.stranger(77);
    world.run(100);
    expect(server.signals).toEqual(['+77', '-77', '+77']);
    expect(third.isGone).toBe(false);
    server.put('to the third', 77);
    world.run(50);
    expect([first.got.length, second.got.length, third.got.length]).toEqual([0, 0, 1]);
  });

  test('nothing of a refused client is relayed or delivered', () => {
    const [server, a] = world.party(1);
    server.peer.refuseNewConnections = true;
    const raw = world.stranger(77);
    raw.send(1, '4d00000000000000 68');
    for (let turn = 0; turn < 20; turn++) {
      world.run(10);
      raw.send(1, '4d00000000000000 68');
    }
    expect([server.got, a?.got, server.signals]).toEqual([[], [], []]);
  });

  test('a hostile server: peers that cannot be, or are already there', () => {
    const evil = new ENetConnection({ runtime: world.net.createRuntime(SERVER_IP) });
    evil.createHostBound('*', PORT);
    let peer: ENetPacketPeer | null = null;
    world.members.push({
      tick: () => {
        for (let event = evil.service(); event[0] > 0; event = evil.service()) peer = event[1];
      },
    });
    const a = new Player(world.net, '10.0.0.9');
    world.members.push(a);
    a.peer.createClient(SERVER_IP, PORT);
    world.run(100);
    const tell = (message: number, id: number): void => {
      const data = new Uint8Array(Uint32Array.of(message, id).buffer);
      peer?.send(0, data, 1);
    };
    for (const id of [0, 1, a.id, 0x80000000, 0xffffffff, 9, 9]) tell(0, id);
    for (const id of [0, 1, a.id, 8, 9, 9]) tell(1, id);
    tell(2, 9);
    peer = peer as ENetPacketPeer | null;
    (peer as ENetPacketPeer | null)?.send(0, Uint8Array.of(1), 1);
    world.run(100);
    expect(a.signals).toEqual(['+1', 'succeeded', '+9', '-9']);
    expect(a.peer.getConnectionStatus()).toBe(STATUS.connected);
  });
});

describe('arguments', () => {
  test.each<[string, (peer: GodotThreeMultiplayerPeer) => number, number]>([
    ['a port above 65535', (peer) => peer.createServer(65_536), 31],
    ['a port that is no number', (peer) => peer.createServer('x' as unknown as number), 31],
    ['no clients', (peer) => peer.createServer(PORT, 0), 31],
    ['too many clients', (peer) => peer.createServer(PORT, 4096), 31],
    ['a negative bandwidth', (peer) => peer.createServer(PORT, 1, -1), 31],
    ['port 0 of a server', (peer) => peer.createClient(SERVER_IP, 0), 20],
    ['no address', (peer) => peer.createClient('', PORT), 20],
    ['a client port above 65535', (peer) => peer.createClient(SERVER_IP, PORT, 0, 0, 65_536), 31],
    [
      'a mode that is not there',
      (peer) => {
        peer.setCompressionMode(3);
        return peer.createServer(PORT);
      },
      2,
    ],
  ])('%s', (_name, call, error) => {
    const { peer } = world.player({ createCompressor: () => undefined });
    expect(call(peer)).toBe(error);
    expect(peer.getConnectionStatus()).toBe(STATUS.disconnected);
    expect(peer.host).toBeNull();
    peer.compressionMode = 0;
    expect(peer.createServer(PORT)).toBe(0);
    expect(peer.createServer(PORT)).toBe(22);
    expect(peer.createClient(SERVER_IP, PORT)).toBe(22);
    peer.channelCount = 5;
    expect(peer.channelCount).toBe(3);
  });

  test('settings out of range change nothing and are said', () => {
    const { peer, lines } = world.player();
    for (const count of [2, 256, Number.NaN]) peer.channelCount = count;
    for (const channel of [0, 3, -2, Number.NaN]) peer.transferChannel = channel;
    for (const mode of [-1, 5, 0.5]) peer.setCompressionMode(mode as 0);
    peer.setBindIp('nonsense');
    expect([peer.channelCount, peer.transferChannel, peer.getCompressionMode()]).toEqual([3, -1, 0]);
    expect(lines).toHaveLength(11);
  });

  test('without a runtime it cannot be made', () => {
    expect(() => new GodotThreeMultiplayerPeer()).toThrow(TypeError);
  });

  test('without compressors COMPRESS_NONE works', () => {
    const server = new GodotThreeMultiplayerPeer({ runtime: world.net.createRuntime(SERVER_IP) });
    expect(server.createServer(PORT)).toBe(0);
    server.close();
  });
});

test('random use: nothing throws, and everybody agrees in the end', () => {
  const step = fc.record({
    who: fc.nat(3),
    what: fc.constantFrom('put', 'put', 'put', 'kick', 'close', 'connect', 'refuse', 'wait'),
    target: fc.nat(5),
    mode: fc.constantFrom(0, 1, 2),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      world = new PartyWorld();
      const [server, ...clients] = world.party(3);
      for (const { who, what, target, mode } of steps) {
        const player = [server, ...clients][who] as Player;
        const ids = [0, 1, -1, ...clients.map(({ id }) => id)];
        if (what === 'put') player.put('x', ids[target] ?? 0, mode as Mode);
        else if (what === 'kick') server.peer.disconnectPeer(ids[target] ?? 0, mode === 0);
        else if (what === 'close' && who > 0) player.peer.close();
        else if (what === 'connect' && who > 0) player.peer.createClient(SERVER_IP, PORT);
        else if (what === 'refuse') server.peer.refuseNewConnections = mode === 0;
        else world.run(30);
      }
      world.run(2_000);
      const connected = clients.filter(({ peer }) => peer.getConnectionStatus() === STATUS.connected);
      const ids = connected.map(({ id }) => id).sort();
      expect([...server.peer.getPeerIds()].sort()).toEqual(ids);
      for (const { peer, id } of connected) {
        expect([...peer.getPeerIds()].sort()).toEqual([1, ...ids.filter((other) => other !== id)].sort());
      }
    }),
    fcParameters(60),
  );
});
