/** Silence, pings and deadlines in virtual time, over a package `ws` without a network. */
import { describe, expect, test } from 'vitest';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { WebSocketMultiplayerPeerOptions } from '../../src/websocket/options.ts';
import { FakeWs } from './fakes.ts';
import { fetched, put, refused, side } from './support.ts';

function world(options: WebSocketMultiplayerPeerOptions = {}) {
  const net = new SimNetwork({ seed: 1 });
  const runtime = net.createRuntime('10.0.0.1');
  const ws = new FakeWs();
  return { net, runtime, ws, made: side({ runtime, ws: ws.module, ...options }) };
}

function serving(options: WebSocketMultiplayerPeerOptions = {}) {
  const all = world(options);
  expect(all.made.peer.createServerOn(all.ws.server)).toBe(0);
  return all;
}

describe('silence', () => {
  test('a silent client is asked every 15 s and ended after 45 s', () => {
    const { net, ws, made } = serving();
    const socket = ws.join();
    net.advance(14_000);
    expect(socket.done).toEqual(['send 4']);
    net.advance(29_000);
    expect(socket.done).toEqual(['send 4', 'ping', 'ping']);
    net.advance(3000);
    expect(socket.done).toEqual(['send 4', 'ping', 'ping', 'terminate']);
    socket.ends();
    made.peer.poll();
    expect([made.signals.length, made.peer.disconnectCause, refused(made)]).toEqual([
      2,
      'TIMEOUT',
      { SILENT: 1 },
    ]);
  });

  test.each([
    ['a pong', 'pong'],
    ['a ping', 'ping'],
    ['a message', 'message'],
  ])('%s keeps it', (_, event) => {
    const { net, ws } = serving();
    const socket = ws.join();
    for (let i = 0; i < 20; i++) {
      net.advance(20_000);
      socket.emit(event, Buffer.of(1), true);
    }
    expect(socket.done).not.toContain('terminate');
    expect(socket.done.filter((what) => what === 'ping').length).toBeGreaterThan(15);
  });

  test('0 switches both off', () => {
    const { net, ws } = serving({ pingIntervalMs: 0, timeoutMs: 0 });
    const socket = ws.join();
    net.advance(1_000_000);
    expect(socket.done).toEqual(['send 4']);
  });

  test('a process that stood still blames nobody', () => {
    const { net, runtime, ws } = serving();
    const socket = ws.join();
    net.advance(1000);
    runtime.clockOffsetMs += 100_000;
    net.advance(44_000);
    expect(socket.done).not.toContain('terminate');
    net.advance(3000);
    expect(socket.done).toContain('terminate');
  });

  test('nor does a clock that wraps', () => {
    const { net, runtime, ws } = world();
    runtime.clockOffsetMs = 0xffff_ffff - 20_000;
    const made = side({ runtime, ws: ws.module });
    made.peer.createServerOn(ws.server);
    const socket = ws.join();
    net.advance(44_000);
    expect(socket.done).toEqual(['send 4', 'ping', 'ping']);
  });

  test('who is not read from cannot be silent', () => {
    const { net, ws, made } = serving({ limits: { maxWaitingBytes: 1000 } });
    const socket = ws.join();
    for (let i = 0; i < 3; i++) socket.says(i);
    expect(socket.done).toEqual(['send 4', 'pause']);
    net.advance(200_000);
    made.peer.poll();
    expect(socket.done).toEqual(['send 4', 'pause', 'resume']);
    expect(fetched(made.peer)).toHaveLength(3);
    net.advance(14_000);
    expect(socket.done).toHaveLength(3);
  });
});

