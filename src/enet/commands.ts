/**
 * Datagrams as plain data: for tools, tests and traces. The host itself reads bytes directly. enet-protocol 1 and 2.
 */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import {
  COMMAND_MASK,
  COMMAND_SIZES,
  Command,
  FLAG_ACKNOWLEDGE,
  FLAG_UNSEQUENCED,
  HEADER_COMPRESSED,
  HEADER_SENT_TIME,
  MAX_COMMAND,
  PEER_ID_MASK,
  SESSION_MASK,
  SESSION_SHIFT,
} from './protocol.ts';

/** What every command has. */
interface CommandHeader {
  /** Whether the sender wants an acknowledgement. */
  readonly wantsAcknowledge: boolean;
  /** Whether the UNSEQUENCED flag is set. */
  readonly isUnsequenced: boolean;
  /** Channel 0..254; 255 for control commands. */
  readonly channel: number;
  /** The reliable sequence number of the header, u16. */
  readonly reliableSeq: number;
}

/** ACKNOWLEDGE. */
export interface AcknowledgeCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'ACKNOWLEDGE';
  /** The acknowledged number, u16. */
  readonly receivedSeq: number;
  /** Echo of the low 16 bits of the time at which the acknowledged datagram was sent. */
  readonly receivedSentTime: number;
}

/** CONNECT, or VERIFY_CONNECT, which has no `data`. */
export interface ConnectCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'CONNECT' | 'VERIFY_CONNECT';
  /** The slot of the sender, which the receiver must put into its datagrams. */
  readonly peerId: number;
  /** CONNECT: the client's numbers, 255 when unused. VERIFY_CONNECT: what the client must expect and send. */
  readonly inSession: number;
  /** As `inSession`, for the other direction. */
  readonly outSession: number;
  /** Bytes. */
  readonly mtu: number;
  /** Bytes. */
  readonly windowSize: number;
  /** Channels wanted (CONNECT) or granted (VERIFY_CONNECT), 1..255. */
  readonly channelCount: number;
  /** Bytes per second, 0 = unlimited. */
  readonly incomingBandwidth: number;
  /** Bytes per second, 0 = unlimited. */
  readonly outgoingBandwidth: number;
  /** Milliseconds. */
  readonly throttleInterval: number;
  /** Step by which the throttle opens. */
  readonly throttleAcceleration: number;
  /** Step by which the throttle closes. */
  readonly throttleDeceleration: number;
  /** Four opaque bytes, as a big-endian number. */
  readonly connectId: number;
  /** CONNECT only: the user data, u32. */
  readonly data?: number;
}

/** DISCONNECT. */
export interface DisconnectCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'DISCONNECT';
  /** The user data, u32. */
  readonly data: number;
}

/** PING. */
export interface PingCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'PING';
}

/** SEND_RELIABLE, SEND_UNRELIABLE or SEND_UNSEQUENCED. */
export interface SendCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'SEND_RELIABLE' | 'SEND_UNRELIABLE' | 'SEND_UNSEQUENCED';
  /** SEND_UNRELIABLE: the unreliable number. SEND_UNSEQUENCED: the group. SEND_RELIABLE: 0. */
  readonly unreliableSeq: number;
  /** The payload: a view into the datagram. */
  readonly payload: Uint8Array;
}

/** SEND_FRAGMENT or SEND_UNRELIABLE_FRAGMENT. */
export interface FragmentCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'SEND_FRAGMENT' | 'SEND_UNRELIABLE_FRAGMENT';
  /** The number of fragment 0 (reliable), or the unreliable number of the packet. */
  readonly startSeq: number;
  /** How many fragments the packet has. */
  readonly fragmentCount: number;
  /** Which one this is, from 0. */
  readonly fragmentNumber: number;
  /** Length of the whole packet in bytes. */
  readonly totalLength: number;
  /** Where this fragment lies in the packet, in bytes. */
  readonly offset: number;
  /** The payload: a view into the datagram. */
  readonly payload: Uint8Array;
}

