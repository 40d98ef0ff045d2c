/** What each misuse of WebSocketMultiplayerPeer and JoinedMultiplayerPeer answers: an error that names it, or an Error number. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MultiplayerPeer } from '../../src/godot/index.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../src/websocket.ts';
import { GoldenPeer } from '../multiplayer/golden/transport.ts';
import { ODD_VALUES } from '../support/oddValues.ts';

const oddBut = (...names: readonly string[]) => ODD_VALUES.filter(([name]) => !names.includes(name));

const open: MultiplayerPeer[] = [];
let lines: string[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.close();
  lines = [];
});

function webPeer(): WebSocketMultiplayerPeer {
  const peer = new WebSocketMultiplayerPeer({ onTrace: (line) => lines.push(line) });
  open.push(peer);
  return peer;
}

function joined(): JoinedMultiplayerPeer {
  const part = new GoldenPeer(1, 2, () => undefined);
  const peer = new JoinedMultiplayerPeer([part], { onTrace: (line) => lines.push(line) });
  open.push(peer);
  return peer;
}

describe('options', () => {
  test.each<[option: string, ...right: string[]]>([
    ['runtime', 'undefined'],
    ['onTrace', 'undefined', 'a function'],
    ['onError', 'undefined', 'a function'],
    ['onWake', 'undefined', 'a function'],
    ['maxQueuedBytes', 'undefined'],
    ['origins', 'undefined', 'a function'],
    ['allow', 'undefined'],
    ['deny', 'undefined'],
    ['path', 'undefined'],
    ['clientAddress', 'undefined', 'a function'],
    ['limits', 'undefined', 'an object without a prototype'],
    ['whenBacklogged', 'undefined'],
    ['pingIntervalMs', 'undefined'],
    ['timeoutMs', 'undefined'],
    ['lingerMs', 'undefined'],
    ['ws', 'undefined'],
  ])('WebSocketMultiplayerPeer: %s is what it may be, or an error names it', (option, ...right) => {
    for (const [name, value] of ODD_VALUES) {
      const make = (): unknown => new WebSocketMultiplayerPeer({ [option]: value } as never);
      if (right.includes(name)) expect(make, name).not.toThrow();
      else expect(make, name).toThrow(new RegExp(`"${option}[".]`));
    }
  });

  test.each<[option: string, ...right: string[]]>([
    ['onTrace', 'undefined', 'a function'],
    ['onError', 'undefined', 'a function'],
    ['maxQueuedBytes', 'undefined'],
  ])('JoinedMultiplayerPeer: %s is what it may be, or an error names it', (option, ...right) => {
    for (const [name, value] of ODD_VALUES) {
      const make = (): unknown => new JoinedMultiplayerPeer([], { [option]: value } as never);
      if (right.includes(name)) expect(make, name).not.toThrow();
      else expect(make, name).toThrow(`"${option}" expected`);
    }
  });

  test('transports are an array of open servers', () => {
    for (const [name, value] of ODD_VALUES) {
      expect(() => new JoinedMultiplayerPeer(value as never), name).toThrow('"transports" expected');
      expect(() => new JoinedMultiplayerPeer([value as never]), name).toThrow('"transports" expected open');
    }
    const part = new GoldenPeer(1, 2, () => undefined);
    expect(() => new JoinedMultiplayerPeer([part, part])).toThrow('each once (ERR_ALREADY_IN_USE)');
  });

  test('options are an object', () => {
    for (const [name, value] of oddBut('undefined', 'an object without a prototype')) {
      expect(() => new WebSocketMultiplayerPeer(value as never), name).toThrow(
        /"options" expected|no option/,
      );
      expect(() => new JoinedMultiplayerPeer([], value as never), name).toThrow(
        /"options" expected|no option/,
      );
    }
  });
});

describe('arguments: an Error number, and a trace line says which', () => {
  test.each<[string, (value: never) => unknown, answer: unknown, line: string, ...right: string[]]>([
    ['createServer: port', (v) => webPeer().createServer(v), 31, 'port expected', '1.5'],
    [
      'createServer: bindAddress',
      (v) => webPeer().createServer(0, v),
      31,
      'bindAddress expected',
      'undefined',
    ],
    ['createServer: tls', (v) => webPeer().createServer(0, '*', v), 31, 'tlsServer', 'undefined', 'null'],
    ['createServerOn', (v) => webPeer().createServerOn(v), 31, 'server expected'],
    ['createClient: url', (v) => webPeer().createClient(v), 31, 'url expected'],
    [
      'createClient: tls',
      (v) => webPeer().createClient('ws://127.0.0.1:1', v),
      31,
      'tlsClient',
      'undefined',
      'null',
    ],
    ['putPacket', (v) => webPeer().putPacket(v), 31, 'the packet is no Uint8Array'],
    ['getPeerAddress', (v) => webPeer().getPeerAddress(v), '', 'no peer has the id'],
    ['getPeerPort', (v) => webPeer().getPeerPort(v), 0, 'no peer has the id'],
    ['disconnectPeer', (v) => webPeer().disconnectPeer(v), undefined, 'no peer has the id'],
    ['setTargetPeer', (v) => webPeer().setTargetPeer(v), undefined, 'id expected', '-1', '1.5'],
    ['joined.add', (v) => joined().add(v), 31, 'transport expected'],
    ['joined.putPacket', (v) => joined().putPacket(v), 31, 'the packet is no Uint8Array'],
    ['joined.disconnectPeer', (v) => joined().disconnectPeer(v), undefined, 'no peer has the id'],
    ['joined.setTargetPeer', (v) => joined().setTargetPeer(v), undefined, 'id expected', '-1', '1.5'],
  ])('%s', (_, misuse, answer, line, ...right) => {
    for (const [name, value] of oddBut(...right)) {
      lines = [];
      expect(misuse(value as never), name).toBe(answer);
      expect(lines.join(), name).toContain(line);
    }
  });

  test.each<[property: keyof WebSocketMultiplayerPeer, ...right: string[]]>([
    ['supportedProtocols'],
    ['handshakeHeaders'],
    ['inboundBufferSize'],
    ['outboundBufferSize'],
    ['handshakeTimeout', '1.5'],
    ['maxQueuedPackets'],
    ['transferMode'],
  ])('%s keeps its value, with a trace line, for what it cannot be', (property, ...right) => {
    for (const [name, value] of oddBut(...right)) {
      const peer = webPeer();
      const before = peer[property];
      lines = [];
      Reflect.set(peer, property, value);
      expect(peer[property], name).toEqual(before);
      expect(lines.join(), name).toContain('expected');
    }
  });
});

describe('at the wrong time', () => {
  test.each<[string, () => MultiplayerPeer]>([
    ['a WebSocketMultiplayerPeer of which nothing was made', webPeer],
    [
      'one that was closed, twice',
      () => {
        const peer = webPeer();
        expect(peer.createServer(0, '127.0.0.1')).toBe(0);
        peer.close();
        peer.close();
        return peer;
      },
    ],
    [
      'a JoinedMultiplayerPeer that was closed, twice',
      () => {
        const peer = joined();
        peer.close();
        peer.close();
        return peer;
      },
    ],
    ['one without transports', () => new JoinedMultiplayerPeer([], { onTrace: (line) => lines.push(line) })],
  ])('%s', (_, make) => {
    const peer = make();
    lines = [];
    expect(peer.putPacket(Uint8Array.of(1))).toBe(3);
    expect(lines.at(-1)).toContain('not connected');
    peer.poll();
    expect(lines.at(-1)).toMatch(/nothing was created|there is no transport/);
    peer.flush();
    expect(peer.getPacket()).toEqual(new Uint8Array(0));
    expect(lines.at(-1)).toContain('no packet');
    peer.disconnectPeer(2);
    expect(lines.at(-1)).toContain('no peer has the id 2');
    expect([peer.getConnectionStatus(), peer.getUniqueId(), peer.getAvailablePacketCount()]).toEqual([
      0, 0, 0,
    ]);
    expect([peer.isServer(), peer.isServerRelaySupported()]).toEqual([false, false]);
  });

  test('what is open cannot be opened again', async () => {
    const peer = webPeer();
    expect(await peer.whenListening()).toBe(3);
    expect(peer.createServer(0, '127.0.0.1')).toBe(0);
    expect(peer.createServer(0, '127.0.0.1')).toBe(22);
    expect(peer.createClient('ws://127.0.0.1:1')).toBe(22);
    expect(lines.join('\n')).toContain('ERR_ALREADY_IN_USE');
    const listening = peer.whenListening();
    peer.close();
    expect(await listening).toBe(20);
  });

  test('a JoinedMultiplayerPeer is no part of itself, and no part is in twice', () => {
    const peer = joined();
    const [part] = peer.transports;
    expect([peer.add(peer), part && peer.add(part)]).toEqual([31, 22]);
  });
});
