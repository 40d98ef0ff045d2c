/** The numbers of one server by the second, of the last 15 minutes: columns of fixed length, so that a page that opens later has the past. */
import type { ChartsMessage, ChartsRowMessage, ProcessInfo, Series } from '../protocol.ts';
import type { Source } from '../sources/Source.ts';

/** How many seconds are kept. */
export const CHART_SECONDS = 900;

/** See the head of this file. */
export class ChartHistory {
  readonly #source: Source;
  readonly #lines = new Map<string, Line>();
  readonly #times = new Float64Array(CHART_SECONDS);
  /** Counters as they were. */
  readonly #last = new Map<string, number>();
  #count = 0;
  #lastMs: number | undefined;
  /** Changes when the lines are others. */
  revision = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Notes a second. @param fallback what the host's trace has counted, for those that count no datagrams by themselves. */
  add(
    nowMs: number,
    process: ProcessInfo,
    fallback: { readonly [Name in keyof ReturnType<Source['flow']>]: number } | undefined,
  ): void {
    const at = this.#count % CHART_SECONDS;
    this.#times[at] = nowMs;
    for (const { values } of this.#lines.values()) values[at] = Number.NaN;
    const spanSeconds = this.#lastMs === undefined ? 0 : (nowMs - this.#lastMs) / 1000;
    this.#lastMs = nowMs;
    const source = this.#source;
    const flow = source.flow();
    for (const name of FLOW_NAMES) this.#rate(at, name, flow[name] ?? fallback?.[name], spanSeconds);
    this.#set(at, 'peers', source.status().peers);
    this.#addLinks(at);
    this.#set(at, 'cpu', process.cpuPercent);
    this.#set(at, 'loopDelay', process.loopDelayMs);
    const { tickMs, lateMs } = source.ticks();
    this.#set(at, 'tick', tickMs);
    this.#set(at, 'late', lateMs);
    this.#addMethods(at, spanSeconds);
    this.#count++;
  }

  /** All that is kept. */
  message(server: number): ChartsMessage {
    const rows = Math.min(this.#count, CHART_SECONDS);
    const first = this.#count - rows;
    const inOrder = (values: Float64Array): number[] =>
      Array.from({ length: rows }, (_, row) => values[(first + row) % CHART_SECONDS] ?? Number.NaN);
    const lines = [...this.#lines.values()];
    return {
      type: 'charts',
      server,
      series: lines.map(({ series }) => series),
      timesMs: inOrder(this.#times),
      values: lines.map(({ values }) => inOrder(values).map(known)),
    };
  }

  /** The latest second; `undefined` before the first. */
  row(server: number): ChartsRowMessage | undefined {
    if (this.#count === 0) return undefined;
    const at = (this.#count - 1) % CHART_SECONDS;
    return {
      type: 'chartsRow',
      server,
      timeMs: this.#times[at] ?? 0,
      values: Array.from(this.#lines.values(), ({ values }) => known(values[at] ?? Number.NaN)),
    };
  }

  #addLinks(at: number): void {
    const trips: number[] = [];
    const losses: number[] = [];
    for (const { roundTripMs, loss } of this.#source.links()) {
      if (roundTripMs !== undefined) trips.push(roundTripMs);
      if (loss !== undefined) losses.push(loss * 100);
    }
    for (const [name, values] of [
      ['roundTrip', trips],
      ['loss', losses],
    ] as const) {
      if (values.length === 0) continue;
      const sorted = Float64Array.from(values).sort();
      this.#set(at, `${name}50`, sorted[Math.floor((sorted.length - 1) * 0.5)]);
      this.#set(at, `${name}99`, sorted[Math.ceil((sorted.length - 1) * 0.99)]);
    }
  }

  /** Methods that are called most have a line each; the first to have one keep it. */
  #addMethods(at: number, spanSeconds: number): void {
    const methods = this.#source.methods();
    const wanted =
      methods.length <= MAX_METHODS
        ? methods
        : [...methods].sort((a, b) => b.received + b.sent - a.received - a.sent).slice(0, MAX_METHODS);
    for (const { method, received, sent } of wanted) {
      const name = `call:${method}`;
      if (this.#lines.has(name) || this.#methodLines() < MAX_METHODS)
        this.#rate(at, name, received + sent, spanSeconds);
    }
  }

  #methodLines(): number {
    let count = 0;
    for (const name of this.#lines.keys()) if (name.startsWith('call:')) count++;
    return count;
  }

  #rate(at: number, name: string, counter: number | undefined, spanSeconds: number): void {
    if (counter === undefined) return;
    const last = this.#last.get(name);
    this.#last.set(name, counter);
    // A counter that went back has begun anew.
    const rate =
      last === undefined || counter < last || spanSeconds <= 0 ? Number.NaN : (counter - last) / spanSeconds;
    this.#set(at, name, rate);
  }

  #set(at: number, name: string, value: number | undefined): void {
    if (value === undefined) return;
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = { series: seriesOf(name), values: new Float64Array(CHART_SECONDS).fill(Number.NaN) };
      this.#lines.set(name, line);
      this.revision++;
    }
    line.values[at] = value;
  }
}

interface Line {
  readonly series: Series;
  readonly values: Float64Array;
}

function seriesOf(name: string): Series {
  const known = SERIES[name];
  if (known !== undefined) return { name, ...known };
  return { name, label: name.replace(/^call:/, ''), group: 'calls', unit: '/s' };
}

/** JSON has no NaN, and a chart needs no more digits. */
function known(value: number): number | null {
  return Number.isNaN(value) ? null : Math.round(value * 100) / 100;
}

const FLOW_NAMES = ['datagramsIn', 'datagramsOut', 'bytesIn', 'bytesOut'] as const;
const SERIES: Readonly<Record<string, Omit<Series, 'name'>>> = {
  datagramsIn: { label: 'in', group: 'datagrams', unit: '/s' },
  datagramsOut: { label: 'out', group: 'datagrams', unit: '/s' },
  bytesIn: { label: 'in', group: 'bytes', unit: 'bytes/s' },
  bytesOut: { label: 'out', group: 'bytes', unit: 'bytes/s' },
  peers: { label: 'peers', group: 'peers', unit: '' },
  roundTrip50: { label: 'half of the peers', group: 'roundTrip', unit: 'ms' },
  roundTrip99: { label: '99 of 100', group: 'roundTrip', unit: 'ms' },
  loss50: { label: 'half of the peers', group: 'loss', unit: 'percent' },
  loss99: { label: '99 of 100', group: 'loss', unit: 'percent' },
  cpu: { label: 'CPU', group: 'cpu', unit: 'percent' },
  loopDelay: { label: 'event-loop delay', group: 'loop', unit: 'ms' },
  tick: { label: 'ticks take', group: 'tick', unit: 'ms' },
  late: { label: 'ticks are late', group: 'tick', unit: 'ms' },
};
const MAX_METHODS = 24;
