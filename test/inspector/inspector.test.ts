import { readFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { Host, Packet, PacketFlag } from '../../src/enet.ts';
import { Inspector } from '../../src/inspector.ts';
import { built } from '../support/built.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { peer } from '../support/peers.ts';

expectDiagnoses('it shows a datagram that is no ENet');

// Its page is built, also when the sources serve it.
built('src/inspector/page');

const browser = peer('chromium');
const open: Inspector[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((inspector) => inspector.close()));
});

function makeInspector(): Inspector {
  const inspector = new Inspector({ title: 'test page', updateMs: 50 });
  open.push(inspector);
  return inspector;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function fetchPage(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    }).on('error', reject);
  });
}

/** The status of an answer that may never end. */
function statusOf(url: URL, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0);
      response.on('error', () => undefined);
      request.destroy();
    });
    request.on('error', reject);
  });
}

/** The first message of the stream that satisfies `isWanted`. */
function nextSnapshot(url: string, isWanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const request = get(new URL('/events', url), { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (more: string) => {
        text += more;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const snapshot = JSON.parse(text.slice('data: '.length, end)) as Snapshot;
          text = text.slice(end + 2);
          if (!isWanted(snapshot)) continue;
          request.destroy();
          resolve(snapshot);
          return;
        }
      });
    });
    request.on('error', reject);
  });
}

interface Snapshot {
  readonly title: string;
  readonly totals: { readonly datagramsIn: number; readonly datagramsOut: number; readonly dropped: number };
  readonly drops: readonly { readonly reason: string; readonly times: number; readonly text: string }[];
  readonly peerCount: number;
  readonly rows: readonly { readonly direction: string; readonly parts: readonly string[] }[];
}

/** A host that talks to itself through the inspector's trace. */
function talk(inspector: Inspector): () => void {
  let now = 1000;
  let seed = 1;
  const random32 = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  const server = new Host({ peerCount: 4, random32, trace: inspector.trace });
  const client = new Host({ peerCount: 1, random32 });
  const serverAddress = { ip: '192.0.2.1', port: 7777 };
  const clientAddress = { ip: '192.0.2.2', port: 40_000 };
  const remote = client.connect(serverAddress, 2, 0);
  return () => {
    now += 10;
    remote?.send(0, new Packet(Uint8Array.of(4, 5, 0, 0, 0, 104, 101, 108, 108, 111), PacketFlag.RELIABLE));
    while (client.service(now) !== undefined);
    for (const { bytes } of client.drainOutbox()) server.receive(bytes, clientAddress);
    server.receive(Uint8Array.of(0x0f, 0xff, 99), { ip: '198.51.100.9', port: 1 });
    while (server.service(now) !== undefined);
    for (const { bytes } of server.drainOutbox()) client.receive(bytes, serverAddress);
  };
}

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

  test.skipIf(browser.isMissing)(
    `a foreign page takes no place of a viewer${browser.note}`,
    { timeout: 120_000 },
    async () => {
      const url = await makeInspector().listen(0);
      const foreign = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end('<!doctype html><title>evil</title>');
      });
      await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
      const { port } = foreign.address() as AddressInfo;
      const chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
      try {
        const page = await chrome.newPage();
        // Another port of one host is "same-site", another host "cross-site".
        for (const host of ['127.0.0.1', 'localhost']) {
          await page.goto(`http://${host}:${port}/`);
          const refused = await page.evaluate(async (target) => {
            const asEvents = Array.from(
              { length: 16 },
              () =>
                new Promise<string>((resolve) => {
                  const source = new EventSource(target);
                  source.onopen = () => resolve('open');
                  source.onerror = () => resolve(source.readyState === 2 ? 'closed' : 'again');
                }),
            );
            // Without cors the answer is hidden, but it ends: a stream would not.
            const asText = fetch(target, { mode: 'no-cors' }).then(
              () => 'ended',
              () => 'ended',
            );
            return Promise.all([...asEvents, asText]);
          }, new URL('/events', url).href);
          expect(new Set(refused)).toEqual(new Set(['closed', 'ended']));
        }
        expect(await statusOf(new URL('/events', url), {})).toBe(200);
      } finally {
        await chrome.close();
        await new Promise<void>((resolve) => foreign.close(() => resolve()));
      }
    },
  );

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

describe.skipIf(browser.isMissing)(`the page in a browser${browser.note}`, () => {
  test('shows traffic as it comes, without errors', async () => {
    const inspector = makeInspector();
    inspector.watch({
      getLocalPort: () => 7777,
      getPeers: () => [
        {
          peerId: 3,
          remoteAddress: '192.0.2.2',
          remotePort: 40_000,
          connectionState: 2,
          getPing: () => 17,
          getStatistic: () => 6554,
          getConnectionTime: () => 75.5,
        },
      ],
    });
    const url = await inspector.listen(0);
    const step = talk(inspector);
    // Slowly: rows that are replaced all the time never stand still for the browser of a busy machine.
    const timer = setInterval(step, 100);
    const chrome = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
    try {
      const tab = await chrome.newPage();
      const problems: string[] = [];
      tab.on('pageerror', (error) => problems.push(error.message));
      tab.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await tab.goto(url);
      await tab.getByText('SEND_RELIABLE').first().waitFor();
      await tab.getByText('192.0.2.2:40000').first().waitFor();
      expect(await tab.getByText('1 min 15 s').count()).toBe(1);
      expect(await tab.getByText('10.0 %').count()).toBe(1);
      expect(await tab.locator('#chart canvas').count()).toBe(1);
      await tab.getByRole('searchbox').fill('no such text');
      await tab.getByText('Nothing matches the filter.').waitFor();
      await tab.getByRole('searchbox').fill('BAD_COMMAND');
      await tab.locator('.log td.drop').first().waitFor();
      await tab.getByRole('button', { name: 'Pause' }).click();
      await tab.getByRole('button', { name: 'Resume' }).waitFor();
      const screenshot = process.env['SCREENSHOT'];
      if (screenshot !== undefined) await tab.screenshot({ path: screenshot, fullPage: true });
      expect(problems).toEqual([]);
    } finally {
      clearInterval(timer);
      await chrome.close();
    }
  });
});
