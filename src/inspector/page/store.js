// What the page knows, and when it is drawn. It keeps the latest message of each kind and no more.

const MAX_RESULTS = 4;
const RESULT_MS = 8000;

/**
 * @typedef {import('../protocol.ts').SessionInfo} SessionInfo
 * @typedef {import('../protocol.ts').StatusMessage} StatusMessage
 */

export const state = {
  /** @type {SessionInfo | undefined} */
  session: undefined,
  /** `connecting`, `live`, `lost`; with `login` the page asks for the token. */
  link: 'connecting',
  /** Why the link was refused, if it was. */
  refusal: '',
  /** @type {StatusMessage | undefined} */
  status: undefined,
  /** @type {import('../protocol.ts').HelloMessage['limits'] | undefined} */
  limits: undefined,
  /** The latest message about the section that is shown. */
  message: undefined,
  /** What the server could not show of it. */
  problem: '',
  /** Told results: `{ id, text, isBad }`, the latest last. */
  results: [],
  /** The question that is open. */
  question: undefined,
};

let paint = () => {};
let isDue = false;

/** Names what draws the page. */
export function setPainter(painter) {
  paint = painter;
}

/** Draws once, before the browser paints next; a page that nobody sees is not drawn. */
export function draw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    paint();
  });
}

let resultNumber = 0;

/** Tells a result, to the eye and to screen readers. What went wrong stays until it is closed. */
export function tell(text, isBad = false) {
  const id = ++resultNumber;
  state.results = [...state.results, { id, text, isBad }].slice(-MAX_RESULTS);
  if (!isBad) setTimeout(() => forget(id), RESULT_MS);
  draw();
}

export function forget(id) {
  state.results = state.results.filter((result) => result.id !== id);
  draw();
}

/**
 * Asks the viewer. A field is `{ name, label, type?, value?, options?, required?, hint? }`.
 *
 * @returns what was filled in, by name; undefined when the viewer does not want it.
 */
export function ask({ title, text, fields = [], button, isGrave = false }) {
  return new Promise((resolve) => {
    state.question = {
      title,
      text,
      fields,
      button,
      isGrave,
      answer: (values) => {
        state.question = undefined;
        draw();
        resolve(values);
      },
    };
    draw();
  });
}