/** BANDWIDTH_LIMIT. */
export interface BandwidthLimitCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'BANDWIDTH_LIMIT';
  /** What the receiver may send, in bytes per second, 0 = unlimited. */
  readonly incomingBandwidth: number;
  /** What the sender sends at most, in bytes per second, 0 = unlimited. */
  readonly outgoingBandwidth: number;
}

/** THROTTLE_CONFIGURE. */
export interface ThrottleConfigureCommand extends CommandHeader {
  /** The command's name in the protocol. */
  readonly name: 'THROTTLE_CONFIGURE';
  /** Milliseconds. */
  readonly throttleInterval: number;
  /** Step by which the throttle opens. */
  readonly throttleAcceleration: number;
  /** Step by which the throttle closes. */
  readonly throttleDeceleration: number;
}

/** One command of a datagram. */
export type ParsedCommand =
  | AcknowledgeCommand
  | ConnectCommand
  | DisconnectCommand
  | PingCommand
  | SendCommand
  | FragmentCommand
  | BandwidthLimitCommand
  | ThrottleConfigureCommand;

/** A datagram taken apart. */
export interface ParsedDatagram {
  /** The slot of the receiver; 4095 when it is not known yet. */
  readonly peerId: number;
  /** Session number, 0..3. */
  readonly session: number;
  /** Whether the commands were compressed. */
  readonly isCompressed: boolean;
  /** Low 16 bits of the sender's time; `undefined` when the datagram has none. */
  readonly sentTime: number | undefined;
  /** The commands in order. */
  readonly commands: readonly ParsedCommand[];
  /** Bytes after the last complete command: none in a sound datagram, zeros when FastLZ padded a short one. */
  readonly rest: Uint8Array;
}

/** What {@link parseDatagram} must know of the connection. */
export interface ParseOptions {
  /** Unpacks the commands of a compressed datagram; `undefined` when it cannot. */
  readonly decompress?: ((packed: Uint8Array) => Uint8Array | undefined) | undefined;
}

/**
 * Takes a datagram without checksum apart. Never throws: what cannot be read is left in `rest`.
 *
 * @returns `undefined` when there is no complete header, or when the commands are compressed and cannot be unpacked.
 */
export function parseDatagram(bytes: Uint8Array, options: ParseOptions = {}): ParsedDatagram | undefined {
  checkOptions(options, { decompress: true } satisfies OptionNames<ParseOptions>);
  if (bytes.length < 2) return undefined;
  const view = viewOf(bytes);
  const word = view.getUint16(0);
  const hasSentTime = (word & HEADER_SENT_TIME) !== 0;
  const headerLength = hasSentTime ? 4 : 2;
  if (bytes.length < headerLength) return undefined;
  const isCompressed = (word & HEADER_COMPRESSED) !== 0;
  let body: Uint8Array | undefined = bytes.subarray(headerLength);
  if (isCompressed) body = options.decompress?.(body);
  if (body === undefined) return undefined;
  const commands: ParsedCommand[] = [];
  let at = 0;
  while (at < body.length) {
    const parsed = parseCommand(body, at);
    if (parsed === undefined) break;
    commands.push(parsed.command);
    at = parsed.end;
  }
  return {
    peerId: word & PEER_ID_MASK,
    session: (word >> SESSION_SHIFT) & SESSION_MASK,
    isCompressed,
    sentTime: hasSentTime ? view.getUint16(2) : undefined,
    commands,
    rest: body.subarray(at),
  };
}

/**
 * Builds the uncompressed, checksum-free bytes of a datagram. The reverse of {@link parseDatagram}; `isCompressed`
 * is ignored and `rest` is appended as it is.
 */
