/** The shooting range hits what a player over UDP saw, and the script of its clients makes the calls that it has. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { type PackedVector2Array, Vector2 } from '../../codec/index.ts';
import { ShootingRange } from '../../examples/netcode/range.ts';
import { SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot.ts';
import { NodeScript, rpc, SceneMultiplayer } from '../../src/multiplayer.ts';
import { HelperClient, HelperScript } from '../netcode/HelperClient.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A player's side of `range.gd`. */
class Player extends NodeScript {
  static override readonly path = 'res://range.gd';
  static override readonly rpcs = {
    snapshot: rpc('authority', 'unreliable').args('int', 'PackedVector2Array'),
    hit: rpc('authority').args('Vector2'),
  };
}

test('a shot at what the player saw hits, one beside it does not', async () => {
  const lines: string[] = [];
  const range = new ShootingRange((line) => lines.push(line));
  ends.push(() => range.stop());
  expect(range.start(0, '127.0.0.1')).toBe(0);

  const mirror = new SceneMirror().registerScript(Player).registerScript(HelperScript);
  const node = mirror.root.addChild({ name: 'Range', class: 'Node2D', script: Player.path });
  const clock = mirror.root.addChild({ name: 'NetworkTime', class: 'Node', script: HelperScript.path });
  const multiplayer = new SceneMultiplayer({ mirror });
  const helper = new HelperClient(clock, () => performance.now());
  helper.followsTicks = false;
  let seen: Vector2 | undefined;
  const wasHit = new Promise<Vector2>((resolve) => {
    node.onRpc('hit', (_: number, place: Vector2) => resolve(place));
  });
  const sees = new Promise<void>((resolve) => {
    node.onRpc('snapshot', (_: number, tick: number, places: PackedVector2Array) => {
      seen = places.at(2);
      helper.applied(tick);
      resolve();
    });
  });
  const peer = new ENetMultiplayerPeer();
  peer.createClient('127.0.0.1', range.peer.getLocalPort());
  multiplayer.multiplayerPeer = peer;
  multiplayer.start({ tickHz: 60 });
  ends.push(() => multiplayer.close());
  await sees;
  const aim = seen ?? new Vector2(0, 0);
  helper.sendInput(new Vector2(aim.x, aim.y + 40));
  helper.sendInput(new Vector2(aim.x, aim.y + 10));
  expect((await wasHit).equals(aim)).toBe(true);
  const [comes, misses, hits] = lines;
  expect(comes).toMatch(/^player \d+ comes$/);
  expect(misses).toMatch(/^player \d+ misses$/);
  expect(hits).toMatch(/^player \d+ hits Target2, \d+ ticks ago$/);
});

test('range.gd has the RPCs of the server', () => {
  const script = readFileSync(new URL('../../examples/netcode/godot/range.gd', import.meta.url), 'utf8');
  const names = [...script.matchAll(/^@rpc\((.*)\)\nfunc (\w+)/gm)].map(
    ([, words, name]) => `${name}: ${words}`,
  );
  expect(names).toEqual(['snapshot: "authority", "call_remote", "unreliable"', 'hit: "authority"']);
});
