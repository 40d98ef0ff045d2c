/** What each misuse of SceneMultiplayer, of scripts and of the calls of nodes answers: an error that names it, or an Error number. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { ODD_VALUES } from '../support/oddValues.ts';
import { GoldenPeer } from './golden/transport.ts';
import { type Answer, BYTES, newRoom, nodeOf, Unit } from './misuse.ts';
import type { WireRoom } from './wireRoom.ts';

const runtime = { now: () => 1, startTimer: () => ({ cancel: () => undefined }) };

/** All odd values but those of these names. */
const oddBut = (...names: readonly string[]) => ODD_VALUES.filter(([name]) => !names.includes(name));

/** Options, and the odd values that each may be. */
const OPTIONS: readonly (readonly [option: string, ...right: string[]])[] = [
  ['mirror'],
  ['rootPath', 'undefined'],
  ['serverRelay', 'undefined', 'a boolean'],
  ['authTimeout', 'undefined', '1.5'],
  ['maxAuthBytes', 'undefined'],
  ['compatibility', 'undefined'],
  ['dialect', 'undefined', 'a function'],
  ['exact', 'undefined', 'a boolean'],
  ['maxPathsPerPeer', 'undefined'],
  ['maxRelayedBytesPerSec', 'undefined', 'Infinity', '1.5', '2 ** 53'],
  ['maxCallsPerSec', 'undefined', 'Infinity', '1.5', '2 ** 53'],
  ['maxStatesPerSec', 'undefined', 'Infinity', '1.5', '2 ** 53'],
  ['gatedCalls', 'undefined'],
  ['maxHeldCalls', 'undefined'],
  ['maxHeldBytes', 'undefined'],
  ['onTrace', 'undefined', 'a function'],
  ['onError', 'undefined', 'a function'],
  ['onDiagnosis', 'undefined', 'a function'],
  ['runtime'],
  ['maxSpawnsPerPeer', 'undefined'],
  ['instantiate', 'undefined', 'a function'],
  ['replication', 'undefined', 'an object without a prototype'],
  ['initialGates', 'undefined', 'a function'],
];

describe('options', () => {
  test('the table has all of them', () => {
    const source = readFileSync(new URL('../../src/multiplayer/options.ts', import.meta.url), 'utf8');
    const body = /interface SceneMultiplayerOptions \{\n(.*?)\n\}/s.exec(source)?.[1] ?? '';
    const names = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1] ?? '');
    expect(names.toSorted()).toEqual(OPTIONS.map(([name]) => name).toSorted());
  });

  test.each(OPTIONS)('%s is what it may be, or an error names it', (option, ...right) => {
    for (const [name, value] of ODD_VALUES) {
      // Without a runtime the platform's is taken, which tests have none of.
      if (option === 'runtime' && name === 'undefined') continue;
      const make = (): unknown =>
        new SceneMultiplayer({ mirror: new SceneMirror(), runtime, [option]: value } as never);
      if (right.includes(name)) expect(make, name).not.toThrow();
      else expect(make, name).toThrow(new RegExp(`"${option}[."].*(expected|is no option)`, 's'));
    }
  });

  test.each(oddBut())('options cannot be %s', (_, options) => {
    expect(() => new SceneMultiplayer(options as never)).toThrow(/^"(options|mirror)|is no option/);
  });

  test('one that there is not is named, with the nearest', () => {
    const options = { mirror: new SceneMirror(), runtime, maxCallPerSec: 5 };
    expect(() => new SceneMultiplayer(options as never)).toThrow('did you mean "maxCallsPerSec"');
  });
});

