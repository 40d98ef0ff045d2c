// A node of a cluster: its lease and bus, the nodes, the rooms of all nodes, and matchmaking.
import { html } from 'htm/preact/standalone';
import { count, plural } from './format.js';
import { numberText, wordsOf } from './overview.js';
import { Card, Facts, Tiles } from './parts.js';
import { doorText, ofMost } from './rooms.js';
import { Finder, howMany, Pager, partOf, sortBy, Table } from './table.js';

export function viewOf({ serverId, query }) {
  return {
    section: 'cluster',
    server: serverId,
    ...partOf(query),
  };
}

const NODES = [
  { name: 'node', kind: 'head', cell: ({ id, isOwn }) => (isOwn ? html`<b>${id}</b> (this one)` : id) },
  { name: 'region', cell: ({ region }) => region },
  { name: 'version', cell: ({ version }) => version },
  { name: 'players', kind: 'number', cell: ({ players, maxPlayers }) => ofMost(players, maxPlayers) },
  { name: 'rooms', kind: 'number', cell: ({ rooms, maxRooms }) => ofMost(rooms, maxRooms) },
  {
    name: 'state',
    cell: ({ isDraining }) => (isDraining ? html`<span class="warn">draining</span>` : 'takes rooms'),
  },
];

const ROOMS = [
  { name: 'room', sort: 'id', kind: 'head', cell: ({ id }) => id },
  { name: 'kind', sort: 'kind', cell: ({ kind }) => kind },
  { name: 'node', sort: 'node', cell: ({ node }) => node },
  {
    name: 'players',
    sort: 'players',
    kind: 'number',
    cell: ({ players, maxPlayers }) => ofMost(players, maxPlayers),
  },
  { name: 'door', sort: 'isLocked', cell: doorText },
];

export function Section({ place: { query }, message }) {
  if (message === undefined) return html`<p class="empty">Waiting for the server…</p>`;
  const { id, engine, numbers, nodes, nodeCount, isLooking, failure, found, offset, rows, matchmakings } =
    message;
  return html`
    <${Tiles} label=${`Numbers of the node ${id}`} tiles=${[
      ['node', id],
      ['bus', engine],
      ...numbers.map((number) => [
        wordsOf(number.name),
        numberText(number),
        BAD.test(number.name) && number.value > 0,
      ]),
    ]} />
    <${Card} title=${`Nodes (${nodes.length < nodeCount ? `${nodes.length} of ` : ''}${count(nodeCount)})`}>
      <${Table} label="Nodes" columns=${NODES} rows=${nodes} keyOf=${(node) => node.id} empty="No node is known." />
    <//>
    <${Card} title=${`Rooms of the cluster (${howMany(message)})`}>
      <${Finder} label="rooms of the cluster" hint="id, kind, node…" query=${query} columns=${ROOMS} />
      ${failure !== undefined && html`<p class="drop">As of the last look; now: ${failure}</p>`}
      <${Table} label="Rooms of the cluster" columns=${ROOMS} rows=${rows} keyOf=${(room) => room.id}
        empty=${isLooking ? 'Looking…' : message.count === 0 ? 'There is no room.' : 'No room matches the search.'}
        sort=${query.get('sort') ?? undefined} isDescending=${query.get('down') === '1'} onSort=${sortBy} />
      <${Pager} label="rooms of the cluster" offset=${offset} shown=${rows.length} total=${found} />
    <//>
    ${matchmakings.map(
      ({ name, leader, isLeading, numbers: own }) => html`<${Card} key=${name} title=${`Matchmaking ${name}`}>
        <${Facts} facts=${[
          [
            'leader',
            leader === undefined
              ? html`<span class="drop">nobody</span>`
              : `${leader}${isLeading ? ' (this one)' : ''}`,
          ],
          ...own.map((number) => [number.label, numberText(number)]),
        ]} />
      <//>`,
    )}
    ${matchmakings.length === 0 && html`<p class="status">${plural(0, 'matchmaking')} of this node.</p>`}
  `;
}

const BAD = /fence|lost|outage|fail/i;
