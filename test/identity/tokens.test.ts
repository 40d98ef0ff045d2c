/** Sessions, their tokens and keys, from login to the end. */
import { describe, expect, test } from 'vitest';
import {
  type IssuedToken,
  RevocationList,
  SESSION_TOKENS_DEFAULTS,
  SessionTokens,
  type SessionTokensOptions,
  type TokenKey,
  type TokenSigner,
  type VerifiedToken,
} from '../../src/identity/index.ts';
import {
  ED25519,
  jwk,
  KEYS,
  OTHER_ED25519,
  P256,
  P384,
  pem,
  SECRET,
  START,
  TokenWorld,
} from './tokenSupport.ts';

const HOUR = 3_600_000;

describe('a session', () => {
  test('what was issued is what is verified, for an hour', async () => {
    const world = new TokenWorld({ clockToleranceMs: 0 });
    const { token, session } = await world.tokens.issue('ada', { role: 'host', level: 3 });
    expect(session).toEqual({
      ok: true,
      player: 'ada',
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      issuedAtMs: START,
      expiresAtMs: START + HOUR,
      claims: { role: 'host', level: 3 },
    });
    world.nowMs += HOUR - 1;
    expect(await world.tokens.verify(token)).toEqual(session);
    world.nowMs += 1;
    expect(await world.tokens.verify(token)).toEqual({ ok: false, reason: 'expired' });
    const other = await world.tokens.issue('ada');
    expect(other.session.sessionId).not.toBe(session.sessionId);
  });

  test('ends when it is revoked: all its tokens, and no others', async () => {
    const world = new TokenWorld();
    const { tokens } = world;
    const first = await tokens.issue('ada');
    world.nowMs += 0.6 * HOUR;
    const second = (await tokens.refresh(first.session)) as IssuedToken;
    const other = await tokens.issue('ada');
    tokens.revoke(first.session.sessionId);
    for (const { token } of [first, second])
      expect(await tokens.verify(token)).toEqual({ ok: false, reason: 'revoked' });
    expect(await tokens.refresh(second.session)).toEqual({ ok: false, reason: 'revoked' });
    expect((await tokens.verify(other.token)).ok).toBe(true);
  });

  test('gets a new token in the second half of the time of its last one, until that is over', async () => {
    const world = new TokenWorld();
    const first = await world.tokens.issue('ada', { role: 'host' });
    world.nowMs += HOUR / 2;
    expect(await world.tokens.refresh(first.session)).toBeUndefined();
    world.nowMs += 1000;
    const second = await world.tokens.refresh(first.session);
    expect(second).toMatchObject({
      token: expect.not.stringMatching(first.token),
      session: {
        ...first.session,
        issuedAtMs: START + HOUR / 2 + 1000,
        expiresAtMs: START + 1.5 * HOUR + 1000,
      },
    });
    world.nowMs = START + HOUR;
    expect(await world.tokens.refresh(first.session)).toEqual({ ok: false, reason: 'expired' });
  });

  test('never lives longer than it may, where that is no whole second', async () => {
    const world = new TokenWorld({ ttlMs: 1999, clockToleranceMs: 0 });
    world.nowMs += 700;
    const { token, session } = await world.tokens.issue('ada');
    expect(session).toMatchObject({ issuedAtMs: START, expiresAtMs: START + 1000 });
    expect(await world.tokens.verify(token)).toEqual(session);
  });

  test('clocks may differ by the tolerance', async () => {
    const world = new TokenWorld({ clockToleranceMs: 5000 });
    const { token } = await world.tokens.issue('ada');
    for (const [nowMs, answer] of [
      [START - 5000, { ok: true }],
      [START - 5001, { ok: false, reason: 'not-yet-valid' }],
      [START + HOUR + 4999, { ok: true }],
      [START + HOUR + 5000, { ok: false, reason: 'expired' }],
    ] as const) {
      world.nowMs = nowMs;
      expect(await world.tokens.verify(token), String(nowMs - START)).toMatchObject(answer);
    }
  });
});

