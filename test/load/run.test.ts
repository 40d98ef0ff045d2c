/** Whole runs on the virtual network: what is measured is what the network does, and nothing that a script does ends a run. */
import { describe, expect, test } from 'vitest';
import { botMaker, type LoadBot } from '../../src/load/bot.ts';
import type { AnyPlayer } from '../../src/load/players/link.ts';
import type { ProcessUse } from '../../src/load/run/probes.ts';
import { LoadWorld } from './world.ts';

/** The bot of a test, by its hooks. */
const bot = (hooks: LoadBot) => ({ name: 'bot.js', make: botMaker(hooks) });

describe.each(['scene', 'enet-server'] as const)('%s', (protocol) => {
  test('players join by the plan; round trips are those of the network', async () => {
    const world = new LoadWorld(protocol, { latencyMs: 20 });
    const report = await world.run({ stages: [2, 6], rampMs: 2000, holdMs: 3000 });
    expect(report).toMatchObject({
      outcome: 'done',
      reason: '',
      durationMs: 10_000,
      failures: [],
      losses: [],
    });
    expect(report.players).toEqual({ wanted: 6, begun: 6, joined: 6, failed: 0, lost: 0, left: 0, most: 6 });
    expect(report.roundTrips?.min).toBeGreaterThanOrEqual(40);
    // The server has a tick every 5 ms.
    expect(report.roundTrips?.p99).toBeLessThan(47);
    expect(report.loss).toMatchObject({ resent: 0, percent: 0 });
    expect(report.joining?.count).toBe(6);
    expect(
      report.stages.map(({ players, playing, fromMs, toMs }) => [players, playing, fromMs, toMs]),
    ).toEqual([
      [2, 2, 0, 5000],
      [6, 6, 5000, 10_000],
    ]);
    const playing = report.timeline.map((sample) => sample.playing);
    expect(playing.slice(0, 2)).toEqual([1, 2]);
    expect(playing.at(-1)).toBe(6);
    // At the end they left, and the server heard of it.
    world.pass(100);
    expect(world.playersOfServer()).toBe(0);
  });

  test('loss of the network is seen', async () => {
    const world = new LoadWorld(protocol, { latencyMs: 5, loss: 0.1, seed: 3 });
    const report = await world.run({ stages: [10], rampMs: 1000, holdMs: 30_000 });
    // A command or its acknowledgement: 19 % of all, and each try again.
    expect(report.loss?.percent, `seed ${world.network.seed}`).toBeGreaterThan(12);
    expect(report.loss?.percent).toBeLessThan(26);
    expect(report.players.joined).toBe(10);
  });

  test('nobody there: nobody joins, and the run ends before its time', async () => {
    const world = new LoadWorld(protocol, { latencyMs: 5 });
    const report = await world.run({
      stages: [3],
      rampMs: 0,
      holdMs: 60_000,
      port: 7778,
      joinTimeoutMs: 2000,
    });
    expect(report).toMatchObject({ outcome: 'nobody-joined', reason: 'none of 3 players could join' });
    expect(report.failures).toMatchObject([{ where: 'join', count: 3 }]);
    expect(report.failures[0]?.message).toMatch(/^not admitted in 2000 ms: not connected/);
    expect(report.durationMs).toBeLessThan(5000);
  });

  test('the server goes away in the middle', async () => {
    const world = new LoadWorld(protocol, { latencyMs: 5 });
    world.at(4500, () => world.closeServer());
    const report = await world.run({ stages: [3], rampMs: 0, holdMs: 60_000 });
    expect(report).toMatchObject({ outcome: 'server-gone', reason: 'all players were lost' });
    expect(report.losses).toMatchObject([{ count: 3, message: 'GOODBYE: the server ended it' }]);
    expect(report.players).toMatchObject({ joined: 3, lost: 3 });
    expect(report.durationMs).toBe(5000);
  });

  test('the server falls silent', async () => {
    // ENet itself gives up later on such a way.
    const world = new LoadWorld(protocol, { latencyMs: 100 });
    world.at(3000, () => world.network.partition(['10.0.0.1'], ['10.0.0.2']));
    const report = await world.run({ stages: [2], rampMs: 0, holdMs: 60_000 });
    expect(report).toMatchObject({
      outcome: 'server-gone',
      reason: 'no player has heard of the server for 5 s',
    });
    expect(report.durationMs).toBeLessThan(11_000);
  });

  test('the process of the server ends', async () => {
    const world = new LoadWorld(protocol, {});
    const uses: (ProcessUse | undefined)[] = [1, 2, 3].map((n) => ({
      cpuMs: 300 * n,
      memoryBytes: n * 2 ** 20,
    }));
    const report = await world.run({
      stages: [1],
      rampMs: 0,
      holdMs: 60_000,
      server: { pid: 7, read: () => uses.shift() },
    });
    expect(report).toMatchObject({ outcome: 'server-gone', reason: 'the process of the server has ended' });
    // 600 ms in two seconds; the end is not looked at.
    expect(report.server).toEqual({
      pid: 7,
      notMeasured: '',
      cpuPercent: 30,
      lastStageCpuPercent: 30,
      mostMemoryBytes: 3 * 2 ** 20,
    });
  });

  test('this process cannot keep up', async () => {
    const world = new LoadWorld(protocol, {});
    let lostMs = 0;
    // Its clock jumps on whenever the network has come half a second further.
    for (let atMs = 500; atMs < 10_000; atMs += 500) {
      world.at(atMs, () => {
        lostMs += 4500;
      });
    }
    const report = await world.run({
      stages: [1],
      rampMs: 0,
      holdMs: 600_000,
      nowMs: () => world.network.time + lostMs,
    });
    expect(report).toMatchObject({
      outcome: 'overloaded',
      reason: 'this process was seconds late: it cannot move so many players on this machine',
    });
  });

  test('it is stopped before its time', async () => {
    const world = new LoadWorld(protocol, {});
    const stop = new AbortController();
    world.at(2500, () => stop.abort());
    const report = await world.run({ stages: [2], rampMs: 0, holdMs: 60_000, signal: stop.signal });
    expect(report).toMatchObject({ outcome: 'interrupted', reason: 'it was stopped', durationMs: 2500 });
    expect(report.players).toMatchObject({ joined: 2, lost: 0, failed: 0 });
  });

  test('hooks are called in order; ticks have their rate', async () => {
    const world = new LoadWorld(protocol, {});
    const calls: string[] = [];
    let ticks = 0;
    const report = await world.run({
      stages: [1],
      rampMs: 0,
      holdMs: 2000,
      tickHz: 20,
      script: bot({
        onSetup: ({ id }, { players, seed }) => calls.push(`setup ${id} of ${players}, seed ${seed}`),
        onJoin: ({ id }) => calls.push(`join ${id}`),
        onTick: (_player, deltaSec) => {
          ticks++;
          expect(deltaSec).toBe(0.05);
        },
        onLeave: ({ id }) => calls.push(`leave ${id}`),
      }),
    });
    expect(calls).toEqual(['setup 1 of 1, seed 1', 'join 1', 'leave 1']);
    expect(ticks).toBeGreaterThan(35);
    expect(ticks).toBeLessThanOrEqual(40);
    expect(report.scriptErrors).toEqual([]);
  });

  test('a bot is an object of a class for each player', async () => {
    const world = new LoadWorld(protocol, {});
    const seen: number[] = [];
    class Bot implements LoadBot {
      readonly #id: number;
      constructor(player: AnyPlayer) {
        this.#id = player.id;
      }
      onJoin(): void {
        seen.push(this.#id);
      }
    }
    await world.run({
      stages: [3],
      rampMs: 300,
      holdMs: 1000,
      script: { name: 'bot.js', make: botMaker(Bot) },
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  test('what a script throws is counted, with its first stack, and the players go on', async () => {
    const world = new LoadWorld(protocol, {});
    const report = await world.run({
      stages: [2],
      rampMs: 0,
      holdMs: 3000,
      tickHz: 10,
      script: bot({
        onJoin: () => Promise.reject(new RangeError('async')),
        onTick: () => {
          throw new TypeError('tick');
        },
        onLeave: () => {
          throw 'a text';
        },
      }),
    });
    expect(report.outcome).toBe('done');
    expect(report.players).toMatchObject({ joined: 2, lost: 0 });
    const told = report.scriptErrors.map(({ where, message }) => [where, message]);
    expect(told).toEqual([
      ['onTick', 'TypeError: tick'],
      ['onJoin', 'RangeError: async'],
      ['onLeave', 'a text'],
    ]);
    expect(report.scriptErrors[0]?.count).toBeGreaterThan(50);
    expect(report.scriptErrors[0]?.first).toContain('run.test.ts');
  });

  test('a script that throws before it connects is no player', async () => {
    const world = new LoadWorld(protocol, {});
    const report = await world.run({
      stages: [2],
      rampMs: 0,
      holdMs: 3000,
      script: bot({
        onSetup: () => {
          throw new Error('no setup');
        },
      }),
    });
    expect(report).toMatchObject({
      outcome: 'nobody-joined',
      scriptErrors: [{ where: 'onSetup', count: 2 }],
    });
    expect(report.failures).toMatchObject([{ count: 2, message: 'it could not be made: Error: no setup' }]);
  });

  test('a script that never ends is waited for two seconds, and told of', async () => {
    const world = new LoadWorld(protocol, {});
    const report = await world.run({
      stages: [2],
      rampMs: 0,
      holdMs: 1000,
      script: bot({ onJoin: () => new Promise(() => undefined) }),
    });
    expect(report.outcome).toBe('done');
    expect(report.warnings).toEqual([
      'The hooks of 2 players had not ended two seconds after these had left.',
    ]);
  });

  test('a function that sleeps ends with the run; random numbers hang on the seed and the player', async () => {
    const numbers = async (seed: number): Promise<number[]> => {
      const world = new LoadWorld(protocol, {});
      const list: number[] = [];
      const report = await world.run({
        stages: [2],
        rampMs: 500,
        holdMs: 1000,
        seed,
        script: {
          name: 'bot.js',
          make: botMaker(async (player: AnyPlayer) => {
            list.push(player.random());
            while (await player.sleep(100)) player.count('steps');
          }),
        },
      });
      expect(report.warnings).toEqual([]);
      expect(report.counts['steps']).toBeGreaterThanOrEqual(20);
      return list;
    };
    const first = await numbers(5);
    expect(first[0]).not.toBe(first[1]);
    expect(await numbers(5)).toEqual(first);
    expect(await numbers(6)).not.toEqual(first);
  });

  test('own round trips: answered, failed, and open at the end', async () => {
    const world = new LoadWorld(protocol, {});
    const report = await world.run({
      stages: [1],
      rampMs: 0,
      holdMs: 3000,
      script: {
        name: 'bot.js',
        make: botMaker(async (player: AnyPlayer) => {
          await player.measure('sleep', () => player.sleep(250));
          player.measure('fails', Promise.reject(new Error('no'))).catch(() => undefined);
          player
            .measure('throws', () => {
              throw new Error('at once');
            })
            .catch(() => undefined);
          player.measure('never', new Promise(() => undefined));
        }),
      },
    });
    expect(report.measures).toMatchObject([
      { name: 'sleep', failed: 0, unanswered: 0, times: { count: 1, max: 250 } },
      { name: 'fails', failed: 1, unanswered: 0, times: null },
      { name: 'throws', failed: 1, unanswered: 0, times: null },
      { name: 'never', failed: 0, unanswered: 1, times: null },
    ]);
    expect(report.scriptErrors).toEqual([]);
  });

  test('a player may leave before the end; when all have left the run is over', async () => {
    const world = new LoadWorld(protocol, {});
    const report = await world.run({
      stages: [2],
      rampMs: 0,
      holdMs: 60_000,
      script: bot({ onJoin: (player) => void player.sleep(500).then(() => player.leave()) }),
    });
    expect(report).toMatchObject({ outcome: 'done', reason: 'all players have left' });
    expect(report.players).toMatchObject({ joined: 2, left: 2, lost: 0 });
    expect(world.playersOfServer()).toBe(0);
  });

  test('limits are judged; what was not measured is not kept', async () => {
    const world = new LoadWorld(protocol, { latencyMs: 20 });
    const report = await world.run({
      stages: [2],
      rampMs: 0,
      holdMs: 2000,
      thresholds: {
        maxRttP99: 100,
        maxRttP50: 10,
        maxFailed: 0,
        maxLoss: 1,
        maxCpu: 50,
        maxMeasures: { ask: 5 },
      },
    });
    expect(report.thresholds.map(({ name, isKept }) => [name, isKept])).toEqual([
      ['rtt p50', false],
      ['rtt p99', true],
      ['loss', true],
      ['failed and lost players', true],
      ['server cpu', false],
      ['ask p99', false],
    ]);
  });
});
