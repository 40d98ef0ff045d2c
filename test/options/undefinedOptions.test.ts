/**
 * An option that is there as `undefined` was not given: every option of the types below. Their names are read from the sources, so
 * that an option that comes later is looked at as well.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeAutoPacket } from '../../codec/packet/encode.ts';
import { checkReplicationOptions } from '../../schema/replication/options.ts';
import { SceneMirror } from '../../schema/SceneMirror.ts';
import { checkLimits, DTLS_CLIENT_LIMITS, DTLS_SERVER_LIMITS } from '../../src/dtls/limits.ts';
import { HostRecord } from '../../src/enet/state/hostRecord.ts';
import { checkConnectionOptions } from '../../src/godot/connectionOptions.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import {
  PLAYER_DIRECTORY_DEFAULTS,
  PlayerDirectory,
  SESSION_TOKENS_DEFAULTS,
  SessionTokens,
} from '../../src/identity/index.ts';
import { Inspector } from '../../src/inspector/Inspector.ts';
import { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { NetworkTime } from '../../src/netcode/NetworkTime.ts';
import { readWorldHistoryOptions, WORLD_HISTORY_DEFAULTS } from '../../src/netcode/worldHistoryOptions.ts';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import { DRAIN_DEFAULTS, drainTimeout } from '../../src/ops/drain.ts';
import { createSelfSignedCertificate } from '../../src/ops/selfSignedCertificate.ts';
import { checkThreadLimits } from '../../src/runtime/threadLimits.ts';
import { hostLimits, SERVER_LIMIT_DEFAULTS } from '../../src/server/limits.ts';
import { checkServerOptions, ENET_SERVER_DEFAULTS } from '../../src/server/options.ts';
import { PERFECT_LINK } from '../../src/testing/conditions.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../src/websocket.ts';
import { createWorld, eachMode } from '../server/world.ts';

/** Options that are all there and all `undefined`. `any`, because the types do not allow them to be there. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Nothing = any;

function optionNames(file: string, name: string): string[] {
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const body = new RegExp(`interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(source)?.[1] ?? '';
  const names = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1] ?? '');
  expect(names, `${name} in ${file}`).not.toEqual([]);
  return names;
}

function nothing(...types: readonly (readonly [file: string, name: string])[]): Nothing {
  return Object.fromEntries(
    types.flatMap(([file, name]) => optionNames(file, name)).map((name) => [name, undefined]),
  );
}

const HOST = nothing(['src/enet/hostOptions.ts', 'HostOptions']);
const LIMITS = nothing(['src/server/limits.ts', 'ServerLimits']);
const DTLS = nothing(['src/runtime/secureLimits.ts', 'SecureLimits']);
const THREAD = nothing(['src/runtime/remoteHost.ts', 'ThreadLimits']);
const CONNECTION = nothing(['src/godot/connectionOptions.ts', 'ENetConnectionOptions']);
const ENCODE = nothing(['codec/variant/options.ts', 'EncodeOptions']);
const DECODE = nothing(
  ['codec/variant/options.ts', 'DecodeOptions'],
  ['codec/packet/decode.ts', 'PacketDecodeOptions'],
);
const COMMON = nothing(['src/server/options.ts', 'CommonOptions']);
const SERVER = { ...COMMON, ...nothing(['src/server/options.ts', 'ENetServerOptions']) };

/** Nested options, too; `undefined` itself for those of which the whole object is none. */
const NESTED = { host: HOST, limits: LIMITS, dtls: DTLS, encode: ENCODE, decode: DECODE };

/** What a host works with. */
function numbersOf(options: Nothing): Record<string, unknown> {
  const record = new HostRecord({ ...options, peerCount: 1, random32: () => 1 }, () => {
    throw new Error('no peer is asked for');
  });
  return Object.fromEntries(Object.entries(record).filter(([, value]) => typeof value === 'number'));
}