describe('keys', () => {
  const [hs, ed, es] = KEYS as [TokenKey, TokenKey, TokenKey];

  test.each([
    ['HS256, a text', hs],
    ['HS256, bytes', { id: 'hs', algorithm: 'HS256', secret: new TextEncoder().encode(SECRET) }],
    ['EdDSA, PEM', ed],
    ['EdDSA, JWK', { id: 'ed', algorithm: 'EdDSA', privateKey: jwk(ED25519.privateKey) }],
    ['ES256, PEM', { id: 'es', algorithm: 'ES256', privateKey: pem(P256.privateKey) }],
    ['ES256, JWK', es],
  ] as [string, TokenKey][])('%s: signs with its name, and all that know it verify', async (_title, key) => {
    const { token } = await new TokenWorld({ keys: [key] }).tokens.issue('ada');
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    expect(header).toEqual({ alg: key.algorithm, kid: key.id, typ: 'JWT' });
    expect((await new TokenWorld().tokens.verify(token)).ok).toBe(true);
  });

  test('rotation: the new one signs, the old one verifies until it is taken away', async () => {
    const old = await new TokenWorld({ keys: [hs] }).tokens.issue('ada');
    const both = new TokenWorld({ keys: [ed, hs] }).tokens;
    const after = new TokenWorld({ keys: [ed] }).tokens;
    expect((await both.verify(old.token)).ok).toBe(true);
    expect((await after.verify((await both.issue('ada')).token)).ok).toBe(true);
    expect(await after.verify(old.token)).toEqual({ ok: false, reason: 'algorithm' });
    const renamed = new TokenWorld({ keys: [{ ...hs, id: 'newer' }] }).tokens;
    expect(await renamed.verify(old.token)).toEqual({ ok: false, reason: 'unknown-key' });
  });

  test.each([
    ['PEM', pem(ED25519.publicKey)],
    ['JWK', jwk(ED25519.publicKey)],
  ])(
    'a server with the public key alone (%s) verifies, and says that it cannot sign',
    async (_title, publicKey) => {
      const { tokens } = new TokenWorld({ keys: [{ id: 'ed', algorithm: 'EdDSA', publicKey }] });
      const { token } = await new TokenWorld({ keys: [ed] }).tokens.issue('ada');
      expect((await tokens.verify(token)).ok).toBe(true);
      await expect(tokens.issue('ada')).rejects.toThrow('"keys[0]" has no "privateKey"');
    },
  );

  test.each([
    ['none', [], '"keys" expected at least one key'],
    ['a short secret', [{ id: 'a', algorithm: 'HS256', secret: 'x'.repeat(31) }], 'got 31 bytes'],
    ['no secret', [{ id: 'a', algorithm: 'HS256' }], 'at least 32 bytes, got a undefined'],
    [
      'a public key as a secret',
      [{ id: 'a', algorithm: 'HS256', secret: pem(P256.publicKey) }],
      'expected random bytes, got a PEM',
    ],
    ['no id', [{ algorithm: 'HS256', secret: SECRET }], '"keys[0].id" expected a string of 1..64 characters'],
    ['an id twice', [hs, { ...ed, id: 'hs' }], '"keys[1].id" is that of another key: "hs"'],
    [
      'an algorithm that there is not',
      [{ id: 'a', algorithm: 'RS256' }],
      '"keys[0].algorithm" expected HS256,',
    ],
    ['none at all', [{ id: 'a', algorithm: 'none' }], '"keys[0].algorithm" expected HS256,'],
    ['no key in it', [{ id: 'a', algorithm: 'ES256' }], '"privateKey" or a "publicKey", got neither'],
    [
      'a key of another kind',
      [{ id: 'a', algorithm: 'EdDSA', privateKey: pem(P256.privateKey) }],
      '"keys[0].privateKey" expected a key of type ed25519, got ec prime256v1',
    ],
    [
      'a key on another curve',
      [{ id: 'a', algorithm: 'ES256', privateKey: pem(P384.privateKey) }],
      '"keys[0].privateKey" expected a key of type ec prime256v1, got ec secp384r1',
    ],
    [
      'a public key where a private one belongs',
      [{ id: 'a', algorithm: 'ES256', privateKey: pem(P256.publicKey) }],
      '"keys[0].privateKey" expected a PEM or a JWK:',
    ],
    [
      'two halves that are no pair',
      [{ ...ed, publicKey: jwk(ED25519.publicKey), privateKey: pem(OTHER_ED25519.privateKey) }],
      '"keys[0].publicKey" is not that of its "privateKey"',
    ],
    [
      'a misspelt name',
      [{ id: 'a', algorithm: 'ES256', privatKey: 'x' }],
      'did you mean "keys[0].privateKey"?',
    ],
  ] as [string, TokenKey[], string][])(
    '%s: it is told at once, without the secret',
    (_title, keys, message) => {
      const make = (): unknown => new SessionTokens({ keys });
      expect(make).toThrow(message);
      expect(make).not.toThrow(/xxxx/);
    },
  );
});

