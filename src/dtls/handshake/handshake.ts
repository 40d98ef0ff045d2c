/** What the two handshakes and the session that carries them know of each other. */
import type { DtlsSessionInfo } from '../endpoint.ts';
import type { RecordCipher } from '../record/recordCipher.ts';
import type { FlightItem, OutgoingMessage } from './flight.ts';
import type { MasterSecret } from './keySchedule.ts';
import type { HandshakeMessage } from './reassembly.ts';

/** The session as a handshake sees it. */
export interface HandshakeCarrier {
  /** Random bytes. */
  randomBytes(size: number): Uint8Array;
  /** Gives a message of ours its number. */
  number(type: number, body: Uint8Array): OutgoingMessage;
  /**
   * Sends a flight.
   *
   * @param isAnswered whether another flight answers it: then it is repeated until that comes. The last flight of a
   *   handshake is repeated only when the other side repeats its own.
   */
  sendFlight(items: readonly FlightItem[], isAnswered: boolean): void;
  /** Sets the keys of both directions. Reading starts at ChangeCipherSpec, writing with the flight that has it. */
  setCiphers(read: RecordCipher, write: RecordCipher): void;
  /** The secret of the session is there: for a key log, where one was asked for. */
  tellSecret(master: MasterSecret): void;
  /** The handshake is complete. */
  complete(info: DtlsSessionInfo): void;
}

/** One side of a handshake: takes messages in their order, each once. */
export interface Handshake {
  /**
   * Takes the next message.
   *
   * @throws HandshakeError when it is not the one to come, or is wrong.
   */
  receive(message: HandshakeMessage): void;
  /**
   * Server: what the client would encrypt with if this were its key exchange; nothing changes. Missing: a key exchange is
   * taken as it comes.
   *
   * @throws HandshakeError when it is wrong.
   */
  cipherFor?(keyExchange: HandshakeMessage): RecordCipher;
  /** Overwrites secrets. Called when the handshake is over, either way. */
  erase(): void;
}
