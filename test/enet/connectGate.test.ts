/** The rules of the door by themselves; with a server around them: `test/server/limits.test.ts`. */
import { expect, test } from 'vitest';
import { ConnectGate, ConnectRefusal } from '../../src/enet/index.ts';

const RULES = {
  allow: ['10.0.0.0/8'],
  deny: ['10.9.0.0/16'],
  connectsPerSec: 1,
  connectBurst: 3,
  connectsPerSecPerAddress: 1,
  connectBurstPerAddress: 2,
  maxTrackedAddresses: 16,
};

test('refusalOf tells the reason, in the order of the rules, and counts for the rates but not as a refusal', () => {
  const gate = new ConnectGate(RULES);
  const ask = (ip: string, now = 0): ConnectRefusal | undefined => gate.refusalOf(ip, now);
  expect(ask('10.9.0.1')).toBe(ConnectRefusal.ADDRESS_DENIED);
  expect(ask('11.0.0.1')).toBe(ConnectRefusal.ADDRESS_NOT_ALLOWED);
  expect([ask('10.0.0.1'), ask('10.0.0.1'), ask('10.0.0.1')]).toEqual([
    undefined,
    undefined,
    ConnectRefusal.CONNECT_RATE_ADDRESS,
  ]);
  expect([ask('10.0.0.2'), ask('10.0.0.3')]).toEqual([undefined, ConnectRefusal.CONNECT_RATE]);
  expect(ask('10.0.0.1', 1000)).toBeUndefined();
  gate.isOpen = false;
  expect(ask('10.0.0.1', 5000)).toBe(ConnectRefusal.DRAINING);
  expect(gate.totalRefusals).toBe(0);
});

test('what admits and mayBegin refuse is counted by reason', () => {
  const gate = new ConnectGate(RULES);
  const from = { ip: '10.9.0.1', port: 1 };
  expect([gate.admits(from, 0), gate.mayBegin(from)]).toEqual([false, false]);
  expect(gate.mayBegin({ ip: '11.0.0.1', port: 1 })).toBe(false);
  expect(Object.values(ConnectRefusal).map((reason) => gate.refusalCount(reason))).toEqual([0, 2, 1, 0, 0]);
  expect(gate.totalRefusals).toBe(3);
});
