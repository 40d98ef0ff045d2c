/**
 * golden/sessions/module-none.json: the recorded client talks to our ENetServer, and the recorded server to our
 * ENetClient, on the recorded times. Their signals must be those of the engine (enet-server-module 6.3 and 7).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENetPacketUtils } from '../../codec/packet/ENetPacketUtils.ts';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { buildDatagram, type ParsedCommand, parseDatagram } from '../../src/enet/commands.ts';
import type { HostPort, Runtime } from '../../src/enet/transport.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';
import { parseSession, type SessionSide, sessionBytes } from '../../src/testing/session.ts';
import { type Emission, logClient, logServer, plain } from './world.ts';

const session = parseSession(
  readFileSync(new URL('../../golden/sessions/module-none.json', import.meta.url), 'utf8'),
);
const SERVER = { ip: '10.0.0.1', port: 7777 };
const CLIENT = { ip: '10.0.1.1', port: 5555 };

interface SentPacket {
  readonly ms: number;
  readonly bytes: Uint8Array;
  readonly channel: number;
  readonly isReliable: boolean;
}

describe('the session itself', () => {
  test.each(session.datagrams.map((datagram, index) => [index, datagram] as const))(
    'datagram %d can be taken apart and is rebuilt byte for byte',
    (_index, datagram) => {
      const bytes = sessionBytes(datagram);
      const parsed = parseDatagram(bytes);
      expect(parsed?.rest).toHaveLength(0);
      expect(parsed && buildDatagram(parsed)).toEqual(bytes);
    },
  );

  test('holds the packets that its description names', () => {
    expect(packetsOf('server').map(({ channel, isReliable }) => [channel, isReliable])).toEqual([
      [0, true],
      [1, true],
      [0, false],
      [0, true],
    ]);
    expect(packetsOf('client').map(({ bytes }) => bytes.length)).toContain(10_001);
    expect(packetsOf('client').at(-1)?.bytes).toEqual(ENetPacketUtils.encodeAuto('bye'));
  });
});

describe('as the server', () => {
  test('the signals are those of the engine, and so are the commands sent', () => {
    const net = new SimNetwork();
    // The recorded server's clock was ahead of the record by this much; the client echoes its times.
    const server = new ENetServer({ runtime: net.createRuntime(SERVER.ip, { clockOffsetMs: 756 }) });
    const log = logServer(server);
    const greetings = packetsOf('server');
    server.registerEvent('player_jump', () => undefined);
    server.on('peerAuthenticated', (peer) => {
      for (const { bytes, channel, isReliable } of greetings) sendDecoded(peer, bytes, channel, isReliable);
    });
    server.on('packetReceived', (peer, packet) => {
      if (packet === 'bye') server.kickPeer(peer.peerId, 'the end');
    });
    // The recorded server announced its bandwidth at 2001 ms of its clock, so its seconds began at 1.
    net.advance(245);
    server.createServer(SERVER.port);
    const sent = replay(net, 'client');

    const signals: Emission[] = [
      ['serverStarted', SERVER.port],
      ['peerConnecting', 1, 0],
      ['peerAuthenticated', 1],
      ...packetsOf('client')
        .flatMap(({ bytes, channel }) => signalsOf(bytes, channel, 'player_jump'))
        .map(([name, ...args]) => [name, 1, ...args]),
    ];
    // After the kick in packetReceived nothing more is delivered from the peer, so its raw signal is left out.
    signals.pop();
    expect(log).toEqual([...signals, ['peerDisconnected', 1, 'the end']]);
    expect(log.filter(([name]) => name === 'unknownEventReceived').map(([, , event]) => event)).toEqual([
      'ghost',
    ]);
    // The engine polls every 10 ms and so puts more acknowledgements into one datagram; the commands are the same.
    expect(sent).toEqual(commandsOf('server'));
  });
});

describe('as the client', () => {
  test('the signals are those of the engine, and so are the packets', () => {
    const net = new SimNetwork();
    // The recorded client's clock was behind the record by this much.
    const runtime = net.createRuntime(CLIENT.ip, { clockOffsetMs: -57 >>> 0 });
    const connects = parseDatagram(sessionBytes(session.datagrams[0] ?? [0, 'client', '']))?.commands[0];
    if (connects?.name !== 'CONNECT') throw new Error('the session does not begin with CONNECT');
    const client = new ENetClient({ runtime: withRandom(runtime, connects.connectId) });
    const log = logClient(client);
    client.registerEvent('spawn', () => undefined);
    const own = packetsOf('client');
    runtime.startTimer(386, () => client.connectToServer(SERVER.ip, SERVER.port));
    for (const { ms, bytes, channel, isReliable } of own) {
      runtime.startTimer(Math.floor(ms) - 1, () => sendDecoded(client, bytes, channel, isReliable));
    }
    const sent: Uint8Array[] = [];
    net.onDatagram(({ from, fate, bytes }) => {
      if (from.ip === CLIENT.ip && fate === 'delivered') sent.push(bytes);
    });
    replay(net, 'server');

    expect(log).toEqual([
      ['connectedToServer'],
      ...packetsOf('server').flatMap(({ bytes, channel }) => signalsOf(bytes, channel, 'spawn')),
      ['disconnectedFromServer', 'Connection lost'],
    ]);
    expect(assemble(sent.map((bytes) => [0, bytes])).map(({ bytes, channel }) => [channel, bytes])).toEqual(
      own.map(({ bytes, channel }) => [channel, bytes]),
    );
  });
});

/** Feeds one half of the session into the network. Gives the commands that came back. */
function replay(net: SimNetwork, feed: SessionSide): ParsedCommand[] {
  const [own, other] = feed === 'client' ? [CLIENT, SERVER] : [SERVER, CLIENT];
  const port = rawSocket(net.createRuntime(own.ip), own.port);
  const sent: ParsedCommand[] = [];
  let remote = other;
  net.onDatagram(({ from, to, fate, bytes }) => {
    if (to.ip !== own.ip || fate !== 'delivered') return;
    remote = from;
    sent.push(...commandsIn(bytes));
  });
  for (const datagram of session.datagrams) {
    net.advance(datagram[0] - net.time);
    if (datagram[1] === feed) port.sendRaw(sessionBytes(datagram), remote);
  }
  net.advance(100);
  return sent;
}

