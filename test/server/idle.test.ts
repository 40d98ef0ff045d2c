/** A server with nothing to do sleeps: only what is due wakes it. In virtual time, which counts every timer that fires. */
import { expect, test } from 'vitest';
import type { Runtime } from '../../src/runtime/index.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';

/** A runtime of which the timers that fire are counted. */
function counting(runtime: Runtime): { runtime: Runtime; fired: () => number } {
  let fired = 0;
  return {
    runtime: {
      now: () => runtime.now(),
      random32: () => runtime.random32(),
      attach: (host, bind) => runtime.attach(host, bind),
      resolve: (name, done) => runtime.resolve(name, done),
      startTimer: (delayMs, callback) =>
        runtime.startTimer(delayMs, () => {
          fired++;
          callback();
        }),
    },
    fired: () => fired,
  };
}

test('no peer: no timer of the server fires in a minute, whatever the poll rate', () => {
  const net = new SimNetwork();
  const { runtime, fired } = counting(net.createRuntime('10.0.0.1'));
  const server = new ENetServer({ runtime });
  expect(server.createServer(7777)).toBe(0);
  net.advance(60_000);
  server.setPollRate(1);
  net.advance(60_000);
  expect(fired()).toBe(0);
});

test('an idle peer: the server looks after it once a second, and sleeps again when it has gone', () => {
  const net = new SimNetwork();
  const { runtime, fired } = counting(net.createRuntime('10.0.0.1'));
  const server = new ENetServer({ runtime });
  server.createServer(7777);
  const mine = counting(net.createRuntime('10.0.0.2'));
  const client = new ENetClient({ runtime: mine.runtime });
  client.connectToServer('10.0.0.1', 7777);
  net.advance(1000);
  expect(server.getAuthenticatedPeerCount()).toBe(1);
  const before = fired();
  net.advance(60_000);
  expect(fired() - before).toBeGreaterThan(50);
  expect(fired() - before).toBeLessThan(65);
  expect(mine.fired()).toBe(0);
  client.disconnectFromServer();
  net.advance(3000);
  expect(server.getPeerCount()).toBe(0);
  const after = fired();
  net.advance(60_000);
  expect(fired() - after).toBeLessThanOrEqual(1);
});
