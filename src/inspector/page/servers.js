// The servers that are watched.
import { html } from 'htm/preact/standalone';
import { doAction } from './link.js';
import { Card } from './parts.js';
import { hrefOf } from './route.js';
import { ask } from './store.js';
import { Table } from './table.js';

export function viewOf({ serverId }) {
  return { section: 'overview', server: serverId };
}

const COLUMNS = [
  {
    name: 'name',
    kind: 'head',
    cell: ({ id, name }) => html`<a href=${hrefOf('overview', undefined, { server: id })}>${name}</a>`,
  },
  { name: 'class', cell: (server) => server.class },
  {
    name: 'state',
    cell: ({ isActive, acceptsPeers }) =>
      !isActive
        ? html`<span class="drop">stopped</span>`
        : acceptsPeers === false
          ? html`<span class="warn">takes no new peers</span>`
          : 'active',
  },
  { name: 'port', kind: 'number', cell: ({ port }) => port },
  {
    name: 'peers',
    kind: 'number',
    cell: ({ id, peers }) => html`<a href=${hrefOf('peers', undefined, { server: id })}>${peers}</a>`,
  },
  { name: 'authenticated', kind: 'number', cell: ({ authenticated }) => authenticated },
  { name: 'rooms', kind: 'number', cell: ({ rooms }) => rooms },
];

export function Section({ status, session }) {
  const actions = { name: 'actions', kind: 'tight', cell: (server) => actionsOf(server) };
  const isAny =
    session.canAct &&
    status.servers.some((server) => server.actions.some((name) => name === 'door' || name === 'message'));
  return html`<${Card} title="Servers">
    <${Table} label="Servers" columns=${isAny ? [...COLUMNS, actions] : COLUMNS} rows=${status.servers} keyOf=${({ id }) => id}
      empty="No server is watched yet." />
  <//>`;
}

function actionsOf(server) {
  const { id, name, acceptsPeers } = server;
  if (!server.actions.includes('door') && !server.actions.includes('message')) return null;
  const close = async () => {
    const isWanted = await ask({
      title: acceptsPeers ? `Close the door of ${name}?` : `Open the door of ${name}?`,
      text: acceptsPeers ? 'Nobody new gets in; who is there stays.' : 'New peers get in again.',
      button: acceptsPeers ? 'Close the door' : 'Open the door',
    });
    if (isWanted) await doAction({ action: 'door', server: id, acceptsPeers: !acceptsPeers });
  };
  return html`<span class="inline">
    ${
      server.actions.includes('door') &&
      html`<button type="button" onClick=${close}>${acceptsPeers === false ? 'Open the door' : 'Close the door'}<span class="hidden"> of ${name}</span></button>`
    }
    ${
      server.actions.includes('message') &&
      html`<button type="button" onClick=${() => sendMessage({ server: id }, `all peers of ${name}`)}>Message<span class="hidden"> to all of ${name}</span></button>`
    }
  </span>`;
}

/** Asks for a text and sends it. `whom`: fields of the action beside the text. */
export async function sendMessage(whom, name) {
  const values = await ask({
    title: `Message to ${name}`,
    fields: [{ name: 'text', label: 'Text', type: 'area', required: true, max: 2000 }],
    button: 'Send',
  });
  if (values !== undefined) await doAction({ action: 'message', ...whom, text: values.text });
}
