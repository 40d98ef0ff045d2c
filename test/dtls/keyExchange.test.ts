/** Key shares: both sides get the same secret, and no key is used twice. RFC 8422, 5.10 and 5.11. */
import { describe, expect, test } from 'vitest';
import { createKeyShare, GROUPS } from '../../src/dtls/handshake/keyExchange.ts';

describe.each(GROUPS)('$name', (group) => {
  test('shares that follow erased ones have values of their own, and agree', () => {
    const seen = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const [ours, theirs] = [createKeyShare(group), createKeyShare(group)];
      for (const { publicValue } of [ours, theirs]) {
        expect(publicValue.length).toBe(group.publicBytes);
        seen.add(Buffer.from(publicValue).toString('hex'));
      }
      const secret = ours.combine(theirs.publicValue);
      expect(Buffer.compare(theirs.combine(ours.publicValue), secret)).toBe(0);
      // Again, as for each key exchange that a server is offered.
      expect(Buffer.compare(ours.combine(theirs.publicValue), secret)).toBe(0);
      ours.erase();
      theirs.erase();
      theirs.erase();
    }
    expect(seen.size).toBe(8);
  });

  test('an erased share gives nothing, and its value stays what it was', () => {
    const [ours, theirs] = [createKeyShare(group), createKeyShare(group)];
    const before = Uint8Array.from(ours.publicValue);
    ours.erase();
    createKeyShare(group);
    expect(() => ours.combine(theirs.publicValue)).toThrow('the key share is erased');
    expect(Buffer.compare(ours.publicValue, before)).toBe(0);
  });
});
