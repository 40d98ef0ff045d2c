/**
 * The server's side of a full handshake, from a hello with a valid cookie on: ClientHello -> ServerHello ..
 * ServerHelloDone; ClientKeyExchange, Finished -> Finished. RFC 5246 7.3, RFC 6347 4.2.4 (flights 3 to 6), RFC 8422, 7627.
 */
import { timingSafeEqual } from 'node:crypto';
import type { ServerCredentials } from '../identity/credentials.ts';
import { Alert, DTLS_1_0, DTLS_1_2, HandshakeError, HandshakeType } from '../protocol.ts';
import type { CipherSuite } from '../record/cipherSuites.ts';
import { findSuite } from '../record/cipherSuites.ts';
import type { RecordCipher } from '../record/recordCipher.ts';
import { type ClientExtensions, readClientExtensions, serverExtensions } from './extensions.ts';
import type { OutgoingMessage } from './flight.ts';
import type { Handshake, HandshakeCarrier } from './handshake.ts';
import {
  type ClientHello,
  encodeCertificates,
  encodeFragment,
  encodeKeyExchangeParameters,
  encodeServerHello,
  encodeServerKeyExchange,
  readClientHello,
  readClientKeyExchange,
} from './handshakeMessages.ts';
import { createKeyShare, GROUPS, type Group, type KeyShare } from './keyExchange.ts';
import { MasterSecret, type TrafficKeys } from './keySchedule.ts';
import type { HandshakeMessage } from './reassembly.ts';
import { chooseScheme, type SignatureScheme, signWith } from './signatures.ts';
import { Transcript } from './transcript.ts';

/** What was agreed on in the hellos. */
interface Agreement {
  readonly suite: CipherSuite;
  readonly group: Group;
  readonly scheme: SignatureScheme;
  readonly hasExtendedMasterSecret: boolean;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
}

/** What a key exchange gives. */
interface Derived {
  readonly message: HandshakeMessage;
  readonly master: MasterSecret;
  readonly keys: TrafficKeys;
}

/** One handshake. */
export class ServerHandshake implements Handshake {
  readonly #carrier: HandshakeCarrier;
  readonly #credentials: ServerCredentials;
  readonly #suites: readonly number[];
  readonly #transcript = new Transcript();
  /** The one message that may come next; undefined: none. */
  #expected: number | undefined = HandshakeType.CLIENT_HELLO;
  #agreement: Agreement | undefined;
  #share: KeyShare | undefined;
  #master: MasterSecret | undefined;
  /** What the latest key exchange gives that was looked at. */
  #derived: Derived | undefined;

  /** @param suites what may be chosen, the preferred first. */
  constructor(carrier: HandshakeCarrier, credentials: ServerCredentials, suites: readonly number[]) {
    this.#carrier = carrier;
    this.#credentials = credentials;
    this.#suites = suites;
  }

  receive(message: HandshakeMessage): void {
    if (message.type !== this.#expected) {
      throw new HandshakeError(
        Alert.UNEXPECTED_MESSAGE,
        `the client sent a handshake message of type ${message.type} out of turn`,
      );
    }
    if (message.type === HandshakeType.CLIENT_HELLO) this.#clientHello(message);
    else if (message.type === HandshakeType.CLIENT_KEY_EXCHANGE) this.#clientKeyExchange(message);
    else this.#finished(message);
  }

  erase(): void {
    this.#expected = undefined;
    this.#share?.erase();
    this.#share = undefined;
    this.#derived?.master.erase();
    this.#derived = undefined;
    this.#master?.erase();
  }

  #clientHello({ body, whole }: HandshakeMessage): void {
    const hello = readClientHello(body);
    const extensions = readClientExtensions(hello.extensions);
    const serverRandom = Uint8Array.from(this.#carrier.randomBytes(32));
    const agreement = { ...this.#agree(hello, extensions), serverRandom };
    this.#agreement = agreement;
    this.#transcript.append(whole);
    this.#transcript.select(agreement.suite.hash);
    const share = createKeyShare(agreement.group);
    this.#share = share;
    const parameters = encodeKeyExchangeParameters(agreement.group.id, share.publicValue);
    const signed = Buffer.concat([agreement.clientRandom, serverRandom, parameters]);
    const signature = signWith(agreement.scheme, this.#credentials.privateKey, signed);
    const isAware = extensions.hasRenegotiationInfo || hello.suites.includes(RENEGOTIATION_SCSV);
    this.#expected = HandshakeType.CLIENT_KEY_EXCHANGE;
    const answer = encodeServerHello(serverRandom, agreement.suite.id, serverExtensions(extensions, isAware));
    this.#carrier.sendFlight(
      [
        this.#message(HandshakeType.SERVER_HELLO, answer),
        this.#message(HandshakeType.CERTIFICATE, encodeCertificates(this.#credentials.chain)),
        this.#message(
          HandshakeType.SERVER_KEY_EXCHANGE,
          encodeServerKeyExchange(parameters, agreement.scheme.id, signature),
        ),
        this.#message(HandshakeType.SERVER_HELLO_DONE, new Uint8Array(0)),
      ],
      true,
    );
  }

