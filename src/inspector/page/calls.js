// Calls of a SceneMultiplayer, or of the rooms: the latest, and how often each method was called.
import { html } from 'htm/preact/standalone';
import { clock, count } from './format.js';
import { Card } from './parts.js';
import { go, hrefHere, hrefOf } from './route.js';
import { keepRows, keyOf, Place, Steering } from './stream.js';
import { Table, walk } from './table.js';

const LIMIT = 50;
const where = new Place();

export const take = keepRows((a, b) => a.server === b.server);

export function viewOf({ serverId, query }) {
  const search = query.get('search') ?? undefined;
  const room = query.get('room') ?? undefined;
  return {
    section: 'calls',
    server: serverId,
    room,
    search,
    position: where.in(`${serverId} ${room} ${search}`),
    limit: LIMIT,
  };
}

const METHODS = [
  {
    name: 'method',
    kind: 'head',
    cell: ({ method }) => html`<a href=${hrefHere({ search: method })}>${method}</a>`,
  },
  { name: 'in', kind: 'number', cell: ({ received }) => count(received) },
  { name: 'out', kind: 'number', cell: ({ sent }) => count(sent) },
];

export function Section({ place: { query, server }, message }) {
  if (message === undefined) return html`<p class="empty">Waiting for the server…</p>`;
  const room = query.get('room');
  return html`
    <${Card} title="Calls">
      <div class="bar" role="search" aria-label="Find calls">
        <input type="search" aria-label="Search calls" placeholder="node, method, value, peer…" maxlength="200" value=${query.get('search') ?? ''}
          onInput=${(event) => go(hrefHere({ search: event.target.value }), false)} />
        ${room !== null && html`<a class="button" href=${hrefHere({ room: undefined })}>room ${room} ✕</a>`}
      </div>
      <${Steering} place=${where} message=${message} limit=${LIMIT} label="the calls" />
      <${Rows} message=${message} server=${server} isSearched=${query.get('search') !== null} />
    <//>
    <${Card} title="Calls by method">
      <div class="low"><${Table} label="Calls by method" columns=${METHODS} rows=${message.methods} keyOf=${({ method }) => method} empty="No calls yet." /></div>
    <//>
  `;
}

function Rows({ message, server, isSearched }) {
  const { rows } = message;
  if (rows.length === 0)
    return html`<p class="empty">${isSearched ? 'No call matches the search yet.' : 'No calls since somebody looks.'}</p>`;
  return html`<div class="scroll" role="group" aria-label="Calls, the latest first" tabindex="0">
    <table class="log" role="table" aria-label="Calls">
      <thead role="rowgroup"><tr role="row">${['time', 'way', 'peer', 'room', 'call'].map(
        (name) => html`<th key=${name} role="columnheader" scope="col">${name}</th>`,
      )}</tr></thead>
      <tbody role="rowgroup" onKeyDown=${walk}>${rows
        .map(
          (row, at) => html`<tr key=${keyOf(message, row, at)} role="row">
            <td role="cell">${clock(row.timeMs)}</td>
            <td role="cell" class=${row.direction}>${row.direction === 'in' ? '→ in' : '← out'}</td>
            <td role="cell"><a href=${hrefOf('peers', row.peer, { server: server.id })}>${row.peerId}</a></td>
            <td role="cell">${row.room}</td>
            <td role="cell" class="parts">${row.node}.<b>${row.method}</b>(${row.args})</td>
          </tr>`,
        )
        .reverse()}</tbody>
    </table>
  </div>`;
}
