/** What OpenTelemetry gets, through its SDK: every number with name, unit and kind, and spans with the durations of virtual time. */
import { metrics, trace } from '@opentelemetry/api';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import type { OperatedServer } from '../../src/ops/internal.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import { Room } from '../../src/rooms/index.ts';
import { AuthMode } from '../../src/server/index.ts';
import { instrumentOf } from '../../src/telemetry/instruments.ts';
import { type OpenTelemetryOptions, publishOpenTelemetry } from '../../src/telemetry/internal.ts';
import { HandoffWorld } from '../cluster/handoff/world.ts';
import { RoomGame } from '../rooms/roomGame.ts';
import { createWorld, PORT, settle } from '../server/world.ts';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** An SDK that keeps what it gets. */
class Backend {
  readonly #reader = new Reader();
  readonly #spans = new InMemorySpanExporter();
  readonly meterProvider = new MeterProvider({ readers: [this.#reader] });
  readonly tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.#spans)],
  });

  get options(): OpenTelemetryOptions {
    return { meterProvider: this.meterProvider, tracerProvider: this.tracerProvider };
  }

  /** The numbers now: kind, unit and points by name. */
  async numbers(): Promise<
    Map<string, { unit: string; isMonotonic: unknown; points: DataPoint<unknown>[] }>
  > {
    const { resourceMetrics, errors } = await this.#reader.collect();
    expect(errors).toEqual([]);
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(
      all.map(({ descriptor: { name, unit }, dataPoints, ...rest }) => [
        name,
        { unit, isMonotonic: 'isMonotonic' in rest ? rest.isMonotonic : undefined, points: dataPoints },
      ]),
    );
  }

  /** The spans that have ended. */
  spans(): ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }
}

const durationOf = ({ duration: [seconds, nanos] }: ReadableSpan): number =>
  Math.round(seconds * 1000 + nanos / 1e6);

