/**
 * A tour of the console in Chromium: each of its controls is used, against servers of several kinds with players. Then every place is looked at with axe,
 * at 1280 and at 390 pixels, light and dark. `CONSOLE_SCREENSHOTS=FOLDER` keeps pictures of them.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built } from '../support/built.ts';
import { peer } from '../support/peers.ts';
import { newTab } from './support.ts';
import { TOKEN, TourGame } from './tourGame.ts';

built('src/inspector/page');
const browser = peer('chromium');
/** Waits for what shall be so, longer than vitest does: a machine may be busy. */
const soon = <Value>(look: () => Value) => expect.poll(look, { timeout: 15_000 });
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FOLDER = process.env['CONSOLE_SCREENSHOTS'];

describe.skipIf(browser.isMissing)(`a tour of the console${browser.note}`, { timeout: 120_000 }, () => {
  let chrome: Browser;
  let game: TourGame;
  let tab: Page;
  let problems: string[];
  beforeAll(async () => {
    [chrome, game] = await Promise.all([
      chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] }),
      TourGame.open(),
    ]);
    ({ tab, problems } = await newTab(await chrome.newContext({ viewport: { width: 1280, height: 800 } })));
    tab.setDefaultTimeout(15_000);
  }, 60_000);
  afterAll(async () => {
    await chrome?.close();
    await game?.close();
  });

  const button = (name: string | RegExp): Locator =>
    tab.getByRole('button', { name, exact: typeof name === 'string' });
  const section = (name: string): Locator =>
    tab.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name });
  const table = (name: string): Locator => tab.getByRole('table', { name, exact: true });
  const result = (text: string | RegExp): Promise<void> =>
    tab.getByRole('status', { name: 'Results' }).getByText(text).last().waitFor();
  /** Fills in the question that is open, and says yes. */
  const answer = async (yes: string, fields: Readonly<Record<string, string>> = {}): Promise<void> => {
    const dialog = tab.getByRole('dialog');
    for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value);
    await dialog.getByRole('button', { name: yes, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  const chooseServer = async (name: string): Promise<void> => {
    await tab.getByRole('combobox', { name: 'Server' }).selectOption({ label: name });
  };

  test('the door: without the token there is nothing but a form', async () => {
    await tab.goto(game.url);
    await tab.getByLabel('Token').fill('not the token of the tour');
    await button('Log in').click();
    await tab.getByRole('alert').filter({ hasText: /token/i }).waitFor();
    await picture('login', 1280, 'light');
    await tab.getByLabel('Token').fill(TOKEN);
    await button('Log in').click();
    await section('Overview').waitFor();
    // The browser tells of each 401 as an error.
    problems.length = 0;
  });

  test('servers', async () => {
    await section('Servers').click();
    for (const name of ['arenas', 'accounts', 'node ulm'])
      await table('Servers').getByRole('link', { name }).waitFor();
    await button('Close the door of accounts').click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await button('Open the door of accounts').count()).toBe(0);
    await button('Close the door of accounts').click();
    await answer('Close the door');
    await button('Open the door of accounts').click();
    await answer('Open the door');
    await button('Close the door of accounts').waitFor();
    await button('Message to all of accounts').click();
    await answer('Send', { Text: 'Hello <b>all</b>' });
    await soon(() => game.messages).toContain('Hello <b>all</b>');
    await table('Servers').getByRole('link', { name: 'accounts' }).click();
    await tab.getByRole('heading', { name: 'DTLS' }).waitFor();
    await tab.getByText(/39\d days left/).waitFor();
    await chooseServer('arenas');
    await tab.getByRole('heading', { name: /^Events/ }).waitFor();
  });

  test('peers: search, order, one of them, message, move, kick, ban', async () => {
    await section('Peers').click();
    const rows = table('Peers').getByRole('row');
    await soon(() => rows.count()).toBe(7);
    await tab.getByRole('searchbox', { name: 'Search peers' }).fill('cleo');
    await soon(() => rows.count()).toBe(2);
    await tab.getByRole('searchbox', { name: 'Search peers' }).fill('');
    await button('round trip').click();
    await tab.getByRole('columnheader', { name: 'round trip ↑' }).waitFor();
    await button('round trip ↑').click();
    await tab.getByRole('columnheader', { name: 'round trip ↓' }).waitFor();
    await tab.getByRole('searchbox', { name: 'Search peers' }).fill('cleo');
    await soon(() => rows.count()).toBe(2);
    await rows.nth(1).getByRole('link').first().click();
    const pane = tab.getByRole('region', { name: /^Peer / });
    await pane.getByText('round trip').first().waitFor();
    await pane.getByRole('button', { name: 'Message' }).click();
    await answer('Send', { Text: 'Hello Cleo' });
    await soon(() => game.told.some((text) => text.endsWith('Hello Cleo'))).toBe(true);
    await pane.getByRole('button', { name: 'Move' }).click();
    await answer('Move');
    await pane.getByText('south').first().waitFor();
    await pane.getByRole('button', { name: 'Kick' }).click();
    await answer('Kick', { 'Reason, which it is told where the protocol can': 'for the tour' });
    await pane.getByText('This peer is not there (any more).').waitFor();
    await button('Close details').click();
    await chooseServer('accounts');
    await soon(() => rows.count()).toBe(5);
    await button('Ban an address').click();
    await answer('Ban', { 'IP address': '192.0.2.66', 'Minutes (empty: until the server stops)': '5' });
    await table('Banned addresses').getByText('192.0.2.66').first().waitFor();
    await button('Let in again 192.0.2.66').click();
    await tab.getByText('No address is banned.').waitFor();
  });

  test('rooms: search, order, one of them, lock, message, close', async () => {
    await chooseServer('arenas');
    await section('Rooms').click();
    const rows = table('Rooms').getByRole('row');
    await tab.getByRole('searchbox', { name: 'Search rooms' }).fill('south');
    await soon(() => rows.count()).toBe(2);
    await tab.getByRole('searchbox', { name: 'Search rooms' }).fill('');
    await button('players').click();
    await tab.getByRole('columnheader', { name: 'players ↑' }).waitFor();
    await table('Rooms').getByRole('link', { name: 'south' }).click();
    const pane = tab.getByRole('region', { name: 'Room south' });
    await pane.getByRole('button', { name: 'Lock' }).click();
    await answer('Lock');
    await pane.getByRole('button', { name: 'Unlock' }).click();
    await answer('Unlock');
    await pane.getByRole('button', { name: 'Lock' }).waitFor();
    // Cleo was moved here, and put out.
    await pane.getByRole('link', { name: 'Its peers' }).click();
    await tab.getByRole('link', { name: 'room south ✕' }).click();
    await tab.goBack();
    await tab.goBack();
    await pane.getByRole('link', { name: 'Its scene' }).waitFor();
    await table('Rooms').getByRole('link', { name: 'north' }).click();
    const north = tab.getByRole('region', { name: 'Room north' });
    await north.getByRole('button', { name: 'Message' }).click();
    await answer('Send', { Text: 'Hello north' });
    await soon(() => game.told.filter((text) => text.endsWith('Hello north'))).not.toEqual([]);
    await table('Rooms').getByRole('link', { name: 'south' }).click();
    await pane.getByRole('button', { name: 'Close the room' }).click();
    await answer('Close the room');
    await pane.getByText('This room is not in the list (any more).').waitFor();
  });

  test('the cluster', async () => {
    await chooseServer('node ulm');
    await section('Cluster').click();
    await table('Nodes').getByText('(this one)').waitFor();
    await tab.getByRole('searchbox', { name: 'Search rooms of the cluster' }).fill('north');
    await soon(() => table('Rooms of the cluster').getByRole('row').count()).toBe(2);
  });

  test('the scene: search, open, choose, call by hand', async () => {
    await chooseServer('arenas');
    await section('Scene').click();
    await tab.getByRole('combobox', { name: 'Room' }).selectOption({ index: 0 });
    await tab.getByRole('searchbox', { name: 'Search nodes' }).fill('Main');
    await tab.getByRole('treeitem', { name: /Main/ }).first().click();
    const pane = tab.getByRole('region', { name: 'Main' });
    await pane.getByRole('button', { name: 'Call chat' }).click();
    await answer('Call', { 'Arguments in Godot': '"console", "a call by hand"' });
    await soon(() => game.heard.some((text) => text.includes('console: a call by hand'))).toBe(true);
    await button('Close details').click();
    await tab.getByRole('searchbox', { name: 'Search nodes' }).fill('');
    await tab.getByRole('treeitem', { level: 2 }).first().waitFor();
    await tab.getByRole('treeitem', { name: /root/ }).first().focus();
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('Enter');
    await tab.getByRole('heading', { name: 'Properties' }).waitFor();
  });

  test('calls', async () => {
    await section('Calls').click();
    const rows = table('Calls').getByRole('row');
    await soon(() => rows.count()).toBeGreaterThan(3);
    await button('Pause').click();
    await button('Follow').click();
    await table('Calls by method').getByRole('link').first().click();
    await soon(() => tab.getByRole('searchbox', { name: 'Search calls' }).inputValue()).not.toBe('');
    await tab.getByRole('searchbox', { name: 'Search calls' }).fill('no such call');
    await tab.getByText('No call matches the search yet.').waitFor();
  });

  test('charts: ranges, zoom, lines, data as a table', async () => {
    await chooseServer('accounts');
    await section('Charts').click();
    await tab.getByRole('heading', { name: 'Datagrams', exact: true }).waitFor();
    for (const name of ['5 min', '1 min', 'Zoom in', 'Zoom out', 'Earlier', 'Later'])
      await button(name).click();
    await tab.getByText(/, stays$/).waitFor();
    await button('Back to now').click();
    const chart = tab.getByRole('region', { name: 'Datagrams', exact: true });
    const line = chart.getByRole('button').first();
    await line.click();
    expect(await line.getAttribute('aria-pressed')).toBe('false');
    await line.click();
    await chart.getByText('Data of Datagrams as a table').click();
    await chart.getByRole('row').nth(1).waitFor();
    expect(await chart.locator('canvas').count()).toBe(1);
  });

  test('traffic: filter, pause, one datagram with its bytes and values, links, files', async () => {
    await section('Traffic').click();
    const rows = table('Datagrams').getByRole('row');
    await soon(() => rows.count()).toBeGreaterThan(10);
    const filter = tab.getByRole('searchbox', { name: 'Filter of the traffic' });
    await filter.fill('channel:nothing');
    await soon(() => tab.locator('#filter-problem').textContent()).not.toBe('');
    await filter.fill('in event:ask');
    await tab.getByText(/^Matches are kept/).waitFor();
    await soon(() => rows.count()).toBeGreaterThan(2);
    await soon(() => rows.nth(1).textContent()).toContain('ask');
    await tab.getByText('What a filter may have').click();
    await tab.getByText('a part of address and port').waitFor();
    await tab.getByText('What a filter may have').click();
    await tab.getByLabel('Rows').selectOption('25');
    await rows.nth(1).getByRole('link').click();
    // Who opens a row has stopped the list.
    await button('Follow').waitFor();
    const pane = tab.getByRole('region', { name: /^Datagram / });
    await pane.getByText('"ask"').first().waitFor();
    await pane
      .getByRole('button', { name: /^SEND_/ })
      .first()
      .click();
    expect(await pane.locator('.hex .on').count()).toBeGreaterThan(0);
    const name = await pane.getAttribute('aria-label');
    await pane.getByRole('link', { name: /^Before/ }).click();
    await soon(() => pane.getAttribute('aria-label')).not.toBe(name);
    await pane.getByRole('link', { name: /^After/ }).click();
    await soon(() => pane.getAttribute('aria-label')).toBe(name);
    await tab.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await pane.getByRole('button', { name: 'Copy the link' }).click();
    await result('The link was copied.');
    const link = await tab.evaluate<string>('navigator.clipboard.readText()');
    const other = await tab.context().newPage();
    await other.goto(link);
    await other
      .getByRole('region', { name: name ?? '' })
      .getByText('"ask"')
      .first()
      .waitFor();
    await other.close();
    await button('Close details').click();
    for (const [link, magic] of [
      [/^Export matches as pcapng/, '0a0d0d0a'],
      ['Session of the first address', '7b2277686174223a'],
    ] as const) {
      const [file] = await Promise.all([
        tab.waitForEvent('download'),
        tab.getByRole('link', { name: link }).click(),
      ]);
      const bytes = readFileSync((await file.path()) ?? expect.fail('no file'));
      expect(bytes.length).toBeGreaterThan(100);
      expect(bytes.toString('hex').startsWith(magic)).toBe(true);
    }
    // A packet in fragments is put together again.
    await filter.fill('out command:FRAGMENT');
    await soon(() => rows.nth(1).textContent()).toContain('FRAGMENT');
    await rows.nth(1).getByRole('link').click();
    await pane
      .getByText(/^put together of \d+ datagrams/)
      .first()
      .waitFor();
    await button('Close details').click();
    for (const name of ['Oldest', 'Follow', 'Pause', 'Older', 'Newer']) {
      const control = button(name);
      if (await control.isEnabled()) await control.click();
    }
  });

  test('every place, at 1280 and 390 pixels, light and dark: axe finds nothing, nothing is cut off', {
    timeout: 120_000,
  }, async () => {
    await chooseServer('arenas');
    await section('Peers').click();
    const key = await table('Peers').getByRole('link').first().getAttribute('href');
    await tab.goto(`${game.url}#/traffic?filter=in%20event:ask&limit=25`);
    const datagram = await table('Datagrams').getByRole('link').first().getAttribute('href');
    const places: Readonly<Record<string, string>> = {
      overview: '#/overview?server=2',
      charts: '#/charts',
      servers: '#/servers',
      peers: '#/peers',
      peer: key ?? '',
      rooms: '#/rooms/north',
      cluster: '#/cluster?server=3',
      scene: '#/scene/%2Froot%2FMain',
      calls: '#/calls',
      traffic: '#/traffic',
      datagram: datagram ?? '',
    };
    const found: string[] = [];
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
    ] as const) {
      await tab.setViewportSize({ width, height });
      for (const scheme of ['light', 'dark'] as const) {
        await tab.emulateMedia({ colorScheme: scheme });
        // Each width and each scheme is looked at by axe once, which takes a second each time; with a folder for pictures all four are.
        const isLooked = FOLDER !== undefined || (width === 1280) === (scheme === 'light');
        if (!isLooked) continue;
        for (const [name, place] of Object.entries(places)) {
          // The lists stand beside what is open of them, too.
          if (FOLDER === undefined && (name === 'peers' || name === 'traffic')) continue;
          await tab.goto(game.url + place);
          await soon(() => tab.getByText(/^Waiting|^Loading/).count()).toBe(0);
          found.push(...(await axe()).map((text) => `${name}, ${width}, ${scheme}: ${text}`));
          const most = await tab.evaluate<number>('document.documentElement.scrollWidth');
          if (most > width) found.push(`${name}, ${width}, ${scheme}: it is ${most} wide`);
          await picture(name, width, scheme);
        }
      }
    }
    expect(found).toEqual([]);
  });

  test('and out', async () => {
    await button('Log out').click();
    await tab.getByLabel('Token').waitFor();
    expect(problems).toEqual([]);
  });

  /** What axe has against the page. */
  async function axe(): Promise<string[]> {
    if (!(await tab.evaluate<boolean>("'axe' in globalThis"))) await tab.evaluate(AXE);
    return tab.evaluate<string[]>(
      `axe.run(document, { resultTypes: ['violations'], elementRef: false }).then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(' | ')))`,
    );
  }

  async function picture(name: string, width: number, scheme: string): Promise<void> {
    if (FOLDER === undefined) return;
    mkdirSync(FOLDER, { recursive: true });
    await tab.screenshot({ path: join(FOLDER, `${name}-${width}-${scheme}.png`) });
  }
});
