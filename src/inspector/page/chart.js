// One chart: lines over time on a canvas, the same as a table for who does not see it.
import { html, useEffect, useRef, useState } from 'htm/preact/standalone';
import uPlot from 'uplot';
import { bytes, clockSeconds, count } from './format.js';

const HEIGHT = 170;
const COLORS = 8;
const TABLE_ROWS = 30;

/**
 * @param props.title what it shows.
 * @param props.unit of the values, as in the protocol.
 * @param props.series `{ name, label }` of each line.
 * @param props.data times in seconds, then the values of each line; the arrays stay the same and grow.
 * @param props.range seconds that are shown, `[from, to]`.
 * @param props.onSelect gets the seconds that the viewer has marked.
 */
export function Chart({ title, unit, series, data, range, onSelect, onReset }) {
  const place = useRef();
  const chart = useRef();
  const isSeen = useRef(true);
  const select = useRef(onSelect);
  select.current = onSelect;
  const [hidden, setHidden] = useState(() => new Set());
  const [isOpen, setOpen] = useState(false);

  useEffect(() => {
    chart.current = makeChart(place.current, series, data, unit, range, (from, to) =>
      select.current(from, to),
    );
    const sight = new IntersectionObserver(([entry]) => {
      isSeen.current = entry.isIntersecting;
    });
    sight.observe(place.current);
    return () => {
      sight.disconnect();
      chart.current.destroy();
    };
  }, []);
  useEffect(() => {
    if (isSeen.current) update(chart.current, place.current, data, range, series, hidden);
  });

  const latest = data.map((column) => column.at(-1));
  const toggle = (name) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  return html`<section class="card chart" aria-label=${title}>
    <h2>${title}</h2>
    <div ref=${place} class="canvas" role="img" onDblClick=${onReset}
      aria-label=${`Chart of ${title}; its data are in the table below`}></div>
    <div class="legend">${series.map(
      (
        { name, label },
        at,
      ) => html`<button key=${name} type="button" class="plain" aria-pressed=${String(!hidden.has(name))}
        onClick=${() => toggle(name)}>
        <span class=${`swatch c${at % COLORS}${at >= COLORS ? ' dashed' : ''}`} aria-hidden="true"></span>${label} <b>${valueText(latest[at + 1], unit)}</b>
      </button>`,
    )}</div>
    <details onToggle=${(event) => setOpen(event.target.open)}>
      <summary>Data of ${title} as a table</summary>
      ${isOpen && html`<${Data} title=${title} unit=${unit} series=${series} data=${data} range=${range} />`}
    </details>
  </section>`;
}

/** Means over equal parts of what is shown, the latest first. */
function Data({ title, unit, series, data, range: [from, to] }) {
  const [times] = data;
  const span = Math.max(1, Math.ceil((to - from) / TABLE_ROWS));
  const rows = [];
  for (let end = times.length; end > 0; ) {
    const second = times[end - 1];
    if (second > to) {
      end--;
      continue;
    }
    if (second < from || rows.length === TABLE_ROWS) break;
    const begin = Math.max(
      0,
      times.findIndex((time) => time > second - span),
    );
    rows.push([second, ...series.map((_line, at) => meanOf(data[at + 1], begin, end))]);
    end = begin;
  }
  return html`<div class="scroll low" role="group" tabindex="0" aria-label=${`Data of ${title}`}>
    <table>
      <caption>Means of ${span} s each</caption>
      <thead><tr><th scope="col">until</th>${series.map(({ label }) => html`<th scope="col" class="number">${label}</th>`)}</tr></thead>
      <tbody>${rows.map(
        ([second, ...values]) => html`<tr key=${second}>
          <th scope="row">${clockSeconds(second * 1000)}</th>${values.map((value) => html`<td class="number">${valueText(value, unit)}</td>`)}
        </tr>`,
      )}</tbody>
    </table>
  </div>`;
}

function meanOf(column, begin, end) {
  let sum = 0;
  let known = 0;
  for (let i = begin; i < end; i++)
    if (typeof column[i] === 'number') {
      sum += column[i];
      known++;
    }
  return known === 0 ? undefined : sum / known;
}

/** A value with its unit. */
export function valueText(value, unit) {
  if (value === undefined || value === null) return '–';
  if (unit === 'bytes/s') return `${bytes(value)}/s`;
  const text = count(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);
  if (unit === 'percent') return `${text} %`;
  if (unit === '/s') return `${text}/s`;
  return unit === '' ? text : `${text} ${unit}`;
}

function makeChart(place, series, data, unit, [min, max], onSelect) {
  const axis = {
    stroke: colorOf('--soft'),
    grid: { stroke: colorOf('--line'), width: 1 },
    ticks: { stroke: colorOf('--line'), width: 1 },
    font: '11px system-ui, sans-serif',
  };
  return new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      // A mark is a wish for the page, which gives it to all charts.
      cursor: {
        drag: { x: true, y: false, setScale: false },
        sync: { key: 'charts' },
        bind: { dblclick: () => null },
      },
      axes: [
        {
          ...axis,
          size: 28,
          space: 64,
          values: (_chart, ticks) => ticks.map((tick) => tickText(tick, ticks)),
        },
        {
          ...axis,
          size: 66,
          space: 34,
          values: (_chart, ticks) => ticks.map((tick) => valueText(tick, unit)),
        },
      ],
      scales: {
        x: { min, max },
        y: { range: (_chart, _min, most) => [0, Math.max(LEAST[unit] ?? 1, (most ?? 0) * 1.1)] },
      },
      series: [
        {},
        ...series.map(({ label }, at) => ({
          label,
          stroke: colorOf(`--c${at % COLORS}`),
          width: 1.5,
          ...(at >= COLORS ? { dash: [5, 4] } : {}),
          points: { show: false },
        })),
      ],
      hooks: {
        setSelect: [
          (chart) => {
            const { left, width } = chart.select;
            if (width < 4) return;
            const [from, to] = [left, left + width].map((x) => chart.posToVal(x, 'x'));
            chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            onSelect(from, to);
          },
        ],
      },
    },
    data,
    place,
  );
}

/** The time of a line of the grid; seconds only where they differ. */
function tickText(tick, ticks) {
  const text = clockSeconds(tick * 1000);
  return ticks.every((other) => other % 60 === 0) ? text.slice(0, 5) : text;
}

/** The highest value that the scale has at least, so that noise does not look like a mountain. */
const LEAST = { '/s': 5, 'bytes/s': 1000, ms: 5, percent: 5, '': 1 };

function update(chart, place, data, [min, max], series, hidden) {
  if (place.clientWidth > 0 && chart.width !== place.clientWidth)
    chart.setSize({ width: place.clientWidth, height: HEIGHT });
  chart.batch(() => {
    for (const [at, { name }] of series.entries())
      if (chart.series[at + 1].show === hidden.has(name))
        chart.setSeries(at + 1, { show: !hidden.has(name) });
    chart.setData(data, false);
    chart.setScale('x', { min, max });
  });
}

/** A color of the style sheet as a canvas needs it: resolved for light or dark. */
function colorOf(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
