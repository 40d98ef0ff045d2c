/** Each kind of server in the console: what it shows, and what the sections have. */
import { describe, expect, test } from 'vitest';
import { Dictionary, Vector2 } from '../../codec/index.ts';
import { SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer, TLSOptions } from '../../src/godot.ts';
import { CallLog } from '../../src/inspector/sources/CallLog.ts';
import type { MultiplayerOps, ObservedCall } from '../../src/multiplayer/index.ts';
import { SceneMultiplayer } from '../../src/multiplayer.ts';
import { createSelfSignedCertificate } from '../../src/ops.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../src/websocket.ts';
import * as servers from './servers.ts';
import { gameMirror } from './servers.ts';
import { closing, lookAt, makeInspector, openStream } from './support.ts';

describe('each kind of server in the console', () => {
  test('several at once, by name, each with its sections', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const scene = await servers.sceneServer(inspector);
    const { rooms } = await servers.roomServer(inspector);
    const node = await servers.clusterNode(inspector);
    const web = await servers.webSocketPeer();
    inspector.watch(server, 'Lobby');
    inspector.watch(scene.server);
    inspector.watch(scene.transport as never, 'UDP');
    inspector.watch(rooms, { name: 'Rooms' });
    inspector.watch(node);
    inspector.watch(web);
    inspector.watch(server, 'again');
    const url = await inspector.listen(0);
    const status = await lookAt(url, { section: 'overview' }, 'status');
    const one = { isActive: true, acceptsPeers: true, peers: 1, authenticated: 1 };
    const port = expect.any(Number);
    expect(status.servers).toMatchObject([
      { id: 1, name: 'Lobby', kind: 'server', class: 'ENetServer', port, ...one },
      { id: 2, name: 'SceneMultiplayer 2', kind: 'multiplayer', port, ...one },
      { id: 3, name: 'UDP', kind: 'enet', class: 'ENetMultiplayerPeer', port, ...one },
      { id: 4, name: 'Rooms', kind: 'rooms', rooms: 2, ...one },
      { id: 5, name: 'ClusterNode 5', kind: 'cluster', rooms: 1, ...one },
      { id: 6, kind: 'websocket', class: 'WebSocketMultiplayerPeer', port, ...one },
    ]);
    expect(status.process).toMatchObject({ pid: process.pid, cpuPercent: expect.any(Number) });
    const stream = await openStream(url, { section: 'overview' });
    for (const { id, sections } of status.servers)
      for (const section of sections) {
        await stream.look({ section, server: id });
        await stream.next(section, (message) => 'server' in message && message.server === id);
        const overview = section === 'overview' && (await stream.next('overview'));
        if (overview !== false) expect(overview.numbers.length).toBeGreaterThan(5);
      }
    expect(stream.messages.filter(({ type }) => type === 'problem')).toEqual([]);
  });

  test('a server that is watched no more is gone from the page, hears nothing of it, and may be watched again', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const other = { getLocalPort: () => 7777, getPeers: () => [] };
    let observers = 0;
    const { observe } = server.ops;
    server.ops.observe = (events) => {
      const end = observe.call(server.ops, events);
      observers++;
      return () => {
        observers--;
        end();
      };
    };
    inspector.watch(other, 'other');
    inspector.watch(server, 'first');
    expect(observers).toBe(1);
    const url = await inspector.listen(0);
    const stream = await openStream(url, { section: 'peers', server: 2 });
    await stream.next('peers');
    expect(inspector.unwatch(server)).toBe(true);
    expect(inspector.unwatch(server)).toBe(false);
    expect(observers).toBe(0);
    expect((await stream.next('problem')).text).toBe('There is no such server.');
    inspector.watch(server, 'second');
    const status = await lookAt(url, { section: 'overview' }, 'status');
    expect(status.servers.map(({ id, name }) => `${id} ${name}`)).toEqual(['1 other', '3 second']);
  });

  test('what a server of the application throws is told, and ends neither the stream nor the process', async () => {
    const inspector = makeInspector();
    inspector.watch({
      getLocalPort: () => 7777,
      getPeers: () => {
        throw new Error('nobody knows');
      },
    });
    const url = await inspector.listen(0);
    const stream = await openStream(url, { section: 'peers' });
    const { text } = await stream.next('problem');
    expect(text).toBe('This cannot be shown: nobody knows');
    inspector.trace.received?.(1, Uint8Array.of(1, 2, 3), { ip: '192.0.2.1', port: 1 });
    await stream.look({ section: 'traffic', filter: 'peer:7' });
    await stream.next('traffic');
    await servers.until(() => stream.messages.filter(({ type }) => type === 'status').length > 2);
  });

  test('peers of an ENetServer: all that is known, found and sorted, a part of them', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    inspector.watch(server, { mirror: gameMirror() });
    const [peer] = server.getPeers();
    if (peer !== undefined) peer.customData = new Dictionary([['name', 'ann']]);
    const url = await inspector.listen(0);
    const stream = await openStream(url, { section: 'peers', selected: '1', sort: 'roundTripMs' });
    const { rows, selected, columns, count, found } = await stream.next('peers');
    expect([count, found]).toEqual([1, 1]);
    expect(rows[0]).toMatchObject({
      key: '1',
      peerId: 1,
      address: '127.0.0.1',
      transport: 'ENet',
      class: 'ENetServerPeer',
      state: 'connected',
      data: expect.stringContaining('ann'),
      throttle: 1,
      bytesIn: expect.any(Number),
      packetsOut: expect.any(Number),
      loss: 0,
    });
    expect(columns).toContain('queuedBytes');
    expect(columns).not.toContain('room');
    expect(selected?.numbers).toHaveLength(14);
    await stream.look({ section: 'peers', search: 'nobody ann' });
    const none = await stream.next('peers', (message) => message.found === 0);
    expect(none).toMatchObject({ count: 1, rows: [] });
    await stream.look({ section: 'rooms' });
    expect((await stream.next('problem')).text).toContain('nothing to show');
  });

  test('DTLS: suites and until when the certificate is valid', async () => {
    const inspector = makeInspector();
    const { server, client } = await servers.enetServer(inspector, true);
    inspector.watch(server);
    const url = await inspector.listen(0);
    const { dtls } = await lookAt(url, { section: 'overview' }, 'overview');
    expect(dtls?.suites).toEqual([{ suite: expect.stringMatching(/^TLS_/), sessions: 1 }]);
    expect(dtls?.certificate?.validToMs).toBeGreaterThan(Date.now());
    const peers = await lookAt(url, { section: 'peers' }, 'peers');
    expect(peers.rows[0]?.transport).toBe('ENet with DTLS');
    const [suite] = dtls?.suites ?? [];
    expect(peers.rows[0]?.dtlsSuite).toBe(suite?.suite);
    expect(peers.columns).toContain('dtlsSuite');
    const [peer] = server.getPeers();
    client.disconnectFromServer();
    await servers.until(() => server.getPeerCount() === 0);
    expect(peer?.dtlsSuite).toBeUndefined();
  });

  test('DTLS over a transport: the suite of each peer, at both ends; none without', async () => {
    const { key, certificate } = await createSelfSignedCertificate({ names: ['127.0.0.1'] });
    const inspector = makeInspector();
    const suites: unknown[] = [];
    for (const isSecure of [true, false]) {
      const server = servers.enetTransport(inspector);
      const client = new ENetMultiplayerPeer();
      if (isSecure) server.host?.dtlsServerSetup(TLSOptions.server(key, certificate));
      client.createClient('127.0.0.1', server.getLocalPort());
      if (isSecure) client.host?.dtlsClientSetup('127.0.0.1', TLSOptions.client(certificate));
      const timer = setInterval(() => [server, client].map((peer) => peer.poll()), 10);
      closing({ close: () => [clearInterval(timer), client.close(), server.close()] });
      await servers.until(() => server.connectedPeers().length === 1 && client.connectedPeers().length === 1);
      inspector.watch(server);
      suites.push(client.transportPeer(1)?.dtlsSuite);
    }
    const url = await inspector.listen(0);
    for (const server of [1, 2])
      suites.push((await lookAt(url, { section: 'peers', server }, 'peers')).rows[0]?.dtlsSuite);
    const suite = expect.stringMatching(/^TLS_/);
    expect(suites).toEqual([suite, undefined, suite, undefined]);
  });

  test('a SceneMultiplayer: calls with their arguments, methods, versions', async () => {
    const inspector = makeInspector();
    const { server, client } = await servers.sceneServer(inspector);
    inspector.watch(server);
    const url = await inspector.listen(0);
    const stream = await openStream(url, { section: 'calls' });
    client.multiplayer.mirror.getNode('/root/Main')?.rpcId(1, 'say', 'hello there');
    const { rows = [], methods } = await stream.next('calls', ({ rows: some = [] }) => some.length > 0);
    expect(rows[0]).toMatchObject({
      index: 0,
      direction: 'in',
      peerId: client.multiplayer.getUniqueId(),
      node: '/root/Main',
      method: 'say',
      args: '"hello there"',
    });
    expect(methods).toEqual([{ method: 'say', received: 1, sent: 0 }]);
    await stream.look({ section: 'calls', position: 0, search: 'elsewhere' });
    // A message of the view before may be under way.
    expect((await stream.next('calls', (message) => message.rows?.length === 0)).end).toBe(1);
  });

  test('a RoomServer: players with their rooms, rooms with their ticks', async () => {
    const inspector = makeInspector();
    const { rooms } = await servers.roomServer(inspector);
    inspector.watch(rooms);
    rooms.players[0]?.data.set('team', 'red');
    const url = await inspector.listen(0);
    const { rows } = await lookAt(url, { section: 'peers', room: 'one' }, 'peers');
    expect(rows).toMatchObject([
      {
        room: 'one',
        roomKind: 'arena',
        state: 'connected',
        transport: 'ENet',
        data: expect.stringContaining('red'),
      },
    ]);
    expect((await lookAt(url, { section: 'peers', room: 'two' }, 'peers')).rows).toEqual([]);
    const list = await lookAt(url, { section: 'rooms', sort: 'players', descending: true }, 'rooms');
    expect(list.rows).toMatchObject([
      { id: 'one', players: 1, tickHz: 20, tickMs: expect.any(Number), lateMs: expect.any(Number) },
      { id: 'two', players: 0 },
    ]);
  });

  test('a node of a cluster: its nodes and the rooms of all', async () => {
    const inspector = makeInspector();
    inspector.watch(await servers.clusterNode(inspector));
    const url = await inspector.listen(0);
    const cluster = await lookAt(url, { section: 'cluster' }, 'cluster', ({ rows }) => rows.length > 0);
    expect(cluster).toMatchObject({
      id: 'ulm',
      engine: 'memory',
      nodes: [{ id: 'ulm', isOwn: true, maxPlayers: null, isDraining: false }],
      rows: [{ kind: 'arena', node: 'ulm', players: 1 }],
    });
  });

  test('the scene: the open part of the tree, and properties, methods and seers of one node', async () => {
    const inspector = makeInspector();
    const { server, client } = await servers.sceneServer(inspector);
    inspector.watch(server);
    const url = await inspector.listen(0);
    const stream = await openStream(url, { section: 'scene' });
    const closed = await stream.next('scene');
    expect(closed.rows.map(({ path }) => path)).toEqual(['/root', '/root/Main']);
    await stream.look({ section: 'scene', expanded: ['/root/Main'], selected: '/root/Main' });
    const { rows, selected, nodeCount } = await stream.next('scene', (message) => message.rows.length > 2);
    expect(rows.map(({ path, depth }) => [path, depth])).toEqual([
      ['/root', 0],
      ['/root/Main', 1],
      ['/root/Main/Child', 2],
    ]);
    expect(nodeCount).toBe(3);
    expect(selected?.methods).toContainEqual({
      name: 'say',
      mode: 'any_peer',
      transfer: 'reliable',
      channel: 0,
      callLocal: false,
      args: ['String'],
    });
    expect(selected?.node).toMatchObject({ class: 'Node2D', script: 'res://main.gd', authority: 1 });
    const before = stream.messages.length;
    server.mirror.getNode('/root/Main')?.set('position', new Vector2(3, 4));
    const moved = await stream.next(
      'scene',
      (message) => message.selected?.properties.some(({ text }) => text === 'Vector2(3, 4)') === true,
    );
    expect(moved.selected?.properties).toContainEqual({
      name: 'position',
      type: 'Vector2',
      text: 'Vector2(3, 4)',
    });
    // What has not changed is not sent again.
    expect(stream.messages.slice(before).filter(({ type }) => type === 'scene').length).toBeLessThan(3);
    await stream.look({ section: 'scene', search: 'child' });
    const search = await stream.next('scene', (message) => message.rows.length === 1);
    expect(search.rows.map(({ name }) => name)).toEqual(['Child']);
    expect(client.multiplayer.getPeers()).toEqual([1]);
  });

  test('the scene of an ENetServer: who has a node by replicate', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const mirror = gameMirror();
    const hidden = mirror.root.addChild({ name: 'Hidden', class: 'Node' });
    mirror.root.addChild({ name: 'Alone', class: 'Node' });
    inspector.watch(server, { mirror });
    const url = await inspector.listen(0);
    const seenIn = async (selected: string): Promise<unknown[]> => {
      const { selected: node } = await lookAt(url, { section: 'scene', selected }, 'scene');
      return [node?.seenBy, node?.replication];
    };
    expect(await seenIn('/root/Main')).toEqual([undefined, []]);
    const [main] = mirror.root.getChildren();
    const interest = (_peer: unknown, node: unknown): boolean => node !== hidden;
    const replications = [mirror.replicate(server, { interest, rate: 0 })];
    replications.push(mirror.replicate(server, { ...(main && { root: main }), rate: 0 }));
    for (const replication of replications) replication.tick();
    expect(await seenIn('/root/Main')).toEqual([['1'], ['mirror.replicate']]);
    expect(await seenIn('/root/Main/Child')).toEqual([['1'], ['mirror.replicate']]);
    expect(await seenIn('/root/Hidden')).toEqual([[], ['mirror.replicate']]);
    replications[0]?.stop();
    expect(await seenIn('/root/Alone')).toEqual([undefined, []]);
    expect(await seenIn('/root/Main')).toEqual([['1'], ['mirror.replicate']]);
    // Another server has it, and this one nobody.
    replications[1]?.stop();
    const other = await servers.enetServer(inspector);
    const elsewhere = mirror.replicate(other.server, { rate: 0 });
    elsewhere.tick();
    expect(await seenIn('/root/Main')).toEqual([undefined, []]);
    elsewhere.stop();
  });

  test('charts of several servers: each has its own datagrams and bytes', async () => {
    const inspector = makeInspector();
    const quiet = await servers.webSocketPeer();
    const scene = await servers.sceneServer(inspector);
    const rooms = await servers.roomServer(inspector);
    const node = await servers.clusterNode(inspector);
    // One more transport, over which nobody comes.
    const web = new WebSocketMultiplayerPeer();
    web.createServer(0, '127.0.0.1');
    const enet = servers.enetTransport(inspector);
    const joined = new SceneMultiplayer({ mirror: gameMirror() });
    joined.multiplayerPeer = new JoinedMultiplayerPeer([enet, web]);
    joined.start({ tickHz: 60 });
    closing(joined);
    const { multiplayer } = servers.sceneClient(enet.getLocalPort());
    await servers.until(() => joined.getPeers().length === 1 && multiplayer.getPeers().length === 1);
    for (const server of [quiet, scene.server, rooms.rooms, node, joined]) inspector.watch(server);
    const url = await inspector.listen(0);
    const talk = setInterval(
      () => scene.client.multiplayer.mirror.getNode('/root/Main')?.rpcId(1, 'say', 'x'.repeat(1000)),
      20,
    );
    closing({ close: () => clearInterval(talk) });
    await new Promise((resolve) => setTimeout(resolve, 3200));
    const flows: number[][] = [];
    for (const server of [1, 2, 3, 4, 5]) {
      const { series, values } = await lookAt(url, { section: 'charts', server }, 'charts');
      flows.push(
        ['datagramsIn', 'datagramsOut', 'bytesIn', 'bytesOut'].map((name) => {
          const known = values[series.findIndex((one) => one.name === name)] ?? [];
          return Math.max(-1, ...known.map((value) => value ?? -1));
        }),
      );
    }
    const [overWeb = [], ofScene = [], ...others] = flows;
    expect(overWeb.slice(0, 2)).toEqual([-1, -1]);
    // Who talks is seen, and the others have pings.
    expect(ofScene[2]).toBeGreaterThan(10_000);
    for (const flow of others) {
      expect(Math.min(...flow)).toBeGreaterThan(0);
      expect(flow[2]).toBeLessThan(5000);
    }
  });

  test('charts: what was before somebody looked, then a row per second', async () => {
    const inspector = makeInspector();
    const { server } = await servers.sceneServer(inspector);
    inspector.watch(server);
    const url = await inspector.listen(0);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const stream = await openStream(url, { section: 'charts' });
    const { series, timesMs, values } = await stream.next('charts');
    expect(timesMs.length).toBeGreaterThanOrEqual(2);
    const names = series.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['datagramsIn', 'roundTrip50', 'loss99', 'cpu', 'loopDelay', 'tick']),
    );
    expect(values[names.indexOf('peers')]?.at(-1)).toBe(1);
    const row = await stream.next('chartsRow');
    expect(row.values).toHaveLength(series.length);
    expect(row.timeMs).toBeGreaterThan(timesMs.at(-1) ?? 0);
  });
});

