/** What a RedisBus can be told. */
import { checkFunctions, checkOptions, describe, type OptionNames } from '../../../options/internal.ts';
import { printError, requireRuntime } from '../../runtime/internal.ts';
import type { ClusterRuntime } from '../clock.ts';
import { checkText, checkTls, timesOf } from '../engineOptions.ts';

/** What a {@link RedisBus} can be told. */
export interface RedisBusOptions {
  /**
   * Where Redis is: `redis://[user[:password]@]host[:port][/database]`, with TLS `rediss://`. Default `redis://127.0.0.1:6379`. The server
   * that takes writes, Redis 7 or later; after a failover the same address has to lead to the new one.
   */
  readonly url?: string | undefined;
  /** The user (ACL). Default: that of the URL. */
  readonly username?: string | undefined;
  /** Its password. Default: that of the URL. */
  readonly password?: string | undefined;
  /** How a server with `rediss://` is known. Default: as Node knows any server, by its authorities. */
  readonly tls?: RedisTlsOptions | undefined;
  /** What all keys and channels begin with, in braces: 1..64 letters, digits, `_`, `-`, `.` and `:`. One for each cluster. Default `godot-enet`. */
  readonly prefix?: string | undefined;
  /** How long a root holds after each renewal, in milliseconds, 100..600,000, for all nodes alike. Default 4,000. */
  readonly leaseMs?: number | undefined;
  /** How long an answer may take, in milliseconds, 20..60,000; then the connection is given up. Default 2,000, with short leases half of one. */
  readonly commandTimeoutMs?: number | undefined;
  /** Takes what listeners throw, and why the connection was lost or does not come about again. Default: it is printed to the console. */
  readonly onError?: ((error: unknown, where: string) => void) | undefined;
  /** The clock. The Node entry brings one. */
  readonly runtime?: ClusterRuntime | undefined;
}

/** How the other side of TLS is known, and who this side is. */
export interface RedisTlsOptions {
  /** Authorities in PEM that are trusted instead of Node's own. */
  readonly ca?: string | undefined;
  /** This node's certificate in PEM, with {@link RedisTlsOptions.key}: for servers that want one. */
  readonly cert?: string | undefined;
  /** Its private key in PEM. */
  readonly key?: string | undefined;
  /** The name that the server's certificate has to have. Default: the host of the URL. */
  readonly serverName?: string | undefined;
}

/** Options with their defaults. */
export interface RedisSettings {
  readonly url: URL;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: RedisTlsOptions;
  readonly prefix: string;
  readonly leaseMs: number;
  readonly commandTimeoutMs: number;
  readonly onError: (error: unknown, where: string) => void;
  readonly runtime: ClusterRuntime;
}

/** @throws TypeError or RangeError naming the option. */
export function readRedisOptions(options: RedisBusOptions): RedisSettings {
  checkOptions(options, OPTION_NAMES);
  const { tls = {}, prefix = 'godot-enet', onError = printError } = options;
  const { leaseMs, commandTimeoutMs } = timesOf(options);
  if (typeof prefix !== 'string' || !PREFIX.test(prefix))
    throw new RangeError(`"prefix" expected 1..64 letters, digits, _ - . :, got ${describe(prefix)}`);
  checkFunctions(options, ['onError']);
  for (const name of ['username', 'password'] as const) checkText(name, options[name]);
  checkTls(tls);
  const { url: where = 'redis://127.0.0.1:6379' } = options;
  const url = readUrl(where);
  if (options.tls !== undefined && url.protocol !== 'rediss:')
    throw new RangeError('"tls" expected a URL with rediss:, got one with redis:');
  const { username = decodeURIComponent(url.username), password = decodeURIComponent(url.password) } =
    options;
  return {
    ...{ url, tls, prefix, leaseMs, commandTimeoutMs, onError },
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    runtime: requireRuntime<ClusterRuntime>(options.runtime, 'RedisBus', 'cluster'),
  };
}

/** The message of an error never has the URL in it: that may have a password. */
function readUrl(text: string): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isRight =
    (url?.protocol === 'redis:' || url?.protocol === 'rediss:') &&
    url.hostname !== '' &&
    /^(\/[0-9]{0,5})?$/.test(url.pathname) &&
    url.search === '' &&
    url.hash === '' &&
    isEncoded(url.username) &&
    isEncoded(url.password);
  if (!isRight) throw new RangeError('"url" expected redis[s]://[user[:password]@]host[:port][/database]');
  return url;
}

/** Whether a part of a URL says what it stands for. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const PREFIX = /^[A-Za-z0-9_.:-]{1,64}$/;

const OPTION_NAMES: OptionNames<RedisBusOptions> = {
  url: true,
  username: true,
  password: true,
  tls: true,
  prefix: true,
  leaseMs: true,
  commandTimeoutMs: true,
  onError: true,
  runtime: true,
};
