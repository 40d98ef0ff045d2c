/** The page alone, with a server of the test that speaks its protocol: what it does when that is away, refuses, or says bad things. */
import { type Browser, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { built } from '../support/built.ts';
import { peer } from '../support/peers.ts';
import { FakeConsole, type FakeOptions } from './fakeConsole.ts';
import { newTab } from './support.ts';

built('src/inspector/page');
const browser = peer('chromium');
/** Waits for what shall be so, longer than vitest does: a machine may be busy. */
const soon = <Value>(look: () => Value) => expect.poll(look, { timeout: 15_000 });

describe.skipIf(browser.isMissing)(`the page of the console${browser.note}`, { timeout: 60_000 }, () => {
  let chrome: Browser;
  let fake: FakeConsole;
  beforeAll(async () => {
    chrome = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterEach(() => fake.close());
  afterAll(() => chrome.close());

  async function open(options: FakeOptions, place = '') {
    fake = new FakeConsole(options);
    const url = await fake.listen();
    const { tab, problems } = await newTab(chrome);
    await tab.goto(url + place);
    return { tab, problems, url };
  }

  test('asks for the token, and again when the session has ended', async () => {
    const { tab, problems } = await open({ token: 'open sesame, please' }, '#/rooms');
    await tab.getByLabel('Token').fill('sesame');
    await tab.getByRole('button', { name: 'Log in' }).click();
    await tab.getByText('This is not the token.').waitFor();
    await tab.getByLabel('Token').fill('open sesame, please');
    await tab.keyboard.press('Enter');
    // It is where the link led.
    await tab.getByRole('heading', { name: 'Rooms (3)' }).waitFor();
    await tab.getByRole('link', { name: 'arena 0' }).click();
    fake.endSessions();
    await tab.getByRole('button', { name: 'Lock' }).click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Lock' }).click();
    await tab.getByLabel('Token').waitFor();
    await tab.getByText('Not done: Log in first.').waitFor();
    expect(fake.actions).toEqual([]);
    // Chromium prints each answer with 401 as an error of its console.
    expect(problems.filter((text) => !text.includes('401'))).toEqual([]);
  });

  test('says that the server is away, and goes on when it is back', async () => {
    const { tab } = await open({}, '#/peers');
    await tab.getByRole('heading', { name: 'Peers (12)' }).waitFor();
    fake.isAway = true;
    fake.cut();
    await tab.getByText('connection lost, trying again').waitFor();
    // What was seen last stays.
    expect(await tab.getByRole('link', { name: 'Player 3' }).count()).toBe(1);
    fake.isAway = false;
    await tab.getByText('live', { exact: true }).waitFor();
    await tab.getByRole('searchbox').fill('Player 11');
    await tab.getByRole('heading', { name: 'Peers (1 of 12)' }).waitFor();
  });

  test('a connection that says nothing any more is lost, though nobody ends it', async () => {
    const { tab } = await open({}, '#/peers');
    await tab.getByRole('heading', { name: 'Peers (12)' }).waitFor();
    fake.hush();
    await tab.getByText('connection lost, trying again').waitFor();
    await tab.getByText('live', { exact: true }).waitFor();
  });

  test('much that is looked at is said when the stream is there, as no address has room for it', async () => {
    const { tab, problems } = await open({}, `#/scene/${'x'.repeat(20_000)}`);
    await tab.getByText('live', { exact: true }).waitFor();
    await tab.getByText('This node is not there (any more).').waitFor();
    expect(problems).toEqual([]);
  });

  test('what strangers say is text, in every section', async () => {
    const { tab, problems, url } = await open({});
    const sections = [
      'overview',
      'peers',
      'peers/p3',
      'rooms/arena 1',
      'cluster',
      'scene',
      'calls',
      'traffic',
      'traffic/33',
    ];
    for (const section of sections) {
      await tab.goto(`${url}#/${section}`);
      await tab.getByRole('main').locator('.card').first().waitFor();
      await tab.getByText('Waiting for the server…').waitFor({ state: 'detached' });
      expect(await tab.locator('main img, main script, main b b').count()).toBe(0);
    }
    await tab.goto(`${url}#/peers/p3`);
    await tab.getByText('"team": "<img src=x>"').last().waitFor();
    // A section that there is not, and a link that somebody has cut off.
    await tab.goto(`${url}#/nowhere/%E0%A4%A`);
    await tab.getByText('calls received').first().waitFor();
    expect(problems).toEqual([]);
  });

  test('a part of the charts that was chosen stays: while seconds come, elsewhere, and over a reload', async () => {
    const { tab, problems } = await open({}, '#/charts');
    await tab.getByRole('button', { name: '1 min', exact: true }).click();
    await tab.getByRole('button', { name: 'Zoom in' }).click();
    const shown = tab.getByText(/^\d\d:\d\d:\d\d to \d\d:\d\d:\d\d, stays$/);
    const text = await shown.textContent();
    const canvas = tab.getByRole('img', { name: /^Chart of Datagrams/ });
    const box = (await canvas.boundingBox()) ?? expect.fail('no chart');
    await tab.mouse.move(box.x + box.width * 0.5, box.y + 60);
    await tab.mouse.down();
    await tab.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 4 });
    await tab.mouse.up();
    await soon(() => shown.textContent()).not.toBe(text);
    const marked = await shown.textContent();
    await tab.waitForTimeout(1500);
    expect(await shown.textContent()).toBe(marked);
    await tab.getByRole('link', { name: /^Rooms/ }).click();
    await tab.getByRole('link', { name: 'arena 0' }).waitFor();
    await tab.goBack();
    await soon(() => shown.textContent()).toBe(marked);
    await tab.reload();
    await soon(() => shown.textContent()).toBe(marked);
    await tab.getByText('Data of Datagrams as a table').click();
    await tab.getByRole('group', { name: 'Data of Datagrams' }).getByRole('row').nth(3).waitFor();
    await tab.getByRole('button', { name: 'Back to now' }).click();
    await shown.waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });

  test('a pause stands while datagrams come, and older and newer ones are reached', async () => {
    const { tab, problems } = await open({ rate: 200 }, '#/traffic');
    const first = tab.getByRole('table', { name: 'Datagrams' }).getByRole('link').first();
    await first.waitFor();
    await tab.getByRole('button', { name: 'Pause' }).click();
    await tab.getByText(/newer$/).waitFor();
    const at = await first.textContent();
    await tab.waitForTimeout(600);
    expect(await first.textContent()).toBe(at);
    await tab.getByRole('button', { name: 'Newer' }).click();
    await soon(() => first.textContent()).toBe(String(Number(at) + 50));
    await tab.getByRole('button', { name: 'Older' }).click();
    await soon(() => first.textContent()).toBe(at);
    await tab.getByRole('button', { name: 'Oldest' }).click();
    await soon(() => first.textContent()).toBe('50');
    await tab.getByRole('button', { name: 'Follow' }).click();
    await soon(async () => Number(await first.textContent())).toBeGreaterThan(Number(at));
    // By keyboard: from row to row, into the details, and back.
    await tab.getByRole('button', { name: 'Pause' }).click();
    await first.focus();
    await tab.keyboard.press('ArrowDown');
    const focused = await tab.evaluate<string>('document.activeElement.textContent');
    await tab.keyboard.press('Enter');
    await tab.getByRole('region', { name: `Datagram ${focused}` }).waitFor();
    await tab.keyboard.press('Escape');
    await soon(() => tab.evaluate<string>('document.activeElement.textContent')).toBe(focused);
    expect(problems).toEqual([]);
  });

  test('a long list comes in pages, in the order that was asked for', async () => {
    const { tab, problems } = await open({ peers: 120 }, '#/peers');
    const first = tab.getByRole('table', { name: 'Peers' }).getByRole('link').first();
    await tab.getByText('1–50 of 120').waitFor();
    await tab.getByRole('button', { name: 'Next' }).click();
    await tab.getByText('51–100 of 120').waitFor();
    expect(await first.textContent()).toBe('Player 50');
    await tab.getByRole('button', { name: 'Next' }).click();
    await tab.getByText('101–120 of 120').waitFor();
    expect(await tab.getByRole('button', { name: 'Next' }).isEnabled()).toBe(false);
    await tab.getByRole('button', { name: 'Previous' }).click();
    await tab.getByText('51–100 of 120').waitFor();
    // Another order begins at its first page, and the address has it.
    await tab.getByRole('button', { name: 'connected' }).click();
    await tab.getByText('1–50 of 120').waitFor();
    await tab.getByRole('button', { name: 'connected ↑' }).click();
    await soon(() => first.textContent()).toBe('Player 119');
    await tab.reload();
    await soon(() => first.textContent()).toBe('Player 119');
    // Too narrow for the heads of columns there is a list of orders.
    await tab.setViewportSize({ width: 390, height: 844 });
    await tab.getByLabel('Order of peers').selectOption({ label: 'id ↑' });
    await soon(() => first.textContent()).toBe('Player 0');
    expect(problems).toEqual([]);
  });

  test('the keyboard walks the tree of the scene', async () => {
    const { tab, problems } = await open({}, '#/scene');
    const focused = () => tab.evaluate<string>("document.activeElement.querySelector('.name')?.textContent");
    await tab.getByRole('treeitem', { name: /^▾?\s*root/ }).focus();
    await tab.keyboard.press('ArrowRight');
    await soon(focused).toBe('Alpha');
    await tab.keyboard.press('ArrowRight');
    await tab.getByRole('treeitem', { expanded: true, level: 2 }).waitFor();
    await tab.keyboard.press('ArrowRight');
    await soon(focused).toBe('Alpha');
    await tab.keyboard.press('End');
    await soon(focused).toBe('Gamma');
    await tab.keyboard.press('Home');
    await tab.keyboard.press('b');
    await soon(focused).toBe('Beta');
    await tab.keyboard.press('ArrowLeft');
    await soon(focused).toBe('Alpha');
    await tab.keyboard.press('Enter');
    await tab.getByRole('region', { name: 'Alpha' }).getByText('MultiplayerSynchronizer at').waitFor();
    await tab.keyboard.press('Escape');
    await soon(focused).toBe('Alpha');
    await tab.keyboard.press('ArrowLeft');
    await tab.getByRole('treeitem', { level: 3 }).first().waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });
});
