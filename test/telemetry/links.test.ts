/** Round trips, losses and the event loop's delay as quantiles: as many time series however many players there are. */
import { afterEach, expect, test, vi } from 'vitest';
import { EventLoopDelay, IDLE_MS } from '../../src/ops/EventLoopDelay.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import { quantileOf } from '../../src/ops/quantiles.ts';
import { RoomGame } from '../rooms/roomGame.ts';
import { createWorld, eachMode } from '../server/world.ts';

afterEach(() => vi.useRealTimers());

/** The lines of a name: labels and values. */
async function linesOf(metrics: { text(): Promise<string> }, name: string): Promise<[string, number][]> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.map((line) => [/quantile="(.*)"/.exec(line)?.[1] ?? '', Number(line.split(' ').at(-1))]);
}

eachMode(
  () => {
    test('a server tells four quantiles of its peers, and none without peers', async () => {
      const world = createWorld();
      const metrics = await createPrometheusMetrics(world.server);
      expect(await linesOf(metrics, 'godot_enet_round_trip_seconds')).toEqual([]);
      for (let i = 0; i < 10; i++) world.connect();
      world.net.advance(3000);
      const pings = world.server.getPeers().map((peer) => peer.getPing() / 1000);
      const sorted = Float64Array.from(pings).sort();
      expect(await linesOf(metrics, 'godot_enet_round_trip_seconds')).toEqual([
        ['0.5', sorted[4]],
        ['0.9', sorted[8]],
        ['0.99', sorted[9]],
        ['1', sorted[9]],
      ]);
      expect((await linesOf(metrics, 'godot_enet_packet_loss_ratio')).map(([, value]) => value)).toEqual([
        0, 0, 0, 0,
      ]);
    });
  },
  { compressions: 'none' },
);

test('a multiplayer peer tells them of its connections, also of links that lose packets', async () => {
  const game = new RoomGame({}, { seed: 3, loss: 0.05, latencyMs: 40 });
  const metrics = await createPrometheusMetrics(game.server);
  for (let i = 0; i < 4; i++) game.join();
  await game.run(3000);
  expect(game.server.ops.metrics().peers).toBeGreaterThan(0);
  expect(game.server.connections()).toHaveLength(game.server.ops.metrics().peers);
  const [[, median = 0] = []] = await linesOf(metrics, 'godot_enet_peer_round_trip_seconds');
  expect(median).toBeGreaterThanOrEqual(0.08);
  const [, , , [, worst = 0] = []] = await linesOf(metrics, 'godot_enet_peer_packet_loss_ratio');
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(1);
});

test('quantiles are of the nearest rank', () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0.5, 0.9, 0.99, 1].map((quantile) => quantileOf(values, quantile))).toEqual([50, 90, 99, 100]);
  expect(quantileOf(new Float64Array(), 0.5)).toBeUndefined();
  expect(quantileOf(Float64Array.of(7), 0.5)).toBe(7);
});

test('the delay of the event loop is measured from the first question until nobody has asked for a while', () => {
  vi.useFakeTimers();
  const calls: string[] = [];
  const monitor = {
    count: 0,
    enable: () => calls.push('enable') > 0,
    disable: () => calls.push('disable') > 0,
    reset: () => void calls.push('reset'),
    percentile: (percent: number) => (10 + percent) * 1e6,
  };
  const delay = new EventLoopDelay(monitor);
  expect(calls).toEqual([]);
  expect(delay.read()).toEqual([]);
  monitor.count = 9;
  vi.advanceTimersByTime(IDLE_MS - 1);
  expect(delay.read().map(([quantile, seconds]) => [quantile, Math.round(seconds * 1000)])).toEqual([
    ['0.5', 50],
    ['0.9', 90],
    ['0.99', 99],
    ['1', 100],
  ]);
  expect(calls).toEqual(['enable', 'enable', 'reset']);
  vi.advanceTimersByTime(IDLE_MS);
  expect(calls.slice(3)).toEqual(['disable', 'reset']);
});

test('a loop that was blocked shows in the text', async () => {
  const metrics = await createPrometheusMetrics(createWorld().server, { eventLoopDelay: true });
  const name = 'godot_enet_event_loop_delay_seconds';
  expect(await linesOf(metrics, name)).toEqual([]);
  let worst = 0;
  await vi.waitFor(async () => {
    const until = performance.now() + 60;
    while (performance.now() < until);
    // The timer that measures has its turn.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [, , , [, most = 0] = []] = await linesOf(metrics, name);
    worst = most;
    expect(worst).toBeGreaterThan(0.04);
  }, 10_000);
});
