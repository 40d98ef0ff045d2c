// What the sections of the page share. What remotes have sent is text to Preact: it is never read as HTML.
import { html, useEffect, useRef } from 'htm/preact/standalone';

/** Numbers with names; those without a value are left out. `tiles` has `[name, value, isBad]`. */
export function Tiles({ tiles, label }) {
  const shown = tiles.filter(([, value]) => value !== undefined && value !== '');
  return html`<dl class="tiles" aria-label=${label}>${shown.map(
    ([name, value, isBad]) => html`<div class="tile" key=${name}>
      <dt>${name}</dt><dd class=${isBad ? 'drop' : ''}>${value}</dd>
    </div>`,
  )}</dl>`;
}

/** Facts of one thing, `[name, value]`, those without a value left out. */
export function Facts({ facts }) {
  return html`<dl class="facts">${facts
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** A part of a section with a heading. */
export function Card({ title, children, extra }) {
  return html`<section class="card" aria-label=${title}>
    <div class="bar"><h2>${title}</h2>${extra}</div>
    ${children}
  </section>`;
}

/** The side pane of what was chosen. Who has chosen it continues in it. */
export function Pane({ title, close, children, extra }) {
  const pane = useRef();
  useEffect(() => {
    if (document.activeElement !== document.body) pane.current.focus();
  }, []);
  return html`<section class="card pane" aria-label=${title} tabindex="-1" ref=${pane}
    onKeyDown=${(event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      close();
    }}>
    <div class="bar">
      <h2>${title}</h2>${extra}
      <button type="button" class="plain" aria-label="Close details" onClick=${close}>✕</button>
    </div>
    ${children}
  </section>`;
}
