// Bytes as hex, with the commands that they belong to.
import { html } from 'htm/preact/standalone';

const PER_LINE = 8;
const MARKS = 8;

/**
 * @param props.hex two digits per byte.
 * @param props.parts where commands begin and end: `{ offset, length }`.
 * @param props.chosen index of the part that stands out.
 */
export function Hex({ label, hex, parts = [], chosen, onChoose }) {
  const bytes = hex.length / 2;
  const lines = [];
  for (let from = 0; from < bytes; from += PER_LINE)
    lines.push(lineOf(hex, parts, from, Math.min(bytes, from + PER_LINE)));
  return html`<pre class="hex" tabindex="0" role="group" aria-label=${label}>${lines.map(
    ({ from, runs, text }) =>
      html`<span class="offset">${from.toString(16).padStart(4, '0')}  </span>${runs.map(
        ({ part, digits }) =>
          part < 0
            ? html`<span class="head">${digits}</span>`
            : html`<span class=${`m${part % MARKS}${part === chosen ? ' on' : ''}`} onClick=${() => onChoose?.(part)}>${digits}</span>`,
      )}${' '.repeat(PER_LINE * 3 - runs.reduce((sum, { digits }) => sum + digits.length, 0))} ${text}${'\n'}`,
  )}</pre>`;
}

/** One line: runs of bytes of one command, and the bytes as text. */
function lineOf(hex, parts, from, to) {
  const runs = [];
  let text = '';
  for (let at = from; at < to; at++) {
    const digits = hex.slice(2 * at, 2 * at + 2);
    const code = Number.parseInt(digits, 16);
    text += code >= 32 && code < 127 ? String.fromCharCode(code) : '·';
    const part = parts.findIndex(({ offset, length }) => at >= offset && at < offset + length);
    const last = runs.at(-1);
    if (last?.part === part) last.digits += `${digits} `;
    else runs.push({ part, digits: `${digits} ` });
  }
  return { from, runs, text };
}
