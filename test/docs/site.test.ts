/**
 * The site that `npm run docs` has built, in a browser that reaches nothing but this machine: pages of each kind, its search, its dark side,
 * and what it has for language models. It is not built here, since that takes half a minute: `npm run check` does.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peer } from '../support/peers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SITE = join(ROOT, '.build/site');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};

const browser = peer('chromium');
const isBuilt = spawnSync(process.execPath, [join(ROOT, 'scripts/site/build.mjs'), '--look']).status === 0;
if (!isBuilt && process.env['REQUIRE_PEERS'] === '1') {
  throw new Error('REQUIRE_PEERS is set, but .build/site is not what the sources give: npm run docs');
}
const note = isBuilt ? browser.note : ' [skipped: .build/site is not built of these sources; npm run docs]';

describe.skipIf(browser.isMissing || !isBuilt)(`the site${note}`, { timeout: 120_000 }, () => {
  let server: Server;
  let chrome: Browser;
  let url = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const asked = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname));
      const path = asked === '/' ? 'index.html' : asked;
      try {
        const bytes = readFileSync(join(SITE, path));
        response.setHeader('content-type', TYPES[extname(path)] ?? 'text/plain');
        response.end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    chrome = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(async () => {
    await chrome?.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  /** Opens a page; it must load whole, from here alone, without a word in the console. */
  async function open(
    path: string,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ tab: Page; problems: string[] }> {
    const tab = await chrome.newPage({ colorScheme });
    const problems: string[] = [];
    tab.on('console', (line) => problems.push(`${line.type()}: ${line.text()}`));
    tab.on('pageerror', (error) => problems.push(error.message));
    tab.on('request', (request) => {
      if (!request.url().startsWith(`${url}/`) && !request.url().startsWith('data:'))
        problems.push(request.url());
    });
    await tab.goto(`${url}${path}`, { waitUntil: 'networkidle' });
    return { tab, problems };
  }

  test('the home page leads each reader to their guides', async () => {
    const { tab, problems } = await open('/');
    await tab.locator('.col-content').getByRole('link', { name: 'for a Godot developer' }).click();
    await tab.getByRole('heading', { name: 'For a Godot developer' }).waitFor();
    await tab.locator('.col-content').getByRole('link', { name: 'Ten minutes to your own server' }).click();
    await tab.getByRole('heading', { name: 'Ten minutes to your own server' }).waitFor();
    expect(await tab.locator('pre').count()).toBeGreaterThan(5);
    // It stands in the sidebar of its reader, and is the page that is open.
    await tab
      .locator('#tsd-nav-container a.current', { hasText: 'Ten minutes' })
      .first()
      .waitFor({ state: 'attached' });
    expect(problems).toEqual([]);
    await tab.close();
  });

  test('a class is described, with links to what it takes', async () => {
    const { tab, problems } = await open('/classes/rooms.RoomServer.html');
    await tab.getByRole('heading', { name: 'Class RoomServer' }).waitFor();
    expect(await tab.locator('.col-content a[href*="RoomServerOptions"]').count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
    await tab.close();
  });

  test('the search finds pages and names', async () => {
    const { tab, problems } = await open('/guide/codec.html');
    await tab.keyboard.press('/');
    await tab.locator('#tsd-search-input').fill('matchmaking');
    await tab.locator('#tsd-search-results a[href$="guide/matchmaking.html"]').waitFor();
    await tab.locator('#tsd-search-input').fill('PlayerDirectory');
    await tab.locator('#tsd-search-results a[href$="PlayerDirectory.html"]').first().click();
    await tab.getByRole('heading', { name: 'Class PlayerDirectory' }).waitFor();
    expect(problems).toEqual([]);
    await tab.close();
  });

  test('it is dark where the system is', async () => {
    const brightness = async (scheme: 'light' | 'dark'): Promise<number> => {
      const { tab, problems } = await open('/gallery.html', scheme);
      const color = await tab.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(problems).toEqual([]);
      await tab.close();
      const [red = 0, green = 0, blue = 0] = (String(color).match(/\d+/g) ?? []).map(Number);
      return red + green + blue;
    };
    expect(await brightness('light')).toBeGreaterThan(600);
    expect(await brightness('dark')).toBeLessThan(200);
  });

  test('language models get every guide as Markdown', () => {
    const index = readFileSync(join(SITE, 'llms.txt'), 'utf8');
    const full = readFileSync(join(SITE, 'llms-full.txt'), 'utf8');
    const links = [...index.matchAll(/^- \[[^\]]+\]\(([^)]+)\)/gm)].map(([, target = '']) => target);
    expect(links.length).toBeGreaterThan(60);
    for (const target of links) expect(readFileSync(join(SITE, target), 'utf8')).not.toBe('');
    for (const target of links.filter((one) => one.startsWith('guide/'))) {
      expect(full).toContain(readFileSync(join(ROOT, 'docs', target), 'utf8'));
    }
    expect(full).toContain('- class `RoomServer`: ');
  });
});
