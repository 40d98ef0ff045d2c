/** The operator's side is one interface: logs, channels, health, metrics and drain of every kind of server with signals of its own. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { ClusterNode, MemoryHub } from '../../src/cluster/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import type { MultiplayerPeer } from '../../src/godot/multiplayer/MultiplayerPeer.ts';
import type { OperatedPeer, OperatorEvents } from '../../src/godot/operator.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { drain } from '../../src/ops/drain.ts';
import { healthOf } from '../../src/ops/health.ts';
import { type Logger, loggingOptions, logServer } from '../../src/ops/logging.ts';
import type { OperatedServer } from '../../src/ops/operatedServer.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import { Room, RoomServer } from '../../src/rooms/index.ts';
import { DiagnosticsChannel, publishDiagnostics } from '../../src/telemetry/internal.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { settle } from '../server/world.ts';
import { side, until as untilReal } from '../websocket/support.ts';

class Lobby extends Room {}

/** A server of one kind that listens already, and players for it. */
interface OpenServer {
  readonly server: OperatedServer;
  /** Nothing happens by itself. */
  until(isTrue: () => boolean): Promise<void>;
  /** One more player that is in. @returns its id. */
  join(): Promise<Player>;
}

interface Player {
  readonly id: number;
  leave(): void;
}

interface Kind {
  readonly name: string;
  readonly prefix: string;
  /** `watch` is called before the server listens. */
  open(
    onError: (error: unknown, where: string) => void,
    watch: (server: OperatedServer) => void,
  ): Promise<OpenServer>;
}

const SERVER = '10.0.0.1';

/** Virtual time goes by until something is so. */
async function untilTrue(
  network: SimNetwork,
  polled: readonly { poll(): unknown }[],
  isTrue: () => boolean,
): Promise<void> {
  for (let ticks = 0; ticks < 3000; ticks++) {
    if (isTrue()) return;
    network.advance(10);
    for (const one of polled) one.poll();
    await settle();
  }
  throw new Error('it did not happen');
}

/** Over ENet on the virtual network; the server may be the peer, or something with the peer in it. */
function overENet(
  name: string,
  prefix: string,
  make: (options: object) => { server: OperatedServer & { poll(): unknown }; peer: ENetLike; begin(): void },
  newPeer: (options: object) => ENetLike,
): Kind {
  return {
    name,
    prefix,
    async open(onError, watch) {
      const network = new SimNetwork({ seed: 7 });
      const { server, peer, begin } = make({
        runtime: network.createRuntime(SERVER),
        createCompressor,
        onError,
      });
      watch(server);
      expect(peer.createServer(7777)).toBe(0);
      begin();
      const polled: { poll(): unknown }[] = [server];
      const until = (isTrue: () => boolean): Promise<void> => untilTrue(network, polled, isTrue);
      let players = 0;
      const join = async (): Promise<Player> => {
        const client = newPeer({ runtime: network.createRuntime(`10.0.1.${++players}`), createCompressor });
        expect(client.createClient(SERVER, 7777)).toBe(0);
        const poll = { poll: () => client.getConnectionStatus() !== 0 && client.poll() };
        polled.push(poll);
        const before = server.ops.metrics().authenticatedPeers;
        await until(() => client.getConnectionStatus() === 2 && server.ops.metrics().peers > before);
        return { id: client.getUniqueId(), leave: () => client.close() };
      };
      return { server, until, join };
    },
  };
}

type ENetLike = MultiplayerPeer & {
  createServer(port: number): number;
  createClient(address: string, port: number): number;
};

/** A RoomServer, or something with it in it. */
function ofRooms(
  name: string,
  prefix: string,
  make: (
    rooms: RoomServer,
    runtime: ReturnType<SimNetwork['createRuntime']>,
    onError: (error: unknown, where: string) => void,
  ) => OperatedServer & { start(): unknown },
): Kind {
  return {
    name,
    prefix,
    async open(onError, watch) {
      const network = new SimNetwork({ seed: 7 });
      const runtime = network.createRuntime(SERVER);
      const peer = new ENetMultiplayerPeer({ runtime, createCompressor });
      expect(peer.createServer(7777)).toBe(0);
      const rooms = new RoomServer({ transport: peer, entry: 'lobby', runtime, onError });
      rooms.define('lobby', Lobby);
      const server = make(rooms, runtime, onError);
      watch(server);
      await server.start();
      const polled: { poll(): unknown }[] = [rooms];
      const until = (isTrue: () => boolean): Promise<void> => untilTrue(network, polled, isTrue);
      let players = 0;
      const join = async (): Promise<Player> => {
        const client = new ENetMultiplayerPeer({
          runtime: network.createRuntime(`10.0.1.${++players}`),
          createCompressor,
        });
        expect(client.createClient(SERVER, 7777)).toBe(0);
        polled.push({ poll: () => client.getConnectionStatus() !== 0 && client.poll() });
        await until(
          () =>
            client.getConnectionStatus() === 2 && rooms.playerOf(client.getUniqueId())?.room !== undefined,
        );
        return { id: client.getUniqueId(), leave: () => client.close() };
      };
      return { server, until, join };
    },
  };
}

