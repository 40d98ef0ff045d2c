// The way to the server: who the viewer is, one stream for what is looked at, and actions. All addresses are relative to the page's.
import { draw, state, tell } from './store.js';

const AGAIN_MS = 2000;
/** The server says something each second. Who hears nothing for so long has no connection, though nobody has said so. */
const SILENT_MS = 8000;
const MAX_ADDRESS = 4000;

let source;
let viewer;
let again;
let silence;
/** What is looked at, and its JSON as the server has it. */
let view = { section: 'overview' };
let sent = '';
let isPassing = false;

/** Asks who the viewer is, and then opens the stream or the form for the token. */
export async function connect() {
  clearTimeout(again);
  close();
  let session;
  try {
    session = await readJson(
      await fetch('session', { cache: 'no-store', signal: AbortSignal.timeout(SILENT_MS) }),
    );
  } catch (error) {
    lose(error.message);
    return;
  }
  state.session = session;
  if (session.hasToken && !session.isLoggedIn) {
    state.link = 'login';
    draw();
  } else open();
}

/** Says what is looked at. Nothing happens when it is what the server knows. */
export function look(wanted) {
  view = wanted;
  pass();
}

/** Tells the server what is looked at; one message after the other, so that the last one holds. */
async function pass() {
  const text = JSON.stringify(view);
  if (viewer === undefined || isPassing || text === sent) return;
  const own = viewer;
  isPassing = true;
  sent = text;
  try {
    await post('view', { viewer: own, view });
  } catch ({ status, message }) {
    // Of a stream that has ended meanwhile.
    if (own !== viewer) return;
    if (status === 401) askForToken();
    else if (status === 404) connect();
    else {
      state.problem = message;
      draw();
      sent = '';
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  } finally {
    isPassing = false;
    pass();
  }
}

export async function logIn(token) {
  state.session = await post('login', { token });
  open();
}

export async function logOut() {
  await act(() => post('logout'));
  state.status = undefined;
  state.message = undefined;
  await connect();
}

/**
 * Does an action of the protocol and tells what came of it.
 *
 * @param {import('../protocol.ts').Action} action
 * @returns {Promise<boolean>} whether it was done.
 */
export function doAction(action) {
  return act(async () => {
    const { text } = await post('action', action);
    tell(text);
  });
}

/** A datagram with all that is known of it. */
export async function fetchDatagram(number) {
  return readJson(await fetch(`traffic/${number}`, { cache: 'no-store' }));
}

async function act(what) {
  try {
    await what();
    return true;
  } catch (error) {
    if (error.status === 401) askForToken();
    tell(error.message, true);
    return false;
  }
}

function open() {
  state.link = 'connecting';
  state.refusal = '';
  sent = JSON.stringify(view);
  // What is longer than a server takes in an address is said as soon as the stream is there.
  if (encodeURIComponent(sent).length > MAX_ADDRESS) sent = JSON.stringify({ section: view.section });
  source = new EventSource(`events?view=${encodeURIComponent(sent)}`);
  source.onmessage = ({ data }) => {
    listen();
    take(JSON.parse(data));
  };
  // The browser would try again with what was looked at first, and does not say why the server refuses.
  source.onerror = () => {
    close();
    lose('');
  };
  listen();
  draw();
}

/** Waits for the next message. */
function listen() {
  clearTimeout(silence);
  silence = setTimeout(() => {
    close();
    lose('The server says nothing.');
  }, SILENT_MS);
}

function close() {
  clearTimeout(silence);
  source?.close();
  source = undefined;
  viewer = undefined;
}

function lose(why) {
  state.link = 'lost';
  state.refusal = why;
  clearTimeout(again);
  again = setTimeout(connect, AGAIN_MS);
  draw();
}

function askForToken() {
  close();
  clearTimeout(again);
  state.session = { ...state.session, isLoggedIn: false, canAct: false, canCall: false };
  state.link = 'login';
  draw();
}

/** @param {import('../protocol.ts').StreamMessage} message */
function take(message) {
  switch (message.type) {
    case 'hello':
      viewer = message.viewer;
      state.limits = message.limits;
      state.link = 'live';
      // It may have changed since the stream was asked for.
      look(view);
      break;
    case 'status':
      state.status = message;
      break;
    case 'problem':
      if (message.section === view.section) state.problem = message.text;
      break;
    default:
      // They draw what they want to show.
      for (const listener of listeners) listener(message);
      return;
  }
  draw();
}

const listeners = new Set();

/** Calls `listener` with each message about a section. */
export function onMessage(listener) {
  listeners.add(listener);
}

async function post(path, body) {
  return readJson(
    await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-console': '1' },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
}

/** The body of an answer. A refusal becomes an error with its `status`. */
async function readJson(response) {
  if (response.status === 204) return undefined;
  const text = await response.text();
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = { error: `the server answered ${response.status} without a reason` };
  }
  if (response.ok) return body;
  const error = new Error(String(body.error));
  error.status = response.status;
  throw error;
}
