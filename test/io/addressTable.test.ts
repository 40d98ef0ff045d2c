import { expect, test } from 'vitest';
import { AddressTable } from '../../src/io/addressTable.ts';

test('gives the same object for the same source', () => {
  const table = new AddressTable();
  const first = table.get('10.0.0.1', 5);
  table.get('10.0.0.1', 6);
  table.get('10.0.0.2', 5);
  expect(table.get('10.0.0.1', 5)).toBe(first);
  expect(first).toEqual({ ip: '10.0.0.1', port: 5 });
  expect(table.size).toBe(3);
});

test('shows IPv4-mapped sources as dotted decimal and keeps the text of the socket', () => {
  const address = new AddressTable().get('::ffff:10.0.0.1', 5);
  expect(address.ip).toBe('10.0.0.1');
  expect(address.socketIp).toBe('::ffff:10.0.0.1');
});

test('a flood of sources is bounded and does not drive out who keeps sending', () => {
  const table = new AddressTable(64);
  const busy = table.get('10.0.0.1', 5);
  for (let index = 0; index < 10_000; index += 1) {
    table.get(`192.0.2.${index % 256}`, 1024 + (index >> 3));
    if (index % 32 === 0) {
      expect(table.get('10.0.0.1', 5)).toBe(busy);
    }
    expect(table.size).toBeLessThanOrEqual(128);
  }
});

test('refuses a capacity that is no count', () => {
  expect(() => new AddressTable(0)).toThrow('"capacity" expected integer of at least 1, got 0');
});
