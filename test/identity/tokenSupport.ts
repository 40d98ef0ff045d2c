/** Keys for tests, and tokens that no honest server makes. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { SessionTokens, type SessionTokensOptions, type TokenKey } from '../../src/identity/index.ts';

/** When the tests play: 2026-01-01, in ms. */
export const START = Date.UTC(2026, 0, 1);
export const SECRET = 'a secret of thirty-two bytes ...';

export const ED25519 = generateKeyPairSync('ed25519');
export const OTHER_ED25519 = generateKeyPairSync('ed25519');
export const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
export const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const pem = (key: KeyObject): string =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
export const jwk = (key: KeyObject): Readonly<Record<string, unknown>> => ({
  ...key.export({ format: 'jwk' }),
});

/** A key of each algorithm; the first signs. */
export const KEYS: readonly TokenKey[] = [
  { id: 'hs', algorithm: 'HS256', secret: SECRET },
  { id: 'ed', algorithm: 'EdDSA', privateKey: pem(ED25519.privateKey) },
  { id: 'es', algorithm: 'ES256', privateKey: jwk(P256.privateKey) },
];

/** Tokens with a clock of their own. */
export class TokenWorld {
  nowMs = START;
  readonly tokens: SessionTokens;

  constructor(options: SessionTokensOptions = {}) {
    const keys = options.signer === undefined ? { keys: KEYS } : {};
    this.tokens = new SessionTokens({ ...keys, now: () => this.nowMs, ...options });
  }
}

const text = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** What every good token says, at START. */
export const GOOD = { sub: 'ada', jti: 'session', iat: START / 1000, exp: START / 1000 + 3600 };

/** A token by hand, whatever it says, signed with HMAC. */
export function forge(header: unknown, payload: unknown = GOOD, secret: string = SECRET): string {
  const signed = `${text(header)}.${text(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** The same with Ed25519. */
export function forgeEd25519(header: unknown, key: KeyObject = ED25519.privateKey): string {
  const signed = `${text(header)}.${text(GOOD)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}
