/** What the environment of a process decides. */

/** The settings of a server. */
export interface Settings {
  /** PORT: UDP, default 7777; 0 for any free one, as all ports. */
  readonly port: number;
  /** WEB_PORT: TCP for WebSockets, default 7778. */
  readonly webPort: number;
  /** OPS_PORT: TCP for health, status and drain, default 9100. */
  readonly opsPort: number;
  /** OPS_ADDRESS: what that is bound to, default 127.0.0.1. */
  readonly opsAddress: string;
  /** BIND: the address or name for UDP, default `*`. */
  readonly bind: string;
  /** MTU: the largest datagram of ENet in bytes, default 1392. */
  readonly mtuBytes: number;
  /** MAX_PLAYERS, default 64. */
  readonly maxPlayers: number;
  /** MAX_ROOMS, default 8. */
  readonly maxRooms: number;
  /** DRAIN_SECONDS: how long players may take to leave, default 60. */
  readonly drainMs: number;
  /** DRAIN_TOKEN: who has it may drain; default: nobody. */
  readonly drainToken: string;
  /** VERSION, default `dev`. */
  readonly version: string;
  /** Whether AGONES_SDK_HTTP_PORT is there, which Agones sets. */
  readonly isInAgones: boolean;
  /** TOKEN_SECRET, 32 bytes or more: players log in with tokens that are signed with it; default: nobody is asked. */
  readonly tokenSecret: string;
  /** What makes this process one node of many; `undefined` without REDIS_URL and NATS_URL. */
  readonly cluster: ClusterSettings | undefined;
}

/** The settings of a node of a cluster. */
export interface ClusterSettings {
  /** REDIS_URL: the Redis of all nodes; empty when it is NATS. */
  readonly redisUrl: string;
  /** NATS_URL: the servers of one NATS, with commas between them; read without REDIS_URL. */
  readonly natsUrl: string;
  /** NODE_NAME: another one for each node; default one that is made up. */
  readonly name: string | undefined;
  /** PUBLIC_HOST: the name or address by which players reach this node, and no other. In Agones its sidecar knows it. */
  readonly host: string;
  /** PUBLIC_PORT: the port of it for UDP; default the one that is bound. */
  readonly port: number;
  /** PUBLIC_WEB_URL: the URL for WebSockets; default `ws://PUBLIC_HOST:` and the port that is bound. */
  readonly webUrl: string;
  /** REGION, default none. */
  readonly region: string;
  /** LABELS, as `tier=a,gpu=yes`; default none. */
  readonly labels: Readonly<Record<string, string>>;
}

/** @throws RangeError naming the variable. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const integer = (name: string, otherwise: number, min: number, max: number): number => {
    const text = env[name] || String(otherwise);
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new RangeError(`${name} expected an integer ${min}..${max}, got ${text}`);
  };
  const port = (name: string, otherwise: number): number => integer(name, otherwise, 0, 65_535);
  const isInAgones = (env['AGONES_SDK_HTTP_PORT'] ?? '') !== '';
  const [redisUrl = '', natsUrl = '', host = ''] = [env['REDIS_URL'], env['NATS_URL'], env['PUBLIC_HOST']];
  const isOfCluster = redisUrl !== '' || natsUrl !== '';
  if (isOfCluster && host === '' && !isInAgones)
    throw new RangeError('PUBLIC_HOST expected the name or address of this node, got none');
  const tokenSecret = env['TOKEN_SECRET'] ?? '';
  const secretBytes = new TextEncoder().encode(tokenSecret).length;
  if (secretBytes > 0 && secretBytes < 32)
    throw new RangeError(`TOKEN_SECRET expected 32 bytes or more, got ${secretBytes}`);
  return {
    port: port('PORT', 7777),
    webPort: port('WEB_PORT', 7778),
    opsPort: port('OPS_PORT', 9100),
    opsAddress: env['OPS_ADDRESS'] || '127.0.0.1',
    bind: env['BIND'] || '*',
    mtuBytes: integer('MTU', 1392, 576, 4096),
    maxPlayers: integer('MAX_PLAYERS', 64, 1, 4095),
    maxRooms: integer('MAX_ROOMS', 8, 1, 10_000),
    drainMs: 1000 * integer('DRAIN_SECONDS', 60, 0, 86_400),
    drainToken: env['DRAIN_TOKEN'] ?? '',
    version: env['VERSION'] || 'dev',
    isInAgones,
    tokenSecret,
    cluster: isOfCluster
      ? {
          redisUrl,
          natsUrl,
          name: env['NODE_NAME'] || undefined,
          host,
          port: port('PUBLIC_PORT', 0),
          webUrl: env['PUBLIC_WEB_URL'] ?? '',
          region: env['REGION'] ?? '',
          labels: readLabels(env['LABELS'] ?? ''),
        }
      : undefined,
  };
}

function readLabels(text: string): Record<string, string> {
  const pairs = text === '' ? [] : text.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair[0] === ''))
    throw new RangeError(`LABELS expected name=value,name=value, got ${text}`);
  return Object.fromEntries(pairs);
}
