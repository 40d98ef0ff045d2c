/**
 * Literal IP addresses as Godot's classes take and show them. Implements godot-enet-classes 2.6.
 *
 * Stricter than the engine: it takes any text with a colon for an IPv6 address, this takes only addresses.
 */
import { parseIp } from '../enet/internal.ts';

/** Whether a text can be bound to: a literal address or `"*"`. */
export function isBindAddress(text: unknown): text is string {
  return typeof text === 'string' && (text === '*' || parseIp(text) !== undefined);
}

/** Whether a text can be a host name: no white space, no controls, at most 253 characters. */
export function isHostName(text: unknown): text is string {
  return typeof text === 'string' && HOST_NAME.test(text) && !/[:*]/.test(text);
}

/**
 * Writes an address as Godot does: IPv4 and IPv4-mapped in dotted decimal, IPv6 as eight groups without any
 * shortening, e.g. `"0:0:0:0:0:0:0:1"`.
 *
 * @returns the text itself when it is no literal address.
 */
export function formatIpAddress(ip: string): string {
  const bytes = parseIp(ip)?.bytes;
  if (bytes === undefined) return ip;
  if (bytes.length === 4) return bytes.join('.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16)).join(':');
}

const HOST_NAME = /^[^\s\p{Cc}]{1,253}$/u;