  cipherFor(keyExchange: HandshakeMessage): RecordCipher {
    return this.#derive(keyExchange).keys.client;
  }

  #clientKeyExchange(message: HandshakeMessage): void {
    const { master, keys } = this.#derived?.message === message ? this.#derived : this.#derive(message);
    this.#share?.erase();
    this.#share = undefined;
    this.#derived = undefined;
    this.#transcript.append(message.whole);
    this.#master = master;
    this.#expected = HandshakeType.FINISHED;
    this.#carrier.setCiphers(keys.client, keys.server);
    this.#carrier.tellSecret(master);
  }

  #derive(message: HandshakeMessage): Derived {
    const agreement = this.#agreement;
    if (agreement === undefined || this.#share === undefined) throw outOfTurn();
    const shared = this.#share.combine(readClientKeyExchange(message.body));
    const sessionHash = agreement.hasExtendedMasterSecret
      ? this.#transcript.digest(message.whole)
      : undefined;
    const master = new MasterSecret({ ...agreement, sessionHash }, shared);
    this.#derived?.master.erase();
    this.#derived = { message, master, keys: master.trafficKeys() };
    return this.#derived;
  }

  #finished({ body, whole }: HandshakeMessage): void {
    const agreement = this.#agreement;
    if (agreement === undefined || this.#master === undefined) throw outOfTurn();
    const expected = this.#master.verifyData('client', this.#transcript.digest());
    if (body.length !== expected.length || !timingSafeEqual(body, expected)) {
      throw new HandshakeError(Alert.DECRYPT_ERROR, "the client's Finished is wrong", 'ERR_DTLS_FINISHED');
    }
    this.#transcript.append(whole);
    const verifyData = this.#master.verifyData('server', this.#transcript.digest());
    this.#expected = undefined;
    const finished = this.#carrier.number(HandshakeType.FINISHED, verifyData);
    this.#carrier.sendFlight(['changeCipherSpec', finished], false);
    this.#carrier.complete({
      suite: agreement.suite.name,
      group: agreement.group.name,
      signature: agreement.scheme.name,
      hasExtendedMasterSecret: agreement.hasExtendedMasterSecret,
    });
  }

  #message(type: number, body: Uint8Array): OutgoingMessage {
    const message = this.#carrier.number(type, body);
    this.#transcript.append(encodeFragment(type, message.messageSeq, body));
    return message;
  }

  #agree(hello: ClientHello, extensions: ClientExtensions): Omit<Agreement, 'serverRandom'> {
    const isOldOrNoDtls = hello.version > DTLS_1_2 || hello.version >>> 8 !== DTLS_1_0 >>> 8;
    if (isOldOrNoDtls) {
      throw new HandshakeError(Alert.PROTOCOL_VERSION, 'the client has no DTLS 1.2', 'ERR_DTLS_NO_COMMON');
    }
    if (!hello.compressions.includes(0)) {
      throw new HandshakeError(Alert.ILLEGAL_PARAMETER, 'the client insists on compression');
    }
    const { keyType, curve } = this.#credentials;
    const suite = this.#suites
      .filter((id) => hello.suites.includes(id))
      .map(findSuite)
      .find((one) => one?.keyType === keyType);
    if (suite === undefined) throw nothingInCommon('cipher suite');
    const offered = extensions.groups;
    const group = GROUPS.find(({ id }) => (offered ?? [DEFAULT_GROUP]).includes(id));
    if (group === undefined) throw nothingInCommon('group');
    // RFC 8422 5.1: the curve of the certificate must be one of the client's.
    const ownGroup = GROUPS.find((one) => one.curve === curve);
    if (keyType === 'ec' && offered !== undefined && !offered.includes(ownGroup?.id ?? -1)) {
      throw nothingInCommon("group for the server's certificate");
    }
    const scheme = chooseScheme(keyType, curve, extensions.signatures);
    if (scheme === undefined) throw nothingInCommon('signature algorithm');
    return {
      suite,
      group,
      scheme,
      hasExtendedMasterSecret: extensions.hasExtendedMasterSecret,
      clientRandom: Uint8Array.from(hello.random),
    };
  }
}

function nothingInCommon(what: string): HandshakeError {
  return new HandshakeError(
    Alert.HANDSHAKE_FAILURE,
    `the client offers no ${what} that this server has`,
    'ERR_DTLS_NO_COMMON',
  );
}

function outOfTurn(): HandshakeError {
  return new HandshakeError(Alert.INTERNAL_ERROR, 'a handshake message came out of turn');
}

/** RFC 5746, 3.3: the suite that stands for an empty renegotiation info. */
const RENEGOTIATION_SCSV = 0x00ff;
/** P-256, for clients that name no group. */
const DEFAULT_GROUP = 23;
