/**
 * `examples/netcode/godot/network_time.gd` in a real Godot 4.6: its clock, its round trip, the inputs that it sends, what is
 * acknowledged and the tick that it says to have applied, against the server.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Vector2 } from '../../../codec/index.ts';
import { SceneMirror } from '../../../schema/index.ts';
import { NetworkTime, type PlayerInput, SceneMultiplayer, WorldHistory } from '../../../src/multiplayer.ts';
import { WebSocketMultiplayerPeer } from '../../../src/websocket.ts';
import { peer } from '../../support/peers.ts';
import { Godot4, type Godot4Client } from './engine.ts';

const engine = peer('godot4');
const scriptOf = (name: string): string =>
  readFileSync(new URL(`../../../examples/netcode/godot/${name}`, import.meta.url), 'utf8');
const TICK_HZ = 20;

/** The helper as an autoload, beside the harness's own. */
const PROJECT = `config_version=5
[application]
config/name="netcode"
run/main_scene="res://main.tscn"
[autoload]
Harness="*res://harness.gd"
NetworkTime="*res://network_time.gd"
[rendering]
renderer/rendering_method="gl_compatibility"
`;

/** Sends an input in each physics frame, and reports the helper's numbers when it is told to. */
const MAIN = `extends Node

func _ready() -> void:
	NetworkTime.acknowledged_input.connect(func(sequence: int) -> void: last = sequence)
	Harness.received.connect(told)
	Harness.report("range.gd %s" % load("res://range.gd").can_instantiate())
	join()

var last := 0

func join() -> void:
	var peer := WebSocketMultiplayerPeer.new()
	peer.create_client(Harness.text("res://url.txt"))
	multiplayer.multiplayer_peer = peer

func _physics_process(_delta: float) -> void:
	if multiplayer.multiplayer_peer.get_connection_status() == MultiplayerPeer.CONNECTION_CONNECTED:
		NetworkTime.send_input(Vector2(NetworkTime.sequence + 1, NetworkTime.applied_tick))

func told(text: String) -> void:
	if text == "join":
		join()
		return
	Harness.report("now %f %f %f %f %f %d %d %d" % [NetworkTime.server_msec(), NetworkTime.offset_msec, NetworkTime.tick_now(),
		NetworkTime.round_trip_msec, NetworkTime.applied_tick, NetworkTime.sequence, NetworkTime.acknowledged, last])
`;

/** What the client reports. */
interface Numbers {
  readonly serverMs: number;
  readonly offsetMs: number;
  readonly tickNow: number;
  readonly roundTripMs: number;
  readonly appliedTick: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly signalled: number;
}

