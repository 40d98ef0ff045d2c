/** Line charts as SVG in the page: no script, no request. */
import { escapeHtml } from './html.ts';

/** One line of a chart. */
export interface ChartLine {
  /** What it is called. */
  readonly name: string;
  /** Which of the colors of the page it has. */
  readonly color: 'first' | 'second';
  /** A value for each time; null: there is none. */
  readonly values: readonly (number | null)[];
}

/** What a chart shows. */
export interface ChartSpec {
  readonly title: string;
  /** Milliseconds since the start, rising. */
  readonly timesMs: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Writes a value for people. */
  readonly text: (value: number) => string;
  /** The steps of the axis are whole numbers. */
  readonly isWhole?: boolean;
  /** Steps of the axis are powers of two of this; 0: of ten. */
  readonly binary?: boolean;
  /** Times at which something began, in milliseconds. */
  readonly marksMs: readonly number[];
}

/** A figure with the chart, or with a word about that there is nothing to show. */
export function chart(spec: ChartSpec): string {
  const values = spec.lines.flatMap((line) => line.values.filter((value) => value !== null));
  const key =
    spec.lines.length < 2
      ? ''
      : ` <span class="key">${spec.lines.map(({ name, color }) => `<span class="${color}">${escapeHtml(name)}</span>`).join(' ')}</span>`;
  const caption = `<figcaption>${escapeHtml(spec.title)}${key}</figcaption>`;
  if (values.length === 0) return `<figure>${caption}<p class="soft">not measured</p></figure>`;
  return `<figure>${caption}${drawing(spec, Math.max(...values))}</figure>`;
}

function drawing(spec: ChartSpec, most: number): string {
  const { timesMs, lines, text, marksMs, title } = spec;
  const end = Math.max(1, timesMs.at(-1) ?? 1);
  const step = stepOf(most, spec);
  const top = Math.max(step, Math.ceil(most / step - 1e-9) * step);
  const x = (ms: number): string => fixed(LEFT + (ms / end) * (WIDTH - LEFT - RIGHT));
  const y = (value: number): string => fixed(HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP));
  const parts: string[] = [];
  for (let at = 0; at <= top + step / 2; at += step) {
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(at)}" y2="${y(at)}"/>`);
    parts.push(`<text x="${LEFT - 6}" y="${y(at)}" dy="4" text-anchor="end">${escapeHtml(text(at))}</text>`);
  }
  for (const ms of marksMs) {
    parts.push(`<line class="mark" x1="${x(ms)}" x2="${x(ms)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`);
  }
  const timeStep = niceStep(end / 1000 / 4, true);
  for (let at = 0; at <= end / 1000 + 1e-9; at += timeStep) {
    parts.push(`<text x="${x(at * 1000)}" y="${HEIGHT - 4}" text-anchor="middle">${at} s</text>`);
  }
  for (const { values, color } of lines) {
    for (const run of unbroken(values)) {
      const points = run.map(([index, value]) => `${x(timesMs[index] ?? 0)},${y(value)}`);
      parts.push(
        points.length === 1
          ? `<circle class="${color}" cx="${points[0]?.split(',')[0]}" cy="${points[0]?.split(',')[1]}" r="2"/>`
          : `<polyline class="${color}" points="${points.join(' ')}"/>`,
      );
    }
  }
  parts.push(...hints(spec, x));
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${parts.join('')}</svg>`;
}

/** What the values are, for a pointer that rests on a time. */
function hints({ timesMs, lines, text }: ChartSpec, x: (ms: number) => string): string[] {
  return timesMs.map((ms, index) => {
    const from = x(timesMs[index - 1] ?? 0);
    const told = lines.map(({ name, values }) => {
      const value = values[index];
      return `${name} ${value === null || value === undefined ? '-' : text(value)}`;
    });
    const words = escapeHtml(`${(ms / 1000).toFixed(1)} s: ${told.join(', ')}`);
    const width = fixed(Math.max(1, Number(x(ms)) - Number(from)));
    return `<rect x="${from}" y="${TOP}" width="${width}" height="${HEIGHT - TOP - BOTTOM}"><title>${words}</title></rect>`;
  });
}

/** The parts of a line between what there is no value for. */
function unbroken(values: readonly (number | null)[]): [index: number, value: number][][] {
  const runs: [number, number][][] = [];
  let open: [number, number][] | undefined;
  values.forEach((value, index) => {
    if (value === null) {
      open = undefined;
      return;
    }
    if (open === undefined) {
      open = [];
      runs.push(open);
    }
    open.push([index, value]);
  });
  return runs;
}

function stepOf(most: number, { isWhole = false, binary = false }: ChartSpec): number {
  if (binary) return 2 ** Math.ceil(Math.log2(Math.max(1, most / 4)));
  return niceStep(most / 4, isWhole);
}

/** 1, 2 or 5 times a power of ten that is no less. */
function niceStep(least: number, isWhole: boolean): number {
  const wanted = Math.max(least, isWhole ? 1 : 0.01);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= wanted * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}

const WIDTH = 380;
const HEIGHT = 190;
const LEFT = 58;
const RIGHT = 14;
const TOP = 8;
const BOTTOM = 22;
