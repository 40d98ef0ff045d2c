// The section of the page about a node of a cluster. What other nodes say of themselves is text to Preact: it is never read as HTML.
import { html } from 'htm/preact/standalone';
import { count, Tile } from './parts.js';

export function Cluster({ cluster }) {
  const { matchmakings, engine, id, numbers } = cluster;
  return html`
    <${Tiles} numbers=${numbers} engine=${engine} id=${id} />
    <${Nodes} cluster=${cluster} />
    <${Rooms} cluster=${cluster} />
    ${matchmakings.length > 0 && html`<${Matchmakings} matchmakings=${matchmakings} />`}
  `;
}

function Tiles({ numbers: { bus, ...numbers }, engine, id }) {
  const lease = numbers.isFenced ? 'fenced' : `${(numbers.leaseLeftMs / 1000).toFixed(1)} s`;
  return html`<div class="tiles">
    <${Tile} name=${`lease of ${id}`} value=${lease} isBad=${numbers.isFenced} />
    <${Tile} name="rooms here" value=${count(numbers.rooms)} />
    <${Tile} name="leases held" value=${count(numbers.leases)} />
    <${Tile} name=${`bus: ${engine}`} value=${bus.isUp ? 'up' : 'down'} isBad=${!bus.isUp} />
    <${Tile} name="round trip of the bus" value=${`${Math.round(bus.roundTripMs * 10) / 10} ms`} />
    <${Tile} name="outages" value=${count(bus.outages)} isBad=${bus.outages > 0} />
    <${Tile} name="calls that failed" value=${count(bus.failures)} isBad=${bus.failures > 0} />
    <${Tile} name="messages that wait" value=${count(bus.waiting)} />
    <${Tile} name="requests out, in" value=${`${count(numbers.pendingRequests)}, ${count(numbers.runningRequests)}`} />
    <${Tile} name="times fenced" value=${count(numbers.fences)} isBad=${numbers.fences > 0} />
    <${Tile} name="leases lost" value=${count(numbers.leasesLost)} isBad=${numbers.leasesLost > 0} />
    <${Tile} name="rooms lost" value=${count(numbers.roomsLost)} isBad=${numbers.roomsLost > 0} />
  </div>`;
}

function Nodes({ cluster: { nodes, nodeCount } }) {
  return html`<section>
    <h2>${titleOf('Nodes', nodes.length, nodeCount)}</h2>
    ${
      nodes.length === 0
        ? html`<p class="empty">No node is known.</p>`
        : html`<div class="scroll"><table>
          <thead><tr>
            <th>node</th><th>region</th><th>version</th><th class="number">players</th><th class="number">rooms</th><th>state</th>
          </tr></thead>
          <tbody>${nodes.map(
            (node) => html`<tr key=${node.id}>
              <td>${node.isOwn ? html`<b>${node.id}</b> (this one)` : node.id}</td>
              <td>${node.region}</td><td>${node.version}</td>
              <td class="number">${ofMost(node.players, node.maxPlayers)}</td>
              <td class="number">${ofMost(node.rooms, node.maxRooms)}</td>
              <td class=${node.isDraining ? 'drop' : ''}>${node.isDraining ? 'draining' : 'takes rooms'}</td>
            </tr>`,
          )}</tbody>
        </table></div>`
    }
  </section>`;
}

function Rooms({ cluster: { rooms, roomCount, isLooking, failure } }) {
  const empty = isLooking ? 'Looking…' : 'There is no room.';
  return html`<section>
    <h2>${titleOf('Rooms of the cluster', rooms.length, roomCount)}</h2>
    ${failure !== undefined && html`<p class="drop">As of the last look; now: ${failure}</p>`}
    ${
      rooms.length === 0
        ? html`<p class="empty">${empty}</p>`
        : html`<div class="scroll"><table>
          <thead><tr><th>room</th><th>kind</th><th>node</th><th class="number">players</th><th>state</th></tr></thead>
          <tbody>${rooms.map(
            (room) => html`<tr key=${room.id}>
              <td>${room.id}</td><td>${room.kind}</td><td>${room.node}</td>
              <td class="number">${ofMost(room.players, room.maxPlayers)}</td>
              <td>${[room.isLocked ? 'locked' : 'open', ...(room.isPrivate ? ['private'] : [])].join(', ')}</td>
            </tr>`,
          )}</tbody>
        </table></div>`
    }
  </section>`;
}

function Matchmakings({ matchmakings }) {
  return html`<section>
    <h2>Matchmaking</h2>
    <div class="scroll"><table>
      <thead><tr>
        <th>name</th><th>leader</th><th class="number">tickets here</th><th class="number">tickets of all</th>
      </tr></thead>
      <tbody>${matchmakings.map(
        ({ name, leader, isLeading, tickets, queued }) => html`<tr key=${name}>
          <td>${name}</td>
          <td class=${leader === undefined ? 'drop' : ''}>${leader ?? 'nobody'}${isLeading ? ' (this one)' : ''}</td>
          <td class="number">${count(tickets)}</td>
          <td class="number">${isLeading ? count(queued) : 'the leader knows'}</td>
        </tr>`,
      )}</tbody>
    </table></div>
  </section>`;
}

function titleOf(title, shown, all) {
  return shown < all ? `${title} (${shown} of ${count(all)} shown)` : `${title} (${count(all)})`;
}

function ofMost(value, most) {
  return most === null ? count(value) : `${count(value)} of ${count(most)}`;
}
