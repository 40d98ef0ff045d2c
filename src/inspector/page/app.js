// The page of the inspector: numbers, a chart, the peers and the log of datagrams.
import { html, render } from 'htm/preact/standalone';
import uPlot from 'uplot';

const HISTORY_SECONDS = 120;
const LOG_ROWS = 500;

const state = {
  isConnected: false,
  snapshot: undefined,
  rows: [],
  skipped: 0,
  isPaused: false,
  filter: '',
};
/** Columns of the chart: seconds, datagrams in per second, datagrams out per second. */
const history = [[], [], []];
let previous;
let chart;

const events = new EventSource('/events');
events.onopen = () => {
  state.isConnected = true;
  previous = undefined;
  draw();
};
events.onerror = () => {
  state.isConnected = false;
  draw();
};
events.onmessage = (message) => {
  const snapshot = JSON.parse(message.data);
  const seconds = Date.now() / 1000;
  addToHistory(seconds, snapshot.totals);
  state.snapshot = snapshot;
  document.title = `${snapshot.title} (${snapshot.peerCount})`;
  if (!state.isPaused) {
    state.skipped += snapshot.skipped;
    state.rows = [...snapshot.rows.reverse(), ...state.rows].slice(0, LOG_ROWS);
  }
  draw();
};

function addToHistory(seconds, totals) {
  if (previous !== undefined && seconds > previous.seconds) {
    const span = seconds - previous.seconds;
    history[0].push(seconds);
    history[1].push((totals.datagramsIn - previous.totals.datagramsIn) / span);
    history[2].push((totals.datagramsOut - previous.totals.datagramsOut) / span);
    while (history[0].length > 0 && history[0][0] < seconds - HISTORY_SECONDS) {
      for (const column of history) column.shift();
    }
  }
  previous = { seconds, totals };
}

function draw() {
  render(html`<${App} />`, document.getElementById('app'));
  drawChart();
}

function App() {
  const { snapshot } = state;
  if (snapshot === undefined) {
    return html`<p class="empty">${state.isConnected ? 'Waiting for the server…' : 'Connecting…'}</p>`;
  }
  const { totals } = snapshot;
  return html`
    <header>
      <h1>${snapshot.title}</h1>
      <span class=${state.isConnected ? 'status' : 'status lost'}>
        ${state.isConnected ? `live, UDP port ${snapshot.port}` : 'connection lost, trying again'}
      </span>
    </header>
    <div class="tiles">
      <${Tile} name="players" value=${snapshot.peerCount} />
      <${Tile} name="datagrams in" value=${count(totals.datagramsIn)} />
      <${Tile} name="bytes in" value=${bytes(totals.bytesIn)} />
      <${Tile} name="datagrams out" value=${count(totals.datagramsOut)} />
      <${Tile} name="bytes out" value=${bytes(totals.bytesOut)} />
      <${Tile} name="dropped" value=${count(totals.dropped)} />
    </div>
    <section>
      <h2>Datagrams per second</h2>
      <div class="chart" id="chart"></div>
    </section>
    <${Peers} snapshot=${snapshot} />
    <${Drops} drops=${snapshot.drops} />
    <${Log} />
  `;
}

function Tile({ name, value }) {
  return html`<div class="tile"><b>${value}</b><span>${name}</span></div>`;
}

function Peers({ snapshot }) {
  const { peers, peerCount } = snapshot;
  const title = peers.length < peerCount ? `Players (${peers.length} of ${peerCount} shown)` : 'Players';
  return html`<section>
    <h2>${title}</h2>
    ${
      peers.length === 0
        ? html`<p class="empty">Nobody is connected.</p>`
        : html`<div class="scroll"><table>
          <thead><tr>
            <th class="number">id</th><th>address</th><th>state</th><th class="number">round trip</th>
            <th class="number">loss</th><th class="number">connected</th>
          </tr></thead>
          <tbody>${peers.map(
            (peer) => html`<tr key=${peer.id}>
              <td class="number">${peer.id}</td><td>${peer.address}</td><td>${peer.state}</td>
              <td class="number">${peer.ping} ms</td><td class="number">${(peer.loss * 100).toFixed(1)} %</td>
              <td class="number">${duration(peer.seconds)}</td>
            </tr>`,
          )}</tbody>
        </table></div>`
    }
  </section>`;
}

