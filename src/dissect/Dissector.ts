/** Takes the datagrams of a capture apart, one after the other. enet-protocol 1, 2, 6.7 and 9. */
import { type ParsedCommand, parseDatagram } from '../enet/index.ts';
import {
  COMMAND_MASK,
  COMMAND_SIZES,
  Command,
  HEADER_COMPRESSED,
  HEADER_SENT_TIME,
  MAX_COMMAND,
  PEER_ID_MASK,
  SESSION_MASK,
  SESSION_SHIFT,
} from '../enet/internal.ts';
import { MultiplayerDissector } from '../multiplayer/index.ts';
import type { CapturedDatagram } from './capture/capturedDatagram.ts';
import { type ChecksumResult, Checksums } from './checksums.ts';
import { type PacketValue, type PayloadMode, readMultiplayerPacket, readPacketValue } from './packetValue.ts';
import { Reassembly } from './reassembly.ts';
import { type CompressionName, isPadding, type Unpacked, type Unpacker } from './unpack.ts';

/** How datagrams are taken apart. */
export interface DissectOptions {
  /** Unpacks compressed datagrams. */
  readonly unpacker: Unpacker;
  /** Whether four bytes of checksum follow the header. */
  readonly hasChecksum: boolean;
  /** What packets are taken for. */
  readonly payload: PayloadMode;
}

/** A whole packet. */
export interface DissectedPacket {
  /** The bytes; a view into the datagram unless it came in fragments. */
  readonly bytes: Uint8Array;
  /** What is in it. */
  readonly content: PacketValue;
}

/** One command. */
export interface DissectedCommand {
  /** The command itself. */
  readonly command: ParsedCommand;
  /** The packet that it carries or, for the last fragment to arrive, completes. */
  readonly packet: DissectedPacket | undefined;
  /** What a fragment led to, in words. */
  readonly note: string | undefined;
  /** Why a fragment is of no use. */
  readonly problem: string | undefined;
}

/** What every datagram begins with. */
export interface DatagramHeader {
  /** The slot of the receiver; 4095 when it is not known yet. */
  readonly peerId: number;
  /** Session number, 0..3. */
  readonly session: number;
  /** Low 16 bits of the sender's time. */
  readonly sentTime: number | undefined;
}

/** One datagram taken apart. */
export interface DissectedDatagram {
  /** Counted from 1. */
  readonly index: number;
  /** What was captured. */
  readonly captured: CapturedDatagram;
  /** `undefined` when it is too short for one. */
  readonly header: DatagramHeader | undefined;
  /** How the commands were compressed; `undefined` when they were not or nothing could unpack them. */
  readonly compression: CompressionName | undefined;
  /** Length of the commands after unpacking, in bytes. */
  readonly bodyLength: number;
  /** The checksum, when there should be one. */
  readonly checksum: ChecksumResult | undefined;
  /** The commands that could be read. */
  readonly commands: readonly DissectedCommand[];
  /** What is left behind them; padding of FastLZ included. */
  readonly rest: Uint8Array;
  /** What could not be read, where and why; `undefined` when everything could. */
  readonly problem: string | undefined;
}

/** What was seen, in numbers. */
export interface DissectCounts {
  /** Datagrams. */
  datagrams: number;
  /** Commands. */
  commands: number;
  /** Whole packets; put together from fragments, if need be. */
  packets: number;
  /** Datagrams of which something could not be read, or whose checksum is wrong. */
  problems: number;
  /** Packets that could not be read as what they were taken for. */
  unreadPackets: number;
}

/** Takes the datagrams of one capture apart. Never throws because of their bytes. */
export class Dissector {
  /** What was seen so far. */
  readonly counts: DissectCounts = { datagrams: 0, commands: 0, packets: 0, problems: 0, unreadPackets: 0 };
  readonly #options: DissectOptions;
  readonly #reassembly = new Reassembly();
  readonly #checksums = new Checksums();
  readonly #multiplayer = new MultiplayerDissector();

