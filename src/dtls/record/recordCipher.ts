/**
 * Protection of records with one key: AEAD with the nonce of RFC 5288 section 3 (AES-GCM) or RFC 7905 section 2
 * (ChaCha20-Poly1305) and the additional data of RFC 5246 6.2.3.3 with RFC 6347 4.1.2.1.
 *
 * The nonce is made of the epoch and the sequence number that stand in the header of the record and of nothing else, so
 * it repeats only if those do; `RecordWriter` is what never lets them.
 */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
} from 'node:crypto';
import { DTLS_1_2 } from '../protocol.ts';
import type { CipherSuite } from './cipherSuites.ts';
import { RECORD_HEADER_BYTES } from './record.ts';
import { SHORT_BYTES, ShortGcm } from './shortGcm.ts';

/** The length of the tag behind each record. */
export const TAG_BYTES = 16;

/** Makes what all ciphers share ahead of the first handshake, whose time is counted. Again it does nothing. */
export function prepareRecordCiphers(): void {
  ShortGcm.prepare();
}

/** Seals or opens the records of one direction. The key is in an opaque object; nothing here shows it. */
export class RecordCipher {
  /** By how much a record's payload is longer than its content. */
  readonly overhead: number;
  readonly #cipher: CipherGCMTypes;
  /** CCM has to know the length before the first byte. */
  readonly #needsLength: boolean;
  readonly #key: KeyObject;
  readonly #fixedIv: Uint8Array;
  readonly #explicitBytes: number;
  /** For short records of AES-GCM, which it seals and opens at half the cost. */
  readonly #short: ShortGcm | undefined;

  /** @param key and the iv are copied; the caller may erase its own. */
  constructor(suite: CipherSuite, key: Uint8Array, fixedIv: Uint8Array) {
    const cipher: string = suite.cipher;
    // The types of node:crypto split the AEAD ciphers by kind; the calls are the same.
    this.#cipher = cipher as CipherGCMTypes;
    // No suite of ours has CCM; who adds one needs a row in the table and nothing here.
    this.#needsLength = cipher.endsWith('-ccm');
    this.#key = createSecretKey(key);
    this.#fixedIv = Uint8Array.from(fixedIv);
    this.#explicitBytes = suite.explicitNonceBytes;
    this.overhead = this.#explicitBytes + TAG_BYTES;
    this.#short = cipher.endsWith('-gcm') ? ShortGcm.create(key) : undefined;
  }

  /**
   * Fills in the payload of a record.
   *
   * @param record a whole record with its header; the payload is `content.length + overhead` long.
   */
  seal(record: Uint8Array, content: Uint8Array): void {
    const start = RECORD_HEADER_BYTES + this.#explicitBytes;
    if (this.#explicitBytes > 0) record.copyWithin(RECORD_HEADER_BYTES, 3, 11);
    this.#setNonce(record);
    setAdditional(record, content.length);
    if (this.#short !== undefined && content.length <= SHORT_BYTES) {
      this.#short.seal(nonce, additional, content, record, start);
      return;
    }
    const cipher = createCipheriv(this.#cipher, this.#key, nonce, OPTIONS);
    cipher.setAAD(additional, this.#lengthFor(content.length));
    record.set(cipher.update(content), start);
    cipher.final();
    record.set(cipher.getAuthTag(), start + content.length);
  }

  /**
   * The content of a record.
   *
   * @returns bytes of their own; undefined when the record was not made with this key, or was changed.
   */
  open(record: Uint8Array): Uint8Array | undefined {
    const start = RECORD_HEADER_BYTES + this.#explicitBytes;
    const end = record.length - TAG_BYTES;
    if (end < start) return undefined;
    this.#setNonce(record);
    setAdditional(record, end - start);
    if (this.#short !== undefined && end - start <= SHORT_BYTES) {
      return this.#short.open(nonce, additional, record.subarray(start));
    }
    const decipher = createDecipheriv(this.#cipher, this.#key, nonce, OPTIONS);
    // The tag first, which CCM has to know as well.
    decipher.setAuthTag(record.subarray(end));
    decipher.setAAD(additional, this.#lengthFor(end - start));
    const content = decipher.update(record.subarray(start, end));
    try {
      decipher.final();
    } catch {
      // The only reason: the tag is not that of the record.
      return undefined;
    }
    return new Uint8Array(content.buffer, content.byteOffset, content.length);
  }

  /** The other ciphers get no object for each record. */
  #lengthFor(plaintextLength: number): { plaintextLength: number } | undefined {
    return this.#needsLength ? { plaintextLength } : undefined;
  }

  #setNonce(record: Uint8Array): void {
    nonce.set(this.#fixedIv);
    if (this.#explicitBytes > 0) {
      for (let index = 0; index < 8; index += 1) nonce[4 + index] = record[RECORD_HEADER_BYTES + index] ?? 0;
    } else {
      for (let index = 0; index < 8; index += 1) {
        nonce[4 + index] = (this.#fixedIv[4 + index] ?? 0) ^ (record[3 + index] ?? 0);
      }
    }
  }
}

/** Epoch and sequence number, type, version, length of the content. */
function setAdditional(record: Uint8Array, contentLength: number): void {
  for (let index = 0; index < 8; index += 1) additional[index] = record[3 + index] ?? 0;
  additional[8] = record[0] ?? 0;
  additional[9] = DTLS_1_2 >>> 8;
  additional[10] = DTLS_1_2 & 0xff;
  additional[11] = contentLength >>> 8;
  additional[12] = contentLength & 0xff;
}

const OPTIONS = { authTagLength: TAG_BYTES } as const;
// Of the record that is sealed or opened at the moment.
const nonce: Uint8Array = new Uint8Array(12);
const additional: Uint8Array = new Uint8Array(13);
