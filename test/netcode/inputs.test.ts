/** Inputs of players: order, repeats, gaps, acknowledgements, rates; and clients that lie, who harm nobody else. */
import { describe, expect, test } from 'vitest';
import type { VariantValue } from '../../codec/index.ts';
import { SceneMirror } from '../../schema/index.ts';
import { NetworkTime, SceneMultiplayer } from '../../src/multiplayer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { type Shooter, type ShooterOptions, Shooters } from './shooters.ts';

const SEED = Number(process.env['FC_SEED'] ?? 1);

function play(options: Partial<ShooterOptions> = {}, players = 1): { arena: Shooters; player: Shooter } {
  const arena = new Shooters({ tickHz: 20, ...options });
  for (let i = 0; i < players; i++) arena.join();
  arena.run(1000);
  const [player] = arena.players;
  if (player === undefined) throw new Error('there is no player');
  return { arena, player };
}

/** Calls the server's part as a client may that keeps to nothing. */
function say(player: Shooter, method: string, ...args: VariantValue[]): void {
  expect(player.side.mirror.getNode('/root/NetworkTime')?.rpcId(1, method, ...args)).toBe(0);
}

describe(`seed ${SEED}`, () => {
  test('with 20 % loss: each input once, in order, and what is lost is counted', () => {
    const { arena, player } = play({ network: { loss: 0.2, latencyMs: 50, jitterMs: 10, seed: SEED } });
    // Until the server knows the player, which may take long, its inputs are lost.
    arena.run(20_000);
    expect(arena.inputs.length).toBeGreaterThan(0);
    const from = arena.inputs.at(-1)?.sequence ?? 0;
    arena.inputs.length = 0;
    arena.run(20_000);
    const { inputs } = arena;
    const sequences = inputs.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    const missed = inputs.reduce((sum, input) => sum + input.missed, 0);
    expect(inputs.length + missed).toBe((sequences.at(-1) ?? 0) - from);
    // Four of a kind get lost together with a probability of 0.0016.
    expect(missed / inputs.length).toBeLessThan(0.01);
    expect(player.helper.acknowledged).toBeGreaterThan(player.helper.sequence - 120);
    expect(player.helper.acknowledged).toBeLessThanOrEqual(sequences.at(-1) ?? 0);
    expect(arena.time.refusals()).toEqual({});
    arena.close();
  });

  test('reordered packets make no input come twice or late', () => {
    const { arena } = play({
      network: { reorder: 0.3, reorderMs: 80, latencyMs: 20, duplicate: 0.1, seed: SEED },
    });
    arena.run(5000);
    const sequences = arena.inputs.map(({ sequence }) => sequence);
    expect(sequences.length).toBeGreaterThan(280);
    expect(sequences.every((sequence, i) => i === 0 || sequence > (sequences[i - 1] ?? 0))).toBe(true);
    arena.close();
  });
});

test('a way that is shut for half a second makes a gap, which is told', () => {
  const { arena, player } = play();
  const { network, server } = arena.game;
  network.setLink(player.side.ip, server.ip, { loss: 1 });
  arena.run(500);
  network.setLink(player.side.ip, server.ip, { loss: 0 });
  arena.run(2000);
  const gaps = arena.inputs.filter(({ missed }) => missed > 0);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]?.missed).toBeGreaterThan(5);
  arena.close();
});

test('the newest inputs are kept, those of who left are not', () => {
  const { arena, player } = play({ time: { keptInputs: 5 } });
  const id = arena.inputs[0]?.peer ?? 0;
  const last = arena.inputs.at(-1)?.sequence ?? 0;
  expect(arena.time.recentInputs(id).map(({ sequence }) => sequence)).toEqual(
    [4, 3, 2, 1, 0].map((back) => last - back),
  );
  expect(arena.time.clockOf(id)?.roundTripMs).toBeGreaterThanOrEqual(0);
  player.side.multiplayer.close();
  arena.run(1000);
  expect(arena.time.recentInputs(id)).toEqual([]);
  expect(arena.time.clockOf(id)).toBeUndefined();
  arena.close();
});