describe('properties', () => {
  test.each<[property: keyof SceneMultiplayer, ...right: string[]]>([
    ['rootPath'],
    ['authTimeout', '1.5'],
    ['maxSyncPacketSize'],
    ['maxDeltaPacketSize'],
  ])('%s keeps its value, with a trace line, for what it cannot be', (property, ...right) => {
    for (const [name, value] of ODD_VALUES) {
      const { multiplayer, lines } = newRoom();
      const before = multiplayer[property];
      Reflect.set(multiplayer, property, value);
      const isRight = right.includes(name);
      expect(multiplayer[property], name).toBe(isRight ? value : before);
      expect(lines.join(), name).toMatch(isRight ? /^$/ : new RegExp(`${String(property)}: expected`));
    }
  });

  test.each(['multiplayerPeer', 'authCallback'] as const)('%s throws for what it cannot be', (property) => {
    for (const [name, value] of oddBut('null', property === 'authCallback' ? 'a function' : '')) {
      const { multiplayer } = newRoom();
      const before = multiplayer[property];
      expect(() => Reflect.set(multiplayer, property, value), name).toThrow(
        new RegExp(`^"${property}" expected a .* or null, got `),
      );
      expect(multiplayer[property]).toBe(before);
    }
  });

  test.each(['serverRelay', 'refuseNewConnections'] as const)(
    '%s takes what is true in JavaScript',
    (property) => {
      for (const [name, value] of ODD_VALUES) {
        const { multiplayer } = newRoom();
        Reflect.set(multiplayer, property, value);
        expect(multiplayer[property], name).toBe(Boolean(value));
      }
    },
  );

  test('a transport that is closed is refused, the same again is nothing', () => {
    const { multiplayer, peer, lines } = newRoom();
    multiplayer.multiplayerPeer = new GoldenPeer(1, 0, () => undefined);
    expect([multiplayer.multiplayerPeer, lines.length]).toEqual([peer, 1]);
    multiplayer.multiplayerPeer = peer;
    expect([multiplayer.getPeers(), lines.length]).toEqual([[2], 1]);
  });
});

