// The peers of a server: a list that is searched and sorted by the server, one of them with all that is known, and what can be done with it.
import { html } from 'htm/preact/standalone';
import { bytes, clockSeconds, count, duration, milliseconds, percent, plural } from './format.js';
import { doAction } from './link.js';
import { Diagnoses, Events, numberText } from './overview.js';
import { Card, Facts, Pane } from './parts.js';
import { go, hrefHere, hrefOf } from './route.js';
import { sendMessage } from './servers.js';
import { ask } from './store.js';
import { Finder, howMany, Pager, partOf, sortBy, Table } from './table.js';

export function viewOf({ serverId, query, item }) {
  return {
    section: 'peers',
    server: serverId,
    ...partOf(query),
    room: query.get('room') ?? undefined,
    selected: item,
  };
}

/** How each property of a peer is shown. */
const COLUMNS = {
  peerId: { name: 'id', kind: 'number', cell: ({ peerId }) => peerId },
  name: { name: 'name', kind: 'cut', cell: ({ name }) => name },
  state: {
    name: 'state',
    kind: 'tight',
    cell: ({ state }) => html`<span class=${GOOD.has(state) ? '' : 'warn'}>${state}</span>`,
  },
  address: {
    name: 'address',
    kind: 'tight',
    cell: ({ address, port }) => (address === undefined ? '' : placeText(address, port)),
  },
  transport: { name: 'transport', kind: 'tight', cell: ({ transport }) => transport },
  class: { name: 'class', kind: 'tight', cell: (peer) => peer.class },
  godot: { name: 'Godot', kind: 'tight', cell: ({ godot }) => godot },
  room: {
    name: 'room',
    kind: 'cut',
    cell: ({ room, roomKind, isSpectator }) =>
      room === undefined
        ? ''
        : `${room}${roomKind === undefined || roomKind === room ? '' : ` (${roomKind})`}${isSpectator ? ', watches' : ''}`,
  },
  data: { name: 'data', kind: 'cut', cell: ({ data }) => data },
  roundTripMs: { name: 'round trip', kind: 'number', cell: ({ roundTripMs }) => milliseconds(roundTripMs) },
  loss: {
    name: 'loss',
    kind: 'number',
    cell: ({ loss }) => html`<span class=${loss > 0.05 ? 'drop' : ''}>${percent(loss)}</span>`,
  },
  throttle: {
    name: 'throttle',
    kind: 'number',
    cell: ({ throttle }) => html`<span class=${throttle < 0.5 ? 'warn' : ''}>${percent(throttle)}</span>`,
  },
  queuedBytes: { name: 'queue', kind: 'number', cell: ({ queuedBytes }) => bytes(queuedBytes) },
  bytesIn: { name: 'bytes in', kind: 'number', cell: ({ bytesIn }) => bytes(bytesIn) },
  bytesOut: { name: 'bytes out', kind: 'number', cell: ({ bytesOut }) => bytes(bytesOut) },
  packetsIn: { name: 'packets in', kind: 'number', cell: ({ packetsIn }) => count(packetsIn) },
  packetsOut: { name: 'packets out', kind: 'number', cell: ({ packetsOut }) => count(packetsOut) },
  callsIn: { name: 'calls in', kind: 'number', cell: ({ callsIn }) => count(callsIn) },
  callsOut: { name: 'calls out', kind: 'number', cell: ({ callsOut }) => count(callsOut) },
  seconds: {
    name: 'connected',
    kind: 'number',
    cell: ({ seconds }) => duration(seconds === undefined ? undefined : seconds * 1000),
  },
  dtlsSuite: { name: 'DTLS suite', kind: 'tight', cell: ({ dtlsSuite }) => dtlsSuite },
};

const GOOD = new Set(['connected', 'authenticated', 'admitted', 'joined']);

