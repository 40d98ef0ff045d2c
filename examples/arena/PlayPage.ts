/** `/play`: the game in a browser, with the real engine and the project that lies beside this file. For this machine alone. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { writePack } from './packFile.ts';
import { folderOf, PROJECT } from './project.ts';
import { ENGINE_COMMAND, ENGINE_FILES, ENGINE_TEXT, WebEngine } from './webEngine.ts';

/** Where the game in the browser connects to. */
export const SOCKET_PATH = '/play/socket';

/** The page. */
export class PlayPage {
  readonly #engine: WebEngine;
  readonly #log: (line: string) => void;
  readonly #pack = packOf();
  readonly #play = folderOf('play');

  /** @param log takes lines about the engine. */
  constructor(log: (line: string) => void, engine: WebEngine = new WebEngine()) {
    this.#log = log;
    this.#engine = engine;
  }

  /** Whether the first visit has to fetch the engine. */
  get isEngineThere(): boolean {
    return this.#engine.status.state === 'ready';
  }

  /** Answers a request for a path that begins with `/play`. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    if (!isFromHere(request)) refuse(response, 403, 'Not for other pages.');
    else if (pathname === '/play/engine') this.#answerEngine(request, response);
    else if (request.method !== 'GET') refuse(response, 405, 'Only GET.');
    else if (pathname === '/play/arena.pck') send(response, 'application/octet-stream', this.#pack);
    else if (pathname.startsWith('/play/engine/')) this.#sendEngine(pathname.slice(13), response);
    else this.#sendPage(pathname, response);
  }

  /** GET: how far the engine is; POST: fetch it. */
  #answerEngine({ method }: IncomingMessage, response: ServerResponse): void {
    if (method !== 'GET' && method !== 'POST') {
      refuse(response, 405, 'Only GET and POST.');
      return;
    }
    if (method === 'POST') this.#engine.fetch(this.#log);
    const status = { ...this.#engine.status, what: ENGINE_TEXT, command: ENGINE_COMMAND };
    send(response, 'application/json', JSON.stringify(status));
  }

  #sendEngine(name: string, response: ServerResponse): void {
    const type = ENGINE_FILES.get(name);
    if (type === undefined || !this.isEngineThere) {
      refuse(response, 404, 'There is no such file.');
      return;
    }
    const path = join(this.#engine.folder, name);
    response.setHeader('content-type', type);
    response.setHeader('content-length', statSync(path).size);
    response.setHeader('cache-control', 'max-age=86400');
    createReadStream(path)
      .once('error', () => response.destroy())
      .pipe(response);
  }

  #sendPage(pathname: string, response: ServerResponse): void {
    const file = PAGE_FILES.get(pathname);
    if (file === undefined) refuse(response, 404, 'There is no such page.');
    else send(response, file.type, readFileSync(join(this.#play, file.name)));
  }
}

/** The project as the engine mounts it. */
function packOf(): Uint8Array {
  const { files: read } = PROJECT;
  const files: Record<string, string> = {
    // An exported project has one; without it the engine prints an error.
    '.godot/global_script_class_cache.cfg': 'list=[]\n',
  };
  for (const path of read.list?.() ?? []) files[path] = read(path) ?? '';
  return writePack(files);
}

/**
 * Whether a request comes from the page itself, from an address that was typed in, or from a program: under a name of this machine, so that
 * no page that makes its own name lead here passes.
 */
export function isFromHere({ headers }: IncomingMessage): boolean {
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? '')) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

function send(response: ServerResponse, type: string, content: string | Uint8Array): void {
  response.setHeader('content-type', type);
  response.end(content);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

const PAGE_FILES = new Map([
  ['/play', { type: 'text/html; charset=utf-8', name: 'index.html' }],
  ['/play/', { type: 'text/html; charset=utf-8', name: 'index.html' }],
  ['/play/play.js', { type: 'text/javascript; charset=utf-8', name: 'play.js' }],
  ['/play/play.css', { type: 'text/css; charset=utf-8', name: 'play.css' }],
]);

const HEADERS = {
  // The engine wants a page that no other page can look into.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; img-src 'self' data: blob:; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
