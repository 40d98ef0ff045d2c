/** The slow twin of `ShortGcm`: AES-GCM by node:crypto, with a cipher object for each message. */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** The encrypted content, and the tag behind it. */
export function slowSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce);
  cipher.setAAD(additional);
  return Uint8Array.from(Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]));
}

/** The content; undefined when the tag is wrong. */
export function slowOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const decipher = createDecipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce);
  decipher.setAAD(additional);
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  const content = decipher.update(sealed.subarray(0, sealed.length - 16));
  try {
    return Uint8Array.from(Buffer.concat([content, decipher.final()]));
  } catch {
    // The tag is wrong.
    return undefined;
  }
}
