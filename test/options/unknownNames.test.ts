/**
 * An option that there is not, a signal that there is not and an event that there is not say so in plain JavaScript: every
 * public type of options is in the table below, and the names of the types are read from what the entries export.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as codec from '../../codec/index.ts';
import { suggest } from '../../options/internal.ts';
import * as schema from '../../schema/index.ts';
import * as cluster from '../../src/cluster.ts';
import * as core from '../../src/enet.ts';
import { AgonesFleet, AgonesSdk, fleetHandler } from '../../src/fleet.ts';
import * as godot from '../../src/godot.ts';
import { PlayerDirectory, SessionTokens } from '../../src/identity/index.ts';
import { Inspector } from '../../src/inspector.ts';
import { MultiplayerDissector, NetworkTime, SceneMultiplayer, WorldHistory } from '../../src/multiplayer.ts';
import * as ops from '../../src/ops.ts';
import { Matchmaker, Room } from '../../src/rooms.ts';
import * as server from '../../src/server.ts';
import * as testing from '../../src/testing.ts';
import * as websocket from '../../src/websocket.ts';
import { FakeServer } from '../schema/replication/fakeServer.ts';

/** Anything: what is tested is what the types forbid. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Anything = any;

/** The rooms behind the entries. */
const EXPORTS = [
  'codec/index.ts',
  'schema/index.ts',
  'src/enet/index.ts',
  'src/doctor/index.ts',
  'src/runtime/index.ts',
  'src/godot.ts',
  'src/godot/index.ts',
  'src/server/index.ts',
  'src/ops.ts',
  'src/telemetry/internal.ts',
  'src/testing.ts',
  'src/inspector.ts',
  'src/load/index.ts',
  'src/fleet/index.ts',
  'src/multiplayer/index.ts',
  'src/netcode/index.ts',
  'src/matchmaking/index.ts',
  'src/cluster/index.ts',
  'src/rooms/index.ts',
  'src/identity/index.ts',
  'src/project/index.ts',
  'src/websocket/index.ts',
];

const random32 = (): number => 1;
const network = new testing.SimNetwork();
const runtime = network.createRuntime('10.0.0.1');
/** A server that there is not. */
const REDIS_TLS = 'rediss://127.0.0.1:1';
const NATS = '127.0.0.1:1';
const mirror = (): schema.SceneMirror => new schema.SceneMirror();
const game = (): SceneMultiplayer => new SceneMultiplayer({ mirror: mirror(), runtime });
const anyServer = new server.ENetServer({ runtime });
class AnyRoom extends Room {}
const SCENE = '[gd_scene format=3]\n\n[node name="A" type="Node"]\n';

