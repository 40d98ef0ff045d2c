/** Which server is loaded: `enet://host:port`, `enets://host:port`, `ws://...`, `wss://...`. */
import { AddressRules } from '../enet/internal.ts';

/** How the players are connected. */
export type LoadTransport = 'enet' | 'websocket';

/** A server. */
export interface LoadTarget {
  /** The text that was given. */
  readonly url: string;
  /** Over UDP, or over TCP. */
  readonly transport: LoadTransport;
  /** With DTLS or TLS. */
  readonly isEncrypted: boolean;
  /** A name or a literal address, without brackets. */
  readonly host: string;
  /** 1..65535 */
  readonly port: number;
}

/**
 * Reads a target.
 *
 * @returns it, or one line that says what is wrong.
 */
export function readLoadTarget(text: string): LoadTarget | string {
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? '';
  const kind = KINDS.get(scheme);
  if (kind === undefined) {
    return `TARGET expected enet://HOST:PORT, enets://HOST:PORT, ws://HOST or wss://HOST, got ${JSON.stringify(text)}`;
  }
  // Of other schemes than HTTP's the parser of URLs takes hosts that are none.
  const readable = `http${text.slice(text.indexOf('://'))}`;
  if (!URL.canParse(readable)) return `TARGET expected a host, got ${JSON.stringify(text)}`;
  const { hostname, port, pathname, search, hash, username, password } = new URL(readable);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (username !== '' || password !== '' || hash !== '') {
    return `TARGET expected no user and no fragment, got ${JSON.stringify(text)}`;
  }
  const target = { url: text, ...kind, host };
  if (kind.transport === 'websocket')
    return { ...target, port: Number(port) || (kind.isEncrypted ? 443 : 80) };
  if (pathname !== '/' || search !== '') return `TARGET expected ${scheme}://HOST:PORT and nothing behind it`;
  // HTTP's own port is left out by the parser.
  const given = port === '' && /:0*80\/?$/.test(text) ? '80' : port;
  if (given === '' || given === '0') return `TARGET expected a port: ${scheme}://${hostname}:PORT`;
  return { ...target, port: Number(given) };
}

/** Whether an address is one of this machine's own, as literal loopback. */
export function isLoopback(ip: string): boolean {
  return LOOPBACK.covers(ip);
}

/** Whether an address is loopback, private or link-local: nobody's but that of whoever runs this, or their network's. */
export function isPrivate(ip: string): boolean {
  return PRIVATE.covers(ip.replace(/%.*$/, ''));
}

const KINDS: ReadonlyMap<string, Pick<LoadTarget, 'transport' | 'isEncrypted'>> = new Map([
  ['enet', { transport: 'enet', isEncrypted: false }],
  ['enets', { transport: 'enet', isEncrypted: true }],
  ['ws', { transport: 'websocket', isEncrypted: false }],
  ['wss', { transport: 'websocket', isEncrypted: true }],
]);
const LOOPBACK = new AddressRules('loopback', ['127.0.0.0/8', '::1']);
const PRIVATE = new AddressRules('private', [
  '127.0.0.0/8',
  '::1',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]);
