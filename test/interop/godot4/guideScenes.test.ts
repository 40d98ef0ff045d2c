/**
 * Every block of `ini` in README.md and the guides, as a real Godot 4.6 reads it: settings of projects by its ConfigFile, scenes by its
 * loader, value for value what this package reads. A block that begins with a node is a part of a scene: it is put below a root of
 * its own, with a script or a replication config for each resource that it names.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { varToBytes } from '../../../codec/index.ts';
import { readProjectText } from '../../../schema/index.ts';
import { hex } from '../../support/hex.ts';
import { blocksOf, PAGES } from '../../support/pages.ts';
import { peer } from '../../support/peers.ts';
import { compareScenes } from './compareScenes.ts';
import { Godot4 } from './engine.ts';

const engine = peer('godot4');
const BLOCKS = PAGES.flatMap((page) => blocksOf(page)).filter(({ language }) => language === 'ini');
const SETTINGS = BLOCKS.filter(({ source }) => source.startsWith('config_version='));
const SCENES = BLOCKS.filter(({ source }) => /^\[(gd_scene|node) /.test(source));

/** Reports each setting, with its value as bytes. */
const MAIN = `extends Node

func _ready() -> void:
	for i in int(Harness.text("res://settings/count.txt")):
		var file := ConfigFile.new()
		if file.parse(Harness.text("res://settings/%d.txt" % i)) != OK:
			Harness.report("%d is refused" % i)
		for section in file.get_sections():
			for key in file.get_section_keys(section):
				var title: String = key if section == "" else section + "/" + key
				Harness.report("%d %s %s" % [i, title, var_to_bytes(file.get_value(section, key)).hex_encode()])
	Harness.finish()
`;

/** The whole scene of a block. */
function sceneOf(source: string): string {
  if (source.startsWith('[gd_scene ')) return source;
  const named = (kind: string): string[] => [
    ...new Set([...source.matchAll(new RegExp(`\\b${kind}\\("(\\w+)"\\)`, 'g'))].map(([, id = '']) => id)),
  ];
  return [
    '[gd_scene format=3]',
    ...named('ExtResource').map((id) => `[ext_resource type="Script" path="res://${id}.gd" id="${id}"]`),
    ...named('SubResource').map((id) => `[sub_resource type="SceneReplicationConfig" id="${id}"]`),
    '[node name="Root" type="Node2D"]',
    source,
  ].join('\n');
}

/** All scenes as files of one project: a folder for each page. */
function sceneFiles(): Map<string, string> {
  return new Map(
    SCENES.map(({ page, name, file, source }) => {
      const folder = page.replace(/^.*\/|\.md$/g, '');
      const path = file === undefined ? `${name.replace(/^.*:/, 'line')}.tscn` : file.replace(/^.*\//, '');
      return [`${folder}/${path}`, sceneOf(source).replaceAll('res://', `res://${folder}/`)];
    }),
  );
}

test('every block is of one of these kinds', () => {
  expect(SETTINGS.length).toBeGreaterThan(1);
  expect(SCENES.length).toBeGreaterThan(4);
  const known = new Set([...SETTINGS, ...SCENES]);
  expect(BLOCKS.filter((block) => !known.has(block)).map(({ name }) => name)).toEqual([]);
  expect(sceneFiles().size).toBe(SCENES.length);
});

describe.skipIf(engine.isMissing)(`settings and scenes of the guides in Godot 4.6${engine.note}`, () => {
  let godot: Godot4;
  beforeAll(async () => {
    godot = await Godot4.open();
  });
  afterAll(() => godot?.close());

  test('settings', async () => {
    const run = await godot.run({
      files: {
        'main.gd': MAIN,
        'settings/count.txt': String(SETTINGS.length),
        ...Object.fromEntries(SETTINGS.map(({ source }, i) => [`settings/${i}.txt`, source])),
      },
    });
    const ours = SETTINGS.flatMap(({ source }, i) =>
      [...readProjectText(source, { file: 'res://project.godot' }).settings].map(
        ([name, { value }]) => `${i} ${name} ${hex(varToBytes(value as never))}`,
      ),
    );
    expect(run.errors).toEqual([]);
    expect([...run.reports].sort()).toEqual(ours.sort());
  });

  test('scenes', async () => {
    const files = sceneFiles();
    const { compared, differences } = await compareScenes(godot, files, [...files.keys()]);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(SCENES.length);
  });
});
