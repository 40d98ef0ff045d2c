/** Several servers as one: JoinedMultiplayerPeer, and SceneMultiplayer on it. */
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { GodotError } from '../../src/godot/errors.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { MultiplayerPeer } from '../../src/godot/multiplayer/MultiplayerPeer.ts';
import type { MultiplayerConnectionStatus } from '../../src/godot/multiplayer/multiplayerConstants.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { JoinedMultiplayerPeer } from '../../src/websocket/JoinedMultiplayerPeer.ts';
import { WebSocketMultiplayerPeer } from '../../src/websocket/WebSocketMultiplayerPeer.ts';
import { FakeWs } from './fakes.ts';
import { fetched, put } from './support.ts';

/** A transport whose network is a list of things to happen at the next poll. */
class FakeTransport extends MultiplayerPeer {
  readonly log: string[] = [];
  readonly next: (() => void)[] = [];
  status: MultiplayerConnectionStatus = 2;
  maxPacketSize = 1000;

  constructor() {
    super({ random32: () => 7 });
  }

  comes(id: number): void {
    this.next.push(() => this.emitSignal('peerConnected', id));
  }
  goes(id: number): void {
    this.next.push(() => this.emitSignal('peerDisconnected', id));
  }
  says(from: number, ...bytes: number[]): void {
    this.next.push(() => this.queuePacket({ bytes: Uint8Array.from(bytes), from, channel: 3, mode: 1 }));
  }

  poll(): void {
    this.log.push('poll');
    for (const happen of this.next.splice(0)) happen();
  }
  close(): void {
    this.log.push('close');
    this.status = 0;
  }
  disconnectPeer(id: number, force = false): void {
    this.log.push(`disconnect ${id} ${force}`);
  }
  getConnectionStatus(): MultiplayerConnectionStatus {
    return this.status;
  }
  getUniqueId(): number {
    return 1;
  }
  isServer(): boolean {
    return this.status === 2;
  }
  isServerRelaySupported(): boolean {
    return true;
  }
  override getMaxPacketSize(): number {
    return this.maxPacketSize;
  }
  override flush(): void {
    this.log.push('flush');
  }
  protected override sendPacket(bytes: Uint8Array): GodotError {
    this.log.push(
      `send ${bytes.length} to ${this.targetPeer} mode ${this.transferMode} channel ${this.transferChannel}`,
    );
    return GodotError.OK;
  }
  protected override get className(): string {
    return 'FakeTransport';
  }
}

function joined() {
  const [a, b] = [new FakeTransport(), new FakeTransport()];
  const lines: string[] = [];
  const signals: string[] = [];
  const room = new JoinedMultiplayerPeer([a, b], { onTrace: (line) => lines.push(line) });
  room.on('peerConnected', (id) => signals.push(`+${id}`));
  room.on('peerDisconnected', (id) => signals.push(`-${id}`));
  return { a, b, room, lines, signals };
}