describe('arguments of methods: an Error number, and a trace line says which', () => {
  test.each<[string, (room: WireRoom, value: never) => unknown, Answer, ...right: string[]]>([
    ['rpc: peer', (r, v) => r.multiplayer.rpc(v, nodeOf(r), 'hit'), [31, 'peer expected'], '-1', '1.5'],
    ['rpc: node', (r, v) => r.multiplayer.rpc(2, v, 'hit'), [31, 'node expected']],
    [
      'rpc: method',
      (r, v) => r.multiplayer.rpc(2, nodeOf(r), v),
      [31, 'method expected'],
      'a text',
      'a long text',
    ],
    [
      'rpc: args',
      (r, v) => r.multiplayer.rpc(2, nodeOf(r), 'hit', v),
      [31, 'args expected'],
      'undefined',
      'an array',
    ],
    ['node.rpc: method', (r, v) => nodeOf(r).rpc(v), [31, 'method expected'], 'a text', 'a long text'],
    ['node.rpcId: peer', (r, v) => nodeOf(r).rpcId(v, 'hit'), [31, 'peer expected'], '-1', '1.5'],
    ['sendBytes: bytes', (r, v) => r.multiplayer.sendBytes(v), [31, 'bytes expected']],
    [
      'sendBytes: id',
      (r, v) => r.multiplayer.sendBytes(BYTES, v),
      [31, 'id expected'],
      'undefined',
      '-1',
      '1.5',
    ],
    ['sendBytes: mode', (r, v) => r.multiplayer.sendBytes(BYTES, 2, v), [31, 'mode expected'], 'undefined'],
    [
      'sendBytes: channel',
      (r, v) => r.multiplayer.sendBytes(BYTES, 2, 2, v),
      [31, 'channel expected'],
      'undefined',
      '-1',
      '1.5',
    ],
    ['sendAuth: id', (r, v) => r.multiplayer.sendAuth(v, BYTES), [31, 'sendAuth: peer']],
    ['sendAuth: data', (r, v) => r.multiplayer.sendAuth(2, v), [31, 'data expected']],
    ['completeAuth: id', (r, v) => r.multiplayer.completeAuth(v), [31, 'completeAuth: peer']],
    ['gate: id', (r, v) => r.multiplayer.gate(v, '/root/N'), [33, 'there is no peer']],
    ['open: id', (r, v) => r.multiplayer.open(v, '/root/N'), [33, '/root/N is not closed']],
  ])('%s', (_, misuse, [error, line], ...right) => {
    for (const [name, value] of oddBut(...right)) {
      const r = newRoom();
      expect(misuse(r, value as never), name).toBe(error);
      expect(r.lines.join(), name).toContain(line);
      expect(r.sent(), name).toEqual([]);
    }
  });

  test.each<[string, (room: WireRoom) => unknown, number]>([
    ['no RPC of this name', (r) => nodeOf(r).rpc('nothing'), 31],
    ['a call to oneself without call_local', (r) => nodeOf(r).rpcId(1, 'hit'), 31],
    ['a value that is no Variant', (r) => nodeOf(r).rpc('hit', Symbol('x')), 31],
    ['more than 255 arguments', (r) => nodeOf(r).rpc('hit', ...Array(256).fill(1)), 31],
    ['a node of another mirror', (r) => r.multiplayer.rpc(2, new SceneMirror().root, 'hit'), 31],
    ['nothing to send', (r) => r.multiplayer.sendBytes(new Uint8Array(0)), 30],
    ['bytes for a stranger', (r) => r.multiplayer.sendBytes(BYTES, 99), 47],
    ['authentication of somebody admitted', (r) => r.multiplayer.sendAuth(2, BYTES), 31],
    ['done with somebody admitted', (r) => r.multiplayer.completeAuth(2), 31],
    ['a gate for a stranger', (r) => r.multiplayer.gate(99, '/root/N'), 33],
    ['a gate that is open', (r) => r.multiplayer.open(2, '/root/N'), 33],
  ])('%s', (_, misuse, error) => {
    const r = newRoom();
    expect(misuse(r)).toBe(error);
    expect(r.lines).toHaveLength(1);
    expect(r.sent()).toEqual([]);
  });

  test('disconnectPeer of no id does nothing, and says so', () => {
    for (const [name, value] of oddBut('1.5')) {
      const r = newRoom();
      r.multiplayer.disconnectPeer(value as number);
      expect([r.disconnected, r.lines.length], name).toEqual([[], 1]);
    }
  });

  test('an onTrace that throws is reported, and harms nobody', () => {
    const errors: string[] = [];
    const multiplayer = new SceneMultiplayer({
      mirror: new SceneMirror(),
      runtime,
      onTrace: () => {
        throw new Error('trace');
      },
      onError: (error, where) => errors.push(`${where}: ${String(error)}`),
    });
    multiplayer.disconnectPeer(0);
    expect(errors).toEqual(['onTrace: Error: trace']);
  });

  test('authentication twice', () => {
    const r = newRoom();
    r.multiplayer.authCallback = () => undefined;
    r.peer.join(9);
    expect(r.multiplayer.sendAuth(9, new Uint8Array(0))).toBe(31);
    expect([r.multiplayer.completeAuth(9), r.multiplayer.completeAuth(9)]).toEqual([0, 13]);
    expect(r.multiplayer.sendAuth(9, BYTES)).toBe(13);
  });
});

