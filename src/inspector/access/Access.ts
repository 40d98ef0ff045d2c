/** Who may ask the console for what: hosts, other pages, the token, sessions. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe } from '../../../options/internal.ts';
import type { SessionInfo } from '../protocol.ts';
import { fieldsOf, readText } from '../views.ts';
import { Logins, MIN_TOKEN } from './Logins.ts';
import { cookieName, cookieOf, isFromHere, isLoopback, isOwnHost, Refused } from './requests.ts';

/** See the head of this file. */
export class Access {
  /** What it was bound to, besides the loopback addresses. */
  boundHost: string | undefined;
  readonly #logins: Logins | undefined;
  readonly #allowedHosts: readonly string[];

  /** @throws TypeError or RangeError naming the option. */
  constructor(token: string | undefined, allowedHosts: readonly string[]) {
    if (token !== undefined && (typeof token !== 'string' || token.length < MIN_TOKEN))
      throw new RangeError(`"token" expected a text of at least ${MIN_TOKEN} characters`);
    if (!Array.isArray(allowedHosts) || !allowedHosts.every((name) => HOST.test(String(name))))
      throw new RangeError(
        `"allowedHosts" expected names such as "console.example.com" or "10.0.0.5:7780", got ${describe(allowedHosts)}`,
      );
    this.#allowedHosts = allowedHosts.map((name) => name.toLowerCase());
    this.#logins = token === undefined ? undefined : new Logins(token, () => performance.now());
  }

  /** Whether a token is set. */
  get hasToken(): boolean {
    return this.#logins !== undefined;
  }

  /** @throws Refused 403 for another host name, or a page of somebody else. */
  check(request: IncomingMessage): void {
    const hosts =
      this.boundHost === undefined
        ? this.#allowedHosts
        : [...this.#allowedHosts, `${this.boundHost}:${request.socket.localPort}`];
    if (!isOwnHost(request, hosts)) throw new Refused(403, 'Wrong host: see the option allowedHosts.');
    if (!isFromHere(request)) throw new Refused(403, 'Not for other pages.');
  }

  /** The session of a request that is logged in; `undefined` where none is needed. @throws Refused 401 or 403 */
  require(request: IncomingMessage): string | undefined {
    if (this.#logins === undefined) {
      if (!isLoopback(request))
        throw new Refused(403, 'Without a token only this machine itself is answered: see the option token.');
      return undefined;
    }
    const session = cookieOf(request, cookieName(request));
    if (!this.#logins.isSession(session)) throw new Refused(401, 'Log in with the token.');
    return session;
  }

  /** Whether a session holds. */
  isSession(session: string): boolean {
    return this.#logins?.isSession(session) ?? true;
  }

  /** What a request may do. */
  info(
    request: IncomingMessage,
    session?: string,
  ): Pick<SessionInfo, 'hasToken' | 'isLoggedIn' | 'canAct' | 'canCall'> {
    const isLoggedIn =
      this.#logins === undefined
        ? isLoopback(request)
        : this.#logins.isSession(session ?? cookieOf(request, cookieName(request)));
    return {
      hasToken: this.hasToken,
      isLoggedIn,
      canAct: isLoggedIn,
      canCall: this.hasToken && isLoggedIn,
    };
  }

  /** Takes a token; the answer gets a cookie. @returns the session. @throws Refused 401 or 429 */
  login(request: IncomingMessage, response: ServerResponse, body: unknown): string | undefined {
    if (this.#logins === undefined) return undefined;
    const outcome = this.#logins.login(readText(fieldsOf(body)['token'], 'token', 1000));
    if (outcome === 'too often') throw new Refused(429, 'Too many wrong tokens: wait a minute.');
    if (outcome === 'wrong') throw new Refused(401, 'That is not the token.');
    response.setHeader('set-cookie', cookieText(request, outcome.session));
    return outcome.session;
  }

  /** Ends the session of a request. @returns it. */
  logout(request: IncomingMessage, response: ServerResponse): string | undefined {
    const session = cookieOf(request, cookieName(request));
    this.#logins?.logout(session);
    response.setHeader('set-cookie', `${cookieText(request, '')}; Max-Age=0`);
    return session;
  }
}

function cookieText(request: IncomingMessage, value: string): string {
  // Behind a proxy the browser speaks HTTPS, and this side does not.
  const isSecure = request.headers.origin?.startsWith('https:') === true || 'encrypted' in request.socket;
  return `${cookieName(request)}=${value}; HttpOnly; SameSite=Strict; Path=/${isSecure ? '; Secure' : ''}`;
}

const HOST = /^[a-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-f:.]+\](?::\d{1,5})?$/i;
