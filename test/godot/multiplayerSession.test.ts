/**
 * golden/sessions/scene-multiplayer*.json: games of Godot over its ENetMultiplayerPeer. Every datagram is taken apart
 * down to the first byte of SceneMultiplayer's packets; then ours takes the place of each side, on a virtual clock, and
 * must see the recorded ids and packets and send the recorded ones. godot-enet-classes 4, scene-multiplayer 1.
 */
import { describe, expect, test } from 'vitest';
import { buildDatagram, type ParsedCommand } from '../../src/enet/commands.ts';
import type { Host } from '../../src/enet/host.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import type { ENetMultiplayerPeerOptions } from '../../src/godot/multiplayer/multiplayerOptions.ts';
import { createCompressor } from '../../src/io/compression.ts';
import type { HostPort } from '../../src/runtime/index.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';
import type { SessionSide } from '../../src/testing/session.ts';
import { assemblePackets, type RecordedPacket, RecordedSession } from '../support/recordedSession.ts';

const SERVER = { ip: '10.0.0.1', port: 7777 };
const CLIENT = { ip: '10.0.1.1', port: 5555 };
const RANGE_CODER = 1;

const SESSIONS = [
  ['scene-multiplayer', 0],
  ['scene-multiplayer-auth', 0],
  ['scene-multiplayer-range-coder', RANGE_CODER],
] as const;

/** The commands of scene-multiplayer 1: of each, the ENet channel and the mode it is always sent with. */
const FIXED_ROUTES: ReadonlyMap<number, readonly [channel: number, mode: number]> = new Map([
  [1, [0, 2]], // SIMPLIFY_PATH
  [2, [0, 2]], // CONFIRM_PATH
  [4, [0, 2]], // SPAWN
  [5, [0, 2]], // DESPAWN
  [7, [0, 2]], // SYS
]);

describe.each(SESSIONS)('%s', (name, mode) => {
  const compressor = mode === 0 ? undefined : createCompressor(mode);
  const session = new RecordedSession(name, compressor);
  const id = session.connect.data ?? 0;

  test('every datagram is read to its end, and is rebuilt byte for byte if it is plain', () => {
    let compressed = 0;
    for (const { parsed, bytes } of session.datagrams) {
      expect(parsed.rest).toHaveLength(0);
      expect(parsed.commands.length).toBeGreaterThan(0);
      if (parsed.isCompressed) compressed++;
      else expect(buildDatagram(parsed)).toEqual(bytes);
    }
    expect(compressed > 0).toBe(mode !== 0);
    expect(id).toBeGreaterThan(1);
    expect(id).toBeLessThan(2 ** 31);
  });

  test("every packet begins with a command of SceneMultiplayer's, on the channel and in the mode of that command", () => {
    const commands = new Set<number>();
    for (const { bytes, channel, mode: travelled } of session.packets) {
      const [first = -1] = bytes;
      const command = first & 7;
      expect(first & 8).toBe(0);
      commands.add(command);
      const route = FIXED_ROUTES.get(command);
      if (route) expect([channel, travelled]).toEqual(route);
      // SYNC: full states unreliable, deltas reliable.
      if (command === 6) expect([channel, travelled]).toEqual((first & 0x10) === 0 ? [1, 0] : [0, 2]);
      if (command !== 0 && command !== 6) expect(first >> 4).toBe(0);
    }
    expect([...commands].toSorted()).toEqual(
      name.endsWith('auth') ? [0, 1, 2, 3, 4, 5, 6, 7] : [0, 1, 2, 3, 4, 5, 6],
    );
  });

  test('ours as the server: the recorded id, the recorded packets, and the recorded commands go out', () => {
    const stage = new Stage(session, 'server');
    const peer = stage.player({});
    expect(peer.createServer(SERVER.port)).toBe(0);
    if (mode !== 0) peer.host?.compress(mode);
    for (const packet of session.packetsOf('server')) stage.put(peer, packet, id);
    const sent = stage.replay();

    expect(stage.signals).toEqual([`+${id}`, `-${id}`]);
    expect(peer.getConnectionStatus()).toBe(2);
    expect(stage.seen.map(({ from }) => from)).toEqual(session.packetsOf('client').map(() => id));
    expect(stage.seen.map(({ packet }) => packet)).toEqual(session.packetsOf('client').map(seenOf));
    expect(sent.map(seenOf)).toEqual(session.packetsOf('server').map(seenOf));
    expect(stage.sentCommands()).toEqual(lasting(session.commandsOf('server')));
  });

  test('ours as the client: connected to 1 under the recorded id, the recorded packets and commands', () => {
    const stage = new Stage(session, 'client');
    const peer = stage.player({ id, connectId: session.connect.connectId });
    stage.at(session.datagrams[0]?.ms ?? 0, () => {
      expect(peer.createClient(SERVER.ip, SERVER.port)).toBe(0);
      if (mode !== 0) peer.host?.compress(mode);
      peer.host?.flush();
      expect(peer.getUniqueId()).toBe(id);
    });
    for (const packet of session.packetsOf('client')) stage.put(peer, packet, 1);
    // The client of the record closed: a DISCONNECT without an acknowledgement.
    stage.at(session.datagrams.at(-1)?.ms ?? 0, () => peer.close());
    const sent = stage.replay();

    expect(stage.signals).toEqual(['+1']);
    expect(peer.getConnectionStatus()).toBe(0);
    expect(stage.seen.map(({ from }) => from)).toEqual(session.packetsOf('server').map(() => 1));
    expect(stage.seen.map(({ packet }) => packet)).toEqual(session.packetsOf('server').map(seenOf));
    expect(sent.map(seenOf)).toEqual(session.packetsOf('client').map(seenOf));
    expect(stage.sentCommands()).toEqual(lasting(session.commandsOf('client')));
  });
});

