/** Who may connect, by address prefix: IPv4 and IPv6 in CIDR notation. */
import { parseIp } from './ip.ts';

interface Prefix {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** A list of address prefixes. */
export class AddressRules {
  readonly #prefixes: readonly Prefix[];

  /**
   * @param name the option, for error messages.
   * @param list `"10.0.0.0/8"`, `"2001:db8::/32"`, or single addresses. `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
   * @throws RangeError for anything else.
   */
  constructor(name: string, list: readonly string[]) {
    this.#prefixes = list.map((text) => parsePrefix(name, text));
  }

  /** Whether there is no prefix at all. */
  get isEmpty(): boolean {
    return this.#prefixes.length === 0;
  }

  /** Whether one of the prefixes covers a canonical literal address. What is no address is covered by none. */
  covers(ip: string): boolean {
    if (this.#prefixes.length === 0) return false;
    const bytes = parseIp(ip)?.bytes;
    return bytes !== undefined && this.#prefixes.some((prefix) => isCovered(bytes, prefix));
  }
}

/**
 * What counts as one address for limits: an IPv4 address, or the first 64 bits of an IPv6 address, because everybody
 * with IPv6 has at least that many.
 */
export function limitKey(ip: string): string {
  if (!ip.includes(':')) return ip;
  const bytes = parseIp(ip)?.bytes;
  return bytes === undefined ? ip : bytes.subarray(0, 8).join('.');
}

function parsePrefix(name: string, text: string): Prefix {
  const [address = '', length, ...rest] = typeof text === 'string' ? text.split('/') : [];
  const parsed = parseIp(address);
  const isMapped = parsed?.bytes.length === 4 && address.includes(':');
  const max = (parsed?.bytes.length ?? 0) * 8;
  const given = length === undefined ? max : Number(length) - (isMapped ? MAPPED_BITS : 0);
  const isNumber = length === undefined || /^\d{1,3}$/.test(length);
  if (
    parsed === undefined ||
    parsed.zone !== '' ||
    rest.length > 0 ||
    !isNumber ||
    given < 0 ||
    given > max
  ) {
    throw new RangeError(
      `"${name}" expected an IP address or a prefix such as 10.0.0.0/8, got ${JSON.stringify(text)}`,
    );
  }
  return { bytes: parsed.bytes, bits: given };
}

function isCovered(bytes: Uint8Array, prefix: Prefix): boolean {
  if (bytes.length !== prefix.bytes.length) return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== prefix.bytes[i]) return false;
  const mask = (0xff00 >> (prefix.bits & 7)) & 0xff;
  return mask === 0 || ((bytes[whole] ?? 0) & mask) === ((prefix.bytes[whole] ?? 0) & mask);
}

const MAPPED_BITS = 96;