const KINDS: readonly Kind[] = [
  overENet(
    'ENetMultiplayerPeer',
    'godot_enet_peer_',
    (options) => {
      const peer = new ENetMultiplayerPeer(options);
      return { server: peer, peer, begin: () => undefined };
    },
    (options) => new ENetMultiplayerPeer(options),
  ),
  overENet(
    'GodotThreeMultiplayerPeer',
    'godot_enet_peer_',
    (options) => {
      const peer = new GodotThreeMultiplayerPeer(options);
      return { server: peer, peer, begin: () => undefined };
    },
    (options) => new GodotThreeMultiplayerPeer(options),
  ),
  overENet(
    'SceneMultiplayer',
    'godot_enet_multiplayer_',
    ({ createCompressor: _, ...options }: { createCompressor?: unknown; runtime?: never }) => {
      const peer = new ENetMultiplayerPeer({ ...options, createCompressor });
      const server = new SceneMultiplayer({ mirror: new SceneMirror(), ...options });
      const begin = (): void => {
        server.multiplayerPeer = peer;
      };
      return { server, peer, begin };
    },
    (options) => new ENetMultiplayerPeer(options),
  ),
  ofRooms('RoomServer', 'godot_enet_rooms_', (rooms) => rooms),
  ofRooms('ClusterNode', 'godot_enet_cluster_', (rooms, runtime, onError) => {
    const bus = new MemoryHub({ runtime }).connect();
    return new ClusterNode({ bus, rooms, runtime, onError });
  }),
  {
    name: 'WebSocketMultiplayerPeer',
    prefix: 'godot_enet_websocket_',
    async open(onError, watch) {
      const { peer: server } = side({ onError });
      watch(server);
      expect(server.createServer(0, '127.0.0.1')).toBe(0);
      expect(await server.whenListening()).toBe(0);
      const polled: { poll(): void }[] = [
        { poll: () => server.getConnectionStatus() !== 0 && server.poll() },
      ];
      const until = (isTrue: () => boolean): Promise<void> => untilReal(polled, isTrue);
      const join = async (): Promise<Player> => {
        const { peer: client } = side();
        expect(client.createClient(`ws://127.0.0.1:${server.localPort}/`)).toBe(0);
        polled.push({ poll: () => client.getConnectionStatus() !== 0 && client.poll() });
        const before = server.ops.metrics().peers;
        await until(() => client.getUniqueId() > 1 && server.ops.metrics().peers > before);
        return { id: client.getUniqueId(), leave: () => client.close() };
      };
      return { server, until, join };
    },
  },
];

/** A logger that keeps the lines above debug. */
function newLogger(lines: object[]): Logger {
  const level = (name: string) => (fields: object, message: string) =>
    lines.push({ name, message, ...fields });
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}

/** What every kind tells; the others have tests in test/telemetry. */
const COMMON_CHANNELS = [
  DiagnosticsChannel.SERVER_STARTED,
  DiagnosticsChannel.SERVER_STOPPED,
  DiagnosticsChannel.PEER_CONNECTED,
  DiagnosticsChannel.PEER_AUTHENTICATED,
  DiagnosticsChannel.PEER_DISCONNECTED,
] as const;

