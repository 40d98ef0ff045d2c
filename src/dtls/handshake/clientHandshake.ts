/**
 * The client's side of a full handshake. RFC 5246 7.3, RFC 6347 4.2.1 (cookie) and 4.2.4 (flights 1 to 6), RFC 8422, 7627.
 *
 * A server that asks for a certificate gets an empty list (RFC 5246 7.4.6).
 */
import { type KeyObject, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { IdentityProblemCode } from '../identity/identityError.ts';
import { keyProblem } from '../identity/keyPolicy.ts';
import type { IdentityCheck } from '../identity/verifyChain.ts';
import { Alert, DTLS_1_2, HandshakeError, HandshakeType } from '../protocol.ts';
import { type CipherSuite, findSuite } from '../record/cipherSuites.ts';
import { clientExtensions, type Extensions, readServerExtensions } from './extensions.ts';
import type { OutgoingMessage } from './flight.ts';
import type { Handshake, HandshakeCarrier } from './handshake.ts';
import {
  encodeCertificates,
  encodeClientHello,
  encodeClientKeyExchange,
  encodeFragment,
  readCertificates,
  readHelloVerifyRequest,
  readServerHello,
  readServerKeyExchange,
} from './handshakeMessages.ts';
import { createKeyShare, findGroup, type Group } from './keyExchange.ts';
import { MasterSecret } from './keySchedule.ts';
import type { HandshakeMessage } from './reassembly.ts';
import { findScheme, isSignatureRight, type SignatureScheme } from './signatures.ts';
import { Transcript } from './transcript.ts';

/** What a client's handshake is told. */
export interface ClientHandshakeOptions {
  /** What is offered, the preferred first. */
  readonly suites: readonly number[];
  /** The groups that are offered, the preferred first; undefined: all. */
  readonly groups?: readonly number[] | undefined;
  /** The host name for the extension server_name; undefined leaves it out. */
  readonly serverName: string | undefined;
  /** Looks at the server's certificates. */
  readonly verifyServer: IdentityCheck;
}

/** One handshake. */
export class ClientHandshake implements Handshake {
  readonly #carrier: HandshakeCarrier;
  readonly #options: ClientHandshakeOptions;
  readonly #extensions: Extensions;
  readonly #random: Uint8Array;
  readonly #transcript = new Transcript();
  /** The messages that may come next. */
  #expected: readonly number[] = [HandshakeType.HELLO_VERIFY_REQUEST, HandshakeType.SERVER_HELLO];
  #cookieRequests = 0;
  #serverRandom: Uint8Array = new Uint8Array(0);
  #suite: CipherSuite | undefined;
  #hasExtendedMasterSecret = false;
  #serverKey: KeyObject | undefined;
  #group: Group | undefined;
  #scheme: SignatureScheme | undefined;
  #serverValue: Uint8Array = new Uint8Array(0);
  #isCertificateWanted = false;
  #master: MasterSecret | undefined;

  constructor(carrier: HandshakeCarrier, options: ClientHandshakeOptions) {
    this.#carrier = carrier;
    this.#options = options;
    this.#extensions = clientExtensions(options.serverName, options.groups);
    this.#random = Uint8Array.from(carrier.randomBytes(32));
  }

  /** Sends the first hello. */
  start(): void {
    this.#sendHello(new Uint8Array(0));
  }

  receive(message: HandshakeMessage): void {
    // RFC 5246 7.4.1.1: a hello request during a handshake is ignored and not hashed.
    if (message.type === HandshakeType.HELLO_REQUEST) return;
    if (!this.#expected.includes(message.type)) {
      throw new HandshakeError(
        Alert.UNEXPECTED_MESSAGE,
        `the server sent a handshake message of type ${message.type} out of turn`,
      );
    }
    switch (message.type) {
      case HandshakeType.HELLO_VERIFY_REQUEST:
        this.#helloVerifyRequest(message);
        return;
      case HandshakeType.SERVER_HELLO:
        this.#serverHello(message);
        return;
      case HandshakeType.CERTIFICATE:
        this.#certificate(message);
        return;
      case HandshakeType.SERVER_KEY_EXCHANGE:
        this.#serverKeyExchange(message);
        return;
      case HandshakeType.CERTIFICATE_REQUEST:
        this.#isCertificateWanted = true;
        this.#transcript.append(message.whole);
        this.#expected = [HandshakeType.SERVER_HELLO_DONE];
        return;
      case HandshakeType.SERVER_HELLO_DONE:
        this.#serverHelloDone(message);
        return;
      default:
        this.#finished(message);
    }
  }

  erase(): void {
    this.#expected = [];
    this.#master?.erase();
  }

  #sendHello(cookie: Uint8Array): void {
    const suites = [...this.#options.suites];
    const body = encodeClientHello(this.#random, cookie, suites, this.#extensions);
    this.#carrier.sendFlight([this.#message(HandshakeType.CLIENT_HELLO, body)], true);
  }

  #helloVerifyRequest({ body }: HandshakeMessage): void {
    const cookie = Uint8Array.from(readHelloVerifyRequest(body));
    this.#cookieRequests += 1;
    if (this.#cookieRequests > MAX_COOKIE_REQUESTS) {
      throw new HandshakeError(Alert.UNEXPECTED_MESSAGE, 'the server asks for cookies again and again');
    }
    this.#transcript.clear();
    this.#sendHello(cookie);
  }

  #serverHello({ body, whole }: HandshakeMessage): void {
    const hello = readServerHello(body);
    if (hello.version !== DTLS_1_2) {
      throw new HandshakeError(Alert.PROTOCOL_VERSION, 'the server has no DTLS 1.2', 'ERR_DTLS_NO_COMMON');
    }
    const suite = this.#options.suites.includes(hello.suite) ? findSuite(hello.suite) : undefined;
    if (suite === undefined || hello.compression !== 0) {
      throw new HandshakeError(Alert.ILLEGAL_PARAMETER, 'the server chose what was not offered');
    }
    this.#hasExtendedMasterSecret = readServerExtensions(hello.extensions, new Set(this.#extensions.keys()));
    this.#serverRandom = Uint8Array.from(hello.random);
    this.#suite = suite;
    this.#transcript.append(whole);
    this.#transcript.select(suite.hash);
    this.#expected = [HandshakeType.CERTIFICATE];
  }

  #certificate({ body, whole }: HandshakeMessage): void {
    const chain = readCertificates(body);
    const problem = this.#options.verifyServer(chain);
    if (problem !== undefined) {
      const alert = ALERT_OF_PROBLEM[problem.code] ?? Alert.BAD_CERTIFICATE;
      throw new HandshakeError(alert, problem.message, problem.code);
    }
    this.#serverKey = readServerKey(chain[0], this.#suite);
    this.#transcript.append(whole);
    this.#expected = [HandshakeType.SERVER_KEY_EXCHANGE];
  }

  #serverKeyExchange({ body, whole }: HandshakeMessage): void {
    const exchange = readServerKeyExchange(body);
    const isOfferedGroup = this.#options.groups?.includes(exchange.group) ?? true;
    const group = isOfferedGroup ? findGroup(exchange.group) : undefined;
    const scheme = findScheme(exchange.scheme);
    const isOffered = scheme !== undefined && scheme.keyType === this.#suite?.keyType;
    if (group === undefined || !isOffered || this.#serverKey === undefined) {
      throw new HandshakeError(Alert.ILLEGAL_PARAMETER, 'the server chose what was not offered');
    }
    const signed = Buffer.concat([this.#random, this.#serverRandom, exchange.parameters]);
    if (!isSignatureRight(scheme, this.#serverKey, signed, exchange.signature)) {
      throw new HandshakeError(
        Alert.DECRYPT_ERROR,
        'the server does not have the key of its certificate: its signature is wrong',
        'ERR_DTLS_SIGNATURE',
      );
    }
    this.#group = group;
    this.#scheme = scheme;
    this.#serverValue = Uint8Array.from(exchange.publicValue);
    this.#transcript.append(whole);
    this.#expected = [HandshakeType.CERTIFICATE_REQUEST, HandshakeType.SERVER_HELLO_DONE];
  }

  #serverHelloDone({ body, whole }: HandshakeMessage): void {
    if (body.length > 0) throw new HandshakeError(Alert.DECODE_ERROR, 'ServerHelloDone is not empty');
    const suite = this.#suite;
    if (suite === undefined || this.#group === undefined) throw outOfTurn();
    this.#transcript.append(whole);
    const share = createKeyShare(this.#group);
    const shared = share.combine(this.#serverValue);
    share.erase();
    const messages: OutgoingMessage[] = [];
    if (this.#isCertificateWanted) {
      messages.push(this.#message(HandshakeType.CERTIFICATE, encodeCertificates([])));
    }
    const exchange = encodeClientKeyExchange(share.publicValue);
    messages.push(this.#message(HandshakeType.CLIENT_KEY_EXCHANGE, exchange));
    const master = new MasterSecret(
      {
        suite,
        clientRandom: this.#random,
        serverRandom: this.#serverRandom,
        sessionHash: this.#hasExtendedMasterSecret ? this.#transcript.digest() : undefined,
      },
      shared,
    );
    this.#master = master;
    const keys = master.trafficKeys();
    const verifyData = master.verifyData('client', this.#transcript.digest());
    const finished = this.#message(HandshakeType.FINISHED, verifyData);
    this.#expected = [HandshakeType.FINISHED];
    this.#carrier.setCiphers(keys.server, keys.client);
    this.#carrier.tellSecret(master);
    this.#carrier.sendFlight([...messages, 'changeCipherSpec', finished], true);
  }

  #finished({ body }: HandshakeMessage): void {
    const { name: suite } = this.#suite ?? {};
    const { name: group } = this.#group ?? {};
    const { name: signature } = this.#scheme ?? {};
    const isReady = suite !== undefined && group !== undefined && signature !== undefined;
    if (!isReady || this.#master === undefined) throw outOfTurn();
    const expected = this.#master.verifyData('server', this.#transcript.digest());
    if (body.length !== expected.length || !timingSafeEqual(body, expected)) {
      throw new HandshakeError(Alert.DECRYPT_ERROR, "the server's Finished is wrong", 'ERR_DTLS_FINISHED');
    }
    this.#expected = [];
    const hasExtendedMasterSecret = this.#hasExtendedMasterSecret;
    this.#carrier.complete({ suite, group, signature, hasExtendedMasterSecret });
  }

  #message(type: number, body: Uint8Array): OutgoingMessage {
    const message = this.#carrier.number(type, body);
    this.#transcript.append(encodeFragment(type, message.messageSeq, body));
    return message;
  }
}

function readServerKey(der: Uint8Array | undefined, suite: CipherSuite | undefined): KeyObject {
  let key: KeyObject;
  try {
    key = new X509Certificate(der ?? new Uint8Array(0)).publicKey;
  } catch {
    // Whatever OpenSSL says about it, the certificate is theirs and bad.
    throw new HandshakeError(
      Alert.BAD_CERTIFICATE,
      "the server's certificate cannot be read",
      'ERR_DTLS_PEER_CERTIFICATE',
    );
  }
  const problem = keyProblem(key);
  if (problem !== undefined || key.asymmetricKeyType !== suite?.keyType) {
    throw new HandshakeError(
      Alert.UNSUPPORTED_CERTIFICATE,
      `the key of the server's certificate is ${problem ?? 'not for the cipher suite'}`,
      'ERR_DTLS_PEER_ALGORITHM',
    );
  }
  return key;
}

function outOfTurn(): HandshakeError {
  return new HandshakeError(Alert.INTERNAL_ERROR, 'a handshake message came out of turn');
}

/** One is usual; a second comes when the server changed its secret in between. */
const MAX_COOKIE_REQUESTS = 3;
/** The alerts for what can be wrong with a certificate; bad_certificate for all others. RFC 5246 7.2.2. */
const ALERT_OF_PROBLEM: Partial<Record<IdentityProblemCode, number>> = {
  ERR_DTLS_PEER_EXPIRED: Alert.CERTIFICATE_EXPIRED,
  ERR_DTLS_PEER_NOT_YET_VALID: Alert.CERTIFICATE_EXPIRED,
  ERR_DTLS_PEER_UNTRUSTED: Alert.UNKNOWN_CA,
  ERR_DTLS_PEER_NOT_CA: Alert.UNKNOWN_CA,
  ERR_DTLS_PEER_USAGE: Alert.UNSUPPORTED_CERTIFICATE,
  ERR_DTLS_PEER_ALGORITHM: Alert.UNSUPPORTED_CERTIFICATE,
};
