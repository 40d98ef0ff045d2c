// A list that the server has searched, sorted and cut: the page holds no more of it than it shows.
import { html } from 'htm/preact/standalone';
import { count } from './format.js';
import { go, hrefHere } from './route.js';

/**
 * A table. A column is `{ name, cell(row), sort?, kind? }`: `sort` is the word that the server knows, `kind` a class of the cells
 * (`number`, `tight`, `wide`, `cut`, `head`). Without rows the text `empty` stands there.
 */
export function Table({ label, columns, rows, keyOf, empty, sort, isDescending, onSort, chosen }) {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll" role="group" aria-label=${label} tabindex="0">
    <table class=${columns.length > 3 ? 'many' : ''} role="table" aria-label=${label}>
      <thead role="rowgroup"><tr role="row">${columns.map(
        (
          column,
        ) => html`<th key=${column.name} role="columnheader" scope="col" class=${column.kind === 'number' ? 'number' : ''}
          aria-sort=${ariaSort(column, sort, isDescending)}>${
            column.sort === undefined || onSort === undefined
              ? column.name
              : html`<button type="button" onClick=${() => onSort(column.sort, sort === column.sort && !isDescending)}>
                  ${column.name}${sort === column.sort ? (isDescending ? ' ↓' : ' ↑') : ''}
                </button>`
          }</th>`,
      )}</tr></thead>
      <tbody role="rowgroup" onKeyDown=${walk}>${rows.map((row) => {
        const key = keyOf(row);
        return html`<tr key=${key} role="row" class=${key === chosen ? 'chosen' : ''}>${columns.map(
          (column, at) => html`<td key=${column.name} role="cell" class=${column.kind ?? ''}
            data-name=${at === 0 ? undefined : column.name}>${column.cell(row)}</td>`,
        )}</tr>`;
      })}</tbody>
    </table>
  </div>`;
}

/** The arrow keys go from the link of one row to that of the next. */
export function walk(event) {
  const link = event.target.closest('a');
  if (link === null || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
  const row = link.closest('tr');
  const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
  if (next === null) return;
  event.preventDefault();
  next.querySelector('a')?.focus();
}

function ariaSort(column, sort, isDescending) {
  if (column.sort === undefined || column.sort !== sort) return undefined;
  return isDescending ? 'descending' : 'ascending';
}

/** What stands above a list: a search, and, where columns are too many for the screen, the order. */
export function Finder({ label, hint, query, columns, children }) {
  const sorted = columns.filter((column) => column.sort !== undefined);
  const sort = query.get('sort') ?? '';
  const isDescending = query.get('down') === '1';
  return html`<div class="bar" role="search" aria-label=${`Find ${label}`}>
    <input type="search" aria-label=${`Search ${label}`} placeholder=${hint} value=${query.get('search') ?? ''} maxlength="200"
      onInput=${(event) => go(hrefHere({ search: event.target.value, offset: undefined }), false)} />
    <select class="only-narrow" aria-label=${`Order of ${label}`} value=${`${sort}${isDescending ? ' down' : ''}`} onChange=${(
      event,
    ) => {
      const [name, down] = event.target.value.split(' ');
      sortBy(name, down !== undefined);
    }}>
        <option value="">usual order</option>
        ${sorted.flatMap((column) => [
          html`<option value=${column.sort}>${column.name} ↑</option>`,
          html`<option value=${`${column.sort} down`}>${column.name} ↓</option>`,
        ])}
      </select>
    ${children}
  </div>`;
}

/** Asks for another order; the list begins anew. */
export function sortBy(sort, isDescending) {
  go(hrefHere({ sort, down: isDescending ? 1 : undefined, offset: undefined }), false);
}

/** The part of a list that the address asks for, as the server takes it. */
export function partOf(query) {
  return {
    search: query.get('search') ?? undefined,
    sort: query.get('sort') ?? undefined,
    descending: query.get('down') === '1' || undefined,
    offset: Number(query.get('offset')) || undefined,
    limit: LIMIT,
  };
}

/** How many rows a list has, and how many of them the search has found. */
export function howMany({ found, count: all }) {
  return found === all ? count(found) : `${count(found)} of ${count(all)}`;
}

/** Which part of a list is shown, and the way to the others. */
export function Pager({ label, offset, shown, total }) {
  if (total === 0 || (offset === 0 && shown >= total)) return null;
  const to = (at) => () => go(hrefHere({ offset: at }), false);
  return html`<nav class="pager" aria-label=${`Pages of ${label}`}>
    <button type="button" disabled=${offset === 0} onClick=${to(Math.max(0, offset - LIMIT))}>Previous</button>
    <span class="status">${count(shown === 0 ? 0 : offset + 1)}–${count(offset + shown)} of ${count(total)}</span>
    <button type="button" disabled=${offset + shown >= total} onClick=${to(offset + LIMIT)}>Next</button>
  </nav>`;
}

/** Rows of a part. */
const LIMIT = 50;