function Drops({ drops }) {
  if (drops.length === 0) return null;
  return html`<section>
    <h2>Dropped, by reason</h2>
    <table><tbody>${drops
      .toSorted((a, b) => b.times - a.times)
      .map(
        ({ reason, times, text }) => html`<tr key=${reason}>
          <td class="drop">${reason}</td><td class="number">${count(times)}</td><td class="why">${text}</td>
        </tr>`,
      )}</tbody></table>
  </section>`;
}

function Log() {
  const needle = state.filter.toLowerCase();
  const rows = needle === '' ? state.rows : state.rows.filter((row) => textOf(row).includes(needle));
  return html`<section>
    <div class="bar">
      <h2>Datagrams</h2>
      <input type="search" aria-label="filter" placeholder="filter: address, command, event…" value=${state.filter}
        onInput=${(event) => {
          state.filter = event.target.value;
          draw();
        }} />
      <button onClick=${() => {
        state.isPaused = !state.isPaused;
        draw();
      }}>${state.isPaused ? 'Resume' : 'Pause'}</button>
      <button onClick=${() => {
        state.rows = [];
        state.skipped = 0;
        draw();
      }}>Clear</button>
      ${state.skipped > 0 && html`<span class="status">${count(state.skipped)} not shown</span>`}
    </div>
    ${
      rows.length === 0
        ? html`<p class="empty">${state.rows.length === 0 ? 'No traffic yet.' : 'Nothing matches the filter.'}</p>`
        : html`<div class="scroll"><table class="log"><tbody>${rows.map(
            (row) => html`<tr>
              <td class="number">${(row.timeMs / 1000).toFixed(3)}</td>
              <td class=${row.direction}>${{ in: '→ in', out: '← out', drop: '× drop' }[row.direction]}</td>
              <td>${row.address}</td><td class="number">${row.size} B</td>
              <td class="parts">${row.parts.join('\n')}</td>
            </tr>`,
          )}</tbody></table></div>`
    }
  </section>`;
}

function drawChart() {
  const place = document.getElementById('chart');
  if (place === null) return;
  if (chart === undefined || chart.root.parentElement !== place) {
    chart?.destroy();
    const axis = {
      stroke: colorOf('--soft'),
      grid: { stroke: colorOf('--line') },
      ticks: { stroke: colorOf('--line') },
    };
    chart = new uPlot(
      {
        width: place.clientWidth,
        height: place.clientHeight - 30,
        axes: [axis, { ...axis, size: 60 }],
        scales: { y: { range: (_chart, _min, max) => [0, Math.max(10, (max ?? 0) * 1.1)] } },
        series: [
          {},
          { label: 'in', stroke: colorOf('--in'), width: 2 },
          { label: 'out', stroke: colorOf('--out'), width: 2 },
        ],
      },
      history,
      place,
    );
    return;
  }
  if (chart.width !== place.clientWidth)
    chart.setSize({ width: place.clientWidth, height: place.clientHeight - 30 });
  chart.setData(history);
}

/** A color of the style sheet as the canvas needs it: resolved for the light or the dark scheme. */
function colorOf(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function textOf(row) {
  return `${row.direction} ${row.address} ${row.parts.join(' ')}`.toLowerCase();
}

function count(value) {
  return value.toLocaleString('en');
}

function bytes(value) {
  if (value < 10_000) return `${count(value)} B`;
  if (value < 10_000_000) return `${count(Math.round(value / 100) / 10)} kB`;
  return `${count(Math.round(value / 100_000) / 10)} MB`;
}

function duration(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
