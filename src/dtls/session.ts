/**
 * One session with one address: the record layer under a handshake, then under datagrams. RFC 6347 4.1 (records, epochs,
 * replay), 4.2.2 to 4.2.4 (fragments, flights, timers), 4.2.7 (Finished), RFC 5246 7.2 (alerts).
 *
 * What is plaintext is believed only as far as the handshake needs it, and not at all once the session is open. Above 400
 * lines because records, handshake messages, alerts and flights of a session share its keys, epochs and state.
 */

import { type DtlsFailure, type DtlsSessionInfo, MAX_PLAINTEXT_BYTES } from './endpoint.ts';
import { encodeFlight, type FlightItem, type OutgoingMessage } from './handshake/flight.ts';
import type { Handshake, HandshakeCarrier } from './handshake/handshake.ts';
import { type Fragment, readFragments } from './handshake/handshakeMessages.ts';
import type { MasterSecret } from './handshake/keySchedule.ts';
import { type HandshakeMessage, Reassembly } from './handshake/reassembly.ts';
import { printable } from './identity/certificate.ts';
import { KeyOffers } from './keyOffers.ts';
import type { DtlsHandshakeLimits } from './limits.ts';
import { Alert, AlertLevel, ContentType, DTLS_1_2, HandshakeError, HandshakeType } from './protocol.ts';
import { type RecordView, readRecord } from './record/record.ts';
import type { RecordCipher } from './record/recordCipher.ts';
import { RecordWriter, SequenceExhausted } from './record/recordWriter.ts';
import { ReplayWindow } from './record/replayWindow.ts';
import type { SessionOptions, SessionPort, SessionState } from './sessionPort.ts';

/** What became of an encrypted record: undefined when it was taken care of. */
export type Refusal = 'replay' | 'authentication' | undefined;

/** One session. */
export class Session implements HandshakeCarrier {
  readonly #port: SessionPort;
  readonly #role: 'client' | 'server';
  readonly #limits: DtlsHandshakeLimits;
  readonly #writer: RecordWriter;
  readonly #reassembly: Reassembly;
  readonly #window = new ReplayWindow();
  #giveUpAt: number;
  /** Server: what an alert that anybody could have written says; it is so when the handshake comes to nothing. */
  #claimedEnd: DtlsFailure | undefined;
  #handshake: Handshake | undefined;
  #state: SessionState = 'handshaking';
  #readCipher: RecordCipher | undefined;
  /** The other side announced epoch 1. */
  #hasPeerSwitched = false;
  #writeEpoch: 0 | 1 = 0;
  /** Records of epoch 1 that came too early. */
  #early: Uint8Array[] = [];
  /** Server: the key exchanges that came, until one of them opens a record. */
  readonly #offers = new KeyOffers();
  readonly #firstMessageSeq: number;
  #nextMessageSeq: number;
  #flight: readonly FlightItem[] = [];
  #flightSentAt = 0;
  #timesSent = 0;
  #waitMs: number;
  #retransmitAt: number | undefined;
  #info: DtlsSessionInfo | undefined;
  #hasRefusedRenegotiation = false;
  #authenticatedAt: number;

  constructor(port: SessionPort, options: SessionOptions) {
    const { role, limits, firstSequence = 0, firstMessageSeq = 0, maxReassemblyBytes } = options;
    this.#port = port;
    this.#role = role;
    this.#limits = limits;
    this.#writer = new RecordWriter(firstSequence);
    this.#reassembly = new Reassembly(firstMessageSeq, maxReassemblyBytes);
    this.#firstMessageSeq = firstMessageSeq;
    this.#nextMessageSeq = firstMessageSeq;
    this.#waitMs = limits.retransmitMs;
    this.#giveUpAt = port.now() + limits.handshakeMs;
    this.#authenticatedAt = port.now();
  }

  /** Where it stands. */
  get state(): SessionState {
    return this.#state;
  }

