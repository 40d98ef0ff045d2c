/** Which server is meant: `HOST PORT`, `HOST:PORT`, `IP:PORT`, `[IPV6]:PORT`. */

/** A host and a UDP port. */
export interface Target {
  /** A name or a literal address, without brackets. */
  readonly host: string;
  /** 1..65535 */
  readonly port: number;
}

/**
 * Reads what was given on the command line.
 *
 * @param first the host, or host and port in one.
 * @param second the port, if it stands alone.
 * @returns the target, or one line that says what is wrong.
 */
export function readTarget(first: string, second: string | undefined): Target | string {
  const [, bracketed, plain, behind] = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(first) ?? [];
  const host = bracketed ?? plain ?? first;
  if (host === '') return 'expected a host, e.g. game.example:7777';
  if (behind !== undefined && second !== undefined)
    return `the port is there twice: "${behind}" and "${second}"`;
  const text = behind ?? second;
  if (text === undefined) {
    const shown = host.includes(':') ? `[${host}]` : host;
    return `the port is missing: expected ${shown}:PORT, or HOST PORT`;
  }
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) return `the port "${text}": expected 1..65535`;
  return { host, port };
}
