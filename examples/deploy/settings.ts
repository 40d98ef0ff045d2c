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
    isInAgones: (env['AGONES_SDK_HTTP_PORT'] ?? '') !== '',
  };
}
