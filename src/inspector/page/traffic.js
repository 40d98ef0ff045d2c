// The traffic: datagrams that the server has recorded, searched by it, with one of them in all detail.
import { html } from 'htm/preact/standalone';
import { Datagram } from './datagram.js';
import { bytes, clock, clockSeconds, count, duration } from './format.js';
import { Card } from './parts.js';
import { go, hrefHere, hrefOf } from './route.js';
import { state } from './store.js';
import { keepRows, keyOf, Place, Steering } from './stream.js';
import { walk } from './table.js';

const LIMITS = [25, 50, 100, 200];
const FILTER_MS = 300;
/** Of a row in the list. */
const PARTS = 4;
const LENGTH = 240;

const where = new Place();
let typing;
/** The list as it was drawn last, which Preact does not look into again while it is the same. */
let drawn;

export const take = keepRows((a, b) => a.filter?.id === b.filter?.id && a.filterProblem === b.filterProblem);

export function viewOf({ query }) {
  const filter = query.get('filter') ?? undefined;
  return { section: 'traffic', filter, position: where.in(filter ?? ''), limit: limitOf(query) };
}

export function Section({ place: { query, item }, message, status }) {
  const number = Number(item);
  const isOpen = item !== undefined;
  const close = () => {
    go(hrefHere({}, undefined));
    document.getElementById(`datagram ${number}`)?.focus();
  };
  return html`<div class=${isOpen ? 'split open' : 'split'}>
    <${Card} title="Traffic" extra=${message !== undefined && html`<${Recording} message=${message} status=${status} />`}>
      <${FilterBar} query=${query} message=${message} />
      ${
        message === undefined
          ? html`<p class="empty">Waiting for the server…</p>`
          : html`<${Steering} place=${where} message=${message} limit=${limitOf(query)} label="the traffic" />
            <${Rows} message=${message} query=${query} chosen=${number} hasTrace=${status.traffic.hasTrace} />`
      }
    <//>
    ${isOpen && html`<${Datagram} number=${item} close=${close} />`}
  </div>`;
}

function limitOf(query) {
  const wished = Number(query.get('limit'));
  return LIMITS.includes(wished) ? wished : 50;
}

function Recording({ message: { firstMs, ringBytes, missed }, status: { nowMs } }) {
  const span = firstMs === undefined ? '' : `, ${duration(nowMs - firstMs)} back to ${clockSeconds(firstMs)}`;
  return html`<span class="status">${bytes(ringBytes)} of ${bytes(state.limits?.trafficBytes)} kept${span}</span>
    ${missed > 0 && html`<span class="drop">${count(missed)} not recorded</span>`}`;
}

function FilterBar({ query, message }) {
  const filter = query.get('filter') ?? '';
  const set = (text) => {
    clearTimeout(typing);
    typing = setTimeout(() => go(hrefHere({ filter: text }), false), FILTER_MS);
  };
  const own = message?.filter;
  const of = own === undefined ? '' : `&filter=${own.id}`;
  const what = own === undefined ? 'all' : 'matches';
  return html`
    <div class="bar" role="search" aria-label="Find datagrams">
      <input type="search" aria-label="Filter of the traffic" placeholder="in address:192.0.2 command:RELIABLE size>200 …" value=${filter}
        maxlength="200" aria-describedby="filter-problem" onInput=${(event) => set(event.target.value)} />
      <select aria-label="Rows" value=${String(limitOf(query))}
        onChange=${(event) => go(hrefHere({ limit: event.target.value }), false)}>${LIMITS.map(
          (limit) => html`<option key=${limit} value=${String(limit)}>${limit} rows</option>`,
        )}</select>
      <a class="button" download href=${`export?format=pcapng${of}`}>Export ${what} as pcapng</a>
      <a class="button" download href=${`export?format=session${of}`}>Session of the first address</a>
    </div>
    <p id="filter-problem" class="drop" role="status">${message?.filterProblem ?? ''}</p>
    ${
      own !== undefined &&
      html`<p class="status">Matches are kept: ${bytes(own.pinnedBytes)} of ${bytes(state.limits?.filterBytes)} beside the ring${
        own.behind > 0 ? `; ${count(own.behind)} datagrams are not looked at yet` : ''
      }.</p>`
    }
    <details><summary>What a filter may have</summary>
      <dl class="facts">
        ${HELP.map(([word, text]) => html`<dt><code>${word}</code></dt><dd>${text}</dd>`)}
      </dl>
      <p class="hint">All must hold. A minus before one: it must not. Small and large letters are the same.</p>
    </details>`;
}

