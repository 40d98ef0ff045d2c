/** What a NatsBus can be told at creation. */

import { checkFunctions, checkOptions, describe, type OptionNames } from '../../../options/internal.ts';
import { printError } from '../../runtime/internal.ts';
import type { ClusterRuntime } from '../clock.ts';
import { checkText, checkTls, timesOf } from '../engineOptions.ts';

/** How a NatsBus is sure of the server, and the server of it. Texts are PEM. */
export interface NatsTlsOptions {
  /** Who may have signed the server's certificate. Default: whom Node trusts. */
  readonly ca?: string | undefined;
  /** The certificate of this node, with {@link NatsTlsOptions.key}, when the server asks for one. */
  readonly cert?: string | undefined;
  /** The key of {@link NatsTlsOptions.cert}. */
  readonly key?: string | undefined;
  /** The name that the certificate has to have. Default: the host of the server's address. */
  readonly serverName?: string | undefined;
}

/** What a `NatsBus` can be told at creation. */
export interface NatsBusOptions {
  /** Addresses of the servers, `host:port`, `nats://host:port` or, for TLS, `tls://host:port`; any of them is taken. Default `'127.0.0.1:4222'`. */
  readonly servers?: string | readonly string[] | undefined;
  /** Who this node is, with {@link NatsBusOptions.password}. */
  readonly username?: string | undefined;
  /** Its password. */
  readonly password?: string | undefined;
  /** A token in place of both. */
  readonly token?: string | undefined;
  /** Talks over TLS only, and knows the server so. Default: with `tls://` as Node knows any server, by its authorities. */
  readonly tls?: NatsTlsOptions | undefined;
  /** Which cluster: names of its streams and subjects begin with it. 1..32 of letters, digits, `_` and `-`. Default `'godot-enet'`. */
  readonly prefix?: string | undefined;
  /** How long a root holds after each renewal, in milliseconds, 100..600,000; the same for all nodes. Default 4,000. */
  readonly leaseMs?: number | undefined;
  /** How long a call may take before it fails with DOWN, in milliseconds, 20..60,000. Default 2,000, with short leases half of one. */
  readonly commandTimeoutMs?: number | undefined;
  /** On how many servers of a NATS cluster the data are, 1, 3 or 5. For streams that this bus is the first to need. Default 1. */
  readonly replicas?: number | undefined;
  /** Where the data are, for streams that this bus is the first to need. Default `'file'`. */
  readonly storage?: 'file' | 'memory' | undefined;
  /** Takes what listeners throw, and what went wrong that no call could tell. Default: it is printed to the console. */
  readonly onError?: ((error: unknown, where: string) => void) | undefined;
  /** The clock. The Node entry brings one. */
  readonly runtime?: ClusterRuntime | undefined;
}

/** Options after checks. */
export interface CheckedOptions {
  readonly servers: string[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  readonly tls: NatsTlsOptions | undefined;
  readonly prefix: string;
  readonly leaseMs: number;
  readonly commandTimeoutMs: number;
  readonly replicas: number;
  readonly storage: 'file' | 'memory';
  readonly onError: (error: unknown, where: string) => void;
}

/** @throws TypeError or RangeError naming the option. */
export function checkNatsOptions(options: NatsBusOptions): CheckedOptions {
  checkOptions(options, OPTION_NAMES);
  const { username, password, token, prefix = 'godot-enet' } = options;
  const { replicas = 1, storage = 'file', onError = printError } = options;
  for (const [name, value] of Object.entries({ username, password, token })) checkText(name, value);
  if ((username === undefined) !== (password === undefined))
    throw new TypeError('"username" and "password" expected both or none');
  if (token !== undefined && username !== undefined)
    throw new TypeError('"token" expected no "username" beside it');
  const servers = checkServers(options.servers);
  const { tls = servers.some((server) => server.startsWith('tls:')) ? {} : undefined } = options;
  if (tls !== undefined) checkTls(tls);
  if (typeof prefix !== 'string' || !PREFIX.test(prefix))
    throw new RangeError(`"prefix" expected 1..32 letters, digits, _ and -, got ${describe(prefix)}`);
  const { leaseMs, commandTimeoutMs } = timesOf(options);
  if (![1, 3, 5].includes(replicas))
    throw new RangeError(`"replicas" expected 1, 3 or 5, got ${describe(replicas)}`);
  if (storage !== 'file' && storage !== 'memory')
    throw new RangeError(`"storage" expected "file" or "memory", got ${describe(storage)}`);
  checkFunctions(options, ['onError']);
  return {
    servers,
    username,
    password,
    token,
    tls,
    prefix,
    leaseMs,
    commandTimeoutMs,
    replicas,
    storage,
    onError,
  };
}

function checkServers(servers: NatsBusOptions['servers'] = '127.0.0.1:4222'): string[] {
  const list: readonly unknown[] = Array.isArray(servers) ? servers : [servers];
  const texts = list.filter((server) => typeof server === 'string' && SERVER.test(server)).map(String);
  if (texts.length === list.length && texts.length > 0) return texts;
  const wrong = list.find((server) => !texts.includes(String(server)));
  // What is before an @ may be a password.
  const got = typeof wrong === 'string' && wrong.includes('@') ? 'one with an @' : describe(wrong);
  throw new TypeError(`"servers" expected host:port or nats://host:port, got ${got}`);
}

const PREFIX = /^[A-Za-z0-9_-]{1,32}$/;
const SERVER = /^((nats|tls):\/\/)?[^\s/@]+$/;

const OPTION_NAMES: OptionNames<NatsBusOptions> = {
  servers: true,
  username: true,
  password: true,
  token: true,
  tls: true,
  prefix: true,
  leaseMs: true,
  commandTimeoutMs: true,
  replicas: true,
  storage: true,
  onError: true,
  runtime: true,
};
