/** The numbers of a server as observable instruments of OpenTelemetry: those of Prometheus, under names and units of its conventions. */
import type { Attributes, BatchObservableCallback, Meter, Observable } from '@opentelemetry/api';
import {
  type MetricNames,
  type OperatedServer,
  type QuantileNumber,
  quantileNumbers,
  withNumbers,
} from '../ops/internal.ts';

/** Makes the instruments; all are read in one go when they are collected. @returns a function that ends it. */
export function instrument(
  meter: Meter,
  server: OperatedServer,
  attributes: Attributes,
  hasEventLoopDelay: boolean,
): () => void {
  const prefix = `godot_enet.${server.ops.kind}.`;
  const ends = [
    withNumbers(server, (names, read) => observeNumbers(meter, prefix, names, read, attributes)),
    ...quantileNumbers(server, hasEventLoopDelay).map((number) =>
      observeQuantiles(meter, prefix, number, attributes),
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** What a Prometheus name, without prefix, is called in OpenTelemetry, in which unit, and by what its value is divided. */
export function instrumentOf(name: string): {
  readonly name: string;
  readonly unit: string;
  readonly scale: number;
} {
  const [, stem = name, suffix = ''] = /^(.*?)(_total|_seconds|_ms|_ratio)?$/.exec(name) ?? [];
  if (suffix === '_seconds') return { name: stem, unit: 's', scale: 1 };
  if (suffix === '_ms') return { name: stem, unit: 's', scale: 1000 };
  if (suffix === '_ratio') return { name: stem, unit: '1', scale: 1 };
  const words = stem.split('_');
  if (words.includes('bytes')) return { name: stem, unit: 'By', scale: 1 };
  const things = words.find((word) => word.endsWith('s') && !SINGULAR.has(word));
  return { name: stem, unit: things === undefined ? '1' : `{${things.slice(0, -1)}}`, scale: 1 };
}

type Reading<Metrics> = readonly [
  instrument: Observable,
  scale: number,
  label: string | undefined,
  read: (metrics: Metrics) => number | ReadonlyMap<string, number>,
];

function observeNumbers<Metrics>(
  meter: Meter,
  prefix: string,
  { gauges, counters, labelled }: MetricNames<Metrics>,
  read: () => Metrics,
  attributes: Attributes,
): () => void {
  const readings: Reading<Metrics>[] = [];
  for (const [promName, description, readOne] of gauges) {
    const { name, unit, scale } = instrumentOf(promName);
    // What may be added up over servers is a sum, all else is not.
    const isSum = unit === 'By' || unit.startsWith('{');
    const made = meter[isSum ? 'createObservableUpDownCounter' : 'createObservableGauge'](prefix + name, {
      description,
      unit,
    });
    readings.push([made, scale, undefined, readOne]);
  }
  for (const [promName, description, readOne] of counters) {
    const { name, unit, scale } = instrumentOf(promName);
    readings.push([
      meter.createObservableCounter(prefix + name, { description, unit }),
      scale,
      undefined,
      readOne,
    ]);
  }
  for (const [label, promName, description, readAll] of labelled) {
    const { name, unit, scale } = instrumentOf(promName);
    const made = meter.createObservableCounter(prefix + name, { description, unit });
    readings.push([made, scale, `godot_enet.${label}`, readAll]);
  }
  return observeBatch(
    meter,
    readings.map(([made]) => made),
    (result) => {
      const metrics = read();
      for (const [made, scale, label, readOne] of readings) {
        const value = readOne(metrics);
        if (typeof value === 'number') result.observe(made, value / scale, attributes);
        else
          for (const [reason, count] of value)
            result.observe(made, count, { ...attributes, [label ?? '']: reason });
      }
    },
  );
}

function observeQuantiles(
  meter: Meter,
  prefix: string,
  number: QuantileNumber,
  attributes: Attributes,
): () => void {
  const { name, unit } = instrumentOf(number.name);
  const gauge = meter.createObservableGauge(prefix + name, { description: number.help, unit });
  return observeBatch(meter, [gauge], (result) => {
    for (const [quantile, value] of number.read())
      if (value !== undefined)
        result.observe(gauge, value, { ...attributes, 'godot_enet.quantile': quantile });
  });
}

function observeBatch(meter: Meter, made: Observable[], observe: BatchObservableCallback): () => void {
  meter.addBatchObservableCallback(observe, made);
  return () => meter.removeBatchObservableCallback(observe, made);
}

/** Words that end like plurals. */
const SINGULAR: ReadonlySet<string> = new Set(['dtls', 'bus']);