  constructor(options: DissectOptions) {
    this.#options = options;
  }

  /** Takes the next datagram apart. The result holds views into it. */
  dissect(captured: CapturedDatagram): DissectedDatagram {
    const result = this.#dissect(captured, ++this.counts.datagrams);
    this.counts.commands += result.commands.length;
    let hasProblem = result.problem !== undefined || result.checksum?.isRight === false;
    for (const { packet, problem } of result.commands) {
      if (problem !== undefined) hasProblem = true;
      if (packet === undefined) continue;
      this.counts.packets++;
      if (packet.content.problem !== undefined) this.counts.unreadPackets++;
    }
    if (hasProblem) this.counts.problems++;
    return result;
  }

  /** One line for each fragmented packet that is not complete. */
  unfinished(): Iterable<string> {
    return this.#reassembly.unfinished();
  }

  #dissect(captured: CapturedDatagram, index: number): DissectedDatagram {
    const { bytes } = captured;
    const nothing = {
      index,
      captured,
      header: undefined,
      compression: undefined,
      bodyLength: 0,
      checksum: undefined,
      commands: [],
      rest: bytes,
    };
    if (captured.unread !== undefined) return { ...nothing, problem: captured.unread };
    if (bytes.length < 2) return { ...nothing, problem: `a datagram needs 2 bytes, it has ${bytes.length}` };
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const word = view.getUint16(0);
    const hasSentTime = (word & HEADER_SENT_TIME) !== 0;
    const plainLength = hasSentTime ? 4 : 2;
    const headerLength = plainLength + (this.#options.hasChecksum ? 4 : 0);
    if (bytes.length < headerLength) {
      return { ...nothing, problem: `its header needs ${headerLength} bytes, it has ${bytes.length}` };
    }
    const header: DatagramHeader = {
      peerId: word & PEER_ID_MASK,
      session: (word >> SESSION_SHIFT) & SESSION_MASK,
      sentTime: hasSentTime ? view.getUint16(2) : undefined,
    };
    const isCompressed = (word & HEADER_COMPRESSED) !== 0;
    const packed = bytes.subarray(headerLength);
    const unpacked: Unpacked | string = isCompressed
      ? this.#options.unpacker.unpack(packed, headerLength)
      : { body: packed, mode: 'none' };
    if (typeof unpacked === 'string') {
      const hint = guessOf(bytes) || this.#checksumHint(packed, isCompressed, headerLength);
      return { ...nothing, header, rest: packed, problem: `${unpacked}${hint}` };
    }
    const { body, mode } = unpacked;
    const { commands, rest } = parseBody(body);
    const problem = problemOf(body, rest, commands.length, isCompressed ? undefined : headerLength, mode);
    const checksum = this.#options.hasChecksum
      ? this.#checksums.verify(
          endsOf(captured),
          bytes.subarray(0, plainLength),
          view.getUint32(plainLength),
          body,
          commands,
        )
      : undefined;
    return {
      index,
      captured,
      header,
      compression: isCompressed ? mode : undefined,
      bodyLength: body.length,
      checksum,
      commands: commands.map((command) => this.#command(command, captured, header)),
      rest,
      problem:
        problem && `${problem}${guessOf(bytes) || this.#checksumHint(packed, isCompressed, headerLength)}`,
    };
  }