/** For each type: one of its names, what takes it, and what its names are called. */
const TAKERS: Record<string, readonly [name: string, take: (options: Anything) => unknown, noun?: string]> = {
  // codec
  EncodeOptions: ['maxBytes', (options) => codec.varToBytes(1, options)],
  DecodeOptions: ['maxElements', (options) => codec.bytesToVar(codec.varToBytes(1), options)],
  FrameOptions: ['bigEndian', (options) => codec.varToFrame(1, options)],
  PacketEncodeOptions: ['dialect', (options) => codec.ENetPacketUtils.encodeAuto([1], options)],
  PacketDecodeOptions: [
    'acceptDictionaryType',
    (options) => codec.ENetPacketUtils.decodeAuto(codec.ENetPacketUtils.encodeAuto([1]), options),
  ],
  JsonParseOptions: ['maxDepth', (options) => codec.parseJson('1', options)],
  StringifyOptions: ['sortKeys', (options) => codec.stringifyJson(1, options)],
  FromNativeOptions: ['fullObjects', (options) => codec.fromNative(1, options)],
  ToNativeOptions: ['allowObjects', (options) => codec.toNative(1, options)],
  StrToVarOptions: ['maxLength', (options) => codec.strToVar('1', options)],
  TextReadOptions: ['scriptPath', (options) => codec.strToVar('1', options)],
  VarToStrOptions: ['compatible', (options) => codec.varToStr(1, options)],
  Godot3PathCacheOptions: ['maxPathsPerPeer', (options) => new codec.Godot3PathCache(options)],
  // schema
  MirrorTreeOptions: ['unknownProperties', (options) => new schema.SceneMirror(options)],
  SceneMirrorOptions: ['resources', (options) => new schema.SceneMirror(options)],
  RestoreOptions: [
    'keeps',
    (options) => new schema.SceneMirror().restore(new schema.SceneMirror().toJSON(), options),
  ],
  ReplicationOptions: ['bytesPerTick', (options) => mirror().replicate(new FakeServer(), options)],
  ApplyLimits: [
    'maxBytes',
    (limits) => mirror().apply(new Uint8Array(1), { paths: [], properties: [], ...limits }),
    'limit',
  ],
  RpcConfigInput: ['transferMode', (config) => mirror().root.rpcConfig('f', config)],
  SceneTextOptions: ['maxLength', (options) => schema.readSceneText(SCENE, options)],
  SceneTreeOptions: ['maxInstances', (options) => schema.buildSceneTree(SCENE, options)],
  SceneDocumentOptions: ['keepInstances', (options) => schema.sceneTextToDocument(SCENE, options)],
  // enet
  HostOptions: ['maxHeldBytes', (options) => new core.Host({ peerCount: 1, random32, ...options })],
  CommandTraceOptions: ['hasChecksum', (options) => core.traceCommands(() => undefined, options)],
  ParseOptions: ['decompress', (options) => core.parseDatagram(new Uint8Array(1), options)],
  DoctorOptions: ['channelLimit', (options) => new core.ConnectionDoctor(options)],
  HostDoctorOptions: ['onDiagnosis', (options) => core.connectionDoctor(options)],
  SecureLimits: ['maxHandshakes', (dtls) => new server.ENetServer({ runtime, dtls }), 'limit'],
  ThreadLimits: ['ringBytes', (thread) => new server.ENetServer({ thread }), 'limit'],
  // godot
  ENetConnectionOptions: ['keepsEndedPeers', (options) => new godot.ENetConnection({ runtime, ...options })],
  ConnectionHostOptions: ['maxHalfOpen', (host) => new godot.ENetConnection({ runtime, host })],
  EventsOptions: ['signal', (options) => new godot.ENetConnection({ runtime }).events(options)],
  ENetMultiplayerPeerOptions: [
    'lingerMs',
    (options) => [
      () => new godot.ENetMultiplayerPeer({ runtime, ...options }),
      () => new godot.GodotThreeMultiplayerPeer({ runtime, ...options }),
    ],
  ],
  MultiplayerPeerLimits: [
    'packetsPerSec',
    (limits) => [
      () => new godot.ENetMultiplayerPeer({ runtime, limits }),
      () => new godot.GodotThreeMultiplayerPeer({ runtime, limits }),
    ],
    'limit',
  ],
  MultiplayerPeerOptions: ['maxQueuedBytes', (options) => new (Bare as Anything)({ random32, ...options })],
  NodeRuntimeOptions: ['threadScript', (options) => godot.createNodeRuntime(options)],
  ZstdOptions: ['library', (options) => godot.prepareZstd(options)],
  // server
  ENetServerOptions: ['bindAddress', (options) => new server.ENetServer({ runtime, ...options })],
  ENetClientOptions: ['connectTimeoutMs', (options) => new server.ENetClient({ runtime, ...options })],
  CommonOptions: ['emitRawFirst', (options) => new server.ENetClient({ runtime, ...options })],
  ReceiveOptions: ['maxElements', (decode) => new server.ENetServer({ runtime, decode })],
  ServerLimits: ['packetsPerSec', (limits) => new server.ENetServer({ runtime, limits }), 'limit'],
  TypedEventsOptions: [
    'onInvalid',
    (options) => new server.TypedServerEvents(anyServer, { toServer: {}, toClient: {} }, options),
  ],
  // websocket, multiplayer, ops, inspector, testing
  WebSocketMultiplayerPeerOptions: [
    'whenBacklogged',
    (options) => new websocket.WebSocketMultiplayerPeer({ runtime, ...options }),
  ],
  WebSocketLimits: [
    'maxBacklogBytes',
    (limits) => new websocket.WebSocketMultiplayerPeer({ runtime, limits }),
    'limit',
  ],
  JoinedMultiplayerPeerOptions: [
    'maxQueuedBytes',
    (options) => new websocket.JoinedMultiplayerPeer([], options),
  ],
  SceneReplicationOptions: [
    'interestTicks',
    (replication) => new SceneMultiplayer({ mirror: mirror(), runtime, replication }),
  ],
  SceneMultiplayerOptions: [
    'maxPathsPerPeer',
    (options) => new SceneMultiplayer({ mirror: mirror(), runtime, ...options }),
  ],
  MultiplayerDissectorOptions: ['rootPath', (options) => new MultiplayerDissector(options)],
  NetworkTimeOptions: [
    'keptInputs',
    (options) => new NetworkTime(game(), { tickHz: 20, runtime, ...options }),
  ],
  WorldHistoryOptions: [
    'durationMs',
    (options) => {
      const multiplayer = game();
      const time = new NetworkTime(multiplayer, { tickHz: 20, runtime });
      return new WorldHistory(multiplayer, time, { nodes: 'targets', ...options });
    },
  ],
  MatchmakerOptions: [
    'stateEveryMs',
    (options) => new Matchmaker({ queues: { duel: { playersPerTeam: 1 } }, ...options }),
  ],
  MatchmakerLimits: [
    'maxTickets',
    (limits) => new Matchmaker({ queues: { duel: { playersPerTeam: 1 } }, limits }),
    'limit',
  ],
  MatchQueueOptions: [
    'countMultiple',
    (options) => new Matchmaker({ queues: { duel: { playersPerTeam: 1, ...options } } }),
  ],
  RoomServerOptions: ['maxRooms', (options) => testing.RoomTest.boot(AnyRoom, { server: options })],
  RoomTestOptions: ['kinds', (options) => testing.RoomTest.boot(AnyRoom, options)],
  EnterOptions: [
    'reservation',
    async (options) => {
      const other = await testing.RoomTest.boot(AnyRoom);
      return (await other.join('ada')).moveTo(await other.create('room'), options);
    },
  ],
  ReserveOptions: ['forMs', async (options) => (await testing.RoomTest.boot(AnyRoom)).room.reserve(options)],
  EventOptions: [
    'reliable',
    async (options) => (await testing.RoomTest.boot(AnyRoom)).room.broadcastEvent('said', {}, options),
  ],
  EventPlayersOptions: [
    'login',
    (events) =>
      testing.RoomTest.boot(AnyRoom, {
        server: { events: { server: new server.ENetServer({ runtime }), ...events } },
      }),
  ],
  PlayerDirectoryOptions: ['maxAway', (options) => new PlayerDirectory(options)],
  SessionTokensOptions: [
    'ttlMs',
    (options) =>
      new SessionTokens({ keys: [{ id: 'a', algorithm: 'HS256', secret: 'x'.repeat(32) }], ...options }),
  ],
  DrainOptions: ['timeoutMs', (options) => ops.drain(anyServer, options)],
  ShutdownOptions: ['onDrained', (options) => ops.drainOnSignals(anyServer, options)],
  PrometheusOptions: ['prefix', (options) => ops.createPrometheusMetrics(anyServer, options)],
  OpenTelemetryOptions: ['attributes', (options) => ops.publishOpenTelemetry(anyServer, options)],
  SelfSignedOptions: ['rsaBits', (options) => ops.createSelfSignedCertificate(options)],
  // cluster
  MemoryHubOptions: ['leaseMs', (options) => new cluster.MemoryHub({ runtime, ...options })],
  RedisBusOptions: [
    'commandTimeoutMs',
    (options) => cluster.RedisBus.connect({ runtime, url: REDIS_TLS, ...options }),
  ],
  RedisTlsOptions: ['serverName', (tls) => cluster.RedisBus.connect({ runtime, url: REDIS_TLS, tls })],
  NatsBusOptions: [
    'commandTimeoutMs',
    (options) => cluster.NatsBus.connect({ runtime, servers: NATS, ...options }),
  ],
  NatsTlsOptions: ['serverName', (tls) => cluster.NatsBus.connect({ runtime, servers: NATS, tls })],
  ClusterNodeOptions: ['onLeaseLost', (options) => anyNode(options)],
  ClusterMatchmakingOptions: [
    'tickMs',
    async (options) =>
      new cluster.ClusterMatchmaking(await anyNode(), {
        matchmaker: { queues: { duel: { playersPerTeam: 1 } } },
        room: () => ({ kind: 'room' }),
        ...options,
      }),
  ],
  ClusterCallOptions: ['timeoutMs', async (options) => (await anyNode()).request('a', 'b', 1, options)],
  HandoffOptions: [
    'drainMs',
    async (options) => new cluster.Handoff({ node: await anyNode(), keys: ANY_KEYS, ...options }),
  ],
  DrainRoomsOptions: [
    'parallel',
    async (options) => new cluster.Handoff({ node: await anyNode(), keys: ANY_KEYS }).drain(options),
  ],
  // fleet
  AgonesSdkOptions: ['timeoutMs', (options) => new AgonesSdk(options)],
  AgonesFleetOptions: ['whenIdle', (options) => new AgonesFleet(anyServer, options)],
  FleetReportOptions: ['playersCounter', (options) => new AgonesFleet(anyServer, options)],
  FleetHandlerOptions: ['drainToken', (options) => fleetHandler(anyServer, options)],
  InspectorOptions: ['trafficBytes', (options) => new Inspector(options)],
  WatchOptions: ['message', (options) => new Inspector().watch(anyServer as never, options)],
  SimNetworkOptions: ['clockOffsetMs', (options) => new testing.SimNetwork(options)],
  LinkConditions: ['bandwidthBytesPerSec', (options) => network.setLink('10.0.0.1', '10.0.0.2', options)],
  SimRuntimeOptions: ['clockOffsetMs', (options) => network.createRuntime('10.0.0.1', options)],
  RecordHostOptions: ['maxDatagrams', (options) => testing.recordHost({ compression: 'none', ...options })],
  RecordOptions: [
    'vantage',
    (options) => testing.recordSession(network, { client: '10.0.0.1', server: '10.0.0.2', ...options }),
  ],
  ReplayOptions: ['extraMs', (options) => testing.replaySession({ datagrams: [] } as Anything, options)],
};

