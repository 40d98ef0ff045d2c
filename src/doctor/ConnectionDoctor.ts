/**
 * The connection doctor: tells why datagrams of an address cannot be used, in one line, once. Ours. A host without one
 * pays nothing.
 */

import { checkOptions, type OptionNames } from '../../options/internal.ts';
import {
  type Address,
  type Compressor,
  type ConnectCommand,
  DropReason,
  type HostDoctor,
  type Peer,
  parseDatagram,
} from '../enet/index.ts';
import {
  COMMAND_SIZES,
  Command,
  HEADER_COMPRESSED,
  HEADER_SENT_TIME,
  MAX_CHANNELS,
  NO_PEER,
  PEER_ID_MASK,
} from '../enet/internal.ts';
import { CompressionGuesser } from './compression.ts';
import {
  type Diagnosis,
  DiagnosisCode,
  FINDINGS,
  type Finding,
  type HostKind,
  notEnet,
  otherChecksum,
  otherCompression,
  otherKind,
  tooFewChannels,
} from './diagnosis.ts';
import { isDtlsRecord, isPlainConnect, recognize } from './signatures.ts';
import { Teller } from './teller.ts';

/** What a {@link ConnectionDoctor} must know of its host. */
export interface DoctorOptions {
  /** Gets each diagnosis once per address and port. Called from inside the host: it must not throw and must not call the host. */
  readonly onDiagnosis: (diagnosis: Diagnosis) => void;
  /** What stands behind the host; without it clients of another kind are not told. */
  readonly kind?: HostKind | undefined;
  /** The compressor that is in force. Default none. */
  readonly compressor?: (() => Compressor | undefined) | undefined;
  /** Whether the host uses checksums. Default false. */
  readonly hasChecksum?: boolean | undefined;
  /** Most channels that the host grants, 1..255; without it nobody is told to get too few. */
  readonly channelLimit?: (() => number) | undefined;
}

/**
 * Turns what a {@link Host} drops into diagnoses. A host makes its own when it has `HostOptions.doctor`.
 *
 * Work and memory are bounded: 1,024 addresses are remembered, at most some 30 datagrams a second are looked at and one
 * line a second is told (64 and 16 at once); the rest counts as {@link ConnectionDoctor.suppressed}.
 */
export class ConnectionDoctor implements HostDoctor {
  readonly #options: DoctorOptions;
  readonly #guesser = new CompressionGuesser();
  readonly #teller = new Teller(MAX_PER_ADDRESS);

  /** @param options what it must know of the host. */
  constructor(options: DoctorOptions) {
    checkOptions(options, OPTION_NAMES);
    this.#options = options;
  }

  /** Datagrams that were not looked at, or diagnoses that were not told, because there were too many at once. */
  get suppressed(): number {
    return this.#teller.suppressed;
  }

