/** Captures as text: recorded sessions in JSON, and plain hexadecimal. */
import { type CapturedDatagram, CaptureError } from './capturedDatagram.ts';

/** A capture, and the compression that it names. */
export interface TextCapture {
  readonly datagrams: readonly CapturedDatagram[];
  /** The compression's name, when the file says it. */
  readonly compression: string | undefined;
}

/**
 * Reads a recorded session (`{ compression, datagrams: [[ms, sender, hex], ...] }`), or text with one datagram in
 * hexadecimal per line; `#` starts a comment.
 *
 * @throws CaptureError when a line or an entry cannot be read.
 */
export function readTextCapture(text: string): TextCapture {
  return text.trimStart().startsWith('{')
    ? readSession(text)
    : { datagrams: readHex(text), compression: undefined };
}

function readSession(text: string): TextCapture {
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
  const compression = 'compression' in session ? String(session.compression) : undefined;
  return {
    compression,
    datagrams: datagrams.map((entry: unknown, index) => {
      if (!Array.isArray(entry) || typeof entry[0] !== 'number' || typeof entry[2] !== 'string') {
        throw new CaptureError(`datagrams[${index}] expected [milliseconds, sender, hex]`);
      }
      return {
        timeMs: entry[0],
        from: String(entry[1]),
        to: '',
        bytes: bytesOfHex(entry[2], `datagrams[${index}]`),
      };
    }),
  };
}

function readHex(text: string): CapturedDatagram[] {
  const datagrams: CapturedDatagram[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const digits = line.replace(/#.*/, '').trim();
    if (digits === '') continue;
    datagrams.push({ timeMs: 0, from: '', to: '', bytes: bytesOfHex(digits, `line ${index + 1}`) });
  }
  return datagrams;
}

function bytesOfHex(text: string, where: string): Uint8Array {
  const digits = text.replace(/[\s:]|0x/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new CaptureError(`${where} expected an even number of hexadecimal digits`);
  }
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