const ANY_KEYS = [{ id: 'a', algorithm: 'HS256', secret: 'x'.repeat(32) }] as const;

async function anyNode(options: Anything = {}): Promise<cluster.ClusterNode> {
  const { rooms } = await testing.RoomTest.boot(AnyRoom);
  const bus = new cluster.MemoryHub({ runtime }).connect();
  return new cluster.ClusterNode({ bus, rooms, runtime, ...options });
}

/** Types that no application gives to anything, and those that cost too much to look at. */
const NOT_LOOKED_AT: Record<string, string> = {
  BindOptions: 'what the layers above give to a runtime',
  RemoteHostOptions: 'what the layers above give to a runtime',
  SecureOptions: 'what the layers above give to a host',
  SecureClientOptions: 'what the layers above give to a host',
  SecureServerOptions: 'what the layers above give to a host',
  RoomMultiplayerOptions: 'those of SceneMultiplayer',
  LoggingOptions: 'what loggingOptions() returns',
  TLSOptions: 'a class',
};

class Bare extends godot.OfflineMultiplayerPeer {
  constructor(options: Anything) {
    super();
    // What its own base does with the options of a subclass.
    Reflect.construct(godot.MultiplayerPeer, [options], Bare);
  }
}

/** A name with its middle letter left out. */
function misspelt(name: string): string {
  const middle = name.length >> 1;
  return name.slice(0, middle) + name.slice(middle + 1);
}

