/**
 * golden/sessions/module-*.json: the recorded client talks to our ENetServer, and the recorded server to our
 * ENetClient, on the recorded times and in every compression mode. The signals must be those of the engine
 * (enet-server-module 6.3 and 7).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENetPacketUtils } from '../../codec/packet/ENetPacketUtils.ts';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { buildDatagram, type ParsedCommand, parseDatagram } from '../../src/enet/commands.ts';
import type { Compressor } from '../../src/enet/compressor.ts';
import { CompressionMode } from '../../src/godot/constants.ts';
import { createCompressor, prepareZstd } from '../../src/io/compression.ts';
import type { HostPort, Runtime } from '../../src/runtime/index.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';
import { parseSession, type SessionSide, sessionBytes } from '../../src/testing/session.ts';
import { withThreads } from '../support/simThread.ts';
import { type Emission, logClient, logServer, plain } from './world.ts';

const SERVER = { ip: '10.0.0.1', port: 7777 };
const CLIENT = { ip: '10.0.1.1', port: 5555 };

const MODES = [
  ['none', CompressionMode.COMPRESS_NONE],
  ['range-coder', CompressionMode.COMPRESS_RANGE_CODER],
  ['fastlz', CompressionMode.COMPRESS_FASTLZ],
  ['zlib', CompressionMode.COMPRESS_ZLIB],
  ['zstd', CompressionMode.COMPRESS_ZSTD],
] as const;

interface SentPacket {
  readonly ms: number;
  readonly bytes: Uint8Array;
  readonly channel: number;
  readonly isReliable: boolean;
}

/** One recorded session, taken apart. */
class Recording {
  readonly datagrams: readonly (readonly [ms: number, side: SessionSide, bytes: Uint8Array])[];
  readonly #compressor: Compressor | undefined;

  constructor(name: string, compressor: Compressor | undefined) {
    const file = new URL(`../../golden/sessions/module-${name}.json`, import.meta.url);
    const session = parseSession(readFileSync(file, 'utf8'));
    this.datagrams = session.datagrams.map((datagram) => [datagram[0], datagram[1], sessionBytes(datagram)]);
    this.#compressor = compressor;
  }

  /** By how much the clock of a side was ahead of the record, to the precision of its first sent time. */
  clockOffset(side: SessionSide): number {
    const first = this.datagrams.find(([, from]) => from === side);
    const connect = this.datagrams[0];
    const sentTime = first && this.parse(first[2])?.sentTime;
    if (sentTime === undefined || connect === undefined)
      throw new Error('the session does not begin with times');
    return (sentTime - Math.floor(connect[0])) >>> 0;
  }

