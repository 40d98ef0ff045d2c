// The sections of the page about a SceneMultiplayer. What remotes have sent is text to Preact: it is never read as HTML.
import { html } from 'htm/preact/standalone';
import { bytes, count, duration, Tile } from './parts.js';

export function MultiplayerTiles({ multiplayer: { numbers } }) {
  return html`<div class="tiles">
    <${Tile} name="players" value=${count(numbers.authenticatedPeers)} />
    <${Tile} name="authenticating" value=${count(numbers.peers - numbers.authenticatedPeers)} />
    <${Tile} name="calls in" value=${count(numbers.callsReceived)} />
    <${Tile} name="calls out" value=${count(numbers.callsSent)} />
    <${Tile} name="calls refused" value=${count(numbers.callsRefused)} isBad=${numbers.callsRefused > 0} />
    <${Tile} name="bytes in" value=${bytes(numbers.bytesReceived)} />
    <${Tile} name="bytes out" value=${bytes(numbers.bytesSent)} />
    <${Tile} name="nodes announced" value=${count(numbers.announcedPaths)} />
    <${Tile} name="not confirmed" value=${count(numbers.unconfirmedPaths)} />
    <${Tile} name="nodes of players" value=${count(numbers.remotePaths)} />
    <${Tile} name="calls that wait" value=${count(numbers.heldCalls)} />
    <${Tile} name="errors of handlers" value=${count(numbers.handlerErrors)} isBad=${numbers.handlerErrors > 0} />
  </div>`;
}

export function Multiplayer({ multiplayer, peerCount }) {
  const { peers, methods, refusals, diagnoses } = multiplayer;
  return html`
    <${Peers} peers=${peers} peerCount=${peerCount} />
    ${diagnoses.length > 0 && html`<${Mismatches} diagnoses=${diagnoses} />`}
    <div class="columns">
      <${Methods} methods=${methods} />
      <${Refusals} refusals=${refusals} />
    </div>
  `;
}

function Peers({ peers, peerCount }) {
  const title = peers.length < peerCount ? `Players (${peers.length} of ${peerCount} shown)` : 'Players';
  if (peers.length === 0)
    return html`<section><h2>${title}</h2><p class="empty">Nobody is connected.</p></section>`;
  return html`<section>
    <h2>${title}</h2>
    <div class="scroll"><table>
      <thead><tr>
        <th class="number">id</th><th>state</th><th>Godot</th><th>transport</th><th>address</th>
        <th class="number">round trip</th><th class="number">calls in</th><th class="number">calls out</th>
        <th class="number">bytes in</th><th class="number">bytes out</th><th class="number">connected</th>
      </tr></thead>
      <tbody>${peers.map(
        (peer) => html`<tr key=${peer.id}>
          <td class="number">${peer.id}</td>
          <td class=${peer.isAdmitted ? '' : 'drop'}>${peer.isAdmitted ? 'admitted' : 'authenticating'}</td>
          <td>${peer.dialect ?? 'not known yet'}</td><td>${peer.transport ?? 'relay'}</td><td>${peer.address ?? ''}</td>
          <td class="number">${peer.roundTripMs === undefined ? '–' : `${peer.roundTripMs} ms`}</td>
          <td class="number">${count(peer.callsReceived)}</td><td class="number">${count(peer.callsSent)}</td>
          <td class="number">${bytes(peer.bytesReceived)}</td><td class="number">${bytes(peer.bytesSent)}</td>
          <td class="number">${duration(peer.seconds)}</td>
        </tr>`,
      )}</tbody>
    </table></div>
  </section>`;
}

function Mismatches({ diagnoses }) {
  return html`<section>
    <h2>Mismatches, the latest first</h2>
    <div class="scroll"><table class="stacked"><tbody>${diagnoses.toReversed().map(
      ({ code, peer, detail, remedy, agoMs }) => html`<tr>
        <td class="drop">${code}</td><td class="number">${peer}</td>
        <td class="wide">${detail}<div class="why">${remedy}</div></td>
        <td class="number why">${duration(agoMs / 1000)} ago</td>
      </tr>`,
    )}</tbody></table></div>
  </section>`;
}

function Methods({ methods }) {
  return html`<section>
    <h2>Calls, by method</h2>
    ${
      methods.length === 0
        ? html`<p class="empty">No calls yet.</p>`
        : html`<div class="scroll"><table>
          <thead><tr><th>method</th><th class="number">in</th><th class="number">out</th></tr></thead>
          <tbody>${methods.map(
            ({ method, received, sent }) => html`<tr key=${method}>
              <td>${method}</td><td class="number">${count(received)}</td><td class="number">${count(sent)}</td>
            </tr>`,
          )}</tbody>
        </table></div>`
    }
  </section>`;
}

function Refusals({ refusals }) {
  return html`<section>
    <h2>Refused, by reason</h2>
    ${
      refusals.length === 0
        ? html`<p class="empty">Nothing was refused.</p>`
        : html`<div class="scroll"><table><tbody>${refusals
            .toSorted((a, b) => b.times - a.times)
            .map(
              ({ reason, times, text }) => html`<tr key=${reason}>
                <td class="drop">${reason}</td><td class="number">${count(times)}</td><td class="why">${text}</td>
              </tr>`,
            )}</tbody></table></div>`
    }
  </section>`;
}

export function CallRow({ row }) {
  return html`<tr>
    <td class="number">${(row.timeMs / 1000).toFixed(3)}</td>
    <td class=${row.direction}>${row.direction === 'in' ? '→ in' : '← out'}</td>
    <td class="number">${row.peer}</td>
    <td class="parts">${row.text}</td>
  </tr>`;
}

export function callText({ direction, peer, text }) {
  return `${direction} ${peer} ${text}`.toLowerCase();
}