describe.each(KINDS)('$name', ({ open, prefix }) => {
  const fail = (error: unknown): void => {
    throw error;
  };

  test('its life and that of its players is logged and published', async () => {
    const lines: object[] = [];
    const published: unknown[] = [];
    const endings: (() => void)[] = [];
    let watched: OperatedServer | undefined;
    const hear = (message: unknown, name: string | symbol): void => {
      const { server, peer, ...rest } = message as { server: unknown; peer?: { peerId: number } };
      if (server === watched) published.push([name, peer?.peerId, rest]);
    };
    for (const name of COMMON_CHANNELS) subscribe(name, hear);
    const room = await open(fail, (server) => {
      watched = server;
      endings.push(logServer(server, newLogger(lines)), publishDiagnostics(server));
    });
    const ada = await room.join();
    const bob = await room.join();
    ada.leave();
    await room.until(() => room.server.ops.metrics().peers === 1);
    await room.server[Symbol.asyncDispose]();
    const port = expect.any(Number);
    const at = (id: number): object => ({ peerId: id, address: expect.any(String), peerPort: port });
    expect(lines).toEqual([
      { name: 'info', message: 'server started', port },
      { name: 'debug', message: 'peer connected', ...at(ada.id) },
      { name: 'info', message: 'peer authenticated', ...at(ada.id) },
      { name: 'debug', message: 'peer connected', ...at(bob.id) },
      { name: 'info', message: 'peer authenticated', ...at(bob.id) },
      {
        name: 'info',
        message: 'peer disconnected',
        ...at(ada.id),
        reason: '',
        cause: 'GOODBYE',
        seconds: port,
      },
      expect.objectContaining({ name: 'info', message: 'peer disconnected', ...at(bob.id) }),
      { name: 'info', message: 'server stopped' },
    ]);
    expect(lines[0]).not.toMatchObject({ port: 0 });
    expect(published.map((one) => (one as unknown[]).slice(0, 2))).toEqual([
      [DiagnosticsChannel.SERVER_STARTED, undefined],
      [DiagnosticsChannel.PEER_CONNECTED, ada.id],
      [DiagnosticsChannel.PEER_AUTHENTICATED, ada.id],
      [DiagnosticsChannel.PEER_CONNECTED, bob.id],
      [DiagnosticsChannel.PEER_AUTHENTICATED, bob.id],
      [DiagnosticsChannel.PEER_DISCONNECTED, ada.id],
      [DiagnosticsChannel.PEER_DISCONNECTED, bob.id],
      [DiagnosticsChannel.SERVER_STOPPED, undefined],
    ]);
    for (const name of COMMON_CHANNELS) unsubscribe(name, hear);
    for (const end of endings) end();
  });

  test('health, metrics and their names', async () => {
    const room = await open(fail, () => undefined);
    const { ops } = room.server;
    const metrics = await createPrometheusMetrics(room.server);
    await room.join();
    expect(healthOf(room.server)).toMatchObject({ status: 'ok', peers: 1, authenticatedPeers: 1 });
    const lines = (await metrics.text()).split('\n');
    expect(lines).toContain(`${prefix}up 1`);
    expect(lines).toContain(`${prefix}peers 1`);
    ops.acceptsPeers = false;
    expect(healthOf(room.server).status).toBe('draining');
    await room.server[Symbol.asyncDispose]();
    expect(healthOf(room.server)).toMatchObject({ status: 'stopped', peers: 0 });
    expect((await metrics.text()).split('\n')).toContain(`${prefix}up 0`);
  });

  test('a drain takes nobody in, waits for those who play, and closes', async () => {
    const room = await open(fail, () => undefined);
    const ada = await room.join();
    let result: object | undefined;
    const draining = drain(room.server).then((drained) => {
      result = drained;
    });
    expect(healthOf(room.server).status).toBe('draining');
    ada.leave();
    await room.until(() => result !== undefined);
    await draining;
    expect(result).toMatchObject({ isEmpty: true, disconnected: 0 });
    expect(healthOf(room.server).status).toBe('stopped');
    expect(() => drain(room.server, { kickReason: 'late' })).toThrow('"kickReason" is for an ENetServer');
  });

  test('what an observer throws goes to onError, and harms no other', async () => {
    const errors: string[] = [];
    const seen: number[] = [];
    const room = await open(
      (error, where) => errors.push(`${where}: ${String(error)}`),
      () => undefined,
    );
    const broken: OperatorEvents = {
      authenticated: () => {
        throw new Error('no disk');
      },
    };
    class Counting implements OperatorEvents {
      readonly seen: number[] = [];
      authenticated({ peerId }: OperatedPeer): void {
        this.seen.push(peerId);
      }
    }
    const counting = new Counting();
    const ends = [
      room.server.ops.observe(counting),
      room.server.ops.observe(broken),
      room.server.ops.observe({ authenticated: ({ peerId }) => seen.push(peerId) }),
    ];
    const { id } = await room.join();
    expect([errors, seen]).toEqual([['observer authenticated: Error: no disk'], [id]]);
    expect(counting.seen).toEqual([id]);
    for (const end of ends) end();
    await room.join();
    expect(errors).toHaveLength(1);
    await room.server[Symbol.asyncDispose]();
  });
});

test('a mismatch is a warning with its parts', () => {
  const lines: object[] = [];
  const { onDiagnosis } = loggingOptions(newLogger(lines));
  onDiagnosis({
    code: 'checksum',
    peer: 2,
    nodePath: '/root/Unit',
    method: undefined,
    detail: 'other functions',
    remedy: 'the same ones',
    message: 'peer 2: other functions; the same ones',
    timeMs: 5,
  });
  expect(lines).toEqual([
    {
      name: 'warn',
      message: 'peer 2: other functions; the same ones',
      code: 'checksum',
      peerId: 2,
      nodePath: '/root/Unit',
      method: undefined,
      detail: 'other functions',
      remedy: 'the same ones',
    },
  ]);
});
