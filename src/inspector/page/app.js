// The page of the inspector: numbers, a chart, the peers and the log of datagrams.
import { html, render } from 'htm/preact/standalone';
import uPlot from 'uplot';
import { Cluster } from './cluster.js';
import { CallRow, callText, Multiplayer, MultiplayerTiles } from './multiplayer.js';
import { bytes, count, duration, Log, Tile } from './parts.js';

const HISTORY_SECONDS = 120;
const LOG_ROWS = 500;

const state = {
  isConnected: false,
  snapshot: undefined,
  datagrams: newLog(),
  calls: newLog(),
};
/** Columns of the chart: seconds, and datagrams (of a SceneMultiplayer: calls) per second in both directions. */
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
  const { totals, multiplayer } = snapshot;
  if (multiplayer === undefined) addToHistory(seconds, totals.datagramsIn, totals.datagramsOut);
  else addToHistory(seconds, multiplayer.numbers.callsReceived, multiplayer.numbers.callsSent);
  state.snapshot = snapshot;
  document.title = `${snapshot.title} (${snapshot.peerCount})`;
  addToLog(state.datagrams, snapshot.rows, snapshot.skipped);
  if (multiplayer !== undefined) addToLog(state.calls, multiplayer.calls, multiplayer.skipped);
  draw();
};

function newLog() {
  return { rows: [], skipped: 0, isPaused: false, filter: '' };
}

function addToLog(log, rows, skipped) {
  if (log.isPaused) return;
  log.skipped += skipped;
  log.rows = [...rows.reverse(), ...log.rows].slice(0, LOG_ROWS);
}

function addToHistory(seconds, numberIn, numberOut) {
  if (previous !== undefined && seconds > previous.seconds) {
    const span = seconds - previous.seconds;
    history[0].push(seconds);
    history[1].push(Math.max(0, numberIn - previous.numberIn) / span);
    history[2].push(Math.max(0, numberOut - previous.numberOut) / span);
    while (history[0].length > 0 && history[0][0] < seconds - HISTORY_SECONDS) {
      for (const column of history) column.shift();
    }
  }
  previous = { seconds, numberIn, numberOut };
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
  const { totals, multiplayer, cluster, hasServer } = snapshot;
  const isPlain = multiplayer === undefined && (hasServer || cluster === undefined);
  // Without the trace of a host there are none to show.
  const hasDatagrams = isPlain || totals.datagramsIn + totals.datagramsOut > 0;
  return html`
    <header>
      <h1>${snapshot.title}</h1>
      <span class=${state.isConnected ? 'status' : 'status lost'}>
        ${state.isConnected ? statusOf(snapshot) : 'connection lost, trying again'}
      </span>
    </header>
    ${multiplayer !== undefined && html`<${MultiplayerTiles} multiplayer=${multiplayer} />`}
    ${hasDatagrams && html`<${DatagramTiles} snapshot=${snapshot} isPlain=${isPlain} />`}
    ${cluster !== undefined && html`<${Cluster} cluster=${cluster} />`}
    ${
      (hasDatagrams || multiplayer !== undefined) &&
      html`<section>
      <h2>${multiplayer === undefined ? 'Datagrams per second' : 'Calls per second'}</h2>
      <div class="chart" id="chart"></div>
    </section>`
    }
    ${isPlain && html`<${Peers} snapshot=${snapshot} />`}
    ${
      multiplayer !== undefined &&
      html`<${Multiplayer} multiplayer=${multiplayer} peerCount=${snapshot.peerCount} />`
    }
    <${Drops} drops=${snapshot.drops} />
    ${
      multiplayer !== undefined &&
      html`<${Log} title="Calls" log=${state.calls} empty="No calls yet." hint="filter: node, method, value, peer…"
        draw=${draw} textOf=${callText} Row=${CallRow} />`
    }
    ${
      hasDatagrams &&
      html`<${Log} title="Datagrams" log=${state.datagrams} empty="No traffic yet." hint="filter: address, command, event…"
        draw=${draw} textOf=${textOf} Row=${DatagramRow} />`
    }
  `;
}

function statusOf({ multiplayer, port, cluster, hasServer }) {
  if (!hasServer && cluster !== undefined) return `live, node ${cluster.id}`;
  if (multiplayer === undefined) return `live, UDP port ${port}`;
  if (!multiplayer.numbers.isActive) return 'live, not connected';
  const place = port === 0 ? '' : `, port ${port}`;
  return `live${place}${multiplayer.numbers.acceptsPeers ? '' : ', takes no new players'}`;
}

function DatagramTiles({ isPlain, snapshot: { totals, peerCount } }) {
  return html`<div class="tiles">
    ${isPlain && html`<${Tile} name="players" value=${peerCount} />`}
    <${Tile} name="datagrams in" value=${count(totals.datagramsIn)} />
    <${Tile} name="bytes in" value=${bytes(totals.bytesIn)} />
    <${Tile} name="datagrams out" value=${count(totals.datagramsOut)} />
    <${Tile} name="bytes out" value=${bytes(totals.bytesOut)} />
    <${Tile} name="dropped" value=${count(totals.dropped)} />
  </div>`;
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

function DatagramRow({ row }) {
  return html`<tr>
    <td class="number">${(row.timeMs / 1000).toFixed(3)}</td>
    <td class=${row.direction}>${{ in: '→ in', out: '← out', drop: '× drop' }[row.direction]}</td>
    <td>${row.address}</td><td class="number">${row.size} B</td>
    <td class="parts">${row.parts.join('\n')}</td>
  </tr>`;
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
