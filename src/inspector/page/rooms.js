// The rooms of a server.
import { html } from 'htm/preact/standalone';
import { count, duration, milliseconds } from './format.js';
import { doAction } from './link.js';
import { Card, Facts, Pane } from './parts.js';
import { go, hrefHere, hrefOf } from './route.js';
import { sendMessage } from './servers.js';
import { ask } from './store.js';
import { Finder, howMany, Pager, partOf, sortBy, Table } from './table.js';

export function viewOf({ serverId, query }) {
  return {
    section: 'rooms',
    server: serverId,
    ...partOf(query),
  };
}

/** One word for what a room is to newcomers. */
export function doorText({ isLocked, isPrivate }) {
  return [isLocked ? 'locked' : 'open', ...(isPrivate ? ['private'] : [])].join(', ');
}

/** Of the most that there may be. */
export function ofMost(value, most) {
  return most === undefined || most === null ? count(value) : `${count(value)} of ${count(most)}`;
}

const COLUMNS = [
  {
    name: 'room',
    sort: 'id',
    kind: 'head',
    cell: ({ id }) => html`<a id=${`room ${id}`} href=${hrefHere({}, id)}>${id}</a>`,
  },
  { name: 'kind', sort: 'kind', kind: 'tight', cell: ({ kind }) => kind },
  {
    name: 'players',
    sort: 'players',
    kind: 'number',
    cell: ({ players, maxPlayers }) => ofMost(players, maxPlayers),
  },
  { name: 'watch', sort: 'spectators', kind: 'number', cell: ({ spectators }) => count(spectators) },
  { name: 'away', sort: 'away', kind: 'number', cell: ({ away }) => count(away) },
  { name: 'door', sort: 'isLocked', kind: 'tight', cell: doorText },
  { name: 'nodes', sort: 'nodes', kind: 'number', cell: ({ nodes }) => count(nodes) },
  { name: 'tick', sort: 'tickMs', kind: 'number', cell: ({ tickMs }) => milliseconds(tickMs, 1) },
  { name: 'late', sort: 'lateMs', kind: 'number', cell: ({ lateMs }) => milliseconds(lateMs, 1) },
  {
    name: 'open for',
    sort: 'seconds',
    kind: 'number',
    cell: ({ seconds }) => (seconds === undefined ? '' : duration(seconds * 1000)),
  },
  { name: 'data', kind: 'cut', cell: ({ data }) => data },
];

export function Section({ place, message, session }) {
  if (message === undefined) return html`<p class="empty">Waiting for the server…</p>`;
  const { query, item, server } = place;
  const { rows, found, offset } = message;
  const close = () => {
    go(hrefHere({}, undefined));
    document.getElementById(`room ${item}`)?.focus();
  };
  return html`<div class=${item === undefined ? 'split' : 'split open'}>
    <${Card} title=${`Rooms (${howMany(message)})`}>
      <${Finder} label="rooms" hint="id, kind, data…" query=${query} columns=${COLUMNS} />
      <${Table} label="Rooms" columns=${COLUMNS} rows=${rows} keyOf=${({ id }) => id} chosen=${item}
        empty=${message.count === 0 ? 'There is no room.' : 'No room matches the search.'}
        sort=${query.get('sort') ?? undefined} isDescending=${query.get('down') === '1'} onSort=${sortBy} />
      <${Pager} label="rooms" offset=${offset} shown=${rows.length} total=${found} />
    <//>
    ${
      item !== undefined &&
      html`<${Details} key=${item} item=${item} room=${rows.find(({ id }) => id === item)} server=${server} session=${session} close=${close} />`
    }
  </div>`;
}

function Details({ item, room, server, session, close }) {
  if (room === undefined)
    return html`<${Pane} title=${`Room ${item}`} close=${close}><p class="empty">This room is not in the list (any more).</p><//>`;
  return html`<${Pane} title=${`Room ${item}`} close=${close}>
    ${session.canAct && html`<${Actions} room=${room} server=${server} />`}
    <${Facts} facts=${[
      ...COLUMNS.slice(1).map(({ name, cell }) => [name, cell(room)]),
      ['ticks per second', room.tickHz === undefined ? undefined : count(room.tickHz)],
      ['ticks left out', count(room.skippedTicks)],
    ]} />
    <p class="actions">
      <a class="button" href=${hrefOf('peers', undefined, { server: server.id, room: item })}>Its peers</a>
      ${server.sections.includes('scene') && html`<a class="button" href=${hrefOf('scene', undefined, { server: server.id, room: item })}>Its scene</a>`}
      ${server.sections.includes('calls') && html`<a class="button" href=${hrefOf('calls', undefined, { server: server.id, room: item })}>Its calls</a>`}
    </p>
  <//>`;
}

function Actions({ room: { id, isLocked }, server }) {
  const can = (name) => server.actions.includes(name);
  const target = { server: server.id, room: id };
  const lock = async () => {
    const isWanted = await ask({
      title: isLocked ? `Let players into ${id} again?` : `Lock ${id}?`,
      text: isLocked ? undefined : 'Nobody new gets in; who is there stays.',
      button: isLocked ? 'Unlock' : 'Lock',
    });
    if (isWanted) await doAction({ action: 'lockRoom', ...target, isLocked: !isLocked });
  };
  const end = async () => {
    const isWanted = await ask({
      title: `Close ${id}?`,
      text: 'The room ends, and its players go where newcomers go.',
      button: 'Close the room',
      isGrave: true,
    });
    if (isWanted) await doAction({ action: 'closeRoom', ...target });
  };
  return html`<div class="actions">
    ${can('message') && html`<button type="button" onClick=${() => sendMessage(target, `all in ${id}`)}>Message</button>`}
    ${can('lockRoom') && html`<button type="button" onClick=${lock}>${isLocked ? 'Unlock' : 'Lock'}</button>`}
    ${can('closeRoom') && html`<button type="button" class="grave" onClick=${end}>Close the room</button>`}
  </div>`;
}