  /** When the other side last proved to be there. */
  get authenticatedAt(): number {
    return this.#authenticatedAt;
  }

  /** When {@link Session.service} has something to do; undefined once it is open. */
  get deadline(): number | undefined {
    if (this.#state !== 'handshaking') return undefined;
    return Math.min(this.#giveUpAt, this.#retransmitAt ?? this.#giveUpAt);
  }

  /** Gives the session its handshake. */
  begin(handshake: Handshake): void {
    this.#handshake = handshake;
  }

  /** Takes a record of epoch 0. */
  receivePlain(record: RecordView): void {
    if (this.#state === 'closed') return;
    if (record.type === ContentType.ALERT) this.#plainAlert(record.payload);
    else if (this.#state === 'open') this.#port.dropped('unexpected');
    else if (record.type === ContentType.HANDSHAKE) this.#fragments(record.payload, 0);
    else if (record.type === ContentType.CHANGE_CIPHER_SPEC) this.#changeCipherSpec(record.payload);
    else this.#port.dropped('unexpected');
  }

  /** Takes a record of epoch 1. Only a refused one may be meant for another session with the same address. */
  receiveProtected(record: RecordView): Refusal {
    if (this.#state === 'closed') return undefined;
    const isData = record.type === ContentType.APPLICATION_DATA;
    if (this.#hasPeerSwitched && this.#readCipher === undefined) this.#chooseKeys(record);
    // It may have been a wrong one that was opened with the right key.
    if (this.#isClosed()) return undefined;
    const cipher = this.#hasPeerSwitched ? this.#readCipher : undefined;
    if (cipher === undefined || (isData && this.#state !== 'open' && this.#role === 'client')) {
      this.#keepEarly(record);
      return undefined;
    }
    if (!this.#window.isNew(record.sequence)) return 'replay';
    const content = record.version === DTLS_1_2 ? cipher.open(record.whole) : undefined;
    if (content === undefined || content.length > MAX_PLAINTEXT_BYTES) return 'authentication';
    this.#window.mark(record.sequence);
    this.#authenticatedAt = this.#port.now();
    if (isData) {
      // A client has no reason to send before it has our Finished.
      if (this.#state === 'open') this.#port.deliver(content);
      else this.#port.dropped('earlyData');
    } else if (record.type === ContentType.HANDSHAKE) {
      this.#fragments(content, 1);
    } else if (record.type === ContentType.ALERT) {
      this.#protectedAlert(content);
    } else {
      this.#port.dropped('unexpected');
    }
    return undefined;
  }

  /** Sends a datagram. Only while the session is open. */
  send(plaintext: Uint8Array): void {
    this.#write(() => this.#port.transmit(this.#writer.write(1, ContentType.APPLICATION_DATA, plaintext)));
  }

  /** Repeats the flight or gives up, when it is time. */
  service(): void {
    if (this.#state !== 'handshaking') return;
    const now = this.#port.now();
    if (now >= this.#giveUpAt) {
      const message = `the handshake took longer than ${this.#limits.handshakeMs} ms`;
      this.#end(this.#claimedEnd ?? { code: 'ERR_DTLS_TIMEOUT', message, alert: undefined });
    } else if (this.#retransmitAt !== undefined && now >= this.#retransmitAt) {
      this.#waitMs = Math.min(this.#waitMs * 2, this.#limits.maxRetransmitMs);
      this.#retransmitAt = now + this.#waitMs;
      this.#repeatFlight();
    }
  }

  /** Ends the session from our side. The endpoint is not told. */
  close(saysGoodbye: boolean): void {
    if (this.#state === 'closed') return;
    if (saysGoodbye) this.#write(() => this.#sendAlert(AlertLevel.WARNING, Alert.CLOSE_NOTIFY));
    this.#forget();
  }

  // What the handshake calls.

  randomBytes(size: number): Uint8Array {
    return this.#port.randomBytes(size);
  }

  number(type: number, body: Uint8Array): OutgoingMessage {
    const messageSeq = this.#nextMessageSeq;
    this.#nextMessageSeq += 1;
    return { epoch: type === HandshakeType.FINISHED ? 1 : 0, type, messageSeq, body };
  }

  sendFlight(items: readonly FlightItem[], isAnswered: boolean): void {
    this.#flight = items;
    this.#timesSent = 0;
    this.#waitMs = this.#limits.retransmitMs;
    this.#retransmitAt = isAnswered ? this.#port.now() + this.#waitMs : undefined;
    this.#transmitFlight();
  }

  setCiphers(read: RecordCipher, write: RecordCipher): void {
    this.#readCipher = read;
    this.#writer.setCipher(write);
  }

  tellSecret(master: MasterSecret): void {
    this.#port.logKeys?.(master.keyLogLine());
  }

  complete(info: DtlsSessionInfo): void {
    this.#info = info;
  }

  // Records.

  #keepEarly(record: RecordView): void {
    const bytes = this.#early.reduce((sum, { length }) => sum + length, record.whole.length);
    if (this.#early.length >= MAX_EARLY_RECORDS || bytes > MAX_EARLY_BYTES) this.#port.dropped('earlyFull');
    else this.#early.push(Uint8Array.from(record.whole));
  }

  #replayEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) {
      const record = readRecord(bytes, 0);
      const refusal = record && this.receiveProtected(record);
      if (refusal !== undefined) this.#port.dropped(refusal);
    }
  }

  /** May come before the message that gives us the keys; then it counts as soon as they are there. */
  #changeCipherSpec(payload: Uint8Array): void {
    if (payload.length !== 1 || payload[0] !== 1) {
      this.#port.dropped('malformed');
      return;
    }
    this.#hasPeerSwitched = true;
    if (this.#readCipher !== undefined || !this.#offers.isEmpty) this.#replayEarly();
  }

  /**
   * Anybody can write this: it counts at most as long as nothing of the other side is encrypted. RFC 6347 4.1.2.7. A
   * server goes on, for the time of two repetitions of the client, which has ended its handshake by then if it is there. A
   * client ends at once: it may begin anew at once, and knows why.
   */
  #plainAlert(payload: Uint8Array): void {
    const [level, description] = payload;
    const isServer = this.#role === 'server';
    const counts = this.#state === 'handshaking' && !this.#hasPeerSwitched;
    if (isServer || !counts) this.#port.dropped('plaintextAlert');
    if (!counts) return;
    if (payload.length !== 2 || description === undefined) {
      if (!isServer) this.#port.dropped('malformed');
      return;
    }
    if (!isServer) {
      this.#alert(level, description);
    } else if (level === AlertLevel.FATAL || description === Alert.CLOSE_NOTIFY) {
      if (this.#claimedEnd !== undefined) return;
      this.#claimedEnd = alertFailure(description);
      // Nothing is repeated to whom may be gone: who is there repeats, and is answered.
      this.#retransmitAt = undefined;
      this.#giveUpAt = Math.min(
        this.#giveUpAt,
        this.#port.now() + PATIENCE_WAITS * this.#limits.retransmitMs,
      );
    }
  }

  #protectedAlert(payload: Uint8Array): void {
    const [level, description] = payload;
    if (payload.length !== 2 || description === undefined) this.#port.dropped('malformed');
    else this.#alert(level, description);
  }

  #alert(level: number | undefined, description: number): void {
    if (description === Alert.CLOSE_NOTIFY && this.#state === 'open') {
      this.#write(() => this.#sendAlert(AlertLevel.WARNING, Alert.CLOSE_NOTIFY));
      this.#end(undefined);
    } else if (description === Alert.CLOSE_NOTIFY || level === AlertLevel.FATAL) {
      this.#end(alertFailure(description));
    }
  }

  // Handshake messages.

  #fragments(payload: Uint8Array, epoch: 0 | 1): void {
    const fragments = readFragments(payload);
    if (fragments === undefined) {
      this.#port.dropped('malformed');
      return;
    }
    for (const fragment of fragments) {
      if (this.#state === 'closed') return;
      this.#fragment(fragment, epoch);
    }
    this.#advance();
  }

  #fragment(fragment: Fragment, epoch: 0 | 1): void {
    const isFinished = fragment.type === HandshakeType.FINISHED;
    if (isFinished !== (epoch === 1)) {
      // Everything but Finished is plaintext in the one handshake that there is.
      if (epoch === 1 && this.#state === 'open') this.#refuseRenegotiation(fragment.type);
      else this.#port.dropped('unexpected');
      return;
    }
    if (epoch === 0 && this.#isForOffers(fragment)) {
      const isOffer = fragment.type === HandshakeType.CLIENT_KEY_EXCHANGE;
      if (isOffer && fragment.messageSeq === this.#firstMessageSeq + 1) this.#offer(fragment);
      else this.#port.dropped('unexpected');
      return;
    }
    const fate = this.#reassembly.add(fragment);
    if (fate === 'refused') this.#port.dropped('fragment');
    if (fate === 'old' && this.#isEndOfTheirFlight(fragment)) this.#answerRepetition();
  }

  /** Whether a server looks at a plaintext message only when the rest of the handshake proves it: all but the hello. */
  #isForOffers({ messageSeq, bytes, length, type }: Fragment): boolean {
    const isAsked = this.#handshake?.cipherFor !== undefined && this.#readCipher === undefined;
    const isWhole = bytes.length === length;
    const isPiece = type === HandshakeType.CLIENT_KEY_EXCHANGE && !isWhole;
    return isAsked && messageSeq > this.#firstMessageSeq && !isPiece;
  }

  #offer(fragment: Fragment): void {
    this.#offers.addWhole(fragment);
    if (this.#hasPeerSwitched && this.#early.length > 0) this.#replayEarly();
  }

  /** Takes the key exchange that made the key of a record, if one of those offered did. */
  #chooseKeys(record: RecordView): void {
    const handshake = this.#handshake;
    const message = this.#offers.find(record.whole, (one) => {
      if (handshake?.cipherFor === undefined) throw new Error('only a server is offered keys');
      return handshake.cipherFor(one);
    });
    if (message === undefined || handshake === undefined) return;
    this.#offers.clear();
    if (this.#reassembly.next === this.#firstMessageSeq + 1) this.#reassembly.skip();
    this.#take(message, handshake);
  }

  #advance(): void {
    while (this.#state === 'handshaking' && this.#info === undefined) {
      const message = this.#reassembly.take();
      if (message === undefined || this.#handshake === undefined) break;
      if (message.type === HandshakeType.CLIENT_KEY_EXCHANGE && this.#handshake.cipherFor !== undefined) {
        this.#offers.add(message);
        if (this.#hasPeerSwitched && this.#early.length > 0) this.#replayEarly();
        continue;
      }
      const hadKeys = this.#readCipher !== undefined;
      if (!this.#take(message, this.#handshake)) return;
      if (!hadKeys && this.#readCipher !== undefined && this.#hasPeerSwitched) this.#replayEarly();
    }
    if (this.#info !== undefined && this.#state === 'handshaking') this.#open(this.#info);
  }

  /** @returns false when that was the end. */
  #take(message: HandshakeMessage, handshake: Handshake): boolean {
    try {
      handshake.receive(message);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #open(info: DtlsSessionInfo): void {
    this.#state = 'open';
    this.#retransmitAt = undefined;
    this.#handshake?.erase();
    this.#handshake = undefined;
    this.#reassembly.clear();
    if (this.#role === 'client') this.#flight = [];
    this.#port.opened(info);
    this.#replayEarly();
  }

  #isEndOfTheirFlight({ type, offset, bytes, length }: Fragment): boolean {
    const isLast =
      this.#role === 'client'
        ? type === HandshakeType.SERVER_HELLO_DONE
        : type === HandshakeType.CLIENT_HELLO || type === HandshakeType.FINISHED;
    return isLast && offset + bytes.length === length;
  }

  /** RFC 6347 4.2.4: who repeats a flight did not get the answer. Not more often than a quarter of the first wait. */
  #answerRepetition(): void {
    const isSoon = this.#port.now() - this.#flightSentAt < this.#limits.retransmitMs / 4;
    if (this.#flight.length > 0 && !isSoon) this.#repeatFlight();
  }

  #refuseRenegotiation(type: number): void {
    const isAttempt = type === HandshakeType.CLIENT_HELLO || type === HandshakeType.HELLO_REQUEST;
    this.#port.dropped('unexpected');
    if (!isAttempt || this.#hasRefusedRenegotiation) return;
    this.#hasRefusedRenegotiation = true;
    this.#write(() => this.#sendAlert(AlertLevel.WARNING, Alert.NO_RENEGOTIATION));
  }

  // Sending.

  #repeatFlight(): void {
    this.#port.retransmitted();
    this.#transmitFlight();
  }

  #transmitFlight(): void {
    this.#timesSent += 1;
    this.#flightSentAt = this.#port.now();
    const { mtuBytes } = this.#limits;
    // RFC 6347 4.1.1.1: when repetitions get no answer, the datagrams may be too long.
    const mtu = this.#timesSent > 2 ? Math.min(mtuBytes, CAUTIOUS_MTU_BYTES) : mtuBytes;
    this.#write(() => {
      const datagrams = encodeFlight(this.#flight, this.#writer, mtu);
      if (this.#flight.includes('changeCipherSpec')) this.#writeEpoch = 1;
      for (const datagram of datagrams) this.#port.transmit(datagram);
    });
  }

  #sendAlert(level: number, description: number): void {
    const content = Uint8Array.of(level, description);
    this.#port.transmit(this.#writer.write(this.#writeEpoch, ContentType.ALERT, content));
  }

  /** Runs what makes records; when the numbers have run out the session is over. */
  #write(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof SequenceExhausted)) throw error;
      this.#end({ code: 'ERR_DTLS_EXHAUSTED', message: error.message, alert: undefined });
    }
  }

  // Ending.

  #fail(error: unknown): void {
    if (this.#state === 'closed') return;
    const problem =
      error instanceof HandshakeError
        ? error
        : new HandshakeError(Alert.INTERNAL_ERROR, `the handshake cannot go on: ${printable(String(error))}`);
    this.#write(() => this.#sendAlert(AlertLevel.FATAL, problem.alert));
    this.#end(problem.failure);
  }

  #end(failure: DtlsFailure | undefined): void {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    this.#forget();
    this.#port.ended(failure, wasOpen);
  }

  #forget(): void {
    this.#state = 'closed';
    this.#handshake?.erase();
    this.#handshake = undefined;
    this.#reassembly.clear();
    this.#offers.clear();
    this.#early = [];
    this.#flight = [];
    this.#retransmitAt = undefined;
  }
}

function alertFailure(description: number): DtlsFailure {
  const message =
    description === Alert.CLOSE_NOTIFY
      ? 'the other side said goodbye during the handshake'
      : `the other side sent the alert ${alertName(description)}`;
  return { code: 'ERR_DTLS_ALERT', message, alert: description };
}

function alertName(description: number): string {
  const name = Object.entries(Alert).find(([, number]) => number === description)?.[0];
  return name === undefined ? String(description) : `${name.toLowerCase()} (${description})`;
}

/** How many records of epoch 1 are kept until there are keys for them. */
export const MAX_EARLY_RECORDS = 8;
/** And how many bytes they may have together. */
const MAX_EARLY_BYTES = 16 * 1024;
/** How many first waits a server goes on after a plaintext alert: a client repeats after one and after three. */
const PATIENCE_WAITS = 4;
/** What is left of 576 bytes, which every path carries, after IP, UDP and some room for tunnels. */
const CAUTIOUS_MTU_BYTES = 508;