describe('one transport to the outside', () => {
  test('signals and packets of all come out of it, with mode and channel', () => {
    const { a, b, room, signals } = joined();
    a.comes(10);
    a.says(10, 1);
    b.comes(20);
    b.says(20, 2);
    room.poll();
    expect(signals).toEqual(['+10', '+20']);
    expect([room.getPacketPeer(), room.getPacketChannel(), room.getPacketMode()]).toEqual([10, 3, 1]);
    expect(fetched(room)).toEqual([
      [10, 1],
      [20, 2],
    ]);
    b.goes(20);
    room.poll();
    expect([signals.at(-1), room.transportOf(20), room.transportOf(10)]).toEqual(['-20', undefined, a]);
    expect([
      room.getUniqueId(),
      room.isServer(),
      room.getConnectionStatus(),
      room.isServerRelaySupported(),
    ]).toEqual([1, true, 2, true]);
  });

  test('targets: one goes to its transport, everybody to all, all but one with the exception where it is', () => {
    const { a, b, room } = joined();
    a.comes(10);
    b.comes(20);
    room.poll();
    for (const { log } of [a, b]) log.length = 0;
    room.transferMode = 0;
    room.transferChannel = 2;
    expect([put(room, 20, 1), put(room, 0, 1, 2), put(room, -10, 1, 2, 3), put(room, 99, 1)]).toEqual([
      0, 0, 0, 31,
    ]);
    expect(a.log).toEqual(['send 2 to 0 mode 0 channel 2', 'send 3 to -10 mode 0 channel 2']);
    expect(b.log).toEqual([
      'send 1 to 20 mode 0 channel 2',
      'send 2 to 0 mode 0 channel 2',
      'send 3 to 0 mode 0 channel 2',
    ]);
  });

  test('what may wait to leave together waits in the transports, for flush()', () => {
    const { a, b, room } = joined();
    a.comes(10);
    room.poll();
    room.sendsAtOnce = false;
    put(room, 10, 1);
    expect([a.sendsAtOnce, a.log.includes('flush')]).toEqual([false, false]);
    room.flush();
    expect([a.log.at(-1), b.log.at(-1)]).toEqual(['flush', 'flush']);
    room.close();
    expect([a.sendsAtOnce, b.sendsAtOnce]).toEqual([true, true]);
  });

  test('an id that is in use is refused, and what it had sent is not heard', () => {
    const { a, b, room, signals, lines } = joined();
    a.comes(10);
    b.comes(10);
    b.says(10, 9);
    b.goes(10);
    room.poll();
    expect([signals, room.collisions, fetched(room), room.transportOf(10)]).toEqual([['+10'], 1, [], a]);
    expect(b.log).toContain('disconnect 10 true');
    expect(lines.join('\n')).toContain('its id 10 is in use');
  });

  test('disconnectPeer, refuseNewConnections and getMaxPacketSize reach the transports', () => {
    const { a, b, room, lines } = joined();
    a.comes(10);
    b.comes(20);
    room.poll();
    room.disconnectPeer(20);
    room.disconnectPeer(10, true);
    room.disconnectPeer(99);
    expect(b.log.at(-1)).toBe('disconnect 20 false');
    expect([a.log.at(-1), room.transportOf(10), lines.length]).toEqual(['disconnect 10 true', undefined, 1]);
    room.refuseNewConnections = true;
    b.maxPacketSize = 500;
    expect([a.refuseNewConnections, b.refuseNewConnections, room.getMaxPacketSize()]).toEqual([
      true,
      true,
      500,
    ]);
  });

  test('a transport that is added while new connections are refused refuses them, too', () => {
    const { a, room } = joined();
    const [late, later] = [new FakeTransport(), new FakeTransport()];
    room.refuseNewConnections = true;
    room.add(late);
    expect([a.refuseNewConnections, late.refuseNewConnections]).toEqual([true, true]);
    room.refuseNewConnections = false;
    later.refuseNewConnections = true;
    room.add(later);
    expect([late.refuseNewConnections, later.refuseNewConnections]).toEqual([false, true]);
  });

  test('a transport that fails takes its own peers with it', () => {
    const { a, b, room, signals } = joined();
    a.comes(10);
    b.comes(20);
    b.says(20, 5);
    room.poll();
    b.status = 0;
    room.poll();
    expect([signals, room.transports, fetched(room)]).toEqual([['+10', '+20', '-20'], [a], [[20, 5]]]);
    expect([b.listenerCount('peerConnected'), room.getConnectionStatus()]).toEqual([0, 2]);
    a.status = 0;
    room.poll();
    expect([signals.at(-1), room.getConnectionStatus(), room.getUniqueId(), put(room, 0, 1)]).toEqual([
      '-10',
      0,
      0,
      3,
    ]);
  });

  test('close() closes all of them, without a signal', () => {
    const { a, b, room, signals } = joined();
    a.comes(10);
    room.poll();
    room.close();
    expect([a.log.at(-1), b.log.at(-1), signals]).toEqual(['close', 'close', ['+10']]);
    expect([a.listenerCount('peerDisconnected'), room.getConnectionStatus()]).toEqual([0, 0]);
  });

  test('a listener may close it while it polls', () => {
    const { a, b, room } = joined();
    a.comes(10);
    room.once('peerConnected', () => room.close());
    room.poll();
    expect([b.log.at(-1), b.log.includes('poll')]).toEqual(['close', false]);
  });

  test('what waits is bounded; the rest stays in its transport', () => {
    const transport = new FakeTransport();
    const room = new JoinedMultiplayerPeer([transport], { maxQueuedBytes: 1000 });
    transport.comes(10);
    for (let i = 0; i < 10; i++) transport.says(10, i);
    room.poll();
    expect([room.getAvailablePacketCount(), transport.getAvailablePacketCount()]).toEqual([3, 7]);
    const got: number[] = [];
    for (let i = 0; i < 4; i++) {
      got.push(...fetched(room).map(([, byte = -1]) => byte));
      room.poll();
    }
    expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('what is no open server cannot be added', () => {
    const { a, room } = joined();
    const closed = new FakeTransport();
    closed.status = 0;
    expect([room.add(a), room.add(closed), room.add(room), room.add(null as never)]).toEqual([
      22, 31, 31, 31,
    ]);
    expect(() => new JoinedMultiplayerPeer([new FakeTransport(), closed])).toThrow(TypeError);
    expect(() => new JoinedMultiplayerPeer([], { maxQueuedBytes: 0 })).toThrow(RangeError);
  });
});

test('a WebSocket client is given an id that nobody has over ENet', () => {
  const net = new SimNetwork({ seed: 1 });
  const numbers = [10, 10, 10, 11];
  const runtime = Object.create(net.createRuntime('10.0.0.1'), {
    random32: { value: () => numbers.shift() ?? 99 },
    now: { value: () => 1000 },
    startTimer: { value: () => ({ cancel: () => undefined }) },
  });
  const ws = new FakeWs();
  const web = new WebSocketMultiplayerPeer({ runtime, ws: ws.module });
  web.createServerOn(ws.server);
  const other = new FakeTransport();
  const room = new JoinedMultiplayerPeer([other, web]);
  other.comes(10);
  room.poll();
  const ids: number[] = [];
  room.on('peerConnected', (id) => ids.push(id));
  ws.join();
  room.poll();
  expect([ids, room.collisions]).toEqual([[11], 0]);
  room.close();
});

describe('SceneMultiplayer on it', () => {
  let calls: [unique: number, sender: number, text: unknown][] = [];
  class Main extends NodeScript {
    static override readonly path = 'res://main.gd';
    static override readonly rpcs = { say: rpc('any_peer').args('String') };
    say(text: unknown): void {
      calls.push([this.multiplayer.getUniqueId(), this.multiplayer.getRemoteSenderId(), text]);
    }
  }

  function play() {
    calls = [];
    const net = new SimNetwork({ seed: 5 });
    const games: SceneMultiplayer[] = [];
    const game = (peer: MultiplayerPeer, ip: string): SceneMultiplayer => {
      const mirror = new SceneMirror();
      mirror.registerScript(Main);
      mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
      const multiplayer = new SceneMultiplayer({ mirror, runtime: net.createRuntime(ip) });
      multiplayer.multiplayerPeer = peer;
      games.push(multiplayer);
      return multiplayer;
    };
    const servers = [1, 2].map((n) => {
      const peer = new ENetMultiplayerPeer({ runtime: net.createRuntime(`10.0.0.${n}`) });
      peer.createServer(7777);
      return peer;
    });
    const server = game(new JoinedMultiplayerPeer(servers), '10.0.0.9');
    const join = (n: number, random32?: () => number): SceneMultiplayer => {
      const ip = `10.0.1.${games.length}`;
      const runtime = net.createRuntime(ip);
      const peer = new ENetMultiplayerPeer({ runtime });
      if (random32 !== undefined) peer.generateUniqueId = random32;
      peer.createClient(`10.0.0.${n}`, 7777);
      return game(peer, ip);
    };
    const run = (): void => {
      for (let i = 0; i < 40; i++) {
        net.advance(10);
        for (const one of games) one.poll();
      }
    };
    return { server, join, run };
  }
  const say = (from: SceneMultiplayer, to: number, text: string): number =>
    from.mirror.getNode('/root/Main')?.rpcId(to, 'say', text) ?? -1;

  test('calls to everybody, and relay from one transport to the other', () => {
    const { server, join, run } = play();
    const [a, b] = [join(1), join(2)];
    run();
    const [idA, idB] = [a.getUniqueId(), b.getUniqueId()];
    expect([server.getPeers().sort(), a.getPeers().sort()]).toEqual([[idA, idB].sort(), [1, idB].sort()]);
    expect([say(server, 0, 'all'), say(a, idB, 'psst'), say(b, 0, 'room')]).toEqual([0, 0, 0]);
    run();
    expect(calls.sort()).toEqual(
      [
        [idA, 1, 'all'],
        [idB, 1, 'all'],
        [idB, idA, 'psst'],
        [1, idB, 'room'],
        [idA, idB, 'room'],
      ].sort(),
    );
  });

  test('a client with an id that is in use is turned away, and comes in with another', () => {
    const { server, join, run } = play();
    const first = join(1, () => 77);
    const signals: string[] = [];
    run();
    const second = join(2, () => 77);
    second.on('serverDisconnected', () => signals.push('disconnected'));
    run();
    expect([server.getPeers(), signals]).toEqual([[77], ['disconnected']]);
    const third = join(2, () => 78);
    run();
    expect([server.getPeers(), first.getPeers(), third.getPeers()]).toEqual([
      [77, 78],
      [1, 78],
      [1, 77],
    ]);
  });

  test('a kick over the joined transport', () => {
    const { server, join, run } = play();
    const [a, b] = [join(1), join(2)];
    run();
    server.disconnectPeer(b.getUniqueId());
    run();
    expect([server.getPeers(), a.getPeers()]).toEqual([[a.getUniqueId()], [1]]);
  });
});
