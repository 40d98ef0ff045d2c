/**
 * The cookies of HelloVerifyRequest: a server keeps nothing about a client before it has shown that it gets what is sent to
 * its address. RFC 6347, 4.2.1.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Address } from '../../enet/index.ts';
import type { ClientHello } from './handshakeMessages.ts';

/**
 * Makes and checks cookies: a MAC over the address and over what the client must repeat unchanged (RFC 6347, 4.2.1:
 * version, random, session id, cipher suites, compression methods), under a secret that changes. A cookie holds under its
 * own secret and the next one.
 */
export class CookieJar {
  readonly #randomBytes: (size: number) => Uint8Array;
  readonly #secretMs: number;
  #current: KeyObject;
  #previous: KeyObject | undefined;
  /** When the current secret was made. */
  #madeAt: number;

  /** @param secretMs how long a secret makes cookies. */
  constructor(randomBytes: (size: number) => Uint8Array, secretMs: number, now: number) {
    this.#randomBytes = randomBytes;
    this.#secretMs = secretMs;
    this.#current = createSecretKey(randomBytes(SECRET_BYTES));
    this.#madeAt = now;
  }

  /** The cookie for a hello. */
  make(hello: ClientHello, from: Address, now: number): Uint8Array {
    this.#rotate(now);
    return mac(this.#current, hello, from);
  }

  /** Whether the cookie in a hello was made for it and has not expired. */
  isValid(hello: ClientHello, from: Address, now: number): boolean {
    if (hello.cookie.length !== COOKIE_BYTES) return false;
    this.#rotate(now);
    const isCurrent = timingSafeEqual(hello.cookie, mac(this.#current, hello, from));
    if (isCurrent || this.#previous === undefined) return isCurrent;
    return timingSafeEqual(hello.cookie, mac(this.#previous, hello, from));
  }

  #rotate(now: number): void {
    const age = now - this.#madeAt;
    if (age < this.#secretMs) return;
    this.#previous = age < 2 * this.#secretMs ? this.#current : undefined;
    this.#current = createSecretKey(this.#randomBytes(SECRET_BYTES));
    this.#madeAt = now;
  }
}

function mac(secret: KeyObject, hello: ClientHello, from: Address): Uint8Array {
  // Each part of variable length is preceded by its length, or ends with a byte that is not in it.
  return createHmac('sha256', secret)
    .update(`${from.ip} ${from.port}\n`)
    .update(hello.boundToCookie)
    .digest()
    .subarray(0, COOKIE_BYTES);
}

const SECRET_BYTES = 32;
/** At most 32, for clients that have DTLS 1.0 in mind. */
const COOKIE_BYTES = 20;
