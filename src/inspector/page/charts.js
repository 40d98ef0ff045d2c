// The charts of a server over 15 minutes. A part that the viewer has chosen stays while new seconds come.
import { html } from 'htm/preact/standalone';
import { Chart } from './chart.js';
import { clockSeconds } from './format.js';
import { draw } from './store.js';

const MAX_SECONDS = 900;
const LEAST_SECONDS = 60;
const SPANS = [
  [900, '15 min'],
  [300, '5 min'],
  [60, '1 min'],
];
const TITLES = {
  datagrams: 'Datagrams',
  bytes: 'Bytes',
  peers: 'Peers',
  roundTrip: 'Round trip',
  loss: 'Packet loss',
  cpu: 'CPU of the process',
  loop: 'Event-loop delay',
  tick: 'Time of a tick',
  calls: 'Calls by name',
};
const KEPT_AS = 'console range';

/** What is shown: the latest `span` seconds, or those between `from` and `to`. It outlives a reload. */
let shown = readShown();

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

export function viewOf({ serverId }) {
  return { section: 'charts', server: serverId };
}

let kept;

/** Keeps 15 minutes of each line. */
export function take(message) {
  if (message.type === 'charts') {
    const { server, series, timesMs, values } = message;
    kept = {
      type: 'charts',
      server,
      series,
      columns: [timesMs.map((ms) => ms / 1000), ...values.map((line) => [...line])],
    };
  } else if (kept?.server === message.server && message.values.length === kept.series.length) {
    const { columns } = kept;
    if (message.timeMs / 1000 <= (columns[0].at(-1) ?? 0)) return kept;
    columns[0].push(message.timeMs / 1000);
    for (const [at, value] of message.values.entries()) columns[at + 1].push(value);
    if (columns[0].length > MAX_SECONDS) for (const column of columns) column.shift();
  }
  return kept;
}

export function Section({ message, status }) {
  if (message === undefined) return html`<p class="empty">Waiting for the server…</p>`;
  const { series, columns } = message;
  const end = columns[0].at(-1) ?? status.nowMs / 1000;
  // A server that has just begun has no 15 minutes; a minute is enough to see something.
  const begin = Math.max(end - shown.span, Math.min(columns[0][0] ?? end, end - LEAST_SECONDS));
  const range = shown.from === undefined ? [begin, end] : [shown.from, shown.to];
  const groups = [...new Set(series.map(({ group }) => group))];
  const scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  return html`
    <${Controls} range=${range} end=${end} />
    ${groups.length === 0 && html`<p class="empty">There is nothing to draw yet.</p>`}
    <div class="columns">${groups.map((group) => {
      const own = series.map((line, at) => ({ ...line, at })).filter((line) => line.group === group);
      // Another set of lines, or other colors, is another chart.
      return html`<${Chart} key=${`${group} ${scheme} ${own.map(({ name }) => name).join()}`} title=${TITLES[group] ?? group} unit=${own[0].unit}
        series=${own} data=${[columns[0], ...own.map(({ at }) => columns[at + 1])]} range=${range}
        onSelect=${(from, to) => show({ from, to })} onReset=${() => show({ span: shown.span ?? MAX_SECONDS })} />`;
    })}</div>
  `;
}

function Controls({ range: [from, to], end }) {
  const isLive = shown.from === undefined;
  const width = to - from;
  // The part of 15 minutes that is as near to the wished one as there are seconds for.
  const part = (wishedFrom, wishedWidth) => {
    const size = Math.min(MAX_SECONDS, Math.max(5, wishedWidth));
    const begin = Math.min(end - size, Math.max(end - MAX_SECONDS, wishedFrom));
    show({ from: begin, to: begin + size });
  };
  return html`<div class="bar" role="toolbar" aria-label="What the charts show">
    ${SPANS.map(
      ([span, text]) =>
        html`<button key=${span} type="button" aria-pressed=${String(isLive && shown.span === span)} onClick=${() => show({ span })}>${text}</button>`,
    )}
    <button type="button" onClick=${() => part(from + width / 4, width / 2)}>Zoom in</button>
    <button type="button" onClick=${() => part(from - width / 2, width * 2)}>Zoom out</button>
    <button type="button" onClick=${() => part(from - width / 2, width)}>Earlier</button>
    <button type="button" onClick=${() => part(from + width / 2, width)}>Later</button>
    ${
      isLive
        ? html`<span class="hint">Mark a part with the mouse: it stays.</span>`
        : html`<button type="button" class="main" onClick=${() => show({ span: MAX_SECONDS })}>Back to now</button>
          <span class="status">${clockSeconds(from * 1000)} to ${clockSeconds(to * 1000)}, stays</span>`
    }
  </div>`;
}

function show(wanted) {
  shown = wanted;
  sessionStorage.setItem(KEPT_AS, JSON.stringify(shown));
  draw();
}

function readShown() {
  const text = sessionStorage.getItem(KEPT_AS);
  return text === null ? { span: MAX_SECONDS } : JSON.parse(text);
}
