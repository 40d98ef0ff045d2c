// What the sections of the page share: a tile, a list that can be filtered and stopped, and numbers as text.
import { html } from 'htm/preact/standalone';

export function Tile({ name, value, isBad }) {
  return html`<div class="tile"><b class=${isBad ? 'drop' : ''}>${value}</b><span>${name}</span></div>`;
}

/** The latest rows of something, with a filter; `draw` shows what was changed. */
export function Log({ title, log, empty, hint, draw, textOf, Row }) {
  const needle = log.filter.toLowerCase();
  const rows = needle === '' ? log.rows : log.rows.filter((row) => textOf(row).includes(needle));
  const change = (changed) => {
    Object.assign(log, changed);
    draw();
  };
  return html`<section>
    <div class="bar">
      <h2>${title}</h2>
      <input type="search" aria-label=${`filter of ${title}`} placeholder=${hint} value=${log.filter}
        onInput=${(event) => change({ filter: event.target.value })} />
      <button onClick=${() => change({ isPaused: !log.isPaused })}>${log.isPaused ? 'Resume' : 'Pause'}</button>
      <button onClick=${() => change({ rows: [], skipped: 0 })}>Clear</button>
      ${log.skipped > 0 && html`<span class="status">${count(log.skipped)} not shown</span>`}
    </div>
    ${
      rows.length === 0
        ? html`<p class="empty">${log.rows.length === 0 ? empty : 'Nothing matches the filter.'}</p>`
        : html`<div class="scroll"><table class="log"><tbody>${rows.map((row) => html`<${Row} row=${row} />`)}</tbody></table></div>`
    }
  </section>`;
}

export function count(value) {
  return value.toLocaleString('en');
}

export function bytes(value) {
  if (value < 10_000) return `${count(value)} B`;
  if (value < 10_000_000) return `${count(Math.round(value / 100) / 10)} kB`;
  return `${count(Math.round(value / 100_000) / 10)} MB`;
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
