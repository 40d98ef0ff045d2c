// The page of the console: where the viewer is, what the server is asked for, and the frame around the sections.
import { html, render, useEffect, useRef } from 'htm/preact/standalone';
import * as calls from './calls.js';
import * as charts from './charts.js';
import * as cluster from './cluster.js';
import { Login, Question, Results } from './dialog.js';
import { bytes, count, duration } from './format.js';
import { connect, logOut, look, onMessage } from './link.js';
import * as overview from './overview.js';
import * as peers from './peers.js';
import * as rooms from './rooms.js';
import { go, hrefOf, readRoute } from './route.js';
import * as scene from './scene.js';
import * as servers from './servers.js';
import { draw, setPainter, state } from './store.js';
import * as traffic from './traffic.js';

/** The sections by the word of the address. `needs`: what a server must have for it. */
const SECTIONS = {
  overview: { ...overview, title: 'Overview', needs: 'overview' },
  charts: { ...charts, title: 'Charts', needs: 'charts' },
  servers: { ...servers, title: 'Servers' },
  peers: { ...peers, title: 'Peers', needs: 'peers' },
  rooms: { ...rooms, title: 'Rooms', needs: 'rooms' },
  cluster: { ...cluster, title: 'Cluster', needs: 'cluster' },
  scene: { ...scene, title: 'Scene', needs: 'scene' },
  calls: { ...calls, title: 'Calls', needs: 'calls' },
  traffic: { ...traffic, title: 'Traffic' },
};

const FAST_MS = 600;
let drawnMs = 0;

let place = whereNow();
let shown = '';

onMessage((message) => {
  const { section } = place;
  // One that was under way when the viewer went elsewhere.
  if (message.type !== section && !(section === 'charts' && message.type === 'chartsRow')) {
    if (!(section === 'servers' && message.type === 'overview')) return;
  }
  if (message.server !== undefined && message.server !== place.serverId) return;
  state.problem = '';
  state.message = SECTIONS[section].take?.(message) ?? message;
  // Where all rows are others each time nobody reads them as fast as they come.
  if (!state.message.isFast || performance.now() - drawnMs > FAST_MS) {
    drawnMs = performance.now();
    draw();
  }
});

addEventListener('hashchange', () => {
  place = whereNow();
  draw();
});
setPainter(() => {
  place = whereNow();
  const which = `${place.section} ${place.serverId}`;
  if (which !== shown) {
    shown = which;
    state.message = undefined;
    state.problem = '';
  }
  look(SECTIONS[place.section].viewOf(place));
  document.title = `${SECTIONS[place.section].title} – ${state.session?.title ?? 'godot-enet'}`;
  render(html`<${App} />`, document.getElementById('app'));
});
connect();
draw();

/** Where the viewer is: section, item and query of the address, and the server that is meant. */
function whereNow() {
  const route = readRoute();
  const servers = state.status?.servers ?? [];
  const asked = Number(route.query.get('server') ?? Number.NaN);
  const server = servers.find(({ id }) => id === asked) ?? servers[0];
  const isKnown = Object.hasOwn(SECTIONS, route.section);
  return {
    ...route,
    section: isKnown ? route.section : 'overview',
    server,
    serverId: server?.id ?? (Number.isInteger(asked) ? asked : undefined),
  };
}

function App() {
  const { session, link } = state;
  if (link === 'login') return html`<${Login} title=${session.title} /><${Results} />`;
  if (state.status === undefined) {
    const text = link === 'lost' ? `No connection. ${state.refusal} Trying again…` : 'Connecting…';
    return html`<main class="login" id="main"><p role="status">${text}</p></main>`;
  }
  const { Section, title, needs } = SECTIONS[place.section];
  const isThere = needs === undefined || place.server?.sections.includes(needs);
  return html`
    <div class="shell">
      <a class="skip" href="#main" onClick=${skip}>To the content</a>
      <${Head} />
      <${Sections} />
      <${Main} key=${place.section} title=${title}>
        ${
          isThere
            ? html`<${Section} place=${place} message=${state.message} session=${session} status=${state.status} />`
            : html`<p class="empty">${place.server === undefined ? 'No server is watched yet.' : `${place.server.name} has no such section.`}</p>`
        }
        ${state.problem !== '' && html`<p class="drop" role="alert">${state.problem}</p>`}
      <//>
      <${Results} />
    </div>
    ${state.question !== undefined && html`<${Question} question=${state.question} />`}
  `;
}

/** The chosen section; who comes to another by the keyboard continues in it. */
function Main({ title, children }) {
  const main = useRef();
  useEffect(() => {
    if (document.activeElement?.closest('.shell > nav') !== null) main.current.focus({ preventScroll: true });
  }, []);
  return html`<main id="main" tabindex="-1" ref=${main} aria-label=${title}>${children}</main>`;
}

function Head() {
  const { session, status, link } = state;
  const { process, traffic: totals } = status;
  const { server } = place;
  return html`<header>
    <h1>${session.title}</h1>
    ${
      status.servers.length > 1 &&
      html`<select aria-label="Server" value=${String(server?.id)} onChange=${(event) =>
        go(hrefOf(place.section, undefined, { server: event.target.value }))}>${status.servers.map(
        ({ id, name }) => html`<option key=${id} value=${String(id)}>${name}</option>`,
      )}</select>`
    }
    <span class=${link === 'live' ? 'status' : 'lost'} role="status">${
      link === 'live' ? 'live' : 'connection lost, trying again'
    }</span>
    <span class="status process">CPU ${process.cpuPercent.toFixed(0)} % · ${bytes(process.memoryBytes)} · up ${duration(process.uptimeSeconds * 1000)}${
      totals.hasTrace ? ` · ${count(totals.datagramsIn)} in, ${count(totals.datagramsOut)} out` : ''
    }</span>
    ${
      session.hasToken &&
      html`<span class="end"><button type="button" onClick=${() => logOut()}>Log out</button></span>`
    }
  </header>`;
}

function Sections() {
  const { server } = place;
  const { servers } = state.status;
  const tallies = { servers: servers.length, peers: server?.peers, rooms: server?.rooms };
  const shownSections = Object.entries(SECTIONS).filter(
    ([, { needs }]) => needs === undefined || server?.sections.includes(needs),
  );
  return html`<nav aria-label="Sections"><ul>${shownSections.map(
    ([name, { title }]) => html`<li key=${name}>
      <a href=${hrefOf(name, undefined, { server: servers.length > 1 ? server?.id : undefined })}
        aria-current=${name === place.section ? 'page' : undefined}>${title}${
          tallies[name] !== undefined && html`<span class="tally">${count(tallies[name])}</span>`
        }</a>
    </li>`,
  )}</ul></nav>`;
}

/** The address names a section, so that a link to a place of the page is no link. */
function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}
