/** The arena as a newcomer runs it: what it prints, and its ends. `/play`: `playPage.test.ts`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { fetchPage } from '../inspector/support.ts';
import { built } from '../support/built.ts';
import { type Program, startProgram } from '../support/program.ts';

const main = built('examples/arena/main.js');
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function start(...args: string[]): Program {
  const program = startProgram([main, ...args]);
  ends.push(() => program.child.kill('SIGKILL'));
  return program;
}

describe('npm start', () => {
  test('says what to do next, bots come over both transports, Ctrl-C ends it', async () => {
    const run = start('--port', '0', '--page-port', '0', '--bots', '2');
    const text = await run.sees('The arena is open: 2 bots play.');
    const url = /Play in the browser +(\S+)/.exec(text)?.[1] ?? '';
    expect((await fetchPage(url)).status).toBe(200);
    expect((await fetchPage(url.replace('/play', '/'))).body).toContain('<title>');
    await run.sees('Ada (bot) joins');
    await run.sees('Bob (bot) joins');
    expect(await run.end('SIGINT')).toEqual([0, null]);
  });

  test('a busy port and bad options are told in one line, with what to do', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const busy = start('--port', '0', '--page-port', String((blocker.address() as AddressInfo).port));
    await busy.sees('Choose another: npm start -- --page-port 7781');
    blocker.close();
    await start('--bots', '17').sees('--bots expected an integer 0..16, got 17');
    await start('--prot', '1').sees("Unknown option '--prot'");
  });

  test.each([
    ['--no-play', 404, 200],
    ['--no-page', 0, 0],
  ])('%s', async (flag, play, page) => {
    const run = start('--port', '0', '--page-port', '0', '--bots', '0', flag);
    const text = await run.sees('Stop ');
    expect(text).not.toContain('Play in the browser');
    const url = /See players and calls +(\S+)/.exec(text)?.[1];
    const statusOf = async (path: string): Promise<number> =>
      url === undefined ? 0 : (await fetchPage(url + path)).status;
    expect([await statusOf('play'), await statusOf('')]).toEqual([play, page]);
  });
});