export function Section({ place, message, session }) {
  if (message === undefined) return html`<p class="empty">Waiting for the server…</p>`;
  const { query, item, server } = place;
  const { rows, found, offset, selected, banned } = message;
  // What opens the details is always first; who has neither number nor name is called by its key.
  const first = {
    name: 'peer',
    kind: 'head cut',
    ...(message.columns.includes('name') ? { sort: 'name' } : {}),
    cell: (peer) => html`<a id=${`peer ${peer.key}`} href=${hrefHere({}, peer.key)}>${titleOf(peer)}</a>`,
  };
  const columns = [
    first,
    ...message.columns
      .filter((name) => name !== 'name' && Object.hasOwn(COLUMNS, name))
      .map((name) => ({ ...COLUMNS[name], sort: name })),
  ];
  const room = query.get('room');
  const close = () => {
    go(hrefHere({}, undefined));
    document.getElementById(`peer ${item}`)?.focus();
  };
  return html`
    <div class=${item === undefined ? 'split' : 'split open'}>
      <${Card} title=${`Peers (${howMany(message)})`}>
        <${Finder} label="peers" hint="name, data, address, state…" query=${query} columns=${columns}>
          ${room !== null && html`<a class="button" href=${hrefHere({ room: undefined })}>room ${room} ✕</a>`}
          ${
            session.canAct &&
            server.actions.includes('message') &&
            html`<button type="button" onClick=${() => sendMessage({ server: server.id }, `all peers of ${server.name}`)}>Message to all</button>`
          }
        <//>
        <${Table} label="Peers" columns=${columns} rows=${rows} keyOf=${({ key }) => key} chosen=${item}
          empty=${message.count === 0 ? 'Nobody is connected.' : 'Nobody matches the search.'}
          sort=${query.get('sort') ?? undefined} isDescending=${query.get('down') === '1'} onSort=${sortBy} />
        <${Pager} label="peers" offset=${offset} shown=${rows.length} total=${found} />
      <//>
      ${
        item !== undefined &&
        html`<${Details} key=${item} item=${item} selected=${selected} server=${server} session=${session} close=${close} />`
      }
    </div>
    ${(banned.length > 0 || server.actions.includes('ban')) && html`<${Banned} banned=${banned} server=${server} session=${session} />`}
  `;
}

function titleOf({ key, peerId, name }) {
  return name ?? (peerId === undefined ? key : String(peerId));
}

function placeText(address, port) {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === undefined ? host : `${host}:${port}`;
}

function Details({ item, selected, server, session, close }) {
  if (selected === undefined || selected.peer.key !== item)
    return html`<${Pane} title=${`Peer ${item}`} close=${close}><p class="empty">This peer is not there (any more).</p><//>`;
  const { peer, data, numbers, diagnoses, events } = selected;
  return html`<${Pane} title=${`Peer ${titleOf(peer)}`} close=${close}>
    ${session.canAct && html`<${Actions} peer=${peer} rooms=${selected.rooms} server=${server} />`}
    <${Facts} facts=${[
      ...Object.entries(COLUMNS)
        .filter(([name]) => name !== 'data' && peer[name] !== undefined)
        .map(([, { name, cell }]) => [name, cell(peer)]),
      ['round trip varies by', milliseconds(peer.roundTripVarianceMs)],
      ...numbers.map((number) => [number.label, numberText(number)]),
    ]} />
    ${data !== undefined && html`<h3>Data</h3><pre tabindex="0" aria-label="Data of the peer">${data}</pre>`}
    <p class="actions">
      ${
        peer.address !== undefined &&
        html`<a class="button" href=${hrefOf('traffic', undefined, { filter: `address:${placeText(peer.address, peer.port)}` })}>Its traffic</a>`
      }
      ${
        server.sections.includes('calls') &&
        peer.peerId !== undefined &&
        html`<a class="button" href=${hrefOf('calls', undefined, { server: server.id, search: String(peer.peerId) })}>Its calls</a>`
      }
    </p>
    ${diagnoses.length > 0 && html`<h3>Diagnoses</h3><${Diagnoses} diagnoses=${diagnoses} server=${server.id} />`}
    ${events.length > 0 && html`<h3>Events</h3><${Events} events=${events} server=${server.id} />`}
  <//>`;
}

