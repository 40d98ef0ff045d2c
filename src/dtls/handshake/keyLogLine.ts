/** The lines of a key log: the format of NSS, which OpenSSL writes and Wireshark reads. Of TLS 1.2 there is one kind. */

/** `CLIENT_RANDOM`, the 32 bytes of the client's hello, the master secret of 48 bytes; without the end of the line. */
export function keyLogLine(clientRandom: Uint8Array, secret: Uint8Array): string {
  return `CLIENT_RANDOM ${Buffer.from(clientRandom).toString('hex')} ${Buffer.from(secret).toString('hex')}`;
}

/**
 * Reads a key log. Lines of other kinds (TLS 1.3, comments) are passed over.
 *
 * @returns the master secrets by the client's random bytes in hexadecimal.
 */
export function readKeyLog(text: string): ReadonlyMap<string, Uint8Array> {
  const secrets = new Map<string, Uint8Array>();
  for (const [, random = '', secret = ''] of text.matchAll(LINE))
    secrets.set(random.toLowerCase(), Buffer.from(secret, 'hex'));
  return secrets;
}

const LINE = /^CLIENT_RANDOM ([0-9a-f]{64}) ([0-9a-f]{96})\s*$/gim;