test('what readInput refuses or throws at is no input, and is acknowledged all the same', () => {
  const { arena, player } = play({
    time: {
      readInput: (value) => {
        if (value === 13) throw new Error('unlucky');
        return typeof value === 'number' && value >= 0 ? value : undefined;
      },
    },
  });
  arena.inputs.length = 0;
  for (const value of [1000, 13, 'text', 1001]) player.helper.sendInput(value);
  arena.run(200);
  expect(arena.inputs.map(({ value }) => value).filter((value) => value >= 1000)).toEqual([1000, 1001]);
  expect(arena.time.refusals()['input-value']).toBeGreaterThanOrEqual(2);
  expect(String(arena.game.server.errors[0])).toContain('unlucky');
  expect(player.helper.acknowledged).toBeGreaterThan(0);
  arena.close();
});

describe('a client that lies', () => {
  const NEXT = 1_000_000;
  const tick = Float64Array.of(0);
  test.each<[what: string, reason: string, args: VariantValue[]]>([
    ['a tick in the future', 'input-tick', [NEXT, Float64Array.of(1e6), [1]]],
    ['a tick below -1', 'input-tick', [NEXT, Float64Array.of(-2), [1]]],
    ['a tick that is NaN', 'input-tick', [NEXT, Float64Array.of(Number.NaN), [1]]],
    ['a tick that is infinite', 'input-tick', [NEXT, Float64Array.of(Number.POSITIVE_INFINITY), [1]]],
    ['one bad tick of two', 'input-tick', [NEXT, Float64Array.of(1e6, 0), [1, 2]]],
    ['no tick', 'input-malformed', [NEXT, new Float64Array(), [1]]],
    ['no inputs', 'input-malformed', [NEXT, new Float64Array(), []]],
    ['too many inputs', 'input-malformed', [NEXT, new Float64Array(17), Array.from({ length: 17 }, () => 1)]],
    ['sequence 0', 'input-malformed', [0, tick, [1]]],
    ['a negative sequence', 'input-malformed', [-5, tick, [1]]],
    ['a huge sequence', 'input-malformed', [2 ** 53, tick, [1]]],
    ['a sequence of 63 bits', 'input-malformed', [2n ** 62n, tick, [1]]],
    ['more inputs than the sequence says', 'input-malformed', [1, new Float64Array(2), [1, 2]]],
    ['much data', 'input-size', [NEXT, tick, ['x'.repeat(2000)]]],
  ])('about its inputs: %s', (_, reason, args) => {
    const { arena, player } = play();
    const { length } = arena.inputs;
    say(player, 'take_inputs', ...args);
    arena.run(200);
    expect(arena.time.refusals()).toEqual({ [reason]: 1 });
    // It goes on as if nothing had been.
    expect(arena.inputs.length).toBeGreaterThan(length);
    expect(arena.inputs.every(({ sequence }, i) => sequence === i + 1)).toBe(true);
    arena.close();
  });

  test.each<[what: string, args: (nowMs: number) => VariantValue[]]>([
    ['a time of the server that has not come', (now) => [1, now + 10_000, 0]],
    ['a time before the server began', () => [1, -7, 0]],
    ['one that it held for longer than there is', (now) => [1, now - 100, 5000]],
    ['one that it held for less than no time', (now) => [1, now - 100, -5000]],
    ['a round trip of hours', () => [1, 0, 0]],
    ['a clock of its own that no clock is', (now) => [2n ** 62n, now - 50, 0]],
  ])('about time: %s', (_, args) => {
    const { arena, player } = play();
    arena.run(12_000);
    const id = arena.inputs[0]?.peer ?? 0;
    const before = arena.time.clockOf(id);
    player.helper.isOn = false;
    say(player, 'ask_time', ...args(arena.time.nowMs()));
    arena.run(100);
    expect(arena.time.refusals()).toEqual({ 'time-implausible': 1 });
    expect(arena.time.clockOf(id)).toEqual(before);
    arena.close();
  });

  test('about itself harms itself alone: a sequence far ahead, a slow clock', () => {
    const { arena, player } = play({}, 2);
    const [liar] = arena.game.server.multiplayer.getPeers();
    say(player, 'take_inputs', 2 ** 31 - 1, tick, [1]);
    arena.run(1000);
    const lost = arena.inputs.find(({ sequence }) => sequence === 2 ** 31 - 1);
    expect(lost?.missed).toBeGreaterThan(2 ** 30);
    const honest = arena.inputs.filter(({ peer }) => peer !== lost?.peer);
    expect(honest.every(({ missed }) => missed === 0)).toBe(true);
    expect(honest.length).toBeGreaterThan(60);
    expect(arena.inputs.filter(({ peer }) => peer === lost?.peer).at(-1)).toBe(lost);
    expect(liar).toBeDefined();
    arena.close();
  });

  test('a flood of inputs and questions is bounded', () => {
    const { arena, player } = play({ time: { maxInputPacketsPerSec: 10 } });
    arena.run(2000);
    const before = arena.inputs.length;
    for (let i = 0; i < 500; i++) {
      say(player, 'take_inputs', NEXT + i, tick, [1]);
      say(player, 'ask_time', 1, -1, 0);
    }
    arena.run(500);
    // Twice the rate at once, and what comes in half a second; four inputs in a packet of the helper.
    expect(arena.inputs.length - before).toBeLessThan(60);
    expect(arena.time.refusals()['input-rate']).toBeGreaterThan(400);
    expect(arena.time.refusals()['time-rate']).toBeGreaterThan(400);
    arena.close();
  });
});

