/** For how long a lease holds. */
import { expect, test } from 'vitest';
import { Lease } from '../../src/cluster.ts';

test('a root that meets other data holds no longer than before until what is under it is put back', () => {
  let now = 0;
  const root = new Lease('node/a', '', 1, undefined, 'data 1', () => now);
  const room = new Lease('room/r', '', 2, root, 'data 1', () => now);
  expect(root.renewed(0, 4000, 'data 1')).toBe('held');
  now = 3000;
  // The engine has been started anew, and has heard of the root, but not of the room.
  expect(root.renewed(3000, 4000, 'data 2')).toBe('restored');
  expect([room.isHeld, room.heldForMs]).toEqual([true, 600]);
  now = 3500;
  // That it is renewed again changes nothing.
  expect(root.renewed(3500, 4000, 'data 2')).toBe('restored');
  expect(room.heldForMs).toBe(100);
  now = 3600;
  expect(room.isHeld).toBe(false);
  root.restored(false);
  expect([room.isHeld, room.heldForMs]).toEqual([true, 3500]);
  expect(root.renewed(3600, 4000, 'data 2')).toBe('held');
  expect(room.heldForMs).toBe(3600);
});

test('one that had run out before it met other data is in doubt while others may put theirs back', () => {
  let now = 0;
  const root = new Lease('node/a', '', 1, undefined, 'data 1', () => now);
  root.renewed(0, 4000, 'data 1');
  now = 5000;
  expect(root.renewed(5000, 4000, 'data 2')).toBe('restored');
  expect(root.isHeld).toBe(false);
  root.restored(true);
  expect(root.isHeld).toBe(false);
  expect(root.renewed(5500, 4000, 'data 2')).toBe('restored');
  root.restored(false);
  expect(root.isHeld).toBe(true);
});
