/**
 * How a remote shows that it receives what is sent to its address, before it costs more than a slot: it echoes the sentTime
 * of VERIFY_CONNECT. C ENet sends its clock there, which anybody can know (enet-protocol W7); here it is random. No ENet
 * looks at the number, so nobody can tell the difference.
 */
import { TokenBucket } from '../tokenBucket.ts';

/** See {@link HostOptions.verifyTime}; gets the host time in ms. */
export type VerifyTime = (now: number) => number;

/** Wrong echoes of one unfinished handshake with which it ends. */
export const MAX_WRONG_ECHOES = 5;

/** What one host asks of those who connect. */
export class HandshakeProof {
  /** See `HostOptions.verifyTime`. */
  chosenTime: VerifyTime | undefined;
  readonly #random32: () => number;
  /** Wrong echoes that count as accidents. */
  #accidents: TokenBucket | undefined;
  /** Host time of the last wrong echo that was one too many. */
  #guessedAt: number | undefined;

  constructor(random32: () => number, chosenTime: VerifyTime | undefined) {
    this.#random32 = random32;
    this.chosenTime = chosenTime;
  }

  /** The sentTime of a datagram with VERIFY_CONNECT, u16. */
  verifyTime(now: number): number {
    return (this.chosenTime === undefined ? this.#random32() : this.chosenTime(now)) & 0xffff;
  }

  /**
   * The control number before that of VERIFY_CONNECT. 0, as in C; but while somebody is guessing, a random number, which
   * has to be echoed too: 16 bits are enough against a guess, not against a million of them.
   */
  lastControlSeq(now: number): number {
    const isGuessed = this.#guessedAt !== undefined && (now - this.#guessedAt) >>> 0 < GUESSING_MS;
    return isGuessed ? this.#random32() >>> 16 : 0;
  }

  /** Notes an acknowledgement that echoes what was not sent. */
  guessed(now: number): void {
    this.#accidents ??= new TokenBucket(ACCIDENTS, now);
    if (!this.#accidents.take(now, 1)) this.#guessedAt = now;
  }
}

/** 16 wrong echoes at once and one a minute: 45 days of guessing for one forged handshake. */
const ACCIDENTS = { perSec: 1 / 60, burst: 16 };
/** For how long the host is on its guard. */
const GUESSING_MS = 600_000;