async function failureOf(take: () => unknown): Promise<unknown> {
  try {
    const made = await take();
    for (const each of Array.isArray(made) ? made : []) (each as () => unknown)();
    return undefined;
  } catch (error) {
    return error;
  }
}

test('every public type of options is looked at', () => {
  const types = EXPORTS.flatMap((file) => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').replaceAll(
      /\/\*.*?\*\//gs,
      '',
    );
    return [...source.matchAll(/\b([A-Z]\w*(?:Options|Limits|Conditions|ConfigInput))\b/g)].map(
      ([name]) => name,
    );
  });
  expect(new Set(types)).toEqual(new Set([...Object.keys(TAKERS), ...Object.keys(NOT_LOOKED_AT)]));
});

describe('a misspelt option', () => {
  test.each(Object.entries(TAKERS))('%s says so', async (_type, [name, take, noun = 'option']) => {
    const typo = misspelt(name);
    const error = await failureOf(() => take({ [typo]: 1 }));
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).toMatch(
      new RegExp(`"((?:[a-z]+\\.)*)${typo}" is no ${noun}; did you mean "\\1${name}"\\?`),
    );
  });

  test.each(Object.entries(TAKERS))(
    '%s: one that is undefined was not given',
    async (_type, [name, take]) => {
      const error = await failureOf(() => take({ [misspelt(name)]: undefined }));
      expect(String(error)).not.toMatch(/is no (option|limit)/);
    },
  );

  test('far from everything: no guess', () => {
    expect(() => new godot.ENetConnection({ runtime, zzzzzzzzzzzz: 1 } as Anything)).toThrow(
      /^"zzzzzzzzzzzz" is no option$/,
    );
  });

  test('inside an option', () => {
    const host = { doctor: { onDiagnosis: () => undefined, knid: 'ENetServer' } } as Anything;
    expect(() => new server.ENetServer({ runtime, host })).toThrow(
      '"host.doctor.knid" is no option; did you mean "host.doctor.kind"?',
    );
    expect(() => new godot.ENetConnection({ runtime, host: { peerCount: 1 } } as Anything)).toThrow(
      '"host.peerCount" is no option',
    );
  });

  test('what is no object', () => {
    for (const options of [null, 5, 'mtu', [], () => undefined] as Anything[]) {
      for (const Class of [
        server.ENetServer,
        server.ENetClient,
        godot.ENetConnection,
        godot.ENetMultiplayerPeer,
      ]) {
        expect(() => new Class(options)).toThrow(/^"options" expected an object, got /);
      }
    }
  });

  test('what an object inherits is not told, what it has is', () => {
    const inherited = Object.create({ ownStuff: 1, emitRawFirst: true }) as Anything;
    expect(() => new server.ENetServer(Object.assign(inherited, { runtime }))).not.toThrow();
  });

  test('what a class leaves out of the options of the class below is told, too', () => {
    expect(() => new godot.ENetMultiplayerPeer({ runtime, maxBufferedEvents: 5 } as Anything)).toThrow(
      /"maxBufferedEvents" is no option/,
    );
  });

  test('options are handed on between layers: one object for both directions, for server and connection', () => {
    const both = { exact: true, maxElements: 10, fullObjects: true, allowObjects: true } as const;
    expect(codec.bytesToVar(codec.varToBytes(1, both), both)).toBe(1n);
    const peer = new godot.ENetMultiplayerPeer({
      runtime,
      lingerMs: 5,
      maxQueuedBytes: 5,
      onError: () => undefined,
    });
    expect(peer.createServer(7123)).toBe(0);
    peer.close();
  });
});