describe.skipIf(engine.isMissing)(`the helper in Godot 4.6${engine.note}`, { timeout: 120_000 }, () => {
  const mirror = new SceneMirror();
  const multiplayer = new SceneMultiplayer({ mirror });
  const web = new WebSocketMultiplayerPeer();
  const time = new NetworkTime(multiplayer, {
    tickHz: TICK_HZ,
    readInput: (value) => (value instanceof Vector2 ? value : undefined),
  });
  const world = new WorldHistory(multiplayer, time, { nodes: 'targets' });
  const inputs: PlayerInput<Vector2>[] = [];
  let godot: Godot4;
  let client: Godot4Client;

  const ask = async (): Promise<Numbers> => {
    const { length } = client.reports;
    await client.send('now');
    await client.until(({ reports }) => reports.length > length);
    const words = (client.reports.at(-1) ?? '').split(' ').slice(1).map(Number);
    const [serverMs = 0, offsetMs = 0, tickNow = 0, roundTripMs = 0, appliedTick = 0, ...counts] = words;
    const [sequence = 0, acknowledged = 0, signalled = 0] = counts;
    return { serverMs, offsetMs, tickNow, roundTripMs, appliedTick, sequence, acknowledged, signalled };
  };

  beforeAll(async () => {
    expect(web.createServer(0, '127.0.0.1')).toBe(0);
    expect(await web.whenListening()).toBe(0);
    multiplayer.multiplayerPeer = web;
    mirror.root.addChild({ name: 'Target', class: 'Node2D', groups: ['targets'] });
    mirror.watchTree({
      processed: () => mirror.getNode('/root/Target')?.set('position', new Vector2(time.tick, 0)),
    });
    time.on('input', (input) => inputs.push(input));
    multiplayer.start({ tickHz: TICK_HZ });
    godot = await Godot4.open();
    const files = {
      'project.godot': PROJECT,
      'main.gd': MAIN,
      'network_time.gd': scriptOf('network_time.gd'),
      'range.gd': scriptOf('range.gd'),
      'url.txt': `ws://127.0.0.1:${web.localPort}`,
    };
    client = await godot.start({ files, timeoutMs: 110_000 });
  }, 120_000);
  afterAll(async () => {
    multiplayer.close();
    await godot?.close();
  });

  /** Waits until the server has so many inputs. */
  async function until(isTrue: () => boolean, what: string): Promise<void> {
    const end = Date.now() + 30_000;
    while (!isTrue()) {
      if (Date.now() > end)
        throw new Error(`not within 30 s: ${what}\n${client.output.slice(-20).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  test('clock, round trip, inputs, acknowledgements and applied ticks', async () => {
    await until(() => inputs.length > 200, 'inputs');
    const id = multiplayer.getPeers()[0] ?? 0;
    await until(() => time.clockOf(id) !== undefined, 'a clock');
    const before = { ms: time.nowMs(), tick: time.tick };
    const numbers = await ask();
    // The truth lies between asking and getting the answer; the clock is right to within half a round trip and a frame.
    const slack = numbers.roundTripMs / 2 + 25;
    expect(numbers.serverMs).toBeGreaterThan(before.ms - slack);
    expect(numbers.serverMs).toBeLessThan(time.nowMs() + slack);
    expect(numbers.tickNow).toBeGreaterThan(before.tick - 2 - (slack * TICK_HZ) / 1000);
    expect(numbers.tickNow).toBeLessThan(time.tick + 1 + (slack * TICK_HZ) / 1000);
    expect(numbers.roundTripMs).toBeGreaterThanOrEqual(0);
    expect(numbers.roundTripMs).toBeLessThan(500);
    expect(numbers.appliedTick).toBeLessThan(time.tick);
    expect(numbers.appliedTick).toBeGreaterThan(time.tick - TICK_HZ);
    expect(numbers.acknowledged).toBeGreaterThan(100);
    expect(numbers.signalled).toBe(numbers.acknowledged);
    expect(numbers.acknowledged).toBeLessThanOrEqual(numbers.sequence);

    expect(inputs.map(({ sequence }) => sequence)).toEqual(inputs.map((_, i) => i + 1));
    // What the script wrote into the input is what the helper said of it.
    for (const { sequence, tick, value } of inputs) expect([value.x, value.y]).toEqual([sequence, tick]);
    expect(inputs.at(-1)?.missed).toBe(0);
    const clock = time.clockOf(id);
    expect(clock?.roundTripMs).toBeLessThan(500);
    expect(clock?.minRoundTripMs).toBeLessThanOrEqual(clock?.roundTripMs ?? 0);
    // The same difference of the clocks, found from both sides.
    expect(Math.abs((clock?.offsetMs ?? Number.NaN) + numbers.offsetMs)).toBeLessThan(2 * slack);
    expect(client.reports).toContain('range.gd true');
    expect(time.refusals()).toEqual({});
    expect(multiplayer.refusals()).toEqual({});
    expect(client.errors).toEqual([]);
  });

  test('the world as the client saw it', () => {
    const last = inputs.at(-1);
    const target = mirror.getNode('/root/Target');
    if (last === undefined || target === undefined) throw new Error('there is no input');
    const seen = Math.max(last.tick, world.oldestTick);
    expect(world.rewind(last.peer, last.tick).positionOf(target)).toEqual(new Vector2(seen, 0));
    expect(Math.abs(time.estimateTick(last.peer) - last.tick)).toBeLessThan(TICK_HZ);
  });

  test('a client that was sent away comes again: clock, inputs and ticks begin anew', async () => {
    const [before = 0] = multiplayer.getPeers();
    multiplayer.disconnectPeer(before);
    await until(() => multiplayer.getPeers().length === 0, 'the end');
    // A kick has no signal: the next tick notices.
    await until(() => time.recentInputs(before).length === 0, 'its inputs are forgotten');
    inputs.length = 0;
    await client.send('join');
    await until(() => inputs.some(({ tick }) => tick >= 0), 'inputs');
    expect(inputs.every(({ peer: id, sequence }, i) => id !== before && sequence === i + 1)).toBe(true);
    const [id = 0] = multiplayer.getPeers();
    await until(() => time.clockOf(id) !== undefined, 'a clock');
    const numbers = await ask();
    expect(numbers.acknowledged).toBeLessThanOrEqual(numbers.sequence);
    expect(Math.abs((time.clockOf(id)?.offsetMs ?? Number.NaN) + numbers.offsetMs)).toBeLessThan(
      numbers.roundTripMs + 50,
    );
    expect(time.refusals()).toEqual({});
    expect(client.errors).toEqual([]);
  });
});
