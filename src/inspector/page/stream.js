// What the lists of traffic and of calls share: they follow what comes, or stand where the viewer has stopped them.
import { html } from 'htm/preact/standalone';
import { count } from './format.js';
import { draw } from './store.js';

/** The place in a list that grows: `'end'`, or the index of the first row. Another list begins at its end. */
export class Place {
  position = 'end';
  #of = '';

  /** The position in the list with this name. */
  in(name) {
    if (name !== this.#of) {
      this.#of = name;
      this.position = 'end';
    }
    return this.position;
  }

  go(position) {
    this.position = position;
    draw();
  }
}

/** Stops, goes on, goes to older and newer rows. Nothing is lost meanwhile: the server keeps it. */
export function Steering({ place, message, limit, label }) {
  const { first, end, isFollowing } = message;
  const rows = message.rows ?? [];
  const begin = rows[0]?.index ?? end;
  const last = rows.at(-1)?.index ?? end - 1;
  const isStopped = place.position !== 'end';
  const to = (position) => () => place.go(position);
  return html`<div class="bar" role="toolbar" aria-label=${`Place in ${label}`}>
    <button type="button" aria-pressed=${String(isStopped)} onClick=${to(isStopped ? 'end' : begin)}>${isStopped ? 'Follow' : 'Pause'}</button>
    <button type="button" disabled=${begin <= first} onClick=${to(first)}>Oldest</button>
    <button type="button" disabled=${begin <= first} onClick=${to(Math.max(first, begin - limit))}>Older</button>
    <button type="button" disabled=${last >= end - 1} onClick=${to(last + 1)}>Newer</button>
    <span class="status">${
      end === first
        ? 'none yet'
        : `${count(begin - first + 1)}–${count(last - first + 1)} of ${count(end - first)} kept${
            isStopped && !isFollowing && last < end - 1 ? `, ${count(end - 1 - last)} newer` : ''
          }`
    }</span>
  </div>`;
}

/**
 * The last message with its rows, which a message without rows leaves as they are. `isFast`: all rows are others than those before.
 */
export function keepRows(isSame) {
  let kept;
  return (message) => {
    const old = kept !== undefined && isSame(kept, message) ? kept : undefined;
    const rows = message.rows ?? old?.rows ?? [];
    const isFast =
      message.rows === undefined
        ? (old?.isFast ?? false)
        : message.isFollowing &&
          rows.length > 0 &&
          rows[0].index > (old?.rows.at(-1)?.index ?? Number.POSITIVE_INFINITY);
    kept = { ...message, rows, isFast };
    return kept;
  };
}

/**
 * What names the elements of a row. Where all rows are others each time, elements are used again in their order: to move and to make them anew
 * costs more.
 */
export function keyOf({ isFast }, row, at) {
  return isFast ? `at ${at}` : row.index;
}
