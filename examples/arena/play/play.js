// Fetches the engine if it is not there yet, and starts the game.
const at = (id) => document.getElementById(id);
const [canvas, wait, text, bar, progress, detail, again] = [
  'canvas',
  'wait',
  'text',
  'bar',
  'progress',
  'detail',
  'again',
].map(at);

/** A line, and how far it is: from 0 to 1, or not known; and in words. */
function show(line, part, words = '') {
  text.textContent = line;
  progress.textContent = words;
  bar.hidden = part === undefined;
  if (part !== undefined) bar.value = part;
}

function fail(line, more) {
  show(line);
  detail.hidden = false;
  detail.textContent = more;
  again.hidden = false;
}

async function engineIsThere() {
  const ask = async (method) => (await fetch('/play/engine', { method })).json();
  let status = await ask('GET');
  if (status.state !== 'ready') status = await ask('POST');
  while (status.state === 'fetching') {
    show(`Fetching ${status.what}. It stays here, for the next time.`, status.part, status.text);
    await new Promise((resolve) => setTimeout(resolve, 300));
    status = await ask('GET');
  }
  if (status.state === 'ready') return true;
  fail(
    `${status.what} could not be fetched. Try again when this machine is online, or run this in the checkout:`,
    `${status.command}\n\n${status.text}`,
  );
  return false;
}

function load(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${source}`));
    document.head.append(script);
  });
}

async function start() {
  detail.hidden = true;
  again.hidden = true;
  if (!(await engineIsThere())) return;
  show('Loading the engine', 0);
  await load('/play/engine/index.js');
  const { Engine } = globalThis;
  const query = new URLSearchParams(location.search);
  const [name, fps] = [query.get('name'), query.get('fps')];
  // A slow machine, or several games on one: fewer frames.
  const args = /^\d{1,3}$/.test(fps ?? '') ? ['--max-fps', fps] : [];
  args.push('--', `--url=ws://${location.host}/play/socket`);
  // With a name in the address there is no menu.
  if (name !== null) args.push(`--name=${name}`, '--join');
  await new Engine({
    args,
    canvas,
    executable: '/play/engine/index',
    mainPack: '/play/arena.pck',
    canvasResizePolicy: 2,
    focusCanvas: true,
    fileSizes: {},
    gdextensionLibs: [],
    onProgress: (done, all) => show('Loading the engine', all > 0 ? done / all : 0),
    onExit: () => {
      wait.hidden = false;
      show('The game has ended.');
    },
  }).startGame({});
  wait.hidden = true;
  canvas.focus();
}

const run = () => start().catch((error) => fail('The game did not start.', String(error)));
again.addEventListener('click', run);
run();
