/**
 * The extensions of the hellos. RFC 5246 7.4.1.4 (signature algorithms), RFC 6066 3 (server name), RFC 8422 5.1 (groups,
 * point formats), RFC 7627 5.1 (extended master secret), RFC 5746 (renegotiation info). All others are ignored.
 */

import { Alert, HandshakeError } from '../protocol.ts';
import { ByteReader, list16, u16, vector } from './byteReader.ts';
import { GROUPS } from './keyExchange.ts';
import { SIGNATURE_SCHEMES } from './signatures.ts';

/** The numbers of the extensions. */
export const ExtensionType = {
  SERVER_NAME: 0,
  SUPPORTED_GROUPS: 10,
  POINT_FORMATS: 11,
  SIGNATURE_ALGORITHMS: 13,
  EXTENDED_MASTER_SECRET: 23,
  RENEGOTIATION_INFO: 0xff01,
} as const;

/** Extensions by their numbers. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

/**
 * Reads the rest of a hello: nothing, or a list of extensions.
 *
 * @throws HandshakeError when it is damaged, or has one of them twice.
 */
export function readExtensions(reader: ByteReader): Extensions {
  const extensions = new Map<number, Uint8Array>();
  if (reader.left === 0) return extensions;
  const list = new ByteReader(reader.vector(2));
  reader.end();
  while (list.left > 0) {
    const type = list.u16();
    if (extensions.has(type)) {
      throw new HandshakeError(Alert.ILLEGAL_PARAMETER, `the extension ${type} is there twice`);
    }
    extensions.set(type, list.vector(2));
  }
  return extensions;
}

/** What a client says in its extensions. */
export interface ClientExtensions {
  /** The groups it has; undefined when it does not say. */
  readonly groups: readonly number[] | undefined;
  /** The signature schemes it takes. RFC 5246 takes SHA-1 for granted when it does not say; nothing here does. */
  readonly signatures: readonly number[];
  /** Whether it wants the extended master secret. */
  readonly hasExtendedMasterSecret: boolean;
  /** Whether it sent its point formats, so that the server may. */
  readonly hasPointFormats: boolean;
  /** Whether it sent renegotiation info. */
  readonly hasRenegotiationInfo: boolean;
}

/** Looks at the extensions of a ClientHello. */
export function readClientExtensions(extensions: Extensions): ClientExtensions {
  const groups = extensions.get(ExtensionType.SUPPORTED_GROUPS);
  const signatures = extensions.get(ExtensionType.SIGNATURE_ALGORITHMS);
  checkPointFormats(extensions);
  checkEmpty(extensions, ExtensionType.EXTENDED_MASTER_SECRET, EMPTY);
  checkRenegotiation(extensions);
  return {
    groups: groups === undefined ? undefined : readList(groups),
    signatures: signatures === undefined ? [] : readList(signatures),
    hasExtendedMasterSecret: extensions.has(ExtensionType.EXTENDED_MASTER_SECRET),
    hasPointFormats: extensions.has(ExtensionType.POINT_FORMATS),
    hasRenegotiationInfo: extensions.has(ExtensionType.RENEGOTIATION_INFO),
  };
}

/**
 * Looks at the extensions of a ServerHello.
 *
 * @param offered what the client sent; a server may answer nothing else (RFC 5246 7.4.1.4).
 * @returns whether the extended master secret is used.
 */
export function readServerExtensions(extensions: Extensions, offered: ReadonlySet<number>): boolean {
  for (const type of extensions.keys()) {
    if (!offered.has(type)) {
      throw new HandshakeError(
        Alert.UNSUPPORTED_EXTENSION,
        `the server answered the extension ${type} unasked`,
      );
    }
  }
  checkPointFormats(extensions);
  checkEmpty(extensions, ExtensionType.EXTENDED_MASTER_SECRET, EMPTY);
  checkRenegotiation(extensions);
  return extensions.has(ExtensionType.EXTENDED_MASTER_SECRET);
}

/** The extensions of a client, in the order they are sent. `groups`: the numbers of those it offers. */
export function clientExtensions(
  serverName: string | undefined,
  groups: readonly number[] = GROUPS.map(({ id }) => id),
): Map<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  if (serverName !== undefined) {
    const name = vector(2, Buffer.from(serverName, 'latin1'));
    extensions.set(ExtensionType.SERVER_NAME, vector(2, Uint8Array.of(HOST_NAME), name));
  }
  extensions.set(ExtensionType.SUPPORTED_GROUPS, list16(groups));
  extensions.set(ExtensionType.POINT_FORMATS, UNCOMPRESSED_ONLY);
  extensions.set(ExtensionType.SIGNATURE_ALGORITHMS, list16(SIGNATURE_SCHEMES.map(({ id }) => id)));
  extensions.set(ExtensionType.EXTENDED_MASTER_SECRET, EMPTY);
  extensions.set(ExtensionType.RENEGOTIATION_INFO, NO_RENEGOTIATION);
  return extensions;
}

/** The extensions with which a server answers. */
export function serverExtensions(
  client: ClientExtensions,
  isRenegotiationAware: boolean,
): Map<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  if (isRenegotiationAware) extensions.set(ExtensionType.RENEGOTIATION_INFO, NO_RENEGOTIATION);
  if (client.hasExtendedMasterSecret) extensions.set(ExtensionType.EXTENDED_MASTER_SECRET, EMPTY);
  if (client.hasPointFormats) extensions.set(ExtensionType.POINT_FORMATS, UNCOMPRESSED_ONLY);
  return extensions;
}

/** Extensions as they stand in a hello. */
export function encodeExtensions(extensions: Extensions): Uint8Array {
  if (extensions.size === 0) return EMPTY;
  return vector(2, ...Array.from(extensions, ([type, data]) => Buffer.concat([u16(type), vector(2, data)])));
}

function readList(bytes: Uint8Array): number[] {
  const reader = new ByteReader(bytes);
  const list = reader.list16();
  reader.end();
  return list;
}

/** RFC 8422 5.1.2: who sends the extension must have the uncompressed form in it. */
function checkPointFormats(extensions: Extensions): void {
  const bytes = extensions.get(ExtensionType.POINT_FORMATS);
  if (bytes === undefined) return;
  const reader = new ByteReader(bytes);
  const formats = reader.vector(1);
  reader.end();
  if (!formats.includes(0)) {
    throw new HandshakeError(Alert.ILLEGAL_PARAMETER, 'the other side has no uncompressed points');
  }
}

function checkEmpty(extensions: Extensions, type: number, expected: Uint8Array): void {
  const bytes = extensions.get(type);
  if (bytes !== undefined && Buffer.compare(bytes, expected) !== 0) {
    throw new HandshakeError(Alert.DECODE_ERROR, `the extension ${type} is not empty`);
  }
}

/** RFC 5746 3.4 and 3.6: in a first handshake the info is empty. */
function checkRenegotiation(extensions: Extensions): void {
  const bytes = extensions.get(ExtensionType.RENEGOTIATION_INFO);
  if (bytes !== undefined && Buffer.compare(bytes, NO_RENEGOTIATION) !== 0) {
    throw new HandshakeError(Alert.HANDSHAKE_FAILURE, 'the other side takes this for a renegotiation');
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
/** The name type of a host name. */
const HOST_NAME = 0;
const UNCOMPRESSED_ONLY: Uint8Array = Uint8Array.of(1, 0);
const NO_RENEGOTIATION: Uint8Array = Uint8Array.of(0);
