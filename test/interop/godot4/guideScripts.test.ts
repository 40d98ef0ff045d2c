/**
 * Every block of GDScript in README.md and the guides, compiled by a real Godot 4.6, each as a script of its own:
 *
 * - a block that says what it extends is a whole script;
 * - one of declarations is a script of a Node;
 * - any other is the body of a function of a Node.
 *
 * All of them know the add-on's `GodotEnetClient` and its autoload `GodotEnetHandoff`, the autoload `NetworkTime` of docs/guide/netcode.md, and Blazium's singletons, which the
 * stock engine has not: `addon/enet_client.gd` and `addon/enet_packet_utils.gd` have their signatures.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, PAGES } from '../../support/pages.ts';
import { peer } from '../../support/peers.ts';
import { addonFiles, BLAZIUM_SETTINGS, standInFiles } from './addon/files.ts';
import { Godot4 } from './engine.ts';

const engine = peer('godot4');
const BLOCKS = PAGES.flatMap((page) => blocksOf(page)).filter(({ language }) => language === 'gdscript');

/** What shows that the engine would find something, by what is wrong. */
const BROKEN: readonly [why: string, source: string][] = [
  ['a name that there is not', 'nothing.call()'],
  ['a method that a class has not', 'ENetConnection.new().connect_to_nobody()'],
  ['a method that the add-on has not', 'GodotEnetClient.new().connect_to_nobody()'],
  ['an argument too many', 'GodotEnetClient.new().connect_to_server("a", 1, 2, 3)'],
  ["an argument of another type, of Blazium's class", 'ENetClient.connect_to_server(7777, "127.0.0.1")'],
  ['a type in a declaration', 'var health: int = "ten"'],
  ['no GDScript', 'extends Node\nfunc ():'],
];

/** A block as a script. */
function scriptOf(source: string): string {
  if (/^extends /m.test(source)) return source;
  const isOfDeclarations = /^(@\w+|func|signal|const|enum|static)\b/m.test(source);
  if (isOfDeclarations) return `extends Node\n${source}`;
  return `extends Node\nfunc block() -> void:\n${source.replaceAll(/^(?=.)/gm, '\t')}\tpass\n`;
}

const SETTINGS = `${BLAZIUM_SETTINGS}NetworkTime="*res://network_time.gd"
GodotEnetHandoff="*res://addons/godot_enet/handoff.gd"
`;

/** Reports of each script whether it is one. */
const MAIN = `extends Node

func _ready() -> void:
	for i in int(Harness.text("res://blocks/count.txt")):
		var script := GDScript.new()
		script.source_code = Harness.text("res://blocks/%d.txt" % i)
		print("block ", i)
		Harness.report("loaded" if script.reload() == OK and script.can_instantiate() else "refused")
	Harness.finish()
`;

test('the pages have whole scripts and others', () => {
  const starts = BLOCKS.map(({ source }) => scriptOf(source) === source);
  expect(starts.filter((isWhole) => isWhole).length).toBeGreaterThan(5);
  expect(starts.filter((isWhole) => !isWhole).length).toBeGreaterThan(3);
  for (const { name, mark } of BLOCKS) expect(mark, name).toBe('');
});

describe.skipIf(engine.isMissing)(`GDScript of the guides in Godot 4.6${engine.note}`, () => {
  let godot: Godot4;
  let results: readonly string[] = [];
  let output: readonly string[] = [];
  beforeAll(async () => {
    godot = await Godot4.open();
    const sources = [...BLOCKS.map(({ source }) => source), ...BROKEN.map(([, source]) => source)];
    const networkTime = new URL('../../../examples/netcode/godot/network_time.gd', import.meta.url);
    const run = await godot.run({
      files: {
        ...standInFiles(),
        ...addonFiles(),
        'network_time.gd': readFileSync(networkTime, 'utf8'),
        'project.godot': SETTINGS,
        'main.gd': MAIN,
        'blocks/count.txt': String(sources.length),
        ...Object.fromEntries(sources.map((source, i) => [`blocks/${i}.txt`, scriptOf(source)])),
      },
    });
    results = run.reports;
    output = run.output;
  });
  afterAll(() => godot?.close());

  /** What the engine prints while it compiles a block. */
  const said = (index: number): string => {
    const from = output.indexOf(`block ${index}`);
    const to = output.indexOf(`block ${index + 1}`);
    return output.slice(from + 1, to < 0 ? undefined : to).join('\n');
  };

  test.each(BLOCKS.map(({ name }, index) => [name, index] as const))('%s', (_name, index) => {
    expect(results[index], said(index)).toBe('loaded');
  });

  test.each(BROKEN.map(([why], index) => [why, BLOCKS.length + index] as const))(
    'what shows that a block is looked at: %s',
    (_why, index) => {
      expect(results[index]).toBe('refused');
    },
  );
});
