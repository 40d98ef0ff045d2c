/** What a SessionTokens can be told at creation. */
import {
  checkFunctions,
  checkInteger,
  checkOptions,
  describe,
  type OptionNames,
  withDefaults,
} from '../../../options/internal.ts';
import { JwtSigner } from './jwtSigner.ts';
import { RevocationList } from './RevocationList.ts';
import { readTokenKeys, type TokenKey } from './tokenKeys.ts';
import type { TokenSigner } from './tokenSigner.ts';

/** Options of a `SessionTokens`: `keys` or `signer`, all else has defaults. */
export interface SessionTokensOptions {
  /** The keys of JWTs: the first signs, all verify, each what names it. */
  readonly keys?: readonly TokenKey[] | undefined;
  /** Makes and reads the tokens in another way than as JWTs. */
  readonly signer?: TokenSigner | undefined;
  /** With `keys`: who makes the tokens, their `iss`; others are refused. Default: none, and nobody looks. */
  readonly issuer?: string | undefined;
  /** With `keys`: for whom the tokens are, their `aud`; others are refused. Default: none, and nobody looks. */
  readonly audience?: string | undefined;
  /** How long a token is valid, in ms, at least 1000; tokens of others that are valid for longer are refused. Default 3,600,000, an hour. */
  readonly ttlMs?: number | undefined;
  /** By how much clocks of servers may differ, in ms. Default 5000. */
  readonly clockToleranceMs?: number | undefined;
  /** The longest token, in characters; a longer one is refused before anybody looks into it. Default 4096. */
  readonly maxTokenLength?: number | undefined;
  /** The longest id of a player or a session, in UTF-16 units. Default 128. */
  readonly maxIdLength?: number | undefined;
  /** The sessions that were revoked, to share them or to bring those of the last run. Default: a list of its own, empty. */
  readonly revocations?: RevocationList | undefined;
  /** What time it is, in ms since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** What has a default and is a number. */
export interface SessionTokensSettings {
  /** How long a token is valid. */
  readonly ttlMs: number;
  /** By how much clocks may differ. */
  readonly clockToleranceMs: number;
  /** Characters of a token. */
  readonly maxTokenLength: number;
  /** UTF-16 units of an id. */
  readonly maxIdLength: number;
}

/** The defaults that hold when the options name no others. */
export const SESSION_TOKENS_DEFAULTS: SessionTokensSettings = {
  ttlMs: 3_600_000,
  clockToleranceMs: 5000,
  maxTokenLength: 4096,
  maxIdLength: 128,
};

/** The parts of a `SessionTokens`. */
export interface TokenParts {
  readonly settings: SessionTokensSettings;
  readonly signer: TokenSigner;
  readonly revocations: RevocationList;
  readonly now: () => number;
}

/** @throws TypeError or RangeError naming the option. */
export function readTokenOptions(options: SessionTokensOptions): TokenParts {
  checkOptions(options, OPTION_NAMES);
  checkFunctions(options, ['now']);
  const settings = withDefaults(SESSION_TOKENS_DEFAULTS, options);
  for (const [name, least] of LEAST) checkInteger(name, settings[name], least, Number.MAX_SAFE_INTEGER);
  const { revocations = new RevocationList(), now = Date.now } = options;
  if (!(revocations instanceof RevocationList))
    throw new TypeError(`"revocations" expected a RevocationList, got ${describe(revocations)}`);
  return { settings, signer: readSigner(options, settings, now), revocations, now };
}

function readSigner(
  { keys, signer, issuer, audience }: SessionTokensOptions,
  { clockToleranceMs }: SessionTokensSettings,
  now: () => number,
): TokenSigner {
  if ((keys === undefined) === (signer === undefined))
    throw new TypeError(`"keys" or "signer" expected, got ${keys === undefined ? 'neither' : 'both'}`);
  for (const [name, text] of Object.entries({ issuer, audience })) {
    if (text === undefined) continue;
    if (signer !== undefined)
      throw new TypeError(`"${name}" is for "keys"; "signer" has to look at it itself`);
    if (typeof text !== 'string' || text === '')
      throw new TypeError(`"${name}" expected a string that is not empty, got ${describe(text)}`);
  }
  if (keys !== undefined)
    return new JwtSigner({ keys: readTokenKeys(keys), issuer, audience, clockToleranceMs, now });
  if (typeof signer?.sign !== 'function' || typeof signer.verify !== 'function')
    throw new TypeError(`"signer" expected an object with "sign" and "verify", got ${describe(signer)}`);
  return signer;
}

const LEAST = [
  ['ttlMs', 1000],
  ['clockToleranceMs', 0],
  ['maxTokenLength', 1],
  ['maxIdLength', 1],
] as const;

const OPTION_NAMES: OptionNames<SessionTokensOptions> = {
  keys: true,
  signer: true,
  issuer: true,
  audience: true,
  ttlMs: true,
  clockToleranceMs: true,
  maxTokenLength: true,
  maxIdLength: true,
  revocations: true,
  now: true,
};
