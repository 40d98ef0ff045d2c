/** The options of a host: what is refused, and how it is said. */
import { expect, test } from 'vitest';
import { Host, type HostOptions } from '../../src/enet.ts';

const sound: HostOptions = { peerCount: 1, random32: () => 1 };

test.each<[keyof HostOptions, unknown, string]>([
  ['peerCount', 0, '"peerCount" expected integer 1..4095, got 0'],
  ['peerCount', 4096, '"peerCount" expected integer 1..4095, got 4096'],
  ['peerCount', undefined, '"peerCount" expected integer 1..4095, got undefined'],
  ['channelLimit', 256, '"channelLimit" expected integer 0..255, got 256'],
  ['incomingBandwidth', -1, '"incomingBandwidth" expected integer 0..4294967295, got -1'],
  ['outgoingBandwidth', 2 ** 32, '"outgoingBandwidth" expected integer 0..4294967295, got 4294967296'],
  ['mtuBytes', Number.NaN, '"mtuBytes" expected integer 0..4294967295, got NaN'],
  ['maxWaitingBytes', '5', '"maxWaitingBytes" expected integer 0..9007199254740991, got "5"'],
  ['halfOpenGraceMs', 1.5, '"halfOpenGraceMs" expected integer 0..4294967295, got 1.5'],
  ['random32', undefined, '"random32" expected a function, got undefined'],
])('%s: %s', (name, value, message) => {
  // Wrong types are what this is about, so the object is put together without them.
  const options = Object.assign({}, sound, { [name]: value });
  expect(() => new Host(options)).toThrow(message);
});

test('the borders are fine', () => {
  expect(new Host({ ...sound, peerCount: 4095, channelLimit: 255, mtuBytes: 0 }).mtuBytes).toBe(576);
  expect(new Host({ ...sound, mtuBytes: 0xffff_ffff, outgoingBandwidth: 0xffff_ffff }).mtuBytes).toBe(4096);
});