describe('issuer and audience', () => {
  const make = (options: SessionTokensOptions): SessionTokens => new TokenWorld(options).tokens;

  test.each([
    ['its own', { issuer: 'login', audience: 'arena' }, undefined],
    ['another issuer', { issuer: 'other', audience: 'arena' }, 'wrong-issuer'],
    ['no issuer', { audience: 'arena' }, 'wrong-issuer'],
    ['another audience', { issuer: 'login', audience: 'lobby' }, 'wrong-audience'],
    ['no audience', { issuer: 'login' }, 'wrong-audience'],
  ])('%s', async (_title, options, reason) => {
    const { token } = await make(options).issue('ada');
    const answer = await make({ issuer: 'login', audience: 'arena' }).verify(token);
    expect(answer).toMatchObject(reason === undefined ? { ok: true, claims: {} } : { reason });
  });
});

describe("a signer of one's own", () => {
  /** Tokens that are numbers of a table; one that `lies` knows none. */
  const table = (lies: boolean): TokenSigner => {
    const sessions: VerifiedToken[] = [];
    return {
      sign: async (claims, ttlMs) => {
        const times = { issuedAtMs: START, expiresAtMs: START + ttlMs };
        return String(sessions.push({ ok: true, ...claims, ...times }) - 1);
      },
      verify: async (token) =>
        (lies ? undefined : sessions[Number(token)]) ?? { ok: false, reason: 'malformed' },
    };
  };

  test('has the same times, limits and revocations', async () => {
    const world = new TokenWorld({ signer: table(false), maxTokenLength: 10, clockToleranceMs: 0 });
    const { token, session } = await world.tokens.issue('ada');
    expect([token, await world.tokens.verify('0')]).toEqual(['0', session]);
    expect(await world.tokens.verify('1')).toEqual({ ok: false, reason: 'malformed' });
    expect(await world.tokens.verify('0'.repeat(11))).toEqual({ ok: false, reason: 'too-long' });
    world.nowMs += HOUR;
    expect(await world.tokens.verify('0')).toEqual({ ok: false, reason: 'expired' });
    world.nowMs = START;
    world.tokens.revoke(session.sessionId);
    expect(await world.tokens.verify('0')).toEqual({ ok: false, reason: 'revoked' });
  });

  test('that refuses what it has made is told of', async () => {
    const { tokens } = new TokenWorld({ signer: table(true) });
    await expect(tokens.issue('ada')).rejects.toThrow(
      '"signer" refuses the token that it has made: malformed',
    );
  });
});