describe('options', () => {
  const network = new SimNetwork();
  const runtime = network.createRuntime('10.0.0.1');
  const game = (): SceneMultiplayer => new SceneMultiplayer({ mirror: new SceneMirror(), runtime });

  test.each<[options: object, message: string]>([
    [{}, '"tickHz" expected above 0, at most 1000, got undefined'],
    [{ tickHz: 0 }, '"tickHz" expected above 0, at most 1000, got 0'],
    [{ tickHz: 20, path: 'NetworkTime' }, '"path" expected a path below /root'],
    [
      { tickHz: 20, path: '/root/None/Clock' },
      '"path" expected one whose parent is there, got /root/None/Clock',
    ],
    [{ tickHz: 20, keptInputs: 0 }, '"keptInputs" expected an integer 1..1024, got 0'],
    [{ tickHz: 20, maxInputBytes: 1.5 }, '"maxInputBytes" expected an integer 1..65536, got 1.5'],
    [{ tickHz: 20, readInput: 1 }, '"readInput" expected'],
    [{ tickHz: 20, tickHertz: 1 }, 'tickHertz'],
  ])('%j is refused', (options, message) => {
    expect(() => new NetworkTime(game(), { runtime, ...options } as never)).toThrow(message);
  });

  test('a node without the RPCs of the helper is refused; one at another place is made', () => {
    const multiplayer = game();
    multiplayer.mirror.root.addChild({ name: 'Taken', class: 'Node' });
    expect(() => new NetworkTime(multiplayer, { tickHz: 20, path: '/root/Taken', runtime })).toThrow(
      '"path" expected a node with the RPCs of network_time.gd, or none, got /root/Taken',
    );
    const time = new NetworkTime(multiplayer, { tickHz: 20, path: '/root/Taken/Clock', runtime });
    expect(time.node.getPath().toString()).toBe('/root/Taken/Clock');
    expect(() => new NetworkTime(Object(1), { tickHz: 20 })).toThrow('"multiplayer" expected');
  });

  test('steps by itself with each process, or when told', () => {
    const multiplayer = game();
    const itself = new NetworkTime(multiplayer, { tickHz: 20, runtime });
    const told = new NetworkTime(multiplayer, {
      tickHz: 20,
      runtime,
      path: '/root/Other',
      stepsItself: false,
    });
    const ticks: number[] = [];
    itself.on('tick', (tick) => ticks.push(tick));
    multiplayer.mirror.process(0.05);
    multiplayer.mirror.process(0.05);
    told.step();
    expect([itself.tick, told.tick, ticks]).toEqual([2, 1, [0, 1]]);
    itself.close();
    itself.close();
    multiplayer.mirror.process(0.05);
    expect(itself.tick).toBe(2);
    expect(told.estimateTick(2)).toBe(0);
  });
});
