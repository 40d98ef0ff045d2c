// The tree of a mirror as it is now, with what is known of one of its nodes.
import { html } from 'htm/preact/standalone';
import { count } from './format.js';
import { doAction } from './link.js';
import { Card, Facts, Pane } from './parts.js';
import { go, hrefHere, hrefOf } from './route.js';
import { ask, draw } from './store.js';
import { Table } from './table.js';
import { Tree } from './tree.js';

const MAX_EXPANDED = 500;

/** Paths that are open, of the tree that is shown. */
let expanded = new Set();
let treeName = '';

export function viewOf({ serverId, query, item }) {
  const room = query.get('room') ?? undefined;
  const name = `${serverId} ${room}`;
  if (name !== treeName) {
    treeName = name;
    expanded = new Set();
  }
  return {
    section: 'scene',
    server: serverId,
    room,
    expanded: [...expanded],
    selected: item,
    search: query.get('search') ?? undefined,
  };
}

function expand(path, isWanted) {
  if (isWanted && expanded.size < MAX_EXPANDED) expanded.add(path);
  else expanded.delete(path);
  draw();
}

export function Section({ place: { query, item, server }, message, session }) {
  if (message === undefined) return html`<p class="empty">Waiting for the server…</p>`;
  const { room, rooms, nodeCount, rows, left, selected } = message;
  const isSearched = query.get('search') !== null;
  const close = () => {
    go(hrefHere({}, undefined));
    document.querySelector('[role="treeitem"][tabindex="0"]')?.focus();
  };
  return html`<div class=${item === undefined ? 'split' : 'split open'}>
    <${Card} title=${`Scene (${count(nodeCount)} ${nodeCount === 1 ? 'node' : 'nodes'})`}>
      <div class="bar" role="search" aria-label="Find nodes">
        <input type="search" aria-label="Search nodes" placeholder="path, class, script…" maxlength="200" value=${query.get('search') ?? ''}
          onInput=${(event) => go(hrefHere({ search: event.target.value }), false)} />
        ${
          rooms !== undefined &&
          html`<select aria-label="Room" value=${room} onChange=${(event) =>
            go(hrefHere({ room: event.target.value }, undefined), false)}>${rooms.map(
            ({ id, kind }) =>
              html`<option key=${id} value=${id}>${id === kind ? id : `${id} (${kind})`}</option>`,
          )}</select>`
        }
      </div>
      ${
        rows.length === 0
          ? html`<p class="empty">${isSearched ? 'No node matches the search.' : 'There is no node.'}</p>`
          : html`<${Tree} rows=${rows} chosen=${item} isFlat=${isSearched} onExpand=${expand} onChoose=${(path) => go(hrefHere({}, path), item === undefined)} />`
      }
      ${left > 0 && html`<p class="status">${count(left)} more are not shown: close some, or search.</p>`}
    <//>
    ${item !== undefined && html`<${Node} key=${item} path=${item} selected=${selected} room=${room} server=${server} session=${session} close=${close} />`}
  </div>`;
}

const PROPERTIES = [
  { name: 'name', kind: 'head', cell: ({ name }) => name },
  { name: 'type', kind: 'tight', cell: ({ type }) => html`<span class="type">${type}</span>` },
  { name: 'value', kind: 'wide', cell: ({ text }) => html`<code>${text}</code>` },
];

function Node({ path, selected, room, server, session, close }) {
  if (selected === undefined || selected.node.path !== path)
    return html`<${Pane} title=${path} close=${close}><p class="empty">This node is not there (any more).</p><//>`;
  const { node, properties, groups, methods, seenBy, replication } = selected;
  return html`<${Pane} title=${node.name} close=${close}>
    <${Facts} facts=${[
      ['path', html`<code>${node.path}</code>`],
      ['class', node.class],
      ['script', node.script],
      ['authority', node.authority === 1 ? '1 (the server)' : count(node.authority)],
      ['children', count(node.children)],
      ['groups', groups.join(', ')],
      ['replicated by', replication.join('\n')],
      ['seen by', seenBy === undefined ? undefined : html`<${Seers} seenBy=${seenBy} server=${server} />`],
    ]} />
    <h3>Properties</h3>
    <${Table} label="Properties" columns=${PROPERTIES} rows=${properties} keyOf=${({ name }) => name} empty="It has no properties that are known." />
    <h3>Methods that can be called</h3>
    <${Methods} methods=${methods} node=${node} room=${room} server=${server} session=${session} />
  <//>`;
}

/** As many as are worth a glance. */
const SEERS = 40;

function Seers({ seenBy, server }) {
  if (seenBy.length === 0) return 'nobody';
  return html`${seenBy.length} ${seenBy.length === 1 ? 'peer' : 'peers'}: ${seenBy
    .slice(0, SEERS)
    .map(
      (peer) => html`<a key=${peer} href=${hrefOf('peers', peer, { server: server.id })}>${peer}</a> `,
    )}${seenBy.length > SEERS ? '…' : ''}`;
}

function Methods({ methods, node, room, server, session }) {
  if (methods.length === 0) return html`<p class="empty">It has none.</p>`;
  const canCall = session.canCall && server.actions.includes('call');
  const columns = [
    {
      name: 'method',
      kind: 'head',
      cell: ({ name, args }) => html`<code>${name}(${args?.join(', ') ?? '…'})</code>`,
    },
    {
      name: 'who, how',
      kind: 'wide',
      cell: ({ mode, transfer, channel, callLocal }) =>
        `${mode}, ${transfer}${channel === 0 ? '' : `, channel ${channel}`}${callLocal ? ', also here' : ''}`,
    },
  ];
  if (canCall)
    columns.push({
      name: 'actions',
      kind: 'tight',
      cell: (method) =>
        html`<button type="button" onClick=${() => call({ method, node, room, server })}>Call<span class="hidden"> ${method.name}</span></button>`,
    });
  return html`
    <${Table} label="Methods" columns=${columns} rows=${methods} keyOf=${({ name }) => name} empty="" />
    ${!canCall && html`<p class="hint">To call them by hand, start the console with a token and log in.</p>`}
  `;
}

async function call({ method, node, room, server }) {
  const values = await ask({
    title: `Call ${method.name}`,
    text: `Of ${node.path}, as the server calls it.`,
    fields: [
      {
        name: 'peerId',
        label: 'Peer: its number, 0 for all, negative for all but one',
        type: 'number',
        value: 0,
        required: true,
      },
      {
        name: 'args',
        label: `Arguments in Godot's notation${method.args === undefined ? '' : `: ${method.args.join(', ') || 'none'}`}`,
        hint: 'Vector2(1, 2), "hi"',
        max: 10_000,
      },
    ],
    button: 'Call',
    isGrave: true,
  });
  if (values === undefined) return;
  await doAction({
    action: 'call',
    server: server.id,
    room,
    node: node.path,
    method: method.name,
    peerId: Number(values.peerId),
    args: values.args,
  });
}