describe('ends', () => {
  test('close() leaves no timer, no listener on the server, and hears nothing any more', () => {
    const { net, ws, made } = serving();
    const socket = ws.join();
    made.peer.poll();
    made.peer.close();
    expect(socket.done).toEqual(['send 4', 'close 1001', 'terminate']);
    expect(ws.http.eventNames()).toEqual([]);
    socket.emit('error', new Error('late'));
    socket.ends();
    net.advance(1_000_000);
    expect(socket.done).toHaveLength(3);
    expect(made.signals).toHaveLength(1);
  });

  test('lingerMs: the connection is cut when the time is over, and no later timer waits when it has ended before', () => {
    const { net, ws, made } = serving({ lingerMs: 1000 });
    const [slow, quick] = [ws.join(), ws.join()];
    made.peer.close();
    quick.ends(1001);
    net.advance(999);
    expect(slow.done).toEqual(['send 4', 'close 1001']);
    net.advance(2);
    expect(slow.done).toEqual(['send 4', 'close 1001', 'terminate']);
  });

  test('a client that gets no answer in time is cut, and says so', () => {
    const { net, ws, made } = world();
    expect(made.peer.createClient('ws://game.example')).toBe(0);
    const [socket] = ws.sockets;
    net.advance(2900);
    expect(socket?.done).toEqual([]);
    net.advance(1000);
    expect(socket?.done).toEqual(['terminate']);
    socket?.emit('error', new Error('closed before it was established'));
    socket?.ends();
    made.peer.poll();
    expect([made.peer.getConnectionStatus(), made.signals, made.peer.disconnectCause]).toEqual([
      0,
      [],
      'NO_ANSWER',
    ]);
  });

  test.each([
    ['ECONNREFUSED', 'REFUSED'],
    ['ENOTFOUND', 'UNRESOLVED'],
    ['EAI_AGAIN', 'UNRESOLVED'],
    ['EHOSTUNREACH', 'NO_ANSWER'],
    ['ETIMEDOUT', 'NO_ANSWER'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'PROTOCOL'],
    ['', 'PROTOCOL'],
  ])('an attempt that fails with %s: %s', (code, cause) => {
    const { ws, made } = world();
    made.peer.createClient('ws://game.example');
    ws.sockets[0]?.emit('error', Object.assign(new Error('failed'), { code }));
    ws.sockets[0]?.ends();
    made.peer.poll();
    expect(made.peer.disconnectCause).toBe(cause);
  });

  test('an error on an open connection is only its end', () => {
    const { ws, made } = serving();
    const socket = ws.join();
    made.peer.poll();
    socket.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    made.peer.poll();
    socket.ends();
    made.peer.poll();
    expect([made.signals.length, made.peer.disconnectCause]).toEqual([2, 'GOODBYE']);
  });

  test('a package that throws gives an error number', () => {
    const { ws, made } = world();
    (ws.module as { WebSocket: unknown }).WebSocket = class {
      constructor() {
        throw new SyntaxError('no such URL');
      }
    };
    expect(made.peer.createClient('ws://game.example')).toBe(31);
    expect(made.peer.getConnectionStatus()).toBe(0);
    expect(made.lines.join('\n')).toContain('no such URL');
  });
});

describe('poll', () => {
  test('onWake: once until the next poll, and not from inside of one', () => {
    let wakes = 0;
    const { ws, made } = serving({ onWake: () => wakes++ });
    const socket = ws.join();
    expect(wakes).toBe(1);
    socket.says(1);
    socket.says(2);
    expect(wakes).toBe(1);
    made.peer.once('peerConnected', () => socket.says(3));
    made.peer.poll();
    expect([wakes, fetched(made.peer).length]).toEqual([1, 3]);
    socket.says(4);
    expect(wakes).toBe(2);
  });

  test('setWakeListener: what waits already, what comes, the end; and nothing where onWake tells', () => {
    let wakes = 0;
    const { net, ws, made } = serving({});
    const socket = ws.join();
    const listener = (): void => void wakes++;
    expect(made.peer.setWakeListener(listener)).toBe(true);
    expect(wakes).toBe(0);
    net.advance(0);
    expect(wakes).toBe(1);
    made.peer.poll();
    socket.says(1);
    socket.says(2);
    expect(wakes).toBe(2);
    made.peer.setWakeListener(undefined);
    made.peer.poll();
    socket.says(3);
    net.advance(0);
    expect(wakes).toBe(2);
    made.peer.poll();
    expect(made.peer.setWakeListener(listener)).toBe(true);
    made.peer.close();
    net.advance(1);
    expect(wakes).toBe(3);
    expect(made.peer.setWakeListener(listener)).toBe(false);
    expect(serving({ onWake: listener }).made.peer.setWakeListener(listener)).toBe(false);
  });

  test('an end that waits for the packets before it wakes again', () => {
    let wakes = 0;
    const { net, ws, made } = serving({ onWake: () => wakes++ });
    const socket = ws.join();
    socket.says(1);
    socket.ends();
    made.peer.poll();
    // Not from inside of poll(): the packets come first.
    expect([wakes, made.signals.length]).toEqual([1, 1]);
    net.advance(0);
    expect(wakes).toBe(2);
    made.peer.poll();
    expect(made.signals).toHaveLength(2);
    net.advance(0);
    expect(wakes).toBe(2);
  });

  test('what did not fit into the queue wakes again when there is room', () => {
    let wakes = 0;
    const { net, ws, made } = serving({ onWake: () => wakes++, maxQueuedBytes: 1000 });
    const socket = ws.join();
    for (let i = 0; i < 10; i++) socket.says(i);
    const got: number[] = [];
    for (let i = 1; i <= 4; i++) {
      expect(wakes).toBe(i);
      made.peer.poll();
      got.push(...fetched(made.peer).map(([, byte = -1]) => byte));
      net.advance(0);
    }
    expect([got, wakes]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4]);
  });

  test('a listener may close everything, and create the next', () => {
    const { ws, made } = serving();
    ws.join();
    ws.join();
    made.peer.once('peerConnected', () => {
      made.peer.close();
      made.peer.createServerOn(ws.server);
      ws.join();
    });
    made.peer.poll();
    expect(made.signals).toHaveLength(1);
    made.peer.poll();
    expect([made.signals.length, made.peer.metrics().peers]).toEqual([2, 1]);
  });

  test('what a listener throws goes to onError', () => {
    const errors: unknown[] = [];
    const { ws, made } = serving({ onError: (error, where) => errors.push([error, where]) });
    made.peer.on('peerConnected', () => {
      throw new Error('mine');
    });
    ws.join();
    made.peer.poll();
    expect(errors).toEqual([[new Error('mine'), 'signal peerConnected']]);
  });

  test('who was forced out is heard of no more, also what it had sent', () => {
    const { ws, made } = serving();
    const socket = ws.join();
    made.peer.poll();
    const id = Number(made.signals[0]);
    socket.says(1);
    made.peer.disconnectPeer(id, true);
    socket.says(2);
    socket.ends(1000);
    made.peer.poll();
    expect([fetched(made.peer), made.signals, made.peer.metrics().disconnections]).toEqual([
      [],
      [`+${id}`],
      1,
    ]);
  });

  test('a packet for somebody who is ending goes nowhere and is no error', () => {
    const { ws, made } = serving();
    const socket = ws.join();
    made.peer.poll();
    made.peer.disconnectPeer(Number(made.signals[0]));
    expect(put(made.peer, Number(made.signals[0]), 1)).toBe(0);
    expect(socket.done).toEqual(['send 4', 'close 1000']);
  });
});

