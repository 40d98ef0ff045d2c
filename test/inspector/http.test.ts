/** The console over HTTP: its files, who may ask, logins, its stream, and what strangers send. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Logins } from '../../src/inspector/access/Logins.ts';
import type { SessionInfo } from '../../src/inspector/protocol.ts';
import { Inspector } from '../../src/inspector.ts';
import { built } from '../support/built.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import {
  ask,
  closing,
  fetchPage,
  lookAt,
  makeInspector,
  OWN,
  openStream,
  post,
  statusOf,
  talk,
} from './support.ts';

// The page is built, also when the sources serve it.
built('src/inspector/page');

expectDiagnoses('it shows a datagram that is no ENet');

const TOKEN = 'a token of 24 characters';
const EVENTS = 'events?view=%7B%22section%22%3A%22overview%22%7D';

describe('the console over HTTP', () => {
  test('serves the page and every file that it needs', async () => {
    const url = await makeInspector().listen(0);
    const page = await fetchPage(url);
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(files.length).toBeGreaterThan(2);
    for (const file of [...files, 'licenses.txt']) {
      const answer = await fetchPage(new URL(file, url).href);
      expect([file, answer.status]).toEqual([file, 200]);
      expect(answer.body.length).toBeGreaterThan(50);
    }
  });

  test('its libraries are inside, and their licences with them', async () => {
    const url = await makeInspector().listen(0);
    const bodyOf = async (file: string): Promise<string> => (await fetchPage(new URL(file, url).href)).body;
    expect(await bodyOf('app.js')).not.toMatch(/\bimport\b\s*["'({*\w]/);
    expect(await bodyOf('style.css')).not.toMatch(/@import|url\(/);
    const licenses = await bodyOf('licenses.txt');
    for (const name of ['htm', 'uplot']) {
      const text = readFileSync(new URL(`../../node_modules/${name}/LICENSE`, import.meta.url), 'utf8');
      expect(licenses).toContain(text.trim());
    }
    expect(licenses).toContain('Jason Miller');
  });

  test('what is no address of a page is refused as such', async () => {
    const inspector = makeInspector();
    const { port } = new URL(await inspector.listen(0));
    const status = await new Promise((resolve, reject) => {
      const asked = request({ port, path: '//', headers: { host: `127.0.0.1:${port}` } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(400);
  });

  test('a file that the browser has is not sent again', async () => {
    const url = await makeInspector().listen(0);
    const { headers } = await fetchPage(`${url}app.js`);
    const again = await fetchPage(`${url}app.js`, { 'if-none-match': String(headers.etag) });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  test.each([
    ['another host name, as DNS rebinding makes it', '/', { host: 'evil.example' }, 403],
    ['a path that is not there', '/nothing', {}, 404],
    ['a path that climbs', '/../package.json', {}, 404],
    ['a datagram that is not there', '/traffic/1', {}, 404],
    ['a view that is no JSON', '/events?view={', {}, 400],
    ['a section that is none', '/events?view=%7B%22section%22%3A%22x%22%7D', {}, 400],
    ['an export of nothing', '/export?format=pcapng', {}, 404],
    ['an export as nothing', '/export?format=exe', {}, 400],
    ['an export of a filter that is none', '/export?format=pcapng&filter=7', {}, 404],
  ])('refuses %s', async (_title, path, headers: Record<string, string>, status) => {
    const url = await makeInspector().listen(0);
    const answer = await fetchPage(new URL(path, url).href, headers);
    expect([answer.status, Object.keys(JSON.parse(answer.body))]).toEqual([status, ['error']]);
  });

  test.each([
    ['DELETE', '', {}, '', 405],
    ['POST', 'nothing', OWN, '{}', 404],
    ['POST', 'action', { 'content-type': 'application/json' }, '{}', 403],
    ['POST', 'action', { 'x-console': '1', 'content-type': 'text/plain' }, '{}', 400],
    ['POST', 'action', OWN, '{', 400],
    ['POST', 'action', OWN, '[]', 400],
    ['POST', 'action', OWN, '{"action":"kick","server":1,"peer":"1"}', 404],
    ['POST', 'action', OWN, '{"action":"__proto__","server":1}', 404],
    ['POST', 'action', OWN, `{"action":"${'x'.repeat(70_000)}"}`, 413],
    ['POST', 'view', OWN, '{"viewer":"nobody","view":{"section":"peers"}}', 404],
    ['POST', 'view', OWN, '{"viewer":"nobody","view":{"section":"peers","limit":1e9}}', 400],
    ['POST', 'view', OWN, '{"viewer":"nobody","view":{"section":"scene","expanded":[1]}}', 400],
    ['POST', 'view', { ...OWN, origin: 'http://evil.example' }, '{}', 403],
  ])('%s %s with %j: refused', async (method, path, headers: Record<string, string>, body, status) => {
    const url = await makeInspector().listen(0);
    expect((await ask(new URL(path, url), headers, method, body)).status).toBe(status);
  });

  test('is served by a server of the application, beside other pages, and leaves it open', async () => {
    const inspector = makeInspector();
    const http = createServer((request, response) =>
      request.url === '/own' ? response.end('own') : inspector.handler(request, response),
    );
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
      expect((await fetchPage(`${url}own`)).body).toBe('own');
      expect((await fetchPage(url)).status).toBe(200);
      expect((await fetchPage(url, { host: 'evil.example' })).status).toBe(403);
      expect((await fetchPage(url, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      const status = await lookAt(url, { section: 'overview' }, 'status');
      expect(status.servers).toEqual([]);
      await inspector.close();
      expect((await fetchPage(`${url}own`)).body).toBe('own');
    } finally {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    }
  });

  test('below a path of its own, every URL is relative to it', async () => {
    const url = await makeInspector({ basePath: '/console/' }).listen(0);
    expect(url).toMatch(/\/console\/$/);
    const page = await fetchPage(url);
    expect(page.status).toBe(200);
    for (const [, file = ''] of page.body.matchAll(/(?:src|href)="([^"]+)"/g))
      expect(file).not.toMatch(/^\//);
    expect((await fetchPage(new URL('/', url).href)).status).toBe(404);
    const bare = await fetchPage(url.slice(0, -1));
    expect([bare.status, bare.headers.location]).toEqual([308, '/console/']);
    expect((await lookAt(url, { section: 'overview' }, 'hello')).limits.filters).toBe(8);
  });

  test('names that are allowed are answered, others are not', async () => {
    const url = await makeInspector({ allowedHosts: ['Console.example.com', '10.0.0.5:99'] }).listen(0);
    const statusFor = async (host: string): Promise<number> => (await fetchPage(url, { host })).status;
    expect(await statusFor('console.example.com')).toBe(200);
    expect(await statusFor('console.example.com:8443')).toBe(200);
    expect(await statusFor('10.0.0.5:99')).toBe(200);
    expect(await statusFor('10.0.0.5:98')).toBe(403);
    expect(await statusFor('a.console.example.com')).toBe(403);
  });

  test.each([
    ['a foreign page', { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }, 403],
    ['a foreign page without an origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page on another port', { 'sec-fetch-site': 'same-site' }, 403],
    ['a foreign page in an old browser', { origin: 'http://evil.example' }, 403],
    ['a page without an origin of its own', { origin: 'null' }, 403],
    ['its own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['its own page, with the origin', { 'sec-fetch-site': 'same-origin', origin: 'SELF' }, 200],
    ['a person who types the address', { 'sec-fetch-site': 'none' }, 200],
  ])('every route for %s: %j is %d', async (_title, headers: Record<string, string>, status) => {
    const url = await makeInspector().listen(0);
    const own = new URL(url).origin;
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('SELF', own)]),
    );
    for (const path of ['', 'app.js', 'style.css', 'icon.svg', 'licenses.txt', 'session'])
      expect([path, (await fetchPage(new URL(path, url).href, sent)).status]).toEqual([path, status]);
    expect(await statusOf(new URL(EVENTS, url), sent)).toBe(status);
  });

  test('a port in use is an error, and the inspector can listen elsewhere afterwards', async () => {
    const url = await makeInspector().listen(0);
    const second = makeInspector();
    await expect(second.listen(Number(new URL(url).port))).rejects.toThrow('EADDRINUSE');
    await expect(second.listen(0)).resolves.toContain('http://127.0.0.1:');
  });

  test('bad options name the option', () => {
    expect(() => new Inspector({ updateMs: 1 })).toThrow('"updateMs" expected integer 50..10000, got 1');
    expect(() => new Inspector({ trafficBytes: 0 })).toThrow('"trafficBytes"');
    expect(() => new Inspector({ token: 'short' })).toThrow('"token" expected a text of at least 16');
    expect(() => new Inspector({ allowedHosts: ['http://x'] })).toThrow('"allowedHosts"');
    expect(() => new Inspector({ basePath: 'console' })).toThrow('"basePath"');
    expect(() => new Inspector().watch({} as never)).toThrow('"server" expected a server');
  });

  test('seventeen viewers are one too many, and one who goes makes place', async () => {
    const url = await makeInspector().listen(0);
    const streams = await Promise.all(
      Array.from({ length: 16 }, () => openStream(url, { section: 'overview' })),
    );
    expect(await statusOf(new URL(EVENTS, url), {})).toBe(503);
    streams[0]?.close();
    await expect.poll(() => statusOf(new URL(EVENTS, url), {})).toBe(200);
  });

  test('streams totals, decoded datagrams and drops', async () => {
    const inspector = makeInspector();
    const url = await inspector.listen(0);
    const step = talk(inspector);
    const timer = setInterval(step, 20);
    closing({ close: () => clearInterval(timer) });
    const stream = await openStream(url, { section: 'traffic', limit: 100 });
    const { rows = [] } = await stream.next('traffic', ({ rows: some = [] }) =>
      some.some(({ parts }) => parts.some((part) => part.includes('hello'))),
    );
    const parts = rows.flatMap((row) => row.parts);
    expect(parts).toContainEqual(expect.stringMatching(/^SEND_RELIABLE channel 0 #\d+ "hello"$/));
    expect(parts).toContain('BAD_COMMAND');
    const { traffic } = await stream.next('status', (status) => status.traffic.datagramsOut > 0);
    expect(traffic).toMatchObject({ hasTrace: true, dropped: expect.any(Number) });
    expect(traffic.datagramsIn).toBeGreaterThan(0);
  });
});

describe('logins', () => {
  test('without a token only the loopback address is bound, and only this machine is answered', async () => {
    await expect(makeInspector().listen(0, '0.0.0.0')).rejects.toThrow('set the option "token" first');
    const url = await makeInspector().listen(0);
    const forwarded = { 'x-forwarded-for': '203.0.113.9' };
    expect(await statusOf(new URL(EVENTS, url), forwarded)).toBe(403);
    const info = JSON.parse((await fetchPage(`${url}session`, forwarded)).body) as SessionInfo;
    expect(info).toMatchObject({ hasToken: false, isLoggedIn: false, canAct: false, canCall: false });
    // As nginx asks that was told nothing but where to: it names nobody.
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    closing({ close: () => socket.destroy() });
    socket.write(`GET /events HTTP/1.0\r\nHost: ${new URL(url).host}\r\n\r\n`);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 403 /);
    const own = JSON.parse((await fetchPage(`${url}session`)).body) as SessionInfo;
    expect(own).toMatchObject({ hasToken: false, isLoggedIn: true, canAct: true, canCall: false });
  });

  test('with a token there is the page alone until the login, and nothing after the logout', async () => {
    const url = await makeInspector({ token: TOKEN }).listen(0);
    expect((await fetchPage(url)).status).toBe(200);
    for (const path of [EVENTS, 'traffic/1', 'export?format=pcapng'])
      expect([path, (await fetchPage(new URL(path, url).href)).status]).toEqual([path, 401]);
    for (const path of ['view', 'action']) expect((await post(new URL(path, url), {})).status).toBe(401);
    const wrong = await post(new URL('login', url), { token: `${TOKEN}!` });
    expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined]);

    const right = await post(new URL('login', url), { token: TOKEN });
    const [cookie = ''] = right.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(right.body).not.toContain(TOKEN);
    expect(JSON.parse(right.body)).toMatchObject({ isLoggedIn: true, canAct: true, canCall: true });
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    const stream = await openStream(url, { section: 'overview' }, headers);
    await stream.next('status');
    await stream.look({ section: 'traffic' });
    await stream.next('traffic');

    expect((await ask(new URL('logout', url), { ...OWN, ...headers }, 'POST')).status).toBe(200);
    expect(await statusOf(new URL(EVENTS, url), headers)).toBe(401);
    const forged = { cookie: headers.cookie.replace(/=.*/, `=${'A'.repeat(43)}`) };
    expect(await statusOf(new URL(EVENTS, url), forged)).toBe(401);
  });

  test('over HTTPS of a proxy the cookie is for HTTPS alone', async () => {
    const url = await makeInspector({ token: TOKEN, allowedHosts: ['console.example.com'] }).listen(0);
    const headers = { host: 'console.example.com', origin: 'https://console.example.com' };
    const { headers: answered } = await post(new URL('login', url), { token: TOKEN }, headers);
    expect(answered['set-cookie']?.[0]).toMatch(/; Secure$/);
  });

  test('who guesses is stopped, and the token is good again after a while', () => {
    let now = 0;
    const logins = new Logins(TOKEN, () => now);
    for (let i = 0; i < 10; i++) expect(logins.login(`guess ${i}`)).toBe('wrong');
    expect(logins.login('one more')).toBe('too often');
    expect(logins.login(TOKEN)).toBe('too often');
    now += 5000;
    expect(logins.login(TOKEN)).toEqual({ session: expect.stringMatching(/^[\w-]{43}$/) });
  });

  test('sessions are bounded in number and in time', () => {
    let now = 0;
    const logins = new Logins(TOKEN, () => now);
    const sessions = Array.from({ length: 65 }, () => {
      const outcome = logins.login(TOKEN);
      return typeof outcome === 'object' ? outcome.session : '';
    });
    expect([logins.isSession(sessions[0]), logins.isSession(sessions[64])]).toEqual([false, true]);
    now += 43_200_001;
    expect(logins.isSession(sessions[64])).toBe(false);
    expect(logins.isSession(undefined)).toBe(false);
  });
});
