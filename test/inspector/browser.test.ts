/** The inspector in a browser: its page, and the pages of others. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { peer } from '../support/peers.ts';
import { play, playedGame } from './scene.ts';
import { makeInspector, newTab, statusOf, talk } from './support.ts';

expectDiagnoses('it shows a datagram that is no ENet');

const browser = peer('chromium');

describe.skipIf(browser.isMissing)(`the page in a browser${browser.note}`, () => {
  test('a foreign page takes no place of a viewer', { timeout: 120_000 }, async () => {
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
  });

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
      const { tab, problems } = await newTab(chrome);
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

  test('shows a SceneMultiplayer; what remotes send is text', async () => {
    const game = playedGame(6);
    const inspector = makeInspector();
    inspector.watch(game.server.multiplayer);
    const url = await inspector.listen(0);
    let tick = 0;
    const timer = setInterval(() => play(game, tick++), 100);
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
      const { tab, problems } = await newTab(chrome);
      await tab.goto(url);
      await tab.getByText('/root/Main.say("hello <img src=x').first().waitFor();
      await tab.getByText('Mismatches, the latest first').waitFor();
      await tab
        .getByText(/^there is no node at "Boss <img src=x/)
        .first()
        .waitFor();
      await tab.getByRole('cell', { name: 'ENet', exact: true }).first().waitFor();
      expect(await tab.getByRole('heading', { name: 'Datagrams' }).count()).toBe(0);
      // Nothing of it became an element, and nothing ran.
      expect(await tab.locator('main img, main script').count()).toBe(0);
      expect(await tab.title()).toBe('test page (6)');
      const screenshot = process.env['SCREENSHOT_SCENE'];
      if (screenshot !== undefined) await tab.screenshot({ path: screenshot, fullPage: true });
      await tab.getByRole('searchbox', { name: 'filter of Calls' }).fill('score(');
      await tab.getByText('/root/Main.score(3,').first().waitFor();
      expect(await tab.getByText('/root/Main.say(').count()).toBe(0);
      expect(problems).toEqual([]);
    } finally {
      clearInterval(timer);
      await chrome.close();
    }
  });
});