describe('a signal that there is not', () => {
  const listener = (): void => undefined;

  test.each([
    ['ENetServer', () => anyServer, 'peer_conecting', 'peerConnecting'],
    ['ENetClient', () => new server.ENetClient({ runtime }), 'connectToServer', 'connectedToServer'],
    [
      'ENetMultiplayerPeer',
      () => new godot.ENetMultiplayerPeer({ runtime }),
      'peer_connected',
      'peerConnected',
    ],
    [
      'GodotThreeMultiplayerPeer',
      () => new godot.GodotThreeMultiplayerPeer({ runtime }),
      'connectionSuceeded',
      'connectionSucceeded',
    ],
    [
      'OfflineMultiplayerPeer',
      () => new godot.OfflineMultiplayerPeer(),
      'peerDisconected',
      'peerDisconnected',
    ],
    [
      'SceneMultiplayer',
      () => new SceneMultiplayer({ mirror: mirror(), runtime }),
      'peerpacket',
      'peerPacket',
    ],
    ['SceneMirror', mirror, 'nodeAded', 'nodeAdded'],
  ] as readonly (readonly [string, () => Anything, string, string])[])('%s', (_class, make, typo, name) => {
    for (const method of ['on', 'once', 'off']) {
      const emitter = make();
      if (!(method in emitter)) continue;
      expect(() => emitter[method](typo, listener), method).toThrow(RangeError);
      expect(() => emitter[method](typo, listener), method).toThrow(`did you mean "${name}"?`);
      expect(() => emitter[method](name, listener), method).not.toThrow();
      expect(() => emitter[method]('toString', listener), method).toThrow(RangeError);
      expect(() => emitter[method](Symbol('s'), listener), method).toThrow(RangeError);
    }
  });

  test('an emitter of somebody else takes any name, unless it was told which there are', () => {
    expect(() => new godot.SignalEmitter<Anything>().on('whatever', listener)).not.toThrow();
    const emitter = new godot.SignalEmitter<{ hit: [] }>(undefined, { hit: true });
    expect(() => emitter.on('hti' as 'hit', listener)).toThrow(
      '"name" expected one of hit, got "hti"; did you mean "hit"?',
    );
  });
});

