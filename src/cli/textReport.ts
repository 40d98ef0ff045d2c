/** Dissected datagrams as text: a line for the datagram, one for each command, one for what could not be read. */

import { valueToStr, variantTypeOf, variantTypeString } from '../../codec/index.ts';
import type { DissectedCommand, DissectedDatagram, DissectedPacket } from '../dissect/internal.ts';
import type { FragmentCommand, ParsedCommand } from '../enet/index.ts';
import { NO_PEER } from '../enet/internal.ts';
import { describeCommand } from '../ops/internal.ts';
import { printable } from './printable.ts';

/** How many characters of a value and how many bytes of raw data are shown unless all are asked for. */
export const SHORT_TEXT = 240;
const SHORT_BYTES = 48;
const INDENT = '    ';

/**
 * The lines of a datagram. Control characters are written as `\u{..}`, so that no capture can talk to the terminal.
 *
 * @param datagram - What the dissector gave.
 * @param isFull - Show values and bytes whole; else 240 characters and 48 bytes of each.
 */
export function datagramLines(datagram: DissectedDatagram, isFull: boolean): string[] {
  const lines = [headLine(datagram)];
  for (const command of datagram.commands) lines.push(...commandLines(command, isFull));
  if (datagram.problem !== undefined) {
    lines.push(`${INDENT}NOT READ: ${datagram.problem}`);
    if (datagram.rest.length > 0) lines.push(`${INDENT}${hex(datagram.rest, isFull)}`);
  } else if (datagram.rest.length > 0) {
    lines.push(`${INDENT}${datagram.rest.length} bytes of padding`);
  }
  return lines.map(printable);
}

function headLine({ index, captured, header, compression, bodyLength, checksum }: DissectedDatagram): string {
  const { timeMs, from, to, bytes, isDecrypted } = captured;
  const parts = [`[${index}]`];
  if (from !== '' || to !== '') parts.push(`${timeMs.toFixed(1)} ms`, to === '' ? from : `${from} > ${to}`);
  parts.push(`${bytes.length} bytes`);
  let line = parts.join('  ');
  if (isDecrypted === true) line += ', out of DTLS';
  if (header === undefined) return line;
  line += header.peerId === NO_PEER ? ', no slot yet' : `, slot ${header.peerId}`;
  line += `, session ${header.session}`;
  if (header.sentTime !== undefined) line += `, sent at ${header.sentTime}`;
  if (compression !== undefined) line += `, ${compression}: ${bodyLength} bytes of commands`;
  if (checksum !== undefined) line += `, ${checksum.text}`;
  return line;
}

function commandLines(dissected: DissectedCommand, isFull: boolean): string[] {
  const { command, packet, note, problem } = dissected;
  const lines: string[] = [];
  let line = `${INDENT}${commandText(command)}`;
  if (note !== undefined) line += ` (${note})`;
  if (packet === undefined) lines.push(line);
  else if (!('fragmentCount' in command)) lines.push(`${line}: ${packetText(packet, isFull)}`);
  else lines.push(line, `${INDENT}${INDENT}whole packet, ${packetText(packet, isFull)}`);
  if (problem !== undefined) lines.push(`${INDENT}${INDENT}NOT READ: ${problem}`);
  if (packet?.content.problem !== undefined) {
    lines.push(`${INDENT}${INDENT}NOT READ: ${packet.content.problem}`);
  }
  for (const remark of packet?.content.notes ?? []) lines.push(`${INDENT}${INDENT}note: ${remark}`);
  return lines;
}

function commandText(command: ParsedCommand): string {
  switch (command.name) {
    case 'SEND_RELIABLE':
      return `SEND_RELIABLE channel ${command.channel} #${command.reliableSeq}`;
    case 'SEND_UNRELIABLE':
      return `SEND_UNRELIABLE channel ${command.channel} #${command.reliableSeq}/${command.unreliableSeq}`;
    case 'SEND_UNSEQUENCED':
      return `SEND_UNSEQUENCED channel ${command.channel} group ${command.unreliableSeq}`;
    case 'SEND_FRAGMENT':
      return `SEND_FRAGMENT channel ${command.channel} #${command.reliableSeq} of packet #${command.startSeq}, ${partText(command)}`;
    case 'SEND_UNRELIABLE_FRAGMENT':
      return `SEND_UNRELIABLE_FRAGMENT channel ${command.channel} #${command.reliableSeq}/${command.startSeq}, ${partText(command)}`;
    case 'CONNECT':
    case 'VERIFY_CONNECT':
      return (
        `${describeCommand(command)}, ${command.name === 'CONNECT' ? `slot ${command.peerId}, ` : ''}` +
        `sessions in ${command.inSession} out ${command.outSession}, mtu ${command.mtu}, ` +
        `window ${command.windowSize}, bandwidth in ${command.incomingBandwidth} out ${command.outgoingBandwidth}, ` +
        `throttle ${command.throttleInterval} ms +${command.throttleAcceleration} -${command.throttleDeceleration}, ` +
        `connect id ${command.connectId.toString(16).padStart(8, '0')}`
      );
    case 'ACKNOWLEDGE':
      return `${describeCommand(command)} sent at ${command.receivedSentTime}`;
    case 'DISCONNECT':
      return `${describeCommand(command)}${command.wantsAcknowledge ? ` #${command.reliableSeq}` : ', at once'}`;
    default:
      return describeCommand(command);
  }
}

function partText(command: FragmentCommand): string {
  return (
    `part ${command.fragmentNumber + 1} of ${command.fragmentCount}: ` +
    `${command.payload.length} of ${command.totalLength} bytes, from ${command.offset} on`
  );
}

function packetText({ bytes, content }: DissectedPacket, isFull: boolean): string {
  const size = `${bytes.length} bytes`;
  const { value, words } = content;
  if (words !== undefined) return `${size}, ${isFull ? words : shorten(words)}`;
  if (value === undefined) {
    const type = content.type === undefined ? '' : `, ${content.type}`;
    return bytes.length === 0 ? size : `${size}${type}: ${hex(bytes, isFull)}`;
  }
  const kind = content.type === undefined ? size : `${size}, ${content.type}`;
  if (value instanceof Uint8Array) {
    return `${kind}: PackedByteArray of ${value.length}: ${hex(value, isFull)}`;
  }
  const type = variantTypeString(variantTypeOf(value) ?? 0) ?? 'Nil';
  const text = typeof value === 'string' ? JSON.stringify(value) : valueToStr(value);
  return `${kind}: ${type} ${isFull ? text : shorten(text)}`;
}

/** Says how much is left out. */
function shorten(text: string): string {
  if (text.length <= SHORT_TEXT) return text;
  return `${text.slice(0, SHORT_TEXT)}… (${text.length - SHORT_TEXT} more characters)`;
}

function hex(bytes: Uint8Array, isFull: boolean): string {
  const shown = isFull ? bytes : bytes.subarray(0, SHORT_BYTES);
  const text = Buffer.from(shown.buffer, shown.byteOffset, shown.length).toString('hex');
  return shown.length < bytes.length ? `${text}… (${bytes.length - shown.length} more bytes)` : text;
}
