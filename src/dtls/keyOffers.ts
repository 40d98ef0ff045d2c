/**
 * The key exchanges that a server was offered. A ClientKeyExchange is plaintext, so anybody can write one under the address
 * of a client; which is the client's own shows when a record can be opened with what comes of it.
 */
import { encodeFragment, type Fragment } from './handshake/handshakeMessages.ts';
import type { HandshakeMessage } from './handshake/reassembly.ts';
import { HandshakeError } from './protocol.ts';
import type { RecordCipher } from './record/recordCipher.ts';

interface Offer {
  readonly message: HandshakeMessage;
  /** Its cipher; `"wrong"`: it has none, undefined: not looked at yet. */
  cipher: RecordCipher | 'wrong' | undefined;
}

/** The latest offers of one handshake. */
export class KeyOffers {
  /** The newest last. */
  #offers: Offer[] = [];
  #derivations = 0;

  /** Whether there are any. */
  get isEmpty(): boolean {
    return this.#offers.length === 0;
  }

  /** Adds one that came in one piece. */
  addWhole({ type, messageSeq, bytes }: Fragment): void {
    const body = Uint8Array.from(bytes);
    this.add({ type, body, whole: encodeFragment(type, messageSeq, body) });
  }

  /** Adds one; a repeated one becomes the newest. */
  add(message: HandshakeMessage): void {
    const at = this.#offers.findIndex(({ message: { body } }) => Buffer.compare(body, message.body) === 0);
    const [known] = at >= 0 ? this.#offers.splice(at, 1) : [];
    this.#offers.push(known ?? { message, cipher: undefined });
    if (this.#offers.length > MAX_OFFERS) this.#offers.shift();
  }

  /**
   * The offer with which a record can be opened, the newest first.
   *
   * @param cipherFor looks at one; it may throw a HandshakeError.
   */
  find(
    record: Uint8Array,
    cipherFor: (message: HandshakeMessage) => RecordCipher,
  ): HandshakeMessage | undefined {
    for (let index = this.#offers.length - 1; index >= 0; index -= 1) {
      const offer = this.#offers[index];
      if (offer === undefined) break;
      offer.cipher ??= this.#derive(offer.message, cipherFor);
      const { cipher, message } = offer;
      if (cipher !== undefined && cipher !== 'wrong' && cipher.open(record) !== undefined) return message;
    }
    return undefined;
  }

  /** Forgets all. */
  clear(): void {
    this.#offers = [];
  }

  #derive(
    message: HandshakeMessage,
    cipherFor: (message: HandshakeMessage) => RecordCipher,
  ): RecordCipher | 'wrong' | undefined {
    if (this.#derivations >= MAX_DERIVATIONS) return undefined;
    this.#derivations += 1;
    try {
      return cipherFor(message);
    } catch (error) {
      if (error instanceof HandshakeError) return 'wrong';
      throw error;
    }
  }
}

/** How many are kept: the client's own is among the latest, as its Finished follows at once. */
const MAX_OFFERS = 4;
/** How many a handshake looks at: each costs a multiplication on the curve. */
const MAX_DERIVATIONS = 16;
