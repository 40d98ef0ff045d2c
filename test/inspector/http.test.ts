/** The inspector over HTTP: its files, who may ask, its stream. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Inspector } from '../../src/inspector.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { fetchPage, makeInspector, nextSnapshot, statusOf, talk } from './support.ts';

expectDiagnoses('it shows a datagram that is no ENet');

describe('the inspector over HTTP', () => {
  test('serves the page and every file that it needs', async () => {
    const url = await makeInspector().listen(0);
    const page = await fetchPage(url);
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(files).toEqual(['/icon.svg', '/style.css', '/app.js']);
    for (const file of [...files, '/licenses.txt']) {
      const answer = await fetchPage(new URL(file, url).href);
      expect([file, answer.status]).toEqual([file, 200]);
      expect(answer.body.length).toBeGreaterThan(50);
    }
  });

  test('its libraries are inside, and their licences with them', async () => {
    const url = await makeInspector().listen(0);
    const bodyOf = async (file: string): Promise<string> => (await fetchPage(new URL(file, url).href)).body;
    expect(await bodyOf('/app.js')).not.toMatch(/\bimport\b\s*["'({*\w]/);
    expect(await bodyOf('/style.css')).not.toMatch(/@import|url\(/);
    const licenses = await bodyOf('/licenses.txt');
    for (const name of ['htm', 'uplot']) {
      const text = readFileSync(new URL(`../../node_modules/${name}/LICENSE`, import.meta.url), 'utf8');
      expect(licenses).toContain(text.trim());
    }
    expect(licenses).toContain('Jason Miller');
  });

  test.each([
    ['another host name, as DNS rebinding makes it', '/', { host: 'evil.example' }, 403],
    ['a path that is not there', '/nothing', {}, 404],
    ['a path that climbs', '/../package.json', {}, 404],
  ])('refuses %s', async (_title, path, headers: Record<string, string>, status) => {
    const url = await makeInspector().listen(0);
    expect((await fetchPage(new URL(path, url).href, headers)).status).toBe(status);
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
      const title = nextSnapshot(url, () => true).then((snapshot) => snapshot.title);
      expect(await title).toBe('test page');
      await inspector.close();
      expect((await fetchPage(`${url}own`)).body).toBe('own');
    } finally {
      await new Promise((resolve) => http.close(resolve));
    }
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
    const files = ['/', '/app.js', '/style.css', '/icon.svg', '/licenses.txt'];
    for (const file of files) {
      expect([file, (await fetchPage(new URL(file, url).href, sent)).status]).toEqual([file, status]);
    }
    expect(await statusOf(new URL('/events', url), sent)).toBe(status);
  });

  test('streams totals, decoded datagrams and drops', async () => {
    const inspector = makeInspector();
    const url = await inspector.listen(0);
    const step = talk(inspector);
    // Slowly: rows that are replaced all the time never stand still for the browser of a busy machine.
    const timer = setInterval(step, 100);
    try {
      const snapshot = await nextSnapshot(url, ({ rows }) =>
        rows.some((row) => row.parts.some((part) => part.includes('hello'))),
      );
      expect(snapshot.title).toBe('test page');
      expect(snapshot.totals.datagramsIn).toBeGreaterThan(0);
      expect(snapshot.totals.datagramsOut).toBeGreaterThan(0);
      expect(snapshot.drops).toEqual([
        {
          reason: 'BAD_COMMAND',
          times: expect.any(Number),
          text: expect.stringContaining('command is cut off'),
        },
      ]);
      expect(snapshot.rows.flatMap((row) => row.parts)).toContainEqual(
        expect.stringMatching(/^SEND_RELIABLE channel 0 #\d+ "hello"$/),
      );
    } finally {
      clearInterval(timer);
    }
  });

  test('a port in use is an error, and the inspector can listen elsewhere afterwards', async () => {
    const url = await makeInspector().listen(0);
    const second = makeInspector();
    await expect(second.listen(Number(new URL(url).port))).rejects.toThrow('EADDRINUSE');
    await expect(second.listen(0)).resolves.toContain('http://127.0.0.1:');
  });

  test('bad options name the option', () => {
    expect(() => new Inspector({ updateMs: 1 })).toThrow('"updateMs" expected integer 50..10000, got 1');
    expect(() => new Inspector({ rowsPerUpdate: 0 })).toThrow('"rowsPerUpdate"');
  });
});
