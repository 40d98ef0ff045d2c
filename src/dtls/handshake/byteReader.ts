/** Reading the presentation language of TLS (RFC 5246, 4): big-endian numbers and vectors, checked at every step. */
import { Alert, HandshakeError } from '../protocol.ts';

/** A cursor over the body of a message. Whatever does not fit is a decode error. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Where the next byte stands. */
  get position(): number {
    return this.#at;
  }

  /** One byte. */
  u8(): number {
    return this.#number(1);
  }

  /** Two bytes. */
  u16(): number {
    return this.#number(2);
  }

  /** The next bytes, as a view. */
  take(length: number): Uint8Array {
    if (length > this.left) throw new HandshakeError(Alert.DECODE_ERROR, 'a handshake message is too short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A vector: its length in one, two or three bytes, then its content, as a view. */
  vector(lengthBytes: 1 | 2 | 3): Uint8Array {
    return this.take(this.#number(lengthBytes));
  }

  /** A vector of 16-bit numbers. */
  list16(): number[] {
    const reader = new ByteReader(this.vector(2));
    const numbers: number[] = [];
    while (reader.left > 0) numbers.push(reader.u16());
    return numbers;
  }

  /** Checks that nothing is left. */
  end(): void {
    if (this.left > 0) throw new HandshakeError(Alert.DECODE_ERROR, 'a handshake message is too long');
  }

  #number(length: number): number {
    const bytes = this.take(length);
    let value = 0;
    for (let index = 0; index < length; index += 1) value = value * 256 + (bytes[index] ?? 0);
    return value;
  }
}

/** Two bytes. */
export function u16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
}

/** A vector: the length in one, two or three bytes, then the parts. */
export function vector(lengthBytes: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = Buffer.allocUnsafe(lengthBytes + length);
  let at = out.writeUIntBE(length, 0, lengthBytes);
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A vector of 16-bit numbers. */
export function list16(numbers: readonly number[]): Uint8Array {
  const out = Buffer.allocUnsafe(2 + 2 * numbers.length);
  let at = out.writeUInt16BE(2 * numbers.length);
  for (const number of numbers) at = out.writeUInt16BE(number, at);
  return out;
}
