/** What somebody hostile does to a server over WebSockets, and what is bounded, released and told then. */
import { EventEmitter } from 'node:events';
import { Server } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { WebSocketMultiplayerPeerOptions } from '../../src/websocket/options.ts';
import { FakeWs } from './fakes.ts';
import { fetched, raw, refused, server, side, tcp, until } from './support.ts';

/** A server over a package `ws` without a network. */
function serving(options: WebSocketMultiplayerPeerOptions = {}) {
  const net = new SimNetwork({ seed: 1 });
  const ws = new FakeWs();
  const made = side({ runtime: net.createRuntime('10.0.0.1'), ws: ws.module, ...options });
  expect(made.peer.createServerOn(ws.server)).toBe(0);
  return { net, ws, made };
}

describe('half-open connections with one and the same address and port', () => {
  /** A server, and the server of Node that takes its connections. */
  async function listening(options: WebSocketMultiplayerPeerOptions) {
    const listen = vi.spyOn(Server.prototype, 'listen');
    try {
      const room = await server(options);
      const [door] = listen.mock.contexts as Server[];
      if (door === undefined) throw new Error('nothing listens');
      return { room, door };
    } finally {
      listen.mockRestore();
    }
  }

  /** A connection that says nothing; without an address when it was reset before it was accepted. */
  class Silent extends EventEmitter {
    readonly remoteAddress: string | undefined;
    readonly remotePort: number | undefined;
    destroyed = false;
    constructor(ip?: string, port?: number) {
      super();
      this.remoteAddress = ip;
      this.remotePort = port;
    }
    setTimeout(): void {}
    pause(): void {}
    resume(): void {}
    read(): void {}
    destroy(): void {
      if (this.destroyed) return;
      this.destroyed = true;
      this.emit('close');
    }
  }

  test.each([
    ['a port that was used again', ['127.0.0.1', 4000]],
    ['reset before they were accepted', []],
  ] as [string, [string?, number?]][])('%s: each is released once', async (_, place) => {
    const { room, door } = await listening({ limits: { maxHalfOpen: 2, maxHalfOpenPerAddress: 2 } });
    for (let round = 1; round <= 3; round++) {
      const both = [new Silent(...place), new Silent(...place)];
      for (const socket of both) door.emit('connection', socket);
      expect([round, room.peer.metrics().halfOpen]).toEqual([round, 2]);
      both[0]?.destroy();
      expect(room.peer.metrics().halfOpen).toBe(1);
      both[1]?.destroy();
      expect([refused(room), room.peer.metrics().halfOpen]).toEqual([{}, 0]);
    }
    expect(await raw(room.url).opened).toBe('open');
  });

  test('each has its deadline', async () => {
    const { room, door } = await listening({});
    const both = [new Silent('127.0.0.1', 4000), new Silent('127.0.0.1', 4000)];
    for (const socket of both) door.emit('connection', socket);
    await until([room.peer], () => both.every(({ destroyed }) => destroyed));
    expect([refused(room), room.peer.metrics().halfOpen]).toEqual([{ HANDSHAKE_TIMEOUT: 2 }, 0]);
  });
});

describe('who may not come in is dropped before anything is read from it', () => {
  test('deny', async () => {
    const room = await server({ deny: ['127.0.0.1'] });
    await tcp(room.peer.localPort).closed;
    expect(refused(room)).toEqual({ ADDRESS_DENIED: 1 });
  });

  test('rates count each connection once', async () => {
    const room = await server({ limits: { connectsPerSecPerAddress: 0.001, connectBurstPerAddress: 3 } });
    const answers: unknown[] = [];
    for (let i = 0; i < 5; i++) answers.push(await raw(room.url).opened);
    expect(answers).toEqual(['open', 'open', 'open', 'refused', 'refused']);
    expect(refused(room)).toEqual({ CONNECT_RATE_ADDRESS: 2 });
  });
});

test('many senders and nobody who polls: what waits is bounded in all, and nothing is lost', () => {
  const limit = 2 * 1024 * 1024;
  const { ws, made } = serving({ limits: { maxWaitingBytesInAll: limit } });
  const senders = Array.from({ length: 10 }, () => ws.join());
  const bytes = new Array<number>(60_000).fill(7);
  const isRead = ({ done }: (typeof senders)[0]): boolean =>
    done.lastIndexOf('pause') <= done.lastIndexOf('resume');
  let sent = 0;
  for (let turn = 0; turn < 100; turn++) {
    for (const sender of senders) {
      if (!isRead(sender)) continue;
      sender.says(...bytes);
      sent++;
    }
  }
  expect(sent * bytes.length).toBeLessThanOrEqual(limit + bytes.length);
  // Who comes now may say one thing.
  const late = ws.join();
  late.says(1);
  expect([isRead(late), senders.some(isRead)]).toEqual([false, false]);
  made.peer.poll();
  expect([...senders, late].every(isRead)).toBe(true);
  expect(fetched(made.peer)).toHaveLength(sent + 1);
});

describe('text of others stays within its trace line', () => {
  const EVIL = 'x\n2026 [error] forged\r\u001b[31m\u0085\u2028\u202e" (TIMEOUT)';

  function expectOneLine(lines: readonly string[], what: string): void {
    expect(lines.some((line) => line.includes(what))).toBe(true);
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(line).toMatch(/^WebSocketMultiplayerPeer\.\w+: /);
    }
  }

  test('the reason of a close', () => {
    const { ws, made } = serving();
    ws.join().emit('close', 4000, Buffer.from(EVIL));
    expectOneLine(made.lines, 'forged');
    expect(made.lines.join()).toContain('\\" (TIMEOUT)"');
  });

  test('what an error says', () => {
    const { ws, made } = serving();
    const socket = ws.join();
    socket.emit('error', Object.assign(new Error(EVIL), { code: 'WS_ERR_INVALID_UTF8' }));
    socket.ends();
    expectOneLine(made.lines, 'forged');
    expect(refused(made)).toEqual({ PROTOCOL_ERROR: 1 });
  });

  test.each([
    ['the path', `/\u0085forged`, {}, { path: '/game' }],
    ['the origin', '/', { origin: 'https://\u0085forged' }, { origins: ['https://a.example'] }],
    ['the sub-protocols', '/', { 'sec-websocket-protocol': 'a,\u0085forged' }, {}],
  ])('%s of a handshake', (_, url, headers, options) => {
    const { ws, made } = serving(options);
    const socket = Object.assign(new EventEmitter(), { remoteAddress: '192.0.2.1', end: () => undefined });
    ws.http.emit('upgrade', { url, headers, socket }, socket, Buffer.alloc(0));
    expectOneLine(made.lines, 'forged');
  });
});
