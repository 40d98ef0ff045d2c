/** The bus in memory: the suite that all engines pass, and what is exact in virtual time. */
import { expect, test } from 'vitest';
import { MemoryHub } from '../../src/cluster/index.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { codeOf } from './conformance/engine.ts';
import { conformance } from './conformance.ts';
import { openMemoryEngine } from './memoryEngine.ts';

function world(leaseMs = 1000) {
  const network = new SimNetwork({ seed: 1 });
  const hub = new MemoryHub({ leaseMs, runtime: network.createRuntime('10.0.0.1') });
  return { hub, later: (ms: number) => network.advance(ms) };
}

conformance('memory', openMemoryEngine);

test('after a loss of all data nobody claims anything new until those who held something have put it back', async () => {
  const { hub, later } = world();
  const [one, two] = [hub.connect(), hub.connect()];
  const root = await one.claim('node/a', '{}');
  const room = await one.claim('room/1', 'mine', root);
  const other = await two.claim('node/b', '{}');
  hub.restart();
  await expect(two.claim('room/1', 'theirs', other).catch(codeOf)).resolves.toBe('LOST');
  expect(await two.renew(other)).toBe('restored');
  await expect(two.claim('room/1', 'theirs', other).catch(codeOf)).resolves.toBe('WARMING');
  later(500);
  expect(await one.renew(root)).toBe('restored');
  expect(await one.restore(root, [room])).toEqual([]);
  later(600);
  await one.renew(root);
  await two.renew(other);
  await expect(two.claim('room/1', 'theirs', other).catch(codeOf)).resolves.toBe('TAKEN');
  expect((await two.find('room/1'))?.epoch).toBe(room.epoch);
});

test('a holder is unsure before the hub gives its key to another', async () => {
  const { hub, later } = world();
  const [one, two] = [hub.connect(), hub.connect()];
  const root = await one.claim('node/a', '{}');
  later(901);
  expect(root.isHeld).toBe(false);
  await expect(two.claim('node/a', '{}').catch(codeOf)).resolves.toBe('TAKEN');
});

test('data that were old at the restart: who took a key over has it still, also when the one before comes first', async () => {
  const { hub, later } = world();
  const [one, two] = [hub.connect(), hub.connect()];
  const root = await one.claim('node/a', '{}');
  const room = await one.claim('room/1', 'mine', root);
  const saved = hub.save();
  const other = await two.claim('node/b', '{}');
  later(1001);
  await two.renew(other);
  const theirs = await two.claim('room/1', 'theirs', other);
  hub.restart(saved);
  expect(await one.renew(root)).toBe('restored');
  expect(await one.restore(root, [room])).toEqual([]);
  expect(room.isHeld).toBe(false);
  expect(await two.renew(other)).toBe('restored');
  expect(await two.restore(other, [theirs])).toEqual([]);
  expect(theirs.isHeld).toBe(true);
  later(1001);
  expect(await one.renew(root)).toBe('restored');
  expect(await one.restore(root, [room])).toEqual([room]);
  expect([root.isHeld, room.isHeld]).toEqual([true, false]);
});