test('a typed event that was not declared, with the nearest one that was', () => {
  const events = server.defineEvents({
    toServer: { moveTo: server.payload<{ x: number }>() },
    toClient: { chatLine: server.payload<{ text: string }>() },
  });
  const typed = new server.TypedServerEvents(anyServer, events) as Anything;
  const message = 'the event "chat_lin" was not declared; did you mean "chatLine"?';
  expect(() => typed.triggerEvent(1, 'chat_lin', {})).toThrow(message);
  expect(() => typed.triggerEventToAll('chat_lin', {})).toThrow(message);
  expect(() => typed.registerEvent('movTo', () => undefined)).toThrow('did you mean "moveTo"?');
  expect(() => typed.unregisterEvent('movTo')).toThrow(TypeError);
  const client = new server.TypedClientEvents(new server.ENetClient({ runtime }), events) as Anything;
  expect(() => client.triggerEvent('move2', {})).toThrow('did you mean "moveTo"?');
  expect(() => client.registerEvent('chatlines', () => undefined)).toThrow('did you mean "chatLine"?');
  expect(() => client.unregisterEvent('chatlines')).toThrow(TypeError);
  expect(() => server.defineEvents({ toServer: {}, toCleint: {} } as Anything)).toThrow(
    '"contract.toCleint" is no direction; did you mean "contract.toClient"?',
  );
});

test('what was meant: capitals, underscores and dashes do not count', () => {
  expect(suggest('peer_connected', ['peerConnecting', 'peerConnected'])).toBe('peerConnected');
  expect(suggest('MTUBYTES', ['mtuBytes', 'maxBytes'])).toBe('mtuBytes');
  expect(suggest('something', ['mtuBytes'])).toBeUndefined();
});