describe('revocations', () => {
  test('are forgotten when no token of the session is valid any more', async () => {
    const world = new TokenWorld();
    world.tokens.revoke('one');
    world.nowMs += HOUR + 9999;
    world.tokens.revoke('two');
    expect(world.tokens.revocations.size).toBe(2);
    world.nowMs += 1;
    world.tokens.revoke('three');
    expect(world.tokens.revocations.size).toBe(2);
  });

  test('too many: whoever could be one of the forgotten has to log in again, nobody gets in', async () => {
    const world = new TokenWorld({ revocations: new RevocationList(2), clockToleranceMs: 0 });
    const { tokens } = world;
    const [cheat, early] = [await tokens.issue('cheat'), await tokens.issue('early')];
    tokens.revoke(cheat.session.sessionId);
    world.nowMs += 1000;
    const late = await tokens.issue('late');
    for (const id of ['a', 'b']) tokens.revoke(id);
    expect(tokens.revocations.size).toBe(2);
    const answers = await Promise.all([cheat, early, late].map(({ token }) => tokens.verify(token)));
    expect(answers).toMatchObject([{ reason: 'revoked' }, { reason: 'revoked' }, { player: 'late' }]);
  });

  test('twice: the session stays as long as the later one says', () => {
    const list = new RevocationList(2);
    for (const [at, id] of ['a', 'b', 'a', 'c'].entries()) list.add(id, at, 100 + at, at);
    const { sessions, allUntilMs } = list.snapshot();
    expect([sessions.map(({ sessionId }) => sessionId), allUntilMs]).toEqual([['a', 'c'], 1]);
    const again = RevocationList.restore(list.snapshot(), 2);
    expect([again.snapshot(), again.has('b', 1), again.has('b', 2)]).toEqual([list.snapshot(), true, false]);
  });

  test('survive a restart as JSON, and are shared by whoever is given the list', async () => {
    const world = new TokenWorld();
    const { token, session } = await world.tokens.issue('ada');
    world.tokens.revoke(session.sessionId);
    const text = JSON.stringify(world.tokens.revocations.snapshot());
    const revocations = RevocationList.restore(JSON.parse(text));
    expect(await new TokenWorld({ revocations }).tokens.verify(token)).toMatchObject({ reason: 'revoked' });
    for (const bad of [null, {}, { version: 2, allUntilMs: 0, sessions: [] }, { version: 1, sessions: [1] }])
      expect(() => RevocationList.restore(bad as never)).toThrow('"snapshot" expected one of version 1');
  });
});

describe('mistakes', () => {
  const SIGNER = { sign: () => 0, verify: () => 0 };
  test.each([
    ['neither', {}, '"keys" or "signer" expected, got neither'],
    ['both', { keys: KEYS, signer: SIGNER }, 'got both'],
    ['no signer', { signer: {} }, '"signer" expected an object with "sign" and "verify"'],
    ['issuer beside a signer', { signer: SIGNER, issuer: 'a' }, '"issuer" is for "keys"'],
    ['no issuer', { keys: KEYS, issuer: '' }, '"issuer" expected a string that is not empty, got ""'],
    ['ttlMs', { keys: KEYS, ttlMs: 999 }, '"ttlMs" expected integer 1000..'],
    ['revocations', { keys: KEYS, revocations: [] }, '"revocations" expected a RevocationList'],
    ['now', { keys: KEYS, now: 5 }, '"now" expected a function, got 5'],
  ])('%s', (_title, options, message) => {
    expect(() => new SessionTokens(options as SessionTokensOptions)).toThrow(message);
  });

  test('what a server gives to issue and revoke', async () => {
    const { tokens } = new TokenWorld({ maxTokenLength: 500 });
    await expect(tokens.issue('')).rejects.toThrow('"player" expected a string of 1..128 characters, got ""');
    await expect(tokens.issue('ada', { exp: 1 })).rejects.toThrow('"claims.exp" is made by the signer');
    await expect(tokens.issue('ada', { long: 'x'.repeat(500) })).rejects.toThrow('"maxTokenLength" is 500');
    expect(() => tokens.revoke('')).toThrow('"sessionId" expected a string of 1..128 characters');
  });

  test('undefined is not given', () => {
    const none = { ttlMs: undefined, now: undefined, signer: undefined, revocations: undefined };
    expect(new SessionTokens({ keys: KEYS, ...none }).settings).toEqual(SESSION_TOKENS_DEFAULTS);
  });
});
