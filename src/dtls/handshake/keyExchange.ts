/** Ephemeral Diffie-Hellman: X25519 and the NIST curves. RFC 8422, sections 5.4, 5.7 and 5.11. */
import {
  createECDH,
  createPublicKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { Alert, HandshakeError } from '../protocol.ts';

/** One group of the key exchange. */
export interface Group {
  /** Its number in the supported groups. */
  readonly id: number;
  /** Its IANA name. */
  readonly name: string;
  /** The curve as OpenSSL names it. */
  readonly curve: string;
  /** The length of a public value. */
  readonly publicBytes: number;
}

/** The groups, the preferred first. */
export const GROUPS: readonly Group[] = [
  { id: 29, name: 'x25519', curve: 'x25519', publicBytes: 32 },
  { id: 23, name: 'secp256r1', curve: 'prime256v1', publicBytes: 65 },
  { id: 24, name: 'secp384r1', curve: 'secp384r1', publicBytes: 97 },
  { id: 25, name: 'secp521r1', curve: 'secp521r1', publicBytes: 133 },
];

/** A group by its number. */
export function findGroup(id: number): Group | undefined {
  return GROUPS.find((group) => group.id === id);
}

/** One use of a group: a fresh private value that never leaves node:crypto. */
export interface KeyShare {
  /** Its group. */
  readonly group: Group;
  /** What is sent to the other side. */
  readonly publicValue: Uint8Array;
  /**
   * The shared secret, for the caller to erase.
   *
   * @throws HandshakeError for a value that is no point of the curve, or a weak one.
   */
  combine(theirPublicValue: Uint8Array): Uint8Array;
  /** Forgets the private value. The share is of no use afterwards. */
  erase(): void;
}

/** Makes a new key share. */
export function createKeyShare(group: Group): KeyShare {
  return group.curve === 'x25519' ? createX25519(group) : createNist(group);
}

function createX25519(group: Group): KeyShare {
  const pair = generateKeyPairSync('x25519');
  const { publicKey } = pair;
  let privateKey: KeyObject | undefined = pair.privateKey;
  // As JWK and not as DER: node:crypto gives and takes the 32 bytes as they are, for a tenth of the time.
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const publicValue = Buffer.from(x, 'base64url');
  return {
    group,
    publicValue,
    combine: (theirs) => {
      const own = inUse(privateKey);
      return checked(group, theirs, () => deriveX25519(own, theirs));
    },
    erase: () => {
      privateKey = undefined;
    },
  };
}

function deriveX25519(privateKey: KeyObject, theirs: Uint8Array): Uint8Array {
  const x = Buffer.from(theirs).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  const secret = diffieHellman({ privateKey, publicKey });
  // RFC 8422 5.11: a point of small order gives zero.
  if (secret.every((byte) => byte === 0)) throw new RangeError('zero');
  return secret;
}

function createNist(group: Group): KeyShare {
  const ready = READY.get(group.id) ?? [];
  const { exchange, publicValue } = ready.pop() ?? generate(createECDH(group.curve));
  let current: ECDH | undefined = exchange;
  return {
    group,
    publicValue,
    combine: (theirs) => {
      const own = inUse(current);
      return checked(group, theirs, () => {
        if (theirs[0] !== UNCOMPRESSED) throw new RangeError('compressed');
        // node:crypto refuses what is not on the curve.
        return own.computeSecret(theirs);
      });
    },
    erase: () => {
      // The key of the next share takes the place of this one.
      if (current !== undefined && ready.length < MAX_READY) ready.push(generate(current));
      current = undefined;
    },
  };
}

function generate(exchange: ECDH): ReadyKey {
  return { exchange, publicValue: exchange.generateKeys() };
}

function inUse<Kept>(kept: Kept | undefined): Kept {
  if (kept === undefined) throw new Error('the key share is erased');
  return kept;
}

function checked(group: Group, theirs: Uint8Array, derive: () => Uint8Array): Uint8Array {
  if (theirs.length === group.publicBytes) {
    try {
      return derive();
    } catch {
      // Whatever OpenSSL says about the point, it is theirs and bad.
    }
  }
  throw new HandshakeError(Alert.ILLEGAL_PARAMETER, `the other side's value is none of ${group.name}`);
}

/** A key that no share has had yet. */
interface ReadyKey {
  readonly exchange: ECDH;
  readonly publicValue: Uint8Array;
}

/** What stands in objects that were used before: making one costs more than its key. By the number of the group. */
const READY: ReadonlyMap<number, ReadyKey[]> = new Map(GROUPS.map(({ id }) => [id, []]));
const MAX_READY = 16;
/** The form byte of an uncompressed point. */
const UNCOMPRESSED = 4;