const REASON = { name: 'reason', label: 'Reason, which it is told where the protocol can', max: 200 };

function Actions({ peer, rooms, server }) {
  const can = (name) => server.actions.includes(name);
  const title = titleOf(peer);
  const target = { server: server.id, peer: peer.key };
  const kick = async () => {
    const values = await ask({
      title: `Kick ${title}?`,
      text: 'Its connection ends. It may come back.',
      fields: [REASON],
      button: 'Kick',
      isGrave: true,
    });
    if (values !== undefined)
      await doAction({ action: 'kick', ...target, reason: values.reason || undefined });
  };
  const ban = async () => {
    const values = await ask({
      title: `Ban ${title}?`,
      text: `Its connection ends, and nobody gets in from ${peer.address ?? 'its address'}.`,
      fields: [REASON, MINUTES],
      button: 'Ban',
      isGrave: true,
    });
    if (values !== undefined)
      await doAction({
        action: 'ban',
        ...target,
        reason: values.reason || undefined,
        minutes: minutesOf(values),
      });
  };
  const move = async () => {
    const values = await ask({
      title: `Move ${title} to another room`,
      fields: [
        {
          name: 'room',
          label: 'Room',
          type: rooms === undefined ? 'text' : 'select',
          required: true,
          options: rooms
            ?.filter(({ id }) => id !== peer.room)
            .map(({ id, kind }) => ({ value: id, label: kind === id ? id : `${id} (${kind})` })),
        },
      ],
      button: 'Move',
    });
    if (values?.room) await doAction({ action: 'move', ...target, room: values.room });
  };
  return html`<div class="actions">
    ${can('message') && html`<button type="button" onClick=${() => sendMessage(target, title)}>Message</button>`}
    ${can('move') && html`<button type="button" onClick=${move}>Move</button>`}
    ${can('kick') && html`<button type="button" class="grave" onClick=${kick}>Kick</button>`}
    ${can('ban') && html`<button type="button" class="grave" onClick=${ban}>Ban</button>`}
  </div>`;
}

const MINUTES = {
  name: 'minutes',
  label: 'Minutes (empty: until the server stops)',
  type: 'number',
  min: 1,
  max: 525_600,
};

function minutesOf({ minutes }) {
  return minutes === '' ? undefined : Number(minutes);
}

function Banned({ banned, server, session }) {
  const canAct = session.canAct && server.actions.includes('unban');
  const ban = async () => {
    const values = await ask({
      title: 'Ban an address',
      text: 'Who is there from it is put out, and nobody gets in.',
      fields: [{ name: 'address', label: 'IP address', required: true, max: 45 }, MINUTES],
      button: 'Ban',
      isGrave: true,
    });
    if (values !== undefined)
      await doAction({
        action: 'ban',
        server: server.id,
        address: values.address,
        minutes: minutesOf(values),
      });
  };
  const columns = [
    { name: 'address', kind: 'head', cell: ({ address }) => address },
    {
      name: 'until',
      cell: ({ untilMs }) => (untilMs === undefined ? 'the server stops' : clockSeconds(untilMs)),
    },
  ];
  if (canAct)
    columns.push({
      name: 'actions',
      kind: 'tight',
      cell: ({ address }) =>
        html`<button type="button" onClick=${() => doAction({ action: 'unban', server: server.id, address })}>Let in again<span class="hidden"> ${address}</span></button>`,
    });
  return html`<${Card} title="Banned addresses" extra=${html`
    <span class="status">${plural(banned.length, 'address', 'addresses')}</span>
    ${session.canAct && server.actions.includes('ban') && html`<button type="button" onClick=${ban}>Ban an address</button>`}
  `}>
    <${Table} label="Banned addresses" columns=${columns} rows=${banned} keyOf=${({ address }) => address} empty="No address is banned." />
  <//>`;
}