  parse(bytes: Uint8Array): ReturnType<typeof parseDatagram> {
    return parseDatagram(bytes, { decompress: (packed) => this.#decompress(packed) });
  }

  commandsIn(bytes: Uint8Array): readonly ParsedCommand[] {
    return this.parse(bytes)?.commands ?? [];
  }

  /** The commands of one side, in their order. */
  commandsOf(side: SessionSide): ParsedCommand[] {
    return this.datagrams
      .filter(([, from]) => from === side)
      .flatMap(([, , bytes]) => this.commandsIn(bytes));
  }

  /** The packets of one side. */
  packetsOf(side: SessionSide): SentPacket[] {
    return this.assemble(
      this.datagrams.filter(([, from]) => from === side).map(([ms, , bytes]) => [ms, bytes]),
    );
  }

  /** The packets in datagrams, in the order in which they are complete; retransmissions count once. */
  assemble(datagrams: readonly (readonly [ms: number, bytes: Uint8Array])[]): SentPacket[] {
    const packets: SentPacket[] = [];
    const seen = new Set<string>();
    const fragments = new Map<string, Uint8Array[]>();
    for (const [ms, command] of datagrams.flatMap(([at, bytes]) =>
      this.commandsIn(bytes).map((one) => [at, one] as const),
    )) {
      if (!('payload' in command)) continue;
      const { channel, payload, name } = command;
      const key = `${name} ${channel} ${command.reliableSeq} ${'unreliableSeq' in command ? command.unreliableSeq : 0}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if ('fragmentCount' in command) {
        const parts = fragments.get(`${channel} ${command.startSeq}`) ?? [];
        fragments.set(`${channel} ${command.startSeq}`, parts);
        parts[command.fragmentNumber] = payload;
        if (parts.filter(Boolean).length < command.fragmentCount) continue;
        packets.push({
          ms,
          bytes: Uint8Array.from(parts.flatMap((part) => [...part])),
          channel,
          isReliable: true,
        });
      } else {
        packets.push({ ms, bytes: new Uint8Array(payload), channel, isReliable: name === 'SEND_RELIABLE' });
      }
    }
    return packets;
  }

  #decompress(packed: Uint8Array): Uint8Array | undefined {
    const output = new Uint8Array(4096);
    const length = this.#compressor?.decompress(packed, 0, packed.length, output, 0, output.length) ?? 0;
    return length === 0 ? undefined : output.subarray(0, length);
  }
}

// One of the optional packages may have it where Node has not.
await prepareZstd().catch(() => undefined);

describe.each(MODES)('%s', (name, mode) => {
  const compressor = availableCompressor(mode);
  const isMissing = mode !== CompressionMode.COMPRESS_NONE && compressor === undefined;

  test.skipIf(isMissing)(
    'every datagram can be taken apart, and is rebuilt byte for byte if it is plain',
    () => {
      const recording = new Recording(name, compressor);
      for (const [, , bytes] of recording.datagrams) {
        const parsed = recording.parse(bytes);
        // FastLZ pads short bodies with zeros.
        expect(parsed?.rest.every((byte) => byte === 0)).toBe(true);
        if (parsed?.isCompressed === false) expect(buildDatagram(parsed)).toEqual(bytes);
      }
      expect(recording.packetsOf('server').map(({ channel, isReliable }) => [channel, isReliable])).toEqual([
        [0, true],
        [1, true],
        [0, false],
        [0, true],
      ]);
      expect(recording.packetsOf('client').map(({ bytes }) => bytes.length)).toContain(10_001);
      expect(recording.packetsOf('client').at(-1)?.bytes).toEqual(ENetPacketUtils.encodeAuto('bye'));
    },
  );

  test.skipIf(isMissing).each([
    ['inline', false],
    ['thread', true],
  ] as const)('as the server, %s: the signals are those of the engine', (_where, thread) => {
    const recording = new Recording(name, compressor);
    const net = new SimNetwork();
    const runtime = net.createRuntime(SERVER.ip, { clockOffsetMs: recording.clockOffset('server') });
    // The recorded client echoes the engine's clock; ours asks for a random number.
    runtime.random32 = () => runtime.now();
    const server = new ENetServer({
      runtime: thread ? withThreads(runtime) : runtime,
      thread,
      createCompressor: () => compressor,
    });
    const log = logServer(server);
    server.setCompressionMode(mode);
    server.registerEvent('player_jump', () => undefined);
    server.on('peerAuthenticated', (peer) => {
      for (const { bytes, channel, isReliable } of recording.packetsOf('server')) {
        sendDecoded(peer, bytes, channel, isReliable);
      }
    });
    server.on('packetReceived', (peer, packet) => {
      if (packet === 'bye') server.kickPeer(peer.peerId, 'the end');
    });
    // In the plain session the server announced its bandwidth at 2001 ms of its clock, so its seconds began at 1.
    if (name === 'none') net.advance(1001 - recording.clockOffset('server'));
    server.createServer(SERVER.port);
    const sent = replay(net, recording, 'client');
    // Where our pings were not those of the record, its client does not confirm our DISCONNECT: the kick times out.
    if (name !== 'none') net.advance(6000);

    const signals: Emission[] = [
      ['serverStarted', SERVER.port],
      ['peerConnecting', 1, 0],
      ['peerAuthenticated', 1],
      ...recording
        .packetsOf('client')
        .flatMap(({ bytes, channel }) => signalsOf(bytes, channel, 'player_jump'))
        .map(([signal, ...args]) => [signal, 1, ...args]),
    ];
    // After the kick in packetReceived nothing more is delivered from the peer, so its raw signal is left out.
    signals.pop();
    expect(log.at(-1)).toEqual(['peerDisconnected', 1, 'the end']);
    expect(log.slice(0, -1)).toEqual(signals);
    expect(log.filter(([signal]) => signal === 'unknownEventReceived').map(([, , event]) => event)).toEqual([
      'ghost',
    ]);
    // The engine polls every 10 ms and so puts more acknowledgements into one datagram; the commands are the same.
    if (name === 'none')
      expect(sent.flatMap((bytes) => recording.commandsIn(bytes))).toEqual(recording.commandsOf('server'));
  });

  test.skipIf(isMissing)('as the client: the signals are those of the engine, and so are the packets', () => {
    const recording = new Recording(name, compressor);
    const net = new SimNetwork();
    const runtime = net.createRuntime(CLIENT.ip, { clockOffsetMs: recording.clockOffset('client') });
    const connect = recording.commandsOf('client')[0];
    if (connect?.name !== 'CONNECT') throw new Error('the session does not begin with CONNECT');
    const client = new ENetClient({
      runtime: withRandom(runtime, connect.connectId),
      createCompressor: () => compressor,
    });
    const log = logClient(client);
    client.setCompressionMode(mode);
    client.registerEvent('spawn', () => undefined);
    const own = recording.packetsOf('client');
    runtime.startTimer(Math.floor(recording.datagrams[0]?.[0] ?? 0), () => {
      client.connectToServer(SERVER.ip, SERVER.port);
    });
    for (const { ms, bytes, channel, isReliable } of own) {
      runtime.startTimer(Math.floor(ms) - 1, () => sendDecoded(client, bytes, channel, isReliable));
    }
    const sent = replay(net, recording, 'server');

    expect(log).toEqual([
      ['connectedToServer'],
      ...recording.packetsOf('server').flatMap(({ bytes, channel }) => signalsOf(bytes, channel, 'spawn')),
      ['disconnectedFromServer', 'Connection lost'],
    ]);
    const packets = recording.assemble(sent.map((bytes) => [0, bytes]));
    expect(packets.map(({ bytes, channel }) => [channel, bytes])).toEqual(
      own.map(({ bytes, channel }) => [channel, bytes]),
    );
  });
});

/** Feeds one half of a session into the network. Gives the datagrams that came back. */
function replay(net: SimNetwork, recording: Recording, feed: SessionSide): Uint8Array[] {
  const [own, other] = feed === 'client' ? [CLIENT, SERVER] : [SERVER, CLIENT];
  const port = rawSocket(net.createRuntime(own.ip), own.port);
  const sent: Uint8Array[] = [];
  let remote = other;
  net.onDatagram(({ from, to, fate, bytes }) => {
    if (to.ip !== own.ip || fate !== 'delivered') return;
    remote = from;
    sent.push(bytes);
  });
  for (const [ms, side, bytes] of recording.datagrams) {
    net.advance(ms - net.time);
    if (side === feed) port.sendRaw(bytes, remote);
  }
  net.advance(100);
  return sent;
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

/** The compressor of a mode, or `undefined` where this process has none (zstd may be missing). */
function availableCompressor(mode: number): Compressor | undefined {
  try {
    return createCompressor(mode);
  } catch {
    return undefined;
  }
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
