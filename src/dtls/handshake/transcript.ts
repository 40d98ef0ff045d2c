/** The hash over all handshake messages. RFC 5246 7.4.9; what counts in DTLS is in RFC 6347 4.2.6. */
import { createHash, type Hash } from 'node:crypto';

/** Collects messages until the suite, and with it the hash, is known; then hashes as it goes. */
export class Transcript {
  #early: Uint8Array[] = [];
  #hash: Hash | undefined;

  /** Appends a whole message with its header. */
  append(message: Uint8Array): void {
    if (this.#hash === undefined) this.#early.push(message);
    else this.#hash.update(message);
  }

  /** Starts hashing. */
  select(hash: 'sha256' | 'sha384'): void {
    this.#hash = createHash(hash);
    for (const message of this.#early) this.#hash.update(message);
    this.#early = [];
  }

  /** Starts anew: the first hello and its cookie request do not count. */
  clear(): void {
    this.#early = [];
    this.#hash = undefined;
  }

  /** The hash of what was appended so far, and of what would come next. */
  digest(next: Uint8Array = NOTHING): Uint8Array {
    if (this.#hash === undefined) throw new Error('the hash is not known yet');
    return this.#hash.copy().update(next).digest();
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);