const HELP = [
  ['in, out, drop', 'the direction'],
  ['drop:REASON', 'what was dropped, for this reason'],
  ['address:192.0.2', 'a part of address and port'],
  ['peer:KEY', 'who is at the address now'],
  ['command:RELIABLE', 'a part of the name of a command'],
  ['channel:1', 'a command on this channel'],
  ['size>200, size<100', 'bytes of the datagram'],
  ['call:attack', 'a part of node and method of a call'],
  ['event:login', 'a part of the name of an event'],
  ['word, "two words"', 'a part of what the list shows'],
];

function Rows({ message, query, chosen, hasTrace }) {
  const { rows, filter, filterProblem } = message;
  if (filterProblem !== undefined) return null;
  if (rows.length === 0) {
    if (filter !== undefined) return html`<p class="empty">Nothing matches the filter yet.</p>`;
    return html`<p class="empty">${
      hasTrace
        ? 'No traffic since somebody looks.'
        : 'No host has told of traffic. Give it the trace of the inspector: new ENetServer({ host: { trace: inspector.trace } }).'
    }</p>`;
  }
  if (drawn?.message === message && drawn.chosen === chosen && drawn.query === String(query))
    return drawn.list;
  const place = hrefOf('traffic', 'NUMBER', Object.fromEntries(query));
  // The latest first, as the eye looks for them.
  const shown = rows
    .map(
      (row, at) =>
        html`<${Row} key=${keyOf(message, row, at)} row=${row} href=${place.replace('NUMBER', row.number)} isChosen=${row.number === chosen} />`,
    )
    .reverse();
  // Who opens a row wants the list to stand.
  const stop = ({ target }) => {
    if (target.closest('a') !== null && where.position === 'end') where.go(rows[0].index);
  };
  const list = html`<div class="scroll" role="group" aria-label="Datagrams, the latest first" tabindex="0">
    <table class="log" role="table" aria-label="Datagrams">
      <thead role="rowgroup"><tr role="row">${[
        'number',
        'time',
        'way',
        'address',
        'size',
        'what it holds',
      ].map(
        (name) =>
          html`<th key=${name} role="columnheader" scope="col" class=${name === 'size' ? 'number' : ''}>${name}</th>`,
      )}</tr></thead>
      <tbody role="rowgroup" onClick=${stop} onKeyDown=${walk}>${shown}</tbody>
    </table>
  </div>`;
  drawn = { message, chosen, query: String(query), list };
  return list;
}

const ARROWS = { in: '→ in', out: '← out', drop: '× drop' };

function Row({ row: { number, timeMs, direction, address, size, parts }, href, isChosen }) {
  return html`<tr role="row" class=${isChosen ? 'chosen' : ''}>
    <td role="cell"><a id=${`datagram ${number}`} href=${href}>${number}</a></td>
    <td role="cell">${clock(timeMs)}</td>
    <td role="cell" class=${direction}>${ARROWS[direction]}</td>
    <td role="cell">${address}</td>
    <td role="cell" class="number">${count(size)} B</td>
    <td role="cell" class="parts">${shorten(parts)}</td>
  </tr>`;
}

/** What a datagram holds, as far as a list shows it. */
function shorten(parts) {
  const text = (parts.length > PARTS ? parts.slice(0, PARTS) : parts).join(' · ');
  const more = parts.length > PARTS ? ` · and ${parts.length - PARTS} more` : '';
  return text.length > LENGTH ? `${text.slice(0, LENGTH)}…${more}` : text + more;
}
