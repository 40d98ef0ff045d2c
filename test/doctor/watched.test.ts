/** The guard of test/support/watchDoctors.ts fires: a host of each way to make one, without a doctor of its own. */
import { expect, test } from 'vitest';
import { Host } from '../../src/enet.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { takeFalseAlarm } from '../support/diagnoses.ts';
import { withThreads } from '../support/simThread.ts';

const RUBBISH = new TextEncoder().encode('hello world, is anybody here?');
const ALARM = 'the connection doctor spoke:\n10.0.0.9:1000 sends 29 bytes that begin with 68 65 6c 6c';

/** Sends rubbish to port 7777 of 10.0.0.1. */
function disturb(net: SimNetwork): void {
  const socket = net.bind('10.0.0.9', { port: 1000 }, () => undefined);
  if ('code' in socket) throw new Error(socket.message);
  net.carry(socket, RUBBISH, { ip: '10.0.0.1', port: 7777 });
  net.advance(100);
}

test('a host', () => {
  const host = new Host({ peerCount: 1, random32: () => 1 });
  host.receive(RUBBISH, { ip: '10.0.0.9', port: 1000 });
  host.service(1000);
  expect(takeFalseAlarm()).toContain(ALARM);
});

test('a connection', () => {
  const net = new SimNetwork();
  const connection = new ENetConnection({ runtime: net.createRuntime('10.0.0.1') });
  connection.createHostBound('*', 7777, 4);
  disturb(net);
  connection.service();
  expect(takeFalseAlarm()).toContain(ALARM);
});

test.each([false, true])('a server, thread: %s', (thread) => {
  const net = new SimNetwork();
  const runtime = net.createRuntime('10.0.0.1');
  const server = new ENetServer({ runtime: thread ? withThreads(runtime) : runtime, thread });
  server.createServer(7777);
  disturb(net);
  expect(takeFalseAlarm()).toContain(ALARM);
  server.stopServer();
});

test('silence gives none, and an alarm is told once', () => {
  expect(takeFalseAlarm()).toBeUndefined();
});