test('calls that are searched are looked at once, however often a viewer is told; what went is not told', () => {
  let tell: (call: ObservedCall) => void = () => undefined;
  const ops = {
    watchCalls: (told: typeof tell) => {
      tell = told;
      return () => undefined;
    },
  } as unknown as MultiplayerOps;
  const log = new CallLog(() => [{ id: 'one', ops, keyOf: String }]);
  log.isWatched = true;
  const node = new SceneMirror().root.addChild({ name: 'Main', class: 'Node' });
  const call = (method: string): void =>
    tell({ direction: 'in', peer: 2, node, method, args: ['x'.repeat(100)] });
  const view = { section: 'calls', search: 'rare', room: 'one' } as const;
  const found = (): number[] | undefined => log.take(view, false).rows?.map(({ index }) => index);
  call('rare');
  for (let i = 1; i < 19_000; i++) call('usual');
  const timed = (times: number): number => {
    const startMs = performance.now();
    for (let i = 0; i < times; i++) expect(found()).toEqual([0]);
    return performance.now() - startMs;
  };
  const firstMs = timed(1);
  expect(timed(20)).toBeLessThan(firstMs * 2);
  call('rare');
  expect(found()).toEqual([0, 19_000]);
  expect(log.take({ ...view, room: 'two' }, false).rows).toEqual([]);
  for (let i = 0; i < 1000; i++) call('usual');
  expect(found()).toEqual([19_000]);
  log.isWatched = false;
  expect(found()).toEqual([]);
});