test('bad input: an error number or nothing, a trace line, and never an exception', () => {
  const { ws, made } = world();
  const { peer } = made;
  const any = peer as unknown as Record<string, (...args: unknown[]) => unknown>;
  const answers = (call: string, ...args: unknown[]): unknown => {
    const before = made.lines.length;
    const answer = any[call]?.(...args);
    expect(made.lines.length, `${call} says why`).toBeGreaterThan(before);
    return answer;
  };
  for (const port of [-1, 65_536, Number.NaN, '7778', undefined])
    expect(answers('createServer', port)).toBe(31);
  for (const ip of ['', 'localhost', '1.2.3', 5]) expect(answers('createServer', 0, ip)).toBe(31);
  for (const tls of [{}, 'key', undefined])
    if (tls !== undefined) expect(answers('createServer', 0, '*', tls)).toBe(31);
  for (const server of [null, undefined, 5, {}]) expect(answers('createServerOn', server)).toBe(31);
  for (const url of ['', 'game.example', 'http://x', 'ws+unix://x', 'ws://', 'ws://x#y', null, 5]) {
    expect(answers('createClient', url)).toBe(31);
  }
  expect(answers('createClient', 'wss://x', {})).toBe(31);
  expect(answers('putPacket', Uint8Array.of(1))).toBe(3);
  expect(answers('putPacket', 'text')).toBe(31);
  expect(answers('poll')).toBeUndefined();
  expect(answers('disconnectPeer', 7)).toBeUndefined();
  for (const bad of [0, -1, 1.5, Number.NaN, '5', undefined, null]) {
    for (const name of ['inboundBufferSize', 'outboundBufferSize', 'maxQueuedPackets'] as const) {
      (peer as unknown as Record<string, unknown>)[name] = bad;
    }
    if (bad !== 1.5) (peer as { handshakeTimeout: unknown }).handshakeTimeout = bad;
  }
  expect([
    peer.inboundBufferSize,
    peer.outboundBufferSize,
    peer.maxQueuedPackets,
    peer.handshakeTimeout,
  ]).toEqual([65_535, 65_535, 4096, 3]);
  for (const bad of ['a', ['a', 'a'], ['a b'], [''], [5], null]) peer.supportedProtocols = bad as string[];
  for (const bad of ['a', ['no colon'], ['A: b\r\nC: d'], [': x'], null, [Symbol('x')]]) {
    peer.handshakeHeaders = bad as string[];
  }
  expect([peer.supportedProtocols, peer.handshakeHeaders]).toEqual([[], []]);
  expect(peer.createServerOn(ws.server)).toBe(0);
  expect(answers('createServerOn', ws.server)).toBe(22);
  expect(answers('createServer', 0)).toBe(22);
  expect(answers('createClient', 'ws://x')).toBe(22);
});