/** The commands of one side, in their order. */
function commandsOf(side: SessionSide): ParsedCommand[] {
  return session.datagrams
    .filter(([, from]) => from === side)
    .flatMap((datagram) => commandsIn(sessionBytes(datagram)));
}

function commandsIn(bytes: Uint8Array): readonly ParsedCommand[] {
  return parseDatagram(bytes)?.commands ?? [];
}

function packetsOf(side: SessionSide): SentPacket[] {
  return assemble(
    session.datagrams
      .filter(([, from]) => from === side)
      .map((datagram) => [datagram[0], sessionBytes(datagram)]),
  );
}

/** The packets in datagrams, in the order in which they are complete; retransmissions count once. */
function assemble(datagrams: readonly (readonly [ms: number, bytes: Uint8Array])[]): SentPacket[] {
  const packets: SentPacket[] = [];
  const seen = new Set<string>();
  const fragments = new Map<string, Uint8Array[]>();
  for (const [ms, datagram] of datagrams) {
    for (const command of commandsIn(datagram)) {
      if (!('payload' in command)) continue;
      const { channel, payload, name } = command;
      const key = `${name} ${channel} ${command.reliableSeq} ${'unreliableSeq' in command ? command.unreliableSeq : 0}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if ('fragmentCount' in command) {
        const parts = fragments.get(`${channel} ${command.startSeq}`) ?? [];
        fragments.set(`${channel} ${command.startSeq}`, parts);
        parts[command.fragmentNumber] = payload;
        if (parts.filter(Boolean).length === command.fragmentCount) {
          packets.push({
            ms,
            bytes: Uint8Array.from(parts.flatMap((part) => [...part])),
            channel,
            isReliable: true,
          });
        }
      } else {
        packets.push({ ms, bytes: new Uint8Array(payload), channel, isReliable: name === 'SEND_RELIABLE' });
      }
    }
  }
  return packets;
}

/** The signals of one packet by the rules of section 6.3, written down once more for the comparison. */
function signalsOf(bytes: Uint8Array, channel: number, registered: string): Emission[] {
  const value = ENetPacketUtils.decodeAuto(bytes);
  const packet: Emission[] = [
    ['packetReceived', plain(value), channel],
    ['rawPacketReceived', bytes, channel],
  ];
  if (!(value instanceof Dictionary) || typeof value.get('_event') !== 'string') return packet;
  const { _event: name, ...payload } = value.toObject();
  return name === registered
    ? [['customEventReceived', name, payload, channel]]
    : [['unknownEventReceived', name, payload, channel], ...packet];
}

interface Sender {
  sendPacket(
    packet: ReturnType<typeof ENetPacketUtils.decodeAuto>,
    channel: number,
    isReliable: boolean,
  ): number;
  sendRawPacket(bytes: Uint8Array, channel: number, isReliable: boolean): number;
}

/** Sends what a recorded packet holds, as an application would; a node's dictionary only exists as bytes here. */
function sendDecoded(sender: Sender, bytes: Uint8Array, channel: number, isReliable: boolean): void {
  if (bytes[0] === NODE_PACKET) sender.sendRawPacket(bytes, channel, isReliable);
  else sender.sendPacket(ENetPacketUtils.decodeAuto(bytes, { exact: true }), channel, isReliable);
}

/** A socket without a host. */
function rawSocket(runtime: SimRuntime, port: number): HostPort {
  const attached = runtime.attach(
    {
      receive: () => undefined,
      service: () => undefined,
      flush: () => undefined,
      drainOutbox: () => [],
      nextWakeup: () => undefined,
    },
    { port },
  );
  if ('code' in attached) throw new Error(attached.message);
  return attached;
}

function withRandom(runtime: SimRuntime, random: number): Runtime {
  return {
    now: () => runtime.now(),
    random32: () => random,
    startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
    attach: (host, bind) => runtime.attach(host, bind),
    resolve: (name, done) => runtime.resolve(name, done),
  };
}

const NODE_PACKET = 5;