describe('numbers', () => {
  test('of a server, read in one go at each collection, until it ends', async () => {
    const world = createWorld();
    const backend = new Backend();
    let reads = 0;
    const read = world.server.ops.metrics.bind(world.server.ops);
    world.server.ops.metrics = () => {
      reads++;
      return read();
    };
    const end = publishOpenTelemetry(world.server, { ...backend.options, attributes: { shard: 'eu' } });
    world.connect();
    world.connect();
    world.net.advance(1000);
    reads = 0;
    const numbers = await backend.numbers();
    expect(reads).toBe(1);
    const firstOf = (name: string): unknown => numbers.get(`godot_enet.server.${name}`)?.points[0]?.value;
    expect(numbers.get('godot_enet.server.peers')).toMatchObject({
      unit: '{peer}',
      isMonotonic: false,
      points: [{ value: 2, attributes: { shard: 'eu' } }],
    });
    expect(numbers.get('godot_enet.server.connections')).toMatchObject({
      unit: '{connection}',
      isMonotonic: true,
    });
    expect(numbers.get('godot_enet.server.datagram_bytes_sent')).toMatchObject({
      unit: 'By',
      isMonotonic: true,
    });
    expect(firstOf('datagram_bytes_sent')).toBe(read().datagramBytesSent);
    const causes = numbers.get('godot_enet.server.disconnections')?.points ?? [];
    expect(causes.map(({ attributes }) => attributes['godot_enet.cause'])).toEqual([
      ...read().disconnectionsByCause.keys(),
    ]);
    const roundTrips = numbers.get('godot_enet.server.round_trip');
    expect(roundTrips?.unit).toBe('s');
    expect(roundTrips?.points.map(({ attributes }) => attributes['godot_enet.quantile'])).toEqual([
      '0.5',
      '0.9',
      '0.99',
      '1',
    ]);
    expect(firstOf('round_trip')).toBe((world.server.getPeers()[0]?.getPing() ?? 0) / 1000);
    end();
    reads = 0;
    await backend.numbers();
    expect(reads).toBe(0);
  });

  test('every Prometheus name has an instrument, with a unit of the conventions', async () => {
    const game = new RoomGame();
    for (const server of [game.rooms, game.server, createWorld().server] satisfies OperatedServer[]) {
      const backend = new Backend();
      publishOpenTelemetry(server, backend.options);
      const numbers = await backend.numbers();
      const text = await (await createPrometheusMetrics(server, { prefix: '' })).text();
      for (const [, name = ''] of text.matchAll(/^([a-z]\w*)[ {]/gm)) {
        const { name: short, unit } = instrumentOf(name);
        expect(numbers.get(`godot_enet.${server.ops.kind}.${short}`)?.unit, name).toBe(unit);
      }
    }
  });

  test.each([
    ['peers', 'peers', '{peer}', 1],
    ['dtls_cookies_sent_total', 'dtls_cookies_sent', '{cookie}', 1],
    ['dtls_certificate_not_after_seconds', 'dtls_certificate_not_after', 's', 1],
    ['packet_bytes_sent_total', 'packet_bytes_sent', 'By', 1],
    ['late_p99_ms', 'late_p99', 's', 1000],
    ['packet_loss_ratio', 'packet_loss', '1', 1],
    ['bus_up', 'bus_up', '1', 1],
  ])('%s is %s in %s', (prometheus, name, unit, scale) => {
    expect(instrumentOf(prometheus)).toEqual({ name, unit, scale });
  });
});

describe('spans', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  test('a login lasts from the connection to the authentication; one that comes to nothing has failed', async () => {
    const world = createWorld();
    world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
    const answers: ((isGood: boolean) => void)[] = [];
    world.server.setCustomAuthenticator(
      () =>
        new Promise<boolean>((resolve) => {
          answers.push(resolve);
        }),
    );
    const backend = new Backend();
    publishOpenTelemetry(world.server, backend.options);
    const join = async (isGood: boolean): Promise<void> => {
      const { client } = world.createClient();
      client.connectToServer('10.0.0.1', PORT);
      client.on('connectedToServer', () => client.sendPacket({ name: 'ann' }));
      for (let ms = 0; ms < 2000 && answers.length === 0; ms += 10) {
        world.net.advance(10);
        await settle();
      }
      world.net.advance(700);
      answers.pop()?.(isGood);
      await settle();
      world.net.advance(1000);
      await settle();
    };
    await join(true);
    await join(false);
    const [good, bad, ...others] = backend.spans();
    expect(others).toEqual([]);
    expect(good?.name).toBe('godot_enet.login');
    expect(good?.attributes).toMatchObject({
      'godot_enet.kind': 'server',
      'godot_enet.peer.id': 1,
      'network.peer.address': '10.0.1.1',
    });
    expect(good?.parentSpanContext).toBeUndefined();
    expect(durationOf(good as ReadableSpan)).toBeGreaterThanOrEqual(700);
    expect(durationOf(good as ReadableSpan)).toBeLessThan(1500);
    expect([good?.status.code, bad?.status.code]).toEqual([0, 2]);
    expect(bad?.attributes['error.type']).toBe('LOGIN_REFUSED');
  });

  test('rooms that are made, in a trace of their own, and those that are not', async () => {
    let begin: (() => void) | undefined;
    class Slow extends Room<{ readonly isGood: boolean }> {
      override async onCreate({ isGood }: { readonly isGood: boolean }): Promise<void> {
        await new Promise<void>((resolve) => {
          begin = resolve;
        });
        if (!isGood) throw new Error('no map');
      }
    }
    const game = new RoomGame();
    game.rooms.define<{ readonly isGood: boolean }>('slow', Slow);
    const backend = new Backend();
    publishOpenTelemetry(game.rooms, backend.options);
    for (const isGood of [true, false]) {
      const made = game.rooms.create('slow', { isGood }, { id: `good ${isGood}` });
      const done = Promise.allSettled([made]);
      await game.run(25);
      begin?.();
      await done;
    }
    const [good, bad] = backend.spans();
    expect(
      [good, bad].map((span) => [span?.name, durationOf(span as ReadableSpan), span?.status.code]),
    ).toEqual([
      ['godot_enet.room.create', 250, 0],
      ['godot_enet.room.create', 250, 2],
    ]);
    expect(good?.attributes).toEqual({ 'godot_enet.room.id': 'good true', 'godot_enet.room.kind': 'slow' });
    expect(bad?.attributes['error.type']).toBe('ROOM_FAILED');
    await game.rooms.close();
  });

  test('handoffs have spans and no numbers', async () => {
    const world = await HandoffWorld.open(2);
    closing.push(() => world.close());
    const client = world.join('ann', world.at(0));
    await world.until(
      () => client.isIn && world.at(0).match.players.size === 1,
      5000,
      () => 'ann is not in',
    );
    const { handoff, match } = world.at(0);
    const backend = new Backend();
    publishOpenTelemetry(handoff, backend.options);
    const { id } = match;
    await world.settle(handoff.moveRoom(match, 'b'));
    expect(backend.spans().map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        'godot_enet.handoff',
        { 'godot_enet.handoff.of': 'room', 'godot_enet.room.id': id, 'godot_enet.node.id': 'b' },
      ],
    ]);
    expect((await backend.numbers()).size).toBe(0);
  });
});

test('without providers it takes the global ones', async () => {
  const backend = new Backend();
  metrics.setGlobalMeterProvider(backend.meterProvider);
  trace.setGlobalTracerProvider(backend.tracerProvider);
  try {
    const world = createWorld();
    publishOpenTelemetry(world.server);
    world.connect();
    expect((await backend.numbers()).get('godot_enet.server.peers')?.points[0]?.value).toBe(1);
    expect(backend.spans()).toHaveLength(1);
  } finally {
    metrics.disable();
    trace.disable();
  }
});
