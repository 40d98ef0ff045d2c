/**
 * The console with many players: the CPU time of its page's process in Chromium, what looking costs the server, and whether the memory of both
 * stays as it is. An ENetServer sends each player an event three times per second, and each player it one: with acknowledgements and pings of 500 players some 5,000 datagrams per
 * second.
 * Linux only; needs Chromium and a build (the page is in `dist`).
 *
 *   npx tsx bench/consolePage.ts [--players=500] [--rate=3] [--seconds=20] [--minutes=10] [--json] [--only=PART]
 *
 * `--seconds`: for each section, and without a viewer. `--minutes`: how long the memory is watched in the end, with the traffic open (0: not at all).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { cpuUsOf } from './childServer.ts';
import { ConsolePlayers } from './consolePlayers.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    players: { type: 'string', default: '500' },
    rate: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '10' },
  },
});
const [players, rate, seconds, minutes] = [values.players, values.rate, values.seconds, values.minutes].map(
  Number,
) as [number, number, number, number];
const SECTIONS = ['overview', 'peers', 'charts', 'traffic', 'traffic?filter=size%3E60'];
const SETTLE_MS = 3000;
const SAMPLE_MS = 30_000;
const MB = 1e6;

/** What the server has told. */
interface Used {
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly peers: number;
  readonly events: number;
}

const server = await startServer();
const load = new ConsolePlayers(server.port, players);
const chrome = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
try {
  await load.connect();
  load.start(rate);
  await measure();
} finally {
  await chrome.close();
  load.close();
  await server.close();
}

async function measure(): Promise<void> {
  await sleep(SETTLE_MS);
  const alone = await serverCost();
  say(
    `${(await server.used()).peers} players, ${Math.round(alone.datagrams).toLocaleString('en')} datagrams/s, the server alone ${alone.percent.toFixed(1)} % of a core`,
  );
  const context = await chrome.newContext({ viewport: { width: 1280, height: 800 } });
  const tab = await context.newPage();
  await tab.goto(server.url);
  await tab.getByRole('navigation', { name: 'Sections' }).waitFor();
  const pid = await rendererOf(chrome, tab);
  for (const section of SECTIONS) {
    const name = `console, ${players} players, ${section.split('?')[0]}${section.includes('?') ? ' filtered' : ''}`;
    if (![`${name}, page`, `${name}, server`].some(isWanted)) continue;
    await tab.goto(`${server.url}#/${section}`);
    await sleep(SETTLE_MS);
    const before = cpuUsOf(pid);
    const began = performance.now();
    const watched = await serverCost();
    const page = (cpuUsOf(pid) - before) / 10 / (performance.now() - began);
    printRow({ name: `${name}, page`, figure: page, unit: '% of a core', repeats: 1 });
    printRow({
      name: `${name}, server`,
      figure: watched.percent,
      unit: '% of a core',
      peer: 'nobody looks',
      peerFigure: alone.percent,
      repeats: 1,
    });
  }
  if (minutes > 0) await watchMemory(tab, await context.newCDPSession(tab), pid);
  say(JSON.stringify(describeMachine()));
}

/** The server's CPU in percent of a core, and the datagrams per second, both directions. */
async function serverCost(): Promise<{ percent: number; datagrams: number }> {
  const [before, sentBefore, began] = [await server.used(), load.datagrams, performance.now()];
  await sleep(seconds * 1000);
  const [after, sentAfter, ms] = [await server.used(), load.datagrams, performance.now() - began];
  return {
    percent: (after.cpuUs - before.cpuUs) / 10 / ms,
    datagrams: ((sentAfter - sentBefore) * 1000) / ms,
  };
}

/** Heap of the page after a collection, memory of both processes, each half minute. */
async function watchMemory(tab: Page, cdp: CDPSession, pid: number): Promise<void> {
  await tab.goto(`${server.url}#/traffic`);
  await cdp.send('Performance.enable');
  const samples: { readonly heap: number; readonly rss: number }[] = [];
  const began = performance.now();
  const cpuBefore = cpuUsOf(pid);
  // The first sample is after a minute: until then code is compiled.
  await sleep(SAMPLE_MS);
  while (performance.now() - began < minutes * 60_000) {
    await sleep(SAMPLE_MS);
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    const used = await server.used();
    samples.push({ heap: metric('JSHeapUsedSize'), rss: used.rssBytes });
    say(
      `${((performance.now() - began) / 60_000).toFixed(1).padStart(5)} min  page: heap ${(metric('JSHeapUsedSize') / MB).toFixed(2)} MB, ${metric('Nodes')} nodes  ` +
        `server: rss ${(used.rssBytes / MB).toFixed(1)} MB, heap ${(used.heapBytes / MB).toFixed(1)} MB`,
    );
  }
  const cpu = (cpuUsOf(pid) - cpuBefore) / 10 / (performance.now() - began);
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return;
  const name = `console, ${players} players, ${minutes} min of traffic`;
  const about = { unit: 'MB', peer: 'after a minute', repeats: samples.length };
  printRow({ name: `${name}, page`, figure: cpu, unit: '% of a core', repeats: 1 });
  printRow({
    name: `${name}, heap of the page`,
    figure: last.heap / MB,
    peerFigure: first.heap / MB,
    ...about,
  });
  printRow({
    name: `${name}, memory of the server`,
    figure: last.rss / MB,
    peerFigure: first.rss / MB,
    ...about,
  });
}

/** The process that runs the page: the one that works when the page does. */
async function rendererOf(browser: Browser, tab: Page): Promise<number> {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  const before = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => ({ id, us: cpuUsOf(id) }));
  await tab.evaluate(() => {
    const end = performance.now() + 300;
    while (performance.now() < end);
  });
  const [busiest] = before.map(({ id, us }) => ({ id, us: cpuUsOf(id) - us })).sort((a, b) => b.us - a.us);
  if (busiest === undefined) throw new Error('Chromium has no renderer');
  return busiest.id;
}

async function startServer(): Promise<{
  readonly port: number;
  readonly url: string;
  used(): Promise<Used>;
  close(): Promise<void>;
}> {
  const script = fileURLToPath(new URL('consoleServer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(rate), String(players)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <Line>(): Promise<Line> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the server ended early');
    return JSON.parse(value) as Line;
  };
  const { port, url } = await next<{ port: number; url: string }>();
  return {
    port,
    url,
    used: () => {
      child.stdin.write('\n');
      return next<Used>();
    },
    close: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
