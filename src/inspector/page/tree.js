// A tree that is walked with the arrow keys (WAI-ARIA: role tree). Its rows come in their order, each with its depth.
import { html, useRef, useState } from 'htm/preact/standalone';
import { count } from './format.js';

export function Tree({ rows, chosen, isFlat, onExpand, onChoose }) {
  const tree = useRef();
  const [active, setActive] = useState();
  // One row is reached by Tab: the active one, the chosen one, or the first.
  const at = Math.max(
    0,
    rows.findIndex(({ path }) => path === (active ?? chosen)),
  );
  const focus = (row) => {
    if (row === undefined) return;
    setActive(row.path);
    tree.current.children[rows.indexOf(row)].focus();
  };
  const onKeyDown = (event) => {
    const row = rows[at];
    const isOpen = row.isExpanded && row.children > 0;
    const step = {
      ArrowDown: () => focus(rows[at + 1]),
      ArrowUp: () => focus(rows[at - 1]),
      Home: () => focus(rows[0]),
      End: () => focus(rows.at(-1)),
      ArrowRight: () =>
        isFlat || row.children === 0 ? undefined : isOpen ? focus(rows[at + 1]) : onExpand(row.path, true),
      ArrowLeft: () =>
        !isFlat && isOpen && row.depth > 0 ? onExpand(row.path, false) : focus(parentOf(rows, at)),
      Enter: () => onChoose(row.path),
      ' ': () => onChoose(row.path),
    }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      step();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) {
      // A letter goes to the next name that begins with it.
      const after = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
      focus(after.find(({ name }) => name.toLowerCase().startsWith(event.key.toLowerCase())));
    }
  };
  return html`<div class="tree" role="tree" aria-label="Scene tree" ref=${tree} onKeyDown=${onKeyDown}>${rows.map(
    (row, index) => html`<div key=${row.path} role="treeitem" tabindex=${index === at ? 0 : -1}
      class=${`l${Math.min(row.depth, 12)}`} aria-level=${isFlat ? 1 : row.depth + 1} aria-selected=${String(row.path === chosen)}
      aria-expanded=${isFlat || row.children === 0 ? undefined : String(row.isExpanded)}
      onClick=${() => {
        setActive(row.path);
        onChoose(row.path);
      }}>
      <span class="twist" aria-hidden="true" onClick=${(event) => {
        if (isFlat || row.children === 0) return;
        event.stopPropagation();
        setActive(row.path);
        onExpand(row.path, !row.isExpanded);
      }}>${isFlat || row.children === 0 ? '' : row.isExpanded ? '▾' : '▸'}</span>
      <span class="name">${isFlat ? row.path : row.name}</span>
      <span class="why">${row.class}${row.script === undefined ? '' : ` · ${row.script}`}${row.authority === 1 ? '' : ` · of ${row.authority}`}${
        row.children === 0 || isFlat ? '' : ` · ${count(row.children)}`
      }</span>
    </div>`,
  )}</div>`;
}

function parentOf(rows, at) {
  const { depth } = rows[at];
  for (let i = at - 1; i >= 0; i--) if (rows[i].depth < depth) return rows[i];
  return undefined;
}
