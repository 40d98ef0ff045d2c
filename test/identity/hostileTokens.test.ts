/** What a stranger may say is a token: a reason for each, nothing thrown, nobody let in. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenRefusalReason } from '../../src/identity/index.ts';
import { fcParameters } from '../support/fc.ts';
import {
  ED25519,
  forge,
  forgeEd25519,
  GOOD,
  jwk,
  KEYS,
  OTHER_ED25519,
  P256,
  pem,
  SECRET,
  START,
  TokenWorld,
} from './tokenSupport.ts';

const { tokens } = new TokenWorld({ clockToleranceMs: 0 });
const HS = { alg: 'HS256', kid: 'hs' };
const NOW = START / 1000;
const without = (name: string): object =>
  Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name));

test('what is made by hand here is good when nothing is wrong with it', async () => {
  expect(await tokens.verify(forge(HS))).toMatchObject({ ok: true, player: 'ada', sessionId: 'session' });
  expect(await tokens.verify(forgeEd25519({ alg: 'EdDSA', kid: 'ed' }))).toMatchObject({ ok: true });
});

describe('a token', () => {
  const unsigned = (alg: string): string => forge({ ...HS, alg }).replace(/[^.]*$/, '');
  test.each([
    // no token
    ['nothing', undefined, 'malformed'],
    ['a number', 5, 'malformed'],
    ['an object', { toString: () => forge(HS) }, 'malformed'],
    ['an empty text', '', 'malformed'],
    ['dots', '..', 'malformed'],
    ['two parts', forge(HS).split('.').slice(0, 2).join('.'), 'malformed'],
    ['four parts', `${forge(HS)}.x`, 'malformed'],
    ['another encoding', 'ÿÿÿÿ.\u0000.💥', 'malformed'],
    ['a lone surrogate', '\ud800.\udfff.a', 'malformed'],
    ['a header that is no JSON', forge('{'), 'malformed'],
    ['a header that is a list', forge([]), 'malformed'],
    ['a header that is null', forge('null'), 'malformed'],
    ['a payload that is no JSON', forge(HS, '{'), 'malformed'],
    ['a payload that is a list', forge(HS, []), 'malformed'],
    ['a payload that is no UTF-8', forge(HS, '\ufffd'), 'malformed'],
    ['a header as deep as fits', forge(`${'['.repeat(2000)}`), 'malformed'],
    // too long
    ['a huge one', 'x'.repeat(10_000_000), 'too-long'],
    ['one character too many', 'x'.repeat(4097), 'too-long'],
    ['as long as it may be', 'x'.repeat(4096), 'malformed'],
    // algorithms
    ['alg none', unsigned('none'), 'algorithm'],
    ['alg nOnE', unsigned('nOnE'), 'algorithm'],
    ['no alg', forge({ kid: 'hs' }), 'algorithm'],
    ['alg that is no text', forge({ alg: ['HS256'], kid: 'hs' }), 'algorithm'],
    ['alg HS512', forge({ alg: 'HS512', kid: 'hs' }), 'algorithm'],
    [
      'the public key as a secret',
      forge({ alg: 'HS256', kid: 'es' }, GOOD, pem(P256.publicKey)),
      'algorithm',
    ],
    ['the same with EdDSA', forge({ alg: 'HS256', kid: 'ed' }, GOOD, pem(ED25519.publicKey)), 'algorithm'],
    [
      'HMAC under the name of ES256',
      forge({ alg: 'ES256', kid: 'es' }, GOOD, pem(P256.publicKey)),
      'signature',
    ],
    // keys
    ['no kid', forge({ alg: 'HS256' }), 'unknown-key'],
    ['a kid that there is not', forge({ ...HS, kid: '../../dev/null' }), 'unknown-key'],
    ['a kid that every object has', forge({ ...HS, kid: '__proto__' }), 'unknown-key'],
    ['a kid that is no text', forge({ ...HS, kid: {} }), 'unknown-key'],
    ['another secret', forge(HS, GOOD, `${SECRET}!`), 'signature'],
    [
      'a key that it brings itself',
      forgeEd25519({ alg: 'EdDSA', kid: 'ed', jwk: jwk(OTHER_ED25519.publicKey) }, OTHER_ED25519.privateKey),
      'signature',
    ],
    ['a signature that is empty', unsigned('HS256'), 'signature'],
    ['an extension that has to be understood', forge({ ...HS, crit: ['b64'], b64: false }), 'malformed'],
    ['an unknown extension', forge({ ...HS, crit: ['x'], x: 1 }), 'malformed'],
    // claims
    ['no player', forge(HS, without('sub')), 'malformed'],
    ['an empty player', forge(HS, { ...GOOD, sub: '' }), 'malformed'],
    ['a player that is no text', forge(HS, { ...GOOD, sub: 1 }), 'malformed'],
    ['a player whose id is too long', forge(HS, { ...GOOD, sub: 'x'.repeat(129) }), 'malformed'],
    ['no session', forge(HS, without('jti')), 'malformed'],
    ['a session whose id is too long', forge(HS, { ...GOOD, jti: 'x'.repeat(129) }), 'malformed'],
    ['a session that is no text', forge(HS, { ...GOOD, jti: null }), 'malformed'],
    ['no end', forge(HS, without('exp')), 'malformed'],
    ['an end that is no number', forge(HS, { ...GOOD, exp: '9999999999' }), 'malformed'],
    [
      'an end that is too large for a number',
      forge(HS, JSON.stringify(GOOD).replace(/"exp":\d+/, '"exp":1e999')),
      'lifetime',
    ],
    ['no begin', forge(HS, without('iat')), 'malformed'],
    ['a begin that is no number', forge(HS, { ...GOOD, iat: true }), 'malformed'],
    // times
    ['expired', forge(HS, { ...GOOD, iat: NOW - 3600, exp: NOW }), 'expired'],
    ['an end before the begin', forge(HS, { ...GOOD, exp: NOW - 1 }), 'expired'],
    ['not yet valid', forge(HS, { ...GOOD, nbf: NOW + 1 }), 'not-yet-valid'],
    ['nbf that is no number', forge(HS, { ...GOOD, nbf: 'soon' }), 'malformed'],
    ['made in the future', forge(HS, { ...GOOD, iat: NOW + 1 }), 'not-yet-valid'],
    ['valid for ever', forge(HS, { ...GOOD, exp: 99_999_999_999 }), 'lifetime'],
    ['a second longer than may be', forge(HS, { ...GOOD, exp: GOOD.exp + 1 }), 'lifetime'],
    ['made before there were clocks', forge(HS, { ...GOOD, iat: -1e300 }), 'lifetime'],
  ] as [string, unknown, TokenRefusalReason][])('%s', async (_title, token, reason) => {
    expect(await tokens.verify(token)).toEqual({ ok: false, reason });
  });
});

test('random texts and bytes', async () => {
  const base64url = fc
    .uint8Array({ maxLength: 200 })
    .map((bytes) => Buffer.from(bytes).toString('base64url'));
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc.tuple(base64url, base64url, base64url).map((parts) => parts.join('.')),
    // A header that gets as far as the signature, and anything behind it.
    fc
      .tuple(fc.constantFrom(...KEYS), base64url, base64url)
      .map(([{ algorithm: alg, id: kid }, ...rest]) =>
        [Buffer.from(JSON.stringify({ alg, kid })).toString('base64url'), ...rest].join('.'),
      ),
    // Well signed, whatever it says.
    fc.tuple(fc.json(), fc.json()).map(([header, payload]) => forge(header, payload)),
    fc.json().map((payload) => forge(HS, payload)),
    fc.anything(),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (token) => {
      expect(await tokens.verify(token)).toEqual({ ok: false, reason: expect.any(String) });
    }),
    fcParameters(500),
  );
});

test.each(KEYS)('$algorithm: an altered token says what the good one says, or nothing', async (key) => {
  const world = new TokenWorld({ keys: [key] });
  const { token, session } = await world.tokens.issue('ada', { role: 'player' });
  const change = fc.tuple(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.=é'), fc.nat(2));
  const reasons = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let altered = token;
      for (const [at, character, removed] of changes)
        altered = altered.slice(0, at) + character + altered.slice(at + removed);
      const answer = await world.tokens.verify(altered);
      if (answer.ok) expect(answer).toEqual(session);
      else reasons.add(answer.reason);
    }),
    fcParameters(300),
  );
  expect([...reasons]).toContain('signature');
});
