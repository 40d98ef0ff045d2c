// Makes the pictures of docs/gallery.md: runs the built examples on free ports of this machine and takes their pages, and what programs
// print, in Chromium. `npm run setup && node scripts/site/pictures.mjs`; what came is looked at before it is committed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PICTURES = join(ROOT, 'docs/pictures');
const MOST_BYTES = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'godot-enet-pictures-'));
const children = [];
const chrome = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
try {
  const arena = start('dist/examples/arena/main.js', ['--port', '0', '--page-port', '0', '--no-play']);
  const udp = await arena.says(/UDP port (\d+)/);
  const page = await arena.says(/(http:\/\/127\.0\.0\.1:\d+\/)/);
  await picture('arena', page, 10_000);
  const cli = 'dist/src/cli/main.js';
  const doctor = await start(cli, ['doctor', '127.0.0.1', udp]).end;
  await terminal('doctor', `npx godot-enet doctor 127.0.0.1 ${udp}`, doctor);
  const report = join(folder, 'load.html');
  const load = ['load', `enet://127.0.0.1:${udp}`, '--script', 'examples/arena/load.mjs', '--players', '4,8'];
  await start(cli, [...load, '--ramp', '2', '--hold', '8', '--html', report]).end;
  await picture('load', pathToFileURL(report).href, 500);
  await arena.stop();

  const lobby = start('dist/examples/lobby/main.js', [
    '--port',
    '0',
    '--page-port',
    '0',
    '--health-port',
    '0',
  ]);
  const lobbyPage = await lobby.says(/(http:\/\/127\.0\.0\.1:\d+\/)/);
  await picture('inspector', lobbyPage, 6000);
  await terminal('lobby', 'npm run lobby', lobby.printed().trimEnd().split('\n').slice(0, 26).join('\n'));
  await lobby.stop();
} finally {
  for (const child of children) child.kill('SIGTERM');
  await chrome.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Starts a built program. */
function start(file, args) {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], { cwd: ROOT });
  children.push(child);
  let text = '';
  const listeners = new Set();
  const take = (chunk) => {
    text += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', take);
  if (!args.includes('load')) child.stderr.on('data', take);
  const end = new Promise((resolve) => child.once('close', () => resolve(text)));
  return {
    end,
    printed: () => text,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(text);
          if (found !== null) resolve(found[1]);
        };
        listeners.add(look);
        end.then(() => reject(new Error(`${file} ended without ${pattern}:\n${text}`)));
        look();
      }),
    stop: () => {
      child.kill('SIGTERM');
      return end;
    },
  };
}

/** Takes a page, after a while in which it gets something to show. */
async function picture(name, url, waitMs) {
  const tab = await chrome.newPage({ viewport: { width: 1100, height: 640 } });
  await tab.goto(url);
  await tab.waitForTimeout(waitMs);
  await save(name, tab);
}

/** Takes what a program printed, as a terminal shows it. */
async function terminal(name, command, text) {
  const tab = await chrome.newPage({ viewport: { width: 1100, height: 200 } });
  const shown = `$ ${command}\n${text}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  await tab.setContent(
    `<body style="margin:0;background:#1c2128"><pre style="margin:16px;color:#d5dbe3;font:14px/1.45 monospace;white-space:pre-wrap">${shown}</pre>`,
  );
  const { height } = await tab.locator('body').boundingBox();
  await tab.setViewportSize({ width: 1100, height: Math.min(640, Math.ceil(height) + 32) });
  await save(name, tab);
}

/** Writes what a tab shows as WebP, which Playwright itself does not offer. */
async function save(name, tab) {
  const session = await tab.context().newCDPSession(tab);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 70 });
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > MOST_BYTES)
    throw new Error(`${name}: ${bytes.length} bytes are more than ${MOST_BYTES}`);
  writeFileSync(join(PICTURES, `${name}.webp`), bytes);
  console.log(`${name}.webp: ${bytes.length} bytes`);
  await tab.close();
}
