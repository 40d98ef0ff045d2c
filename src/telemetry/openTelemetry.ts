/** Numbers and spans for OpenTelemetry, through `@opentelemetry/api` (an optional peer dependency). */
import type { Meter, MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api';
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { loadOptional } from '../io/internal.ts';
import { instrument } from './instruments.ts';
import { spanSink } from './spans.ts';
import { type DiagnosticsSource, watchSource } from './watch.ts';

/** Options of {@link publishOpenTelemetry}. The types of this package do not need those of OpenTelemetry. */
export interface OpenTelemetryOptions {
  /** Where the numbers go, a `MeterProvider`. Default: the global one. */
  readonly meterProvider?: {
    /** As in the API. */
    getMeter(name: string): unknown;
  };
  /** Where the spans go, a `TracerProvider`. Default: the global one. */
  readonly tracerProvider?: {
    /** As in the API. */
    getTracer(name: string): unknown;
  };
  /** What all numbers and spans have, e.g. which of two servers of a kind they are of. Default: nothing. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Whether the delay of the event loop is told as well, see `PrometheusOptions.eventLoopDelay`. Default false. */
  readonly eventLoopDelay?: boolean;
}

/**
 * Gives OpenTelemetry the numbers of a server of any kind, read whenever they are collected, and spans of what has a duration: logins, rooms
 * that are made, handoffs, tickets that wait for a match. A `Handoff` and a `ClusterMatchmaking` have spans and no numbers. Each span is
 * the root of a trace: packets of Godot clients carry no context.
 *
 * @throws `PackageUnavailableError` when a provider is not given and `@opentelemetry/api` is not installed.
 * @returns a function that ends it.
 */
export function publishOpenTelemetry(
  source: DiagnosticsSource,
  options: OpenTelemetryOptions = {},
): () => void {
  checkOptions(options, OPTION_NAMES);
  const { attributes = {}, eventLoopDelay = false } = options;
  // What the option names say they are.
  const meters = (options.meterProvider ?? loadApi().metrics) as MeterProvider;
  const tracers = (options.tracerProvider ?? loadApi().trace) as TracerProvider;
  const meter: Meter = meters.getMeter(SCOPE);
  const tracer: Tracer = tracers.getTracer(SCOPE);
  const ends = [watchSource(source, spanSink(tracer, attributes))];
  if ('ops' in source) ends.push(instrument(meter, source, attributes, eventLoopDelay));
  return () => {
    for (const end of ends) end();
  };
}

function loadApi(): typeof import('@opentelemetry/api') {
  return loadOptional('publishOpenTelemetry', '@opentelemetry/api') as typeof import('@opentelemetry/api');
}

/** The name of the instrumentation scope. */
const SCOPE = 'godot-enet';
const OPTION_NAMES: OptionNames<OpenTelemetryOptions> = {
  meterProvider: true,
  tracerProvider: true,
  // Any names.
  attributes: true,
  eventLoopDelay: true,
};
