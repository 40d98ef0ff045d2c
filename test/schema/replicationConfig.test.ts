/** SceneReplicationConfig: its methods, its lists for each version, files, JSON, and the node that it is set on. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodePath } from '../../codec/index.ts';
import {
  encodeNode,
  type MirrorNode,
  NodeSyncFlags,
  ReplicationMode,
  ResourceReference,
  readSceneText,
  replicationConfigOf,
  SceneMirror,
  SceneReplicationConfig,
  SceneTextError,
} from '../../schema/index.ts';
import { fcParameters } from '../support/fc.ts';

const { REPLICATION_MODE_NEVER, REPLICATION_MODE_ALWAYS, REPLICATION_MODE_ON_CHANGE } = ReplicationMode;

function texts(paths: readonly NodePath[]): string[] {
  return paths.map(String);
}

describe('as in Godot', () => {
  test('a new property is spawned and always replicated, at its place', () => {
    const config = new SceneReplicationConfig();
    config.addProperty('.:position');
    config.addProperty(new NodePath('Child:scale'));
    config.addProperty(':visible', 0);
    config.addProperty('.:modulate:a', 2);
    expect(texts(config.getProperties())).toEqual([':visible', '.:position', '.:modulate:a', 'Child:scale']);
    expect(config.propertyGetIndex('Child:scale')).toBe(3);
    expect(config.propertyGetIndex('.:scale')).toBe(-1);
    expect([config.propertyGetSpawn(':visible'), config.propertyGetReplicationMode(':visible')]).toEqual([
      true,
      REPLICATION_MODE_ALWAYS,
    ]);
    config.removeProperty('.:position');
    config.removeProperty('.:position');
    expect([config.hasProperty('.:position'), config.hasProperty('Child:scale')]).toEqual([false, true]);
  });

  test('the three lists keep the order; each change counts, and nothing else does', () => {
    const config = new SceneReplicationConfig();
    for (const path of ['.:a', '.:b', '.:c', '.:d']) config.addProperty(path);
    const before = config.revision;
    const lists = config.listsFor('4.6');
    config.propertySetSpawn('.:a', false);
    config.propertySetReplicationMode('.:b', REPLICATION_MODE_ON_CHANGE);
    config.propertySetReplicationMode('.:d', REPLICATION_MODE_NEVER);
    expect(config.revision).toBe(before + 3);
    config.propertySetSpawn('.:a', false);
    config.propertySetReplicationMode('.:b', REPLICATION_MODE_ON_CHANGE);
    config.removeProperty('.:unknown');
    expect(config.revision).toBe(before + 3);
    expect(texts(config.spawnProperties)).toEqual(['.:b', '.:c', '.:d']);
    expect(texts(config.syncProperties)).toEqual(['.:a', '.:c']);
    expect(texts(config.watchProperties)).toEqual(['.:b']);
    expect(texts(lists.sync)).toEqual(['.:a', '.:b', '.:c', '.:d']);
    expect(config.listsFor('4.6')).toBe(config.listsFor('4.6'));
  });

  test('the old switches: on is that mode, off is never if it was that mode', () => {
    const config = new SceneReplicationConfig();
    config.addProperty('.:a');
    const modes: number[] = [];
    const note = (): unknown => modes.push(config.propertyGetReplicationMode('.:a'));
    config.propertySetWatch('.:a', true);
    note();
    config.propertySetSync('.:a', false);
    note();
    config.propertySetSync('.:a', true);
    note();
    config.propertySetSync('.:a', false);
    note();
    expect(modes).toEqual([2, 2, 1, 0]);
    expect([config.propertyGetSync('.:a'), config.propertyGetWatch('.:a')]).toEqual([false, false]);
  });

  test('what is wrong is told by name, and nothing is changed', () => {
    const config = new SceneReplicationConfig();
    config.addProperty('.:a');
    const { revision } = config;
    const plain = config as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [call, message] of [
      [() => plain['addProperty']?.(5), '"path" expected a NodePath or a string, got number'],
      [() => config.addProperty('Child'), '"path" expected a property such as .:position, got "Child"'],
      [() => config.addProperty('.:a'), '"path" expected a property that is not there yet, got ".:a"'],
      [() => config.addProperty('.:b', 2), '"index" expected -1..1, got 2'],
      [() => config.propertyGetSpawn('.:b'), '"path" expected a property of the config, got ".:b"'],
      [() => plain['propertySetSpawn']?.('.:a', 1), '"enabled" expected a boolean, got number'],
      [() => plain['propertySetReplicationMode']?.('.:a', 3), '"mode" expected 0..2, got 3'],
    ] as const)
      expect(call).toThrow(message);
    expect(config.revision).toBe(revision);
  });

  test('a 65th property that is replicated on change is refused', () => {
    const config = new SceneReplicationConfig();
    for (let i = 0; i < 65; i++) config.addProperty(`.:p${i}`);
    for (let i = 0; i < 64; i++) config.propertySetReplicationMode(`.:p${i}`, REPLICATION_MODE_ON_CHANGE);
    expect(() => config.propertySetReplicationMode('.:p64', REPLICATION_MODE_ON_CHANGE)).toThrow(
      'expected at most 64 properties that are replicated on change',
    );
    expect(config.propertyGetReplicationMode('.:p64')).toBe(REPLICATION_MODE_ALWAYS);
    config.propertySetReplicationMode('.:p3', REPLICATION_MODE_NEVER);
    config.propertySetReplicationMode('.:p64', REPLICATION_MODE_ON_CHANGE);
    expect(config.watchProperties.length).toBe(64);
  });
});

describe('for a version', () => {
  test('of what was made in code: as if that version had saved it', () => {
    const config = new SceneReplicationConfig();
    for (const path of ['.:a', '.:b', '.:c']) config.addProperty(path);
    config.propertySetSpawn('.:a', false);
    config.propertySetReplicationMode('.:b', REPLICATION_MODE_NEVER);
    config.propertySetReplicationMode('.:c', REPLICATION_MODE_ON_CHANGE);
    const of40 = config.listsFor('4.0');
    expect([of40.spawn, of40.sync, of40.watch].map(texts)).toEqual([
      ['.:b', '.:b', '.:c', '.:c'],
      ['.:a', '.:a', '.:c', '.:c'],
      [],
    ]);
    expect(config.listsFor('4.1')).toEqual(config.listsFor('4.6'));
  });

  test('4.1 replicates both ways what has both switches on; later ones take the last', () => {
    const config = read(
      'properties/0/path = NodePath(".:a")\nproperties/0/watch = true\nproperties/0/sync = true\n',
    );
    const of41 = config.listsFor('4.1');
    expect([of41.spawn, of41.sync, of41.watch].map(texts)).toEqual([['.:a'], ['.:a'], ['.:a']]);
    expect(config.propertyGetReplicationMode('.:a')).toBe(REPLICATION_MODE_ALWAYS);
  });

  test.each([
    ['spawn = true\nproperties/0/sync = true', '4.0'],
    ['sync = false\nproperties/0/watch = true', '4.1'],
    ['spawn = true\nproperties/0/replication_mode = 1', '4.2'],
  ])('%j was written by %s', (lines, version) => {
    const config = read(`properties/0/path = NodePath(".:a")\nproperties/0/${lines}\n`);
    expect(config.writtenBy).toBe(version);
    config.addProperty('.:b');
    expect(config.writtenBy).toBe(version);
    config.propertySetSpawn('.:a', !config.propertyGetSpawn('.:a'));
    expect(config.writtenBy).toBe(undefined);
  });

  test('what is changed in code counts as saved anew', () => {
    const config = read('properties/0/path = NodePath(".:a")\nproperties/0/replication_mode = 2\n');
    expect(texts(config.listsFor('4.0').spawn)).toEqual(['.:a']);
    config.propertySetReplicationMode('.:a', REPLICATION_MODE_ALWAYS);
    expect(texts(config.listsFor('4.0').spawn)).toEqual(['.:a', '.:a']);
  });
});

describe('in files and documents', () => {
  test('lines that the engine refuses are left out and told with their place', () => {
    const issues: string[] = [];
    const text = scene(
      [
        'resource_name = "All"',
        'properties/2/path = NodePath(".:late")',
        'properties/0/path = NodePath(".:a")',
        'properties/0/spawn = 1',
        'properties/0/replication_mode = 5',
        'properties/0/colour = true',
        'properties/1/path = NodePath(".:a")',
        'properties/1/sync = false',
        'properties/01/path = NodePath("Child")',
      ].join('\n'),
    );
    const read = readSceneText(text, {
      file: 'res://a.tscn',
      onIssue: ({ line, message }) => issues.push(`${line}: ${message}`),
    });
    const config = read.nodes[1]?.properties.get('replication_config');
    expect(config instanceof SceneReplicationConfig && config.toProperties().map(String)).toEqual([
      'properties/0/path,.:a',
    ]);
    expect(issues).toEqual([
      '3: "properties/2/path" is not the next property: left out',
      '3: "properties/0/spawn" is unknown, or has a value that it cannot have: left out',
      '3: "properties/0/replication_mode" is unknown, or has a value that it cannot have: left out',
      '3: "properties/0/colour" is unknown, or has a value that it cannot have: left out',
      '3: "properties/1/path" names a property that is there already: left out',
      '3: "properties/1/sync" has no path before it: left out',
      '3: "properties/01/path" expected the path of a property: left out',
    ]);
  });

  test('more than 64 properties on change are an error with file and line', () => {
    const lines = Array.from(
      { length: 65 },
      (_, i) => `properties/${i}/path = NodePath(".:p${i}")\nproperties/${i}/replication_mode = 2`,
    );
    const reading = (): unknown => readSceneText(scene(lines.join('\n')), { file: 'res://a.tscn' });
    expect(reading).toThrow(SceneTextError);
    expect(reading).toThrow('res://a.tscn:3:1: expected at most 64 properties that are replicated on change');
  });

  test('a document keeps a config of any lines, to the last one', () => {
    const line = fc.oneof(
      fc.tuple(fc.constantFrom('spawn', 'sync', 'watch'), fc.boolean()),
      fc.tuple(fc.constant('replication_mode'), fc.constantFrom(0, 1, 2)),
    );
    const entries = fc.array(fc.array(line, { maxLength: 4 }), { maxLength: 8 });
    const check = fc.property(entries, (entries) => {
      const lines = entries.flatMap((entry, i): [string, unknown][] => [
        [`properties/${i}/path`, new NodePath(`Node${i}/a:p${i}:x`)],
        ...entry.map(([what, value]): [string, unknown] => [`properties/${i}/${what}`, value]),
      ]);
      const config = SceneReplicationConfig.fromProperties(lines);
      const mirror = new SceneMirror();
      synchronizer(mirror).set('replication_config', config);
      const again = SceneMirror.fromJSON(JSON.parse(JSON.stringify(mirror)));
      const copy = replicationConfigOf(again.getNode('Sync') as MirrorNode);
      expect(copy?.toProperties()).toEqual(config.toProperties());
      for (const dialect of ['4.0', '4.1', '4.6'] as const)
        expect(copy?.listsFor(dialect)).toEqual(config.listsFor(dialect));
    });
    fc.assert(check, fcParameters(50));
  });

  test('a document whose config cannot be is refused with its place', () => {
    const root = {
      name: 'Sync',
      class: 'MultiplayerSynchronizer',
      properties: {
        replication_config: {
          type: 'SubResource',
          id: '1',
          class: 'SceneReplicationConfig',
          props: ['properties/0/path', 'np:Child'],
        },
      },
    };
    expect(() => SceneMirror.fromJSON({ format: 1, root })).toThrow(
      '$.root.properties.replication_config.props: "properties/0/path" expected the path of a property',
    );
  });
});

describe('on a node', () => {
  test('it is the object that was set; another one is a change, null takes it away', () => {
    const mirror = new SceneMirror();
    const node = synchronizer(mirror);
    expect(replicationConfigOf(node)).toBe(null);
    const [one, two] = [new SceneReplicationConfig(), new SceneReplicationConfig()];
    node.set('replication_config', one);
    expect(replicationConfigOf(node)).toBe(one);
    const before = mirror.revision;
    node.set('replication_config', one);
    expect(node.changesSince(before)).toEqual([]);
    node.set('replication_config', two);
    expect(node.changesSince(before)).toEqual(['replication_config']);
    expect(replicationConfigOf(node)).toBe(two);
    node.set('replication_config', null);
    expect(replicationConfigOf(node)).toBe(null);
    node.set('replication_config', new ResourceReference('ExtResource', '1', { path: 'res://a.tres' }));
    expect(replicationConfigOf(node)).toBe(null);
  });

  test('in packets it is an object with an id of its own', () => {
    const mirror = new SceneMirror();
    const [one, two] = [new SceneReplicationConfig(), new SceneReplicationConfig()];
    expect(mirror.idOf(one)).toBe(mirror.idOf(one));
    expect(mirror.idOf(two)).not.toBe(mirror.idOf(one));
    expect(one.equals(two)).toBe(false);
    const node = synchronizer(mirror);
    node.set('replication_config', one);
    expect(encodeNode(node, NodeSyncFlags.SYNC_PROPERTIES).length).toBeGreaterThan(100);
  });
});

function synchronizer(mirror: SceneMirror): MirrorNode {
  return mirror.root.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
}

/** A scene whose sub-resource has these lines; its heading is in line 3. */
function scene(lines: string): string {
  return `[gd_scene format=3]

[sub_resource type="SceneReplicationConfig" id="1"]
${lines}

[node name="A" type="Node"]

[node name="Sync" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("1")
`;
}

function read(lines: string): SceneReplicationConfig {
  const config = readSceneText(scene(lines)).nodes[1]?.properties.get('replication_config');
  if (!(config instanceof SceneReplicationConfig)) throw new Error('no config');
  return config;
}
