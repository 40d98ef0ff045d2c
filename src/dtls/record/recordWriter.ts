/**
 * Makes the records that are sent: the one place that hands out sequence numbers (RFC 6347, 4.1). Each record takes a new
 * one, repetitions of a flight too, so no two records of a session share epoch and number, and with that no nonce.
 */
import { DTLS_1_2 } from '../protocol.ts';
import { LAST_SEQUENCE, RECORD_HEADER_BYTES, writeRecordHeader } from './record.ts';
import type { RecordCipher } from './recordCipher.ts';

/** An epoch has no sequence number left. The session ends. */
export class SequenceExhausted extends Error {
  override readonly name: string = 'SequenceExhausted';
}

/** The sending half of a session's record layer. */
export class RecordWriter {
  readonly #next: [number, number];
  #cipher: RecordCipher | undefined;

  /** @param firstSequence the first number of epoch 0 and, for tests, of epoch 1. */
  constructor(firstSequence = 0, firstProtected = 0) {
    this.#next = [firstSequence, firstProtected];
  }

  /** Whether records can be encrypted. */
  get hasKeys(): boolean {
    return this.#cipher !== undefined;
  }

  /** Sets the key of epoch 1. A session has one handshake, so this happens once. */
  setCipher(cipher: RecordCipher): void {
    if (this.#cipher !== undefined) throw new Error('the keys of epoch 1 are set already');
    this.#cipher = cipher;
  }

  /** By how much a record of an epoch is longer than its content. */
  overhead(epoch: 0 | 1): number {
    return RECORD_HEADER_BYTES + (epoch === 0 ? 0 : (this.#cipher?.overhead ?? 0));
  }

  /**
   * Makes one record.
   *
   * @returns bytes of their own.
   * @throws SequenceExhausted when the epoch is used up.
   */
  write(epoch: 0 | 1, type: number, content: Uint8Array, version: number = DTLS_1_2): Uint8Array {
    const sequence = this.#next[epoch];
    if (sequence > LAST_SEQUENCE) throw new SequenceExhausted(`epoch ${epoch} has no sequence number left`);
    this.#next[epoch] = sequence + 1;
    const record = new Uint8Array(this.overhead(epoch) + content.length);
    writeRecordHeader(record, type, version, epoch, sequence, record.length - RECORD_HEADER_BYTES);
    if (epoch === 0) {
      record.set(content, RECORD_HEADER_BYTES);
    } else {
      if (this.#cipher === undefined) throw new Error('epoch 1 has no keys yet');
      this.#cipher.seal(record, content);
    }
    return record;
  }
}
