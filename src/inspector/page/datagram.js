// One datagram with all that is known of it: bytes, commands, packets, values.
import { html, useEffect, useState } from 'htm/preact/standalone';
import { bytes, count, dateAndClock } from './format.js';
import { Hex } from './hex.js';
import { fetchDatagram } from './link.js';
import { Facts, Pane } from './parts.js';
import { hrefHere, hrefOf } from './route.js';
import { tell } from './store.js';

const WORDS = { in: 'received', out: 'sent', drop: 'dropped' };

export function Datagram({ number, close }) {
  const [details, setDetails] = useState();
  const [problem, setProblem] = useState('');
  const [chosen, setChosen] = useState(-1);
  useEffect(() => {
    let isWanted = true;
    setProblem('');
    setChosen(-1);
    fetchDatagram(number).then(
      (answer) => isWanted && setDetails(answer),
      (error) => {
        if (!isWanted) return;
        setDetails(undefined);
        setProblem(error.message);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [number]);
  const title = `Datagram ${details?.row.number ?? number}`;
  if (details === undefined)
    return html`<${Pane} title=${title} close=${close}><p class=${problem === '' ? 'empty' : 'drop'} role="status">${problem === '' ? 'Loading…' : problem}</p><//>`;
  const { row, hex, compression, header, commands, previous, next } = details;
  return html`<${Pane} title=${title} close=${close}>
    <div class="actions">
      <${Step} name="Before" number=${previous} /><${Step} name="After" number=${next} />
      <button type="button" onClick=${copyLink}>Copy the link</button>
      ${row.address !== '' && html`<a class="button" download href=${`export?format=session&address=${encodeURIComponent(row.address)}`}>Session of this address</a>`}
    </div>
    ${details.problem !== undefined && html`<p class="drop">${details.problem}</p>`}
    <${Facts} facts=${[
      ['time', dateAndClock(row.timeMs)],
      ['direction', html`<span class=${row.direction}>${WORDS[row.direction]}</span>`],
      [
        'address',
        html`<a href=${hrefOf('traffic', undefined, { filter: `address:${row.address}` })}>${row.address}</a>`,
      ],
      [
        'peer',
        row.peer === undefined
          ? undefined
          : html`<a href=${hrefOf('peers', row.peer, { server: row.server })}>${row.peer}</a>`,
      ],
      ['size', bytes(row.size)],
      [
        'compressed',
        compression === undefined ? undefined : `${compression.name}, ${bytes(compression.length)} unpacked`,
      ],
      ['peer of the header', header && count(header.peerId)],
      ['session of the header', header && String(header.session)],
      ['sent time', header?.sentTime === undefined ? undefined : String(header.sentTime)],
    ]} />
    ${commands.map(
      (command, at) =>
        html`<${Command} key=${at} command=${command} at=${at} isChosen=${at === chosen} choose=${() => setChosen(at === chosen ? -1 : at)} />`,
    )}
    <h3>${compression === undefined ? 'Bytes' : 'Bytes, unpacked'}</h3>
    <${Hex} label="Bytes with their commands" hex=${compression?.hex ?? hex} parts=${commands} chosen=${chosen} onChoose=${setChosen} />
    ${compression !== undefined && html`<h3>Bytes as they travelled</h3><${Hex} label="Bytes as they travelled" hex=${hex} />`}
  <//>`;
}

function Step({ name, number }) {
  return number === undefined
    ? html`<button type="button" disabled>${name}</button>`
    : html`<a class="button" href=${hrefHere({}, number)}>${name}<span class="hidden">, with the same address</span></a>`;
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    tell('The link was copied.');
  } catch (error) {
    tell(`The browser does not let the page copy (${error.message}). The link is in its address bar.`, true);
  }
}

function Command({ command: { name, offset, length, fields, packet, note }, at, isChosen, choose }) {
  return html`<section class=${isChosen ? 'command on' : 'command'} aria-label=${`Command ${at + 1}, ${name}`}>
    <h3><button type="button" class="plain" aria-pressed=${String(isChosen)} onClick=${choose}>
      <span class=${`swatch m${at % 8}`} aria-hidden="true"></span>${name}
    </button> <span class="status">bytes ${offset}–${offset + length - 1}</span></h3>
    <p class="fields">${fields.map((field) => html`<span key=${field.name}><span class="why">${field.name}</span> ${field.value}</span> `)}</p>
    ${note !== undefined && html`<p class="warn">${note}</p>`}
    ${packet !== undefined && html`<${Packet} packet=${packet} />`}
  </section>`;
}

const KINDS = { value: 'value', multiplayer: 'of a SceneMultiplayer', bytes: 'bytes' };

function Packet({ packet: { length, hex, datagrams, kind, text, value, problem } }) {
  return html`<div class="packet">
    <p><span class="why">packet, ${KINDS[kind] ?? kind}, ${bytes(length)}</span> <code>${text}</code></p>
    ${problem !== undefined && html`<p class="drop">${problem}</p>`}
    ${
      datagrams !== undefined &&
      html`<p class="why">put together of ${datagrams.length} datagrams: ${datagrams.map(
        (number) => html`<a key=${number} href=${hrefHere({}, number)}>${number}</a> `,
      )}</p>`
    }
    ${value !== undefined && html`<ul class="values"><${Value} value=${value} isOpen /></ul>`}
    <details><summary>Bytes of the packet</summary><${Hex} label="Bytes of the packet" hex=${hex} /></details>
  </div>`;
}

/** A value with its type, and what is in it. */
function Value({ value: { name, type, text, items, left }, isOpen }) {
  const head = html`${name !== undefined && html`<b>${name}</b> `}<span class="type">${type}</span> ${text !== undefined && html`<code>${text}</code>`}`;
  if (items === undefined || items.length === 0) return html`<li>${head}</li>`;
  return html`<li><details open=${isOpen}><summary>${head}</summary><ul>
    ${items.map((item, at) => html`<${Value} key=${at} value=${item} />`)}
    ${left > 0 && html`<li class="why">and ${count(left)} more</li>`}
  </ul></details></li>`;
}
