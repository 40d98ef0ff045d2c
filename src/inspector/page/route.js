// Where the viewer is: `#/SECTION/ITEM?name=value`. All that a link shall tell stands in it; what is only looked at does not.

/** The place that the address names. An item may have any characters. */
export function readRoute() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const [section = '', ...rest] = path.split('/');
  return {
    section,
    item: rest.length === 0 ? undefined : decode(rest.join('/')),
    query: new URLSearchParams(query),
  };
}

/** The address of a place. Values that are empty or undefined are left out. */
export function hrefOf(section, item, values = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '' && value !== 0) query.set(name, String(value));
  const text = query.toString();
  return `#/${section}${item === undefined ? '' : `/${encodeURIComponent(item)}`}${text === '' ? '' : `?${text}`}`;
}

/** The address of where the viewer is, with other values, and with another item when one is named (undefined: none). */
export function hrefHere(values, ...item) {
  const { section, item: own, query } = readRoute();
  return hrefOf(section, item.length === 0 ? own : item[0], { ...Object.fromEntries(query), ...values });
}

/** Goes to a place; `isStep` leaves the present one to the button Back. */
export function go(href, isStep = true) {
  if (href === location.hash) return;
  if (isStep) location.hash = href;
  else {
    history.replaceState(null, '', href);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

/** A link that somebody has cut off must not break the page. */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