  /** A datagram arrived: looks at handshakes of strangers. The parameters are those of `HostTrace.received`. */
  received(now: number, bytes: Uint8Array, from: Address): void {
    if ((wordOf(bytes) & PEER_ID_MASK) !== NO_PEER || bytes.length < MIN_CONNECT_DATAGRAM) return;
    const { kind, channelLimit } = this.#options;
    if (kind === undefined && channelLimit === undefined) return;
    if (this.#teller.isTold(keyOf(from)) || !this.#teller.mayLook(now, keyOf(from))) return;
    const connect = this.#connectOf(bytes);
    if (connect === undefined) return;
    const other = kind === undefined ? undefined : kindOf(connect, kind);
    if (other !== undefined && kind !== undefined) this.#tell(now, from, otherKind(other, kind));
    const limit = channelLimit?.() ?? MAX_CHANNELS;
    // 255 is what Godot asks for when the application does not say how many it needs.
    if (other === undefined && connect.channelCount > limit && connect.channelCount < MAX_CHANNELS) {
      this.#tell(now, from, tooFewChannels(connect.channelCount, limit));
    }
  }

  /** A datagram or command was not used: finds out why. The parameters are those of `HostTrace.dropped`. */
  dropped(
    now: number,
    reason: DropReason,
    from: Address | undefined,
    peer: Peer | undefined,
    bytes: Uint8Array,
    commandAt: number,
  ): void {
    if (from === undefined || !EXAMINED.has(reason) || this.#teller.isTold(keyOf(from))) return;
    if (!this.#teller.mayLook(now, keyOf(from))) return;
    const finding = this.#examine(reason, peer, bytes, commandAt);
    if (finding !== undefined) this.#tell(now, from, finding);
  }

  /** For a transport with DTLS: a datagram came that is no DTLS record. */
  receivedPlain(now: number, bytes: Uint8Array, from: Address): void {
    if (this.#teller.isTold(keyOf(from)) || isDtlsRecord(bytes) || !this.#teller.mayLook(now, keyOf(from)))
      return;
    const known = recognize(bytes);
    // Compressed ones are told by their header, and by being as short as a handshake.
    const isPacked = (wordOf(bytes) & PACKED_WORD) === PACKED_WORD && bytes.length < 4 + CONNECT_SIZE;
    const isPlain = isPacked || isPlainConnect(bytes);
    this.#tell(now, from, known ?? (isPlain ? FINDINGS.plain : notEnet(bytes)));
  }

  #examine(
    reason: DropReason,
    peer: Peer | undefined,
    bytes: Uint8Array,
    commandAt: number,
  ): Finding | undefined {
    if (reason === DropReason.BAD_CHANNEL) {
      const isReadable = (wordOf(bytes) & HEADER_COMPRESSED) === 0 && commandAt >= 0;
      const channel = isReadable ? (bytes[commandAt + 1] ?? 0) : (peer?.channelCount ?? 0);
      return peer === undefined ? undefined : tooFewChannels(channel + 1, peer.channelCount);
    }
    const known = recognize(bytes);
    if (known !== undefined) return known;
    if (reason === DropReason.BAD_CHECKSUM) {
      if (isPlainConnect(bytes) || (peer !== undefined && isWhole(bytes))) return otherChecksum(true);
      return peer === undefined ? notEnet(bytes) : undefined;
    }
    if ((wordOf(bytes) & HEADER_COMPRESSED) !== 0) return this.#examineCompressed(reason, peer, bytes);
    if (isWhole(bytes)) return undefined;
    if (isWhole(withoutChecksum(bytes))) {
      return this.#options.hasChecksum === true ? undefined : otherChecksum(false);
    }
    // From a peer's own address it is damage on the way, not a foreign protocol.
    return peer === undefined ? notEnet(bytes) : undefined;
  }

  #examineCompressed(reason: DropReason, peer: Peer | undefined, bytes: Uint8Array): Finding | undefined {
    const packed = bytes.subarray(headerLengthOf(bytes) + (this.#options.hasChecksum === true ? 4 : 0));
    if (IS_STRAY.has(reason)) {
      // What an ended connection left behind may be compressed as the host was then.
      const isLeft = peer !== undefined || this.#guesser.guess(packed) !== undefined;
      return isLeft ? undefined : notEnet(bytes);
    }
    // W13: a stranger's handshake is short, and unpacking anything longer is work that nobody may ask for.
    if (peer === undefined && packed.length >= CONNECT_SIZE) return notEnet(bytes);
    const ours = this.#options.compressor?.();
    if (peer !== undefined && ours !== undefined && this.#unpacksWhole(ours, packed)) return undefined;
    const theirs = this.#guesser.guess(packed);
    if (theirs === undefined) {
      if (peer !== undefined) return ours === undefined ? otherCompression(undefined, 'none') : undefined;
      const isHandshake = (wordOf(bytes) & HANDSHAKE_WORD) === HANDSHAKE_WORD;
      if (isHandshake) return otherCompression(undefined, ours?.name ?? 'none');
      return notEnet(bytes);
    }
    return theirs === ours?.name ? undefined : otherCompression(theirs, ours?.name ?? 'none');
  }

  #unpacksWhole(compressor: Compressor, packed: Uint8Array): boolean {
    const datagram = this.#guesser.unpack(compressor, packed);
    return datagram !== undefined && isWhole(datagram);
  }

  #connectOf(bytes: Uint8Array): ConnectCommand | undefined {
    let datagram: Uint8Array | undefined = bytes;
    const start = headerLengthOf(bytes) + (this.#options.hasChecksum === true ? 4 : 0);
    if ((wordOf(bytes) & HEADER_COMPRESSED) !== 0) {
      const compressor = this.#options.compressor?.();
      // W13, as above: a stranger's CONNECT is packed to less than its size and gives no more than that.
      if (compressor === undefined || bytes.length - start >= CONNECT_SIZE) return undefined;
      datagram = this.#guesser.unpack(compressor, bytes.subarray(start), CONNECT_SIZE);
    } else if (this.#options.hasChecksum === true) {
      datagram = withoutChecksum(bytes);
    }
    const command = datagram === undefined ? undefined : parseDatagram(datagram)?.commands[0];
    return command?.name === 'CONNECT' ? command : undefined;
  }

  #tell(now: number, from: Address, finding: Finding): void {
    const key = keyOf(from);
    if (!this.#teller.tell(now, key, finding.code)) return;
    this.#options.onDiagnosis({
      code: finding.code,
      address: { ip: from.ip, port: from.port },
      message: `${key} ${finding.text}`,
    });
  }
}

/**
 * Godot 3 asks for 3 channels unless told otherwise (appendix A.1), Godot 4 for 255 or two more than its transfer
 * channels (4.3); both send their id, 2..2^31-1, as data. ENetClient sends 0.
 */
function kindOf(
  { channelCount, data = 0 }: ConnectCommand,
  host: HostKind,
): 'GODOT3_CLIENT' | 'GODOT4_CLIENT' | 'NOT_MULTIPLAYER' | undefined {
  if (data < 2) return host === 'ENetServer' ? undefined : DiagnosisCode.NOT_MULTIPLAYER;
  // An application can send any number along, so only large ones are taken for ids.
  if (data < MIN_LIKELY_ID || data >= 2 ** 31) return undefined;
  if (channelCount === GODOT3_CHANNELS) {
    return host === 'NetworkedMultiplayerENet' ? undefined : DiagnosisCode.GODOT3_CLIENT;
  }
  if (channelCount === MAX_CHANNELS) {
    return host === 'ENetMultiplayerPeer' ? undefined : DiagnosisCode.GODOT4_CLIENT;
  }
  return undefined;
}

function isWhole(bytes: Uint8Array): boolean {
  const parsed = parseDatagram(bytes);
  return parsed !== undefined && parsed.commands.length > 0 && parsed.rest.every((byte) => byte === 0);
}

function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const start = headerLengthOf(bytes);
  if (bytes.length < start + 4) return EMPTY;
  const shorter = new Uint8Array(bytes.length - 4);
  shorter.set(bytes.subarray(0, start));
  shorter.set(bytes.subarray(start + 4), start);
  return shorter;
}

function headerLengthOf(bytes: Uint8Array): number {
  return (wordOf(bytes) & HEADER_SENT_TIME) === 0 ? 2 : 4;
}

function wordOf(bytes: Uint8Array): number {
  return ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
}

function keyOf({ ip, port }: Address): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

const CONNECT_SIZE = COMMAND_SIZES[Command.CONNECT] ?? 0;
const EMPTY = new Uint8Array(0);
/** sentTime and no peer. */
const HANDSHAKE_WORD = HEADER_SENT_TIME | NO_PEER;
const PACKED_WORD = HANDSHAKE_WORD | HEADER_COMPRESSED;
/** A CONNECT shrinks to no less. */
const MIN_CONNECT_DATAGRAM = 12;
const MAX_PER_ADDRESS = 4;
const GODOT3_CHANNELS = 3;
/** Godot draws ids evenly from 31 bits: one of 2,000 lies below. */
const MIN_LIKELY_ID = 2 ** 20;

/** Reasons that can have a cause which somebody can mend. Refusals and losses on the way are none. */
const EXAMINED: ReadonlySet<DropReason> = new Set([
  DropReason.DATAGRAM_TOO_SHORT,
  DropReason.DATAGRAM_TOO_LONG,
  DropReason.UNKNOWN_PEER,
  DropReason.WRONG_ADDRESS,
  DropReason.WRONG_SESSION,
  DropReason.NO_COMPRESSOR,
  DropReason.BAD_COMPRESSION,
  DropReason.BAD_CHECKSUM,
  DropReason.NOT_A_CONNECT,
  DropReason.BAD_COMMAND,
  DropReason.NO_PEER_FOR_COMMAND,
  DropReason.BAD_CHANNEL,
  DropReason.BAD_CONNECT,
]);

/** Where datagrams of an earlier connection end. */
const IS_STRAY: ReadonlySet<DropReason> = new Set([
  DropReason.UNKNOWN_PEER,
  DropReason.WRONG_ADDRESS,
  DropReason.WRONG_SESSION,
]);

const OPTION_NAMES: OptionNames<DoctorOptions> = {
  onDiagnosis: true,
  kind: true,
  compressor: true,
  hasChecksum: true,
  channelLimit: true,
};
