/**
 * Literal IP addresses as Godot's classes take and show them. Implements godot-enet-classes 2.6.
 *
 * Stricter than the engine: it takes any text with a colon for an IPv6 address, this takes only addresses.
 */

/**
 * Reads a literal address.
 *
 * @returns its eight 16-bit groups (IPv4 as `::ffff:a.b.c.d`), or `undefined` when the text is no address.
 */
export function parseIpAddress(text: string): readonly number[] | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  if (!text.includes(':')) {
    const tail = parseIpv4(text);
    return tail && [0, 0, 0, 0, 0, 0xffff, ...tail];
  }
  // A zone ("fe80::1%eth0") names the interface and is no part of the 16 bytes.
  const [address = '', zone, ...rest] = text.split('%');
  if (rest.length > 0 || (zone !== undefined && !ZONE.test(zone))) return undefined;
  return parseIpv6(address);
}

/** Whether a text can be bound to: a literal address or `"*"`. */
export function isBindAddress(text: unknown): text is string {
  return typeof text === 'string' && (text === '*' || parseIpAddress(text) !== undefined);
}

/**
 * Writes an address as Godot does: IPv4 and IPv4-mapped in dotted decimal, IPv6 as eight groups without any
 * shortening, e.g. `"0:0:0:0:0:0:0:1"`.
 *
 * @returns the text itself when it is no literal address.
 */
export function formatIpAddress(ip: string): string {
  const groups = parseIpAddress(ip);
  if (!groups) return ip;
  const isIpv4 = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (!isIpv4) return groups.map((group) => group.toString(16)).join(':');
  return groups
    .slice(6)
    .flatMap((group) => [group >>> 8, group & 0xff])
    .join('.');
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => DECIMAL.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return [(a << 8) | b, (c << 8) | d];
}

function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  // "::" stands for at least one group of zeros.
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, mayEndInIpv4: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (!ipv4) return undefined;
    groups.push(...ipv4);
  }
  return groups;
}

const DECIMAL = /^(0|[1-9]\d{0,2})$/;
const ZONE = /^[0-9a-zA-Z_.~-]+$/;
/** 45 characters of an address, a percent sign and a zone. */
const MAX_TEXT_LENGTH = 110;
