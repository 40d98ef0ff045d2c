/** Captures as text: recorded sessions in JSON, and plain hexadecimal. */
import { type Capture, type CapturedDatagram, CaptureError } from './capturedDatagram.ts';

/**
 * Reads a recorded session (`{ compression, datagrams: [[ms, sender, hex], ...] }`), or text with one datagram in
 * hexadecimal per line; `#` starts a comment.
 *
 * @throws CaptureError, here or while the entries are iterated, when a line or an entry cannot be read.
 */
export function readTextCapture(text: string): Capture {
  return text.trimStart().startsWith('{')
    ? readSession(text)
    : { kind: 'hex', entries: readHex(text), compression: undefined };
}

/** The bytes of hexadecimal digits; spaces, colons, commas, `0x` and `\\x` do not count. `undefined` when there is anything else. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:,]|\\x|\b0[xX]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function readSession(text: string): Capture {
  let session: unknown;
  try {
    session = JSON.parse(text);
  } catch (error) {
    throw new CaptureError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof session !== 'object' || session === null || !('datagrams' in session)) {
    throw new CaptureError('a session needs an array "datagrams"');
  }
  const { datagrams } = session;
  if (!Array.isArray(datagrams)) throw new CaptureError('a session needs an array "datagrams"');
  const compression = 'compression' in session ? session.compression : undefined;
  if (compression !== undefined && typeof compression !== 'string') {
    throw new CaptureError('"compression" of a session expected a name');
  }
  return { kind: 'session', compression, entries: sessionEntries(datagrams) };
}

function* sessionEntries(datagrams: readonly unknown[]): Iterable<CapturedDatagram> {
  for (const [index, entry] of datagrams.entries()) {
    if (
      !Array.isArray(entry) ||
      typeof entry[0] !== 'number' ||
      typeof entry[1] !== 'string' ||
      typeof entry[2] !== 'string'
    ) {
      throw new CaptureError(`datagrams[${index}] expected [milliseconds, sender, hex]`);
    }
    yield { timeMs: entry[0], from: entry[1], to: '', bytes: bytesOfHex(entry[2], `datagrams[${index}]`) };
  }
}

function* readHex(text: string): Iterable<CapturedDatagram> {
  let start = 0;
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const digits = text.slice(start, end).replace(/#.*/, '').trim();
    start = end + 1;
    if (digits !== '') yield { timeMs: 0, from: '', to: '', bytes: bytesOfHex(digits, `line ${line}`) };
  }
}

function bytesOfHex(text: string, where: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes === undefined) {
    throw new CaptureError(`${where} expected an even number of hexadecimal digits`);
  }
  return bytes;
}
