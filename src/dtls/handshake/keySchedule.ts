/**
 * From the shared secret of the key exchange to the keys of the records and the Finished messages. RFC 5246 6.3, 7.4.9 and
 * 8.1; the extended master secret of RFC 7627.
 */
import type { CipherSuite } from '../record/cipherSuites.ts';
import { RecordCipher } from '../record/recordCipher.ts';
import { keyLogLine } from './keyLogLine.ts';
import { prf } from './prf.ts';

/** What both sides put in besides the shared secret. */
export interface KeyInputs {
  /** The agreed suite. */
  readonly suite: CipherSuite;
  /** 32 bytes. */
  readonly clientRandom: Uint8Array;
  /** 32 bytes. */
  readonly serverRandom: Uint8Array;
  /** The hash of the handshake up to ClientKeyExchange; undefined without the extended master secret. */
  readonly sessionHash: Uint8Array | undefined;
}

/** The ciphers of both directions. */
export interface TrafficKeys {
  /** What the client seals with. */
  readonly client: RecordCipher;
  /** What the server seals with. */
  readonly server: RecordCipher;
}

/** The master secret of a session, as long as the handshake needs it. Only a key log that was asked for sees it. */
export class MasterSecret {
  readonly #inputs: KeyInputs;
  readonly #secret: Buffer;

  /** @param sharedSecret the result of the key exchange; it is erased. */
  constructor(inputs: KeyInputs, sharedSecret: Uint8Array) {
    const { suite, clientRandom, serverRandom, sessionHash } = inputs;
    this.#inputs = inputs;
    this.#secret =
      sessionHash === undefined
        ? prf(suite.hash, sharedSecret, 'master secret', Buffer.concat([clientRandom, serverRandom]), 48)
        : prf(suite.hash, sharedSecret, 'extended master secret', sessionHash, 48);
    sharedSecret.fill(0);
  }

  /** The keys of epoch 1. */
  trafficKeys(): TrafficKeys {
    return trafficKeysOf(this.#inputs, this.#secret);
  }

  /** The line of a key log that opens this session to whoever has it. */
  keyLogLine(): string {
    return keyLogLine(this.#inputs.clientRandom, this.#secret);
  }

  /** The content of a Finished message. */
  verifyData(sender: 'client' | 'server', handshakeHash: Uint8Array): Buffer {
    return prf(this.#inputs.suite.hash, this.#secret, `${sender} finished`, handshakeHash, VERIFY_DATA_BYTES);
  }

  /** Overwrites the secret. The object is of no use afterwards. */
  erase(): void {
    this.#secret.fill(0);
  }
}

/** The keys of epoch 1 out of a master secret of 48 bytes. */
export function trafficKeysOf(
  { suite, clientRandom, serverRandom }: Omit<KeyInputs, 'sessionHash'>,
  secret: Uint8Array,
): TrafficKeys {
  const { keyBytes, fixedIvBytes } = suite;
  const seed = Buffer.concat([serverRandom, clientRandom]);
  const block = prf(suite.hash, secret, 'key expansion', seed, 2 * (keyBytes + fixedIvBytes));
  const ivs = 2 * keyBytes;
  const keys = {
    client: new RecordCipher(suite, block.subarray(0, keyBytes), block.subarray(ivs, ivs + fixedIvBytes)),
    server: new RecordCipher(suite, block.subarray(keyBytes, ivs), block.subarray(ivs + fixedIvBytes)),
  };
  block.fill(0);
  return keys;
}

/** The length of a Finished message's content. */
export const VERIFY_DATA_BYTES = 12;