describe('programmer’s mistakes throw and name the argument', () => {
  test.each<[string, (room: WireRoom, value: never) => unknown, string | RegExp, ...right: string[]]>([
    ['gate: path', (r, v) => r.multiplayer.gate(2, v), '"path" expected'],
    ['open: path', (r, v) => r.multiplayer.open(2, v), '"path" expected'],
    ['whenOpen: path', (r, v) => r.multiplayer.whenOpen(2, v), '"path" expected'],
    [
      'start',
      (r, v) => r.multiplayer.start(v),
      /^"options" expected|is no option/,
      'undefined',
      'an object without a prototype',
    ],
    ['start: tickHz', (r, v) => r.multiplayer.start({ tickHz: v }), '"tickHz" expected', 'undefined', '1.5'],
    ['on: name', (r, v) => r.multiplayer.on(v, () => undefined), '"name" expected one of peerConnected'],
    ['on: listener', (r, v) => r.multiplayer.on('peerConnected', v), '"listener" expected', 'a function'],
    ['setMultiplayerAuthority: id', (r, v) => nodeOf(r).setMultiplayerAuthority(v), '"id" expected', '-1'],
    [
      'setMultiplayerAuthority: recursive',
      (r, v) => nodeOf(r).setMultiplayerAuthority(2, v),
      '"recursive" expected',
      'undefined',
      'a boolean',
    ],
    ['rpcConfig: method', (r, v) => nodeOf(r).rpcConfig(v, {}), /expected/, 'a text', 'a long text'],
    [
      'rpcConfig: config',
      (r, v) => nodeOf(r).rpcConfig('x', v),
      /^"config" expected|is no option/,
      'null',
      'an object without a prototype',
    ],
    [
      'rpcConfig: rpcMode',
      (r, v) => nodeOf(r).rpcConfig('x', { rpcMode: v }),
      '"rpcMode" expected',
      'undefined',
    ],
    [
      'rpcConfig: transferMode',
      (r, v) => nodeOf(r).rpcConfig('x', { transferMode: v }),
      '"transferMode" expected',
      'undefined',
    ],
    [
      'rpcConfig: callLocal',
      (r, v) => nodeOf(r).rpcConfig('x', { callLocal: v }),
      '"callLocal" expected',
      'undefined',
      'a boolean',
    ],
    [
      'rpcConfig: channel',
      (r, v) => nodeOf(r).rpcConfig('x', { channel: v }),
      '"channel" expected',
      'undefined',
      '-1',
    ],
    ['onRpc: method', (r, v) => nodeOf(r).onRpc(v, () => undefined), /expected/, 'a text', 'a long text'],
    ['onRpc: handler', (r, v) => nodeOf(r).onRpc('hit', v), '"handler" expected', 'a function'],
    ['registerScript', (r, v) => r.mirror.registerScript(v), /expected/],
  ])('%s', (_, misuse, message, ...right) => {
    for (const [name, value] of ODD_VALUES) {
      const r = newRoom();
      const call = (): unknown => misuse(r, value as never);
      if (right.includes(name)) expect(call, name).not.toThrow();
      else expect(call, name).toThrow(message);
      r.multiplayer.stop();
    }
  });

  const spawnerOf = ({ mirror, multiplayer }: WireRoom) =>
    multiplayer.spawner(mirror.root.addChild({ name: 'S', class: 'MultiplayerSpawner' }));
  const syncOf = ({ mirror, multiplayer }: WireRoom) =>
    multiplayer.synchronizer(mirror.root.addChild({ name: 'Y', class: 'MultiplayerSynchronizer' }));
  const TEXTS = ['a text', 'a long text'];

  test.each<[string, (room: WireRoom, value: never) => unknown, string, ...right: string[]]>([
    ['spawner()', (r, v) => r.multiplayer.spawner(v), '"node" expected'],
    ['synchronizer()', (r, v) => r.multiplayer.synchronizer(v), '"node" expected'],
    ['spawnPath', (r, v) => Object.assign(spawnerOf(r), { spawnPath: v }), '"spawnPath" expected', ...TEXTS],
    ['spawnLimit', (r, v) => Object.assign(spawnerOf(r), { spawnLimit: v }), '"spawnLimit" expected'],
    [
      'spawnFunction',
      (r, v) => Object.assign(spawnerOf(r), { spawnFunction: v }),
      '"spawnFunction" expected',
      'null',
      'a function',
    ],
    ['addSpawnableScene', (r, v) => spawnerOf(r).addSpawnableScene(v), '"path" expected', ...TEXTS],
    ['rootPath', (r, v) => Object.assign(syncOf(r), { rootPath: v }), '"rootPath" expected', ...TEXTS],
    [
      'replicationConfig',
      (r, v) => Object.assign(syncOf(r), { replicationConfig: v }),
      '"replicationConfig" expected',
      'null',
    ],
    [
      'replicationInterval',
      (r, v) => Object.assign(syncOf(r), { replicationInterval: v }),
      '"replicationInterval" expected',
      '1.5',
    ],
    [
      'deltaInterval',
      (r, v) => Object.assign(syncOf(r), { deltaInterval: v }),
      '"deltaInterval" expected',
      '1.5',
    ],
    [
      'visibilityUpdateMode',
      (r, v) => Object.assign(syncOf(r), { visibilityUpdateMode: v }),
      '"visibilityUpdateMode" expected',
    ],
    [
      'publicVisibility',
      (r, v) => Object.assign(syncOf(r), { publicVisibility: v }),
      '"visible" expected',
      'a boolean',
    ],
    [
      'validate',
      (r, v) => Object.assign(syncOf(r), { validate: v }),
      '"validate" expected',
      'undefined',
      'a function',
    ],
    ['setVisibilityFor: peer', (r, v) => syncOf(r).setVisibilityFor(v, true), '"peer" expected'],
    [
      'setVisibilityFor: visible',
      (r, v) => syncOf(r).setVisibilityFor(2, v),
      '"visible" expected',
      'a boolean',
    ],
    ['addVisibilityFilter', (r, v) => syncOf(r).addVisibilityFilter(v), '"filter" expected', 'a function'],
    ['updateVisibility', (r, v) => syncOf(r).updateVisibility(v), '"peer" expected', 'undefined'],
  ])('of spawners and synchronizers: %s', (_, misuse, message, ...right) => {
    for (const [name, value] of ODD_VALUES) {
      const r = newRoom();
      const call = (): unknown => misuse(r, value as never);
      if (right.includes(name)) expect(call, name).not.toThrow();
      else expect(call, name).toThrow(message);
    }
  });

  test('getters of spawners and synchronizers take anything', () => {
    for (const [name, value] of ODD_VALUES) {
      const r = newRoom();
      const [spawner, sync] = [spawnerOf(r), syncOf(r)];
      expect(spawner.getSpawnableScene(value as number), name).toBe('');
      expect(sync.getVisibilityFor(value as number), name).toBe(false);
      sync.removeVisibilityFilter(value as never);
      expect(spawner.spawn(value as never), name).toBeNull();
      expect(r.lines.join(), name).toContain('spawn of /root/S: there is no node at its spawn path');
    }
  });

  test.each<[string, readonly unknown[], string]>([
    ['an unknown word', ['anybody'], 'a word of @rpc or a channel, got anybody'],
    ['two modes', ['any_peer', 'authority'], 'one of any_peer and authority'],
    ['two of call_local', ['call_local', 'call_remote'], 'one of call_local and call_remote'],
    ['two transfer modes', ['reliable', 'unreliable'], 'one transfer mode'],
    ['two channels', [1, 2], 'one channel, got two'],
    ['null', [null], 'a word of @rpc'],
  ])('rpc(): %s', (_, words, message) => {
    expect(() => rpc(...(words as []))).toThrow(`rpc: expected ${message}`);
  });

  test.each<[string, unknown, string]>([
    ['a channel that is none', { x: rpc(Number.NaN) }, '"channel" expected'],
    ['a channel of another kind', { x: rpc(1.5) }, '"channel" expected'],
    ['a type that is no text', { x: rpc().args(5 as never) }, '"type" expected a string'],
    ['types that are no list', { x: { argumentTypes: 'int' } }, '"argumentTypes" expected an array'],
    ['a number of arguments', { x: { leastArguments: -1 } }, '"leastArguments" expected'],
    ['a most of arguments', { x: { mostArguments: Number.NaN } }, '"mostArguments" expected'],
    ['no declaration', { x: 5 }, 'expected'],
    ['no object', 5, '"rpcs" of res://bad.gd expected an object'],
  ])('static rpcs: %s', (_, rpcs, message) => {
    class Bad extends NodeScript {
      static override readonly path: string = 'res://bad.gd';
      static override readonly rpcs = rpcs as never;
    }
    const mirror = new SceneMirror();
    expect(() => {
      mirror.registerScript(Bad);
      mirror.root.addChild({ name: 'B', class: 'Node', script: 'res://bad.gd' });
    }).toThrow(message);
  });

  test('the multiplayer of a script without one', () => {
    const mirror = new SceneMirror();
    mirror.registerScript(Unit);
    const node = mirror.root.addChild({ name: 'N', class: 'Node', script: 'res://unit.gd' });
    expect(() => (mirror.scriptOf(node) as Unit).multiplayer).toThrow('N belongs to no SceneMultiplayer');
    expect([node.rpc('hit'), node.rpcId(2, 'hit')]).toEqual([3, 3]);
  });
});