describe('undefined means not given', () => {
  test.each(Object.keys(HOST))('host: { %s: undefined }', (name) => {
    expect(numbersOf({ [name]: undefined })).toEqual(numbersOf({}));
  });

  test.each(Object.keys(HOST))('under the limits of a server: host: { %s: undefined }', (name) => {
    const plain = hostLimits(SERVER_LIMIT_DEFAULTS, 65_536, {});
    expect(numbersOf(hostLimits(SERVER_LIMIT_DEFAULTS, 65_536, { [name]: undefined } as Nothing))).toEqual(
      numbersOf(plain),
    );
  });

  test('ENetServerOptions, limits, thread, dtls, SimNetwork', () => {
    expect(checkServerOptions(SERVER)).toEqual(ENET_SERVER_DEFAULTS);
    expect(checkThreadLimits(THREAD)).toEqual(checkThreadLimits({}));
    expect(checkLimits(DTLS_SERVER_LIMITS, DTLS)).toEqual(DTLS_SERVER_LIMITS);
    expect(checkLimits(DTLS_CLIENT_LIMITS, DTLS)).toEqual(DTLS_CLIENT_LIMITS);
    expect(drainTimeout(nothing(['src/ops/drain.ts', 'DrainOptions']))).toBe(DRAIN_DEFAULTS.timeoutMs);
    const net = new SimNetwork(
      nothing(
        ['src/testing/conditions.ts', 'LinkConditions'],
        ['src/testing/SimNetwork.ts', 'SimNetworkOptions'],
      ),
    );
    expect(net.seed).toBe(1);
    net.setLink('10.0.0.1', '10.0.0.2', nothing(['src/testing/conditions.ts', 'LinkConditions']));
    expect(Object.keys(PERFECT_LINK)).toEqual(
      Object.keys(nothing(['src/testing/conditions.ts', 'LinkConditions'])),
    );
  });

  test('the runtime, certificates, the inspector, mirrors and replication', async () => {
    expect(
      createNodeRuntime(nothing(['src/node/nodeRuntime.ts', 'NodeRuntimeOptions'])).now(),
    ).toBeGreaterThanOrEqual(1000);
    const made = await createSelfSignedCertificate(
      nothing(['src/ops/selfSignedCertificate.ts', 'SelfSignedOptions']),
    );
    expect(made.certificate).toContain('BEGIN CERTIFICATE');
    new Inspector(nothing(['src/inspector/options.ts', 'InspectorOptions']));
    new WebSocketMultiplayerPeer({
      ...nothing(['src/websocket/options.ts', 'WebSocketMultiplayerPeerOptions']),
      limits: nothing(['src/websocket/limits.ts', 'WebSocketLimits']),
    });
    new JoinedMultiplayerPeer(
      [],
      nothing(['src/websocket/JoinedMultiplayerPeer.ts', 'JoinedMultiplayerPeerOptions']),
    );
    const mirror = new SceneMirror(
      nothing(
        ['schema/mirror/MirrorTree.ts', 'MirrorTreeOptions'],
        ['schema/SceneMirror.ts', 'SceneMirrorOptions'],
      ),
    );
    expect(
      checkReplicationOptions(mirror, nothing(['schema/replication/options.ts', 'ReplicationOptions'])),
    ).toEqual(checkReplicationOptions(mirror, {}));
    const multiplayer = new SceneMultiplayer({
      ...nothing(['src/multiplayer/options.ts', 'SceneMultiplayerOptions']),
      mirror,
      runtime: new SimNetwork().createRuntime('10.0.0.1'),
    });
    expect(multiplayer).toMatchObject({ authTimeout: 3, serverRelay: true, rootPath: '/root' });
    const time = new NetworkTime(multiplayer, {
      ...nothing(['src/netcode/networkTimeOptions.ts', 'NetworkTimeOptions']),
      tickHz: 20,
      runtime: new SimNetwork().createRuntime('10.0.0.1'),
    });
    expect(time.node.getPath().toString()).toBe('/root/NetworkTime');
    const directory = nothing(['src/identity/directory/directoryOptions.ts', 'PlayerDirectoryOptions']);
    expect(new PlayerDirectory(directory).settings).toEqual(PLAYER_DIRECTORY_DEFAULTS);
    const tokens = nothing(['src/identity/tokens/sessionTokensOptions.ts', 'SessionTokensOptions']);
    const keys = [{ id: 'a', algorithm: 'HS256', secret: 'x'.repeat(32) }];
    expect(new SessionTokens({ ...tokens, keys }).settings).toEqual(SESSION_TOKENS_DEFAULTS);
    const history = nothing(['src/netcode/worldHistoryOptions.ts', 'WorldHistoryOptions']);
    expect(readWorldHistoryOptions({ ...history, nodes: 'a' })).toEqual(WORLD_HISTORY_DEFAULTS);
    multiplayer.close();
    expect(encodeAutoPacket({ a: 1 }, ENCODE)).toEqual(encodeAutoPacket({ a: 1 }));
  });

  test('ENetConnection, ENetMultiplayerPeer, GodotThreeMultiplayerPeer: they are made and talk', () => {
    const net = new SimNetwork({ latencyMs: 5 });
    const multiplayer = {
      ...CONNECTION,
      ...nothing(['src/godot/multiplayer/multiplayerOptions.ts', 'ENetMultiplayerPeerOptions']),
    };
    const options = (base: Nothing, ip: string): Nothing => ({
      ...base,
      host: HOST,
      dtls: DTLS,
      runtime: net.createRuntime(ip),
    });
    expect(checkConnectionOptions(options(CONNECTION, '10.0.0.9'))).toBeDefined();
    const server = new ENetConnection(options(CONNECTION, '10.0.0.1'));
    const client = new ENetConnection(options(CONNECTION, '10.0.0.2'));
    expect(server.createHostBound('*', 7000)).toBe(0);
    client.createHost(1);
    const peer = client.connectToHost('10.0.0.1', 7000, 1);
    for (let i = 0; i < 10; i++) {
      server.service();
      client.service();
      net.advance(10);
    }
    // What began the row: it connected, and its MTU was NaN.
    expect(peer?.send(0, new Uint8Array(5000), 1)).toBe(0);
    let received = 0;
    for (let i = 0; i < 20; i++) {
      const [type, from] = server.service();
      if (type === ENetConnection.EVENT_RECEIVE) received = from?.getPacket().length ?? 0;
      client.service();
      net.advance(10);
    }
    expect(received).toBe(5000);
    for (const Class of [ENetMultiplayerPeer, GodotThreeMultiplayerPeer]) {
      const listening = new Class(options(multiplayer, '10.0.1.1'));
      const joining = new Class(options(multiplayer, '10.0.1.2'));
      expect(listening.createServer(7001)).toBe(0);
      expect(joining.createClient('10.0.1.1', 7001)).toBe(0);
      for (let i = 0; i < 20; i++) {
        listening.poll();
        joining.poll();
        net.advance(10);
      }
      expect(joining.getConnectionStatus()).toBe(2);
      joining.close();
      listening.close();
    }
  });

  eachMode(
    (mode) => {
      test('ENetServer and ENetClient: they are made and talk', () => {
        const world = createWorld({
          server: { ...without(SERVER), ...NESTED, thread: mode.thread ? THREAD : undefined } as Nothing,
        });
        expect(world.server.ops.limits).toEqual(SERVER_LIMIT_DEFAULTS);
        const { client, log } = world.connect({
          ...without(COMMON),
          ...NESTED,
          limits: undefined,
        } as Nothing);
        // Large enough for fragments, which need an MTU.
        expect(client.sendPacket('x'.repeat(5000))).toBe(0);
        expect(world.server.sendPacket(1, 'y'.repeat(5000))).toBe(0);
        world.net.advance(200);
        expect(world.log).toContainEqual(['packetReceived', 1, 'x'.repeat(5000), 0]);
        expect(log).toContainEqual(['packetReceived', 'y'.repeat(5000), 0]);
        expect(world.errors).toEqual([]);
        world.server.stopServer();
      });
    },
    { compressions: 'none' },
  );
});

/** What a world has to choose itself. */
function without(options: Nothing): Nothing {
  const { runtime, createCompressor, onError, onTrace, ...rest } = options;
  expect([runtime, createCompressor, onError, onTrace]).toEqual([undefined, undefined, undefined, undefined]);
  return rest;
}
