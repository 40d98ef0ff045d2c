/** Where requests come from, and what they bring: hosts, other pages, cookies, bodies of bounded length. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that is answered with a status and a sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * A page of somebody else that resolves its own name to this address must not read anything.
 *
 * @param allowed names, with or without a port; those of the loopback addresses are always.
 */
export function isOwnHost({ headers, socket }: IncomingMessage, allowed: readonly string[]): boolean {
  const host = headers.host?.toLowerCase();
  if (host === undefined) return false;
  if (LOOPBACK_NAMES.some((name) => host === `${name}:${socket.localPort}`)) return true;
  const name = host.replace(/:\d+$/, '');
  return allowed.some((one) => one === host || one === name);
}

/**
 * Whether a request comes from the page itself, from an address that was typed in, or from a program. What a page of
 * somebody else asks for it cannot read, but an open stream would take the place of a viewer. Browsers name the site that
 * asks in `Sec-Fetch-Site`; "same-site" is another port of this machine. `Origin` is there for who does not.
 */
export function isFromHere({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  // Behind a proxy the page may be over HTTPS; the host is the same.
  return headers.origin === undefined || /^https?:\/\/(.*)$/.exec(headers.origin)?.[1] === headers.host;
}

/**
 * Whether both ends of the connection are this machine's, and no proxy stands between, as far as that can be known: most say so, and nginx
 * without settings says nothing, but speaks HTTP/1.0, which no browser does.
 */
export function isLoopback({ socket, headers, httpVersion }: IncomingMessage): boolean {
  const isForwarded = httpVersion === '1.0' || FORWARDED.some((name) => headers[name] !== undefined);
  return !isForwarded && /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/.test(socket.remoteAddress ?? '');
}

/** The name of the cookie: consoles of several ports of one machine share its cookies. */
export function cookieName({ socket }: IncomingMessage): string {
  return `godot_enet_console_${socket.localPort}`;
}

/** A cookie of a request. */
export function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  if ((headers.cookie?.length ?? 0) > MAX_COOKIES) return undefined;
  for (const part of headers.cookie?.split(';') ?? []) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

/**
 * The JSON that a POST of the page brings. The header is one that no form and no foreign page can send without being asked.
 *
 * @throws Refused (as rejection) 403, 400, 413.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.headers['x-console'] !== '1') throw new Refused(403, 'The header x-console is missing.');
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    throw new Refused(400, 'Only application/json.');
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Refused(413, 'Too long.');
    parts.push(part);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refused(400, 'That is no JSON.');
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(value));
}

/** A short text that stays the same for the same content. */
export function etagOf(content: Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
}

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
];
const MAX_COOKIES = 16_384;
const MAX_BODY = 65_536;