/** What the receiving application sees of a packet: bytes in hexadecimal, transfer channel, mode. */
type Seen = readonly [hex: string, channel: number, mode: number];

function seenOf({ bytes, channel, mode }: RecordedPacket): Seen {
  return [Buffer.from(bytes).toString('hex'), channel < 2 ? 0 : channel - 1, mode];
}

/**
 * The commands that do not depend on when a side was polled: the handshake, packets with their sequence numbers, the
 * end; retransmissions once. Pings, acknowledgements and the bandwidth tick follow the clock.
 */
function lasting(commands: readonly ParsedCommand[]): ParsedCommand[] {
  const seen = new Set<string>();
  return commands.filter((command) => {
    if (command.name === 'PING' || command.name === 'ACKNOWLEDGE' || command.name === 'BANDWIDTH_LIMIT')
      return false;
    const key = JSON.stringify(command);
    return seen.size < seen.add(key).size;
  });
}

/** One side of a session that is played by ours. */
class Stage {
  readonly signals: string[] = [];
  readonly seen: { from: number; packet: Seen }[] = [];
  readonly #session: RecordedSession;
  readonly #side: SessionSide;
  readonly #network = new SimNetwork();
  readonly #runtime: SimRuntime;
  readonly #sent: { ms: number; bytes: Uint8Array }[] = [];

  constructor(session: RecordedSession, side: SessionSide) {
    this.#session = session;
    this.#side = side;
    const { ip } = side === 'server' ? SERVER : CLIENT;
    this.#runtime = this.#network.createRuntime(ip, { clockOffsetMs: session.clockOffset(side) });
  }

  /** A peer that is polled whenever there is something to do. */
  player(fixed: { id?: number; connectId?: number }): ENetMultiplayerPeer {
    const runtime = this.#runtime;
    const options: ENetMultiplayerPeerOptions = {
      runtime: {
        now: () => runtime.now(),
        // A recorded client echoes the clock; ours asks for a random number.
        random32: () => fixed.connectId ?? runtime.now(),
        startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
        attach: (host: Host, bind) => runtime.attach(host, bind),
        resolve: (name, done) => runtime.resolve(name, done),
      },
      createCompressor,
      onWake: () => this.#poll(peer),
    };
    const peer = new RecordedIdPeer(options, fixed.id);
    peer.on('peerConnected', (id) => this.signals.push(`+${id}`));
    peer.on('peerDisconnected', (id) => this.signals.push(`-${id}`));
    return peer;
  }

  /** Runs something at a time of the session. */
  at(ms: number, callback: () => void): void {
    this.#runtime.startTimer(ms, callback);
  }

  /** Puts a recorded packet at its time. */
  put(peer: ENetMultiplayerPeer, { ms, bytes, channel, mode }: RecordedPacket, target: number): void {
    this.at(ms - 0.05, () => {
      peer.setTargetPeer(target);
      peer.transferMode = mode;
      peer.transferChannel = channel < 2 ? 0 : channel - 1;
      expect(peer.putPacket(bytes)).toBe(0);
    });
  }

  /** Feeds the other side in at its times. Gives the packets that ours sent. */
  replay(): RecordedPacket[] {
    const [own, other] = this.#side === 'server' ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const socket = rawSocket(this.#network.createRuntime(own.ip), own.port);
    let remote = other;
    this.#network.onDatagram(({ from, to, fate, bytes, timeMs }) => {
      if (to.ip !== own.ip || fate !== 'delivered') return;
      remote = from;
      this.#sent.push({ ms: timeMs, bytes });
    });
    for (const { ms, side, bytes } of this.#session.datagrams) {
      this.#network.advance(ms - this.#network.time);
      if (side !== this.#side) socket.sendRaw(bytes, remote);
    }
    this.#network.advance(100);
    const parsed = this.#sent.map(({ ms, bytes }) => ({
      ms,
      side: this.#side,
      parsed: this.#session.parse(bytes),
    }));
    return assemblePackets(parsed);
  }

  /** See {@link lasting}. */
  sentCommands(): ParsedCommand[] {
    return lasting(this.#sent.flatMap(({ bytes }) => this.#session.parse(bytes).commands));
  }

  #poll(peer: ENetMultiplayerPeer): void {
    peer.poll();
    while (peer.getAvailablePacketCount() > 0) {
      const from = peer.getPacketPeer();
      const [channel, mode] = [peer.getPacketChannel(), peer.getPacketMode()];
      this.seen.push({ from, packet: [Buffer.from(peer.getPacket()).toString('hex'), channel, mode] });
    }
  }
}

/** A client that draws the recorded id. */
class RecordedIdPeer extends ENetMultiplayerPeer {
  readonly #id: number | undefined;

  constructor(options: ENetMultiplayerPeerOptions, id: number | undefined) {
    super(options);
    this.#id = id;
  }

  override generateUniqueId(): number {
    return this.#id ?? super.generateUniqueId();
  }
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