  #command(command: ParsedCommand, captured: CapturedDatagram, header: DatagramHeader): DissectedCommand {
    if (!('payload' in command)) return { command, packet: undefined, note: undefined, problem: undefined };
    if (!('fragmentCount' in command)) {
      return {
        command,
        packet: this.#packet(command.payload, captured),
        note: undefined,
        problem: undefined,
      };
    }
    const from = captured.from === '' ? '' : `from ${captured.from} `;
    const to = captured.to === '' ? '' : `to ${captured.to} `;
    const stream = `${from}${to}slot ${header.peerId} session ${header.session}`;
    const outcome = this.#reassembly.add(stream, command);
    switch (outcome.kind) {
      case 'complete':
        return {
          command,
          packet: this.#packet(outcome.packet, captured),
          note: undefined,
          problem: undefined,
        };
      case 'waiting':
        return { command, packet: undefined, note: outcome.note, problem: undefined };
      case 'repeated':
        return { command, packet: undefined, note: 'sent again', problem: undefined };
      default:
        return { command, packet: undefined, note: undefined, problem: outcome.problem };
    }
  }

  /** Says so when a datagram that cannot be read makes sense with a checksum. */
  #checksumHint(packed: Uint8Array, isCompressed: boolean, headerLength: number): string {
    if (this.#options.hasChecksum || packed.length < 8) return '';
    const behind = packed.subarray(4);
    const unpacked = isCompressed
      ? this.#options.unpacker.unpack(behind, headerLength + 4)
      : { body: behind };
    if (typeof unpacked === 'string') return '';
    const { commands, rest } = parseBody(unpacked.body);
    return commands.length > 0 && rest.length === 0 ? ' (it can be read with a checksum: --checksum)' : '';
  }

  #packet(bytes: Uint8Array, { from }: CapturedDatagram): DissectedPacket {
    const { payload } = this.#options;
    const content =
      payload === 'multiplayer'
        ? readMultiplayerPacket(this.#multiplayer, from, bytes)
        : readPacketValue(bytes, payload);
    return { bytes, content };
  }
}

/** The commands of a body, which stands here behind the shortest header there is. */
function parseBody(body: Uint8Array): { commands: readonly ParsedCommand[]; rest: Uint8Array } {
  const datagram = new Uint8Array(2 + body.length);
  datagram.set(body, 2);
  return parseDatagram(datagram) ?? { commands: [], rest: body };
}

function endsOf({ from, to }: CapturedDatagram): string {
  if (to === '') return '';
  return from < to ? `${from} ${to}` : `${to} ${from}`;
}

/** `headerLength` is undefined when the body was compressed: offsets then count in what came out. */
function problemOf(
  body: Uint8Array,
  rest: Uint8Array,
  commandCount: number,
  headerLength: number | undefined,
  mode: CompressionName,
): string | undefined {
  if (rest.length === 0) return commandCount > 0 ? undefined : 'it has no commands';
  if (mode === 'fastlz' && commandCount > 0 && isPadding(rest)) return undefined;
  const at = body.length - rest.length;
  const where =
    headerLength === undefined ? `byte ${at} of the unpacked commands` : `byte ${headerLength + at}`;
  return `${rest.length} ${rest.length === 1 ? 'byte' : 'bytes'} from ${where} on: ${commandProblem(rest)}`;
}

function commandProblem(rest: Uint8Array): string {
  const number = (rest[0] ?? 0) & COMMAND_MASK;
  const size = COMMAND_SIZES[number] ?? 0;
  if (number === 0 || number > MAX_COMMAND) return `there is no command ${number}`;
  const name = COMMAND_NAMES[number];
  if (rest.length < size) return `${name} needs ${size} bytes`;
  const at = number === Command.SEND_RELIABLE ? 4 : 6;
  const length = ((rest[at] ?? 0) << 8) | (rest[at + 1] ?? 0);
  return `${name} announces ${length} bytes of data, ${rest.length - size} are there`;
}

/** Content types 20 to 25 and a version of DTLS. Such bytes make no sense as ENet. */
function guessOf(bytes: Uint8Array): string {
  const [type = 0, major = 0, minor = 0] = bytes;
  const isDtls = type >= 20 && type <= 25 && major === 0xfe && (minor === 0xff || minor === 0xfd);
  return isDtls ? ' (it looks like DTLS, which is encrypted: --key-log opens it)' : '';
}

const COMMAND_NAMES: readonly string[] = Object.keys(Command);
