import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peer } from '../../support/peers.ts';
import { Godot4 } from './engine.ts';

const engine = peer('godot4');

describe.skipIf(engine.isMissing)(`the harness of Godot 4.6${engine.note}`, { timeout: 120_000 }, () => {
  let godot: Godot4;
  beforeAll(async () => {
    godot = await Godot4.open();
  });
  afterAll(() => godot.close());

  test('runs a script and hands over what it reports, prints and complains of', async () => {
    const run = await godot.run({
      files: {
        'main.gd': `extends Node
func _ready() -> void:
	Harness.report(Engine.get_version_info().string)
	Harness.report(Harness.text("res://data.txt"))
	print("printed")
	push_error("pushed")
	Harness.finish(7)
`,
        'res://data.txt': 'äöü\0'.slice(0, 3),
      },
    });
    expect(run.reports).toEqual(['4.6-stable (official)', 'äöü']);
    expect(run.output).toContain('printed');
    expect(run.errors).toEqual([expect.stringContaining('pushed')]);
    expect(run.exitCode).toBe(7);
  });

  test('several clients at once, each with its own inbox', async () => {
    const echo = `extends Node
func _ready() -> void:
	Harness.received.connect(func(text: String) -> void:
		Harness.report(text.to_upper())
		Harness.finish())
	Harness.report("ready")
`;
    const clients = await Promise.all([1, 2].map(() => godot.start({ files: { 'main.gd': echo } })));
    await Promise.all(clients.map((client) => client.until(({ reports }) => reports.includes('ready'))));
    await Promise.all(clients.map((client, at) => client.send(`client ${at}`)));
    const ended = await Promise.all(clients.map((client) => client.exited));
    expect(ended.map(({ reports }) => reports)).toEqual([
      ['ready', 'CLIENT 0'],
      ['ready', 'CLIENT 1'],
    ]);
    await Promise.all(clients.map((client) => client.close()));
  });

  test('a project that does not end is stopped, and says what it printed', async () => {
    const forever = { 'main.gd': 'extends Node\nfunc _ready() -> void:\n\tprint("still here")\n' };
    const client = await godot.start({ files: forever, timeoutMs: 60_000 });
    await client.until(({ output }) => output.includes('still here'));
    await client.close();
    await expect(client.exited).rejects.toThrow(/its page was closed.*still here/s);
    const hasty = godot.run({ files: forever, timeoutMs: 1 });
    await expect(hasty).rejects.toThrow(/closed|after 1 ms/);
  });
});
