/** The files of the page: read once each, and the same for everybody. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { moduleUrl } from '../io/internal.ts';
import { etagOf, Refused } from './access/requests.ts';

/** Whether the page has a file of this name; `''` is the page itself. */
export function isPageFile(name: string): boolean {
  return TYPES.has(name);
}

/** @throws Refused (as rejection) 500 when the page was not built. */
export async function sendPageFile(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let content: Uint8Array;
  try {
    content = await readFile(new URL(name === '' ? 'index.html' : name, PAGE));
  } catch (error) {
    throw new Refused(500, `Cannot read the page: ${String(error)}`);
  }
  const etag = etagOf(content);
  response.setHeader('etag', etag);
  response.setHeader('content-type', TYPES.get(name) ?? '');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304);
    response.end();
  } else response.end(request.method === 'HEAD' ? undefined : content);
}

/** Built by scripts/buildPage.mjs: as sources the page has its libraries not yet inside. */
const HERE = moduleUrl(import.meta.url);
const PAGE = new URL(HERE.endsWith('.ts') ? '../../dist/src/inspector/page/' : '../inspector/page/', HERE);
const TYPES: ReadonlyMap<string, string> = new Map([
  ['', 'text/html; charset=utf-8'],
  ['app.js', 'text/javascript; charset=utf-8'],
  ['style.css', 'text/css; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
  ['licenses.txt', 'text/plain; charset=utf-8'],
]);
