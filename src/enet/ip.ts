/**
 * Literal IP addresses as text and bytes. The canonical text is that of {@link Address.ip}: dotted decimal for IPv4
 * and IPv4-mapped IPv6, RFC 5952 for other IPv6, with the zone kept. docs/protocol/godot-enet-classes 2.6.
 */

/** A parsed literal address. */
export interface ParsedIp {
  /** 4 bytes for IPv4 (also when it was written as IPv4-mapped IPv6), else 16. */
  readonly bytes: Uint8Array;
  /** The zone of a scoped IPv6 address, without the percent sign; empty when there is none. */
  readonly zone: string;
}

/**
 * Parses a literal address. IPv4 must have exactly four decimal parts without leading zeros.
 *
 * @returns the parts, or `undefined` when `text` is no literal address.
 */
export function parseIp(text: string): ParsedIp | undefined {
  if (text.length > MAX_TEXT_LENGTH) {
    return undefined;
  }
  if (!text.includes(':')) {
    const bytes = parseIpv4(text);
    return bytes === undefined ? undefined : { bytes, zone: '' };
  }
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && !ZONE.test(zone)) {
    return undefined;
  }
  const bytes = parseIpv6(percent < 0 ? text : text.slice(0, percent));
  if (bytes === undefined) {
    return undefined;
  }
  return isMapped(bytes) ? { bytes: bytes.slice(12), zone: '' } : { bytes, zone };
}

/**
 * The canonical text of an address.
 *
 * @param bytes 4 or 16 bytes; IPv4-mapped addresses come out as dotted decimal, without zone.
 * @throws RangeError for any other length.
 */
export function formatIp(bytes: Uint8Array, zone = ''): string {
  if (bytes.length === 4) {
    return bytes.join('.');
  }
  if (bytes.length !== 16) {
    throw new RangeError(`"bytes" expected 4 or 16 bytes, got ${bytes.length}`);
  }
  if (isMapped(bytes)) {
    return bytes.subarray(12).join('.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  const [start, end] = longestZeroRun(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  const text = start < 0 ? hex(0, 8) : `${hex(0, start)}::${hex(end, 8)}`;
  return zone === '' ? text : `${text}%${zone}`;
}

/**
 * Brings a literal address into its canonical text.
 *
 * @returns the canonical text, or `undefined` when `text` is no literal address.
 */
export function canonicalIp(text: string): string | undefined {
  const parsed = parseIp(text);
  return parsed === undefined ? undefined : formatIp(parsed.bytes, parsed.zone);
}

/** Whether a canonical text is an IPv4 address. */
export function isIpv4Text(canonical: string): boolean {
  return !canonical.includes(':');
}

function parseIpv4(text: string): Uint8Array | undefined {
  const match = IPV4.exec(text);
  if (match === null) {
    return undefined;
  }
  const bytes = new Uint8Array(4);
  for (let index = 0; index < 4; index += 1) {
    const value = Number(match[index + 1]);
    if (value > 255) {
      return undefined;
    }
    bytes[index] = value;
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const [before, after] = halves;
  const head = parseGroups(before ?? '', after === undefined);
  const tail = after === undefined ? [] : parseGroups(after, true);
  if (head === undefined || tail === undefined) {
    return undefined;
  }
  const missing = 8 - head.length - tail.length;
  // "::" stands for at least one group.
  if (after === undefined ? missing !== 0 : missing < 1) {
    return undefined;
  }
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  head.forEach((group, index) => {
    view.setUint16(index * 2, group);
  });
  tail.forEach((group, index) => {
    view.setUint16((8 - tail.length + index) * 2, group);
  });
  return bytes;
}

/** Groups between colons; the last part may be dotted decimal when `mayEndInIpv4`. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') {
    return [];
  }
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 === undefined) {
      return undefined;
    }
    const view = new DataView(ipv4.buffer);
    groups.push(view.getUint16(0), view.getUint16(2));
  }
  return groups;
}

function isMapped(bytes: Uint8Array): boolean {
  for (let index = 0; index < 10; index += 1) {
    if (bytes[index] !== 0) {
      return false;
    }
  }
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

/** RFC 5952 4.2: the first of the longest runs of two or more zero groups. */
function longestZeroRun(groups: readonly number[]): readonly [start: number, end: number] {
  let best: readonly [number, number] = [-1, -1];
  let start = 0;
  for (let index = 0; index <= groups.length; index += 1) {
    if (index < groups.length && groups[index] === 0) {
      continue;
    }
    const length = index - start;
    if (length >= 2 && length > best[1] - best[0]) {
      best = [start, index];
    }
    start = index + 1;
  }
  return best;
}

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const ZONE = /^[0-9a-zA-Z_.~-]+$/;
/** 45 characters of an address, a percent sign and a zone. */
const MAX_TEXT_LENGTH = 110;
