/** The pseudorandom function of TLS 1.2. RFC 5246, section 5. */
import { createHmac, createSecretKey } from 'node:crypto';

/**
 * P_hash(secret, label + seed), cut to a length.
 *
 * @returns bytes of their own, for the caller to erase.
 */
export function prf(
  hash: 'sha256' | 'sha384',
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const out = Buffer.alloc(length);
  // Bytes would be copied into node:crypto for each HMAC.
  const key = createSecretKey(secret);
  let chain: Uint8Array = labelled;
  for (let at = 0; at < length; ) {
    chain = createHmac(hash, key).update(chain).digest();
    const block = createHmac(hash, key).update(chain).update(labelled).digest();
    at += block.copy(out, at);
    block.fill(0);
  }
  return out;
}