export function buildDatagram(datagram: ParsedDatagram): Uint8Array {
  const headerLength = datagram.sentTime === undefined ? 2 : 4;
  const size = datagram.commands.reduce((sum, command) => sum + commandLength(command), headerLength);
  const bytes = new Uint8Array(size + datagram.rest.length);
  const view = viewOf(bytes);
  view.setUint16(
    0,
    (datagram.peerId & PEER_ID_MASK) |
      ((datagram.session & SESSION_MASK) << SESSION_SHIFT) |
      (datagram.sentTime === undefined ? 0 : HEADER_SENT_TIME),
  );
  if (datagram.sentTime !== undefined) view.setUint16(2, datagram.sentTime);
  let at = headerLength;
  for (const command of datagram.commands) {
    writeCommand(view, bytes, at, command);
    at += commandLength(command);
  }
  bytes.set(datagram.rest, at);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseCommand(body: Uint8Array, at: number): { command: ParsedCommand; end: number } | undefined {
  const first = body[at] ?? 0;
  const number = first & COMMAND_MASK;
  const size = COMMAND_SIZES[number] ?? 0;
  if (number === 0 || number > MAX_COMMAND || body.length - at < size) return undefined;
  const view = new DataView(body.buffer, body.byteOffset + at, size);
  const header: CommandHeader = {
    wantsAcknowledge: (first & FLAG_ACKNOWLEDGE) !== 0,
    isUnsequenced: (first & FLAG_UNSEQUENCED) !== 0,
    channel: view.getUint8(1),
    reliableSeq: view.getUint16(2),
  };
  const end = at + size;
  switch (number) {
    case Command.ACKNOWLEDGE:
      return {
        command: {
          name: 'ACKNOWLEDGE',
          ...header,
          receivedSeq: view.getUint16(4),
          receivedSentTime: view.getUint16(6),
        },
        end,
      };
    case Command.CONNECT:
    case Command.VERIFY_CONNECT:
      return { command: parseConnect(number, header, view), end };
    case Command.DISCONNECT:
      return { command: { name: 'DISCONNECT', ...header, data: view.getUint32(4) }, end };
    case Command.PING:
      return { command: { name: 'PING', ...header }, end };
    case Command.BANDWIDTH_LIMIT:
      return {
        command: {
          name: 'BANDWIDTH_LIMIT',
          ...header,
          incomingBandwidth: view.getUint32(4),
          outgoingBandwidth: view.getUint32(8),
        },
        end,
      };
    case Command.THROTTLE_CONFIGURE:
      return {
        command: {
          name: 'THROTTLE_CONFIGURE',
          ...header,
          throttleInterval: view.getUint32(4),
          throttleAcceleration: view.getUint32(8),
          throttleDeceleration: view.getUint32(12),
        },
        end,
      };
    default:
      return parseSend(number, header, view, body, end);
  }
}

function parseConnect(number: number, header: CommandHeader, view: DataView): ConnectCommand {
  const common = {
    ...header,
    peerId: view.getUint16(4),
    inSession: view.getUint8(6),
    outSession: view.getUint8(7),
    mtu: view.getUint32(8),
    windowSize: view.getUint32(12),
    channelCount: view.getUint32(16),
    incomingBandwidth: view.getUint32(20),
    outgoingBandwidth: view.getUint32(24),
    throttleInterval: view.getUint32(28),
    throttleAcceleration: view.getUint32(32),
    throttleDeceleration: view.getUint32(36),
    connectId: view.getUint32(40),
  };
  return number === Command.CONNECT
    ? { name: 'CONNECT', ...common, data: view.getUint32(44) }
    : { name: 'VERIFY_CONNECT', ...common };
}

function parseSend(
  number: number,
  header: CommandHeader,
  view: DataView,
  body: Uint8Array,
  start: number,
): { command: ParsedCommand; end: number } | undefined {
  const length = view.getUint16(number === Command.SEND_RELIABLE ? 4 : 6);
  const end = start + length;
  if (end > body.length) return undefined;
  const payload = body.subarray(start, end);
  switch (number) {
    case Command.SEND_RELIABLE:
      return { command: { name: 'SEND_RELIABLE', ...header, unreliableSeq: 0, payload }, end };
    case Command.SEND_UNRELIABLE:
      return {
        command: { name: 'SEND_UNRELIABLE', ...header, unreliableSeq: view.getUint16(4), payload },
        end,
      };
    case Command.SEND_UNSEQUENCED:
      return {
        command: { name: 'SEND_UNSEQUENCED', ...header, unreliableSeq: view.getUint16(4), payload },
        end,
      };
    default:
      return {
        command: {
          name: number === Command.SEND_FRAGMENT ? 'SEND_FRAGMENT' : 'SEND_UNRELIABLE_FRAGMENT',
          ...header,
          startSeq: view.getUint16(4),
          fragmentCount: view.getUint32(8),
          fragmentNumber: view.getUint32(12),
          totalLength: view.getUint32(16),
          offset: view.getUint32(20),
          payload,
        },
        end,
      };
  }
}

/** The length of a command in a datagram, with its payload, in bytes. */
export function commandLength(command: ParsedCommand): number {
  return (COMMAND_SIZES[Command[command.name]] ?? 0) + ('payload' in command ? command.payload.length : 0);
}

function writeCommand(view: DataView, bytes: Uint8Array, at: number, command: ParsedCommand): void {
  const flags =
    (command.wantsAcknowledge ? FLAG_ACKNOWLEDGE : 0) | (command.isUnsequenced ? FLAG_UNSEQUENCED : 0);
  view.setUint8(at, Command[command.name] | flags);
  view.setUint8(at + 1, command.channel);
  view.setUint16(at + 2, command.reliableSeq);
  switch (command.name) {
    case 'ACKNOWLEDGE':
      view.setUint16(at + 4, command.receivedSeq);
      view.setUint16(at + 6, command.receivedSentTime);
      return;
    case 'CONNECT':
    case 'VERIFY_CONNECT':
      writeConnect(view, at, command);
      return;
    case 'DISCONNECT':
      view.setUint32(at + 4, command.data);
      return;
    case 'PING':
      return;
    case 'BANDWIDTH_LIMIT':
      view.setUint32(at + 4, command.incomingBandwidth);
      view.setUint32(at + 8, command.outgoingBandwidth);
      return;
    case 'THROTTLE_CONFIGURE':
      view.setUint32(at + 4, command.throttleInterval);
      view.setUint32(at + 8, command.throttleAcceleration);
      view.setUint32(at + 12, command.throttleDeceleration);
      return;
    case 'SEND_RELIABLE':
      view.setUint16(at + 4, command.payload.length);
      bytes.set(command.payload, at + 6);
      return;
    case 'SEND_UNRELIABLE':
    case 'SEND_UNSEQUENCED':
      view.setUint16(at + 4, command.unreliableSeq);
      view.setUint16(at + 6, command.payload.length);
      bytes.set(command.payload, at + 8);
      return;
    default:
      view.setUint16(at + 4, command.startSeq);
      view.setUint16(at + 6, command.payload.length);
      view.setUint32(at + 8, command.fragmentCount);
      view.setUint32(at + 12, command.fragmentNumber);
      view.setUint32(at + 16, command.totalLength);
      view.setUint32(at + 20, command.offset);
      bytes.set(command.payload, at + 24);
  }
}

function writeConnect(view: DataView, at: number, command: ConnectCommand): void {
  view.setUint16(at + 4, command.peerId);
  view.setUint8(at + 6, command.inSession);
  view.setUint8(at + 7, command.outSession);
  view.setUint32(at + 8, command.mtu);
  view.setUint32(at + 12, command.windowSize);
  view.setUint32(at + 16, command.channelCount);
  view.setUint32(at + 20, command.incomingBandwidth);
  view.setUint32(at + 24, command.outgoingBandwidth);
  view.setUint32(at + 28, command.throttleInterval);
  view.setUint32(at + 32, command.throttleAcceleration);
  view.setUint32(at + 36, command.throttleDeceleration);
  view.setUint32(at + 40, command.connectId);
  if (command.data !== undefined) view.setUint32(at + 44, command.data);
}
